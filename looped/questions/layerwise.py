"""Does each layer of the loop come to rest, and at a state of its own?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.layerwise import layerwise, streams_of
from looped.questions.question import Asked, step
from looped.serving.message import Arrays, Packed


def ask_layerwise(asked: Asked) -> Iterator[Packed]:
    """Follow the stream behind every layer of every loop; see `looped.lenses.layerwise`.

    Arrays: moved and within (loops, layers) F32; since (layers,) U16, 0 for a layer that does not rest; apart (layers,
    layers) F32. Meta: rests, how many layers do.
    """
    found = layerwise(streams_of(asked.checkpoint.model, asked.tokens, asked.loops))
    arrays: Arrays = {
        "moved": found.moved.astype(np.float32),
        "within": found.within.astype(np.float32),
        "since": found.since.astype(np.uint16),
        "apart": found.apart.astype(np.float32),
    }
    yield step(1, arrays, rests=int((found.since > 0).sum()))
