"""The command line within this process, on small checkpoints with random weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from looped import tasks
from looped.__main__ import main
from looped.catalogue.checkpoints import save_checkpoint
from looped.model import Model
from tests.cli.commands import Make, Result, Run


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], catalogue: Path, make_checkpoint: Make) -> Run:
    """`python -m looped …` within this process, on a catalogue of three checkpoints with random weights."""
    make_checkpoint(catalogue / "tiny", injection=True, state_norm=True)
    make_checkpoint(catalogue / "tiny-tmlt", architecture="tmlt", layers=2, seed=1)
    make_checkpoint(catalogue / "plain", architecture="standard", layers=3)

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as exit:
            status = int(exit.code or 0)
        return Result(status, *capsys.readouterr())

    return run


@pytest.fixture
def sequences(run: Run, catalogue: Path, make_model: Callable[..., Model]) -> Run:
    """The same with a checkpoint for two words and one for Countdown."""
    for name in ("lcs6", "edit_distance6", "countdown3"):
        task = tasks.get(name)
        save_checkpoint(
            catalogue / f"{name}-tiny", make_model(vocab=task.vocab, length=task.length), name, training={}, scores=[]
        )
    return run
