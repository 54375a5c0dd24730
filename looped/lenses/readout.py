"""What the output head reads from the state after every loop: a logit lens along loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import LOGITS
from looped.runs.numerics import softmax as softmax

NEEDS = LOGITS


class Readout(NamedTuple):
    """Entry t belongs to hidden[t + 1], the state after t + 1 loops."""

    answers: np.ndarray  # (loops, positions) int64, the token with the largest logit
    confidence: np.ndarray  # (loops, positions) the probability of that token
    changed: np.ndarray  # (loops, positions) bool: another answer than after the loop before (never in the first)
    settled: np.ndarray  # (positions,) int64: the number of loops after which the answer never changed again, 1 … loops


class Certainty(NamedTuple):
    """How sure the readout is, position by position. Entry t belongs to hidden[t + 1]."""

    probabilities: np.ndarray  # (loops, positions, vocab), the softmax of the logits
    entropy: np.ndarray  # (loops, positions) bits: 0 when sure, log2(vocab) when every token is as likely
    rank: (
        np.ndarray
    )  # (loops, positions) int64, how high the final answer stands among the tokens: 1 for the largest logit
    flips: np.ndarray  # (positions,) int64, in how many loops the answer changed


class Whole(NamedTuple):
    """The readout of many positions together. Entry t belongs to hidden[t + 1]."""

    entropy: np.ndarray  # (loops,) bits, summed over positions
    rank: np.ndarray  # (loops,) the mean over positions of the final answer's rank
    flips: np.ndarray  # (loops,) int64, how many answers this loop changed
    settled: np.ndarray  # (loops,) int64, how many answers never change again after this loop


def readout(logits: np.ndarray) -> Readout:
    """logits (loops, positions, vocab) → what they say.

    >>> r = readout(np.log([[[0.9, 0.1]], [[0.2, 0.8]], [[0.3, 0.7]]]))
    >>> r.answers[:, 0].tolist(), r.confidence[:, 0].round(2).tolist(), r.settled.tolist()
    ([0, 1, 1], [0.9, 0.8, 0.7], [2])
    """
    answers = logits.argmax(-1)
    changed = np.zeros(answers.shape, bool)
    changed[1:] = answers[1:] != answers[:-1]
    loops = np.arange(1, len(answers) + 1)[:, None]
    return Readout(answers, softmax(logits).max(-1), changed, np.where(changed, loops, 1).max(0))


def certainty(logits: np.ndarray) -> Certainty:
    """logits (loops, positions, vocab) → how sure each position is, and how its final answer came to be one.

    The final answer is that of the last loop; a token that ties with it does not stand above it.

    >>> c = certainty(np.log([[[0.5, 0.25, 0.25]], [[0.125, 0.125, 0.75]], [[0.25, 0.5, 0.25]]]))
    >>> c.entropy[:, 0].round(2).tolist(), c.rank[:, 0].tolist(), c.flips.tolist()
    ([1.5, 1.06, 1.5], [2, 2, 1], [2])
    """
    probabilities = softmax(logits)
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = np.where(probabilities > 0, probabilities * np.log2(probabilities), 0)
    final = np.take_along_axis(logits, np.broadcast_to(logits[-1].argmax(-1)[:, None], (*logits.shape[:2], 1)), -1)
    return Certainty(probabilities, 0 - surprise.sum(-1), 1 + (logits > final).sum(-1), readout(logits).changed.sum(0))


def whole(logits: np.ndarray, chosen: np.ndarray | slice = slice(None)) -> Whole:
    """logits (loops, positions, vocab) → the same over all positions, or over the chosen ones: a mask or indices.

    >>> w = whole(np.log([[[0.5, 0.5], [0.9, 0.1]], [[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.1, 0.9]]]), np.array([0]))
    >>> w.entropy.tolist(), w.rank.tolist(), w.flips.tolist(), w.settled.tolist()
    ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0, 0, 0], [1, 1, 1])
    """
    logits = logits[:, chosen]
    read, sure = readout(logits), certainty(logits)
    loops = np.arange(1, len(logits) + 1)[:, None]
    return Whole(sure.entropy.sum(-1), sure.rank.mean(-1), read.changed.sum(-1), (read.settled <= loops).sum(-1))
