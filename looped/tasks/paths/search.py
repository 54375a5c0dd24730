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
UNREACHED = -1


@njit(cache=True, nogil=True)
def spread(cells: Array, size: int, found: Array, queue: Array) -> None:
    """Fill found (size²,) with each cell's distance from the sources, -1 where there is no way; queue (size²,) is scratch."""
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
