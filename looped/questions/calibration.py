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
LEVEL = 0.005  # a smaller gap, half of a point, is none to speak of


def ask_calibration(asked: Asked) -> Iterator[Packed]:
    """Measure calibration and commitment on held-out inputs, the first of those that `evaluate` measures.

    Arrays F32: counts, probability and accuracy (loops, bins), error, committed and wrong (loops,) of
    `looped.lenses.calibration`; gap (loops, 3), mean probability − share of right answers and the ends of its 95 %
    interval (bootstrap over inputs); too_sure (loops,) I8, 1 where that interval lies above 0, −1 where below, 0 for
    neither and for a gap below LEVEL.
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
            "too_sure": sides(ends) * (np.abs(measured.gap) >= LEVEL).astype(np.int8),
        }
        yield step(runs / len(tokens), arrays, runs=runs, answers=len(found.run), **about)


def gap_ends(found: Answers) -> np.ndarray:
    """Return the 95 % intervals of mean probability − share of right answers: (loops, 2), bootstrap over runs."""
    of_run = np.unique(found.run, return_inverse=True)[1]
    many = np.bincount(of_run)
    sums = np.stack([np.bincount(of_run, off) for off in found.probability - found.right], 1)  # (runs, loops)
    return bootstrap_mean(sums / many[:, None], many).T
