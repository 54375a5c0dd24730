"""The error of predicted numbers by loop, and what other methods have to do with them."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.error import errors

TRUTH = np.array([1.0, -2.0, 0.5])


def test_errors_are_shares_of_the_variance() -> None:
    said = np.stack([np.zeros(3), TRUTH])
    found = errors(said, TRUTH, np.empty((0, 3)), scale=4.0)
    assert found.error.tolist() == pytest.approx([np.square(TRUTH).mean() / 4, 0])
    assert found.least == 2
    assert (found.best, found.nearest.tolist()) == (-1, [-1, -1])


def test_the_first_loop_moved_nothing_that_can_be_said_and_the_next_ones_by_their_root_mean_square() -> None:
    found = errors(np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0]]), np.zeros(2), np.zeros((1, 2)))
    assert np.isnan(found.moved[0])
    assert found.moved[1:].tolist() == pytest.approx([np.sqrt(12.5), 0])


def test_where_nobody_knows_the_truth_there_is_no_error_but_a_nearest_method() -> None:
    said = np.array([[0.0, 0.0], [0.9, 1.1]])
    found = errors(said, np.full(2, np.nan), np.array([[0.0, 0.1], [1.0, 1.0]]))
    assert np.isnan(found.error).all()
    assert np.isnan(found.methods).all()
    assert (found.least, found.best) == (None, -1)
    assert found.nearest.tolist() == [0, 1]
    assert found.apart.shape == (2, 2)


def test_the_best_method_is_the_one_of_least_error_whatever_the_model_says() -> None:
    methods = np.stack([TRUTH + 1, TRUTH + 0.1, TRUTH - 2])
    assert errors(np.zeros((1, 3)), TRUTH, methods).best == 1


def test_of_methods_that_all_say_the_same_none_is_nearest() -> None:
    said = np.array([[0.1, 0.2], [0.3, 0.4]])
    assert errors(said, np.zeros(2), np.zeros((3, 2))).nearest.tolist() == [-1, -1]
    assert errors(said, np.zeros(2), np.zeros((1, 2))).nearest.tolist() == [0, 0]


@pytest.mark.parametrize(("step", "still"), [(9e-7, True), (1.1e-6, False)])
def test_a_loop_that_moves_the_predictions_by_less_than_rounding_leaves_them(step: float, still: bool) -> None:
    found = errors(np.array([[0.0], [step]]), np.zeros(1), np.zeros((1, 1)))
    assert found.still.tolist() == [False, still]


@pytest.mark.parametrize(("off", "exact"), [(3e-5, True), (4e-5, False)])
def test_a_method_is_exact_where_its_error_is_rounding(off: float, exact: bool) -> None:
    assert errors(np.zeros((1, 3)), TRUTH, TRUTH[None] + off).exact.tolist() == [exact]
