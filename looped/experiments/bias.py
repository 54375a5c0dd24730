"""Which functions does a model take for likely? Its error over sparsity and noise, and the peak of double descent.

Where examples leave the function open, what is predicted is the model's own choice: its inductive bias. Prompts have a
few examples less than x has numbers. Beside a checkpoint stand the others of its task, and regression that says its
bias openly: ridge and lasso, both with the penalty that is best on these very prompts.

Least squares is worst with as many noisy examples as numbers in x, and better again with more: double descent. As many
errors there have no finite mean, that curve is of medians over prompts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.experiments.comparisons import LASSO, RIDGE, lasso, ridge, siblings
from looped.experiments.estimates import Array, apart, estimate, medians, number, ratio, ratios, side, sides, told
from looped.experiments.form import Result, Step, unknown
from looped.experiments.prompts import Told, check, tell
from looped.model.seam import is_standard, usual_loops

PROMPTS = 192
NOISES = (0.0, 0.25, 0.5, 1.0)
NOISE = 0.5  # of the prompts of double descent
SHARE = 0.8  # examples of the prompts of the grid, over the numbers of x
AROUND = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.6, 2.0)  # examples of double descent, over the numbers of x
BEFORE = 0.4  # of these, where the rise to the peak begins


@dataclass(frozen=True, eq=False)
class Bias(Result):
    """Errors of models, then of ridge and of lasso with the best penalty. NaN where not measured yet."""

    checkpoint: str
    other: str | None  # a standard transformer beside a looped model, a looped one beside a standard one
    methods: list[str]  # names of checkpoints, this one first, then "best ridge" and "best lasso"
    dims: int
    examples: int
    prompts: int
    nonzero: list[int]
    noises: list[float]
    counts: list[int]  # of examples, of double descent
    noise: float
    error: Array  # (methods, nonzero, noises, 3)
    penalty: Array  # (2, nonzero, noises) the best of ridge and of lasso
    lead: Array  # (3, nonzero, noises, 3) this error less that of `other`, of ridge, of lasso
    lead_side: Array  # (3, nonzero, noises) where this error is lower, −1, is higher, 1, or is not told apart, 0
    nearer: Array  # (nonzero, noises, 3) squared distance from the predictions of ridge less that from lasso's
    descent: Array  # (methods without lasso, and least squares, counts, 3) median errors
    rise: Array  # (the same, 3) error with as many examples as numbers less that with fewer
    peak: Array  # (3,) this error at the peak less that of `other`

    def sentence(self) -> str:
        """Say where the model is better, what it predicts like, and whether its double descent has a lower peak."""
        return " ".join(self.parts())

    def parts(self) -> list[str]:
        """Return what is said of sparsity and noise, and of double descent."""
        grid = (
            f"With {self.examples} examples of {self.dims} numbers, in {self.nearer[..., 0].size} settings of sparsity "
            f"and noise, {self.checkpoint} has:"
        )
        names = ([self.other] if self.other else []) + ["the best ridge", "the best lasso"]
        leads = self.lead if self.other else self.lead[1:]
        against = "; ".join(f"{_sides(lead)} {name}" for lead, name in zip(leads, names, strict=True))
        return [f"{grid} {against}. {self._near()}", self._descent()]

    def _near(self) -> str:
        ridge_nearer, even, lasso_nearer = sides(self.nearer)
        return (
            f"Its predictions are nearer to those of a ridge in {ridge_nearer}, to those of a lasso in {lasso_nearer}, "
            f"and not told apart in {even}."
        )

    def _descent(self) -> str:
        at = self.counts.index(self.dims)
        row = self.methods.index(self.other) if self.other else 0
        first, second = apart(number, self.descent[0, at, 0], self.descent[row, at, 0])
        least = f"least squares {_rises(self.rise[-1])}, to {number(self.descent[-1, at, 0])}"
        own = f"{self.checkpoint} {_rises(self.rise[0])}, to {first}"
        text = f"From {_first(self.dims)} to {self.dims} examples with noise of {self.noise:g} the median error of "
        text += f"{least}; that of {own}"
        if self.other is None:
            return f"{text}."
        words = {-1: f"{self.checkpoint} has the lower", 0: "not told apart", 1: f"{self.other} has the lower"}
        return (
            f"{text}; that of {self.other} {_rises(self.rise[row])}, to {second}. There the "
            f"errors of the two models differ by {told(self.peak)}: {words[side(self.peak)]}."
        )


def _sides(lead: Array) -> str:
    lower, even, higher = sides(lead)
    return f"a lower error in {lower}, a higher one in {higher} and one not told apart in {even} than"


def _rises(rise: Array) -> str:
    words = {1: "rises by", 0: "rises by what is not told apart from zero,", -1: "falls by"}[side(rise)]
    return f"{words} {told(rise if side(rise) >= 0 else -rise[[0, 2, 1]])}"


def _first(dims: int) -> int:
    return int(np.ceil(BEFORE * dims))


class Predicted(NamedTuple):
    """What every method says of prompts, their true values, and the penalties that are best."""

    of: Array  # (models + paths, count, queries): of each path the best penalty
    truth: Array  # (count, queries)
    paths: list[Array]  # of ridge, and of lasso where it was asked for: (penalties, count, queries) each
    penalty: list[float]

    @property
    def off(self) -> Array:
        """Squared errors, summed over the queries of each prompt: (methods, count)."""
        found: Array = np.square(self.of - self.truth).sum(-1)
        return found

    @property
    def size(self) -> Array:
        """Those of answering zero: (count,)."""
        found: Array = np.square(self.truth).sum(-1)
        return found


def run(checkpoint: Checkpoint, seed: int = HELD_OUT_SEED, prompts: int = PROMPTS) -> Iterator[Step]:
    """Measure a checkpoint, the others of its task and regularised regression; yield what is known.

    Raises ValueError with one sentence for a task whose functions are not linear.
    """
    known, models = _unknown(checkpoint, prompts)
    cells = [(i, j) for i in range(len(known.nonzero)) for j in range(len(known.noises))]
    total, done = len(cells) + len(known.counts), 0
    other = known.methods.index(known.other) if known.other else 0
    for i, j in cells:
        sampling = {"examples": known.examples, "noise": known.noises[j], "nonzero": known.nonzero[i]}
        for part in predicted(models, sampling, seed, prompts):
            if isinstance(part, Predicted):
                _fill(known, i, j, other, part)
            else:
                yield Step((done + part) / total * 0.999, known)
        done += 1
    draws = []
    for column, count in enumerate(known.counts):
        for part in predicted(models, {"examples": count, "noise": known.noise}, seed, prompts, lassos=False):
            if isinstance(part, Predicted):
                draws.append(_descended(known, column, part))
            else:
                yield Step((done + part) / total * 0.999, known)
        done += 1
    before, at = known.counts.index(_first(known.dims)), known.counts.index(known.dims)
    known.rise[:] = estimate(draws[at] - draws[before])
    known.peak[:] = estimate(draws[at][:, 0] - draws[at][:, other])
    yield Step(1.0, known)


def _unknown(checkpoint: Checkpoint, prompts: int) -> tuple[Bias, list[Checkpoint]]:
    """Return a result of which nothing is known yet, and the models, the checkpoint first."""
    check(checkpoint, prompts)
    if "nonzero" not in checkpoint.task.shifts():
        raise ValueError(
            f"this experiment is about linear functions, and those of {checkpoint.task.name} are not; choose a "
            "checkpoint of linear functions."
        )
    task = checkpoint.task
    beside = siblings(checkpoint)
    other = next((one.name for one in beside if is_standard(one.model) != is_standard(checkpoint.model)), None)
    models = [checkpoint, *beside]
    dims = task.vocab - 2
    nonzero = sorted({1, min(3, dims), -(-dims // 2), dims})
    counts = sorted({max(1, int(np.ceil(share * dims))) for share in AROUND} | {max(1, dims - 1), dims + 1})
    methods, grid, lines = len(models) + 2, (len(nonzero), len(NOISES), 3), len(models) + 2
    known = Bias(
        checkpoint.name,
        other,
        [*(one.name for one in models), "best ridge", "best lasso"],
        dims,
        max(1, round(SHARE * dims)),
        prompts,
        nonzero,
        list(NOISES),
        counts,
        NOISE,
        unknown(methods, *grid),
        unknown(2, *grid[:2]),
        unknown(3, *grid),
        unknown(3, *grid[:2]),
        unknown(*grid),
        unknown(lines, len(counts), 3),
        unknown(lines, 3),
        unknown(3),
    )
    return known, models


def predicted(
    models: list[Checkpoint], sampling: Mapping[str, Any], seed: int, prompts: int, lassos: bool = True
) -> Iterator[Predicted | float]:
    """Yield the share of models that have run and, at last, what all methods say of prompts sampled so."""
    task = models[0].task
    inputs, answers = task.sample(prompts, seed, "held-out", **sampling)
    said: list[Told] = []
    for model in models:
        for part in tell(model, inputs, answers, usual_loops(model.model)):
            if isinstance(part, Told):
                said.append(part)
        yield len(said) / (len(models) + 1)
    asked = task.asked(inputs[0])
    examples, queries = inputs[:, ~asked].astype(float), inputs[:, asked, :-2].astype(float)
    x, y = examples[..., :-2], examples[..., -2]
    truth, paths, best, penalty = said[0].truth, [], [], []
    for method, penalties in ((ridge, RIDGE), (lasso, LASSO))[: 1 + lassos]:
        path = np.stack([method(*one, penalties) for one in zip(x, y, queries, strict=True)], 1)
        least = int(np.square(path - truth).sum((1, 2)).argmin())
        paths.append(path)
        best.append(path[least])
        penalty.append(penalties[least])
    of = np.stack([*(part.predictions[-1] for part in said), *best])
    yield Predicted(of, truth, paths, penalty)


def _fill(known: Bias, i: int, j: int, other: int, found: Predicted) -> None:
    """Fill in one setting of sparsity and noise."""
    off, size = found.off, found.size
    drawn = ratios(off, np.broadcast_to(size, off.shape))  # (resamples, methods)
    known.error[:, i, j] = estimate(drawn)
    known.penalty[:, i, j] = found.penalty
    for row, method in enumerate((other, -2, -1)):
        known.lead[row, i, j] = estimate(drawn[:, 0] - drawn[:, method])
        known.lead_side[row, i, j] = side(known.lead[row, i, j])
    apart = [np.square(path - found.of[0]).sum(-1) for path in found.paths]  # (penalties, count)
    near = [one[one.sum(-1).argmin()] for one in apart]
    known.nearer[i, j] = ratio(near[0] - near[1], size)


def _descended(known: Bias, column: int, found: Predicted) -> Array:
    """Fill in the medians at one number of examples; return them for all resamples, (resamples, lines)."""
    off = np.stack([*found.off, np.square(found.paths[0][0] - found.truth).sum(-1)]) / found.size.mean()
    drawn = medians(off)
    known.descent[:, column] = estimate(drawn)
    return drawn
