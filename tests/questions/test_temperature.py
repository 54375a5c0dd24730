"""Temperatures: 1 is the plain run, 0 is hardmax."""

from __future__ import annotations

import numpy as np

from looped.catalogue.checkpoints import load_checkpoint
from looped.questions import QUESTIONS, TEMPERATURES, Asked
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


def test_which_temperatures_are_right_and_what_hardmax_does(asked: Asked) -> None:
    first, *_, answer = QUESTIONS["temperature"].ask(asked)
    same, right, meta = answer["arrays"]["same"], answer["arrays"]["right"], answer["meta"]
    assert list(meta["right_at"]) == [t for t, row in zip(TEMPERATURES, right, strict=True) if row[-1]]
    apart = np.flatnonzero(same[0] < 1)
    assert meta["hard"] == {"first": int(apart[0]) + 1 if len(apart) else None, "agree": float(same[0, -1])}
    assert first["meta"]["hard"] is None  # temperatures near 1 come first
