"""Does rest mean right, for this model?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.inputs import HELD_OUT_SEED, Drawn, hardest_known, held_out
from looped.lenses.resting import alike, area, rests
from looped.questions.question import Asked, step
from looped.serving.message import Arrays, Packed

INPUTS = 64


def ask_resting(asked: Asked) -> Iterator[Packed]:
    """Count held-out inputs, the first of those that `evaluate` measures; see `_rests`."""
    return _rests(asked, held_out(asked.checkpoint, INPUTS, HELD_OUT_SEED))


def ask_resting_minimal(asked: Asked) -> Iterator[Packed]:
    """Count the hardest inputs; see `_rests`."""
    return _rests(asked, hardest_known(asked.checkpoint.task, INPUTS, seed=7, limit=INPUTS))


def _rests(asked: Asked, drawn: Drawn) -> Iterator[Packed]:
    """Run inputs, count which come to rest and which are right, and say what a small step tells.

    Arrays: table (2, 2), [at rest, not at rest] × [right, wrong] at the end; lost (loops,), inputs that were right and
    no longer are; area (2, loops, 3) F32, the area under the ROC curve of a small residual and of the confidence, with
    the ends of its 95 % interval, NaN where all are right or all wrong; tells (2, loops) I8, 1 where that interval lies
    above 0.5, −1 where below, 0 for neither. Meta: runs so far, data and inputs (what they are; `Drawn`); alike, where
    there is no curve and why (`looped.lenses.resting.alike`); verdicts, [kind, how many] of those at rest, and of those
    that are not.
    """
    task, tokens = asked.checkpoint.task, drawn.tokens
    for found in rests(asked.checkpoint.model, tokens, task.right, asked.loops, task.asked(tokens)):
        areas = [area(score, found.right) for score in (-found.residual, found.confidence)]
        both = np.stack([np.column_stack([one.value, one.interval]) for one in areas])
        arrays: Arrays = {
            "table": found.table.astype(np.uint16),
            "lost": found.lost.astype(np.uint16),
            "area": both.astype(np.float32),
            "tells": (both[..., 1] > 0.5).astype(np.int8) - (both[..., 2] < 0.5).astype(np.int8),
        }
        runs = found.right.shape[1]
        about = {"data": drawn.data, "inputs": drawn.inputs, "alike": alike(found.right), "verdicts": found.verdicts}
        yield step(runs / len(tokens), arrays, runs=runs, **about)
