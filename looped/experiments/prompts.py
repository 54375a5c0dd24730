"""Prompts run through a model: squared errors and predictions by loop, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch

from looped.catalogue.checkpoints import Checkpoint
from looped.experiments.estimates import Array
from looped.model.seam import device_of
from looped.runs.numerics import relative_residual
from looped.tasks.protocol import FUNCTIONS

BATCH = 64
LEAST = 2  # prompts that an interval over prompts needs


class Told(NamedTuple):
    """What a model says of prompts."""

    predictions: Array  # (loops, count, queries)
    truth: Array  # (count, queries)
    relative: Array  # (loops, count) ‖h[t] − h[t−1]‖ / ‖h[t−1]‖; NaN where h[t−1] = 0

    @property
    def off(self) -> Array:
        """Squared errors, summed over the queries of each prompt: (loops, count)."""
        found: Array = np.square(self.predictions - self.truth).sum(-1)
        return found

    @property
    def size(self) -> Array:
        """The errors of answering zero, by which errors are divided: (count,)."""
        found: Array = np.square(self.truth).sum(-1)
        return found


def check(checkpoint: Checkpoint, prompts: int) -> None:
    """Raise ValueError with one sentence where a checkpoint learns no functions, or prompts are too few."""
    if FUNCTIONS not in checkpoint.task.offers:
        raise ValueError(f"{checkpoint.task.name} has no {FUNCTIONS}, which this experiment is about.")
    if prompts < LEAST:
        raise ValueError(
            f"intervals are drawn over prompts, and {prompts} has none; an experiment needs at least {LEAST} prompts."
        )


def tell(checkpoint: Checkpoint, inputs: np.ndarray, answers: np.ndarray, loops: int) -> Iterator[Told | float]:
    """Run prompts (count, places, d + 2); yield the share that is done after each batch and, at last, what was said."""
    asked = checkpoint.task.asked(inputs[0])  # the same places in all prompts
    parts = []
    for first in range(0, len(inputs), BATCH):
        parts.append(_told(checkpoint, inputs[first : first + BATCH], loops, asked))
        yield min(1.0, (first + BATCH) / len(inputs))
    predictions, relative = (np.concatenate(found, 1) for found in zip(*parts, strict=True))
    yield Told(predictions, answers[:, asked].astype(np.float64), relative)


@torch.inference_mode()
def _told(checkpoint: Checkpoint, inputs: np.ndarray, loops: int, asked: np.ndarray) -> tuple[Array, Array]:
    """Return predictions (loops, count, queries) and relative residuals (loops, count) of a batch."""
    model = checkpoint.model
    said, moved = [], []
    before: torch.Tensor | None = None
    for state in model.unroll(torch.as_tensor(inputs, device=device_of(model)), loops):
        if before is not None:
            said.append(model.readout(state.hidden)[:, asked, 0].double().cpu().numpy())
            moved.append(relative_residual(before, state.hidden).double().cpu().numpy())
        before = state.hidden
    return np.stack(said), np.stack(moved)
