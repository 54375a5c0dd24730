"""Does this run come back when its state is disturbed, and how fast?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.recovery import CORRUPTED, DRAWS, NOISE, loops_back, recovery
from looped.questions.question import Asked, step
from looped.serving.message import Packed


def ask_recovery(asked: Asked) -> Iterator[Packed]:
    """Disturb the state at the end of the run and run on for as many loops again; see `looped.lenses.recovery`.

    Arrays: distance and same (rows, loops + 1) F32, medians over the draws, NaN where not run yet; back and right
    (rows,) U8, of how many draws the answer is that of the undisturbed run, or right, at the end; loops_back (rows,)
    F32, after how many loops it is, the median, NaN where half of the draws or more do not come back. Meta: noise and
    exchanged (numbers of places), what the rows are; counted, the places that could be exchanged; draws; done, rows so
    far; plain_right, of the undisturbed run at its end.
    """
    task, tokens = asked.checkpoint.task, asked.tokens
    counted = task.asked(tokens)
    if not counted.any():
        counted = np.ones(len(tokens), bool)
    corrupted = CORRUPTED if counted.sum() > 1 else ()  # one place has none to change places with
    runs = recovery(asked.checkpoint.model, tokens, task.right, counted, asked.loops, asked.loops, corrupted=corrupted)
    for found in runs:
        when = np.median(np.nan_to_num(loops_back(found.same), nan=np.inf), axis=1)
        arrays = {
            "distance": np.median(found.distance, axis=1).astype(np.float32),
            "same": np.median(found.same, axis=1).astype(np.float32),
            "back": found.back.sum(1).astype(np.uint8),
            "right": found.right.sum(1).astype(np.uint8),
            "loops_back": np.where(np.isfinite(when), when, np.nan).astype(np.float32),
        }
        yield step(
            found.done / len(found.back),
            arrays,
            noise=list(NOISE),
            exchanged=list(found.exchanged),
            counted=int(counted.sum()),
            draws=DRAWS,
            done=found.done,
            plain_right=found.plain_right,
        )
