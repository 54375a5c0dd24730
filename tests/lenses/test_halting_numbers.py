"""Exit rules of predicted numbers: what they watch, what stopping costs, and how a survey agrees with single runs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from looped.lenses.halting import Curve
from looped.lenses.halting_numbers import (
    RULES,
    cheapest_error,
    error_curves,
    halting_numbers,
    survey_numbers,
)
from looped.model.in_context import InContext, InContextConfig
from looped.runs.trace import record

LOOPS = 5


@pytest.fixture(scope="module")
def model() -> InContext:
    torch.manual_seed(3)
    return InContext(InContextConfig("in-context", 2, "looped", LOOPS, d_model=8, heads=2)).eval()


@pytest.fixture(scope="module")
def prompts() -> tuple[np.ndarray, np.ndarray]:
    """Prompts of three examples and two queries, with what is true at these."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(6, 5, 4)).astype(np.float32)
    vectors[:, :, -1] = np.arange(5) >= 3
    vectors[:, 3:, -2] = 0
    targets = np.full((6, 5, 1), np.nan, np.float32)
    targets[:, 3:] = rng.normal(size=(6, 2, 1))
    return vectors, targets


def test_rules_watch_the_predictions_of_what_is_asked_and_the_state() -> None:
    hidden = np.array([[1.0, 0.0], [2.0, 0.0], [2.0, 2.0]])[:, None]
    said = np.array([[0.0, 5.0], [3.0, 5.0]])[..., None]
    found = halting_numbers(hidden, said, asked=np.array([True, False]))
    change, at_rest, latent, cosine = found.watched
    np.testing.assert_allclose(change, [np.nan, 3])
    np.testing.assert_allclose(at_rest, change)
    np.testing.assert_allclose(latent, [1, 1])
    np.testing.assert_allclose(cosine, [0, 1 - np.sqrt(0.5)], atol=1e-6)
    assert found.exit.tolist() == [2, 2, 2, 1]
    assert found.stopped.tolist() == [False, False, False, True]
    assert found.saved.tolist() == [0, 0, 0, 1]


def test_a_survey_sees_what_each_run_shows(model: InContext, prompts: tuple[np.ndarray, np.ndarray]) -> None:
    vectors, targets = prompts
    *_, seen = survey_numbers(model, vectors, targets, LOOPS, batch=4)
    size = np.nansum(targets**2) / len(targets)
    for run, (one, true) in enumerate(zip(vectors, targets, strict=True)):
        trace = record(model, one, LOOPS)
        found = halting_numbers(trace.hidden, trace.predictions, asked=np.arange(3, 5))
        np.testing.assert_allclose(seen.watched[..., run], found.watched, atol=1e-5)
        off = np.square(trace.predictions[:, 3:] - true[3:]).sum((1, 2)) / size
        np.testing.assert_allclose(seen.error[:, run], off, rtol=1e-4)


def test_a_rule_that_never_stops_costs_all_loops_and_has_the_error_of_the_whole_run(
    model: InContext, prompts: tuple[np.ndarray, np.ndarray]
) -> None:
    *_, seen = survey_numbers(model, *prompts, LOOPS)
    curves = error_curves(seen)
    assert len(curves) == len(RULES)
    for along in curves:
        assert (along.loops[0], along.accuracy[0]) == (LOOPS, pytest.approx(seen.error[-1].mean()))


def test_the_cheapest_rule_is_as_good_as_the_whole_run_within_five_percent() -> None:
    never = np.array([-np.inf, 0.5, 1.0])
    curves = [
        Curve(never, np.array([8.0, 4.0, 2.0]), np.array([0.100, 0.106, 0.5])),
        Curve(never, np.array([8.0, 5.0, 1.0]), np.array([0.100, 0.104, 0.9])),
    ]
    assert cheapest_error(curves, np.array([1, 0.5, 0.104, 0.1]))[:3] == (1, 5.0, 3)
