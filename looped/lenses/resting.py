"""Does rest mean right? Which runs come to rest, which are right, and what a small step or a high confidence tells.

"At rest" and "right" are two things: a run may rest on a wrong answer and wander with a right one. Counted over many
inputs they make a table of four. And where neither is certain, the area under the ROC curve says how good a number is
at telling right runs from wrong ones: it is the share of all pairs of a right and a wrong run in which the right one
has the higher number, 0.5 for a number that tells nothing (Hanley & McNeil 1982).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch

from looped.lenses.fixed_point import verdict
from looped.model import LoopedModel
from looped.model.interventions import exchanged
from looped.model.seam import ROUNDS, device_of
from looped.runs.needs import CLASSES, Needs
from looped.runs.numerics import relative_residual, softmax

NEEDS = Needs(none_of=(ROUNDS,), outputs=CLASSES)

DRAWS = 500


class Rests(NamedTuple):
    """The runs that are done so far."""

    right: np.ndarray  # (loops, runs) bool, whether the whole answer is right after each loop
    residual: np.ndarray  # (loops, runs) ‖h[t+1] − h[t]‖ / ‖h[t]‖, NaN for a loop from zero
    confidence: np.ndarray  # (loops, runs) mean of the largest probability where an answer is asked
    kind: np.ndarray  # (runs,) the `kind` of the verdict at the end
    settled: np.ndarray  # (runs,) bool, whether that is rest

    @property
    def verdicts(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Count the kinds of verdicts: those that are rest, and those that are not, each by name."""

        def counted(there: np.ndarray) -> list[tuple[str, int]]:
            kinds, many = np.unique(self.kind[there], return_counts=True)
            return list(zip(kinds.tolist(), many.tolist(), strict=True))

        return counted(self.settled), counted(~self.settled)

    @property
    def table(self) -> np.ndarray:
        """Count the runs at their end: (2, 2) int64, [at rest, not at rest] × [right, wrong]."""
        right = self.right[-1]
        return np.array(
            [[int((there & good).sum()) for good in (right, ~right)] for there in (self.settled, ~self.settled)]
        )

    @property
    def lost(self) -> np.ndarray:
        """Count the runs that were right after fewer loops and are wrong after each: (loops,) int64."""
        had = np.maximum.accumulate(self.right, 0)
        count: np.ndarray = (had & ~self.right).sum(1)
        return count


class Area(NamedTuple):
    """Areas under ROC curves, 0 to 1; NaN where all runs are right, or all wrong."""

    value: np.ndarray  # (loops,)
    interval: np.ndarray  # (loops, 2) 95 %, bootstrap over runs


def area(score: np.ndarray, right: np.ndarray, draws: int = DRAWS) -> Area:
    """Measure how well a high score tells right runs from wrong ones: score and right (loops, runs).

    A score that is NaN counts as the lowest. Ties count one half.

    >>> right = np.array([[True, True, False, False]])
    >>> area(np.array([[4.0, 2.0, 3.0, 1.0]]), right).value.tolist()
    [0.75]
    """
    loops, runs = right.shape
    score = np.where(np.isnan(score), -np.inf, score)
    drawn = np.random.default_rng(0).integers(runs, size=(draws, runs))
    weights = np.stack([np.bincount(one, minlength=runs) for one in drawn]).astype(np.float64)
    value, interval = np.full(loops, np.nan), np.full((loops, 2), np.nan)
    for t in range(loops):
        good, bad = np.flatnonzero(right[t]), np.flatnonzero(~right[t])
        if not len(good) or not len(bad):
            continue
        above = (score[t, good][:, None] > score[t, bad]) + 0.5 * (score[t, good][:, None] == score[t, bad])
        value[t] = above.mean()
        pairs = weights[:, good].sum(1) * weights[:, bad].sum(1)
        found = ((weights[:, good] @ above) * weights[:, bad]).sum(1)[pairs > 0] / pairs[pairs > 0]
        interval[t] = np.quantile(found, (0.025, 0.975))
    return Area(value, interval)


def alike(right: np.ndarray) -> list[tuple[int, int, bool]]:
    """Return the stretches of loops after which no runs could be told apart: first, last, whether all are right.

    right (loops, runs) bool; loops from 1. In these stretches `area` is NaN, because all are right or all wrong.

    >>> alike(np.array([[False, False], [False, False], [True, False], [True, True]]))
    [(1, 2, False), (4, 4, True)]
    """
    found: list[tuple[int, int, bool]] = []
    for loop, runs in enumerate(right, 1):
        if runs.any() != runs.all():
            continue
        good = bool(runs.all())
        if found and found[-1][1:] == (loop - 1, good):
            found[-1] = (found[-1][0], loop, good)
        else:
            found.append((loop, loop, good))
    return found


@torch.inference_mode()
def rests(
    model: LoopedModel,
    tokens: np.ndarray,
    right: Callable[[np.ndarray, np.ndarray], np.ndarray],
    loops: int | None = None,
    asked: np.ndarray | None = None,
    batch: int = 4,
) -> Iterator[Rests]:
    """Run inputs (runs, positions) and keep how each moves and whether it is right; yield all runs so far.

    `right` takes tokens and answers, (count, positions) both, and says (count,) which are right, as a task's does;
    `asked` (runs, positions) bool are the positions whose confidence counts.
    """
    device, asked = device_of(model), np.ones(tokens.shape, bool) if asked is None else asked
    parts: list[Rests] = []
    for first in range(0, len(tokens), batch):
        part, mask = tokens[first : first + batch].astype(np.int64), asked[first : first + batch]
        states: list[torch.Tensor] = []
        good, moved, sure = [], [], []
        for state in model.unroll(torch.as_tensor(part, device=device), loops):
            hidden = state.hidden.float()
            if states:
                logits = model.readout(state.hidden).float().cpu().numpy()
                given = exchanged(part, state.loop - 1, model.standing_interventions)
                good.append(right(given, logits.argmax(-1)))
                moved.append(relative_residual(states[-1], hidden).cpu().numpy())
                largest = softmax(logits).max(-1)
                sure.append((largest * mask).sum(-1) / np.maximum(mask.sum(-1), 1))
            states.append(hidden)
        found = [verdict(run, model.trained_loops) for run in torch.stack(states, 1).cpu().numpy()]
        kinds, settled = np.array([one.kind for one in found]), np.array([one.settled for one in found])
        parts.append(Rests(np.stack(good), np.stack(moved), np.stack(sure), kinds, settled))
        yield Rests(*(np.concatenate(kept, -1) for kept in zip(*parts, strict=True)))
