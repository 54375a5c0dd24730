"""Does this run drive nearby states apart, or bring them together?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.fixed_point import loop_map
from looped.lenses.lyapunov import DIRECTIONS, lyapunov
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed


def ask_lyapunov(asked: Asked) -> Iterator[Packed]:
    """Carry a few directions along the run and measure by how much each grows.

    Arrays: local (loops, directions) F32, natural logarithms of the growth in each loop, NaN where not computed yet;
    growth (loops,) F32, the factor of the first direction; late (directions,) F32, the mean of `local` over the last
    half of the loops so far. Meta: done, loops so far; kind, 1 where the
    late loops drive nearby states apart, −1 where they bring them together, 0 for neither (`looped.lenses.lyapunov`).
    """
    model, loops = asked.checkpoint.model, asked.loops
    hidden = record(model, asked.tokens, loops, verify=False).hidden
    maps = [loop_map(model, asked.tokens, loop) for loop in range(loops)]
    directions = min(DIRECTIONS, hidden[0].size)
    local = np.full((loops, directions), np.nan, np.float32)
    for done, found in enumerate(lyapunov(maps, hidden[:-1], directions), 1):
        local[done - 1] = found.local[-1]
        arrays = {"local": local.copy(), "growth": np.exp(local[:, 0]), "late": found.late.astype(np.float32)}
        yield step(done / loops, arrays, done=done, kind=found.kind)
