"""Stopping a run and going on with it changes nothing; what cannot go on is refused with one sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from looped.training.recipes import Recipe, Stage
from looped.training.run import Run
from tests.training.helpers import CPU, staged, steps_saved, weights


@pytest.mark.parametrize(("optimizer", "average"), [("adamw", 0.0), ("adamw", 0.75), ("muon", 0.0)])
def test_a_run_that_was_stopped_and_resumed_is_the_run_that_was_not(
    recipe: Recipe, tmp_path: Path, optimizer: str, average: float
) -> None:
    recipe = replace(recipe, optimizer=optimizer, average=average)
    whole = Run(recipe, tmp_path / "whole", CPU, resume=False)
    assert whole.train() is True
    for stop in range(3):  # no time at all is one step
        part = Run(recipe, tmp_path / "parts", CPU, resume=stop > 0)
        assert part.train(minutes=0) is False
        assert part.step == stop + 1 == steps_saved(tmp_path / "parts")
    (pool,) = (tmp_path / "parts").glob("pool-*.safetensors")
    pool.unlink()  # it follows from the recipe
    rest = Run(recipe, tmp_path / "parts", CPU, resume=True)
    assert rest.step == 3
    assert rest.train() is True
    assert rest.step == 12
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(rest)[name], value, rtol=0, atol=1e-6)
    torch.testing.assert_close(rest.average, whole.average, rtol=0, atol=1e-6)
    assert [(row["step"], row["held_out"]) for row in rest.log] == [(row["step"], row["held_out"]) for row in whole.log]


def test_a_run_that_carries_states_is_the_same_when_it_is_stopped(recipe: Recipe, tmp_path: Path) -> None:
    carrying = staged(recipe, {"steps": 3}, {"steps": 5, "loops": 2, "carry": 6}, {"steps": 3, "loops": 1, "carry": 4})
    whole = Run(carrying, tmp_path / "whole", CPU, resume=False)
    whole.train()
    for stop in range(11):
        run = Run(carrying, tmp_path / "parts", CPU, resume=stop > 0)
        run.train(minutes=0)
    assert run.step == 11
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(run)[name]), name


def test_a_finished_run_is_carried_on_by_another_stage(recipe: Recipe, tmp_path: Path) -> None:
    """Two stages at once, and one stage followed by a second one that nobody had thought of, are the same run."""
    both = staged(recipe, {}, {"lr": 2e-3, "mix": ((100, {"givens": (5, 9)}),), "loops": 3, "skip": (0, 2)})
    whole = Run(both, tmp_path / "whole", CPU, resume=False)
    whole.train()
    assert Run(recipe, tmp_path / "parts", CPU, resume=False).train() is True
    for stop in range(3):  # the second one is interrupted, too
        carried = Run(both, tmp_path / "parts", CPU, resume=True)
        assert carried.step == 12 + stop
        assert carried.train(minutes=0) is False
    carried = Run(both, tmp_path / "parts", CPU, resume=True)
    assert carried.train() is True
    assert carried.step == 24
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(carried)[name]), name


def test_a_finished_run_that_is_resumed_stays_as_it_is(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train()
    again = Run(recipe, tmp_path, CPU, resume=True)
    assert again.train() is True
    assert again.step == 12
    assert all(torch.equal(value, weights(again)[name]) for name, value in weights(run).items())


def test_a_stage_that_has_begun_must_not_change_and_a_later_one_may(recipe: Recipe, tmp_path: Path) -> None:
    first, later = {"steps": 3}, {"steps": 3, "lr": 1e-3}
    Run(staged(recipe, first, later), tmp_path, CPU, resume=False).train(minutes=0)
    harder = {"lr": 2e-3, "loops": 1, "mix": ((50, {"givens": 6}),)}
    assert Run(staged(recipe, first, harder), tmp_path, CPU, resume=True).step == 1  # only the first one has begun
    assert Run(staged(recipe, first), tmp_path, CPU, resume=True).train() is True
    before = (tmp_path / "state.safetensors").read_bytes()
    for change in (
        {"steps": 4},
        {"steps": 3, "lr": 1.0},
        {"steps": 3, "loops": 1},
        {"steps": 3, "skip": (1,)},
        {"steps": 3, "carry": 9},
        {"steps": 3, "mix": ((9, {"givens": 9}),)},
    ):
        with pytest.raises(ValueError, match=r"differs in stages; give another --out to start afresh\.$"):
            Run(staged(recipe, change, harder), tmp_path, CPU, resume=True)
    run = Run(staged(recipe, first, later), tmp_path, CPU, resume=True)  # finished, and yet the second may be any
    assert (tmp_path / "state.safetensors").read_bytes() == before
    run.train(minutes=0)
    with pytest.raises(ValueError, match="differs in stages"):
        Run(staged(recipe, first, harder), tmp_path, CPU, resume=True)
    with pytest.raises(ValueError, match="differs in stages"):
        Run(staged(recipe, first), tmp_path, CPU, resume=True)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"clip": 0.1}, "clip"),
        ({"stages": (Stage(13, 5e-3, ((200, {"givens": (8, 12)}),), 2),)}, "stages"),
        ({"batch": 4, "seed": 5}, "batch, seed"),
    ],
)
def test_a_run_is_not_resumed_with_another_recipe(
    recipe: Recipe, tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    before = (tmp_path / "state.safetensors").read_bytes()
    with pytest.raises(
        ValueError, match=rf"was made by a recipe that differs in {named}; give another --out to start afresh\.$"
    ):
        Run(replace(recipe, **change), tmp_path, CPU, resume=True)
    assert (tmp_path / "state.safetensors").read_bytes() == before


def test_a_run_is_not_resumed_with_another_model(recipe: Recipe, tmp_path: Path) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    with pytest.raises(ValueError, match="differs in model"):
        Run(replace(recipe, model=replace(recipe.model, heads=4)), tmp_path, CPU, resume=True)


def test_how_often_a_run_is_measured_may_change(recipe: Recipe, tmp_path: Path) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    assert Run(replace(recipe, evaluate_every=2, evaluate_count=3), tmp_path, CPU, resume=True).step == 1


def test_an_earlier_run_is_not_overwritten(recipe: Recipe, tmp_path: Path) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    with pytest.raises(
        ValueError, match=r"holds an earlier run; add --resume to go on with it, or give another --out\.$"
    ):
        Run(recipe, tmp_path, CPU, resume=False)


def test_nothing_to_resume_is_said_and_nothing_is_made(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"^nothing to resume: .* does not exist; leave out --resume to start afresh\.$"
    ):
        Run(recipe, tmp_path / "new", CPU, resume=True)
    assert not (tmp_path / "new").exists()


def test_a_damaged_state_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    state = tmp_path / "state.safetensors"
    state.write_bytes(b"not a state")
    with pytest.raises(ValueError, match="is damaged"):
        Run(recipe, tmp_path, CPU, resume=True)
    save_file({"some": torch.zeros(2)}, state)
    with pytest.raises(ValueError, match="is not the state of a training run"):
        Run(recipe, tmp_path, CPU, resume=True)


def test_a_state_that_was_saved_before_there_was_a_setting_is_gone_on_with(recipe: Recipe, tmp_path: Path) -> None:
    """What it does not say has the default: the run goes on where nothing else is asked for, else it is refused."""
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train(minutes=0)
    state = tmp_path / "state.safetensors"
    tensors = load_file(state)
    with safe_open(state, "pt") as opened:
        meta = json.loads(opened.metadata()["run"])
    for later in ("loss", "average_warmup"):
        meta["recipe"].pop(later)
    for later in ("apart", "spare", "asked", "rest"):
        meta["recipe"]["stages"][0].pop(later)
    meta["recipe"]["model"].pop("activation")
    save_file(tensors, state, {"run": json.dumps(meta)})
    assert Run(recipe, tmp_path, CPU, resume=True).step == 1
    with pytest.raises(ValueError, match="differs in model"):
        Run(replace(recipe, model=replace(recipe.model, activation="relu")), tmp_path, CPU, resume=True)
    with pytest.raises(ValueError, match="differs in stages"):
        Run(staged(recipe, {"asked": "last loop"}), tmp_path, CPU, resume=True)
