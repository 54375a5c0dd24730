"""In-context: put examples of a function on a plane and watch a looped transformer predict it, loop by loop."""

from looped.tasks.regression.page import PAGE
from looped.ui.view import show

show(PAGE)
