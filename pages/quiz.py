"""The quiz: ten questions about loops, before a lesson and after it."""

from looped.ui.quiz import page

page()
