"""Estimates with 95 % intervals over prompts, and words that claim no difference inside of one.

An estimate is [value, low, high] on the last axis of an array. Intervals are percentiles of a bootstrap over the
prompts: every quantity of an experiment is computed anew on the same resampled prompts, so that what is compared is
compared prompt by prompt.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from looped.catalogue.intervals import percentiles, resamples
from looped.catalogue.intervals import sides as sides_of_zero

Array = NDArray[np.float64]
MORE = 4  # digits that are written beyond the usual ones, at most


def weights(count: int) -> Array:
    """Return how often each of `count` prompts is drawn in each resample, (DRAWS + 1, count); row 0 is all, once.

    The seed is fixed.
    """
    drawn = np.stack([np.bincount(row, minlength=count) for row in resamples(count)])
    return np.concatenate([np.ones((1, count)), drawn])


def estimate(found: Array) -> Array:
    """Return [value, low, high] on the last axis of what `found` says of all prompts, its row 0, and of resamples.

    Infinite values are allowed; where some are NaN, the interval is.
    """
    return np.stack([found[0], *percentiles(found[1:], between=False)], -1)


def ratios(off: Array, size: Array) -> Array:
    """Return sum(off) / sum(size) over all prompts and over each resample: (…, count) both → (DRAWS + 1, …)."""
    drawn = weights(off.shape[-1])
    found: Array = np.moveaxis(off @ drawn.T, -1, 0) / np.moveaxis(size @ drawn.T, -1, 0)
    return found


def ratio(off: Array, size: Array) -> Array:
    """Estimate sum(off) / sum(size) over prompts, (…, count) both: (…, 3).

    >>> ratio(np.full((2, 50), 0.2), np.ones((2, 50))).round(3).tolist()
    [[0.2, 0.2, 0.2], [0.2, 0.2, 0.2]]
    """
    return estimate(ratios(off, np.broadcast_to(size, off.shape)))


def medians(values: Array) -> Array:
    """Return the median over all prompts and over each resample of values (…, count), NaN left out: (DRAWS + 1, …).

    Infinite where all are NaN.
    """
    count = values.shape[-1]
    chosen = np.concatenate([np.arange(count)[None], resamples(count)])
    drawn = values[..., chosen]
    if np.isnan(drawn).any():
        drawn = np.where(np.isnan(drawn).all(-1, keepdims=True), np.inf, drawn)
        return np.moveaxis(np.nanmedian(drawn, -1), -1, 0)
    return np.moveaxis(np.median(drawn, -1), -1, 0)


def median(values: Array) -> Array:
    """Estimate the median over prompts of values (…, count), NaN left out: (…, 3)."""
    return estimate(medians(values))


def side(found: Array, of: float = 0.0) -> int:
    """Return on which side of a number an interval lies: −1 below, 1 above, 0 where the number is inside.

    >>> side(np.array([0.3, 0.1, 0.5])), side(np.array([0.3, -0.1, 0.5])), side(np.array([0.9, 0.8, 0.95]), 1)
    (1, 0, -1)
    """
    return int(sides_of_zero(found[1:] - of))


def sides(found: Array, of: float = 0.0) -> tuple[int, int, int]:
    """Count how many of estimates (…, 3) lie below, around and above a number."""
    which = [side(one, of) for one in found.reshape(-1, 3)]
    return which.count(-1), which.count(0), which.count(1)


def told(found: Array, of: float | None = None) -> str:
    """Write an estimate with its interval, whose ends do not look alike, nor like the number that they are held to.

    >>> told(np.array([0.00168, 0.00151, 0.0019])), told(np.array([0.00168, 0.001679, 0.001681]))
    ('0.0017 (0.0015 to 0.0019)', '0.0017 (0.001679 to 0.001681)')
    >>> told(np.array([0.9972, 0.9951, 0.9996]), of=1)
    '0.997 (0.9951 to 0.9996)'
    """
    held = [] if of is None else [of]
    value, *_ = apart(number, found[0], *held)
    low, high, *_ = apart(number, *found[1:], *held)
    return f"{value} ({low} to {high})"


def apart(write: Callable[[float, int], str], *values: float) -> list[str]:
    """Write numbers that are compared, with as many more digits as it takes that those that differ do not look alike.

    What differs by less than the digits that can be told apart is rounding, and looks alike.

    >>> apart(number, 0.000951, 0.000948), apart(number, 0.2, 0.2), apart(number, 0.5, 0.25)
    (['0.000951', '0.000948'], ['0.200', '0.200'], ['0.500', '0.250'])
    """
    known = len({float(value) if np.isfinite(value) else np.inf for value in values})
    for more in range(MORE + 1):
        written = [write(value, more) for value in values]
        if len({_read(one) for one in written}) == known:
            return written
    return [write(value, 0) for value in values]


def _read(written: str) -> float | str:
    """Return the number that a text is, so that 1.00 and 1.000 are the same; the text where it is none."""
    try:
        return float(written.removesuffix(" %"))
    except ValueError:
        return written


def number(value: float, more: int = 0) -> str:
    """Write a number with two or three digits that count, or with more.

    >>> number(0.00168), number(0.98412), number(2.345), number(37.25), number(2596.3), number(3e-7), number(np.inf)
    ('0.0017', '0.984', '2.35', '37.2', '2596', '3e-07', 'more')
    >>> number(0.00168, 1), number(37.25, 1)
    ('0.00168', '37.25')
    """
    if not np.isfinite(value):
        return "more"
    size = abs(value)
    return f"{value:.{2 + more}g}" if size < 0.1 else f"{value:.{places(size) + more}f}"


def places(size: float) -> int:
    """Return how many decimals give a number of at least 0.1 three digits that count."""
    return 3 - min(3, len(str(int(size))) - (size < 1))


def percent(share: float, more: int = 0) -> str:
    """Write a share in percent with two digits that count, or with more.

    >>> percent(0.4871), percent(0.00112), percent(0.0000031), percent(0.4871, 1)
    ('49 %', '0.11 %', '0.00031 %', '48.7 %')
    """
    if share >= 0.1:
        return f"{100 * share:.{more}f} %"
    return f"{float(f'{100 * share:.{2 + more}g}'):.{7 + more}f}".rstrip("0").rstrip(".") + " %"


def counted(count: int, one: str) -> str:
    """Write a count with its noun.

    >>> counted(1, "loop"), counted(6, "loop")
    ('1 loop', '6 loops')
    """
    return f"{count} {one}{'' if count == 1 else 's'}"
