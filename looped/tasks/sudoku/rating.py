"""How hard a Sudoku is: the mean number of guesses that a random search needs, on the scale of Kaggle's 3-million set.

The search fills naked and hidden singles until it is stuck. Then it guesses: of all open cells (their digits left) and
all digits of a unit (their places left) it takes one with the fewest alternatives, ties at random, and tries the
alternatives in random order. The rating is the number of guesses on the way to the solution, averaged over ten
searches; 0 means that singles alone solve the puzzle.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from looped.tasks.streams import below, mix, stream
from looped.tasks.sudoku.geometry import Array, check_boards, geometry
from looped.tasks.sudoku.solver import PLACED, begin, count_bits, settle


@njit(cache=True, nogil=True)
def _fewest(options: Array, size: int, units: Array, state: Array) -> tuple[int, int, int]:
    """Choose a cell, or a digit of a unit, with the fewest alternatives, ties at random.

    options (size²,) are the digits left in each cell, as bits. Returns the cell, -1, 0; or -1, the unit, the digit's
    bit; or -1, -1, 0 where every cell is filled.
    """
    fewest, ties, chosen, unit, bit = size + 1, 0, -1, -1, 0
    for cell in range(size * size):
        value = options[cell]
        if value & PLACED:
            continue
        many = count_bits(value)
        if many < fewest:
            fewest, ties = many, 0
        if many == fewest:
            ties += 1
            if below(state, ties) == 0:
                chosen = cell
    if chosen < 0:
        return chosen, unit, bit
    for u in range(len(units)):
        for d in range(size):
            many = 0
            for cell in units[u]:
                value = options[cell]
                if value & (1 << d):
                    many = size + 1 if value & PLACED else many + 1
            if many < fewest:
                fewest, ties = many, 0
            if many == fewest:
                ties += 1
                if below(state, ties) == 0:
                    chosen, unit, bit = -1, u, 1 << d
    return chosen, unit, bit


@njit(cache=True, nogil=True)
def _alternatives(
    options: Array, size: int, units: Array, choice: tuple[int, int, int], cells: Array, digits: Array, state: Array
) -> int:
    """Fill cells and digits (size,) with the alternatives of what `_fewest` chose, shuffled; return how many."""
    chosen, unit, bit = choice
    count = 0
    if unit < 0:
        for d in range(size):
            if options[chosen] & (1 << d):
                cells[count], digits[count] = chosen, 1 << d
                count += 1
    else:
        for cell in units[unit]:
            if options[cell] & bit:
                cells[count], digits[count] = cell, bit
                count += 1
    for i in range(count - 1, 0, -1):
        j = below(state, i + 1)
        cells[i], cells[j] = cells[j], cells[i]
        digits[i], digits[j] = digits[j], digits[i]
    return count


@njit(cache=True, nogil=True)
def _guesses(givens: Array, size: int, near: Array, units: Array, state: Array) -> int:
    """Return the guesses on the solution path of one random search; -1 for a board without a solution."""
    n = size * size
    full = (1 << size) - 1
    boards = np.empty((n + 1, n), np.int16)  # boards[k]: after k guesses, singles filled
    cells = np.empty((n + 1, size), np.int64)  # the alternatives of guess k, tried from the last to the first
    digits = np.empty((n + 1, size), np.int16)
    left = np.zeros(n + 1, np.int64)
    queue = np.empty(n, np.int64)
    depth = 0
    waiting = begin(givens, size, boards[0], queue)
    alive = settle(boards[0], queue, waiting, full, near, units)
    while True:
        if alive:
            choice = _fewest(boards[depth], size, units, state)
            if choice[0] < 0 and choice[1] < 0:
                return depth
            left[depth] = _alternatives(boards[depth], size, units, choice, cells[depth], digits[depth], state)
            depth += 1
        else:
            while depth and left[depth - 1] == 0:
                depth -= 1
            if depth == 0:
                return -1
        left[depth - 1] -= 1
        i = left[depth - 1]
        boards[depth] = boards[depth - 1]
        boards[depth, cells[depth - 1, i]] = digits[depth - 1, i]
        queue[0] = cells[depth - 1, i]
        alive = settle(boards[depth], queue, 1, full, near, units)


@njit(cache=True, nogil=True)
def _rate(puzzles: Array, size: int, runs: int, near: Array, units: Array, seed: Any, first: int, out: Array) -> None:
    state = np.empty(1, np.uint64)
    for i in range(len(puzzles)):
        state[0] = mix(seed + np.uint64(first + i))
        total = 0
        for run in range(runs):
            guesses = _guesses(puzzles[i], size, near, units, state)
            total += guesses
            if run == 0 and guesses <= 0:  # no guess is needed, or no solution is there: every search will say so
                total = guesses * runs
                break
        out[i] = total / runs


def rate(puzzles: ArrayLike, size: int = 9, runs: int = 10, seed: int = 0) -> NDArray[np.float32]:
    """Ratings (count,) float32 of puzzles (count, size²) with one solution each; -1 for a board without any.

    Deterministic by seed and by a puzzle's place in the array; runs on all cores. Raises ValueError for wrong shapes.
    """
    if runs < 1:
        raise ValueError(f"runs must be at least 1, not {runs}")
    known = geometry(size)
    boards = check_boards(puzzles, size, "puzzles").astype(np.int8)
    if boards.ndim != 2:
        raise ValueError(f"rate takes puzzles of shape (count, {size * size}), not {boards.shape}")
    out = np.empty(len(boards), np.float32)
    start = stream(seed)[0]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [
            pool.submit(
                _rate, boards[at : at + 200], size, runs, known.near, known.units, start, at, out[at : at + 200]
            )
            for at in range(0, len(boards), 200)
        ]
        for job in jobs:
            job.result()
    return out
