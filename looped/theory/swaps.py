"""The moduli of a trained model on tokens: how much its readout changes when one token of the input is swapped.

The least that an input of tokens can change is one token, so that there is no δ. For the value f(X)_n that the readout
gives at a position n after a loop:

    token        the largest change at the position whose token is swapped
    contextual   the largest change at another position that is asked
    sequence     the largest root of the summed squares over all positions that are asked

The value is the expected number where a task asks for numbers, and changes are differences; else it is the vector of
shares of the tokens, and a change is the total-variation distance, from 0 to 1. The task's own answers are put through
the same, on those pairs of inputs that both have one: what the model should do.

All is found by search, so that every figure is a *lower bound*. Rounds of random swaps of a few inputs; the two swapped
inputs with the largest change go on, fresh ones join. Then the search climbs: every single swap of the best input is
tried, the best of them is the next input, until none changes more (a *peak*) or the steps are used up. What is climbed
is the contextual modulus of numbers and the sequence modulus of shares, whose contextual one reaches its bound of 1 at
once. Several searches show how far one can be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from looped.model import LoopedModel
from looped.tasks import Task
from looped.tasks.protocol import TABLE
from looped.theory.moduli import KINDS, Kind

Array = NDArray[np.float64]
KEPT = 2  # swapped inputs that go on to the next round
AT_ONCE = 48  # swaps of an input that run together
ROUNDING = 1e-4  # what is climbed by less is no climb


@dataclass(frozen=True)
class SwapEffort:
    """How long is searched. Raises ValueError with one sentence for sizes that make no sense."""

    searches: int = 3  # each with inputs of its own
    rounds: int = 12
    inputs: int = 4
    swaps: int = 12  # of each input in a round
    climbs: int = 8  # the most steps after the rounds, each of every single swap of one input
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.searches, self.rounds, self.swaps) < 1 or self.climbs < 0 or self.inputs <= KEPT:
            raise ValueError(f"a search needs at least 1 search, 1 round, 1 swap and {KEPT + 1} inputs.")


class SwapFound(NamedTuple):
    """Lower bounds of the moduli after each loop 1 … L; NaN for a modulus that the task has not."""

    least: dict[Kind, Array]  # (searches, L): the largest change that each search found
    mean: dict[Kind, Array]  # (L,): over the random swaps of fresh inputs
    error: dict[Kind, Array]  # (L,): 1.96 standard errors of that mean, over inputs
    truth: dict[Kind, float]  # the same of the task's own answers; NaN where no pair has two
    growing: dict[Kind, bool]  # whether the last quarter of the steps raised the bound of the last loop by a hundredth
    pair: tuple[str, str]  # the inputs with the largest change of what is climbed, after the last loop
    numbers: bool  # whether values are numbers; else shares
    pairs: int  # of inputs that were evaluated
    peaks: int  # searches that ended where no single swap of the input changes more


def climbed(task: Task) -> Kind:
    """Return the modulus that searches climb."""
    return "contextual" if TABLE in task.offers else "sequence"


def told(found: SwapFound) -> dict[str, Any]:
    """Return it as JSON may hold it: by modulus, bounds after each loop; None for what a task has not.

    "searches" holds the smallest and the largest bound that a single search found.
    """
    moduli = {}
    for kind in KINDS:
        least, truth = found.least[kind], found.truth[kind]
        has = bool(np.isfinite(least).any())
        moduli[kind] = {
            "least": _rounded(least.max(0)) if has else None,
            "searches": [_rounded(least.min(0)), _rounded(least.max(0))] if has else None,
            "mean": _rounded(found.mean[kind]) if has else None,
            "mean_error": _rounded(found.error[kind]) if has else None,
            "truth": truth if math.isfinite(truth) else None,
            "growing": found.growing[kind],
        }
    said = {"loops": found.least["sequence"].shape[1], "numbers": found.numbers, "pairs": found.pairs}
    return {**said, "peaks": found.peaks, "moduli": moduli, "pair": list(found.pair)}


def _rounded(values: Array) -> list[float]:
    return [round(float(value), 4) for value in values]


class _Round(NamedTuple):
    """The changes of one step: swapped inputs, and by kind (L, inputs, swaps)."""

    others: NDArray[np.int64]  # (inputs, swaps, positions)
    changes: dict[Kind, Array]
    true: dict[Kind, Array]  # (inputs, swaps)

    def best(self, kind: Kind) -> NDArray[np.int64]:
        """Return the pairs (input, swap) by their change after the last loop, the largest first: (pairs, 2)."""
        last = np.nan_to_num(self.changes[kind][-1], nan=-1.0)
        return np.stack(np.unravel_index(np.argsort(-last, axis=None, kind="stable"), last.shape), 1)


class _Search:
    """What the searches of one model have found so far."""

    def __init__(self, model: LoopedModel, task: Task, loops: int, effort: SwapEffort) -> None:
        self.model, self.task, self.loops, self.effort = model, task, loops, effort
        self.kind = climbed(task)
        self.steps: list[list[dict[Kind, Array]]] = []  # of each search: by kind (L,)
        self.fresh: dict[Kind, list[Array]] = {kind: [] for kind in KINDS}
        self.true: dict[Kind, list[float]] = {kind: [] for kind in KINDS}
        self.pair, self.top = ("", ""), -math.inf
        self.pairs = self.peaks = 0

    def begin(self) -> None:
        """Begin the next search."""
        self.steps.append([])
        self.high = -math.inf  # the largest change of this search, of what is climbed
        self.at: NDArray[np.int64] | None = None  # the swapped input that has it

    def note(self, inputs: NDArray[np.int64], step: _Round) -> NDArray[np.int64]:
        """Keep what a step found; return its pairs as `best` does."""
        for kind in KINDS:
            self.true[kind].append(float(_largest(step.true[kind])))
        self.steps[-1].append({kind: _largest(step.changes[kind], (1, 2)) for kind in KINDS})
        self.pairs += step.others.shape[0] * step.others.shape[1]
        best = step.best(self.kind)
        row, swap = best[0]
        most, other = float(step.changes[self.kind][-1, row, swap]), step.others[row, swap]
        if self.at is None or most > self.high:
            self.high, self.at = most, other
        if most > self.top:
            self.top, self.pair = most, (self.task.written(inputs[row]), self.task.written(other))
        return best

    def rounds(self, search: int) -> Iterator[None]:
        """Search by random swaps."""
        effort, rng = self.effort, np.random.default_rng([self.effort.seed, search])
        kept: NDArray[np.int64] | None = None
        for _ in range(effort.rounds):
            begun = 0 if kept is None else len(kept)
            seed = int(rng.integers(2**31))
            new = np.asarray(self.task.sample(effort.inputs - begun, seed, "held-out")[0], np.int64)
            if kept is not None and new.shape[1] != kept.shape[1]:
                raise ValueError(f"{self.task.name} samples inputs of several lengths; moduli are of inputs with one.")
            inputs = new if kept is None else np.concatenate([kept, new])
            made = [_swapped(self.task, row, effort.swaps, rng) for row in inputs]
            others, at = np.stack([one[0] for one in made]), np.stack([one[1] for one in made])
            step = _round(self.model, self.task, inputs, others, at, self.loops)
            for kind in KINDS:
                self.fresh[kind].append(step.changes[kind][:, begun:].mean(2))  # (L, joining)
            best = self.note(inputs, step)[:KEPT]
            kept = step.others[best[:, 0], best[:, 1]]
            yield

    def climb(self) -> Iterator[None]:
        """Go to the best of all single swaps while it changes more than any before."""
        for _ in range(self.effort.climbs):
            assert self.at is not None
            before, inputs = self.high, self.at[None]
            others, at = _all_swaps(self.task, self.at)
            parts = [slice(i, i + AT_ONCE) for i in range(0, len(at), AT_ONCE)]
            made = [_round(self.model, self.task, inputs, others[None, p], at[None, p], self.loops) for p in parts]
            changes = {kind: np.concatenate([one.changes[kind] for one in made], 2) for kind in KINDS}
            true = {kind: np.concatenate([one.true[kind] for one in made], 1) for kind in KINDS}
            self.note(inputs, _Round(others[None], changes, true))
            yield
            if self.high < before + ROUNDING:
                self.peaks += 1
                return

    def found(self) -> SwapFound:
        """Return what is known."""
        least = {
            kind: np.stack([_largest(np.stack([step[kind] for step in steps]), 0) for steps in self.steps])
            for kind in KINDS
        }
        means = {kind: np.concatenate(self.fresh[kind], axis=1) for kind in KINDS}
        growing = {}
        for kind in KINDS:
            ends = [(steps, max(1, round(0.75 * len(steps)))) for steps in self.steps]
            early = max(float(_largest(np.stack([r[kind][-1] for r in steps[:last]]))) for steps, last in ends)
            growing[kind] = bool(float(_largest(least[kind][:, -1])) > 1.01 * early)
        return SwapFound(
            least,
            {kind: values.mean(1) for kind, values in means.items()},
            {kind: 1.96 * values.std(1, ddof=1) / math.sqrt(values.shape[1]) for kind, values in means.items()},
            {kind: float(_largest(np.array(values))) for kind, values in self.true.items()},
            growing,
            self.pair,
            TABLE in self.task.offers,
            self.pairs,
            self.peaks,
        )


def swap_moduli(
    model: LoopedModel, task: Task, loops: int | None = None, effort: SwapEffort = SwapEffort()
) -> Iterator[tuple[float, SwapFound]]:
    """Search; yield the share that is done, and what is known so far, after every step.

    Raises ValueError for a model that does not answer tokens with tokens, for a task that samples inputs of several
    lengths, and where no input has two tokens to swap.
    """
    if (model.input_kind, model.output_kind) != ("tokens", "classes"):
        raise ValueError("moduli by swaps are of models that read tokens and answer with tokens.")
    searched = _Search(model, task, model.trained_loops if loops is None else loops, effort)
    steps = effort.rounds + effort.climbs
    for search in range(effort.searches):
        searched.begin()
        for done, _ in enumerate(chain(searched.rounds(search), searched.climb()), 1):
            yield (search + min(done, steps - 1) / steps) / effort.searches, searched.found()
        yield (search + 1) / effort.searches, searched.found()


def _largest(values: Array, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the largest of the values that are there, NaN where there is none."""
    most = np.max(np.where(np.isnan(values), -np.inf, values), axis=axis)
    return np.asarray(np.where(np.isinf(most), np.nan, most), np.float64)


