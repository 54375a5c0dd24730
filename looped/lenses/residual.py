"""How far a loop moves the state: the residual of the fixed-point iteration h[t + 1] = block(h[t])."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import ANY

NEEDS = ANY


class Residual(NamedTuple):
    """Entry t is about the loop that turns h[t] into h[t + 1]."""

    absolute: np.ndarray  # (loops,) ‖h[t+1] − h[t]‖ over all positions, in the units of the state
    relative: np.ndarray  # (loops,) the same, divided by ‖h[t]‖; NaN where h[t] = 0 (the start with input injection)
    per_position: np.ndarray  # (loops, positions) ‖h[t+1] − h[t]‖ of each position alone


def residual(hidden: np.ndarray) -> Residual:
    """hidden (loops + 1, positions, d_model) → residuals. Euclidean norms.

    >>> r = residual(np.array([[[0.0, 0.0]], [[3.0, 4.0]], [[3.0, 9.0]]]))
    >>> r.absolute.tolist(), r.relative.tolist()
    ([5.0, 5.0], [nan, 1.0])
    """
    per_position = np.linalg.norm(np.diff(hidden, axis=0), axis=-1)
    absolute = np.linalg.norm(per_position, axis=-1)
    before = np.linalg.norm(hidden[:-1], axis=(1, 2))
    relative = np.divide(absolute, before, out=np.full_like(absolute, np.nan), where=before > 0)
    return Residual(absolute, relative, per_position)
