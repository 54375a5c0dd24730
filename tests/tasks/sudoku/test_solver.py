"""Solving and counting solutions."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sudoku_boards import (
    SIZES,
    cells_of,
    few,
    seeds,
    slow_solutions,
)

from looped.tasks.sudoku.generator import generate
from looped.tasks.sudoku.geometry import peers
from looped.tasks.sudoku.rules import is_solution
from looped.tasks.sudoku.solver import solve


def test_there_are_288_full_four_by_four_grids() -> None:
    empty = np.zeros(16, int)
    assert solve(empty, 4, limit=1000)[0] == 288
    assert solve(empty, 4, limit=288)[0] == 288
    assert solve(empty, 4, limit=287)[0] == 287
    assert solve(empty, 4)[0] == 2


@pytest.mark.parametrize("size", SIZES)
def test_the_empty_board_has_a_legal_first_solution(size: int) -> None:
    found, first = solve(np.zeros(size * size, int), size, limit=50)
    assert found == 50
    assert first is not None
    assert is_solution(np.zeros(size * size, int), first, size)


@few
@given(st.sampled_from((4, 6)), seeds)
def test_solver_agrees_with_a_slow_one(size: int, seed: int) -> None:
    """On random boards without conflict, most of which have no solution or several."""
    rng = np.random.default_rng(seed)
    board = generate(1, size, (14, 20) if size == 6 else (4, 10), seed)[0][0].astype(int)
    for cell in rng.permutation(size * size)[: rng.integers(0, 6)]:
        free = sorted(set(range(1, size + 1)) - set(board[peers(size)[cell]].tolist()))
        board[cell] = rng.choice([0, *free])
    slow = list(itertools.islice(slow_solutions(board.tolist(), size), 400))
    found, first = solve(board, size, limit=400)
    assert found == len(slow)
    assert (first is None) == (not slow)
    if first is not None:
        assert tuple(first.tolist()) in slow or len(slow) == 400


# Well-known boards and how many solutions they have (2: several): 17 givens, made to be hard for programs
# that guess in order, and without solution.
HARD = {
    "4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......": 1,
    "..............3.85..1.2.......5.7.....4...1...9.......5......73..2.1........4...9": 1,
    "000000010400000000020000000000050407008000300001090000300400200050100000000806000": 1,
    "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..": 1,
    ".....5.8....6.1.43..........1.5........1.6...3.......553.....61........4.........": 0,
    "12345678.........9...............................................................": 0,
    "..9.287..8.6..4..5..3.....46.........2.71345.........23.....5..9..4..8.7..125.3..": 0,
    "1....2...3....4...5....6...7....8................................................": 2,
}


@pytest.mark.parametrize("text", HARD)
def test_hard_boards_need_no_long_search(text: str) -> None:
    cells = cells_of(text)
    solve(np.zeros(81, int), 9)  # compile outside the clock
    start = time.thread_time()
    found, first = solve(cells, 9)
    assert time.thread_time() - start < 2  # 0.002 of the processor's seconds, whoever else works on it
    assert found == HARD[text]
    assert (first is None) == (found == 0)
    assert first is None or is_solution(cells, first, 9)


def test_boards_that_break_the_rules_have_no_solution() -> None:
    assert solve(cells_of("11.............."), 4) == (0, None)
    full = cells_of("1234341221434321")
    assert solve(full, 4)[0] == 1
    full[15] = 2
    assert solve(full, 4) == (0, None)


def test_solve_refuses_a_batch_and_a_silly_limit() -> None:
    with pytest.raises(ValueError, match="one board"):
        solve(np.zeros((2, 16), int), 4)
    with pytest.raises(ValueError, match="at least 1"):
        solve(np.zeros(16, int), 4, limit=0)
