"""Steps of gradient descent, momentum and Newton's method, against the methods run on the weights."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.descent import METHODS, SMALL, descent, kernel, left_over, predictions_by_step

STEPS = 12


def problem(k: int = 8, d: int = 3, q: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    x, y, queries = rng.standard_normal((k, d)), rng.standard_normal(k), rng.standard_normal((q, d))
    return x, y, queries, np.column_stack([x, y])


def step_sizes(x: np.ndarray) -> tuple[float, float]:
    values = np.linalg.eigvalsh(x.T @ x)
    return values.max(), values[values > SMALL * values.max()].min()


def test_gradient_descent_is_that_on_the_weights() -> None:
    x, y, queries, examples = problem()
    high, low = step_sizes(x)
    w, wanted = np.zeros(3), []
    for _ in range(STEPS + 1):
        wanted.append(queries @ w)
        w = w + 2 / (high + low) * x.T @ (y - x @ w)
    assert np.allclose(predictions_by_step(examples, queries, steps=STEPS)[0], wanted)


def test_momentum_is_that_on_the_weights() -> None:
    x, y, queries, examples = problem()
    high, low = np.sqrt(step_sizes(x))
    rate, memory = 4 / (high + low) ** 2, ((high - low) / (high + low)) ** 2
    w = before = np.zeros(3)
    wanted = []
    for _ in range(STEPS + 1):
        wanted.append(queries @ w)
        w, before = w + rate * x.T @ (y - x @ w) + memory * (w - before), w
    assert np.allclose(predictions_by_step(examples, queries, steps=STEPS)[1], wanted)


def test_newton_is_the_iteration_to_the_inverse() -> None:
    x, y, queries, examples = problem()
    squares = x.T @ x
    inverse = squares / step_sizes(x)[0] ** 2
    wanted = [np.zeros(len(queries))]
    for _ in range(STEPS):
        wanted.append(queries @ inverse @ x.T @ y)
        inverse = 2 * inverse - inverse @ squares @ inverse
    assert np.allclose(predictions_by_step(examples, queries, steps=STEPS)[2], wanted)


@pytest.mark.parametrize("k", [2, 8])
def test_all_end_at_least_squares_of_minimum_norm(k: int) -> None:
    x, y, queries, examples = problem(k)
    ends = predictions_by_step(examples, queries, steps=2000)[:, -1]
    assert np.allclose(ends, queries @ np.linalg.pinv(x) @ y, atol=1e-6)


def test_with_a_kernel_they_end_at_what_interpolates_the_examples() -> None:
    examples = np.array([[-1.0, 0.5], [0.0, -1.0], [1.5, 2.0]])
    ends = predictions_by_step(examples, examples[:, :1], length=0.5, steps=500)[:, -1]
    assert np.allclose(ends, examples[:, 1], atol=1e-6)
    assert kernel(np.zeros((1, 1)), np.ones((1, 1)), 0.5)[0, 0] == pytest.approx(np.exp(-2))


def test_a_model_that_is_a_method_is_nearest_to_its_own_steps() -> None:
    _, _, queries, examples = problem()
    own = predictions_by_step(examples, queries)
    for number in range(len(METHODS)):
        loops = own[number, 1:6]
        found = descent(examples, queries, loops)
        assert found.distance.shape == (3, 5, 101)
        assert found.nearest[number].tolist() == [1, 2, 3, 4, 5]
        assert np.allclose(found.distance[number, np.arange(5), np.arange(1, 6)], 0)


def test_no_step_grows_what_is_left() -> None:
    left = left_over(np.array([9.0, 3.0, 1.0, 0.01]), 50)
    assert np.abs(left[0]).max() <= 1
    assert np.abs(left[2]).max() <= 1
    assert np.abs(left[:, -1, :3]).max() < 0.01


def test_without_examples_every_step_predicts_zero_and_none_is_nearest() -> None:
    found = descent(np.zeros((0, 3)), np.ones((4, 2)), np.full((2, 4), 3.0))
    assert np.allclose(found.distance, 3)
    assert (found.nearest == -1).all()


def test_predictions_of_other_queries_are_refused() -> None:
    with pytest.raises(ValueError, match=r"predictions must be \(loops, 4\)"):
        descent(np.ones((2, 3)), np.ones((4, 2)), np.ones((2, 5)))
