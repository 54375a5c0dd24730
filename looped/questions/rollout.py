"""Attention rollout: from which positions does each later state come?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.attention import evenly
from looped.lenses.rollout import rollout, strongest_source
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed


def ask_rollout(asked: Asked) -> Iterator[Packed]:
    """Roll out attention from before the first loop to every later state.

    Arrays: rollout (loops + 1, positions, positions) F16, rows sum to one; sources (loops + 1, positions), the other
    position that most came from. Meta: even, the share of each position when all have the same.
    """
    trace = record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False)
    flow = rollout(trace.attention, trace.alpha1, neighbours=trace.neighbours)
    sources = strongest_source(flow).astype(np.min_scalar_type(flow.shape[-1] - 1))
    even = float(evenly(flow.shape[-1])[0])
    yield step(1, {"rollout": flow.astype(np.float16), "sources": sources}, even=even)
