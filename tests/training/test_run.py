"""A run as a whole: it learns, is measured, stops in time and keeps its state."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from looped.training.recipes import Recipe
from looped.training.run import Run
from tests.training.helpers import CPU, staged, steps_saved, weights


def test_the_loss_falls(recipe: Recipe, tmp_path: Path) -> None:
    model = replace(recipe.model, d_model=32, state_norm=True)
    longer = staged(recipe, {"steps": 250, "lr": 1e-2, "mix": ((2000, {"givens": (8, 12)}),)})
    run = Run(replace(longer, model=model, batch=16, warmup=20), tmp_path, CPU, resume=False)
    losses = [run.one_step()[0] for _ in range(250)]
    assert losses[0] > math.log(4)  # it begins no better than guessing among the digits
    assert np.mean(losses[-10:]) < math.log(2)  # and ends better than knowing two digits of which one is right


def test_what_is_measured_while_training_is_logged(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    assert run.train() is True
    assert [row["step"] for row in run.log] == [5, 10, 12]
    for row in run.log:
        assert set(row["held_out"]) == {"1", "2", "4"}  # half, once and twice the trained loops
        assert all(0 <= share <= 1 for share in row["held_out"].values())
        assert row["loss"] > 0


@pytest.mark.parametrize(
    ("settings", "loops"),
    [({"trained_loops": 1}, {"1", "2"}), ({"architecture": "standard", "layers": 2, "injection": False}, {"2"})],
)
def test_a_model_is_measured_at_loops_it_can_run(
    recipe: Recipe, tmp_path: Path, settings: dict[str, Any], loops: set[str]
) -> None:
    assert (
        set(Run(replace(recipe, model=replace(recipe.model, **settings)), tmp_path, CPU, resume=False).measure())
        == loops
    )


def test_what_is_measured_is_the_average_of_the_weights(recipe: Recipe, tmp_path: Path) -> None:
    """From the first weights on, a quarter of what a step leads to joins what the average was."""
    run = Run(replace(recipe, average=0.75), tmp_path, CPU, resume=False)
    mean = weights(run)
    for _ in range(4):
        run.one_step()
        mean = {name: 0.75 * mean[name] + 0.25 * value for name, value in weights(run).items()}
    own = weights(run)
    with run.averaged():
        measured = weights(run)
    assert all(torch.allclose(measured[name], mean[name], rtol=0, atol=1e-6) for name in mean)
    assert any(not torch.equal(measured[name], own[name]) for name in own)
    assert all(torch.equal(weights(run)[name], own[name]) for name in own)  # training goes on with its own
    plain = Run(recipe, tmp_path / "plain", CPU, resume=False)
    with torch.no_grad():
        for p, q in zip(plain.model.parameters(), measured.values(), strict=True):
            p.copy_(q)
    assert run.measure() == plain.measure()


def test_a_run_may_be_averaged_from_some_step_on(recipe: Recipe, tmp_path: Path) -> None:
    first = Run(recipe, tmp_path, CPU, resume=False)
    first.train(minutes=0)
    assert first.average is None
    again = Run(replace(recipe, average=0.5), tmp_path, CPU, resume=True)
    assert again.average is not None
    assert all(torch.equal(mean, value) for mean, value in zip(again.average, weights(first).values(), strict=True))


def test_a_run_stops_when_its_time_is_over_and_has_saved_its_state(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("looped.training.run.compile_loop", lambda model: False)
    run = Run(staged(recipe, {"steps": 10**6}), tmp_path, CPU, resume=False)
    seconds = count(100.0, 20.0)  # a step takes twenty
    monkeypatch.setattr("looped.training.run.time", SimpleNamespace(monotonic=lambda: next(seconds)))
    assert run.train(minutes=1) is False
    assert (run.step, run.seconds) == (4, 80.0)
    assert steps_saved(tmp_path) == 4


def test_the_state_is_saved_in_between_and_replaced_at_once(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("looped.training.run.SAVE_EVERY", 0.0)
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
    assert sorted(file.name.partition("-")[0] for file in tmp_path.iterdir()) == [
        ".lock",  # by which another process is kept out
        "pool",
        "state.safetensors",
    ]


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_last_good_state(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train(minutes=0)
    good = (tmp_path / "state.safetensors").read_bytes()
    with torch.no_grad():
        run.model.gain.fill_(math.nan)
    with pytest.raises(FloatingPointError, match="the last saved state is good"):
        run.train()
    assert (tmp_path / "state.safetensors").read_bytes() == good


def test_a_folder_that_cannot_be_made_is_said(recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ValueError, match=r"cannot be made: .*; give another --out\.$"):
            Run(recipe, folder, CPU, resume=False)


def test_the_first_weights_are_soon_forgotten_where_the_average_warms_up(recipe: Recipe, tmp_path: Path) -> None:
    """What step n leads to joins with weight 9/(10 + n), counting from 0, until the recipe's own share is kept."""
    run = Run(replace(recipe, average=0.2, average_warmup=True), tmp_path, CPU, resume=False)
    mean = weights(run)
    for step in range(6):
        run.one_step()
        keep = min(0.2, (1 + step) / (10 + step))
        mean = {name: keep * mean[name] + (1 - keep) * value for name, value in weights(run).items()}
    with run.averaged():
        assert all(torch.allclose(weights(run)[name], value, rtol=0, atol=1e-6) for name, value in mean.items())
