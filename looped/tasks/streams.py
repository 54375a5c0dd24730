"""Random streams and the held-out split: what the generators of all tasks share.

A stream is a state (1,) uint64 that `below` moves on: splitmix64 (Steele, Lea & Flood 2014), started by NumPy's
SeedSequence, so that a seed gives the same numbers on any machine. The split is decided by a fingerprint of an input
that no symmetry of its task changes. So it holds for every seed, size of a data set and augmentation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

HELD_OUT_SHARE = 16
"""One class of inputs in this many is held out."""
ANY, TRAIN, HELD_OUT = -1, 0, 1
"""The sides of the split, as compiled generators take them."""
SIDES: dict[str | None, int] = {None: ANY, "train": TRAIN, "held-out": HELD_OUT}


@njit(cache=True, nogil=True)
def mix(x: Any) -> Any:
    """Scramble 64 bits: the finaliser of splitmix64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True)
def below(state: Any, bound: Any) -> Any:
    """Draw a whole number from 0 to bound - 1; `state` is (1,) uint64 and moves on."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    return np.int64(mix(state[0]) >> np.uint64(33)) % bound


@njit(cache=True, nogil=True)
def holds_out(fingerprint: Any) -> bool:
    """Return whether the class with this fingerprint (uint64) is held out."""
    held: bool = fingerprint % np.uint64(HELD_OUT_SHARE) == np.uint64(0)
    return held


@njit(cache=True, nogil=True)
def on_side(fingerprint: Any, side: int) -> bool:
    """Return whether the class with this fingerprint belongs to a side: ANY, TRAIN or HELD_OUT."""
    return side < 0 or holds_out(fingerprint) == (side == 1)


def stream(seed: int | tuple[int, int]) -> NDArray[np.uint64]:
    """Start a stream: its state (1,) uint64."""
    return np.asarray(np.random.SeedSequence(seed).generate_state(1, np.uint64), np.uint64)


def side_of(split: str | None) -> int:
    """Return the side that a split names. Raises ValueError for an unknown one.

    >>> [side_of(split) for split in (None, "train", "held-out")]
    [-1, 0, 1]
    """
    if split not in SIDES:
        raise ValueError(f"split must be None, 'train' or 'held-out', not {split!r}.")
    return SIDES[split]


def check_count(count: int) -> None:
    """Raise ValueError for a negative number of inputs."""
    if count < 0:
        raise ValueError(f"count must not be negative, not {count}.")
