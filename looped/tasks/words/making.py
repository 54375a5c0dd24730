"""Make pairs of words from a seed, and divide them into training and held-out pairs by class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from looped.tasks.streams import below, holds_out, mix
from looped.tasks.words.tokens import ASK, BAR, LETTER, PAD, Array, halves

ALPHABET = (2, 8)
"""Fewest and most different letters that a generated pair is made of."""
UNRELATED = 0.4
"""Share of generated pairs whose second word has nothing to do with the first.

The others are the first word, edited.
"""
FEW = 6
"""Pairs of so few letters together are never held out: of some lengths there are only two classes."""
TRIES = 10_000
"""Attempts for one pair before `make` gives up."""


@njit(cache=True, nogil=True)
def fingerprint(a: Array, n: int, b: Array, m: int) -> Any:
    """Return a uint64 of two words that new letters, swapping them and reading both backwards do not change."""
    least = np.uint64(0xFFFFFFFFFFFFFFFF)
    for swapped in range(2):
        for backwards in range(2):
            names = np.zeros(64, np.int64)
            used = 0
            value = mix(np.uint64(m * 1000 + n if swapped else n * 1000 + m) + np.uint64(1))
            for at in range(n + m):
                second = at >= (m if swapped else n)
                place = at - (m if swapped else n) if second else at
                word, length = (b, m) if second != (swapped == 1) else (a, n)
                letter = word[length - 1 - place if backwards else place]
                if names[letter] == 0:
                    used += 1
                    names[letter] = used
                value = mix(value + np.uint64(names[letter]))
            least = min(least, value)
    return mix(least)


@njit(cache=True, nogil=True)
def is_held_out(a: Array, n: int, b: Array, m: int) -> bool:
    """Return whether a pair is held out; see `FEW`."""
    return n + m > FEW and holds_out(fingerprint(a, n, b, m))


@njit(cache=True, nogil=True)
def held_out(inputs: Array, held: Array) -> None:
    """Fill held (count,) bool: whether each pair belongs to the held-out side."""
    for k in range(len(inputs)):
        a, b, n, m = halves(inputs[k])
        held[k] = is_held_out(a, n, b, m)


@njit(cache=True, nogil=True)
def _shuffle_alphabet(alphabet: Array, letters: int, state: Array) -> None:
    """Draw the first `letters` entries of a shuffled alphabet (26,)."""
    for i in range(letters):
        other = i + below(state, 26 - i)
        alphabet[i], alphabet[other] = alphabet[other], alphabet[i]


@njit(cache=True, nogil=True)
def _random_word(word: Array, low: int, high: int, alphabet: Array, letters: int, state: Array) -> int:
    """Write a random word of `low` to `high` letters; return how many."""
    n: int = low + below(state, high - low + 1)
    for i in range(n):
        word[i] = LETTER + alphabet[below(state, letters)]
    return n


@njit(cache=True, nogil=True)
def _edit(word: Array, n: int, low: int, high: int, alphabet: Array, letters: int, state: Array) -> int:
    """Take a letter out of a word of n letters, put one in or replace one, within a range of lengths.

    Return its length.
    """
    kind, letter = below(state, 3), LETTER + alphabet[below(state, letters)]
    if kind == 0 and n > low:
        for j in range(below(state, n), n):
            word[j] = word[j + 1] if j + 1 < n else PAD
        return n - 1
    if kind == 1 and n < high:
        at = below(state, n + 1)
        for j in range(n, at, -1):
            word[j] = word[j - 1]
        word[at] = letter
        return n + 1
    if kind == 2:
        word[below(state, n)] = letter
    return n


@njit(cache=True, nogil=True)
def make(inputs: Array, low: int, high: int, few: int, many: int, unrelated: float, side: int, state: Array) -> int:
    """Fill `inputs` with pairs; return how many, before one ran out of tries.

    `side` is one of `looped.tasks.streams`.
    """
    alphabet, half = np.arange(26), inputs.shape[1] // 2
    for k in range(len(inputs)):
        a, b = inputs[k, :half], inputs[k, half:]
        done = False
        for _ in range(TRIES):
            a[:] = PAD
            b[:] = PAD
            letters = few + below(state, many - few + 1)
            _shuffle_alphabet(alphabet, letters, state)
            n = _random_word(a, low, high, alphabet, letters, state)
            if below(state, 1_000_000) < unrelated * 1_000_000:
                m = _random_word(b, low, high, alphabet, letters, state)
            else:
                m = n
                b[:] = a
                for _ in range(1 + below(state, n)):
                    m = _edit(b, m, low, high, alphabet, letters, state)
            a[n], b[m] = BAR, ASK
            done = side < 0 or is_held_out(a, n, b, m) == (side == 1)
            if done:
                break
        if not done:
            return k
    return len(inputs)
