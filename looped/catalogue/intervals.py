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


def bootstrap_mean(values: np.ndarray, draws: int = 1000) -> np.ndarray:
    """Return the 95 % intervals of the means over inputs of values (count, …), which may be below zero: (2, …).

    The bootstrap's percentiles, inputs drawn with replacement `draws` times with a fixed seed, the same for all.

    >>> bootstrap_mean(np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 1.0]])).tolist()
    [[0.0, 1.0], [1.0, 1.0]]
    """
    count = len(values)
    chosen = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), size=draws)
    means = chosen.astype(np.float64) @ values.reshape(count, -1) / count
    return np.percentile(means, (2.5, 97.5), axis=0).reshape(2, *values.shape[1:])


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
