"""Does this run drive nearby states apart, or bring them together?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.fixed_point import loop_map
from looped.lenses.lyapunov import DIRECTIONS, STARTS, lyapunov
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed


def ask_lyapunov(asked: Asked) -> Iterator[Packed]:
    """Carry a few directions along the run, from several random starts, and measure by how much each grows.

    Arrays: local (starts, loops, directions) F32, natural logarithms of the growth in each loop, in each start the
    direction that grows most in the late loops first, NaN where not computed yet; growth (loops,) F32, the factor of
    the first direction of the first start; late (starts, directions) F32, the mean of `local` over the last half of the
    loops so far; largest (2,) F32, the least and the greatest of the largest exponents, and factor (2,), what they make
    of a difference in a loop. Meta: done, loops so far; kind, 1 where the late loops drive nearby states apart, −1
    where they bring them together, 0 where the starts do not agree on that (`looped.lenses.lyapunov.judged`).
    """
    model, loops = asked.checkpoint.model, asked.loops
    hidden = record(model, asked.tokens, loops, verify=False).hidden
    maps = [loop_map(model, asked.tokens, loop) for loop in range(loops)]
    directions = min(DIRECTIONS, hidden[0].size)
    local = np.full((STARTS, loops, directions), np.nan, np.float32)
    for done, found in enumerate(lyapunov(maps, hidden[:-1], directions), 1):
        local[:, :done] = found.local
        ends = np.array([found.late[:, 0].min(), found.late[:, 0].max()], np.float32)
        arrays = {
            "local": local.copy(),
            "growth": np.exp(local[0, :, 0]),
            "late": found.late.astype(np.float32),
            "largest": ends,
            "factor": np.exp(ends),
        }
        yield step(done / loops, arrays, done=done, kind=found.kind)