def _round(
    model: LoopedModel,
    task: Task,
    inputs: NDArray[np.int64],
    others: NDArray[np.int64],
    at: NDArray[np.int64],
    loops: int,
) -> _Round:
    """Measure what it changes to swap the token `at` (inputs, swaps) of inputs (inputs, positions) for `others`'."""
    every = np.concatenate([inputs[:, None], others], axis=1)  # (inputs, 1 + swaps, positions)
    values = _values(model, task, every.reshape(-1, inputs.shape[1]), loops)
    values = values.reshape(loops, *every.shape, -1)
    asked = task.asked(every)
    both = asked[:, 1:] & asked[:, :1]
    change = _distance(values[:, :, 1:] - values[:, :, :1], TABLE in task.offers)  # (L, inputs, swaps, positions)
    answers = np.stack([_true(task, row) for row in every.reshape(-1, inputs.shape[1])])
    answers = answers.reshape(*every.shape, -1)
    true = _distance(answers[:, 1:] - answers[:, :1], TABLE in task.offers)
    return _Round(others, _by_kind(change, both, at), {k: v[0] for k, v in _by_kind(true[None], both, at).items()})


def _by_kind(change: Array, both: NDArray[np.bool_], at: NDArray[np.int64]) -> dict[Kind, Array]:
    """Return changes (L, inputs, swaps, positions) as moduli (L, inputs, swaps)."""
    own = np.arange(change.shape[-1]) == at[..., None]
    there = np.where(both, change, np.nan)
    squares = np.where(both, change**2, 0.0)
    return {
        "token": _largest(np.where(own, there, np.nan), change.ndim - 1),
        "contextual": _largest(np.where(own, np.nan, there), change.ndim - 1),
        "sequence": np.sqrt(squares.sum(-1)),
    }


