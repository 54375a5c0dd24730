"""Accuracy after every loop: on inputs of each length, and on the inputs of `evaluate`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.evaluate import right_by_loop
from looped.catalogue.inputs import HELD_OUT_SEED, held_out
from looped.catalogue.intervals import bootstrap_mean, sides, wilson_ends
from looped.lenses.lengths import means
from looped.questions.question import Asked, step
from looped.serving.message import Packed

COUNT = 40  # inputs of each length
LENGTHS_SEED = 13  # of these inputs
INPUTS, BATCH = 200, 25  # inputs of a score by loops, and how many of them are run at a time


def ask_lengths(asked: Asked) -> Iterator[Packed]:
    """Measure how many answers are right after every loop, for every length that the task can have.

    Arrays: right (lengths, loops) F32, NaN where not measured yet; means (2, loops) F32, the mean up to the largest
    length of training and beyond; interval (2, loops, 2) F32, their 95 % intervals (Wilson). Meta: lengths, count
    (inputs of each), inputs (what they are), trained (the largest length of training).
    """
    task, model = asked.checkpoint.task, asked.checkpoint.model
    lengths = list(task.lengths())
    inputs = f"{COUNT} generated {task.things} of each size, held-out ones where there are any, seed {LENGTHS_SEED}"
    right = np.full((len(lengths), asked.loops), np.nan, np.float32)
    for row, length in enumerate(lengths):
        tokens = task.sample_length(COUNT, seed=LENGTHS_SEED, low=length, high=length)
        right[row] = right_by_loop(model, task, tokens, range(1, asked.loops + 1)).mean(1)
        both = np.stack(means(right, np.array(lengths), task.trained_length())).astype(np.float32)
        inside = sum(known <= task.trained_length() for known in lengths[: row + 1])
        ends = [
            wilson_ends(mean, max(1, of * COUNT)) for mean, of in zip(both, (inside, row + 1 - inside), strict=True)
        ]
        yield step(
            (row + 1) / len(lengths),
            {"right": right.copy(), "means": both, "interval": np.stack(ends)},
            lengths=lengths,
            count=COUNT,
            inputs=inputs,
            trained=task.trained_length(),
        )


def ask_scaling(asked: Asked) -> Iterator[Packed]:
    """Measure how many answers to held-out inputs are right after every loop.

    They are the first of the inputs that `looped.catalogue.evaluate` measures. Arrays: accuracy (loops,) F32; interval
    (loops, 2) F32, the 95 % intervals (Wilson); gain (loops,) I8, 1 where more are right than at the trained loops and
    −1 where fewer are, by the 95 % interval of the difference (bootstrap over the same inputs). Meta: runs so far, data
    (what the inputs are), trained (the loops that gain is against: those of training, or the last where there are
    fewer).
    """
    task, drawn = asked.checkpoint.task, held_out(asked.checkpoint, INPUTS, HELD_OUT_SEED)
    tokens = drawn.tokens
    trained = min(asked.checkpoint.model.trained_loops, asked.loops)
    right = np.zeros((0, asked.loops))
    for done in range(BATCH, INPUTS + 1, BATCH):
        part = tokens[done - BATCH : done]
        more = right_by_loop(asked.checkpoint.model, task, part, range(1, asked.loops + 1))
        right = np.concatenate([right, more.T])
        accuracy = right.mean(0)
        arrays = {
            "accuracy": accuracy.astype(np.float32),
            "interval": wilson_ends(accuracy, done),
            "gain": sides(bootstrap_mean(right - right[:, trained - 1 : trained]).T),
        }
        yield step(done / INPUTS, arrays, runs=done, data=drawn.data, trained=trained)
