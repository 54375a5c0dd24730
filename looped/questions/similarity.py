"""How alike are the states after different loops of this run?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.similarity import FEWEST, similarity
from looped.questions.question import Asked, spread, step
from looped.runs.trace import record
from looped.serving.message import Packed

MAPPED = 65  # states that are compared, at most


def ask_similarity(asked: Asked) -> Iterator[Packed]:
    """Compare the state after each loop with that after each other by linear CKA.

    Arrays: at (k,) U16, after how many loops, from 0; cka (k, k) F32, NaN for a state in which all positions are equal
    (`looped.lenses.similarity`). Meta: end, the loops after which states are as the last one, None where only it is;
    few, whether the input has too few positions to compare, when cka is NaN.
    """
    states = record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False).states
    at = spread(asked.loops + 1, MAPPED)
    few = states.shape[1] < FEWEST
    if few:
        cka, end = np.full((len(at), len(at)), np.nan), None
    else:
        _, cka, end = similarity(states, at)
    yield step(1, {"at": np.array(at, np.uint16), "cka": cka.astype(np.float32)}, end=end, few=few)
