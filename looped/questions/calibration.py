"""How far may the probabilities of this model be believed, loop by loop?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.inputs import HELD_OUT_SEED, held_out
from looped.catalogue.intervals import bootstrap_mean, sides
from looped.lenses.calibration import Answers, calibration, survey
from looped.questions.question import Asked, step
from looped.serving.message import Packed

INPUTS = 64


def ask_calibration(asked: Asked) -> Iterator[Packed]:
    """Measure calibration and commitment on held-out inputs, the first of those that `evaluate` measures.

    Arrays F32: counts, probability and accuracy (loops, bins), error, committed and wrong (loops,) of
    `looped.lenses.calibration`; gap (loops, 3), mean probability − share of right answers and the ends of its 95 %
    interval (bootstrap over inputs); too_sure (loops,) I8, 1 where that interval, as it is written, lies above 0, −1
    where below, 0 for neither (`side_written`); decimals (loops,) I8, with how many all of these are written in points.
    Meta: runs and answers so far, data and inputs (what they are; `Drawn`).
    """
    task, model = asked.checkpoint.task, asked.checkpoint.model
    drawn = held_out(asked.checkpoint, INPUTS, HELD_OUT_SEED)
    about = {"data": drawn.data, "inputs": drawn.inputs}
    tokens, answers = drawn.tokens, drawn.answers
    assert answers is not None  # of generated inputs they are known
    for found in survey(model, tokens, task.targets(tokens, answers), asked.loops):
        if not len(found.run):
            continue
        runs = int(found.run[-1]) + 1
        measured, ends = calibration(found.probability, found.right), gap_ends(found)
        arrays = {
            name: getattr(measured, name).astype(np.float32)
            for name in ("counts", "probability", "accuracy", "error", "committed", "wrong")
        }
        arrays |= {
            "gap": np.column_stack([measured.gap, ends]).astype(np.float32),
            "too_sure": side_written(np.column_stack([measured.gap, ends])),
            "decimals": decimals(np.column_stack([measured.gap, ends])),
        }
        yield step(runs / len(tokens), arrays, runs=runs, answers=len(found.run), **about)


def decimals(gap: np.ndarray) -> np.ndarray:
    """Return with how many decimals differences of shares are written in points: (…) int8.

    gap (…, 3): a difference and the ends of its interval. One, or two where all are below one point; more, at most
    four, where the two ends would be written alike, for an interval has a width. Below 0.005 points nothing is written.

    >>> decimals(np.array([[0.2, 0.1, 0.3], [0.002, 0.001, 0.003], [0.000107, 0.000095, 0.00012], [0.2, 0.2, 0.2]]))
    array([1, 2, 3, 1], dtype=int8)
    """
    points = 100 * gap
    most = np.abs(points).max(-1)
    first = np.where(most < 1, 2, 1)
    found = first.copy()
    for digits in (4, 3, 2, 1):
        low, high = np.moveaxis(points[..., 1:].round(digits), -1, 0)
        found = np.where((low != high) & (digits >= first) & (most >= 0.005), digits, found)
    return found.astype(np.int8)


def side_written(gap: np.ndarray) -> np.ndarray:
    """Return on which side of 0 differences of shares lie, as they are written: 1 above, −1 below, 0 for neither; int8.

    gap (…, 3): a difference and the ends of its interval, written in points with as many `decimals`; so what is said of
    an interval agrees with the numbers beside it.

    >>> side_written(np.array([[0.004, 0.002, 0.006], [0.004, 0.00001, 0.0077], [0.1, 0.0004, 0.2]])).tolist()
    [1, 0, 0]
    >>> side_written(np.array([[-0.1, -0.2, -0.0006], [0.00002, 0.00001, 0.00003], [0.1, -0.1, 0.3]])).tolist()
    [-1, 0, 0]
    """
    points, digits = 100 * gap, decimals(gap)[..., None]
    written = np.select([digits == most for most in (1, 2, 3, 4)], [points.round(most) for most in (1, 2, 3, 4)])
    return sides(written[..., 1:])


def gap_ends(found: Answers) -> np.ndarray:
    """Return the 95 % intervals of mean probability − share of right answers: (loops, 2), bootstrap over runs."""
    of_run = np.unique(found.run, return_inverse=True)[1]
    many = np.bincount(of_run)
    sums = np.stack([np.bincount(of_run, off) for off in found.probability - found.right], 1)  # (runs, loops)
    return bootstrap_mean(sums / many[:, None], many).T
