"""Estimates with 95 % intervals over a few trainings: [value, low, high] on the last axis, as `experiments.estimates`.

Few seeds say little of a spread, and Student's t says how little; comparisons are seed by seed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri, stdtrit

Array = NDArray[np.float64]
END = 0.975


def typical(values: Array) -> Array:
    """Estimate the geometric mean over seeds of positive values (…, seeds): (…, 3).

    >>> typical(np.array([1.0, 2.0, 4.0])).round(2).tolist()
    [2.0, 0.36, 11.19]
    """
    logs, seeds = np.log(values), values.shape[-1]
    middle = logs.mean(-1)
    reach = stdtrit(seeds - 1, END) * logs.std(-1, ddof=1) / np.sqrt(seeds)
    found: Array = np.exp(np.stack([middle, middle - reach, middle + reach], -1))
    return found


def spread_ratio(values: Array, others: Array) -> Array:
    """Estimate the standard deviation of one sample over that of another, both (…, seeds), normally distributed.

    >>> spread_ratio(np.array([0.0, 1, 2, 3]), np.array([0.0, 2, 4, 6])).round(2).tolist()
    [0.5, 0.13, 1.96]
    """
    found = values.std(-1, ddof=1) / others.std(-1, ddof=1)
    ends = fdtri(values.shape[-1] - 1, others.shape[-1] - 1, END)
    back = fdtri(others.shape[-1] - 1, values.shape[-1] - 1, END)
    return np.stack([found, found / np.sqrt(ends), found * np.sqrt(back)], -1)
