"""The trajectory lens: principal components that are real ones, the same every time, of all loops together."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.trajectory import trajectory

RNG = np.random.default_rng(0)
HIDDEN = (RNG.normal(size=(9, 10, 6)) * [5, 3, 1, 0.5, 0.2, 0.1] @ np.linalg.qr(RNG.normal(size=(6, 6)))[0] + 7).astype(np.float32)


def test_the_axes_and_shares_are_those_of_a_singular_value_decomposition() -> None:
    points, explained, axes, mean = trajectory(HIDDEN, 3)
    states = HIDDEN.reshape(-1, 6).astype(np.float64)
    _, values, rows = np.linalg.svd(states - states.mean(0), full_matrices=False)
    np.testing.assert_allclose(mean, states.mean(0))
    np.testing.assert_allclose(explained, (values**2 / (values**2).sum())[:3])
    np.testing.assert_allclose(np.abs((axes * rows[:3]).sum(1)), 1, atol=1e-9)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert points.shape == (9, 10, 3)
    np.testing.assert_allclose(points.reshape(-1, 3), (states - mean) @ axes.T, atol=1e-4)


def test_all_components_together_keep_every_distance() -> None:
    points, explained, axes, mean = trajectory(HIDDEN, 6)
    assert explained.sum() == pytest.approx(1)
    np.testing.assert_allclose(points @ axes + mean, HIDDEN, atol=1e-4)


def test_every_axis_points_to_where_its_largest_entry_is_positive() -> None:
    for hidden in (HIDDEN, -HIDDEN, HIDDEN[::-1].copy()):
        axes = trajectory(hidden, 6).axes
        assert (axes[np.arange(6), np.abs(axes).argmax(1)] > 0).all()


def test_it_is_the_same_every_time_and_in_any_order_of_positions() -> None:
    first, again = trajectory(HIDDEN), trajectory(HIDDEN.copy())
    assert np.array_equal(first.points, again.points)
    order = RNG.permutation(10)
    np.testing.assert_allclose(trajectory(HIDDEN[:, order]).points, first.points[:, order], atol=1e-4)


def test_one_fit_for_all_loops() -> None:
    """A state that comes twice is the same point twice; fits of single loops would part them."""
    hidden = np.concatenate([HIDDEN, HIDDEN[:1]])
    points = trajectory(hidden).points
    assert np.array_equal(points[0], points[-1])


def test_states_that_do_not_move_are_one_point_without_variance() -> None:
    points, explained, axes, _ = trajectory(np.full((4, 3, 5), 2.0))
    assert not points.any()
    assert explained.tolist() == [0, 0]
    assert np.isfinite(axes).all()


def test_components_beyond_the_rank_are_zero() -> None:
    line = np.arange(6.0)[:, None, None] * np.array([1.0, 2.0, 2.0])
    points, explained, _, _ = trajectory(line, 3)
    np.testing.assert_allclose(points[:, 0, 0], 3 * (np.arange(6) - 2.5), atol=1e-6)
    np.testing.assert_allclose(points[..., 1:], 0, atol=1e-6)
    assert explained.tolist() == pytest.approx([1, 0, 0], abs=1e-12)
