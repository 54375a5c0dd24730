"""Is what was recorded what the model computes?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed


def ask_recorded(asked: Asked) -> Iterator[Packed]:
    """Hold the recorded run against the plain forward (`looped.runs.trace.Trace`).

    Arrays: difference (1,) F32, max |Δ| between their hidden states over all loops and positions. Meta: faithful,
    whether it is rounding alone.
    """
    trace = record(asked.checkpoint.model, asked.tokens, asked.loops)
    yield step(1, {"difference": np.array([trace.difference], np.float32)}, faithful=trace.faithful)
