"""Softmax against hardmax on the same weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.lenses.divergence import divergence
from looped.lenses.temperature import Hard, Summary, summary, temperatures
from looped.model.interventions import Cut, Temperature
from looped.runs.trace import record

Make = Callable[..., Any]
TOKENS = np.random.default_rng(0).integers(5, size=16)
LOOPS = 5


@pytest.mark.parametrize(
    "settings", [{"injection": True}, {"architecture": "tmlt", "layers": 2}, {"attention": "hardmax"}]
)
def test_each_temperature_is_a_run_of_its_own_compared_with_the_softmax(
    make_model: Make, settings: dict[str, Any]
) -> None:
    model = make_model(**settings)
    soft, hard = (make_model(**settings | {"attention": kind}) for kind in ("softmax", "hardmax"))
    found = temperatures(model, TOKENS, LOOPS, [0, 2.0, 1.0])
    wanted = [
        record(hard, TOKENS, LOOPS).answers,
        record(soft, TOKENS, LOOPS, interventions=[Temperature(2)]).answers,
        record(soft, TOKENS, LOOPS).answers,
    ]
    assert found.temperatures == (0, 2, 1)
    assert found.answers.shape == (3, LOOPS, 16)
    assert np.array_equal(found.answers, wanted)
    for rows, against in zip(wanted, found.against_softmax, strict=True):
        by_hand = divergence(rows, wanted[2])
        assert np.array_equal(against.differ, by_hand.differ)
        assert (against.first, against.recovered) == (by_hand.first, by_hand.recovered)
    assert found.against_softmax[0].first is not None  # hardmax breaks something here
    assert not found.against_softmax[2].differ.any()
    assert found.right is None


def test_softmax_and_hardmax_by_default_for_as_many_loops_as_trained(make_model: Make) -> None:
    found = temperatures(make_model(), TOKENS)
    assert (found.temperatures, found.answers.shape) == ((1.0, 0.0), (2, 3, 16))


def test_right_or_wrong_is_said_for_every_loop(make_model: Make) -> None:
    model = make_model()
    last = record(model, TOKENS, LOOPS).answers[-1]
    found = temperatures(
        model, TOKENS, LOOPS, right=lambda inputs, answers: (inputs == TOKENS).all(-1) & (answers == last).all(-1)
    )
    assert found.right.shape == (2, LOOPS)
    assert np.array_equal(found.right, (found.answers == last).all(-1))
    assert found.right[0, -1]
    assert not found.right.all()


def test_interventions_are_done_to_both(make_model: Make) -> None:
    model = make_model()
    found = temperatures(model, TOKENS, LOOPS, interventions=[Cut((0,))])
    assert np.array_equal(found.answers[0], record(model, TOKENS, LOOPS, interventions=[Cut((0,))]).answers)
    deaf = temperatures(model, TOKENS, LOOPS, interventions=[Cut((0, 1))])  # then attention says nothing, however sharp
    assert not deaf.against_softmax[1].differ.any()


def test_impossible_temperatures_are_refused(make_model: Make) -> None:
    with pytest.raises(ValueError, match=r"^temperature is -1; it must be 0, or at least 1e-06\.$"):
        temperatures(make_model(), TOKENS, LOOPS, [1, -1])


def test_a_summary_is_of_the_temperatures_that_are_run() -> None:
    same = np.array([[1.0, 1.0, 0.5], [np.nan, np.nan, np.nan], [1.0, 1.0, 1.0]])
    right = np.array([[True, True, False], [False, False, False], [False, False, True]])
    assert summary((0.0, 0.5, 1.0), same, right) == Summary((1.0,), Hard(3, 0.5))
    assert summary((0.5, 0.0, 1.0), same, right) == Summary((1.0,), None)  # hardmax is not run yet
    assert summary((2.0, 0.5, 0.0), same, right) == Summary((0.0,), Hard(None, 1.0))
