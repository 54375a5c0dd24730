"""Which example decided a prediction? Integrated gradients beside each example taken away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.influence import gradients, taken_away
from looped.questions.question import Asked, step
from looped.serving.message import Packed


def ask_influence(asked: Asked) -> Iterator[Packed]:
    """Weigh the examples behind the prediction at the chosen query after the loop of the clock.

    Arrays: influence (2, examples) F32, in the units of y, by gradients and by taking each away; NaN where not known
    yet. Meta: cell, loop, output, baseline, error of the gradients; best, the example with the largest score by each
    method, None where none is known; same, whether that is one example. Raises ValueError where nothing is asked, and
    where there is no example.
    """
    task, model = asked.checkpoint.task, asked.checkpoint.model
    known = task.clues(asked.tokens)
    terms = task.terms
    if known[asked.cell]:
        raise ValueError(f"A {terms.asked} has a prediction, {terms.clues} have none; choose a {terms.asked}.")
    if not known.any():
        raise ValueError(f"This {terms.input} has no {terms.clue} that a prediction could rest on.")
    found = gradients(model, asked.tokens, known, asked.cell, asked.loop)
    scores = np.full((2, int(known.sum())), np.nan, np.float32)
    scores[0] = found.scores
    meta: dict[str, object] = {"cell": asked.cell, "loop": asked.loop}
    meta |= {"output": found.output, "baseline": found.baseline, "error": found.error}
    yield step(0.5, {"influence": scores.copy()}, **meta, **_named(scores))
    for away in taken_away(model, asked.tokens, known, asked.cell, asked.loop):
        scores[1] = away.scores
        yield step(0.5 + 0.5 * away.done / away.total, {"influence": scores.copy()}, **meta, **_named(scores))


def _named(scores: np.ndarray) -> dict[str, object]:
    """Return which example each method names, scores (2, examples), and whether both name the same one."""
    best = [_best(row) for row in scores]
    return {"best": best, "same": best[0] is not None and best[0] == best[1]}


def _best(scores: np.ndarray) -> int | None:
    """Return the number of the largest score, whatever its sign; None where none is known."""
    return None if np.isnan(scores).all() else int(np.nanargmax(np.abs(scores)))
