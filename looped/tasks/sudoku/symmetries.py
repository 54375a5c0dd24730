"""The symmetries of Sudoku, the classes of boards under them, and which classes are held out.

Digits may be relabelled; rows change places within their band and bands as a whole, columns and stacks likewise; boards
whose boxes are square may be transposed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from looped.tasks.protocol import Symmetries
from looped.tasks.streams import HELD_OUT_SHARE, mix
from looped.tasks.sudoku.geometry import BOXES, Array, check_boards, geometry, rows_columns_boxes


@njit(cache=True, nogil=True)
def class_of(puzzle: Array, size: int, places: Array) -> Any:
    """Return a uint64 that no symmetry of the board changes: colour refinement over rows, columns, boxes, digits."""
    n = size * size
    colour = np.empty(n, np.uint64)
    for cell in range(n):
        colour[cell] = np.uint64(2 if puzzle[cell] else 1)
    salt = np.empty(4, np.uint64)  # tells rows, columns, boxes and digits apart
    for kind in range(4):
        salt[kind] = mix(np.uint64(11 + kind))
    if size != 6:
        salt[1] = salt[0]  # transposing is a symmetry: rows and columns must look alike
    total = np.empty((4, size + 1), np.uint64)
    for _ in range(4):
        total[:] = np.uint64(0)
        for cell in range(n):  # sums do not depend on the order
            value = mix(colour[cell])
            for kind in range(3):
                total[kind, places[cell, kind]] += value
            total[3, puzzle[cell]] += value
        for kind in range(4):
            for unit in range(size + 1):
                total[kind, unit] = mix(total[kind, unit] ^ salt[kind])
        for cell in range(n):
            value = colour[cell] * np.uint64(3)
            for kind in range(3):
                value += total[kind, places[cell, kind]]
            if puzzle[cell]:
                value += total[3, puzzle[cell]]
            colour[cell] = mix(value)
    # 4 x 4 has few classes: 36 holds out about 1 in 16 puzzles at each number of givens from 4 to 13.
    result = np.uint64(size + 36)
    for cell in range(n):
        result += mix(colour[cell])
    return mix(result)


@njit(cache=True, nogil=True)
def _classes_of(puzzles: Array, size: int, places: Array, out: Array) -> None:
    for i in range(len(puzzles)):
        out[i] = class_of(puzzles[i], size, places)


def fingerprint(puzzles: ArrayLike, size: int) -> NDArray[np.uint64]:
    """Return (count,) uint64 for (count, N) puzzles: equal for boards that are symmetric images of each other.

    The symmetries are those of `augment`.  Boards of different classes almost always differ.  Full and
    nearly full grids are the exception: colour refinement cannot tell them apart, so they share few values.
    """
    places = rows_columns_boxes(size)
    boards = np.ascontiguousarray(check_boards(puzzles, size, "puzzles"), dtype=np.int8)
    if boards.ndim != 2:
        raise ValueError(f"puzzles must be (count, {size * size}), not {boards.shape}")
    out = np.empty(len(boards), np.uint64)
    _classes_of(boards, size, places, out)
    return out


def is_held_out(puzzles: ArrayLike, size: int) -> NDArray[np.bool_]:
    """Return (count,) bool: the puzzle's symmetry class is kept out of training."""
    held: NDArray[np.bool_] = fingerprint(puzzles, size) % np.uint64(HELD_OUT_SHARE) == 0
    return held


def random_symmetries(size: int, count: int, seed: int = 0, digits: bool = True, places: bool = True) -> Symmetries:
    """Return `count` random symmetries of boards of a size.

    With `digits` the digits are relabelled; with `places` the cells change places. A seed gives the same places with
    digits and without.

    >>> found = random_symmetries(4, 1, seed=3, places=False)
    >>> found.source[0].tolist() == list(range(16)), found.labels.tolist()
    (True, [[0, 4, 2, 1, 3]])
    """
    geometry(size)
    rng, (high, wide) = np.random.default_rng(seed), BOXES[size]
    source, labels = np.empty((count, size * size), np.int64), np.zeros((count, size + 1), np.int64)
    for i in range(count):
        rows = np.concatenate([band * high + rng.permutation(high) for band in rng.permutation(wide)])
        columns = np.concatenate([stack * wide + rng.permutation(wide) for stack in rng.permutation(high)])
        grid = rows[:, None] * size + columns
        source[i] = (grid.T if high == wide and rng.random() < 0.5 else grid).ravel()
        labels[i, 1:] = 1 + rng.permutation(size)
    return Symmetries(source if places else np.sort(source), labels if digits else np.sort(labels))


def _shuffled(rng: np.random.Generator, count: int, size: int, per_group: int) -> NDArray[np.int64]:
    """Return (count, size) new orders of rows or columns that keep groups of `per_group` together."""
    groups = size // per_group
    group = rng.random((count, groups)).argsort(axis=1)
    inside = rng.random((count, groups, per_group)).argsort(axis=2)
    order: NDArray[np.int64] = (group[:, :, None] * per_group + inside).reshape(count, size)
    return order


def augment(puzzles: ArrayLike, solutions: ArrayLike, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Apply an independent random symmetry to each board: same shapes and dtypes, (count, N) each.

    Raises ValueError for wrong shapes.
    """
    geometry(size)
    puzzle, solution = np.asarray(puzzles), np.asarray(solutions)
    if puzzle.ndim != 2 or puzzle.shape[1] != size * size or puzzle.shape != solution.shape:
        raise ValueError(f"puzzles and solutions must both be (count, {size * size})")
    count = len(puzzle)
    high, wide = BOXES[size]
    rows, columns = _shuffled(rng, count, size, high), _shuffled(rng, count, size, wide)
    source = rows[:, :, None] * size + columns[:, None, :]
    if high == wide:
        source = np.where(rng.random((count, 1, 1)) < 0.5, source, source.transpose(0, 2, 1))
    source = source.reshape(count, size * size)
    digits = np.zeros((count, size + 1), np.int64)
    digits[:, 1:] = rng.random((count, size)).argsort(axis=1) + 1
    board = np.arange(count)[:, None]
    return (
        digits[board, puzzle[board, source]].astype(puzzle.dtype),
        digits[board, solution[board, source]].astype(solution.dtype),
    )
