"""Tiny random models of two words and Countdown, and the app on them, once for all tests of the Sequences page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from looped.bench.server import server
from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import save_checkpoint
from looped.model import Model
from looped.tasks import get


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, make_model: Callable[..., Model]) -> Path:
    """A catalogue: random models of two words that answer with numbers only, of Countdown, and two of the shipped ones
    for Sudoku."""
    folder = tmp_path_factory.mktemp("shelf")
    for name in ("lcs6", "edit_distance6", "countdown3"):
        task = get(name)
        for kind in ("looped", "tmlt", "standard"):
            layers = 3 if kind == "standard" else 1
            model = make_model(
                architecture=kind,
                vocab=task.vocab,
                length=task.length,
                trained_loops=layers if kind == "standard" else 4,
                layers=layers,
                d_model=16,
                injection=kind != "standard",
                positions="halves" if task.kind == "words" else "learned",
            )
            if task.kind == "words":
                with torch.no_grad():
                    model.head.weight[:29] = 0  # letters and marks
            score = {"data": "generated", "n": 4, "loops": [2, 4], "accuracy": [0.25, 0.5]}
            save_checkpoint(
                folder / f"{name}-{kind}", model, name, training={}, scores=[score] if kind == "looped" else []
            )
    for name in ("sudoku4-tmlt", "sudoku9-tmlt"):
        (folder / name).symlink_to(checkpoints.CATALOGUE / name)
    return folder


@pytest.fixture(scope="session")
def address(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on that catalogue; what it keeps of fitted probes is its own."""
    with server(LOOPSCOPE_CHECKPOINTS=str(shelf), XDG_CACHE_HOME=str(tmp_path_factory.mktemp("cache"))) as found:
        yield found
