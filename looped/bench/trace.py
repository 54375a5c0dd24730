"""A recorded run against a plain forward."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from looped.bench.times import interleaved
from looped.catalogue import checkpoints
from looped.model.seam import LoopedModel, forward, most_loops_within
from looped.runs.trace import record


def measure() -> dict[str, Any]:
    """Measure a recorded run against a plain forward: one board, 32 loops, medians of interleaved runs."""
    result: dict[str, Any] = {"threads": torch.get_num_threads()}
    for name in checkpoints.names():
        checkpoint = checkpoints.load_checkpoint(name)
        loops = most_loops_within(checkpoint.model, 32)
        tokens = checkpoint.task.sample(1, seed=0, split="held-out")[0][0].astype(np.int64)
        batch = torch.as_tensor(tokens)[None]

        def plain(model: LoopedModel = checkpoint.model, batch: torch.Tensor = batch, loops: int = loops) -> None:
            with torch.inference_mode():
                forward(model, batch, loops)

        def recorded(model: LoopedModel = checkpoint.model, tokens: np.ndarray = tokens, loops: int = loops) -> None:
            record(model, tokens, loops, verify=False)

        def verified(model: LoopedModel = checkpoint.model, tokens: np.ndarray = tokens, loops: int = loops) -> None:
            record(model, tokens, loops)

        times = interleaved([plain, recorded, verified], rounds=15)
        result[name] = {
            "plain_ms": round(1000 * times[0], 1),
            "recorded_over_plain": round(times[1] / times[0], 2),
            "verified_over_plain": round(times[2] / times[0], 2),
        }
    return result
