"""Where does attention go: to which position most, how much of it to a set of positions, how much from word to word?

The weights of a trace are attention (loops, layers, heads, positions, positions); entry [..., i, j] is how much
position i attends to j, and rows sum to one. Where a result has heads + 1 entries, the last is the mean over the
heads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import EITHER_ATTENTION, Needs
from looped.runs.numerics import largest

NEEDS = Needs(any_of=EITHER_ATTENTION)


class Strongest(NamedTuple):
    """To which position each position attends most."""

    position: np.ndarray  # (loops, layers, heads, positions) int64, of each head; of equally large ones the first
    head: np.ndarray  # (loops, layers, positions) int64, the first head whose largest weight is the largest
    ties: np.ndarray  # (loops, layers, heads + 1, positions) int64, how many weights are so large; last of all heads


class Across(NamedTuple):
    """Attention between the letters of two words, in both directions; every share lies between 0 and 1."""

    share: np.ndarray  # (2, loops, layers, heads + 1) of a letter's attention to the other word, the mean over letters
    equal: np.ndarray  # (2, loops, layers, heads + 1) of that, what joins equal letters; NaN where nothing goes across
    weight: np.ndarray  # (2, loops, layers, heads + 1) the largest weight of one letter to one of the other word
    pair: np.ndarray  # (2, loops, layers, heads + 1, 2) int64, which: its letters of the first and of the second word
    even: float  # share of all pairs of letters that are equal: `equal` of attention that is spread evenly


def strongest(attention: np.ndarray) -> Strongest:
    """Find the position that each position attends to most, in every loop, layer and head.

    >>> found = strongest(np.array([[0.1, 0.9], [0.5, 0.5], [0.8, 0.2], [0.3, 0.7]]).reshape(1, 1, 2, 2, 2))
    >>> found.position.tolist(), found.head.tolist()
    ([[[[1, 0], [0, 1]]]], [[[0, 1]]])
    >>> found.ties.tolist()
    [[[[1, 2], [1, 1], [1, 1]]]]
    """
    tied = largest(attention).sum(-1)
    best = attention.max(-1)
    over = np.where(largest(best, 2), tied, 0).sum(2, keepdims=True)
    return Strongest(attention.argmax(-1), best.argmax(2), np.concatenate([tied, over], 2))


def mass(attention: np.ndarray, to: np.ndarray, neighbours: np.ndarray | None = None) -> np.ndarray:
    """Sum the attention of each position to the positions `to`: (loops, layers, heads + 1, positions) float32.

    `to` is bool: (positions, positions), entry [i, j] says that j counts for i, or (positions,) where the same
    positions count for all. Attention to neighbours, (…, positions, K), also needs the table `neighbours` (positions,
    K), −1 for none. Raises ValueError for other shapes.

    >>> mass(np.full((1, 1, 2, 4, 4), 0.25), np.array([True, False, False, True])).tolist()
    [[[[0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5]]]]
    """
    n = attention.shape[-2]
    if to.dtype != bool or to.shape not in ((n,), (n, n)):
        raise ValueError(f"the positions must be bool of shape {(n,)} or {(n, n)}, not {to.dtype} of {to.shape}.")
    counted = np.broadcast_to(to, (n, n))
    if neighbours is not None:
        counted = np.take_along_axis(counted, neighbours.clip(0), 1) & (neighbours >= 0)
    summed = np.einsum("tlhij,ij->tlhi", attention, counted.astype(attention.dtype))
    return np.concatenate([summed, summed.mean(2, keepdims=True)], axis=2).astype(np.float32)


def evenly(positions: int, neighbours: np.ndarray | None = None, mask: np.ndarray | None = None) -> np.ndarray:
    """Return what each weight of a position is when it spreads its attention evenly: (positions,) float32.

    It spreads over all positions, or over those of the table `neighbours` (positions, K), −1 for none; and only over
    those that `mask` (positions, positions) bool allows.

    >>> evenly(4).tolist(), evenly(2, np.array([[0, 1], [1, -1]])).tolist()
    ([0.25, 0.25, 0.25, 0.25], [0.5, 1.0])
    """
    allowed = np.ones((positions, positions), bool) if mask is None else mask
    if neighbours is not None:
        allowed = np.take_along_axis(allowed, neighbours.clip(0), 1) & (neighbours >= 0)
    shares: np.ndarray = (1 / allowed.sum(-1).clip(1)).astype(np.float32)
    return shares


def across(attention: np.ndarray, first: np.ndarray, second: np.ndarray, equal: np.ndarray) -> Across:
    """Measure the attention between two words, whose letters stand at positions first (a,) and second (b,).

    `equal` (a, b) bool says which letters are the same. Direction 0 is from the first word to the second, 1 back.
    Raises ValueError for shapes that do not fit, and for a word without letters.

    >>> found = across(np.full((1, 1, 1, 4, 4), 0.25), np.array([0, 1]), np.array([2]), np.array([[True], [False]]))
    >>> found.share[:, 0, 0, 0].tolist(), found.equal[:, 0, 0, 0].tolist(), found.even
    ([0.25, 0.5], [0.5, 0.5], 0.5)
    """
    if equal.shape != (len(first), len(second)) or not equal.size:
        raise ValueError(f"{len(first)} and {len(second)} letters do not fit equal letters of shape {equal.shape}.")
    forth = attention[..., first[:, None], second]  # (loops, layers, heads, a, b)
    back = attention[..., second[:, None], first].swapaxes(-1, -2)
    both = np.stack([forth, back]).astype(np.float64)
    both = np.concatenate([both, both.mean(3, keepdims=True)], axis=3)
    total = both.sum((-1, -2))
    joined = (both * equal).sum((-1, -2))
    letters = np.array([len(first), len(second)]).reshape(2, 1, 1, 1)
    flat = both.reshape(*both.shape[:-2], -1)
    share_equal = np.divide(joined, total, out=np.full_like(total, np.nan), where=total > 0)
    pair = np.stack(np.divmod(flat.argmax(-1), len(second)), -1)
    return Across(total / letters, share_equal, flat.max(-1), pair, float(equal.mean()))
