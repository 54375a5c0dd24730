"""The error of a model on prompts that training did not have: noisier, scaled, skewed, longer, sparser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.evaluate import error_intervals, measure, score
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.tasks.protocol import SIZES


def shifted(
    checkpoint: Checkpoint, sampling: Mapping[str, Any], loops: Sequence[int], count: int = 200
) -> dict[str, Any]:
    """Return the errors of a model and of other methods on `count` held-out prompts sampled as `sampling` says.

    "error" and "interval" (95 %, bootstrap over the prompts) at each number of loops; "methods", the error of each
    known method by its label. All are squared errors over that of answering zero. The same seed makes the same
    functions for every sampling, so that results of several can be compared prompt by prompt. Raises ValueError with
    one sentence for a task without such prompts, and for a sampling or loops that cannot be.
    """
    task = checkpoint.task
    if SIZES not in task.offers:
        raise ValueError(f"{task.name} has no prompts that could be sampled otherwise.")
    inputs, answers = task.sample(count, seed=HELD_OUT_SEED, split="held-out", **sampling)
    wanted = np.tile(np.asarray(loops)[:, None], count)
    found = measure(checkpoint.model, task, inputs, wanted, targets=task.targets(inputs, answers))
    return {
        "sampling": dict(sampling),
        "n": count,
        "loops": list(loops),
        **score("numbers", found),
        "interval": error_intervals(found),
        "methods": task.method_errors(inputs, answers, **sampling),
    }
