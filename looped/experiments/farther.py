"""Far beyond the trained loops: does the state come to rest, how fast, and what drives it away?

2311.12424 finds a fixed point beyond the trained loops where the input is injected in every loop, and none without.
Here a model runs ten times as many loops as were trained, on prompts like those of training and on changed ones; from a
random start; and with the input taken away from the trained depth on. Beside it stand the layers of a standard
transformer, which has as many loops as layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.catalogue.intervals import wilson
from looped.experiments.comparisons import standard_sibling
from looped.experiments.estimates import Array, apart, median, number, percent, ratio, side, told
from looped.experiments.form import Result, Step, unknown
from looped.experiments.prompts import check
from looped.lenses.fixed_point import verdict
from looped.lenses.residual import lengths, residual
from looped.model.seam import INJECTION, State, device_of, is_standard, usual_loops

PROMPTS = 32
BEYOND = 10  # times the trained loops
BATCH = 16  # prompts whose states are kept at a time
EVERY = 25  # loops between two steps of progress
FLOOR = 1e-5  # of its length: a state that moves by less is not asked for its rate
GROWS = 1.5  # times as long as at the trained depth: the state grows
RANDOM, TAKEN = "a random start", "the input taken away"


class Change(NamedTuple):
    """A change in words, and how prompts are sampled under it; one of the run itself samples as usual."""

    words: str
    sampling: Mapping[str, Any] = {}


def changes(checkpoint: Checkpoint) -> list[Change]:
    """List the changes under which a checkpoint is run; the first leaves prompts like those of training."""
    task, most = checkpoint.task, checkpoint.task.sizes()[-1]
    found = [
        Change("as trained"),
        Change("noise of 0.5", {"noise": 0.5}),
        Change("x twice as large", {"scale": 2.0}),
        Change("twice as many examples", task.of_size(2 * most)),
        Change(RANDOM),
    ]
    return found + ([Change(TAKEN)] if INJECTION in checkpoint.model.capabilities else [])


class Run(NamedTuple):
    """How prompts ran: loops first, then prompts."""

    off: Array  # (loops, count) squared errors, summed over queries
    size: Array  # (count,) those of answering zero
    relative: Array  # (loops, count) ‖h[t] − h[t−1]‖ / ‖h[t−1]‖, NaN where h[t−1] = 0
    length: Array  # (loops + 1, count) ‖h[t]‖
    rate: Array  # (count,) times as long as the step before, beyond the trained loops; NaN where it rests by then
    rests: Array  # (count,) 1 where the verdict of `looped.lenses.fixed_point` is that the state rests
    end: Array  # (count, positions, width) the last state


@dataclass(frozen=True, eq=False)
class Farther(Result):
    """One row for each change. NaN where it was not run yet."""

    checkpoint: str
    trained: int
    loops: int
    prompts: int
    changes: list[str]
    standard: str | None
    layers: int
    error: Array  # (changes, loops, 3) with its interval
    residual: Array  # (changes, loops) median relative residual
    length: Array  # (changes, loops) median ‖h‖ over that at the trained depth
    rests: Array  # (changes,) share of the runs that rest
    rate: Array  # (changes, 3) how many times as long a step is as the one before, beyond the trained loops
    grown: Array  # (changes, 3) error at the end over that at the trained depth
    apart: Array  # (changes, 3) distance of the end from that of the first row, over its length; same prompts only
    layer_residual: Array  # (layers,) median; none without a standard transformer
    layer_error: Array  # (layers, 3)
    faster: Array  # (3,) its last step over that of the loop beside it

    def sentence(self) -> str:
        """Say whether the state rests, how fast it gets there, what drives it away, and what a standard one does."""
        return " ".join([self._rest(), self._error(), self._start(), self._driven(), self._standard()]).strip()

    def _rest(self) -> str:
        resting = round(float(self.rests[0]) * self.prompts)
        low, high = wilson(float(self.rests[0]), self.prompts)
        moved, grown = float(self.residual[0, -1]), float(self.length[0, -1])
        first = (
            f"After {self.loops} loops, {self.loops / self.trained:g} times the trained {self.trained}, {resting} of "
            f"{self.prompts} runs of {self.checkpoint} rest ({percent(low)} to {percent(high)}): a loop moves the "
            f"state by {percent(moved)} of its length"
        )
        if grown > GROWS:
            return (
                f"{first}, which is {number(grown)} times that at loop {self.trained}: it moves less because it grows."
            )
        steady = f"{first}, and its length is {number(grown)} times that at loop {self.trained}."
        if not np.isfinite(self.rate[0]).all():
            return steady
        rate = self.rate[0, 0]
        halves = f": it halves in {np.log(0.5) / np.log(rate):.0f} loops" if side(self.rate[0], 1) < 0 else ""
        return f"{steady} Each loop's step is {told(self.rate[0], 1)} times as long as the one before{halves}."

    def _error(self) -> str:
        then, now = self.error[0, self.trained - 1], self.error[0, -1]
        words = {
            1: f"becomes {told(self.grown[0], 1)} times as large",
            0: f"is not told apart from what it was, {told(self.grown[0], 1)} times as large",
            -1: f"becomes smaller, {told(self.grown[0], 1)} times as large",
        }
        change = words[side(self.grown[0], 1)]
        before, _ = apart(number, then[0], now[0])
        return f"The error, {before} after loop {self.trained}, {change}: {told(now, then[0])} at the end."

    def _start(self) -> str:
        row = self.changes.index(RANDOM)
        return f"From a random start the state ends {percent(self.apart[row, 0])} of its length away from there."

    def _driven(self) -> str:
        rows = [row for row in range(1, len(self.changes)) if side(self.grown[row], 1) > 0]
        if not rows:
            return "No change makes the error grow beyond the trained loops."
        worst = max(rows, key=lambda row: self.grown[row, 0])
        return (
            f"What drives it away most is {self.changes[worst]}: from loop {self.trained} on the error becomes "
            f"{told(self.grown[worst], 1)} times as large, {number(self.error[worst, -1, 0])}."
        )

    def _standard(self) -> str:
        if self.standard is None:
            return ""
        last, beside = apart(percent, self.layer_residual[-1], self.residual[0, self.layers - 1])
        compared = {1: "more than", 0: "which is not told apart from", -1: "less than"}[side(self.faster, 1)]
        return (
            f"The last of the {self.layers} layers of {self.standard} moves its state by {last}, {compared} "
            f"loop {self.layers} ({beside}), and there is no layer after it."
        )


def run(checkpoint: Checkpoint, seed: int = HELD_OUT_SEED, prompts: int = PROMPTS) -> Iterator[Step]:
    """Run a looped checkpoint ten times as long as it was trained, under each change; yield what is known."""
    check(checkpoint, prompts)
    known = _unknown(checkpoint, prompts)
    rows, standard = changes(checkpoint), standard_sibling(checkpoint)
    total = len(rows) + (standard is not None)
    first: Run | None = None
    for row, change in enumerate(rows):
        for part in _runs(checkpoint, change, known.loops, seed, prompts):
            if isinstance(part, Run):
                first = first or part
                _fill(known, row, part, first)
            yield Step((row + (part if isinstance(part, float) else 1)) / total * 0.999, known)
    if standard is not None and first is not None:
        for part in _runs(standard, Change(""), usual_loops(standard.model), seed, prompts):
            if isinstance(part, Run):
                _beside(known, part, first)
    yield Step(1.0, known)


def _unknown(checkpoint: Checkpoint, prompts: int) -> Farther:
    """Return a result of which nothing is known yet. Raises ValueError for a model without a loop."""
    if is_standard(checkpoint.model):
        raise ValueError(f"{checkpoint.name} has no loop that could be run farther; choose a looped checkpoint.")
    trained, standard = checkpoint.model.trained_loops, standard_sibling(checkpoint)
    loops, layers = BEYOND * trained, 0 if standard is None else usual_loops(standard.model)
    words = [change.words for change in changes(checkpoint)]
    rows = len(words)
    return Farther(
        checkpoint.name,
        trained,
        loops,
        prompts,
        words,
        None if standard is None else standard.name,
        layers,
        unknown(rows, loops, 3),
        unknown(rows, loops),
        unknown(rows, loops),
        unknown(rows),
        unknown(rows, 3),
        unknown(rows, 3),
        unknown(rows, 3),
        unknown(layers),
        unknown(layers, 3),
        unknown(3),
    )


def _runs(checkpoint: Checkpoint, change: Change, loops: int, seed: int, prompts: int) -> Iterator[Run | float]:
    """Run prompts under a change; yield the share of loops that are done and, at last, how they ran."""
    task = checkpoint.task
    inputs, answers = task.sample(prompts, seed, "held-out", **change.sampling)
    asked = task.asked(inputs[0])
    parts = []
    for first in range(0, prompts, BATCH):
        some = slice(first, first + BATCH)
        states = []
        for state in _unrolled(checkpoint, inputs[some], loops, change.words):
            states.append(state.hidden)
            if len(states) % EVERY == 0:
                yield (first + len(inputs[some]) * len(states) / (loops + 1)) / prompts
        parts.append(_measured(checkpoint, states, answers[some], asked))
    yield Run(*(np.concatenate([part[i] for part in parts], -1 if i < 6 else 0) for i in range(7)))


@torch.inference_mode()
def _unrolled(checkpoint: Checkpoint, inputs: np.ndarray, loops: int, words: str) -> Iterator[State]:
    """Yield the states of a batch of prompts after 0 … loops loops; words: of the change, which may be of the run."""
    model = checkpoint.model
    given = torch.as_tensor(inputs, device=device_of(model))
    if words == RANDOM:
        shape = model.begin(given).hidden.shape
        drawn = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(given.device)
        yield from model.unroll(given, loops, start=State(0, drawn))
    elif words == TAKEN:
        state = model.begin(given)
        for state in model.unroll(given, model.trained_loops):
            yield state
        embedded, *rest = state.input
        state = state._replace(input=(torch.zeros_like(embedded), *rest))
        for _ in range(model.trained_loops, loops):
            state = model.step(state)
            yield state
    else:
        yield from model.unroll(given, loops)


@torch.inference_mode()
def _measured(checkpoint: Checkpoint, states: list[torch.Tensor], answers: np.ndarray, asked: np.ndarray) -> Run:
    """Return how a batch ran, from its states."""
    model = checkpoint.model
    said = np.stack([model.readout(hidden)[:, asked, 0].double().cpu().numpy() for hidden in states[1:]])
    hidden = torch.stack(states, 1).cpu().numpy()  # (count, loops + 1, positions, width)
    truth = answers[:, asked].astype(np.float64)
    trained = min(model.trained_loops, len(states) - 1)
    moved = [residual(one) for one in hidden]
    return Run(
        np.square(said - truth).sum(-1),
        np.square(truth).sum(-1),
        np.stack([one.relative for one in moved], -1).astype(np.float64),
        np.stack([lengths(one) for one in hidden], -1).astype(np.float64),
        np.array([rate(one.absolute, one.relative, trained) for one in moved]),
        np.array([float(verdict(one, trained).settled) for one in hidden]),
        hidden[:, -1].astype(np.float64),
    )


def rate(absolute: np.ndarray, relative: np.ndarray, trained: int) -> float:
    """Return how many times as long a step is as the one before, in the mean from the trained loop on.

    Steps below FLOOR of the state's length are left out; NaN where fewer than two are left.

    >>> round(rate(0.9 ** np.arange(20), 0.9 ** np.arange(20), 5), 3)
    0.9
    """
    moving = np.flatnonzero(relative >= FLOOR)
    last = int(moving.max(initial=-1))
    if last < trained:
        return float("nan")
    return float((absolute[last] / absolute[trained - 1]) ** (1 / (last - trained + 1)))


def _fill(known: Farther, row: int, run: Run, first: Run) -> None:
    """Fill in what a run says; `first` is that of prompts as trained."""
    trained = known.trained
    known.error[row] = ratio(run.off, run.size)
    known.residual[row] = np.median(run.relative, -1)
    known.length[row] = np.median(run.length[1:] / run.length[trained], -1)
    known.rests[row] = run.rests.mean()
    known.rate[row] = median(run.rate)
    known.grown[row] = ratio(run.off[-1], run.off[trained - 1])
    if run.end.shape == first.end.shape:
        away = np.linalg.norm(run.end - first.end, axis=(1, 2)) / np.linalg.norm(first.end, axis=(1, 2))
        known.apart[row] = median(away)


def _beside(known: Farther, standard: Run, first: Run) -> None:
    """Fill in what the layers of a standard transformer do, and how far its last one moves the state beside a loop."""
    known.layer_residual[:] = np.median(standard.relative, -1)
    known.layer_error[:] = ratio(standard.off, standard.size)
    known.faster[:] = median(standard.relative[-1] / first.relative[known.layers - 1])
