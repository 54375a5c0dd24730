"""Attention rollout: from which positions does each later state come?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.rollout import rollout, strongest_source
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed, least


def ask_rollout(asked: Asked) -> Iterator[Packed]:
    """Roll out attention from before the first loop to every later state.

    Arrays: rollout (loops + 1, positions, positions) F16, rows sum to one; sources (loops + 1, positions), the other
    position that most of each position comes from.
    """
    trace = record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False)
    flow = rollout(trace.attention, trace.alpha1)
    yield step(1, {"rollout": flow.astype(np.float16), "sources": least(strongest_source(flow))})
