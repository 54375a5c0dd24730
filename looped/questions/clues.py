"""Which clues does an answer rest on? Integrated gradients, ablation, and how far the two agree."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from looped import lenses
from looped.lenses.attribution import (
    WINDOW,
    Ablation,
    Attribution,
    ablation,
    agreement,
    integrated_gradients,
    strongest,
)
from looped.lenses.correlation import spearman
from looped.lenses.rollout import traced
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed

GRADIENTS = 0.8  # share of the work that gradients are; the rest is ablation


def ask_clues(asked: Asked) -> Iterator[Packed]:
    """Weigh the clues of the answer at the chosen position after the loop of the clock.

    Token 0 (a blank, padding) stands in place of a clue. The chosen position may be a clue itself: its place is asked
    all the same. Arrays: clues (2, positions) F32, bits, by gradients and by ablation, NaN where there is no clue and
    where not known yet. Meta: cell, loop, token, output, baseline and their difference (bits), error (bits), relative,
    window; best, the position of the largest score by each method, None where none is known; correlation and same of
    the two attributions, None until both are known; rollout, the rank correlation of ablation with the shares that
    attention rollout traces to the clues, None until known and where the model has no attention. Raises ValueError when
    there is no clue.
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
        yield step(share, {"clues": clues.copy()}, **meta, best=_best(clues), correlation=None, same=None, rollout=None)
    for without in ablation(model, tokens, asked.cell, asked.loop, given, found.token):
        clues[1, without.givens] = without.scores
        whole = without.done == without.total
        both = agreement(found.scores, without.scores) if whole else None
        yield step(
            GRADIENTS + (1 - GRADIENTS) * without.done / without.total,
            {"clues": clues.copy()},
            **meta,
            best=_best(clues),
            correlation=None if both is None else _number(both.correlation),
            same=None if both is None else both.same,
            rollout=_number(_with_rollout(asked, without)) if whole else None,
        )


def _with_rollout(asked: Asked, without: Ablation) -> float:
    """Return the rank correlation of ablation with attention rollout, over the clues; NaN without attention."""
    if lenses.rollout.NEEDS.missing(asked.checkpoint.model) is not None:
        return math.nan
    trace = record(asked.checkpoint.model, asked.tokens, asked.loop, verify=False)
    flow, _ = traced(asked.checkpoint.model, trace)
    return spearman(flow[asked.loop, asked.cell, without.givens], without.scores)


def _number(value: float) -> float | None:
    """Return a number, None for NaN."""
    return None if math.isnan(value) else value


def _best(clues: np.ndarray) -> list[int | None]:
    """Return the position of the largest score of each row, None where none is known."""
    return [strongest(row) for row in clues]


def _described(asked: Asked, found: Attribution) -> dict[str, object]:
    """Return what is told of integrated gradients beside the scores."""
    return {
        "cell": asked.cell,
        "loop": asked.loop,
        "token": found.token,
        "output": found.output,
        "baseline": found.baseline,
        "difference": found.output - found.baseline,
        "error": found.error,
        "relative": _number(found.relative),
        "window": min(WINDOW, asked.loop),
    }
