"""Tiny checkpoints with random weights that read prompts, one of them for each way in which a prompt is drawn."""

from __future__ import annotations

from pathlib import Path

import torch

from looped.catalogue.checkpoints import save_checkpoint
from looped.model.in_context import InContext, InContextConfig

LOOPS = 5
NAMES = {"curves1-looped": 1, "curves1-tmlt": 1, "relu2-looped": 2, "linear5-looped": 5, "tree5-looped": 5}


def make_catalogue(folder: Path) -> Path:
    """Write the checkpoints below `folder`."""
    for name, dims in NAMES.items():
        task, _, core = name.partition("-")
        torch.manual_seed(1)
        model = InContext(InContextConfig("in-context", dims, core, LOOPS, d_model=16, heads=2))
        save_checkpoint(folder / name, model.eval().requires_grad_(False), task, training={}, scores=[])
    return folder
