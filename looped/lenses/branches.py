"""What each branch of a block adds to the state in every loop: attention beside the MLP."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import ANY

NEEDS = ANY


class Branches(NamedTuple):
    """Entry t is about the loop that turns h[t] into h[t + 1]; the branches are in the order in which they run."""

    size: np.ndarray  # (loops, branches) ‖what a branch adds‖ over all positions, summed over the layers of the loop
    share: np.ndarray  # (loops, branches) of the sum over the branches, from 0 to 1; NaN where nothing is added


def branches(wrote: np.ndarray) -> Branches:
    """Compare what the branches add, of sizes (loops, layers, branches) in the units of the state: a trace's `wrote`.

    Sizes are compared, not directions: two branches may undo each other, and the state then moves by less than either.

    >>> found = branches(np.array([[[3.0, 1.0]], [[0.0, 0.0]]]))
    >>> found.size.tolist(), found.share.tolist()
    ([[3.0, 1.0], [0.0, 0.0]], [[0.75, 0.25], [nan, nan]])
    """
    size = wrote.astype(np.float64).sum(1)
    whole = size.sum(1, keepdims=True)
    return Branches(size, np.divide(size, whole, out=np.full_like(size, np.nan), where=whole > 0))
