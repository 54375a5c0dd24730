"""How far may a probability be believed, loop by loop? Calibration, and what a model is committed to.

A readout is calibrated where, of all answers given with a probability of 0.8, four in five are right. How far it is
from that is the expected calibration error (Guo et al., arXiv 1706.04599): answers are sorted by probability into bins
of one width, and the distances between mean probability and share of right answers are averaged, weighted by how many
answers each bin has. The other number is commitment: how many answers have a probability above 0.9, and how many of
those are wrong. A looped net that is committed after its first loop, and often wrongly, writes decisions, not
probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch

from looped.model import LoopedModel
from looped.model.seam import device_of
from looped.runs.needs import LOGITS
from looped.runs.numerics import softmax

NEEDS = LOGITS

BINS = 10
COMMITTED = 0.9


class Answers(NamedTuple):
    """The answers of several runs after each loop, one column for each that was asked."""

    probability: np.ndarray  # (loops, answers) float32, of the answer, the token with the largest
    right: np.ndarray  # (loops, answers) bool
    run: np.ndarray  # (answers,) int64, the run that each belongs to


class Calibration(NamedTuple):
    """Per loop. Bins are [0, 1/bins), … and the last with its end; NaN in a bin without answers."""

    counts: np.ndarray  # (loops, bins) int64
    probability: np.ndarray  # (loops, bins) the mean in each bin
    accuracy: np.ndarray  # (loops, bins) share of right answers in it
    error: np.ndarray  # (loops,) expected calibration error, 0 to 1
    gap: np.ndarray  # (loops,) mean probability − share of right answers, −1 to 1: above 0 the model is too sure
    committed: np.ndarray  # (loops,) share of answers with a probability above COMMITTED
    wrong: np.ndarray  # (loops,) share of wrong ones among those; NaN where there are none


def calibration(probability: np.ndarray, right: np.ndarray, bins: int = BINS) -> Calibration:
    """Measure the calibration of answers, probability and right (loops, answers); see `Calibration`.

    Raises ValueError where nothing was asked.

    >>> found = calibration(np.array([[0.8, 0.8, 0.8, 0.8, 0.95]]), np.array([[True, True, True, False, False]]))
    >>> found.error.round(2).tolist(), found.committed.tolist(), found.wrong.tolist()  # .8 · |.8 − .75| + .2 · .95
    ([0.23], [0.2], [1.0])
    """
    loops, answers = probability.shape
    if not answers:
        raise ValueError("nothing is asked in these inputs, so no answer can be believed or not.")
    which = np.minimum((probability.astype(np.float64) * bins).astype(np.int64), bins - 1)
    count, sure, good = np.zeros((3, loops, bins))
    for t in range(loops):
        count[t] = np.bincount(which[t], minlength=bins)
        sure[t] = np.bincount(which[t], probability[t], bins)
        good[t] = np.bincount(which[t], right[t], bins)
    committed = probability > COMMITTED
    with np.errstate(invalid="ignore", divide="ignore"):
        wrong = (committed & ~right).sum(1) / committed.sum(1)
        mean, accuracy = sure / count, good / count
    return Calibration(
        count.astype(np.int64),
        mean,
        accuracy,
        np.abs(sure - good).sum(1) / answers,
        (sure - good).sum(1) / answers,
        committed.mean(1),
        wrong,
    )


@torch.inference_mode()
def survey(
    model: LoopedModel, tokens: np.ndarray, targets: np.ndarray, loops: int | None = None, batch: int = 8
) -> Iterator[Answers]:
    """Run inputs (runs, positions) and keep how sure each answer is and whether it is right; yield all runs so far.

    `targets` (runs, positions) are the right tokens, −1 where nothing is asked, as `Task.targets` makes them.
    """
    device = device_of(model)
    parts: list[Answers] = []
    for first in range(0, len(tokens), batch):
        asked, wanted = targets[first : first + batch] >= 0, targets[first : first + batch]
        sure, good = [], []
        for state in model.unroll(
            torch.as_tensor(tokens[first : first + batch].astype(np.int64), device=device), loops
        ):
            if state.loop == 0:
                continue
            p = softmax(model.readout(state.hidden).float().cpu().numpy()[asked])
            sure.append(p.max(-1))
            good.append(p.argmax(-1) == wanted[asked])
        parts.append(Answers(np.stack(sure), np.stack(good), first + np.nonzero(asked)[0]))
        yield Answers(*(np.concatenate(kept, -1) for kept in zip(*parts, strict=True)))
