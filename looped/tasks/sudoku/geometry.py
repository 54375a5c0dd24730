"""The geometry of Sudoku boards: sizes, boxes, units, peers, and the names of cells.

Nothing else in the tree computes it.

A board is a flat array of ``size * size`` cells, row by row; 0 is a blank and 1 to ``size`` are digits.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.wording import row_column

Cells = NDArray[np.int8]
Array = NDArray[Any]

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
"""Board size -> rows and columns of one box."""


class Geometry(NamedTuple):
    """The read-only arrays of one board size, N = size * size."""

    places: NDArray[np.int64]  # (N, 3) row, column and box of each cell
    units: NDArray[np.int64]  # (3 * size, size) cells of each row, column, box
    peers: NDArray[np.bool_]  # (N, N)
    near: NDArray[np.int64]  # (N, number of peers) the cells that share a unit


@cache
def geometry(size: int) -> Geometry:
    """Return the geometry of a board size. Raises ValueError for a size other than 4, 6 and 9."""
    if size not in BOXES:
        raise ValueError(f"sudoku size must be 4, 6 or 9, not {size!r}")
    high, wide = BOXES[size]
    cells = np.arange(size * size)
    row, column = cells // size, cells % size
    places = np.stack([row, column, row // high * (size // wide) + column // wide], axis=1)
    units = np.argsort(places, axis=0, kind="stable").T.reshape(3 * size, size).copy()
    peers = (places[:, None] == places[None]).any(-1) & ~np.eye(size * size, dtype=bool)
    near = np.nonzero(peers)[1].reshape(size * size, -1)
    found = Geometry(places, units, peers, near)
    for array in found:
        array.setflags(write=False)
    return found


def peers(size: int) -> NDArray[np.bool_]:
    """Return (N, N) bool, read-only: the two cells share a row, column or box; the diagonal is False."""
    return geometry(size).peers


def units(size: int) -> NDArray[np.int64]:
    """Return (3 * size, size) cell indices, read-only: the rows, then the columns, then the boxes."""
    return geometry(size).units


def rows_columns_boxes(size: int) -> NDArray[np.int64]:
    """Return (N, 3) int, read-only: index of the row, the column and the box of each cell."""
    return geometry(size).places


def cell_name(cell: int, size: int) -> str:
    """Return the name of a cell, 'row 5, column 5'."""
    return row_column(cell, size)


def check_boards(cells: ArrayLike, size: int, name: str = "cells") -> Array:
    """Return an integer array (..., N) with values 0 to size. Raises ValueError, which says `name`, for any other."""
    array = np.asarray(cells)
    if array.ndim < 1 or array.shape[-1] != size * size:
        raise ValueError(f"{name} must have {size * size} cells on the last axis, not shape {array.shape}")
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, not {array.dtype}")
    if array.size and (array.min() < 0 or array.max() > size):
        raise ValueError(f"{name} must lie between 0 and {size}")
    return array
