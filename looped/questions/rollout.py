"""Attention rollout: from which positions does each later state come?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.rollout import rollout
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed


def ask_rollout(asked: Asked) -> Iterator[Packed]:
    """Roll out attention from before the first loop to every later state.

    Arrays: rollout (loops + 1, positions, positions) F16, rows sum to one.
    """
    trace = record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False)
    yield step(1, {"rollout": rollout(trace.attention, trace.alpha1).astype(np.float16)})
