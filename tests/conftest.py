"""Small models with random weights, so that nothing here depends on a trained checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import save_checkpoint
from looped.model import Config, Model
from looped.training.recipes import Recipe, Stage

torch.set_num_threads(1)

# What takes longest is begun first, so that at the end no worker is alone with it; those with a browser one after the
# other, because they share it.
LONGEST = (
    *("browser/test_lesson_walks", "browser/test_accessibility", "browser/test_server", "browser/test_whatif"),
    *("browser/test_history", "browser/test_comparing", "browser/test_lessons", "browser/test_links"),
    *("browser/sequences/test_words_typed", "browser/test_layout", "browser/", "catalogue/test_catalogue"),
    *("test_style", "export/test_folder", "test_wheel", "serving/test_serve", "catalogue/"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files; xdist hands them out in this order (--no-loadscope-reorder)."""

    def turn(item: pytest.Item) -> int:
        name = item.nodeid.removeprefix("tests/")
        return next((i for i, start in enumerate(LONGEST) if name.startswith(start)), len(LONGEST))

    items.sort(key=turn)


@pytest.fixture(scope="session")
def make_model() -> Callable[..., Model]:
    """A 4×4 Sudoku-sized model in which every parameter is random: no zero gate and no gain of one hides a mistake."""

    def make(seed: int = 0, dtype: torch.dtype = torch.float32, size: float = 0.5, **settings: Any) -> Model:
        usual: dict[str, Any] = {
            "architecture": "looped",
            "vocab": 5,
            "length": 16,
            "trained_loops": 3,
            "d_model": 8,
            "heads": 2,
            "mlp": 2,
        }
        model = Model(Config(**usual | settings)).to(dtype)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                scale = 0.1 * size if name == "timestep.w1.weight" else size  # it adds up 256 numbers
                parameter.copy_(scale * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
        return model.eval().requires_grad_(False)

    return make


@pytest.fixture(scope="session")
def make_checkpoint(make_model: Callable[..., Model]) -> Callable[..., Path]:
    """Write such a model as a checkpoint for 4×4 boards; the folder."""

    def make(folder: Path, **settings: Any) -> Path:
        save_checkpoint(folder, make_model(**settings), "sudoku4", training={}, scores=[])
        return folder

    return make


@pytest.fixture
def recipe() -> Recipe:
    """A training run of a second: 12 steps of 8 boards of 4×4."""
    model = Config(
        "looped",
        vocab=5,
        length=16,
        trained_loops=2,
        d_model=16,
        heads=2,
        mlp=2,
        positions="board",
        box=(2, 2),
        injection=True,
        init="scaled",
    )
    stage = Stage(12, 5e-3, ((200, {"givens": (8, 12)}),), loops=2)
    return Recipe("tiny", "sudoku4", model, (stage,), batch=8, warmup=3, evaluate_every=5, evaluate_count=10)


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty catalogue in place of the real one, for everything that does not say which."""
    folder = tmp_path / "catalogue"
    folder.mkdir()
    monkeypatch.setattr(checkpoints, "CATALOGUE", folder)
    return folder
