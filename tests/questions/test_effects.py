"""Positions put back and heads cut: the answers are the lens's."""

from __future__ import annotations

import numpy as np

from looped.lenses.sweep import sweep_heads, sweep_positions
from looped.questions import QUESTIONS, Asked
from looped.runs.trace import Trace
from questions.replies import LOOPS, last


def test_cells_and_heads(asked: Asked, trace: Trace) -> None:
    for name, sweep in (("cells", sweep_positions), ("heads", sweep_heads)):
        answer = last(name, asked)
        *_, wanted = sweep(asked.checkpoint.model, trace, 0)
        np.testing.assert_allclose(answer["arrays"]["margin"], wanted.margin.reshape(LOOPS, -1), rtol=1e-4, atol=1e-4)
        assert answer["meta"]["answer"] == trace.answers[-1, 0]


def test_the_change_that_lost_the_most_is_named(asked: Asked) -> None:
    for name in ("cells", "heads"):
        first, *_, answer = QUESTIONS[name].ask(asked)
        margin, meta = answer["arrays"]["margin"], answer["meta"]
        assert margin[tuple(meta["worst"])] == margin.min()
        assert meta["tried"] == margin.size
        assert meta["turned"] == (answer["arrays"]["changed"] > 0).sum()
        assert first["meta"]["tried"] < meta["tried"]
    assert (first["meta"]["worst"], first["meta"]["tried"]) == (None, 0)  # no head has been cut yet
