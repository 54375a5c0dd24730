"""What the library computes of a board, to compare the page with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.catalogue import checkpoints
from looped.lenses.readout import readout
from looped.runs.trace import Trace, record
from looped.tasks.sudoku.text import parse


class Run(NamedTuple):
    trace: Trace
    digits: np.ndarray  # (loops, cells): the givens, and the model's answers in the blanks
    right: np.ndarray  # (loops,) bool: the whole board
    settled: int  # the loop of the last change of any answer in a blank, 1 for none

    @property
    def first_right(self) -> int | None:
        """The first loop of the stretch of right ones that lasts to the end."""
        if not self.right[-1]:
            return None
        wrong = np.flatnonzero(~self.right)
        return int(wrong[-1]) + 2 if len(wrong) else 1


def run(name: str, board: str, loops: int) -> Run:
    """A standard transformer ends with its layers."""
    checkpoint, parsed = checkpoints.load_checkpoint(name), parse(board)
    if checkpoint.config.architecture == "standard":
        loops = min(loops, checkpoint.config.layers)
    trace = record(checkpoint.model, checkpoint.task.encode(parsed), loops)
    blank = parsed.givens == 0
    digits = np.where(blank, trace.answers, parsed.givens)
    settled = readout(trace.logits).settled
    return Run(trace, digits, (digits == parsed.solution).all(1), int(settled[blank].max(initial=1)))
