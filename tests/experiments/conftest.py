"""Tiny checkpoints with random weights, of one task: a looped one and the standard transformer beside it."""

from __future__ import annotations

import pytest
import torch

from looped.catalogue.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from looped.model.in_context import InContext, InContextConfig

LOOPS, LAYERS = 3, 2


@pytest.fixture(scope="session")
def looped_one(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """linear5-looped, with linear5-standard in the same catalogue."""
    catalogue = tmp_path_factory.mktemp("experiments")
    for core, loops in (("looped", LOOPS), ("standard", LAYERS)):
        torch.manual_seed(1)
        layers = loops if core == "standard" else 1
        model = InContext(InContextConfig("in-context", 5, core, loops, d_model=16, heads=2, layers=layers))
        save_checkpoint(
            catalogue / f"linear5-{core}", model.eval().requires_grad_(False), "linear5", training={}, scores=[]
        )
    return load_checkpoint("linear5-looped", catalogue=catalogue)


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """curves1-looped, the only checkpoint of its task."""
    catalogue = tmp_path_factory.mktemp("alone")
    torch.manual_seed(1)
    model = InContext(InContextConfig("in-context", 1, "looped", LOOPS, d_model=16, heads=2))
    save_checkpoint(catalogue / "curves1-looped", model.eval().requires_grad_(False), "curves1", training={}, scores=[])
    return load_checkpoint("curves1-looped", catalogue=catalogue)
