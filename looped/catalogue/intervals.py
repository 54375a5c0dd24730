"""How far a measured share can be trusted."""

from __future__ import annotations

import math

import numpy as np

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


def bootstrap_mean(values: np.ndarray, weights: np.ndarray | None = None, draws: int = 1000) -> np.ndarray:
    """Return the 95 % intervals of the means over inputs of values (count, …), which may be below zero: (2, …).

    The bootstrap's percentiles, inputs drawn with replacement `draws` times with a fixed seed, the same for all.
    `weights` (count,) are those of the inputs, such as how many answers each has; all alike when not given.

    >>> bootstrap_mean(np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]])).tolist()
    [[0.0, 1.0], [1.0, 1.0]]
    """
    count = len(values)
    chosen = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), size=draws)
    weighted = chosen * (np.ones(count) if weights is None else weights)
    means = weighted @ values.reshape(count, -1) / weighted.sum(1, keepdims=True)
    ends: np.ndarray = np.percentile(means, (2.5, 97.5), axis=0).reshape(2, *values.shape[1:])
    return ends


def bootstrap(off: np.ndarray, size: np.ndarray, draws: int = 1000) -> tuple[float, float]:
    """Return the 95 % interval of sum(off) / sum(size) over inputs, both (count,): the bootstrap's percentiles.

    Inputs are drawn with replacement `draws` times, with a fixed seed.

    >>> low, high = bootstrap(np.full(50, 0.2), np.ones(50))
    >>> round(low, 4), round(high, 4)
    (0.2, 0.2)
    """
    chosen = np.random.default_rng(0).integers(len(off), size=(draws, len(off)))
    ratios = off[chosen].sum(-1) / size[chosen].sum(-1)
    low, high = np.percentile(ratios, (2.5, 97.5))
    return float(low), float(high)
