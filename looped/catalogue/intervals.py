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


def bootstrap(off: np.ndarray, size: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of sum(off) / sum(size) over inputs, both (count,): percentiles over `resamples`.

    >>> low, high = bootstrap(np.full(50, 0.2), np.ones(50))
    >>> round(low, 4), round(high, 4)
    (0.2, 0.2)
    """
    chosen = resamples(len(off))
    low, high = percentiles(off[chosen].sum(-1) / size[chosen].sum(-1))
    return float(low), float(high)
