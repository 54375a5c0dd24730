"""Judging: equal digits in a unit, and what a solution is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from sudoku_boards import (
    cells_of,
    few,
    seeds,
    sizes,
)

from looped.tasks.sudoku.geometry import peers
from looped.tasks.sudoku.rules import conflicts, is_solution
from looped.tasks.sudoku.solver import solve


def test_conflicts_by_hand() -> None:
    row = cells_of("11..............")
    assert np.flatnonzero(conflicts(row, 4)).tolist() == [0, 1]
    column = cells_of("2...........2...")
    assert np.flatnonzero(conflicts(column, 4)).tolist() == [0, 12]
    box = cells_of("3....3..........")
    assert np.flatnonzero(conflicts(box, 4)).tolist() == [0, 5]
    apart = cells_of("3.....3.........")
    assert not conflicts(apart, 4).any()
    # Blanks never clash, and the boards of a batch do not clash with each other.
    assert not conflicts(np.zeros((2, 3, 16), int), 4).any()
    batch = conflicts(np.stack([row, apart]).reshape(2, 1, 16), 4)
    assert batch.shape == (2, 1, 16)
    assert batch[0].any()
    assert not batch[1].any()
    assert conflicts(np.zeros((0, 16), int), 4).shape == (0, 16)


@few
@given(sizes, seeds)
def test_conflicts_agree_with_peers(size: int, seed: int) -> None:
    cells = np.random.default_rng(seed).integers(0, size + 1, (2, 3, size * size))
    same = (cells[..., :, None] == cells[..., None, :]) & (cells != 0)[..., :, None] & peers(size)
    assert (conflicts(cells, size) == same.any(-1)).all()


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (np.zeros(15, int), "16 cells"),
        (np.zeros(()), "16 cells"),
        (np.full(16, 5), "between 0 and 4"),
        (np.full(16, -1), "between 0 and 4"),
        (np.zeros(16), "integers"),
    ],
)
def test_bad_arrays_are_refused(cells: np.ndarray, problem: str) -> None:
    for call in (conflicts, solve, lambda cells, size: is_solution(cells, cells, size)):
        with pytest.raises(ValueError, match=problem):
            call(cells, 4)


def test_is_solution_by_hand() -> None:
    full = cells_of("1234341221434321")
    givens = cells_of("1..............1")
    incomplete, clash, other = full.copy(), full.copy(), givens.copy()
    incomplete[5] = 0
    clash[[4, 5]] = clash[[5, 4]]
    other[0] = 2
    assert is_solution(givens, full, 4)
    assert not is_solution(givens, incomplete, 4)
    assert not is_solution(givens, clash, 4)
    assert not is_solution(other, full, 4)
    assert is_solution(givens, np.stack([full, incomplete, clash]), 4).tolist() == [True, False, False]
    assert is_solution(np.stack([givens, other])[:, None], full[None, None], 4).tolist() == [[True], [False]]
