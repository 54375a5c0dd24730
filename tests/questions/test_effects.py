"""Positions put back and heads cut: the answers are the lens's."""

from __future__ import annotations

import numpy as np

from looped.lenses.sweep import sweep_heads, sweep_positions
from looped.questions import Asked
from looped.runs.trace import Trace
from questions.replies import LOOPS, last


def test_cells_and_heads(asked: Asked, trace: Trace) -> None:
    for name, sweep in (("cells", sweep_positions), ("heads", sweep_heads)):
        answer = last(name, asked)
        *_, wanted = sweep(asked.checkpoint.model, trace, 0)
        np.testing.assert_allclose(answer["arrays"]["margin"], wanted.margin.reshape(LOOPS, -1), rtol=1e-4, atol=1e-4)
        assert answer["meta"]["answer"] == trace.answers[-1, 0]
