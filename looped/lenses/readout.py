"""What the output head reads from the state after every loop: a logit lens along loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import LOGITS
from looped.runs.numerics import softmax as softmax

NEEDS = LOGITS
QUIET = 0.25  # of a run without a change: after it an answer counts as settled
LEAST = 4  # loops without a change that it takes at least: fewer do not tell


class Readout(NamedTuple):
    """Entry t belongs to hidden[t + 1]: what the model would answer if it stopped after t + 1 loops."""

    answers: np.ndarray  # (loops, positions) int64, the token with the largest logit
    confidence: np.ndarray  # (loops, positions) the probability of that token
    changed: np.ndarray  # (loops, positions) bool: another answer than after the loop before (never in the first)
    settled: np.ndarray  # (positions,) int64, loops after which the answer never changed again, 1 … loops
    unsettled: np.ndarray  # (positions,) bool: the last quarter of the run, or LEAST loops, did not leave it as it was


class Settling(NamedTuple):
    """When answers settled, as far as the run goes."""

    settled: np.ndarray  # (positions,) int64, loops after which the answer never changed again, 1 … loops
    unsettled: np.ndarray  # (positions,) bool: the last quarter of the run, or LEAST loops, did not leave it as it was


class Certainty(NamedTuple):
    """How sure the readout is, position by position. Entry t belongs to hidden[t + 1]."""

    probabilities: np.ndarray  # (loops, positions, vocab), the softmax of the logits
    entropy: np.ndarray  # (loops, positions) bits: 0 when sure, log2(vocab) when every token is as likely
    rank: np.ndarray  # (loops, positions) int64, how high the final answer stands: 1 for the largest logit
    runner_up: np.ndarray  # (loops, positions) int64, the token with the second largest logit; of one token itself
    flips: np.ndarray  # (loops, positions) int64, how often the answer has changed up to this loop


class Whole(NamedTuple):
    """The readout of many positions together. Entry t belongs to hidden[t + 1]."""

    entropy: np.ndarray  # (loops,) bits, the mean over positions
    rank: np.ndarray  # (loops,) the mean over positions of the final answer's rank
    flips: np.ndarray  # (loops,) int64, how many answers this loop changed
    settled: np.ndarray  # (loops,) int64, how many answers have settled and never change again after this loop


class Outcome(NamedTuple):
    """When a whole answer is right. Loops are counted as "after so many", from 1."""

    first: int | None  # right for the first time; None: never
    since: int | None  # right from here to the end; None: wrong at the end


def readout(logits: np.ndarray, complete: bool = False) -> Readout:
    """Read the answers off logits (loops, positions, vocab).

    When an answer settles is known only as far as the run goes, unless the run is `complete`; see `settling`.

    >>> r = readout(np.log([[[0.9, 0.1]], [[0.2, 0.8]], [[0.3, 0.7]]]))
    >>> r.answers[:, 0].tolist(), r.confidence[:, 0].round(2).tolist(), r.settled.tolist()
    ([0, 1, 1], [0.9, 0.8, 0.7], [2])
    """
    answers = logits.argmax(-1)
    return Readout(answers, softmax(logits).max(-1), changes(answers), *settling(answers, complete))


def changes(answers: np.ndarray) -> np.ndarray:
    """Mark where another answer is given than after the loop before, never in the first: (loops, positions) bool.

    >>> changes(np.array([[1], [2], [2]])).ravel().tolist()
    [False, True, False]
    """
    changed = np.zeros(answers.shape, bool)
    changed[1:] = answers[1:] != answers[:-1]
    return changed


def settling(answers: np.ndarray, complete: bool = False) -> Settling:
    """Find the loop after which each answer never changed again: answers (loops, positions); 1 where it never did.

    An answer is called settled when it was the same after so many further loops: a quarter of the run, and LEAST of
    them. In a run of LEAST loops or fewer none is, not even one that never changed. After a run that is `complete`
    (`looped.runs.trace.Trace`: no loop can follow, as in a standard transformer) every answer has settled.

    >>> found = settling(np.array([[1, 1, 1], [2, 1, 1], [2, 1, 1], [2, 1, 1], [2, 1, 1], [2, 1, 2]]))
    >>> found.settled.tolist(), found.unsettled.tolist()
    ([2, 1, 6], [False, False, True])
    >>> settling(np.ones((4, 1))).unsettled.tolist()
    [True]
    >>> settling(np.ones((4, 1)), complete=True).unsettled.tolist()
    [False]
    """
    loops = len(answers)
    settled = loops - np.logical_and.accumulate((answers == answers[-1])[::-1], axis=0).sum(0) + 1
    return Settling(settled, settled > loops - quiet(loops, complete))


def quiet(loops: int, complete: bool = False) -> int:
    """Return how many loops at the end of a run must leave an answer as it was so that it counts as settled.

    >>> [quiet(4), quiet(6), quiet(64), quiet(64, complete=True)]
    [4, 4, 16, 0]
    """
    return 0 if complete else max(LEAST, round(QUIET * loops))


def certainty(logits: np.ndarray) -> Certainty:
    """Measure how sure the readout of logits (loops, positions, vocab) is, and how the final answer came to be one.

    The final answer is that of the last loop; a token that ties with it does not stand above it.

    >>> c = certainty(np.log([[[0.5, 0.25, 0.25]], [[0.125, 0.125, 0.75]], [[0.25, 0.5, 0.25]]]))
    >>> c.entropy[:, 0].round(2).tolist(), c.rank[:, 0].tolist(), c.flips[:, 0].tolist()
    ([1.5, 1.06, 1.5], [2, 2, 1], [0, 1, 2])
    >>> c.runner_up[:, 0].tolist()
    [1, 0, 0]
    """
    probabilities = softmax(logits)
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = np.where(probabilities > 0, probabilities * np.log2(probabilities), 0)
    answers = logits.argmax(-1)
    final = np.take_along_axis(logits, np.broadcast_to(answers[-1][:, None], (*logits.shape[:2], 1)), -1)
    rest = logits.astype(np.float64)
    if logits.shape[-1] > 1:
        np.put_along_axis(rest, answers[..., None], -np.inf, -1)
    return Certainty(
        probabilities,
        0 - surprise.sum(-1),
        1 + (logits > final).sum(-1),
        rest.argmax(-1),
        changes(answers).cumsum(0),
    )


def whole(logits: np.ndarray, chosen: np.ndarray | slice = slice(None), complete: bool = False) -> Whole:
    """Sum up the readout of logits (loops, positions, vocab) over all positions, or over the chosen: a mask or indices.

    An answer that is `unsettled` counts as settled in no loop.

    >>> w = whole(np.log([[[0.5, 0.5], [0.9, 0.1]], [[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.1, 0.9]]]), np.array([0]))
    >>> w.entropy.tolist(), w.rank.tolist(), w.flips.tolist(), w.settled.tolist()
    ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0, 0, 0], [0, 0, 0])
    """
    return summed(readout(logits, complete), certainty(logits), chosen)


def summed(read: Readout, sure: Certainty, chosen: np.ndarray | slice = slice(None)) -> Whole:
    """Sum up a readout that is known; as `whole`."""
    loops = np.arange(1, len(read.answers) + 1)[:, None]
    settled = (read.settled <= loops) & ~read.unsettled
    means = (each[:, chosen].mean(-1) for each in (sure.entropy, sure.rank))
    return Whole(*means, *(each[:, chosen].sum(-1) for each in (read.changed, settled)))


def doubtful(logits: np.ndarray, chosen: np.ndarray | slice = slice(None), below: float = 0.5) -> np.ndarray:
    """Count the answers whose probability is less than `below`: logits (loops, positions, vocab) → (loops,) int64.

    >>> doubtful(np.log([[[0.9, 0.1, 0.0001], [0.4, 0.3, 0.3]]])).tolist()
    [1]
    """
    return unsure(readout(logits), chosen, below)


def unsure(read: Readout, chosen: np.ndarray | slice = slice(None), below: float = 0.5) -> np.ndarray:
    """Count the answers of a readout that is known, as `doubtful`."""
    count: np.ndarray = (read.confidence[:, chosen] < below).sum(-1)
    return count


def misses(answers: np.ndarray, solution: np.ndarray, chosen: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Count where answers (loops, positions) differ from the one solution (positions,): (loops,) int64.

    >>> misses(np.array([[1, 2, 3], [1, 2, 4]]), np.array([1, 9, 4]), np.array([True, False, True])).tolist()
    [1, 0]
    """
    count: np.ndarray = (answers != solution)[:, chosen].sum(-1)
    return count


