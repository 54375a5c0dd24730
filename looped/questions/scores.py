"""How often is a model right after every loop: on inputs of each length, and on those that it is evaluated on?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.evaluate import right_by_loop
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.lenses.lengths import means
from looped.questions.question import Asked, step
from looped.serving.message import Packed

COUNT = 40  # inputs of each length
INPUTS, BATCH = 200, 25  # inputs of a score by loops, and how many of them are run at a time


def ask_lengths(asked: Asked) -> Iterator[Packed]:
    """Measure how many answers are right after every loop, for every length that the task can have.

    Arrays: right (lengths, loops) F32, NaN where not measured yet; means (2, loops) F32, the mean up to the largest
    length of training and beyond. Meta: lengths, count (inputs of each), trained (the largest length of training).
    """
    task, model = asked.checkpoint.task, asked.checkpoint.model
    lengths = list(task.lengths())
    right = np.full((len(lengths), asked.loops), np.nan, np.float32)
    for row, length in enumerate(lengths):
        tokens = task.sample_length(COUNT, seed=13, low=length, high=length)
        right[row] = right_by_loop(model, task, tokens, range(1, asked.loops + 1)).mean(1)
        both = np.stack(means(right, np.array(lengths), task.trained_length())).astype(np.float32)
        yield step(
            (row + 1) / len(lengths),
            {"right": right.copy(), "means": both},
            lengths=lengths,
            count=COUNT,
            trained=task.trained_length(),
        )


def ask_scaling(asked: Asked) -> Iterator[Packed]:
    """Measure how many answers to held-out inputs are right after every loop.

    They are the first of the inputs that `looped.catalogue.evaluate` measures. Arrays: accuracy (loops,) F32. Meta:
    runs so far, data (what the inputs are).
    """
    task = asked.checkpoint.task
    tokens, _ = task.sample(INPUTS, seed=HELD_OUT_SEED, split="held-out")
    right = np.zeros(asked.loops)
    for done in range(BATCH, INPUTS + 1, BATCH):
        part = tokens[done - BATCH : done]
        right += right_by_loop(asked.checkpoint.model, task, part, range(1, asked.loops + 1)).sum(1)
        yield step(done / INPUTS, {"accuracy": (right / done).astype(np.float32)}, runs=done, data=task.usual)
