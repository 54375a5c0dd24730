"""A linear map fitted to runs that are linear, and to some that are not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from looped.lenses.linear import Map, fit, linear

RNG = np.random.default_rng(0)
TURN = 0.9 * np.array([[np.cos(0.5), -np.sin(0.5), 0], [np.sin(0.5), np.cos(0.5), 0], [0, 0, 0.4 / 0.9]])
SHIFT = np.array([0.5, -1.0, 2.0])


def run(start: np.ndarray, loops: int = 12) -> np.ndarray:
    states = [start]
    for _ in range(loops):
        states.append(states[-1] @ TURN + SHIFT)
    return np.stack(states)


def pairs(hidden: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(pairwise(hidden))


def test_a_linear_run_is_found_out_with_its_eigenvalues() -> None:
    found = fit(pairs(run(RNG.normal(size=(500, 3)), loops=3)))
    np.testing.assert_allclose(found.matrix, TURN, atol=0.01)
    values = found.eigenvalues
    np.testing.assert_allclose(np.abs(values), [0.9, 0.9, 0.4], atol=0.01)
    assert abs(np.angle(values[0])) == pytest.approx(0.5, abs=0.01)
    assert found.modulus == round(abs(values[0]), 6) == pytest.approx(0.9, abs=0.01)
    other = linear(found, run(RNG.normal(size=(20, 3))))
    assert other.error.max() < 0.01
    assert other.ahead.max() < 0.02
    assert (other.ahead < other.ahead_still).all()
    assert other.explained > 0.999


def test_errors_are_those_of_the_map_that_is_given() -> None:
    """h doubles; the map multiplies by three, and saying that nothing changes is off by half of the next state."""
    hidden = np.array([1.0, 2.0, 4.0])[:, None, None]
    measured = linear(Map(np.array([[3.0]]), np.zeros(1)), hidden)
    np.testing.assert_allclose(measured.error, [0.5, 0.5])
    np.testing.assert_allclose(measured.still, [0.5, 0.5])
    np.testing.assert_allclose(measured.ahead, [0.5, 5 / 4])
    np.testing.assert_allclose(measured.ahead_still, [0.5, 3 / 4])
    assert measured.explained == 0


def test_a_run_at_rest_has_no_step_to_explain_and_a_map_that_explodes_has_an_error() -> None:
    still = np.ones((40, 5, 2))
    measured = linear(Map(10 * np.eye(2), np.zeros(2)), still)
    assert np.isnan(measured.explained)
    assert (measured.still == 0).all()
    assert np.isfinite(measured.ahead).all()
    assert len(measured.ahead) == 16
    zero = linear(Map(np.eye(1), np.zeros(1)), np.zeros((2, 1, 1)))
    assert np.isnan(zero.error).all()


def test_states_that_are_all_equal_can_be_fitted() -> None:
    found = fit([(np.ones((4, 2)), np.full((4, 2), 3.0))])
    np.testing.assert_allclose(np.ones(2) @ found.matrix + found.shift, 3)
    with pytest.raises(ValueError, match="at least one loop"):
        fit([])
