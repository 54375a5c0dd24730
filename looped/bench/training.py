"""A step of training against the same model trained plainly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from looped import tasks
from looped.bench.times import interleaved
from looped.model import registry
from looped.training.device import compile_loop, half_precision_pays, pick_device
from looped.training.losses import loss_over_loops
from looped.training.recipes import RECIPES

SIDE, TIMES = 1024, 8  # of the square matrices whose product is the device's peak, and how many are multiplied


def multiplying(device: torch.device, kind: torch.dtype) -> Callable[[], None]:
    """Return what multiplies square matrices of a type, as large as a matrix unit likes them."""
    a, b = (torch.randn(SIDE, SIDE, device=device).to(kind) for _ in range(2))
    out = torch.empty_like(a)

    def multiply() -> None:
        for _ in range(TIMES):
            torch.mm(a, b, out=out)
        float(out[0, 0])  # waits for the device

    return multiply


def measure() -> dict[str, Any]:
    """Measure a step of training against the same model trained plainly, in samples per second, and their ratio.

    The step is the one that recipes use: half precision if that is faster, compiled if there is a compiler. Plain means
    float32 and not compiled. A share of the peak is what a step multiplies, forward and backward, divided by what the
    device can multiply in that time of square matrices of `SIDE`: bfloat16 for the step of recipes, float32 for the
    plain one. `most_times` is how many times as fast a step would be that does nothing but multiply, at the peak.
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

    steps = [stepping(True), stepping(False)]
    with FlopCounterMode(display=False) as counter:
        steps[1]()
    products = counter.get_total_flops()
    kinds = [torch.bfloat16 if half else torch.float32, torch.float32]
    fast, plain, *peaks = interleaved([*steps, *(multiplying(device, kind) for kind in kinds)], rounds=8)
    fast_share, plain_share = (
        products / seconds / (2 * SIDE**3 * TIMES / peak) for seconds, peak in zip((fast, plain), peaks, strict=True)
    )
    return {
        "device": str(device),
        "recipe": recipe.name,
        "batch": batch,
        "bfloat16": half,
        "samples_per_s": round(batch / fast, 1),
        "plain_samples_per_s": round(batch / plain, 1),
        "times_as_many": round(plain / fast, 2),
        "gflop_of_products": round(products / 1e9, 3),
        "peak_gflop_per_s": round(2 * SIDE**3 * TIMES / peaks[0] / 1e9, 1),
        "plain_peak_gflop_per_s": round(2 * SIDE**3 * TIMES / peaks[1] / 1e9, 1),
        "share_of_peak": round(fast_share, 3),
        "plain_share_of_peak": round(plain_share, 3),
        "most_times": round(plain / (products / (2 * SIDE**3 * TIMES / peaks[0])), 2),
    }
