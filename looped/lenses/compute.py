"""What does more compute at the time of asking bring: an earlier stop, or more runs of which one is chosen?

A single run can be stopped where it is most sure of itself, or as soon as it repeats itself. Several runs of the same
input, from random starts or of images under symmetries, can be chosen from by the rules of the task, which need no
answer; by a vote at every position; or by the residual: the run that moved least in its last loop. Each way has a cost,
the loops that it runs. (Peak confidence, two-cycles and restarts on Sudoku: chenglou/sotaku; residual as a sign of a
right answer: arXiv 2601.10679.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch

from looped.lenses.basins import Symmetries
from looped.model import LoopedModel, State
from looped.model.interventions import exchanged
from looped.model.seam import device_of
from looped.runs.needs import CLASSES, Needs
from looped.runs.numerics import relative_residual

NEEDS = Needs(inputs=("tokens",), outputs=CLASSES)
Right = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Takes tokens and answers, (count, positions) both, and says (count,) which are right, as a task's does."""


class Way(NamedTuple):
    """A way to spend compute on inputs, and what it brought: those inputs that are done so far."""

    starts: str  # "": one run; "random starts" or "symmetries": several
    chosen: str  # "end", "peak confidence" or "repetition" of one run; "rules", "vote" or "residual" of several
    right: np.ndarray  # (inputs,) bool
    loops: np.ndarray  # (inputs,) int64, the loops that were run for it


def compute(
    model: LoopedModel,
    inputs: np.ndarray,
    right: Right,
    asked: np.ndarray,
    loops: int,
    runs: int,
    symmetries: Symmetries | None = None,
    rules: bool = True,
    seed: int = 0,
    batch: int = 25,
) -> Iterator[list[Way]]:
    """Answer inputs (count, positions) in every way; yield the ways with all inputs so far after each batch.

    asked (count, positions) bool says where answers count. `runs` are the runs of each input, among them the plain one.
    With `symmetries`, at least runs − 1 of them, images under them are run, too. rules: `right` follows from rules that
    need no answer, so that a right run can be chosen by them.
    """
    done: list[list[Way]] = []
    for first in range(0, len(inputs), batch):
        part, counted = inputs[first : first + batch], asked[first : first + batch]
        ways, plain = _alone(model, part, right, counted, loops)
        if runs > 1:
            kinds: list[tuple[str, Symmetries | None]] = [("random starts", None)]
            kinds += [("symmetries", symmetries)] if symmetries is not None else []
            for name, turned in kinds:
                others = [_again(model, part, loops, i, turned, (seed, i, first)) for i in range(1, runs)]
                ways += _several(name, right, [plain, *others], loops, rules)
        done.append(ways)
        yield [
            Way(*kind[0][:2], *(np.concatenate([way[k] for way in kind]) for k in (2, 3)))
            for kind in zip(*done, strict=True)
        ]


class Ended(NamedTuple):
    """Where one run of each input ended."""

    given: np.ndarray  # (count, positions) tokens, as the last loop was given them: its answers are judged by these
    answers: np.ndarray  # (count, positions) tokens
    residual: np.ndarray  # (count,) relative residual of the last loop


@torch.inference_mode()
def _alone(
    model: LoopedModel, inputs: np.ndarray, right: Right, asked: np.ndarray, loops: int
) -> tuple[list[Way], Ended]:
    """Run inputs once; return the ways that need no more, and where the run ended."""
    mask = torch.as_tensor(asked, device=device_of(model))
    answers, sure = [], []
    before = last = None
    for state in model.unroll(torch.as_tensor(inputs, dtype=torch.int64, device=device_of(model)), loops):
        before, last = last, state
        if state.loop:
            logits = model.readout(state.hidden)
            largest = logits.softmax(-1).amax(-1)
            sure.append((largest * mask).sum(1).double().cpu().numpy() / np.maximum(asked.sum(1), 1))
            answers.append(logits.argmax(-1).cpu().numpy())
    assert last is not None
    said = np.stack(answers)  # (loops, count, positions)
    peak, again = np.stack(sure).argmax(0), repeats(np.where(asked, said, 0))
    count, whole = np.arange(len(inputs)), np.full(len(inputs), loops)
    changes = model.standing_interventions
    given = np.stack([exchanged(inputs, loop, changes) for loop in range(loops)])
    ways = [
        Way("", "end", right(given[-1], said[-1]), whole),
        Way("", "peak confidence", right(given[peak, count], said[peak, count]), whole),
        Way("", "repetition", right(given[again - 1, count], said[again - 1, count]), again),
    ]
    return ways, Ended(given[-1], said[-1], _moved(before, last))


