"""Rounds of singles: by hand, and against a solver that looks at one cell after the other."""

from __future__ import annotations

import numpy as np
import pytest

from looped.tasks.sudoku.examples import EXAMPLES
from looped.tasks.sudoku.generator import generate, minimal
from looped.tasks.sudoku.geometry import units
from looped.tasks.sudoku.logic import candidates, labels, order
from looped.tasks.sudoku.rating import rate
from looped.tasks.sudoku.symmetries import augment
from looped.tasks.sudoku.text import parse


def test_a_board_by_hand() -> None:
    """
    4 . | . .    round 1: r1c4 has 4, 2, 3 among its peers; r2c1 has 4, 3, 2; in row 1 only r1c2 can hold the 2 (box 2
    has one),
    . . | . 2             in box 2 only r2c3 the 4 (row 1 has one); the lower half is the upper one turned, with 2 and 3
    swapped ----+----
    . . | . 3    round 2: r1c3 and r2c2 are the last cells of their rows
    3 . | . .
    """
    puzzle = np.array([4, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 3, 0, 0, 0])
    found = order(puzzle, 4)
    assert found.rounds[:8].tolist() == [0, 1, 2, 1, 1, 2, 1, 0]
    assert found.techniques[:8].tolist() == ["", "hidden", "naked", "naked", "naked", "naked", "hidden", ""]


def test_a_cell_that_is_naked_and_hidden_is_called_naked() -> None:
    found = order([1, 2, 3, 0, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1], 4)
    assert found.rounds.tolist() == [0, 0, 0, 1] + [0] * 12
    assert found.techniques[3] == "naked"


def test_where_nothing_is_single_nothing_is_filled_in() -> None:
    found = order(np.zeros(81, int), 9)
    assert (found.rounds == -1).all()
    assert (found.techniques == "").all()


def by_hand(puzzle: list[int], size: int) -> tuple[list[int], list[str]]:
    """The same rules said again with sets."""
    groups = [set(unit) for unit in units(size).tolist()]
    board, rounds = list(puzzle), [-1 if digit == 0 else 0 for digit in puzzle]
    names, number = [""] * len(puzzle), 0
    while True:
        number += 1
        fits = [
            set()
            if board[cell]
            else set(range(1, size + 1)) - {board[other] for group in groups if cell in group for other in group}
            for cell in range(len(board))
        ]
        found = {}
        for group in groups:
            for digit in range(1, size + 1):
                places = [cell for cell in group if digit in fits[cell]]
                if len(places) == 1:
                    found[places[0]] = ("hidden", digit)
        found |= {cell: ("naked", min(digits)) for cell, digits in enumerate(fits) if len(digits) == 1}
        if not found:
            return rounds, names
        for cell, (name, digit) in found.items():
            board[cell], rounds[cell], names[cell] = digit, number, name


@pytest.mark.parametrize("size", [4, 6, 9])
def test_against_a_solver_that_looks_at_one_cell_after_the_other(size: int) -> None:
    puzzles = np.concatenate(
        [minimal(15, size, seed=1)[0], generate(15, size, {4: (5, 8), 6: (10, 16), 9: (24, 34)}[size], seed=1)[0]]
    )
    found = order(puzzles, size)
    names = set()
    for puzzle, rounds, techniques in zip(puzzles, *found, strict=True):
        assert (rounds.tolist(), techniques.tolist()) == by_hand(puzzle.tolist(), size)
        names |= set(techniques.tolist())
    assert names == {"", "naked", "hidden"}


def test_singles_reach_every_blank_of_exactly_the_puzzles_that_are_rated_zero() -> None:
    puzzles = minimal(200, seed=2)[0]
    reached = (order(puzzles, 9).rounds >= 0).all(1)
    assert reached.tolist() == (rate(puzzles) == 0).tolist()
    assert 0 < reached.sum() < 200


def test_the_examples() -> None:
    rounds = [order(parse(text).givens, 9).rounds for _, text in EXAMPLES[9]]
    assert [int(some.max()) for some in rounds] == [4, 4, 10, 1, 1]
    assert [bool((some < 0).any()) for some in rounds] == [False, False, False, True, True]


def test_symmetries_change_nothing_but_the_places() -> None:
    puzzles, solutions = generate(20, 9, (26, 34), seed=3)
    varied, _ = augment(puzzles, solutions, 9, np.random.default_rng(0))
    for one, other in zip(order(puzzles, 9), order(varied, 9), strict=True):
        np.testing.assert_array_equal(np.sort(one, axis=1), np.sort(other, axis=1))


def test_boards_are_looked_at_one_by_one_whatever_the_shape() -> None:
    puzzles = generate(6, 4, (5, 9), seed=4)[0]
    whole = order(puzzles.reshape(2, 3, 16), 4)
    assert whole.rounds.shape == whole.techniques.shape == (2, 3, 16)
    for i, puzzle in enumerate(puzzles):
        alone = order(puzzle, 4)
        assert alone.rounds.tolist() == whole.rounds.reshape(6, 16)[i].tolist()
        assert alone.techniques.tolist() == whole.techniques.reshape(6, 16)[i].tolist()


def test_wrong_boards_are_refused() -> None:
    for puzzle in (np.zeros(80, int), np.full(81, 10), np.zeros(81)):
        with pytest.raises(ValueError, match="puzzles must"):
            order(puzzle, 9)


@pytest.mark.parametrize("size", [4, 6, 9])
def test_labels_against_sets(size: int) -> None:
    puzzles, solutions = generate(3, size, size * size // 2, seed=2)
    fits, found = candidates(puzzles, size), labels(puzzles, solutions, size)
    assert {name: label.shape for name, label in found.items()} == {
        "candidates": (3, size * size, size),
        "count": (3, size * size, 1),
        "single": (3, size * size, 1),
        "digit": (3, size * size, 1),
    }
    groups = [set(unit) for unit in units(size).tolist()]
    for i, (puzzle, solution) in enumerate(zip(puzzles.tolist(), solutions.tolist(), strict=True)):
        rounds, _ = by_hand(puzzle, size)
        for cell, digit in enumerate(puzzle):
            said = {name: label[i, cell].tolist() for name, label in found.items()}
            if digit:
                assert said == {"candidates": [-1] * size, "count": [-1], "single": [-1], "digit": [-1]}
                assert not fits[i, cell].any()
                continue
            left = set(range(1, size + 1)) - {puzzle[other] for group in groups if cell in group for other in group}
            assert said == {
                "candidates": [int(digit in left) for digit in range(1, size + 1)],
                "count": [len(left)],
                "single": [int(rounds[cell] == 1)],
                "digit": [solution[cell]],
            }
            assert fits[i, cell].tolist() == [digit in left for digit in range(1, size + 1)]


def test_labels_of_what_is_no_board_are_refused() -> None:
    with pytest.raises(ValueError, match="solutions must have 16 cells"):
        labels(np.zeros(16, int), np.zeros(81, int), 4)
    with pytest.raises(ValueError, match="puzzles must lie between 0 and 4"):
        candidates(np.full(16, 5), 4)
