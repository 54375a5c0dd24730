"""The trajectory lens: principal components that are real ones, the same every time, of all loops together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from looped.lenses.trajectory import distances, nearer, trajectories, trajectory

RNG = np.random.default_rng(0)
HIDDEN = (RNG.normal(size=(9, 10, 6)) * [5, 3, 1, 0.5, 0.2, 0.1] @ np.linalg.qr(RNG.normal(size=(6, 6)))[0] + 7).astype(
    np.float32
)


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


def test_runs_share_one_basis_fitted_to_all_their_states() -> None:
    runs = [HIDDEN, HIDDEN[:4] + 3, RNG.normal(size=(2, 5, 6)).astype(np.float32)]
    found = trajectories(runs, 6)
    whole = trajectory(np.concatenate([run.reshape(-1, 1, 6) for run in runs]), 6)
    for run, path in zip(runs, found, strict=True):
        assert path.points.shape == run.shape
        for name in ("explained", "axes", "mean"):
            assert np.array_equal(getattr(path, name), getattr(whole, name))
        np.testing.assert_allclose(path.points @ path.axes + path.mean, run, atol=1e-4)
    np.testing.assert_array_equal(
        np.concatenate([path.points.reshape(-1, 6) for path in found]), whole.points.reshape(-1, 6)
    )


def test_equal_states_of_different_runs_are_one_point() -> None:
    first, second = trajectories([HIDDEN, HIDDEN[5:, ::-1]])
    assert first.points.shape[-1] == second.points.shape[-1] == 3
    np.testing.assert_allclose(second.points, first.points[5:, ::-1], atol=1e-5)


def test_one_run_alone_has_its_own_trajectory() -> None:
    for alone, usual in zip(trajectories([HIDDEN], 4)[0], trajectory(HIDDEN, 4), strict=True):
        assert np.array_equal(alone, usual)


def test_runs_that_cannot_share_a_basis_are_refused() -> None:
    for runs in ([], [HIDDEN, HIDDEN[..., :5]]):
        with pytest.raises(ValueError, match="states of one width"):
            trajectories(runs)


def test_distances_are_of_each_position_to_its_own_last_state() -> None:
    found = distances(HIDDEN, floor=1e-3)
    assert found.shape == (9, 10)
    for t in range(8):
        for i in range(10):
            step = (HIDDEN[t, i].astype(float) - HIDDEN[8, i]).tolist()
            assert found[t, i] == pytest.approx(math.log10(math.sqrt(sum(x * x for x in step))), rel=1e-5)
    assert found[8].tolist() == pytest.approx([-3] * 10)


def test_a_contraction_is_a_straight_line_down_to_the_floor() -> None:
    hidden = 0.1 ** np.arange(10.0)[:, None, None] * np.ones((1, 2, 1)) * [[3.0, 4.0]]  # from 5 by a tenth each loop
    found = distances(hidden, floor=1e-4)[:, 0]
    assert np.diff(found[:5]).tolist() == pytest.approx([-1] * 4, abs=1e-3)
    assert found[5:].tolist() == pytest.approx([-4] * 5)


def test_positions_that_are_ten_times_nearer_than_at_the_start() -> None:
    hidden = np.array([[[10.0], [10.0], [0.0]], [[1.01], [1.0], [5.0]], [[0.5], [3.0], [0.0]], [[0.0], [0.0], [0.0]]])
    assert nearer(distances(hidden)).tolist() == [0, 1, 1, 2]  # a position that starts at its end never comes nearer
    assert nearer(distances(hidden), times=1).tolist() == [3, 2, 3, 3]
