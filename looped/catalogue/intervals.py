"""How far a measured share or error can be trusted: 95 % intervals, over inputs or by formula."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

ENDS = (0.025, 0.975)  # of an interval of 95 %
DRAWS = 1000
"""How often inputs are drawn for a bootstrap."""
NORMAL = 1.959963984540054  # the 97.5 % quantile of the normal distribution


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `count` independent inputs (Wilson, 1927): 0 to 1.

    >>> low, high = wilson(1.0, 1000)
    >>> round(low, 4), high
    (0.9962, 1.0)
    """
    square = NORMAL**2 / count
    middle = (share + square / 2) / (1 + square)
    reach = NORMAL / (1 + square) * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def wilson_ends(shares: np.ndarray, count: int) -> np.ndarray:
    """Return the 95 % intervals (see `wilson`) of shares (…) of `count` inputs each: (…, 2) float32; NaN of NaN.

    >>> wilson_ends(np.array([0.5, np.nan]), 4).round(2).tolist()
    [[0.15000000596046448, 0.8500000238418579], [nan, nan]]
    """
    ends = [wilson(share, count) if math.isfinite(share) else (math.nan, math.nan) for share in shares.ravel().tolist()]
    return np.array(ends, np.float32).reshape(*shares.shape, 2)


def resamples(count: int) -> np.ndarray:
    """Draw `count` inputs with replacement DRAWS times, with a fixed seed: (DRAWS, count) indices."""
    return np.random.default_rng(0).integers(count, size=(DRAWS, count))


def percentiles(found: np.ndarray, between: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the 95 % interval of what was found in each resample, (DRAWS, …) → (…) each.

    An end between two of the values is interpolated; with between=False it is one of them, which may be infinite.

    >>> low, high = percentiles(np.array([np.inf, *range(999)]), between=False)
    >>> float(low), float(high)
    (24.0, 974.0)
    """
    method: Literal["linear", "inverted_cdf"] = "linear" if between else "inverted_cdf"
    low, high = (np.quantile(found, end, axis=0, method=method) for end in ENDS)
    return low, high


def bootstrap_mean(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the 95 % intervals of the means over inputs of values (count, …), which may be below zero: (2, …).

    Percentiles over `resamples`. `weights` (count,) are those of the inputs, such as how many answers each has; all
    alike when not given.

    >>> bootstrap_mean(np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]])).tolist()
    [[0.0, 1.0], [1.0, 1.0]]
    """
    count = len(values)
    chosen = np.stack([np.bincount(drawn, minlength=count) for drawn in resamples(count)])
    weighted = chosen * (np.ones(count) if weights is None else weights)
    means = weighted @ values.reshape(count, -1) / weighted.sum(1, keepdims=True)
    return np.stack(percentiles(means)).reshape(2, *values.shape[1:])


def sides(ends: np.ndarray) -> np.ndarray:
    """Return on which side of 0 intervals (…, 2) lie: −1 below, 1 above, 0 where 0 is inside or an end is NaN; int8.

    >>> sides(np.array([[-0.2, -0.1], [-0.1, 0.2], [0.1, 0.2], [np.nan, np.nan]])).tolist()
    [-1, 0, 1, 0]
    """
    return (ends[..., 0] > 0).astype(np.int8) - (ends[..., 1] < 0).astype(np.int8)


def bootstrap(off: np.ndarray, size: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of sum(off) / sum(size) over inputs, both (count,): percentiles over `resamples`.

    An end is infinite where in too many resamples all sizes are 0.

    >>> low, high = bootstrap(np.full(50, 0.2), np.ones(50))
    >>> round(low, 4), round(high, 4)
    (0.2, 0.2)
    """
    chosen = resamples(len(off))
    above, below = off[chosen].sum(-1), size[chosen].sum(-1)
    known = below > 0
    ratios = np.divide(above, below, out=np.full_like(above, np.inf), where=known)
    low, high = percentiles(ratios, between=bool(known.all()))
    return float(low), float(high)
