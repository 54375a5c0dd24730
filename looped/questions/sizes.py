"""How many examples does a model need? Its error by number of examples and by loop, beside other methods."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.evaluate import error_intervals, measure
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.questions.question import Asked, step
from looped.serving.message import Packed

PROMPTS = 64  # of each number of examples


def ask_sizes(asked: Asked) -> Iterator[Packed]:
    """Measure the error on held-out prompts of each of the task's sizes, after every loop.

    Arrays, NaN where not measured yet: error (sizes, loops) F32, squared error over that of answering zero; interval
    (sizes, loops, 2) F32, its 95 % interval over the prompts; others (sizes, methods) F32, that of other methods on
    the same prompts. Meta: sizes, count (prompts of each), inputs (what they are), methods (their
    labels).
    """
    task, model = asked.checkpoint.task, asked.checkpoint.model
    sizes = list(task.sizes())
    error = np.full((len(sizes), asked.loops), np.nan, np.float32)
    interval = np.full((len(sizes), asked.loops, 2), np.nan, np.float32)
    others: np.ndarray | None = None
    loops = np.repeat(np.arange(1, asked.loops + 1)[:, None], PROMPTS, 1)
    for row, size in enumerate(sizes):
        inputs, answers = task.sample(PROMPTS, HELD_OUT_SEED, "held-out", **task.of_size(size))
        found = measure(model, task, inputs, loops, targets=task.targets(inputs, answers))
        off, zero, _ = found.missed
        error[row], interval[row] = off.sum(-1) / zero.sum(-1), error_intervals(found)
        methods = task.method_errors(inputs, answers)
        if others is None:
            others = np.full((len(sizes), len(methods)), np.nan, np.float32)
        others[row] = list(methods.values())
        arrays = {"error": error.copy(), "interval": interval.copy(), "others": others.copy()}
        inputs_are = f"{PROMPTS} generated held-out {task.things} of each size, seed {HELD_OUT_SEED}"
        about = {"sizes": sizes, "count": PROMPTS, "inputs": inputs_are, "methods": list(methods)}
        yield step((row + 1) / len(sizes), arrays, **about)
