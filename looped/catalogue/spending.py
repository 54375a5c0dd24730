"""What a checkpoint's answers gain by more compute at the time of asking, and what each way to spend it costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.intervals import wilson
from looped.lenses.basins import Symmetries
from looped.lenses.compute import Way, compute
from looped.tasks.protocol import SYMMETRIES


def ways_to_spend(checkpoint: Checkpoint, tokens: np.ndarray, loops: int, runs: int) -> dict[str, Any]:
    """Answer inputs (count, positions) in every way of `looped.lenses.compute`, with `runs` runs of `loops` loops.

    Returns "loops", "runs", "seconds" and "ways", each with "starts", "chosen", "accuracy", its "interval", and
    "loops_run", the loops that it runs of an input on the mean.
    """
    started = time.perf_counter()
    *_, found = ways_of(checkpoint, tokens, loops, runs)
    told = [
        {
            "starts": way.starts,
            "chosen": way.chosen,
            "accuracy": round(float(way.right.mean()), 4),
            "interval": [round(end, 4) for end in wilson(float(way.right.mean()), len(way.right))],
            "loops_run": round(float(way.loops.mean()), 2),
        }
        for way in found
    ]
    return {"loops": loops, "runs": runs, "ways": told, "seconds": round(time.perf_counter() - started, 2)}


def ways_of(checkpoint: Checkpoint, tokens: np.ndarray, loops: int, runs: int) -> Iterator[list[Way]]:
    """Answer inputs in every way that their task has; see `looped.lenses.compute`. Symmetries are drawn with seed 0."""
    task = checkpoint.task
    turned = Symmetries(*task.symmetries(runs - 1, seed=0)) if SYMMETRIES in task.offers and runs > 1 else None
    return compute(checkpoint.model, tokens, task.right, task.asked(tokens), loops, runs, turned, task.verifiable)
