"""Breadth-first search on a grid: how many steps up, down, left or right each cell is from the source.

numba compiles the loops on first use and caches them on disk.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from looped.tasks.paths.grid import SOURCE, WALL, side

Array = NDArray[Any]


@njit(cache=True, nogil=True)
def spread(cells: Array, size: int, found: Array, queue: Array) -> None:
    """Fill found (size²,) with each cell's distance from the sources, -1 if unreached; queue (size²,) is scratch."""
    first = last = 0
    for cell in range(size * size):
        found[cell] = -1
        if cells[cell] == SOURCE:
            found[cell] = 0
            queue[last] = cell
            last += 1
    while first < last:
        cell = queue[first]
        first += 1
        row, column = cell // size, cell % size
        for turn in range(4):
            down = (turn == 1) - (turn == 0)
            right = (turn == 3) - (turn == 2)
            if 0 <= row + down < size and 0 <= column + right < size:
                near = cell + down * size + right
                if cells[near] != WALL and found[near] < 0:
                    found[near] = found[cell] + 1
                    queue[last] = near
                    last += 1


@njit(cache=True, nogil=True)
def _spread_all(grids: Array, size: int, found: Array) -> None:
    queue = np.empty(size * size, np.int64)
    for k in range(len(grids)):
        spread(grids[k], size, found[k], queue)


def distances(tokens: Array) -> NDArray[np.int16]:
    """Return each cell's number of steps from the source, -1 where no way leads: tokens (…, cells) → (…, cells) int16.

    Walls have -1. Raises ValueError when the cells do not make a square.

    >>> distances(np.array([2, 0, 1, 0])).tolist()  # S. / #.
    [0, 1, -1, 2]
    """
    grids = np.ascontiguousarray(tokens, np.int16)
    size = side(grids.shape[-1])
    flat = grids.reshape(-1, grids.shape[-1])
    found = np.empty(flat.shape, np.int16)
    _spread_all(flat, size, found)
    return found.reshape(grids.shape)


def progress(away: Array, reached: Array, asked: Array) -> NDArray[np.uint16]:
    """Compare what a model marks after each loop with a search that reaches one step farther in each.

    away (cells,) steps from the source, -1 where no way leads; reached (loops, cells) bool, what the model says; asked
    (cells,) bool. Returns (loops, 5): cells that the search has reached, cells that the model says are reached, those
    of them that the search has not, those of the search's that the model does not mark yet, and those that the model
    says are reached though no way leads there.

    >>> progress(np.array([0, 1, 2, -1]), np.array([[True, False, True, False]]), np.ones(4, bool)).tolist()
    [[2, 2, 1, 1, 0]]
    """
    loops = np.arange(1, len(reached) + 1)[:, None]
    due, said = (away >= 0) & (away <= loops) & asked, reached & asked
    counts = [part.sum(-1) for part in (due, said, said & ~due, due & ~said, said & (away < 0))]
    return np.stack(counts, axis=1).astype(np.uint16)


def against(away: Array, reached: Array, asked: Array) -> NDArray[np.uint8]:
    """Compare every cell with the search of as many steps: (loops, cells) of what `progress` counts.

    1: reached by both, 2: the model is ahead, 3: it is behind, 4: it says reached where no way leads, 0: reached by
    neither, or nothing is asked.

    >>> against(np.array([0, 1, 2, -1]), np.array([[True, False, True, True]]), np.ones(4, bool)).tolist()
    [[1, 3, 2, 4]]
    """
    loops = np.arange(1, len(reached) + 1)[:, None]
    due, said = (away >= 0) & (away <= loops) & asked, reached & asked
    return np.select([said & due, said & (away < 0), said, due], [1, 4, 2, 3], 0).astype(np.uint8)


def arrivals(away: Array, settled: Array, counts: Array) -> NDArray[np.float32]:
    """Return when the cells at each distance settled: (longest distance + 1, 3) first, mean and last loop.

    away (cells,) steps from the source, settled (cells,) loops after which the answer never changed, counts (cells,)
    bool: whether it counts; NaN where no cell at a distance is.

    >>> arrivals(np.array([0, 1, 1, -1]), np.array([1, 2, 5, 1]), np.ones(4, bool)).tolist()
    [[1.0, 1.0, 1.0], [2.0, 3.5, 5.0]]
    """
    found = np.full((int(away.max()) + 1, 3), np.nan, np.float32)
    for distance in range(len(found)):
        loops = settled[(away == distance) & counts]
        if len(loops):
            found[distance] = loops.min(), loops.mean(), loops.max()
    return found


def pace(found: Array) -> NDArray[np.float32]:
    """Return (2,) the loops for each step farther and the loops at distance zero, by least squares through the means.

    `found` as `arrivals` returns it; NaN where fewer than two distances are known.

    >>> pace(np.array([[1, 1, 1], [2, 3, 4], [5, 5, 5]])).tolist()
    [2.0, 1.0]
    """
    known = np.flatnonzero(np.isfinite(found[:, 1]))
    if len(known) < 2:
        return np.full(2, np.nan, np.float32)
    return np.polyfit(known, found[known, 1], 1).round(6).astype(np.float32)
