"""Do two lists put the same things first? Rank correlation."""

from __future__ import annotations

import math

import numpy as np

from looped.runs.needs import ANY

NEEDS = ANY


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's rank correlation of two arrays of numbers, (count,) each: −1 to 1.

    Equal values share the mean of their ranks. The result is NaN where there is no value, where either array is
    constant and where a value is NaN, which has no rank. Raises ValueError for arrays that are not of one shape
    (count,).

    >>> spearman(np.array([1.0, 2.0, 9.0]), np.array([10, 20, 30])), spearman(np.array([1, 2]), np.array([5, 5]))
    (1.0, nan)
    """
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"two lists of one length can be correlated, not shapes {first.shape} and {second.shape}.")
    if not len(first) or np.isnan(first).any() or np.isnan(second).any():
        return math.nan
    x, y = ranks(first), ranks(second)
    spread = float(x.std() * y.std())
    if not spread > 0:
        return math.nan
    return round(float(((x - x.mean()) * (y - y.mean())).mean()) / spread, 12)


def ranks(values: np.ndarray) -> np.ndarray:
    """Return the ranks, from 1, of values (count,); equal values share the mean of theirs.

    >>> ranks(np.array([30, 10, 30])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, many = np.unique(values, return_inverse=True, return_counts=True)
    shared: np.ndarray = (np.cumsum(many) - (many - 1) / 2)[place]
    return shared