def outcome(right: np.ndarray) -> Outcome:
    """Find the first loop with a right answer, and the one from which it stays right: right (loops,) bool, by loop.

    >>> outcome(np.array([False, True, False, True])), outcome(np.array([False]))
    (Outcome(first=2, since=4), Outcome(first=None, since=None))
    """
    wrong = np.flatnonzero(~right)
    since = int(wrong[-1]) + 2 if len(wrong) else 1
    return Outcome(int(right.argmax()) + 1 if right.any() else None, since if since <= len(right) else None)


def ever(answers: np.ndarray, token: int) -> np.ndarray:
    """Return at which positions a token is the answer after any loop: answers (loops, positions) → (positions,) bool.

    >>> ever(np.array([[0, 2], [1, 2]]), 0).tolist()
    [True, False]
    """
    found: np.ndarray = (answers == token).any(0)
    return found


def readable(logits: np.ndarray, count: int = 9) -> np.ndarray:
    """Choose the tokens by which a readout is drawn: logits (loops, positions, vocab) → (positions, count), ascending.

    They are the last answer and, of the others, those whose probability is ever largest. There are as many as `count`,
    or all tokens where there are fewer.

    >>> readable(np.log([[[0.5, 0.3, 0.15, 0.05]], [[0.02, 0.08, 0.2, 0.7]]]), count=3).tolist()
    [[0, 1, 3]]
    """
    peak = softmax(logits).max(0)
    last = logits[-1].argmax(-1)
    np.put_along_axis(peak, last[:, None], np.inf, -1)
    tokens: np.ndarray = np.sort(np.argsort(-peak, axis=-1, kind="stable")[:, :count], axis=-1)
    return tokens
