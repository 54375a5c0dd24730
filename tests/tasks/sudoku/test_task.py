"""The examples and the task."""

from __future__ import annotations

import numpy as np
import pytest
from sudoku_boards import (
    SIZES,
    cells_of,
    four_images,
    slow_solutions,
)

from looped.tasks.sudoku.examples import EXAMPLES
from looped.tasks.sudoku.solver import solve
from looped.tasks.sudoku.symmetries import is_held_out
from looped.tasks.sudoku.task import USUAL, Sudoku
from looped.tasks.sudoku.text import SudokuError, parse, to_grid


@pytest.mark.parametrize(("size", "name"), [(size, name) for size in SIZES for name, _ in EXAMPLES[size]])
def test_examples_are_unique_and_held_out(size: int, name: str) -> None:
    board = parse(dict(EXAMPLES[size])[name], size)
    assert board.unique
    assert is_held_out(board.givens[None], size).all()


def test_examples_go_from_easy_to_hard() -> None:
    assert [len(EXAMPLES[size]) for size in SIZES] == [3, 3, 5]
    for size in SIZES:
        givens = [np.count_nonzero(parse(text).givens) for _, text in EXAMPLES[size]]
        assert givens == sorted(givens, reverse=True)
        assert len(set(givens)) == len(givens)
        last = parse(EXAMPLES[size][-1][1]).givens
        for cell in np.flatnonzero(last):  # the last one is minimal
            assert solve(np.where(np.arange(size * size) == cell, 0, last), size)[0] == 2


@pytest.mark.parametrize("size", SIZES)
def test_the_task(size: int) -> None:
    task = Sudoku(size)
    assert (task.name, task.size, task.length, task.vocab) == (f"sudoku{size}", size, size * size, size + 1)
    board = task.parse(EXAMPLES[size][0][1])
    tokens = task.encode(board)
    assert tokens.dtype == np.int64
    assert (tokens == board.givens).all()
    assert task.right(tokens, board.solution)
    puzzles, solutions = task.sample(12, seed=2, split="train")
    assert task.right(puzzles, solutions).all()
    assert not is_held_out(puzzles, size).any()
    low, high = USUAL[size]
    assert all(low <= many <= high for many in np.count_nonzero(puzzles, axis=1))
    exact, _ = task.sample(5, seed=2, split=None, givens=high + 1)
    assert (np.count_nonzero(exact, axis=1) == high + 1).all()
    varied, answers = task.augment(puzzles, solutions, np.random.default_rng(0))
    assert task.right(varied, answers).all()
    assert (varied != puzzles).any()


def test_every_4_x_4_solution_is_on_both_sides_of_the_split() -> None:
    """There are two full grids up to symmetry, so that none can be held out from a model that met both."""
    sides = [Sudoku(4).sample(60, seed=2, split=split)[1] for split in ("train", "held-out")]
    classes = [{min(four_images(tuple(grid))) for grid in side.tolist()} for side in sides]
    assert classes[0] == classes[1]
    assert len(classes[0]) == 2
    assert "two up to symmetry" in Sudoku(4).card().data


def test_4_x_4_boards_are_near_training_when_a_trained_board_lacks_one_of_their_clues() -> None:
    task = Sudoku(4)
    boards, _ = task.sample(40, seed=7, split="held-out")
    known = task.near_training(boards)
    assert known is not None
    for board, near in zip(boards, known.near, strict=True):
        fewer = [np.where(np.arange(16) == cell, 0, board) for cell in np.flatnonzero(board)]
        unique = [one for one in fewer if len(list(slow_solutions(one.tolist(), 4))) == 1]
        assert near == any(not is_held_out(one[None], 4)[0] for one in unique)
    assert 0 < known.near.mean() < 1
    assert Sudoku(9).near_training(np.zeros((1, 81), np.int8)) is None


def test_right_looks_at_the_blanks_only() -> None:
    task = Sudoku(4)
    givens, full = cells_of("1..............1"), cells_of("1234341221434321")
    at_given, at_blank, left_out = full.copy(), full.copy(), full.copy()
    at_given[0], at_blank[1], left_out[1] = 2, 1, 0
    batch = np.stack([full, at_given, at_blank, left_out])
    assert task.right(givens, batch).tolist() == [True, True, False, False]
    assert (task.complete(givens, at_given) == full).all()
    assert task.decode(givens, at_given) == to_grid(full, 4)
    other = cells_of("1243342121344312")  # legal, and not the answer that a generator would keep
    assert task.right(cells_of("12.............."), np.stack([full, other])).tolist() == [True, True]


def test_targets_ask_for_the_blanks() -> None:
    wanted = Sudoku(4).targets(cells_of("1..............1")[None], cells_of("1234341221434321")[None])
    assert wanted.dtype == np.int64
    assert wanted.tolist() == [[-1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, -1]]


def test_the_task_refuses_other_sizes() -> None:
    with pytest.raises(SudokuError, match="81"):
        Sudoku(9).parse("." * 16)
    with pytest.raises(ValueError, match="sudoku9 takes boards of size 9, not 4"):
        Sudoku(9).encode(parse("." * 16))
    with pytest.raises(TypeError, match="clues"):
        Sudoku(9).sample(1, clues=30)
