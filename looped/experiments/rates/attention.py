"""Hardmax against softmax, trained: the construction needs hardmax, networks are trained with softmax."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from looped.experiments.estimates import Array
from looped.experiments.form import Step, unknown
from looped.experiments.rates.form import Plan, Rates, check, compared
from looped.experiments.rates.functions import Largest, mean
from looped.experiments.rates.nets import TOKENS, Form
from looped.experiments.rates.over_seeds import typical

LOOPS = (1, 2, 4)
STEPS, SEEDS, RATE = 300, 6, 0.01
WAYS = ["softmax", "softmax, read with hardmax", "hardmax"]
BEYOND = (
    "Hardmax has no gradient of its own; here it is trained with that of softmax, which is one way of several. Two "
    "functions of four tokens are few, and no statement about attention over long inputs."
)


@dataclass(frozen=True, eq=False)
class Attention(Rates):
    """Errors by function, way and loops, as shares of the standard deviation of the function."""

    hardened: Array  # (functions, 3): error of softmax weights read with hardmax over that with softmax, most loops
    trained: Array  # (functions, 3): error of training with hardmax over that of training with softmax

    def sentence(self) -> str:
        """Say what hardmax costs where it was not trained, and where it was."""
        return (
            f"After {self.steps} steps, r = {self.xs[-1]}, {self.seeds} trainings each: reading softmax weights with "
            f"hardmax makes the error, as a ratio, {compared(self.charts, self.hardened)}. Training with hardmax over "
            f"training with softmax: {compared(self.charts, self.trained)}."
        )


def run(seed: int = 0, seeds: int = SEEDS, steps: int = STEPS) -> Iterator[Step]:
    """Train and measure; yield what is known."""
    check(seeds, steps)
    functions = (mean(TOKENS), Largest())
    errors = np.full((len(functions), len(WAYS), len(LOOPS), seeds), np.nan)
    forms = [Form(loops=loops, hard=hard) for loops in LOOPS for hard in (False, True)]
    known = Attention(
        steps,
        seeds,
        seed,
        [function.name for function in functions],
        WAYS,
        "loops r",
        [str(loops) for loops in LOOPS],
        unknown(len(functions), len(WAYS), len(LOOPS), 3),
        unknown(len(functions), 3),
        unknown(len(functions), 3),
    )
    for share, done, crowd in Plan(forms, functions, seeds, seed, steps).train([RATE] * len(forms)):
        if done is not None:
            at = LOOPS.index(crowd.form.loops)
            ways = {2: True} if crowd.form.hard else {0: False, 1: True}
            for way, hard in ways.items():
                errors[:, way, at] = crowd.errors(hard)
                known.values[:, way, at] = typical(errors[:, way, at])
        yield Step(share, known)
    known.hardened[:] = typical(errors[:, 1, -1] / errors[:, 0, -1])
    known.trained[:] = typical(errors[:, 2, -1] / errors[:, 0, -1])
    yield Step(1.0, known)
