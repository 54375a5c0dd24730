"""A model beside known methods on the same prompts, by number of examples: where is it ahead, and where not?

The methods are those of the task (`Task.method_predictions`): least squares or a greedy tree, gradient boosting,
nearest neighbours. They are fitted to the examples of each prompt and know nothing of the functions that the model was
trained on. Errors are compared prompt by prompt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.experiments.estimates import Array, ratio, side, told
from looped.experiments.form import Result, Step, unknown
from looped.experiments.prompts import Told, check, tell
from looped.model.seam import usual_loops

PROMPTS = 128  # of each number of examples
BETWEEN = 4  # parts of the last stretch of the task's sizes, for there is most to learn from many examples
EXACT = 1e-9  # an error below is rounding: nothing is compared with it
BATCH = 16  # prompts that the methods are fitted to at a time


@dataclass(frozen=True, eq=False)
class Methods(Result):
    """Errors by number of examples, of the model first. NaN where not measured yet."""

    checkpoint: str
    loops: int
    prompts: int
    sizes: list[int]
    methods: list[str]  # the checkpoint, then labels of known methods
    error: Array  # (methods, sizes, 3) squared error over that of answering zero
    relative: (
        Array  # (methods, sizes, 3) error of the model over that of each method; of itself 1; infinite beside none
    )

    def sentence(self) -> str:
        """Say against each method at which numbers of examples the model has the lower error."""
        parts = [self._against(row) for row in range(1, len(self.methods))]
        return f"The error of {self.checkpoint} after {self.loops} loops is {'; '.join(parts)}."

    def _against(self, row: int) -> str:
        ways = [side(found, 1) for found in self.relative[row]]
        words = {-1: "lower with", 1: "higher with", 0: "not told apart with"}
        named = {way: spans(self.sizes, [one == way for one in ways]) for way in words}
        parts = [f"{words[way]} {where}" for way, where in named.items() if where]
        size, found = self.sizes[-1], self.relative[row, -1]
        last = f"{told(found, 1)} times with {size}" if np.isfinite(found[0]) else f"which has no error with {size}"
        return f"beside {self.methods[row]} {' and '.join(parts)} examples, {last}"


def run(checkpoint: Checkpoint, seed: int = HELD_OUT_SEED, prompts: int = PROMPTS) -> Iterator[Step]:
    """Measure a checkpoint and known methods at every number of examples; yield what is known."""
    check(checkpoint, prompts)
    task, loops = checkpoint.task, usual_loops(checkpoint.model)
    sizes = spread(task.sizes())
    few, _ = task.sample(1, seed, "held-out", **task.of_size(1))
    labels = [checkpoint.name, *task.method_predictions(few)]
    shape = len(labels), len(sizes), 3
    known = Methods(checkpoint.name, loops, prompts, sizes, labels, unknown(*shape), unknown(*shape))
    for column, size in enumerate(sizes):
        inputs, answers = task.sample(prompts, seed, "held-out", **task.of_size(size))
        found = next(part for part in tell(checkpoint, inputs, answers, loops) if isinstance(part, Told))
        off = []
        for first in range(0, prompts, BATCH):
            some = slice(first, first + BATCH)
            said = np.stack(list(task.method_predictions(inputs[some]).values()))
            off.append(np.square(said - found.truth[some]).sum(-1))
            yield Step((column + min(1.0, (first + BATCH) / prompts)) / len(sizes) * 0.99, known)
        errors = np.concatenate([found.off[-1:], np.concatenate(off, 1)])
        known.error[:, column] = ratio(errors, found.size)
        exact = known.error[:, column, 0] < EXACT
        over = ratio(np.broadcast_to(errors[0], errors.shape), np.where(exact[:, None], 1.0, errors))
        known.relative[:, column] = np.where(exact[:, None], np.inf, over)
    yield Step(1.0, known)


def spread(sizes: tuple[int, ...]) -> list[int]:
    """Return a task's sizes, and BETWEEN parts of the way from the last but one to the last.

    >>> spread((1, 2, 5, 10, 20, 40))
    [1, 2, 5, 10, 20, 25, 30, 35, 40]
    """
    last, most = sizes[-2:] if len(sizes) > 1 else (sizes[-1], sizes[-1])
    return sorted({*sizes, *(round(last + (most - last) * part / BETWEEN) for part in range(BETWEEN))})


def spans(sizes: list[int], chosen: list[bool]) -> str:
    """Write the chosen sizes; three or more in a row as their first and last.

    >>> spans([1, 2, 5, 10, 20], [True, False, True, True, True])
    '1, 5–20'
    """
    written = []
    for which, together in groupby(zip(sizes, chosen, strict=True), key=itemgetter(1)):
        row = [str(size) for size, _ in together]
        if which:
            written.append(f"{row[0]}–{row[-1]}" if len(row) > 2 else ", ".join(row))
    return ", ".join(written)
