"""Make puzzles with one solution each, from a seed: full grids, from which random cells are blanked."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit

from looped.tasks.streams import below, check_count, on_side, side_of, stream
from looped.tasks.sudoku.geometry import Array, Cells, geometry
from looped.tasks.sudoku.rating import rate
from looped.tasks.sudoku.solver import search
from looped.tasks.sudoku.symmetries import class_of

FEWEST = {4: 4, 6: 8, 9: 22}
"""Board size -> fewest givens that `generate` makes (for 4 and 6 no unique puzzle has fewer)."""
TRIES = 300_000
"""Attempts for one puzzle before `generate` gives up."""
CHUNK = 500
"""Minimal puzzles that are made and rated at a time."""
HOPELESS = 40
"""Chunks without a puzzle of the wanted rating after which the search for one ends."""


@njit(cache=True, nogil=True)
def _dig(
    puzzle: Array,
    solution: Array,
    size: int,
    target: int,
    near: Array,
    units: Array,
    order: Array,
    state: Array,
    spare: Array,
) -> int:
    """Blank random cells while the puzzle stays unique, down to `target` givens; how many are left."""
    n = size * size
    full = (1 << size) - 1
    still = np.zeros(1, np.uint64)
    left = 0
    for cell in range(n):
        left += puzzle[cell] != 0
    for i in range(n):
        if left == target:
            break
        j = i + below(state, n - i)
        cell = order[j]
        order[j] = order[i]
        order[i] = cell
        if puzzle[cell] == 0:
            continue
        puzzle[cell] = 0
        seen = 0
        for peer in near[cell]:
            if puzzle[peer]:
                seen |= 1 << (puzzle[peer] - 1)
        # Nothing but the old digit fits, or no solution has another digit there: still unique.
        lone = seen | (1 << (solution[cell] - 1)) == full
        if lone or search(puzzle, size, near, units, 1, cell, solution[cell], still, spare) == 0:
            left -= 1
        else:
            puzzle[cell] = solution[cell]
    return left


@njit(cache=True, nogil=True)
def _put_back(puzzle: Array, solution: Array, state: Array) -> None:
    """Put an eighth of the clues back, at random cells, to dig elsewhere on the same grid."""
    n = len(puzzle)
    for _ in range(n // 8):
        cell = below(state, n)
        puzzle[cell] = solution[cell]


@njit(cache=True, nogil=True)
def _make(
    puzzles: Array,
    solutions: Array,
    size: int,
    low: int,
    high: int,
    side: int,
    tries: int,
    places: Array,
    near: Array,
    units: Array,
    state: Array,
) -> int:
    """Fill the arrays with unique puzzles and their solutions; return how many, before one ran out of tries.

    `low` and `high` bound the givens; low = 0 asks for minimal puzzles.  `side` is one of `looped.tasks.streams`.
    """
    n = size * size
    empty = np.zeros(n, np.int8)
    spare = np.empty(n, np.int8)
    order = np.arange(n)
    for i in range(len(puzzles)):
        puzzle, solution = puzzles[i], solutions[i]
        target = low + below(state, high - low + 1)
        done = False
        for attempt in range(tries):
            if attempt % 32 == 0:
                search(empty, size, near, units, 1, 0, 0, state, solution)
                puzzle[:] = solution
            else:  # it was on the wrong side, or stuck above the target
                _put_back(puzzle, solution, state)
            left = _dig(puzzle, solution, size, target, near, units, order, state, spare)
            if low and left != target:
                continue
            if side < 0 or on_side(class_of(puzzle, size, places), side):
                done = True
                break
        if not done:
            return i
    return len(puzzles)


class Wanted(NamedTuple):
    """What puzzles are made."""

    size: int
    low: int  # fewest givens; 0 asks for minimal puzzles
    high: int
    split: str | None


def produce(count: int, wanted: Wanted, seed: int | tuple[int, int]) -> tuple[Cells, Cells]:
    """Make puzzles and solutions (count, N) int8. Raises ValueError when none turns up and for an unknown split."""
    side = side_of(wanted.split)
    check_count(count)
    known, size = geometry(wanted.size), wanted.size
    state = stream(seed)
    puzzles = np.empty((count, size * size), np.int8)
    solutions = np.empty_like(puzzles)
    for at in range(0, count, 100):  # in chunks, so that Ctrl-C gets through
        some, answers = puzzles[at : at + 100], solutions[at : at + 100]
        made = _make(
            some, answers, size, wanted.low, wanted.high, side, TRIES, known.places, known.near, known.units, state
        )
        if made < len(some):
            kind = f"{wanted.low} to {wanted.high} givens" if wanted.low else "minimal"
            raise ValueError(
                f"found no {size}×{size} puzzle ({kind}, split {wanted.split}) in {TRIES} tries; ask for"
                " another number of givens or split"
            )
    return puzzles, solutions


def generate(
    count: int,
    size: int = 9,
    givens: int | tuple[int, int] = (31, 42),
    seed: int = 0,
    split: str | None = None,
) -> tuple[Cells, Cells]:
    """Make (count, N) int8 puzzles with a unique solution each, and (count, N) int8 solutions.

    The number of givens is uniform in the closed range `givens` (or exactly it, for an int).  Each puzzle
    comes from its own random full grid by blanking random cells while the solution stays unique.  `split`
    ("train", "held-out", None for both) keeps to one side of `is_held_out`.  A seed gives the same puzzles
    every time, and the first of them for a smaller count.  9 x 9 gets slow below 24 givens.  Raises
    ValueError for a range below `FEWEST` or above the number of cells, for an unknown split, and when no
    puzzle turns up.
    """
    low, high = (givens, givens) if isinstance(givens, int | np.integer) else givens
    geometry(size)
    if not FEWEST[size] <= low <= high <= size * size:
        raise ValueError(
            f"givens for {size}×{size} must lie between {FEWEST[size]} and {size * size}, smaller first, not {givens}"
        )
    return produce(count, Wanted(size, int(low), int(high), split), seed)


def minimal(count: int, size: int = 9, seed: int = 0, split: str | None = None) -> tuple[Cells, Cells]:
    """Make puzzles as `generate` does, but minimal: without any one given a puzzle has several solutions."""
    return produce(count, Wanted(size, 0, 0, split), seed)


def minimal_rated(
    count: int, size: int, seed: int, split: str | None, rating: tuple[float, float] | None = None
) -> tuple[Cells, Cells]:
    """Make minimal puzzles with low <= `rate` < high, in chunks on all cores; chunk i has the seed (seed, i).

    A seed gives the same puzzles on any number of cores. Raises ValueError when no puzzle has such a rating.
    """

    def chunk(i: int) -> tuple[Cells, Cells]:
        puzzles, solutions = produce(CHUNK, Wanted(size, 0, 0, split), (seed, i))
        if rating is None:
            return puzzles, solutions
        ratings = rate(puzzles, size)
        fits = (ratings >= rating[0]) & (ratings < rating[1])
        return puzzles[fits], solutions[fits]

    workers = os.cpu_count() or 1
    parts: list[tuple[Cells, Cells]] = []
    with ThreadPoolExecutor(workers) as pool:
        while not parts or sum(len(puzzles) for puzzles, _ in parts) < count:
            if len(parts) >= HOPELESS and not any(len(puzzles) for puzzles, _ in parts):
                raise ValueError(
                    f"found no minimal {size}×{size} puzzle with a rating from {rating} among"
                    f" {CHUNK * len(parts):,}; ask for another range."
                )
            parts += pool.map(chunk, range(len(parts), len(parts) + workers))
    puzzles, solutions = (np.concatenate(side)[:count] for side in zip(*parts, strict=True))
    return puzzles, solutions
