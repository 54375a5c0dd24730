"""The tokens of two words, and how compiled parts read them; see `looped.tasks.words.strings`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]
Tokens = NDArray[np.int16]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PAD, BAR, ASK, LETTER, NUMBER = 0, 1, 2, 3, 29
"""Tokens: padding, "|", "=", the letter a, the number 0; letters and numbers go on from there."""


@njit(cache=True, nogil=True)
def halves(tokens: Array) -> tuple[Array, Array, int, int]:
    """Return the halves of a sequence, and how many letters stand at the start of each."""
    half = len(tokens) // 2
    n = m = 0
    while n < half and LETTER <= tokens[n] < NUMBER:
        n += 1
    while m < half and LETTER <= tokens[half + m] < NUMBER:
        m += 1
    return tokens[:half], tokens[half:], n, m
