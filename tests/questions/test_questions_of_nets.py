"""Every question put to a small net of every architecture: what is offered is answered to the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from looped.catalogue.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from looped.experiments import EXPERIMENTS
from looped.model import registry
from looped.questions import QUESTIONS, Asked
from questions.replies import LOOPS, PUZZLE

FAMILY = {"vocab": 5, "length": 16, "trained_loops": 2, "d_model": 8, "heads": 2, "mlp": 2}
LOOPED = FAMILY | {"injection": True, "state_norm": True}
NET = {"box": [2, 2], "width": 8, "contests": 2, "hidden": 8}
PROMPTS = {"architecture": "in-context", "dims": 1, "trained_loops": 2, "d_model": 8, "heads": 2}
NETS = {
    "standard": FAMILY | {"architecture": "standard", "layers": LOOPS, "trained_loops": LOOPS},
    "looped": LOOPED | {"architecture": "looped"},
    "looped-layers": LOOPED | {"architecture": "looped", "layers": 2},
    "tmlt": LOOPED | {"architecture": "tmlt"},
    "candidates": NET | {"architecture": "candidates", "trained_loops": 2},
    "candidates-tmlt": NET | {"architecture": "candidates", "trained_loops": 2, "timestep": True},
    "lattice": NET | {"architecture": "lattice", "trained_loops": 2, "round": 2},
    "prompts-looped": PROMPTS | {"core": "looped"},
    "prompts-standard": PROMPTS | {"core": "standard", "layers": LOOPS, "trained_loops": LOOPS},
}
FEW = {
    "exits.BOARDS": 4,
    "scores.INPUTS": 25,
    "multistep.TRAINED": (1,),
    "shifts.PROMPTS": 4,
    "sizes.PROMPTS": 4,
    "weights.PROMPTS": 48,
}


def net_of(folder: Path, name: str) -> Checkpoint:
    """Make a checkpoint of 4×4 boards, or of prompts in one dimension, with fresh weights."""
    torch.manual_seed(0)
    net = registry.build(registry.read(NETS[name]))
    task = "curves1" if name.startswith("prompts") else "sudoku4"
    save_checkpoint(folder, net.eval(), task, {}, [], torch.float32)
    return load_checkpoint(str(folder))


def test_every_architecture_is_asked() -> None:
    assert {settings["architecture"] for settings in NETS.values()} == set(registry.architectures())


@pytest.mark.parametrize("name", NETS)
def test_no_question_is_offered_and_then_fails(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Experiments train networks or run many inputs; each has a test of its own, and needs no more than its task."""
    for constant, few in FEW.items():
        monkeypatch.setattr(f"looped.questions.{constant}", few)
    checkpoint = net_of(tmp_path / name, name)
    task = checkpoint.task
    tokens = task.encode(task.parse(task.examples[0][1] if name.startswith("prompts") else PUZZLE))
    asked = Asked(checkpoint, tokens, LOOPS, cell=task.first_place(tokens), loop=2)
    offered = {one for one, question in QUESTIONS.items() if question.why_not(checkpoint) is None}
    assert name.startswith("prompts") or "probes" in offered
    for one in sorted(offered - set(EXPERIMENTS)):
        *_, answer = QUESTIONS[one].ask(asked)
        assert answer["share"] == 1, one
        assert any(np.isfinite(array).any() for array in answer["arrays"].values()), one
