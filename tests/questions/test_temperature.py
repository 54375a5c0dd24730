"""Temperatures: 1 is the plain run, 0 is hardmax."""

from __future__ import annotations

import numpy as np

from looped.catalogue.checkpoints import load_checkpoint
from looped.questions import TEMPERATURES, Asked
from looped.runs.trace import Trace, record
from questions.replies import LOOPS, last


def test_temperature(asked: Asked, trace: Trace) -> None:
    answer = last("temperature", asked)
    same = answer["arrays"]["same"]
    assert answer["meta"]["temperatures"] == TEMPERATURES
    assert (same[TEMPERATURES.index(1.0)] == 1).all()
    hard = record(load_checkpoint("sudoku4-tmlt~hardmax").model, asked.tokens, LOOPS)
    np.testing.assert_allclose(same[0], (hard.answers == trace.answers)[:, asked.tokens == 0].mean(-1))
    assert (
        answer["arrays"]["right"][0].tolist()
        == asked.checkpoint.task.right(np.broadcast_to(asked.tokens, hard.answers.shape), hard.answers).tolist()
    )
