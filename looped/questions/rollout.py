"""Attention rollout: from which positions does each later state come?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.attention import evenly
from looped.lenses.rollout import strongest_source, traced
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed


def ask_rollout(asked: Asked) -> Iterator[Packed]:
    """Roll out attention to every state: from the injected input, or from before the first loop in other models.

    Arrays: rollout (loops + 1, positions, positions) F16, where rows sum to one, but see `input_rollout`; sources
    (loops + 1, positions), the other position that most came from. Meta: origin, "input" or "start"; even, the share of
    each position when all have the same.
    """
    trace = record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False)
    flow, origin = traced(asked.checkpoint.model, trace)
    sources = strongest_source(flow).astype(np.min_scalar_type(flow.shape[-1] - 1))
    even = float(evenly(flow.shape[-1])[0])
    yield step(1, {"rollout": flow.astype(np.float16), "sources": sources}, origin=origin, even=even)
