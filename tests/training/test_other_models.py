"""Models that are unlike the family are trained through the seam: real vectors and numbers, next tokens, two states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from looped.training.losses import carrying
from looped.training.recipes import Recipe, Stage
from looped.training.run import Run
from tests.model.toys import ToyConfig, registered
from tests.training.helpers import CPU, weights


@dataclass
class Toy:
    """A task for one toy: the numbers are twice the vectors, the next token is one more than the token before."""

    name: str
    things: str = "toys"

    def sample(self, count: int, seed: int, split: str | None) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng((seed, split == "train"))
        if self.name == "regression":
            vectors = rng.normal(size=(count, 9, 5)).astype(np.float32)
            return vectors, 2 * vectors
        first = rng.integers(1, 5, size=(count, 1))
        tokens = (first - 1 + np.arange(9)) % 4 + 1
        return tokens, tokens % 4 + 1

    def augment(
        self, inputs: np.ndarray, answers: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        return inputs, answers

    def targets(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        return answers


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The toys as architectures that a recipe may name, and as many tasks."""
    monkeypatch.setattr("looped.tasks.get", Toy)
    with registered():
        yield


def recipe_of(name: str) -> Recipe:
    loss = "squared error" if name == "regression" else "cross-entropy"
    stage = Stage(300, 3e-2, ((40, {}),), loops=3, skip=(0, 2))
    return Recipe(name, name, ToyConfig(name), (stage,), batch=8, warmup=5, loss=loss, evaluate_count=4)


@pytest.mark.parametrize("name", ["regression", "causal", "two states"])
def test_a_model_behind_the_seam_learns(name: str, tmp_path: Path) -> None:
    run = Run(recipe_of(name), tmp_path, CPU, resume=False)
    losses = [run.one_step()[0] for _ in range(120)]
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:3])


@pytest.mark.parametrize("name", ["regression", "causal", "two states"])
def test_a_model_behind_the_seam_is_stopped_and_gone_on_with(name: str, tmp_path: Path) -> None:
    whole = Run(recipe_of(name), tmp_path / "whole", CPU, resume=False)
    for _ in range(3):
        whole.one_step()
    for stop in range(3):
        run = Run(recipe_of(name), tmp_path / "parts", CPU, resume=stop > 0)
        run.train(minutes=0)
    for parameter, value in weights(whole).items():
        assert torch.equal(value, weights(run)[parameter]), parameter


def test_inputs_of_a_model_that_cannot_carry_them_on_are_refused(tmp_path: Path) -> None:
    run = Run(recipe_of("causal"), tmp_path, CPU, resume=False)
    with pytest.raises(ValueError, match=r"^inputs of this model cannot be at different loops; leave out carry\.$"):
        carrying(run.model)
