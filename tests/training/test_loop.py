"""The training loop: it learns, it stops in time, and stopping changes nothing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from looped.model import Config, Model
from looped.tasks.sudoku import is_held_out
from looped.training.loop import Run, learning_rate, loss_over_loops, pick_device
from looped.training.recipes import RECIPES, Recipe

Make = Callable[..., Any]
CPU = torch.device("cpu")


def weights(run: Run) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in run.model.named_parameters()}


def steps_saved(folder: Path) -> int:
    import json

    with safe_open(folder / "state.safetensors", "pt") as opened:
        return int(json.loads(opened.metadata()["run"])["step"])


# ------------------------------------------------------------------------------------------------------------- learning


def test_the_loss_falls(recipe: Recipe, tmp_path: Path) -> None:
    model = replace(recipe.model, d_model=32, state_norm=True)
    run = Run(replace(recipe, model=model, steps=250, batch=16, pool=2000, lr=1e-2, warmup=20), tmp_path, CPU, resume=False)
    losses = [run.one_step()[0] for _ in range(250)]
    assert losses[0] > math.log(4)  # it begins no better than guessing among the digits
    assert np.mean(losses[-10:]) < math.log(2)  # and ends better than knowing two digits of which one is right


def test_the_loss_is_the_mean_over_all_loops_of_the_cross_entropy_on_the_blanks(make_model: Make) -> None:
    model = make_model(trained_loops=3, dtype=torch.float64)
    rng = np.random.default_rng(0)
    tokens, targets = rng.integers(5, size=(4, 16)), rng.integers(-1, 5, size=(4, 16))
    loss, logits = loss_over_loops(model, torch.as_tensor(tokens), torch.as_tensor(targets))
    by_loop = []
    for state in list(model.unroll(torch.as_tensor(tokens), 3))[1:]:
        scores = model.readout(state.hidden).numpy()
        asked = [(b, i) for b in range(4) for i in range(16) if targets[b, i] >= 0]
        by_loop.append(np.mean([np.log(np.exp(scores[b, i]).sum()) - scores[b, i, targets[b, i]] for b, i in asked]))
    assert len(by_loop) == 3
    assert len({round(value, 6) for value in by_loop}) == 3
    assert float(loss) == pytest.approx(np.mean(by_loop), abs=1e-12)
    np.testing.assert_allclose(logits.numpy(), scores, atol=1e-12)


def test_every_loop_is_asked_so_every_part_of_the_model_learns() -> None:
    torch.manual_seed(0)
    model = Model(Config("tmlt", vocab=5, length=16, trained_loops=2, d_model=8, heads=2, layers=2, init="scaled"))
    with torch.no_grad():
        model.timestep.w5.weight.normal_(std=0.1)
    tokens = torch.as_tensor(np.random.default_rng(0).integers(5, size=(4, 16)))
    loss_over_loops(model, tokens, tokens)[0].backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().max() > 0] == []


@pytest.mark.parametrize("name", list(RECIPES))
def test_the_learning_rate_warms_up_and_decays_to_zero_in_every_round(name: str) -> None:
    recipe = RECIPES[name]
    length = recipe.steps // recipe.rounds
    assert length * recipe.rounds == recipe.steps
    for finished in range(recipe.rounds):
        peak = recipe.lr / 2**finished
        rates = [learning_rate(recipe, finished * length + step) for step in range(length)]
        assert rates[: recipe.warmup] == pytest.approx([peak * (step + 1) / recipe.warmup for step in range(recipe.warmup)])
        assert max(rates) == rates[recipe.warmup] == peak
        assert all(a > b for a, b in zip(rates[recipe.warmup :], rates[recipe.warmup + 1 :], strict=False))
        assert rates[(recipe.warmup + length) // 2] == pytest.approx(peak / 2, rel=0.01)
        assert rates[-1] < 1e-5 * peak
    assert learning_rate(recipe, recipe.steps) == pytest.approx(0, abs=1e-12)
    assert learning_rate(recipe, 10 * recipe.steps) == pytest.approx(0, abs=1e-12)


def test_a_finished_run_is_carried_on_by_another_round(recipe: Recipe, tmp_path: Path) -> None:
    """Two rounds at once and one round followed by a second one are the same run."""
    Run(replace(recipe, steps=24, rounds=2), tmp_path / "whole", CPU, resume=False).train()
    Run(recipe, tmp_path / "parts", CPU, resume=False).train()
    carried = Run(replace(recipe, steps=24, rounds=2), tmp_path / "parts", CPU, resume=True)
    assert carried.step == 12
    carried.train()
    whole = Run(replace(recipe, steps=24, rounds=2), tmp_path / "whole", CPU, resume=True)
    for a, b in zip(whole.model.parameters(), carried.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_learning_rate_of_odd_recipes_is_defined(recipe: Recipe) -> None:
    assert learning_rate(replace(recipe, warmup=0), 0) == recipe.lr
    assert learning_rate(replace(recipe, warmup=20), 12) == pytest.approx(recipe.lr * 13 / 20)
    assert learning_rate(replace(recipe, warmup=12), 12) == recipe.lr


def test_a_step_uses_the_learning_rate_of_its_number(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    for step in range(6):
        run.one_step()
        assert run.optimizer.param_groups[0]["lr"] == learning_rate(recipe, step)
    assert run.step == 6


def test_training_and_held_out_puzzles_are_on_their_sides_of_the_split(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    assert run.pool[0].shape == run.pool[1].shape == (200, 16)
    assert run.held_out.shape == (10, 16)
    assert not is_held_out(run.pool[0], 4).any()
    assert is_held_out(run.held_out, 4).all()
    givens = (run.pool[0] > 0).sum(1)
    assert (givens.min(), givens.max()) == (8, 12)


def test_what_is_measured_while_training_is_logged(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    assert run.train() is True
    assert [row["step"] for row in run.log] == [5, 10, 12]
    for row in run.log:
        assert set(row["held_out"]) == {"1", "2", "4"}  # half, once and twice the trained loops
        assert all(0 <= share <= 1 for share in row["held_out"].values())
        assert row["loss"] > 0


@pytest.mark.parametrize(("settings", "loops"), [({"trained_loops": 1}, {"1", "2"}), ({"architecture": "standard", "layers": 2, "injection": False}, {"2"})])
def test_a_model_is_measured_at_loops_it_can_run(recipe: Recipe, tmp_path: Path, settings: dict[str, Any], loops: set[str]) -> None:
    assert set(Run(replace(recipe, model=replace(recipe.model, **settings)), tmp_path, CPU, resume=False).measure()) == loops


# ------------------------------------------------------------------------------------------------- stopping and going on


def test_a_run_that_was_stopped_and_resumed_is_the_run_that_was_not(recipe: Recipe, tmp_path: Path) -> None:
    whole = Run(recipe, tmp_path / "whole", CPU, resume=False)
    assert whole.train() is True
    for stop in range(3):  # no time at all is one step
        part = Run(recipe, tmp_path / "parts", CPU, resume=stop > 0)
        assert part.train(minutes=0) is False
        assert part.step == stop + 1 == steps_saved(tmp_path / "parts")
    (tmp_path / "parts" / "pool.safetensors").unlink()  # it follows from the recipe
    rest = Run(recipe, tmp_path / "parts", CPU, resume=True)
    assert rest.step == 3
    assert rest.train() is True
    assert rest.step == 12
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(rest)[name], value, rtol=0, atol=1e-6)
    assert [(row["step"], row["held_out"]) for row in rest.log] == [(row["step"], row["held_out"]) for row in whole.log]


def test_the_moments_of_the_optimiser_are_part_of_the_state(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train(minutes=0)
    again = Run(recipe, tmp_path, CPU, resume=True)
    assert again.seconds == run.seconds > 0
    for (name, p), q in zip(run.model.named_parameters(), again.model.parameters(), strict=True):
        assert torch.equal(p, q), name
        assert run.optimizer.state[p].keys() == again.optimizer.state[q].keys() == {"step", "exp_avg", "exp_avg_sq"}
        for key, value in run.optimizer.state[p].items():
            assert torch.equal(value, again.optimizer.state[q][key]), (name, key)


def test_another_seed_is_another_run(recipe: Recipe, tmp_path: Path) -> None:
    runs = [Run(replace(recipe, seed=seed), tmp_path / str(i), CPU, resume=False) for i, seed in enumerate((0, 0, 1))]
    for run in runs:
        run.one_step()
    assert torch.equal(runs[0].model.head.weight, runs[1].model.head.weight)
    assert not torch.equal(runs[0].model.head.weight, runs[2].model.head.weight)
    assert not np.array_equal(runs[0].pool[0], runs[2].pool[0])


def test_a_run_stops_when_its_time_is_over_and_has_saved_its_state(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(replace(recipe, steps=10**6), tmp_path, CPU, resume=False)
    started = time.monotonic()
    assert run.train(minutes=0.5 / 60) is False
    assert 0.5 <= time.monotonic() - started < 5
    assert 1 < run.step < 10**6
    assert steps_saved(tmp_path) == run.step
    assert 0.5 <= run.seconds < 5


def test_the_state_is_saved_in_between_and_replaced_at_once(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("looped.training.loop.SAVE_EVERY", 0.0)
    seen: list[int] = []
    run = Run(recipe, tmp_path, CPU, resume=False)
    one_step = run.one_step

    def look() -> tuple[float, float]:
        if run.step:
            seen.append(steps_saved(tmp_path))
        return one_step()

    monkeypatch.setattr(run, "one_step", look)
    run.train()
    assert seen == list(range(1, 12))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["pool.safetensors", "state.safetensors"]


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_last_good_state(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train(minutes=0)
    good = (tmp_path / "state.safetensors").read_bytes()
    with torch.no_grad():
        run.model.gain.fill_(math.nan)
    with pytest.raises(FloatingPointError, match="the last saved state is good"):
        run.train()
    assert (tmp_path / "state.safetensors").read_bytes() == good


def test_a_finished_run_that_is_resumed_stays_as_it_is(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train()
    again = Run(recipe, tmp_path, CPU, resume=True)
    assert again.train() is True
    assert again.step == 12
    assert all(torch.equal(value, weights(again)[name]) for name, value in weights(run).items())


# ----------------------------------------------------------------------------------------------------------- complaints


@pytest.mark.parametrize(
    ("change", "named"),
    [({"lr": 0.1}, "lr"), ({"steps": 13}, "steps of a round"), ({"sampling": {"givens": (9, 12)}}, "sampling"), ({"batch": 4, "seed": 5}, "batch, seed")],
)
def test_a_run_is_not_resumed_with_another_recipe(recipe: Recipe, tmp_path: Path, change: dict[str, Any], named: str) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    before = (tmp_path / "state.safetensors").read_bytes()
    with pytest.raises(ValueError, match=rf"was made with another {named}; give another --out to start afresh\.$"):
        Run(replace(recipe, **change), tmp_path, CPU, resume=True)
    assert (tmp_path / "state.safetensors").read_bytes() == before


def test_a_run_is_not_resumed_with_another_model(recipe: Recipe, tmp_path: Path) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    with pytest.raises(ValueError, match="was made with another model"):
        Run(replace(recipe, model=replace(recipe.model, heads=4)), tmp_path, CPU, resume=True)


def test_how_often_a_run_is_measured_may_change(recipe: Recipe, tmp_path: Path) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    assert Run(replace(recipe, evaluate_every=2, evaluate_count=3), tmp_path, CPU, resume=True).step == 1


def test_an_earlier_run_is_not_overwritten(recipe: Recipe, tmp_path: Path) -> None:
    Run(recipe, tmp_path, CPU, resume=False).train(minutes=0)
    with pytest.raises(ValueError, match=r"holds an earlier run; add --resume to go on with it, or give another --out\.$"):
        Run(recipe, tmp_path, CPU, resume=False)


def test_nothing_to_resume_is_said_and_nothing_is_made(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^nothing to resume: .* does not exist; leave out --resume to start afresh\.$"):
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


def test_a_folder_that_cannot_be_made_is_said(recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ValueError, match=r"cannot be made: .*; give another --out\.$"):
            Run(recipe, folder, CPU, resume=False)


def test_a_gpu_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device() == pick_device("cpu") == CPU
    with pytest.raises(ValueError, match="PyTorch sees no GPU here"):
        pick_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device() == pick_device("cuda") == torch.device("cuda")
    assert pick_device("cpu") == CPU


def test_every_recipe_names_itself_and_fits_its_task() -> None:
    from looped import tasks

    assert {"sudoku4-looped", "sudoku4-tmlt", "sudoku9-looped", "sudoku9-tmlt"} <= RECIPES.keys()
    for name, recipe in RECIPES.items():
        task = tasks.get(recipe.task)
        assert (recipe.name, recipe.model.vocab, recipe.model.length) == (name, task.vocab, task.length)
        with torch.device("meta"):
            assert Model(recipe.model).parameters_count < 2_000_000
        assert len(task.sample(2, seed=0, split="train", **recipe.sampling)[0]) == 2


@pytest.mark.parametrize("size", [4, 9])
def test_looped_model_and_tmlt_of_a_size_differ_in_nothing_but_the_architecture(size: int) -> None:
    one, other = RECIPES[f"sudoku{size}-looped"], RECIPES[f"sudoku{size}-tmlt"]
    assert replace(one, name=other.name, model=replace(one.model, architecture="tmlt")) == other
