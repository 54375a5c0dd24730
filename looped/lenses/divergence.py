"""Where two runs first answer differently, and whether they agree again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import LOGITS

NEEDS = LOGITS


class Divergence(NamedTuple):
    """Row t belongs to the state after t + 1 loops; loops are counted as "after so many", from 1."""

    differ: np.ndarray  # (loops, positions) bool: the two runs answer differently
    apart: np.ndarray  # (loops,) int64, how many positions differ
    first: int | None  # after how many loops they first differ; None: never
    recovered: (
        int | None
    )  # after how many loops they agree again and stay so to the end; None: never, or they never differed


def divergence(answers: np.ndarray, others: np.ndarray) -> Divergence:
    """Compare the answers (loops, positions) of two runs of as many loops. Raises ValueError for unequal shapes.

    >>> d = divergence(np.array([[1, 2], [1, 2], [1, 2], [1, 2]]), np.array([[1, 2], [3, 3], [1, 3], [1, 2]]))
    >>> d.apart.tolist(), d.first, d.recovered
    ([0, 2, 1, 0], 2, 4)
    """
    if answers.ndim != 2 or answers.shape != others.shape:
        raise ValueError(
            f"two runs of as many loops and positions can be compared, not {answers.shape} and {others.shape}."
        )
    differ = answers != others
    apart = differ.sum(-1)
    loops = np.flatnonzero(apart) + 1
    first = int(loops[0]) if len(loops) else None
    recovered = int(loops[-1]) + 1 if len(loops) and loops[-1] < len(apart) else None
    return Divergence(differ, apart, first, recovered)


def prolonged(answers: np.ndarray, loops: int) -> np.ndarray:
    """Extend answers (fewer loops, positions) to `loops` loops by repeating the last: a run that has ended stays there.

    Raises ValueError where there are more loops already.

    >>> prolonged(np.array([[1], [2]]), 4).ravel().tolist()
    [1, 2, 2, 2]
    """
    more = loops - len(answers)
    if more < 0 or not len(answers):
        raise ValueError(f"a run of {len(answers)} loops cannot be prolonged to {loops}.")
    return np.concatenate([answers, np.repeat(answers[-1:], more, axis=0)])
