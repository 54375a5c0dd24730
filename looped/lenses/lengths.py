"""How well does a model do on inputs of lengths that it was trained on, and on longer ones?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Means(NamedTuple):
    """Mean share of right answers after each loop; NaN where nothing is known."""

    inside: np.ndarray  # (loops,) over lengths up to the longest of training
    beyond: np.ndarray  # (loops,) over longer ones


def means(right: np.ndarray, lengths: np.ndarray, trained: int) -> Means:
    """Average right (lengths, loops), the share of right answers at each length, NaN where it is not measured yet.

    Every length counts the same. `trained` is the longest length of training.

    >>> found = means(np.array([[1.0, 1.0], [0.5, 1.0], [0.0, np.nan]]), np.array([2, 3, 4]), trained=3)
    >>> found.inside.tolist(), found.beyond.tolist()
    ([0.75, 1.0], [0.0, nan])
    """
    if right.ndim != 2 or lengths.shape != right.shape[:1]:
        raise ValueError(f"right {right.shape} must have a row for each of {lengths.shape} lengths.")
    return Means(_mean(right[lengths <= trained]), _mean(right[lengths > trained]))


def _mean(rows: np.ndarray) -> np.ndarray:
    known = np.isfinite(rows)
    count = known.sum(0)
    total = np.where(known, rows, 0).sum(0)
    mean: np.ndarray = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    return mean
