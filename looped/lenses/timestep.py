"""What the timestep encoding of a TMLT does to each loop."""

from __future__ import annotations

import numpy as np

from looped.trace import SCALES, Trace


def strengths(trace: Trace) -> np.ndarray | None:
    """Root mean square of α1, α2, γ1, γ2 over channels: (loops, layers, 4); None for a model without timestep encoding.

    1 means that a branch is added (α), or its input passed (γ), at full scale on average; 0 that the loop ignores it.
    """
    vectors = [getattr(trace, name) for name in SCALES]
    if vectors[0] is None:
        return None
    strength: np.ndarray = np.sqrt(np.square(np.stack(vectors, axis=2)).mean(-1))
    return strength
