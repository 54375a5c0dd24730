"""Boards, strategies and slow, independent helpers that the tests of Sudoku share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from looped.tasks.sudoku.text import parse

SIZES = (4, 6, 9)
RANGES = {4: (4, 9), 6: (9, 20), 9: (25, 42)}
few = settings(derandomize=True, deadline=None, max_examples=25)
seeds = st.integers(0, 2**32 - 1)
sizes = st.sampled_from(SIZES)

# Own puzzles.  NINE has 36 givens, so that a careless reader takes it for 6 x 6, and a blank last row.
NINE = (
    ".......7.",
    "6..2153.9",
    "...4..285",
    "..3.524..",
    "742169...",
    ".5.34792.",
    "9.8..471.",
    "471...8..",
    ".........",
)
FOUR = ("4...", "...2", "...3", "3...")
SIX = ("5.64..", "...563", "..523.", "1.365.", ".613.5", "3.2..6")


def cells_of(text: str) -> np.ndarray:
    return np.array([int(sign) if sign.isdigit() else 0 for sign in text])


def is_board(text: str, rows: tuple[str, ...], size: int | None = None) -> bool:
    board = parse(text, size)
    return board.text == "".join(rows) and board.size == len(rows)


def box_of(row: int, column: int, size: int) -> tuple[int, int]:
    high, wide = {4: (2, 2), 6: (2, 3), 9: (3, 3)}[size]
    return row // high, column // wide


def sees(a: int, b: int, size: int) -> bool:
    (row, column), (row2, column2) = divmod(a, size), divmod(b, size)
    return a != b and (row == row2 or column == column2 or box_of(row, column, size) == box_of(row2, column2, size))


def slow_solutions(cells: list[int], size: int) -> Iterator[tuple[int, ...]]:
    """All solutions, the plain way: the first blank cell, every digit."""
    if 0 not in cells:
        yield tuple(cells)
        return
    cell = cells.index(0)
    taken = {cells[other] for other in range(size * size) if sees(cell, other, size)}
    for digit in sorted(set(range(1, size + 1)) - taken):
        yield from slow_solutions([*cells[:cell], digit, *cells[cell + 1 :]], size)


def four_images(cells: tuple[int, ...]) -> set[tuple[int, ...]]:
    """All images of a 4 x 4 board under the symmetries, written out one by one."""
    lines = [
        tuple(2 * group + (place ^ flip[group]) for group in order for place in (0, 1))
        for order in ((0, 1), (1, 0))
        for flip in itertools.product((0, 1), repeat=2)
    ]
    found = set()
    for rows, columns, turn in itertools.product(lines, lines, (False, True)):
        at = [(row, column) for row in rows for column in columns]
        moved = [cells[column * 4 + row if turn else row * 4 + column] for row, column in at]
        for digits in itertools.permutations((1, 2, 3, 4)):
            found.add(tuple((0, *digits)[digit] for digit in moved))
    return found
