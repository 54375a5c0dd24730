"""Loops logarithmic in the precision of a token: what binary search does for the construction, and what it cannot.

The machine of `looped.theory.machine` finds the cell of a token by 1/δ − 1 thresholds, one a loop. Binary search takes
log₂(1/δ) loops, and the same block in each, without shifting anything by the number of the loop: what is left of the
token is doubled, and its leading bit goes to the end of the ID,

    b = [u ≥ ½],   u ← 2u − b,   z ← 2z + b.

A threshold of slope M is blurred in each loop, so that log₂(1/δ) / M of the IDs are wrong, not (1/δ − 1) / M. The same
doubling, folded (u ← 2 min(u, 1 − u)), follows x² to 4^−(r+1) in r loops (Yarotsky 2017, arXiv 1610.01145).

The table is another matter. `least_loops` counts: a block with P weights, run r times on K inputs, decides every
comparison in at most so many ways; if these are fewer than 2^K, there is a table of K values that no choice of weights
holds, of whatever precision. The argument is our own, after the bounds for the VC dimension of networks (Warren 1968;
Bartlett, Harvey, Liaw, Mehrabian 2019, arXiv 1703.02930).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from looped.theory.machine import FeedForward

Array = NDArray[np.float64]
STEEP = 2.0**30  # slope of the threshold
CHANNELS = ("one", "u", "z")
FOLDED = ("one", "u", "v")


def block(layer: FeedForward) -> tuple[Tensor, Tensor]:
    """Return the two matrices of a feed-forward layer: (channels, units), (units, channels)."""
    return torch.stack(layer.reads).T, torch.stack(layer.writes)


def halving(slope: float = STEEP) -> tuple[Tensor, Tensor]:
    """Return the block of the binary search on the channels one, u, z."""
    layer = FeedForward(CHANNELS)
    layer.unit({"u": 1.0}, {"u": 1.0})
    layer.unit({"z": 1.0}, {"z": 1.0})
    layer.step({"u": 1.0, "one": -0.5}, {"u": -1.0, "z": 1.0}, slope)
    return block(layer)


def folding() -> tuple[Tensor, Tensor]:
    """Return the block that follows x² on the channels one, u, v: u ← 2 min(u, 1 − u), v ← 4v − u."""
    layer = FeedForward(FOLDED)
    layer.unit({"u": 1.0}, {"u": 1.0, "v": -2.0})
    layer.unit({"u": 1.0, "one": -0.5}, {"u": -4.0, "v": 4.0})
    layer.unit({"v": 1.0}, {"v": 3.0})
    return block(layer)


def looped(matrices: tuple[Tensor, Tensor], start: Tensor, loops: int) -> Tensor:
    """Apply one block again and again to channels (…, channels), each time added to them."""
    reads, writes = matrices
    hidden = start
    for _ in range(loops):
        hidden = hidden + (hidden @ reads).relu() @ writes
    return hidden


def found_ids(x: Array, bits: int, slope: float = STEEP) -> Array:
    """Return the IDs of tokens x in [0, 1), any shape, among 2^bits cells, after as many loops as bits.

    >>> found_ids(np.array([0.0, 0.49, 0.5, 0.99]), 3).tolist()
    [0.0, 3.0, 4.0, 7.0]
    """
    at = torch.as_tensor(np.asarray(x, np.float64))
    start = torch.stack([torch.ones_like(at), at, torch.zeros_like(at)], -1)
    ids: Array = looped(halving(slope), start, bits)[..., 2].numpy()
    return ids


def swept_ids(x: Array, cells: int, slope: float = STEEP) -> Array:
    """Return the same as the machine finds them, by a threshold a loop: cells − 1 loops.

    >>> swept_ids(np.array([0.0, 0.49, 0.5, 0.99]), 8).tolist()
    [0.0, 3.0, 4.0, 7.0]
    """
    layer = FeedForward(("one", "x", "counter", "z"))
    layer.unit({"one": 1.0}, {"counter": 1.0})
    layer.step({"x": 1.0, "counter": -1.0 / cells, "one": -1.0 / cells}, {"z": 1.0}, slope)
    at = torch.as_tensor(np.asarray(x, np.float64))
    start = torch.stack([torch.ones_like(at), at, torch.zeros_like(at), torch.zeros_like(at)], -1)
    ids: Array = looped(block(layer), start, cells - 1)[..., 3].numpy()
    return ids


def squares(x: Array, loops: int) -> Array:
    """Return what so many loops make of x², x in [0, 1], any shape: it is above it by at most 4^−(loops + 1).

    >>> [float(squares(np.array([0.5 ** (r + 1)]), r)[0] - 0.25 ** (r + 1)) == 0.25 ** (r + 1) for r in (1, 2, 5)]
    [True, True, True]
    """
    at = torch.as_tensor(np.asarray(x, np.float64))
    start = torch.stack([torch.ones_like(at), at, at], -1)
    found: Array = looped(folding(), start, loops)[..., 2].numpy() * 4.0**-loops
    return found


def least_loops(entries: int, weights: int, units: int, tokens: int, heads: int = 2, own: int = 0) -> int:
    """Return how many loops a block needs at least so that weights exist for every table of so many values.

    entries    K, the values, one for each input
    weights    P, the numbers of the block and the embedding, of any precision
    units      of its feed-forward layer; heads of its attention, hardmax; tokens of an input
    own        numbers of a loop that belong to it alone, such as the steps η(t) of a modulated one; 0: tied

    After t loops channels are polynomials of degree 4t + 1 in the weights wherever all comparisons before fall the same
    way: one more for each matrix. Those of loop t have at most degree 8t, and there are K (heads N² (N − 1) / 2 + N
    units) of them; m polynomials of degree D in P numbers have at most (8 e D m / P)^P patterns of signs, m ≥ P. What
    is needed is a pattern for each of the 2^K tables of the values 0 and 1.

    >>> least_loops(64, 4_156, 74, 2)
    1
    """
    compared = entries * (heads * tokens**2 * (tokens - 1) // 2 + tokens * units)
    few, many = 0, 1
    while not _enough(entries, many, weights + own * many, compared):
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        if _enough(entries, middle, weights + own * middle, compared):
            many = middle
        else:
            few = middle
    return many


def _enough(entries: int, loops: int, weights: int, compared: int) -> bool:
    """Say whether comparisons of so many loops can fall in 2^entries ways."""
    each = math.log2(8 * math.e * 8 * max(compared, weights) / weights)
    factorial = math.lgamma(loops + 1) / math.log(2)  # Σ log₂ t
    read = math.log2(8 * math.e * (4 * loops + 1) * max(entries, weights) / weights)
    return weights * (loops * each + factorial + read) >= entries
