"""Rollout: the answer is the lens's."""

from __future__ import annotations

import numpy as np

from looped.lenses.rollout import rollout
from looped.questions import Asked
from looped.runs.trace import Trace
from questions.replies import last


def test_rollout(asked: Asked, trace: Trace) -> None:
    flow = last("rollout", asked)["arrays"]["rollout"]
    np.testing.assert_allclose(flow.astype(float), rollout(trace.attention, trace.alpha1), rtol=1e-3, atol=1e-6)
