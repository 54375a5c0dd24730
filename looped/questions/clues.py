"""Which clues does an answer rest on? Integrated gradients, ablation, and how far the two agree."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from looped.lenses.attribution import WINDOW, Attribution, ablation, agreement, integrated_gradients, strongest
from looped.questions.question import Asked, step
from looped.serving.message import Packed

GRADIENTS = 0.8  # share of the work that gradients are; the rest is ablation


def ask_clues(asked: Asked) -> Iterator[Packed]:
    """Weigh the clues of the answer at the chosen position after the loop of the clock.

    Token 0 (a blank, padding) stands in place of a clue. The chosen position may be a clue itself: its place is asked
    all the same. Arrays: clues (2, positions) F32, bits, by gradients and by ablation, NaN where there is no clue and
    where not known yet. Meta: cell, loop, token, output and baseline (bits), error (bits), relative, window, and
    correlation and same of the two attributions, None until both are known; best, the position that each names, None
    for none. Raises ValueError when there is no clue.
    """
    task, model, tokens = asked.checkpoint.task, asked.checkpoint.model, asked.tokens
    given = task.clues(tokens)
    if not given.any():
        raise ValueError(f"This {task.terms.input} has no {task.terms.clue} that an answer could rest on.")
    clues = np.full((2, len(tokens)), np.nan, np.float32)
    meta: dict[str, object] = {}
    for found in integrated_gradients(model, tokens, asked.cell, asked.loop, given):
        clues[0, found.givens] = found.scores
        meta = _described(asked, found)
        share = GRADIENTS * found.done / found.total
        yield step(share, {"clues": clues.copy()}, **meta, correlation=None, same=None, best=_best(clues))
    for without in ablation(model, tokens, asked.cell, asked.loop, given, found.token):
        clues[1, without.givens] = without.scores
        both = agreement(found.scores, without.scores) if without.done == without.total else None
        yield step(
            GRADIENTS + (1 - GRADIENTS) * without.done / without.total,
            {"clues": clues.copy()},
            **meta,
            correlation=None if both is None or math.isnan(both.correlation) else both.correlation,
            same=None if both is None else both.same,
            best=_best(clues),
        )


def _best(clues: np.ndarray) -> list[int | None]:
    """Return the position with the largest score of each method."""
    return [strongest(scores) for scores in clues]


def _described(asked: Asked, found: Attribution) -> dict[str, object]:
    """Return what is told of integrated gradients beside the scores."""
    return {
        "cell": asked.cell,
        "loop": asked.loop,
        "token": found.token,
        "output": found.output,
        "baseline": found.baseline,
        "error": found.error,
        "relative": None if math.isnan(found.relative) else found.relative,
        "window": min(WINDOW, asked.loop),
    }
