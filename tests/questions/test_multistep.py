"""The question that trains layers of linear attention, and what it says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from looped.questions import QUESTIONS, Asked, multistep
from looped.theory.multistep import Setting


@pytest.fixture(scope="module")
def steps() -> list[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multistep, "TRAINED", (1, 2))
        patch.setattr(multistep, "BEYOND", 20)
        patch.setattr(multistep, "STEPS", 300)
        return list(QUESTIONS["multistep"].ask(Asked(None, np.zeros(1), 8, 0, 1)))  # type: ignore[arg-type]


def test_it_tells_what_is_known_and_ends(steps: list[Any]) -> None:
    shares = [step["share"] for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(steps) == 19
    assert np.isnan(steps[0]["arrays"]["errors"]).any()
    assert not any(np.isnan(array).any() for array in steps[-1]["arrays"].values())


def test_one_loop_is_the_best_step_and_timesteps_are_ahead_with_more(steps: list[Any]) -> None:
    arrays, trained = steps[-1]["arrays"], steps[-1]["meta"]["trained"]
    step, constant, least, straight, diagonal = arrays["best"]
    own, each = (arrays["errors"][row, range(2), trained] for row in (0, 1))
    assert diagonal[0] == pytest.approx(step[0], abs=0.03)
    assert own[0] == pytest.approx(constant[0], abs=2e-3) == pytest.approx(least[0], abs=2e-3)
    assert (each[1:] < own[1:]).all()
    assert (least <= np.minimum(own, each) + 1e-6).all()
    assert np.isfinite(straight).all()


def test_a_bold_step_runs_away_beyond_its_loops(steps: list[Any]) -> None:
    arrays, meta = steps[-1]["arrays"], steps[-1]["meta"]
    own = arrays["errors"][0, range(len(meta["trained"])), meta["trained"]]
    assert arrays["away"][0] > 0
    assert meta["runs_away"] == (arrays["errors"][0, :, -1] > own).tolist()
    assert meta["runs_away"][0]
    assert meta["turning_gains"] == (own < arrays["best"][3]).tolist()
    assert not any(steps[0]["meta"]["runs_away"][1:])  # of what is not trained yet nothing is said


def test_the_ways_end_at_the_true_weights(steps: list[Any]) -> None:
    ways, (x, y, _) = steps[-1]["arrays"]["ways"], steps[-1]["arrays"]["ellipse"][0]
    assert ways.shape == (4, multistep.WAYS + 1, 2)
    assert (ways[:, 0] == 0).all()
    assert np.hypot(ways[:2, -1, 0] - x, ways[:2, -1, 1] - y) == pytest.approx(0, abs=0.05)
    assert steps[-1]["meta"]["dims"] == Setting().dims


def test_a_chain_of_thought_is_written_beside_the_loop_and_measured(steps: list[Any]) -> None:
    arrays = steps[-1]["arrays"]
    np.testing.assert_allclose(arrays["ways"][3], arrays["ways"][1], atol=1e-6)
    assert arrays["chain_apart"] < 1e-12
    assert np.isnan(steps[0]["arrays"]["chain_apart"])
    assert arrays["best"][4, 0] == pytest.approx(steps[-1]["meta"]["one_loop_step"], abs=0.03)
