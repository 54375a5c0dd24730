"""One layer against several a block: eight layers are applied, as one layer in eight loops up to eight in one.

An open question of 2410.01405, whose theorem has one layer in the block.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from looped.experiments.estimates import Array
from looped.experiments.form import Step, unknown
from looped.experiments.rates.form import Plan, Rates, check, compared
from looped.experiments.rates.functions import folded, of_mean, of_token
from looped.experiments.rates.nets import TOKENS, Form
from looped.experiments.rates.over_seeds import typical
from looped.theory.targets import Wave

SPLITS = ((1, 8), (2, 4), (4, 2), (8, 1))  # layers in the block, loops
WIDTHS = ((16, 16, 16, 16), (32, 22, 16, 12))  # the same for all; about as many weights for all
STEPS, SEEDS, RATE = 200, 4, 0.01
BEYOND = (
    "Eight layers are applied in all; with more of them, or after a longer training, the order may be another. Layers "
    "that are not shared are more weights at the same width and narrower ones at the same number: no third way is fair."
)


@dataclass(frozen=True, eq=False)
class Blocks(Rates):
    """Errors by function, by whether width or weights are the same, and by split; shares of the deviation."""

    layers: list[int]
    loops: list[int]
    weights: list[list[int]]  # of one network: (lines, splits)
    unshared: Array  # (functions, lines, 3): error of eight layers in one loop over that of one layer in eight
    two: Array  # (functions, lines, 3): the same of two layers in four loops

    def sentence(self) -> str:
        """Say what more layers in the block bring, at the same width and at about as many weights."""
        said = []
        for i, line in enumerate(self.lines):
            said.append(
                f"At {line}, two layers in four loops over one layer in eight, as a ratio of errors: "
                f"{compared(self.charts, self.two[:, i])}; eight in one loop over it: "
                f"{compared(self.charts, self.unshared[:, i])}."
            )
        return f"After {self.steps} steps, {self.seeds} trainings each, eight layers applied in all. {' '.join(said)}"


def run(seed: int = 0, seeds: int = SEEDS, steps: int = STEPS) -> Iterator[Step]:
    """Train and measure; yield what is known."""
    check(seeds, steps)
    turn = 4 * math.pi
    functions = (
        of_token("sin 4πx", Wave("sin", turn, 1.0)),
        of_mean("sin 4π mean", turn, TOKENS),
        of_token("x folded three times", folded(3)),
    )
    cases = [(line, i) for line in range(len(WIDTHS)) for i in range(len(SPLITS))]
    forms = [Form("looped", SPLITS[i][1], SPLITS[i][0], WIDTHS[line][i]) for line, i in cases]
    once = list(dict.fromkeys(forms))  # a form that both lines have is trained once
    errors = np.full((len(functions), len(WIDTHS), len(SPLITS), seeds), np.nan)
    known = Blocks(
        steps,
        seeds,
        seed,
        [function.name for function in functions],
        ["the same width", "about as many weights"],
        "layers × loops",
        [f"{layers} × {loops}" for layers, loops in SPLITS],
        unknown(len(functions), len(WIDTHS), len(SPLITS), 3),
        [layers for layers, _ in SPLITS],
        [loops for _, loops in SPLITS],
        [[0] * len(SPLITS) for _ in WIDTHS],
        unknown(len(functions), len(WIDTHS), 3),
        unknown(len(functions), len(WIDTHS), 3),
    )
    for share, done, crowd in Plan(once, functions, seeds, seed, steps).train([RATE] * len(once)):
        if done is not None:
            found = crowd.errors()
            for (line, i), form in zip(cases, forms, strict=True):
                if form == crowd.form:
                    errors[:, line, i], known.weights[line][i] = found, crowd.parameters
                    known.values[:, line, i] = typical(found)
        yield Step(share, known)
    known.unshared[:] = typical(errors[:, :, -1] / errors[:, :, 0])
    known.two[:] = typical(errors[:, :, 1] / errors[:, :, 0])
    yield Step(1.0, known)
