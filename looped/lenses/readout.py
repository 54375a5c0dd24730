"""What the output head reads from the state after every loop: a logit lens along loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Readout(NamedTuple):
    """Entry t belongs to hidden[t + 1], the state after t + 1 loops."""

    answers: np.ndarray  # (loops, positions) int64, the token with the largest logit
    confidence: np.ndarray  # (loops, positions) the probability of that token
    changed: np.ndarray  # (loops, positions) bool: another answer than after the loop before (never in the first)
    settled: np.ndarray  # (positions,) int64: the number of loops after which the answer never changed again, 1 … loops


def readout(logits: np.ndarray) -> Readout:
    """logits (loops, positions, vocab) → what they say.

    >>> r = readout(np.log([[[0.9, 0.1]], [[0.2, 0.8]], [[0.3, 0.7]]]))
    >>> r.answers[:, 0].tolist(), r.confidence[:, 0].round(2).tolist(), r.settled.tolist()
    ([0, 1, 1], [0.9, 0.8, 0.7], [2])
    """
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    answers = logits.argmax(-1)
    changed = np.zeros(answers.shape, bool)
    changed[1:] = answers[1:] != answers[:-1]
    loops = np.arange(1, len(answers) + 1)[:, None]
    return Readout(answers, (shifted / shifted.sum(-1, keepdims=True)).max(-1), changed, np.where(changed, loops, 1).max(0))
