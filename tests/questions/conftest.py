"""One input of every task, each with a small model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from looped import tasks
from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.questions import Asked
from looped.runs.trace import Trace, record
from questions.replies import LOOPS, OTHERS, PUZZLE


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Probes of nobody's earlier runs, and tables of few inputs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("looped.questions.kept.CACHE", tmp_path_factory.mktemp("cache"))
        patch.setattr("looped.catalogue.sets.MOST", 30)
        yield


@pytest.fixture(scope="session")
def others(make_model: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Asked]:
    """Two words and a Countdown problem, of models with random weights; the last position that is asked is chosen."""
    found = {}
    for name, text in OTHERS.items():
        task, folder = tasks.get(name), tmp_path_factory.mktemp("checkpoints") / f"{name}-tiny"
        model = make_model(
            architecture="tmlt",
            vocab=task.vocab,
            length=task.length,
            injection=True,
            state_norm=True,
            positions="learned" if name == "countdown3" else "halves",
        )
        save_checkpoint(folder, model, name, training={}, scores=[])
        tokens = task.encode(task.parse(text))
        cell = int(np.flatnonzero(task.asked(tokens))[-1])
        found[name] = Asked(load_checkpoint(str(folder)), tokens, LOOPS, cell=cell, loop=4)
    return found


@pytest.fixture(scope="session")
def asked() -> Asked:
    """A 4×4 board, its first cell chosen."""
    checkpoint = load_checkpoint("sudoku4-tmlt")
    return Asked(checkpoint, checkpoint.task.encode(checkpoint.task.parse(PUZZLE)), LOOPS, cell=0, loop=4)


@pytest.fixture(scope="session")
def trace(asked: Asked) -> Trace:
    """The run that questions about the board are about."""
    return record(asked.checkpoint.model, asked.tokens, LOOPS)


@pytest.fixture(scope="session")
def about(asked: Asked, others: dict[str, Asked]) -> dict[str, Asked]:
    """What is asked about, by the names of the tasks."""
    return {"sudoku4": asked, **others}


@pytest.fixture(scope="session")
def standard(make_model: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Two short words and a standard transformer of three layers."""
    task, folder = tasks.get("lcs6"), tmp_path_factory.mktemp("checkpoints") / "lcs6-standard"
    model = make_model(architecture="standard", layers=3, vocab=task.vocab, length=task.length, positions="halves")
    save_checkpoint(folder, model, "lcs6", training={}, scores=[])
    tokens = task.encode(task.parse("ab b"))
    cell = int(np.flatnonzero(task.asked(tokens))[-1])
    return Asked(load_checkpoint(str(folder)), tokens, 3, cell=cell, loop=3)