def _swapped(
    task: Task, row: NDArray[np.int64], swaps: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return an input with one token swapped, `swaps` times, and where: (swaps, positions), (swaps,)."""
    places, tokens = _swappable(task, row)
    at = rng.choice(places, swaps)
    others = np.repeat(row[None], swaps, axis=0)
    for one, place in zip(others, at, strict=True):
        one[place] = rng.choice(tokens[tokens != row[place]])
    return others, at


def _all_swaps(task: Task, row: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return an input with one token swapped, in every way that there is, and where: (swaps, positions), (swaps,)."""
    places, tokens = _swappable(task, row)
    pairs = [(place, token) for place in places for token in tokens if token != row[place]]
    others = np.repeat(row[None], len(pairs), axis=0)
    for one, (place, token) in zip(others, pairs, strict=True):
        one[place] = token
    return others, np.array([place for place, _ in pairs])


def _swappable(task: Task, row: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of an input whose token can be swapped, and the tokens that may stand there."""
    tokens = np.array(task.layout(row).settable)
    places = np.flatnonzero(task.clues(row) & np.isin(row, tokens))  # the source of a grid stays where it is
    if not len(places) or len(tokens) < 2:
        raise ValueError(f"{task.name} has an input without a token to swap.")
    return places, tokens


def _numbers(task: Task) -> Array:
    """Return the number of each token of a task that asks for numbers, NaN of tokens that are none: (vocab,)."""
    signs = [task.sign(token) for token in range(task.vocab)]
    return np.array([float(sign) if sign.isdigit() else math.nan for sign in signs])


def _values(model: LoopedModel, task: Task, tokens: NDArray[np.int64], loops: int) -> Array:
    """Return the values of the readout after each loop: (L, batch, positions, 1 or vocab)."""
    found = []
    numbers = torch.as_tensor(_numbers(task))
    with torch.inference_mode():
        for state in model.unroll(torch.as_tensor(tokens), loops):
            if state.loop:
                found.append(_value(model.readout(state.hidden).double(), numbers, TABLE in task.offers))
    return torch.stack(found).numpy()


def _value(logits: torch.Tensor, numbers: torch.Tensor, expected: bool) -> torch.Tensor:
    """Return the expected number (…, 1) among the tokens that are numbers, or the shares of all tokens (…, vocab)."""
    if not expected:
        return logits.softmax(-1)
    known = ~numbers.isnan()
    return (logits[..., known].softmax(-1) @ numbers[known])[..., None]


def _true(task: Task, tokens: NDArray[np.int64]) -> Array:
    """Return the values of the task's own answer: (positions, 1 or vocab); NaN where the input has none."""
    width = 1 if TABLE in task.offers else task.vocab
    try:
        solution = task.facts(task.parse(task.written(tokens)))["solution"]
    except ValueError:
        solution = None
    if solution is None:
        return np.full((len(tokens), width), math.nan)
    answers = np.array([int(each) for each in solution])
    values: Array = _numbers(task)[answers][:, None] if width == 1 else np.eye(width)[answers]
    return values


def _distance(difference: Array, numbers: bool) -> Array:
    """Return how far values are apart: (…, 1 or vocab) → (…)."""
    found: Array = np.abs(difference[..., 0]) if numbers else 0.5 * np.abs(difference).sum(-1)
    return found
