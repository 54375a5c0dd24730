"""Paths: draw a grid with walls and watch a looped transformer find out what can be reached from the source."""

from looped.tasks.paths.page import PAGE
from looped.ui.view import show

show(PAGE)
