"""Rollout: the answer is the lens's."""

from __future__ import annotations

import numpy as np

from looped.lenses.rollout import rollout
from looped.questions import Asked
from looped.runs.trace import Trace
from questions.replies import LOOPS, last


def test_rollout(asked: Asked, trace: Trace) -> None:
    answer = last("rollout", asked)
    flow = answer["arrays"]["rollout"]
    assert answer["meta"]["even"] == 1 / 16
    np.testing.assert_allclose(flow.astype(float), rollout(trace.attention, trace.alpha1), rtol=1e-3, atol=1e-6)


def test_the_other_position_that_most_comes_from(asked: Asked, trace: Trace) -> None:
    flow = rollout(trace.attention, trace.alpha1)
    sources = last("rollout", asked)["arrays"]["sources"]
    assert sources.dtype == np.uint8
    for loop, position in ((0, 3), (2, 0), (LOOPS, 15)):
        others = [place for place in range(16) if place != position]
        assert flow[loop, position, sources[loop, position]] == flow[loop, position, others].max()
        assert sources[loop, position] != position
