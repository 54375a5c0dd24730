"""How far attention reaches: the distance in input space to what each position attends to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.model.seam import NEIGHBOUR_ATTENTION
from looped.runs.needs import Needs

NEEDS = Needs(all_of=(NEIGHBOUR_ATTENTION,), inputs=("vectors",))


class Reach(NamedTuple):
    """Attention over distance. The last head is the mean over all heads."""

    distance: np.ndarray  # (positions, K) from each position to each of its neighbours; NaN for none
    share: np.ndarray  # (loops, layers, heads + 1, positions) of attention that goes to `targets`, from 0 to 1
    mean: np.ndarray  # the same shape: distance to the targets, weighted by attention; NaN where none goes to them
    even: np.ndarray  # (positions,) the plain mean of these distances; NaN without targets
    equal: np.ndarray  # (positions,) the attention to each target when all of it goes to them evenly; NaN as above


def reach(attention: np.ndarray, neighbours: np.ndarray, points: np.ndarray, targets: np.ndarray) -> Reach:
    """Measure the distance to which positions attend.

    attention (loops, layers, heads, positions, K) to the neighbours (positions, K), −1 for none; points (positions,
    inputs) the coordinates of each position; targets (positions,) bool, to which positions distances are measured.
    A position is at a distance of zero from itself. Distances are Euclidean, in the units of the points.

    >>> weights = np.array([[0.5, 0.25, 0.25]]).reshape(1, 1, 1, 1, 3).repeat(3, 3)
    >>> table = np.array([[0, 1, -1], [0, 1, -1], [0, 1, 2]])
    >>> found = reach(weights, table, np.array([[0.0], [3.0], [1.0]]), np.array([True, True, False]))
    >>> print(found.share[0, 0, 0], found.mean[0, 0, 0].round(2), found.even)
    [0.75 0.75 0.75] [1.   2.   1.33] [1.5 1.5 1.5]
    """
    there = neighbours >= 0
    counted = there & targets[neighbours]
    apart = np.linalg.norm(points[:, None, :] - points[neighbours], axis=-1)
    distance = np.where(there, apart, np.nan)
    far = np.where(counted, apart, 0.0)
    heads = np.concatenate([attention, attention.mean(2, keepdims=True)], axis=2).astype(np.float64)
    share = np.einsum("tlhik,ik->tlhi", heads, counted.astype(np.float64))
    weighted = np.einsum("tlhik,ik->tlhi", heads, far)
    mean = np.divide(weighted, share, out=np.full_like(share, np.nan), where=share > 0)
    count = counted.sum(-1)
    even = np.divide(far.sum(-1), count, out=np.full(len(count), np.nan), where=count > 0)
    equal = np.divide(1.0, count, out=np.full(len(count), np.nan), where=count > 0)
    return Reach(*(found.astype(np.float32) for found in (distance, share, mean, even, equal)))
