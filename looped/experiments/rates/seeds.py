"""Gradient norms and the spread of losses over seeds, of looped and TMLT training.

An open question of 2410.01405: does the timestep encoding, which the theorem needs, train more steadily, too?
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from looped.experiments.estimates import Array
from looped.experiments.form import Step, unknown
from looped.experiments.rates.form import CORES, NAMES, Plan, Rates, check, compared
from looped.experiments.rates.functions import of_token
from looped.experiments.rates.nets import Form
from looped.experiments.rates.over_seeds import END, spread_ratio, typical
from looped.theory.targets import Wave

LEARNING = (0.001, 0.003, 0.01, 0.03)
LOOPS = 8
STEPS, SEEDS = 200, 8
CHARTS = ["error after training", "largest gradient over the median one", "spread of log₁₀ error over seeds"]
BEYOND = (
    "One function, one optimiser (Adam) and a short training. A TMLT has more weights than the looped network, and "
    "begins as the identity. Spreads of eight trainings are known to within a factor of two."
)


@dataclass(frozen=True, eq=False)
class Seeds(Rates):
    """Errors, gradients and spreads by core and learning rate."""

    loops: int
    function: str
    median: Array  # (cores, rates, 3): the median norm of the gradient over the steps of training
    errors: Array  # (rates, 3): error of TMLT over that of the looped network, seed by seed
    spikes: Array  # (rates, 3): largest over median gradient, the same
    spreads: Array  # (rates, 3): standard deviation of log error over seeds, TMLT over looped

    def parts(self) -> list[str]:
        """Return what is said of errors, of gradients and of the spread."""
        names = [f"rate {x}" for x in self.xs]
        return [
            f"{self.function}, r = {self.loops}, {self.steps} steps, {self.seeds} trainings each, TMLT over looped as "
            f"a ratio. Error: {compared(names, self.errors)}.",
            f"Largest gradient over the median one of a training: {compared(names, self.spikes)}.",
            f"Spread of the logarithm of the error over seeds: {compared(names, self.spreads)}.",
        ]

    def sentence(self) -> str:
        """Say how TMLT differs from the looped network at each rate."""
        return " ".join(self.parts())


def run(seed: int = 0, seeds: int = SEEDS, steps: int = STEPS) -> Iterator[Step]:
    """Train and measure; yield what is known."""
    check(seeds, steps)
    function = of_token("sin 4πx", Wave("sin", 4 * math.pi, 1.0))
    cases = [(core, rate) for rate in LEARNING for core in CORES]
    forms = [Form(core, LOOPS) for core, _ in cases]
    shape = (len(CORES), len(LEARNING), seeds)
    errors, spikes, medians = (np.full(shape, np.nan) for _ in range(3))
    known = Seeds(
        steps,
        seeds,
        seed,
        CHARTS,
        [NAMES[core] for core in CORES],
        "learning rate",
        [f"{rate:g}" for rate in LEARNING],
        unknown(len(CHARTS), len(CORES), len(LEARNING), 3),
        LOOPS,
        function.name,
        unknown(len(CORES), len(LEARNING), 3),
        unknown(len(LEARNING), 3),
        unknown(len(LEARNING), 3),
        unknown(len(LEARNING), 3),
    )
    for share, done, crowd in Plan(forms, (function,), seeds, seed, steps).train([rate for _, rate in cases]):
        if done is not None:
            core, rate = CORES.index(cases[done][0]), LEARNING.index(cases[done][1])
            slopes = np.stack(crowd.slopes)[:, 0]  # (steps, seeds)
            errors[core, rate] = crowd.errors()[0]
            medians[core, rate] = np.median(slopes, 0)
            spikes[core, rate] = slopes.max(0) / medians[core, rate]
            known.values[:2, core, rate] = typical(np.stack([errors[core, rate], spikes[core, rate]]))
            known.values[2, core, rate] = spread(np.log10(errors[core, rate]))
            known.median[core, rate] = typical(medians[core, rate])
        yield Step(share, known)
    known.errors[:], known.spikes[:] = typical(errors[1] / errors[0]), typical(spikes[1] / spikes[0])
    known.spreads[:] = spread_ratio(np.log(errors[1]), np.log(errors[0]))
    yield Step(1.0, known)


def spread(values: Array) -> Array:
    """Estimate the standard deviation of a normal sample (seeds,): (3,).

    >>> spread(np.array([0.0, 1, 2, 3])).round(2).tolist()
    [1.29, 0.73, 4.81]
    """
    free, own = len(values) - 1, values.std(ddof=1)
    return np.array([own, *(own * math.sqrt(free / chdtri(free, 1 - end)) for end in (END, 1 - END))])
