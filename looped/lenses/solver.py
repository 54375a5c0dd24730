"""When a model settles a blank, against when a person who fills in singles would reach it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.lenses.correlation import spearman
from looped.runs.needs import LOGITS

NEEDS = LOGITS


class SolverView(NamedTuple):
    """One entry for each blank, in the order of the positions."""

    positions: np.ndarray  # (blanks,) int64
    settled: np.ndarray  # (blanks,) int64, loops after which the answer never changed again
    rounds: np.ndarray  # (blanks,) int64, the solver's round, from 1; -1 for a blank that it does not reach
    reached: int  # how many blanks the solver reaches
    counted: int  # how many of those the correlation is over
    correlation: float  # Spearman's, of settled and rounds over those; NaN where either is constant
    alike: tuple[bool, bool]  # of two and more that count: whether settled, and whether rounds, is the same for all


def solver_view(settled: np.ndarray, rounds: np.ndarray, leave_out: np.ndarray | None = None) -> SolverView:
    """Compare `settled` (positions,) of `looped.lenses.readout` with a solver's rounds (positions,), 0 where given.

    `leave_out` (positions,) bool are blanks that do not count: those whose answer has not settled, or is wrong.

    A correlation of 1 means that the model settles later what the solver reaches later; 0 means no relation. Raises
    ValueError for unequal shapes.

    >>> view = solver_view(np.array([1, 3, 2, 9, 5]), np.array([0, 1, 1, 2, -1]))
    >>> view.positions.tolist(), view.settled.tolist(), view.rounds.tolist(), view.reached, round(view.correlation, 3)
    ([1, 2, 3, 4], [3, 2, 9, 5], [1, 1, 2, -1], 3, 0.866)
    """
    if settled.ndim != 1 or settled.shape != rounds.shape:
        raise ValueError(f"settled and rounds must be (positions,) both, not {settled.shape} and {rounds.shape}.")
    positions = np.flatnonzero(rounds)
    reached = rounds > 0
    counts = reached if leave_out is None else reached & ~leave_out
    late, step = settled[counts], rounds[counts]
    several = len(late) > 1
    alike = several and bool(np.ptp(late) == 0), several and bool(np.ptp(step) == 0)
    found = int(reached.sum()), int(counts.sum()), spearman(late, step), alike
    return SolverView(positions, settled[positions], rounds[positions], *found)
