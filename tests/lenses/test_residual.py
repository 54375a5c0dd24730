"""The residual lens against norms written out, and against a map whose residuals are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from looped.lenses.residual import (
    AS_LITTLE,
    AS_LONG,
    FIRST,
    LEAST,
    LONGER,
    NOT_CLOSER,
    ONLY_GROWS,
    ROUNDING,
    UNDEFINED,
    Residual,
    lengths,
    residual,
    trend,
)
from looped.runs.numerics import relative_residual

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


def moving(absolute: list[float], relative: list[float]) -> Residual:
    return Residual(np.array(absolute), np.array(relative), np.zeros((len(absolute), 1)))


def test_the_trend_compares_with_the_least_residual_before() -> None:
    relative = [np.nan, 0.5, 0.25, 0.27, 0.4, 0.1, 1e-7]
    found = trend(moving([1, 1, 0.5, 0.54, 0.8, 0.2, 2e-7], relative))
    assert found.kind.tolist() == [UNDEFINED, FIRST, LEAST, AS_LITTLE, NOT_CLOSER, LEAST, ROUNDING]
    assert found.compared.tolist() == [0, 0, 2, 3, 3, 3, 0]


def test_a_state_that_only_grows_does_not_settle() -> None:
    hidden = np.arange(12.0)[:, None, None] ** 1.0  # equal steps: the relative residual falls as 1 / t
    found = trend(residual(hidden))
    assert found.kind.tolist() == [UNDEFINED, FIRST, LEAST, LEAST] + 7 * [AS_LONG]
    assert found.compared[4:].tolist() == [3, 3, 4, 4, 5, 5, 6]  # half-way
    settling = trend(residual(2 - 0.5 ** np.arange(12.0)[:, None, None]))
    assert settling.kind.tolist() == [FIRST] + 10 * [LEAST]


@pytest.mark.parametrize(
    ("step", "kind"), [(77.4, ONLY_GROWS), (77.6, AS_LONG), (78.4, AS_LONG), (78.6, LONGER), (160, LONGER)]
)
def test_a_step_of_a_state_that_grows_is_compared_as_it_is_written(step: float, kind: int) -> None:
    """The state of a standard transformer: 1.6e+2 in layer 6 is not hardly shorter than 78 in layer 3."""
    found = trend(moving([50, 60, 78, 90, 100, step], [1, 0.99, 0.98, 0.97, 0.96, step / 190]))
    assert (found.kind[-1], found.compared[-1]) == (kind, 3)


def test_a_state_that_never_leaves_zero_has_no_trend() -> None:
    assert trend(residual(np.zeros((4, 2, 3)))).kind.tolist() == [UNDEFINED] * 3
    assert trend(residual(np.ones((2, 1, 1)))).kind.tolist() == [ROUNDING]  # one loop, at rest


def test_the_length_of_the_state_tells_a_step_that_shrinks_from_a_state_that_grows() -> None:
    grows = np.cumsum(np.ones((9, 2, 3)), axis=0)  # every step is as long as the one before
    found = residual(grows)
    assert found.relative[-1] < 0.3 * found.relative[0]
    np.testing.assert_allclose(lengths(grows), np.sqrt(6) * np.arange(1, 10))


def test_the_relative_residual_of_a_batch_of_states_is_that_of_the_lens() -> None:
    states = np.concatenate([np.zeros((1, 3, 4)), HIDDEN])
    of_batch = relative_residual(torch.tensor(states[:-1]), torch.tensor(states[1:]))
    np.testing.assert_allclose(of_batch.numpy(), residual(states).relative, rtol=1e-12)
