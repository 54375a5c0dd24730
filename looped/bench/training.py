"""A step of training against the same model trained plainly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from looped import tasks
from looped.bench.times import interleaved
from looped.model import registry
from looped.training.device import compile_loop, half_precision_pays, pick_device
from looped.training.losses import loss_over_loops
from looped.training.recipes import RECIPES


def measure() -> dict[str, Any]:
    """Measure a step of training against the same model trained plainly, in samples per second, and their ratio.

    The step is the one that recipes use: half precision if that is faster, compiled if there is a compiler. Plain means
    float32 and not compiled.
    """
    device, recipe = pick_device(), RECIPES["sudoku9-tmlt"]
    task, half = tasks.get(recipe.task), half_precision_pays(device)
    batch = recipe.batch if device.type == "cpu" else 1024
    puzzles, answers = task.sample(batch, seed=0, split="train")
    tokens = torch.as_tensor(puzzles.astype(np.int64), device=device)
    targets = torch.as_tensor(task.targets(puzzles, answers), device=device)

    def stepping(fast: bool) -> Callable[[], None]:
        torch.manual_seed(0)
        model = registry.build(recipe.model).to(device)
        if fast:
            compile_loop(model)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)

        def step() -> None:
            with torch.autocast(device.type, torch.bfloat16, enabled=fast and half):
                loss, _ = loss_over_loops(model, tokens, targets, recipe.stages[0].loops)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            float(loss.detach())  # waits for the device

        return step

    fast, plain = interleaved([stepping(True), stepping(False)], rounds=8)
    return {
        "device": str(device),
        "recipe": recipe.name,
        "batch": batch,
        "bfloat16": half,
        "samples_per_s": round(batch / fast, 1),
        "plain_samples_per_s": round(batch / plain, 1),
        "times_as_many": round(plain / fast, 2),
    }
