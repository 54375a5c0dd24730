"""Boards that the tests of the Sudoku page show, good and wrong, and what that page offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from looped.catalogue import checkpoints
from looped.serving.engine import Engine
from looped.serving.request import task_of
from looped.tasks.sudoku.examples import EXAMPLES
from looped.tasks.sudoku.page import PAGE

WELCOME = {"kind": "info", "text": PAGE.welcome}
EASY, MEDIUM = dict(EXAMPLES[9])["Easy"], dict(EXAMPLES[9])["Medium"]
GENTLE4, SIX = EXAMPLES[4][0][1], EXAMPLES[6][0][1]
DEFAULT = (EASY, "sudoku9-tmlt", 32)
SUDOKU = [
    name for name in checkpoints.names() if name.startswith("sudoku")
]  # the checkpoints that this page plays with
CLASH = "66" + EASY[2:]  # row 1 then holds 6 three times
UNSOLVABLE = "12345678." + "........9" + "." * 63  # the last cell of row 1 can take no digit, yet nothing clashes
MANY = "." * 80 + "1"  # very many solutions

Open = Callable[..., Any]


def size_of(engine: Engine, checkpoint: str) -> int:
    """Cells along a side of the boards that a checkpoint plays."""
    return int(task_of(engine, checkpoint).length ** 0.5)
