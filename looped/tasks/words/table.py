"""The table between two words that dynamic programming fills, and the numbers that a model is asked for.

Entry (i, j) belongs to the first i letters of one word and the first j of the other, and follows from its three
neighbours above, left and above left. numba compiles the loops on first use and caches them on disk.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from looped.tasks.words.tokens import Array, halves


@njit(cache=True, nogil=True)
def _fill(a: Array, n: int, b: Array, m: int, gap: int, change: int, border: int, table: Array) -> None:
    """Fill table[i, j] with the least cost of turning a[:i] into b[:j].

    `border` is the cost of a gap in the first row and column.
    """
    for i in range(n + 1):
        table[i, 0] = border * i
    for j in range(m + 1):
        table[0, j] = border * j
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            best = table[i - 1, j - 1] + (0 if a[i - 1] == b[j - 1] else change)
            best = min(best, table[i - 1, j] + gap, table[i, j - 1] + gap)
            table[i, j] = best


def costs(first: str, second: str, gap: int, change: int, border: int) -> NDArray[np.int64]:
    """Return (|first| + 1, |second| + 1): the least cost of turning one prefix into the other; see `_fill`.

    >>> costs("ab", "b", gap=2, change=3, border=2)
    array([[0, 2],
           [2, 3],
           [4, 2]])
    """
    a, b = (np.array([ord(sign) for sign in word], np.int64) for word in (first, second))
    table = np.zeros((len(a) + 1, len(b) + 1), np.int64)
    _fill(a, len(a), b, len(b), gap, change, border, table)
    return table


@njit(cache=True, nogil=True)
def asked_numbers(inputs: Array, gap: int, change: int, border: int, common: bool, numbers: Array) -> None:
    """Fill numbers (count, length) with what is asked at each position, -1 for nothing.

    See `looped.tasks.words.strings`.
    """
    half = inputs.shape[1] // 2
    table = np.zeros((half + 1, half + 1), np.int64)
    for k in range(len(inputs)):
        a, b, n, m = halves(inputs[k])
        _fill(a, n, b, m, gap, change, border, table)
        part = 2 if common else 1  # a letter in common saves two gaps
        numbers[k] = -1
        for i in range(n):
            numbers[k, i] = (gap * (i + 1 + m) - table[i + 1, m]) // part
        for j in range(m):
            numbers[k, half + j] = (gap * (n + j + 1) - table[n, j + 1]) // part
        if m < half:
            numbers[k, half + m] = (n + m - table[n, m]) // 2 if common else table[n, m]
