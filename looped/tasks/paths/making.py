"""Make grids from a seed, and divide them into training and held-out grids by symmetry class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from looped.tasks.paths.grid import FREE, SOURCE, WALL
from looped.tasks.streams import below, holds_out, mix, on_side

Array = NDArray[Any]

RANDOM, MAZE = 0, 1
"""How walls are placed: each cell by itself; or the corridors of a maze, of which some walls are then taken away."""
TRIES = 1_000


@njit(cache=True, nogil=True)
def _image(symmetry: int, row: int, column: int, size: int) -> int:
    """Return the cell that (row, column) moves to under one of the eight symmetries of a square."""
    if symmetry & 4:
        row, column = column, row
    if symmetry & 1:
        row = size - 1 - row
    if symmetry & 2:
        column = size - 1 - column
    return row * size + column


@njit(cache=True, nogil=True)
def fingerprint(cells: Array, size: int) -> Any:
    """Return a uint64 that is the same for all eight images of a grid and differs for other grids, but for chance."""
    least = np.uint64(0xFFFFFFFFFFFFFFFF)
    for symmetry in range(8):
        value = mix(np.uint64(size) + np.uint64(1))
        for row in range(size):
            for column in range(size):
                value = mix(value + np.uint64(cells[_image(symmetry, row, column, size)]) + np.uint64(1))
        least = min(least, value)
    return mix(least)


@njit(cache=True, nogil=True)
def held_out(grids: Array, size: int, held: Array) -> None:
    """Fill held (count,) bool: whether each of the grids (count, size²) belongs to the held-out side."""
    for k in range(len(grids)):
        held[k] = holds_out(fingerprint(grids[k], size))


@njit(cache=True, nogil=True)
def _scatter_walls(cells: Array, thousandths: int, state: Array) -> None:
    """Make each cell a wall with the given chance, by itself."""
    for cell in range(len(cells)):
        cells[cell] = WALL if below(state, 1000) < thousandths else FREE


@njit(cache=True, nogil=True)
def _carve_maze(cells: Array, size: int, thousandths: int, state: Array) -> None:
    """Carve a maze whose corridors are one cell wide, by a random walk that backs out of dead ends.

    Then walls are opened at random until at most the given share of cells is wall, which makes rings and rooms.
    """
    cells[:] = WALL
    down, right = below(state, 2), below(state, 2)  # the corridors stand on odd or on even lines
    stack = np.empty(size * size, np.int64)
    stack[0] = down * size + right
    cells[stack[0]] = FREE
    depth = 1
    while depth:
        row, column = stack[depth - 1] // size, stack[depth - 1] % size
        start, moved = below(state, 4), False
        for turn in range(4):
            way = (start + turn) % 4
            step_down = (way == 1) - (way == 0)
            step_right = (way == 3) - (way == 2)
            to_row, to_column = row + 2 * step_down, column + 2 * step_right
            inside = 0 <= to_row < size and 0 <= to_column < size
            if inside and cells[to_row * size + to_column] == WALL:
                cells[(row + step_down) * size + column + step_right] = FREE
                cells[to_row * size + to_column] = FREE
                stack[depth] = to_row * size + to_column
                depth += 1
                moved = True
                break
        if not moved:
            depth -= 1
    walls = int((cells == WALL).sum())
    while walls * 1000 > thousandths * size * size:
        cell = below(state, size * size)
        if cells[cell] == WALL:
            cells[cell] = FREE
            walls -= 1


@njit(cache=True, nogil=True)
def make(grids: Array, size: int, kind: int, fewest: int, most: int, side: int, state: Array) -> int:
    """Fill grids (count, size²); return how many were made before one ran out of tries.

    `fewest` and `most` bound the share of walls in thousandths; `side` is one of `looped.tasks.streams`.
    """
    for k in range(len(grids)):
        cells = grids[k]
        done = False
        for _ in range(TRIES):
            thousandths = fewest + below(state, most - fewest + 1)
            if kind == MAZE:
                _carve_maze(cells, size, thousandths, state)
            else:
                _scatter_walls(cells, thousandths, state)
            free = int((cells == FREE).sum())
            if free == 0:
                continue
            left = below(state, free)
            for cell in range(size * size):
                if cells[cell] == FREE:
                    if left == 0:
                        cells[cell] = SOURCE
                        break
                    left -= 1
            done = on_side(fingerprint(cells, size), side)
            if done:
                break
        if not done:
            return k
    return len(grids)


@njit(cache=True, nogil=True)
def turned(grids: Array, size: int, symmetries: Array, images: Array) -> None:
    """Fill images (count, size²) with each grid under its own symmetry (count,), a number from 0 to 7."""
    for k in range(len(grids)):
        for row in range(size):
            for column in range(size):
                images[k, _image(symmetries[k], row, column, size)] = grids[k, row * size + column]
