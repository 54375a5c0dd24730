"""Adaptive looping: does a rule that says when to stop spend loops where they are needed?

Prompts differ in difficulty by their number of examples. A rule watches how far a loop moves the predictions, or the
state, and stops a prompt when that is at most a threshold. It is held against the same number of loops for every
prompt: at the mean cost of the rule, a share of the prompts taking one loop more than the others where that is not
whole. Errors of prompts of different sizes are far apart, so that they are compared as the geometric mean over the
sizes of the error over that after all loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.experiments.estimates import Array, apart, counted, estimate, number, side, sides, told, weights
from looped.experiments.form import Result, Step, unknown
from looped.experiments.prompts import Told, check, tell
from looped.lenses.halting import exits
from looped.model.seam import is_standard

PROMPTS = 128  # of each number of examples
RULES = ("prediction change", "latent change")
"""√mean (ŷ[t] − ŷ[t−1])² over the queries; ‖h[t] − h[t−1]‖ / ‖h[t−1]‖."""
THRESHOLDS = tuple(np.logspace(-3, 0, 16).round(4).tolist())
CHOSEN = 0.01  # the threshold that the sentence is about


@dataclass(frozen=True, eq=False)
class Adaptive(Result):
    """Cost in loops, and errors relative to that after all loops: geometric means over the sizes."""

    checkpoint: str
    loops: int
    prompts: int
    sizes: list[int]
    rules: list[str]
    thresholds: list[float]
    chosen: float
    fixed: Array  # (loops, 3) error of stopping all prompts after the same number of loops
    cost: Array  # (rules, thresholds, 3) mean loops
    error: Array  # (rules, thresholds, 3)
    exit: Array  # (rules, sizes, 3) mean loops at the chosen threshold, by number of examples
    stopped: Array  # (rules, sizes) share of prompts that the rule stops at the chosen threshold
    spread: Array  # (rules, 3) mean loops of the size that takes most less those of the one that takes least
    gain: Array  # (rules, 3) error at the chosen threshold over that of the same cost for all
    gains: Array  # (rules, thresholds, 3) the same at every threshold

    def sentence(self) -> str:
        """Say what the first rule costs by difficulty, and whether the same cost for all prompts is as good."""
        lower, even, higher = sides(self.gains[0], 1)
        return (
            f"When {self.checkpoint} stops as soon as a loop moves its predictions by at most {self.chosen:g} of the "
            f"standard deviation of y, it runs {told(self.cost[0, self._column])} of {self.loops} loops in the mean: "
            f"{self._ends()}. Its error is {told(self.error[0, self._column])} times that of all loops. {self._gain()} "
            f"Over {len(self.thresholds)} thresholds the rule is better in {lower}, worse in {higher} and not told "
            f"apart in {even}."
        )

    def _ends(self) -> str:
        most, least = (int(pick(self.exit[0, :, 0])) for pick in (np.argmax, np.argmin))
        few, many = apart(number, self.exit[0, least, 0], self.exit[0, most, 0])
        ends = f"{few} {_examples(self.sizes[least])}, {many} {_examples(self.sizes[most])}"
        return ends if side(self.spread[0]) else f"{ends}, which are not told apart"

    def _gain(self) -> str:
        rule = {
            -1: "Stopping by the rule is better than",
            0: "Stopping by the rule is not told apart from",
            1: "Stopping by the rule is worse than",
        }[side(self.gain[0], 1)]
        return f"{rule} giving every prompt the same number of loops: {told(self.gain[0], 1)} times the error."

    @property
    def _column(self) -> int:
        return self.thresholds.index(self.chosen)


def _examples(count: int) -> str:
    return f"with {counted(count, 'example')}"


class Ran(NamedTuple):
    """Prompts of one number of examples."""

    off: Array  # (loops, count) squared errors
    watched: Array  # (rules, loops, count) what the rules watch


def run(checkpoint: Checkpoint, seed: int = HELD_OUT_SEED, prompts: int = PROMPTS) -> Iterator[Step]:
    """Try the rules on prompts of every size; yield what is known. Raises ValueError for a model without a loop."""
    check(checkpoint, prompts)
    if is_standard(checkpoint.model):
        raise ValueError(f"{checkpoint.name} has no loop that could be stopped; choose a looped checkpoint.")
    task, loops = checkpoint.task, checkpoint.model.trained_loops
    sizes = list(task.sizes())
    rules, thresholds = len(RULES), len(THRESHOLDS)
    known = Adaptive(
        checkpoint.name,
        loops,
        prompts,
        sizes,
        list(RULES),
        list(THRESHOLDS),
        CHOSEN,
        unknown(loops, 3),
        unknown(rules, thresholds, 3),
        unknown(rules, thresholds, 3),
        unknown(rules, len(sizes), 3),
        unknown(rules, len(sizes)),
        unknown(rules, 3),
        unknown(rules, 3),
        unknown(rules, thresholds, 3),
    )
    ran = []
    for row, size in enumerate(sizes):
        inputs, answers = task.sample(prompts, seed, "held-out", **task.of_size(size))
        for part in tell(checkpoint, inputs, answers, loops):
            if isinstance(part, Told):
                ran.append(Ran(part.off, watched(part)))
            else:
                yield Step((row + part) / len(sizes) * 0.99, known)
    _fill(known, ran)
    yield Step(1.0, known)


def watched(told: Told) -> Array:
    """Return what the rules watch after each loop, (rules, loops, count); NaN after the first one."""
    moved = np.full(told.relative.shape, np.nan)
    moved[1:] = np.sqrt(np.square(np.diff(told.predictions, axis=0)).mean(-1))
    return np.stack([moved, told.relative])


def stops(ran: Ran, rule: int, threshold: float) -> NDArray[np.int64]:
    """Return after how many loops each prompt stops, (count,): by the rule, or at the end of the run."""
    found: NDArray[np.int64] = exits(ran.watched[rule], threshold).clip(max=len(ran.off))
    return found


def _fill(known: Adaptive, ran: list[Ran]) -> None:
    """Fill in everything from the runs of each size. One seed makes all sizes, so prompts are resampled together."""
    drawn = weights(known.prompts)
    whole = np.stack([drawn @ one.off[-1] for one in ran])  # (sizes, resamples)

    def error(off: list[Array]) -> Array:
        """Return the geometric mean over sizes of errors (count,) over those after all loops: (resamples,)."""
        of = np.stack([drawn @ one for one in off])
        found: Array = np.exp(np.log(of / whole).mean(0))
        return found

    known.fixed[:] = estimate(np.stack([error([one.off[t] for one in ran]) for t in range(known.loops)], 1))
    for rule in range(len(RULES)):
        for column, threshold in enumerate(THRESHOLDS):
            at = [stops(one, rule, threshold) for one in ran]
            loops = np.stack([drawn @ one / known.prompts for one in at])  # (sizes, resamples)
            known.cost[rule, column] = estimate(loops.mean(0))
            own = error([np.take_along_axis(one.off, exit[None] - 1, 0)[0] for one, exit in zip(ran, at, strict=True)])
            known.error[rule, column] = estimate(own)
            same = error([_at_cost(one.off, known.cost[rule, column, 0]) for one in ran])
            known.gains[rule, column] = estimate(own / same)
            if threshold == known.chosen:
                known.exit[rule] = estimate(loops.T)
                known.stopped[rule] = [(exits(one.watched[rule], threshold) <= known.loops).mean() for one in ran]
                most, least = loops[:, 0].argmax(), loops[:, 0].argmin()
                known.spread[rule] = estimate(loops[most] - loops[least])
                known.gain[rule] = known.gains[rule, column]


def _at_cost(off: Array, loops: float) -> Array:
    """Return the errors expected after so many loops in the mean, one more for a share of the prompts: (count,)."""
    whole = int(loops)
    part = loops - whole
    more = off[min(whole, len(off) - 1)]
    found: Array = (1 - part) * off[whole - 1] + part * more
    return found
