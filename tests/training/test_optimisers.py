"""The learning rate of a step and the optimisers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from looped.training.optimisers import learning_rate
from looped.training.recipes import RECIPES, Recipe
from looped.training.run import Run
from tests.training.helpers import CPU


@pytest.mark.parametrize("name", list(RECIPES))
def test_the_learning_rate_warms_up_and_decays_to_zero_in_every_stage(name: str) -> None:
    recipe, first = RECIPES[name], 0
    for stage in recipe.stages:
        rates = [learning_rate(recipe, first + step) for step in range(stage.steps)]
        assert rates[: recipe.warmup] == pytest.approx(
            [stage.lr * (step + 1) / recipe.warmup for step in range(recipe.warmup)]
        )
        assert max(rates) == rates[recipe.warmup] == stage.lr
        assert all(a > b for a, b in zip(rates[recipe.warmup :], rates[recipe.warmup + 1 :], strict=False))
        assert rates[(recipe.warmup + stage.steps) // 2] == pytest.approx(stage.lr / 2, rel=0.01)
        assert rates[-1] < 1e-5 * stage.lr
        first += stage.steps
    assert first == recipe.steps
    assert learning_rate(recipe, recipe.steps) == pytest.approx(0, abs=1e-12)
    assert learning_rate(recipe, 10 * recipe.steps) == pytest.approx(0, abs=1e-12)


def test_the_learning_rate_of_odd_recipes_is_defined(recipe: Recipe) -> None:
    assert learning_rate(replace(recipe, warmup=0), 0) == 5e-3
    assert learning_rate(replace(recipe, warmup=20), 12) == pytest.approx(5e-3 * 13 / 20)
    assert learning_rate(replace(recipe, warmup=12), 12) == 5e-3


def test_a_step_uses_the_learning_rate_of_its_number(recipe: Recipe, tmp_path: Path) -> None:
    run = Run(recipe, tmp_path, CPU, resume=False)
    for step in range(6):
        run.one_step()
        assert {group["lr"] for one in run.optimizers for group in one.param_groups} == {learning_rate(recipe, step)}
    assert run.step == 6


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_the_moments_of_the_optimiser_are_part_of_the_state(recipe: Recipe, tmp_path: Path, optimizer: str) -> None:
    recipe = replace(recipe, optimizer=optimizer)
    run = Run(recipe, tmp_path, CPU, resume=False)
    run.train(minutes=0)
    again = Run(recipe, tmp_path, CPU, resume=True)
    assert again.seconds == run.seconds > 0
    for (name, p), q in zip(run.model.named_parameters(), again.model.parameters(), strict=True):
        assert torch.equal(p, q), name
        kept, found = run.optimizer_of(p).state[p], again.optimizer_of(q).state[q]
        matrix = optimizer == "muon" and name.startswith("layers.") and p.ndim == 2
        assert kept.keys() == found.keys() == ({"momentum_buffer"} if matrix else {"step", "exp_avg", "exp_avg_sq"})
        for key, value in kept.items():
            assert torch.equal(value, found[key]), (name, key)
