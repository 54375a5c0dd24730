"""What several tests of training need."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from looped.training.recipes import Recipe
from looped.training.run import Run

Make = Callable[..., Any]
CPU = torch.device("cpu")


def staged(recipe: Recipe, *changes: dict[str, Any]) -> Recipe:
    """The recipe with a stage for each of the changes, otherwise like its first."""
    return replace(recipe, stages=tuple(replace(recipe.stages[0], **change) for change in changes))


def weights(run: Run) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in run.model.named_parameters()}


def assert_same_when_stopped(recipe: Recipe, folder: Path) -> None:
    """A run that is stopped after every step ends with the weights of one that never was."""
    whole = Run(recipe, folder / "whole", CPU, resume=False)
    whole.train()
    for stop in range(recipe.steps):
        run = Run(recipe, folder / "parts", CPU, resume=stop > 0)
        run.train(minutes=0)
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(run)[name]), name


def steps_saved(folder: Path) -> int:
    with safe_open(folder / "state.safetensors", "pt") as opened:
        return int(json.loads(opened.metadata()["run"])["step"])
