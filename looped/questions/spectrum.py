"""Spectral radius and local Lipschitz constant: does one loop bring nearby states together or drive them apart?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.fixed_point import local_lipschitz, long_run, loop_map, spectral_radius
from looped.questions.question import Asked, spread, step
from looped.runs.trace import record
from looped.serving.message import Packed


def ask_spectrum(asked: Asked) -> Iterator[Packed]:
    """Measure the loop map at states along the run.

    Arrays: at (points,), the loops before whose step it is measured; radius (2, points) F32, the spectral radius and
    the local Lipschitz constant, NaN where not computed yet; settled (2, points), 1 where the power iteration settled;
    long_run (points,), what a loop does to a tiny difference (`looped.lenses.fixed_point.long_run`).
    """
    model = asked.checkpoint.model
    trace = record(model, asked.tokens, asked.loops, verify=False)
    loops = spread(asked.loops)
    radius = np.full((2, len(loops)), np.nan, np.float32)
    settled = np.zeros((2, len(loops)), np.uint8)
    ahead = np.zeros(len(loops), np.uint8)
    for i, loop in enumerate(loops):
        for row, lens in enumerate((spectral_radius, local_lipschitz)):
            found = lens([loop_map(model, asked.tokens, loop)], trace.hidden[loop : loop + 1])
            radius[row, i], settled[row, i] = found.value[0], found.settled[0]
            if lens is spectral_radius:
                ahead[i] = long_run(found)[0]
        arrays: dict[str, np.ndarray] = {
            "radius": radius.copy(),
            "settled": settled.copy(),
            "long_run": ahead.copy(),
            "at": np.array(loops, np.uint16),
        }
        yield step((i + 1) / len(loops), arrays)
