"""The solver's view: what belongs to which blank, and the rank correlation against its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest

from looped.lenses.correlation import spearman
from looped.lenses.readout import readout
from looped.lenses.solver import solver_view
from looped.tasks.sudoku.generator import generate
from looped.tasks.sudoku.logic import order

RNG = np.random.default_rng(0)


def test_givens_are_left_out_and_blanks_keep_their_places() -> None:
    view = solver_view(np.array([7, 1, 4, 4, 2]), np.array([2, 0, -1, 1, 0]))
    assert view.reached == 2
    assert view.positions.tolist() == [0, 2, 3]
    assert view.settled.tolist() == [7, 4, 4]
    assert view.rounds.tolist() == [2, -1, 1]


def test_the_correlation_is_over_the_blanks_that_are_reached() -> None:
    values = set()
    for _ in range(20):
        rounds, settled = RNG.integers(-1, 5, size=40), RNG.integers(1, 9, size=40)
        found = solver_view(settled, rounds).correlation
        chosen = rounds > 0
        assert found == pytest.approx(spearman(settled[chosen], rounds[chosen]))
        assert solver_view(settled, np.where(chosen, rounds, 0)).correlation == pytest.approx(
            found
        )  # givens and unreached ones do not count
        assert solver_view(settled**3, np.where(chosen, 10 * rounds, rounds)).correlation == pytest.approx(
            found
        )  # only the order counts
        values.add(round(found, 6))
    assert len(values) == 20


def test_what_has_not_settled_or_is_wrong_does_not_count() -> None:
    settled, rounds = np.array([2, 5, 16, 9, 1]), np.array([1, 2, 1, 3, 4])
    found = solver_view(settled, rounds, np.array([False, False, True, False, True]))
    assert (found.reached, found.counted) == (5, 3)
    assert found.correlation == pytest.approx(1)
    assert solver_view(settled, rounds).correlation < 0.5


def test_the_same_order_is_one_and_the_opposite_minus_one() -> None:
    rounds = np.array([1, 2, 0, 3, 3, -1])
    assert solver_view(np.array([2, 5, 1, 9, 9, 1]), rounds).correlation == pytest.approx(1)
    assert solver_view(np.array([9, 5, 1, 2, 2, 1]), rounds).correlation == pytest.approx(-1)


@pytest.mark.parametrize(("settled", "rounds"), [
    ([1, 2, 3], [0, 0, 0]), ([1, 2, 3], [-1, -1, 0]), ([1, 2, 3], [0, 1, -1]), ([4, 4, 4], [1, 2, 3]),
    ([1, 2, 3], [1, 1, 1]),
], ids=["no blank", "none reached", "one reached", "settled together", "one round"])  # fmt: skip
def test_without_any_order_there_is_no_correlation(settled: list[int], rounds: list[int]) -> None:
    assert math.isnan(solver_view(np.array(settled), np.array(rounds)).correlation)


def test_a_model_that_fills_in_singles_round_by_round_agrees_with_the_solver() -> None:
    puzzles, solutions = generate(3, 9, (28, 34), seed=1)
    for puzzle, solution in zip(puzzles, solutions, strict=True):
        rounds = order(puzzle, 9).rounds
        assert rounds.min() == 0  # singles reach every blank
        known = (
            np.arange(1, 13)[:, None] >= rounds
        )  # after t loops it gives the digits of the first t rounds, blanks elsewhere
        logits = np.eye(10)[np.where(known, solution, 0)]
        view = solver_view(readout(logits).settled, rounds)
        assert view.settled.tolist() == view.rounds.tolist()
        assert view.correlation == pytest.approx(1)


def test_arrays_that_do_not_fit_are_refused() -> None:
    for settled, rounds in ((np.ones(3, int), np.ones(4, int)), (np.ones((2, 3), int), np.ones((2, 3), int))):
        with pytest.raises(ValueError, match=r"must be \(positions,\) both"):
            solver_view(settled, rounds)


@pytest.mark.parametrize(
    ("settled", "rounds", "alike"),
    [
        ([3, 2, 9], [1, 1, 1], (False, True)),
        ([4, 4, 4], [1, 2, 3], (True, False)),
        ([4, 4], [1, 1], (True, True)),
        ([4], [1], (False, False)),
        ([3, 2], [1, 2], (False, False)),
    ],
)
def test_it_is_told_which_of_the_two_is_the_same_for_all(
    settled: list[int], rounds: list[int], alike: tuple[bool, bool]
) -> None:
    found = solver_view(np.array(settled), np.array(rounds))
    assert found.alike == alike
    assert math.isnan(found.correlation) == (any(alike) or len(settled) < 2)
