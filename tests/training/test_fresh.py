"""Steps with inputs of their own, random numbers of loops and random starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from looped import tasks
from looped.model.in_context import InContextConfig
from looped.training.data import draw_batch, noisy_start, targets
from looped.training.log import read_log, write_log
from looped.training.recipes import RECIPES, Recipe, Stage
from looped.training.run import Run
from tests.training.helpers import CPU, assert_same_when_stopped

TASK = "linear5"


@pytest.fixture
def fresh() -> Recipe:
    model = InContextConfig("in-context", 5, "looped", trained_loops=4, d_model=16, heads=2)
    stage = Stage(4, 2e-3, ((1, {"examples": (0, 6)}),), loops=2, fresh=True, depths=(1, 4), noise=0.5)
    named = RECIPES["linear5-looped"]
    return replace(named, model=model, stages=(stage,), batch=4, warmup=1, evaluate_every=2, evaluate_count=6)


def test_every_step_has_prompts_of_its_own_that_follow_from_its_number(fresh: Recipe) -> None:
    stage, task = fresh.stages[0], tasks.get(TASK)
    one, again, other = (draw_batch(task, stage, fresh, [], step) for step in (7, 7, 8))
    assert np.array_equal(one.inputs, again.inputs)
    assert not np.isclose(one.inputs[:, -1, 0], other.inputs[:, -1, 0]).any()
    counts = {draw_batch(task, stage, fresh, [], step).inputs.shape[1] - 8 for step in range(60)}
    assert counts == set(range(7))


def test_the_last_loops_of_a_random_number_have_gradients(fresh: Recipe) -> None:
    batches = [draw_batch(tasks.get(TASK), fresh.stages[0], fresh, [], step) for step in range(60)]
    assert {(batch.skip, batch.loops) for batch in batches} == {(0, 1), (0, 2), (1, 2), (2, 2)}


def test_a_share_of_the_prompts_begins_with_a_random_state(fresh: Recipe, tmp_path: Path) -> None:
    model = Run(fresh, tmp_path, CPU, resume=False).model
    prompts = torch.tensor(tasks.get(TASK).sample(200, seed=0, split="train", examples=2)[0])
    hidden = noisy_start(model, prompts, 0.5, np.random.default_rng(0)).hidden
    drawn = hidden.flatten(1).any(1)
    assert 60 < int(drawn.sum()) < 140
    torch.testing.assert_close(hidden[drawn].square().mean(-1), torch.ones(int(drawn.sum()), 10))


def test_a_stopped_run_is_the_same_and_its_log_holds_errors(fresh: Recipe, tmp_path: Path) -> None:
    assert_same_when_stopped(fresh, tmp_path)
    run = Run(fresh, tmp_path / "whole", CPU, resume=True)
    first = run.log[0]["held_out"]
    assert first.keys() == {"2", "4", "8"}
    assert all(0.5 < error < 5 for error in first.values())
    write_log(tmp_path / "log.csv", run.log)
    assert read_log(tmp_path / "log.csv")[0]["held_out"] == first


def test_a_ramp_makes_prompts_longer_and_runs_deeper(fresh: Recipe) -> None:
    ramp = (("examples", 2, 6), ("loops", 2, 4), ("active", 1, 5))
    stage = replace(fresh.stages[0], steps=40, depths=(), ramp=ramp, ramp_share=0.5)
    grown = replace(fresh, stages=(stage,))
    batches = [draw_batch(tasks.get(TASK), stage, grown, [], step) for step in (0, 10, 20, 39)]
    assert [batch.inputs.shape[1] - 8 for batch in batches] == [2, 4, 6, 6]
    assert [(batch.skip, batch.loops) for batch in batches] == [(0, 2), (1, 2), (2, 2), (2, 2)]
    assert [int(batch.inputs[..., :5].any((0, 1)).sum()) for batch in batches] == [1, 3, 5, 5]


def test_of_a_causal_model_every_example_is_asked(fresh: Recipe, tmp_path: Path) -> None:
    model = replace(fresh.model, prompt="interleaved")
    stage = replace(fresh.stages[0], prefixes=True)
    asked = targets(tasks.get(TASK), stage, *tasks.get(TASK).sample(2, seed=0, split="train", examples=3))
    assert asked.shape == (2, 11, 1)
    assert not np.isnan(asked).any()
    run = Run(replace(fresh, model=model, stages=(stage,)), tmp_path, CPU, resume=False)
    assert np.isfinite(run.one_step()[0])


@pytest.mark.parametrize(("settings", "message"), [
    ({"prefixes": True}, "give fresh"),
    ({"depths": (2, 4), "skip": (1,)}, "depths decides all loops"),
    ({"depths": (4, 2)}, "the smaller first"),
    ({"fresh": True, "apart": True}, "leave out apart"),
])  # fmt: skip
def test_settings_that_exclude_each_other_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Stage(1, 1e-3, ((1, {}),), loops=2, **settings)
