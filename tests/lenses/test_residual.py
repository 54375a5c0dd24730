"""The residual lens against norms written out, and against a map whose residuals are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from looped.lenses.residual import residual

HIDDEN = np.random.default_rng(0).normal(size=(5, 3, 4))


def test_residuals_are_euclidean_norms_of_the_step() -> None:
    absolute, relative, per_position = residual(HIDDEN)
    for t in range(4):
        step = (HIDDEN[t + 1] - HIDDEN[t]).tolist()
        cells = [math.sqrt(sum(x * x for x in row)) for row in step]
        whole = math.sqrt(sum(x * x for row in step for x in row))
        before = math.sqrt(sum(x * x for row in HIDDEN[t].tolist() for x in row))
        assert per_position[t].tolist() == pytest.approx(cells)
        assert absolute[t] == pytest.approx(whole)
        assert relative[t] == pytest.approx(whole / before)


def test_a_contraction_by_half_shows_its_half() -> None:
    fixed, start = np.ones((3, 4)), np.zeros((3, 4))
    hidden = np.array([fixed + (start - fixed) * 0.5**t for t in range(8)])
    absolute = residual(hidden).absolute
    assert (absolute[1:] / absolute[:-1]).tolist() == pytest.approx([0.5] * 6)


def test_the_start_at_zero_has_no_relative_residual() -> None:
    hidden = np.concatenate([np.zeros((1, 3, 4)), HIDDEN])
    relative = residual(hidden).relative
    assert np.isnan(relative).tolist() == [True, False, False, False, False]
    assert np.isfinite(residual(hidden).absolute).all()


def test_a_fixed_point_has_residual_zero() -> None:
    absolute, relative, per_position = residual(np.repeat(HIDDEN[:1], 3, axis=0))
    assert not absolute.any()
    assert not relative.any()
    assert not per_position.any()


def test_shapes_and_type_follow_the_states() -> None:
    absolute, relative, per_position = residual(HIDDEN.astype(np.float32))
    assert (absolute.shape, relative.shape, per_position.shape) == ((4,), (4,), (4, 3))
    assert {array.dtype for array in (absolute, relative, per_position)} == {np.dtype(np.float32)}
