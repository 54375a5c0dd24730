"""Does the error of a trained network follow the modulus of its function, and does it fall with more loops?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from looped.experiments.estimates import Array, number, side, told
from looped.experiments.form import Step, unknown
from looped.experiments.rates.form import CORES, NAMES, Plan, Rates, check, compared
from looped.experiments.rates.functions import waves
from looped.experiments.rates.nets import TOKENS, Form
from looped.experiments.rates.over_seeds import typical

LOOPS = (1, 2, 4, 8)
STEPS, SEEDS, RATE = 250, 5, 0.01
DELTA = 1 / 8
PAIRS = ((0, 1), (2, 3))  # a smooth function and the same four times as rough: token, contextual
BEYOND = (
    "It is the beginning of training, of networks of width 16: what limits them is what training finds, not what "
    "weights could do. The bound of the theorem is of the latter, and is not broken by an error above it."
)


@dataclass(frozen=True, eq=False)
class Modulus(Rates):
    """Errors by function, core and loops, as shares of the standard deviation of the function."""

    delta: float
    tokens: int
    moduli: list[list[float]]  # of each function at delta: token, contextual; exact
    rougher: Array  # (2, cores, 3): error at four times the token, contextual modulus over that at once, most loops
    by_loops: Array  # (functions, cores, 3): error at most loops over that at fewest

    def parts(self) -> list[str]:
        """Return what is said of moduli, and of loops."""
        return [self._rougher(), self._loops()]

    def sentence(self) -> str:
        """Say what four times the modulus costs, and what loops bring."""
        return " ".join(self.parts())

    def _rougher(self) -> str:
        most = self.xs[-1]
        said = []
        for words, row in (("token", 0), ("contextual", 1)):
            ends = ", ".join(f"{NAMES[core]} {told(self.rougher[row, i])}" for i, core in enumerate(CORES))
            said.append(f"{words} modulus, {ends}")
        return (
            f"After {self.steps} steps, r = {most}, {self.seeds} trainings each: the error at four times the modulus "
            f"over that at once is, {'; '.join(said)}."
        )

    def _loops(self) -> str:
        few, most = self.xs[0], self.xs[-1]
        said = []
        for i, core in enumerate(CORES):
            said.append(f"{NAMES[core]} {compared(self.charts, self.by_loops[:, i])}")
        folded = self.values[-1, :, -1, 0]
        ends = ", ".join(f"{NAMES[core]} {number(folded[i])}" for i, core in enumerate(CORES))
        falls = sum(side(one, 1) < 0 for one in self.by_loops.reshape(-1, 3))
        return (
            f"From r = {few} to r = {most} it falls in {falls} of {self.by_loops.shape[0] * len(CORES)} cases, as a "
            f"ratio: {' / '.join(said)}. {self.charts[-1].capitalize()} keeps an error of {ends} of its deviation at "
            f"r = {most}."
        )


def run(seed: int = 0, seeds: int = SEEDS, steps: int = STEPS) -> Iterator[Step]:
    """Train and measure; yield what is known."""
    check(seeds, steps)
    functions = waves(TOKENS)
    errors = np.full((len(functions), len(CORES), len(LOOPS), seeds), np.nan)
    forms = [Form(core, loops) for loops in LOOPS for core in CORES]
    known = Modulus(
        steps,
        seeds,
        seed,
        [function.name for function in functions],
        [NAMES[core] for core in CORES],
        "loops r",
        [str(loops) for loops in LOOPS],
        unknown(len(functions), len(CORES), len(LOOPS), 3),
        DELTA,
        TOKENS,
        [[function.modulus(kind, DELTA, TOKENS) for kind in ("token", "contextual")] for function in functions],
        unknown(len(PAIRS), len(CORES), 3),
        unknown(len(functions), len(CORES), 3),
    )
    for share, done, crowd in Plan(forms, functions, seeds, seed, steps).train([RATE] * len(forms)):
        if done is not None:
            core, loops = CORES.index(crowd.form.core), LOOPS.index(crowd.form.loops)
            errors[:, core, loops] = crowd.errors()
            known.values[:, core, loops] = typical(errors[:, core, loops])
        yield Step(share, known)
    for row, (smooth, rough) in enumerate(PAIRS):
        known.rougher[row] = typical(errors[rough, :, -1] / errors[smooth, :, -1])
    known.by_loops[:] = typical(errors[:, :, -1] / errors[:, :, 0])
    yield Step(1.0, known)
