"""When a model settles a blank, against when a person who fills in singles would reach it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import LOGITS

NEEDS = LOGITS


class SolverView(NamedTuple):
    """One entry for each blank, in the order of the positions."""

    positions: np.ndarray  # (blanks,) int64
    settled: np.ndarray  # (blanks,) int64, the number of loops after which the answer never changed again
    rounds: np.ndarray  # (blanks,) int64, the solver's round, from 1; -1 for a blank it does not reach
    correlation: (
        float  # Spearman's, of settled and rounds over the blanks that it reaches; NaN where either is constant
    )


def solver_view(settled: np.ndarray, rounds: np.ndarray) -> SolverView:
    """Compare `settled` (positions,) of `looped.lenses.readout` with a solver's rounds (positions,), 0 where nothing is asked.

    1: what the solver reaches later the model settles later, too; 0: no relation. Raises ValueError for unequal shapes.

    >>> view = solver_view(np.array([1, 3, 2, 9, 5]), np.array([0, 1, 1, 2, -1]))
    >>> view.positions.tolist(), view.settled.tolist(), view.rounds.tolist(), round(view.correlation, 3)
    ([1, 2, 3, 4], [3, 2, 9, 5], [1, 1, 2, -1], 0.866)
    """
    if settled.ndim != 1 or settled.shape != rounds.shape:
        raise ValueError(f"settled and rounds must be (positions,) both, not {settled.shape} and {rounds.shape}.")
    positions = np.flatnonzero(rounds)
    reached = rounds > 0
    x, y = (ranks(values[reached]) for values in (settled, rounds))
    spread = float(x.std() * y.std()) if reached.any() else 0.0
    correlation = float(((x - x.mean()) * (y - y.mean())).mean()) / spread if spread > 0 else float("nan")
    return SolverView(positions, settled[positions], rounds[positions], correlation)


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1 of values (count,); equal ones share the mean of theirs.

    >>> ranks(np.array([30, 10, 30])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, many = np.unique(values, return_inverse=True, return_counts=True)
    shared: np.ndarray = (np.cumsum(many) - (many - 1) / 2)[place]
    return shared
