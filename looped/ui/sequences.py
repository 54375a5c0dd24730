"""The Sequences page: two words, or a Countdown problem."""

from __future__ import annotations

from looped.tasks.sequences import PAGE
from looped.ui.view import show


def page() -> None:
    """Show the page."""
    show(PAGE)
