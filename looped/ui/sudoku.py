"""The Sudoku page."""

from __future__ import annotations

from looped.tasks.sudoku.page import PAGE
from looped.ui.view import show


def page() -> None:
    """Show the page."""
    show(PAGE)