def repeats(answers: np.ndarray) -> np.ndarray:
    """Return after how many loops each run stops because its answers go round: answers (loops, count, positions).

    It does where the answers are those of two loops before, and those of the loop before were, too: they stay, or go to
    and fro between two. (count,) int64; all loops where that never happens.

    >>> stays, swings, moves = [1, 2, 2, 2, 2], [1, 2, 1, 2, 1], [1, 2, 3, 4, 5]
    >>> repeats(np.array([stays, swings, moves]).T[..., None]).tolist()
    [5, 4, 5]
    """
    loops, count = answers.shape[:2]
    like = np.zeros((loops, count), bool)
    like[2:] = (answers[2:] == answers[:-2]).all(-1)
    like[1:] &= like[:-1]
    found: np.ndarray = np.where(like.any(0), like.argmax(0) + 1, loops)
    return found


@torch.inference_mode()
def _again(
    model: LoopedModel, inputs: np.ndarray, loops: int, i: int, symmetries: Symmetries | None, seed: tuple[int, ...]
) -> Ended:
    """Run inputs once more, from random starts, or as images under symmetry i − 1, whose answers are mapped back."""
    n = inputs.shape[1]
    source, labels = np.arange(n), np.arange(model.inputs)
    if symmetries is not None:
        source, labels = symmetries.source[i - 1], symmetries.labels[i - 1]
    drawn = labels[inputs[:, source]]
    images = torch.as_tensor(drawn, dtype=torch.int64, device=device_of(model))
    start = None if symmetries is not None else _random_start(model, images, seed)
    before = last = None
    for state in model.unroll(images, loops, start=start):
        before, last = last, state
    assert last is not None
    said = model.readout(last.hidden).argmax(-1).cpu().numpy()
    # Tokens that a `Swap` has exchanged are first those of the image again, and exchanged in the input afterwards: what
    # is voted on is the same input for all runs.
    swapped = exchanged(np.arange(model.inputs), loops - 1, model.standing_interventions)
    answers = swapped[labels.argsort()[swapped.argsort()[said]][:, source.argsort()]]
    return Ended(swapped[inputs], answers, _moved(before, last))


def _random_start(model: LoopedModel, inputs: torch.Tensor, seed: tuple[int, ...]) -> State:
    """Return the states before the first loop with noise as large as they are, or as the input where they are zero."""
    state = model.begin(inputs)
    noise = torch.as_tensor(np.random.default_rng(seed).standard_normal(tuple(state.hidden.shape), np.float32))
    own = state.hidden.square().mean((1, 2), keepdim=True).sqrt()
    injected = state.input[0].square().mean((1, 2), keepdim=True).sqrt() if state.input else torch.ones_like(own)
    return state._replace(hidden=state.hidden + torch.where(own > 0, own, injected) * noise.to(own))


def _moved(before: State | None, last: State) -> np.ndarray:
    """Return the relative residual of the last loop of each run, (count,); infinite where it came from zero."""
    if before is None:
        return np.full(len(last.hidden), np.inf)
    moved = relative_residual(before.hidden, last.hidden).double().cpu().numpy()
    return np.where(np.isnan(moved), np.inf, moved)


def _several(name: str, right: Right, runs: list[Ended], loops: int, rules: bool) -> Iterator[Way]:
    """Yield what is chosen from several runs of each input, the plain one first."""
    answers = np.stack([run.answers for run in runs])  # (runs, count, positions)
    good = np.stack([right(run.given, run.answers) for run in runs])
    count, whole = np.arange(good.shape[1]), np.full(good.shape[1], loops * len(runs))
    if rules:  # runs are made one by one, until one keeps the rules
        tried = np.where(good.any(0), good.argmax(0) + 1, len(runs))
        yield Way(name, "rules", np.asarray(good.any(0)), tried * loops)
    yield Way(name, "vote", right(runs[0].given, voted(answers)), whole)
    least = np.stack([run.residual for run in runs]).argmin(0)
    yield Way(name, "residual", good[least, count], whole)


def voted(answers: np.ndarray) -> np.ndarray:
    """Return what most runs answer at each position, of equally many the smallest: (runs, …) → (…).

    >>> voted(np.array([[1, 2], [3, 2], [3, 4], [1, 5]])).tolist()
    [1, 2]
    """
    most: np.ndarray = (answers[..., None] == np.arange(answers.max() + 1)).sum(0).argmax(-1)
    return most
