"""Sudoku on 4 x 4, 6 x 6 and 9 x 9 boards."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from looped.tasks.protocol import Task


def makers() -> dict[str, Callable[[], Task]]:
    """Return what makes each task of this room, by name."""
    from looped.tasks.sudoku.geometry import BOXES
    from looped.tasks.sudoku.task import Sudoku

    return {f"sudoku{size}": partial(Sudoku, size) for size in BOXES}
