"""Where do two errors change their order, as one setting of the data is varied?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import ANY

NEEDS = ANY
EXACT = 1e-9  # errors below this are rounding


class Crossing(NamedTuple):
    """The change of order that is nearest to the usual value."""

    at: float  # the value of the setting, between two measured ones; NaN where the order stays
    ahead: bool  # whether the first error is the smaller one at the usual value


def crossing(values: np.ndarray, error: np.ndarray, other: np.ndarray, usual: float) -> Crossing:
    """Find where `error` and `other`, both (values,), change their order, nearest to the value that is usual.

    values (values,) ascend, and `usual` is one of them or is taken as the nearest. Between two values the logarithms of
    errors are taken as straight lines, and equal errors are as if `other` were smaller. NaN errors are left out. Raises
    ValueError where nothing is left.

    >>> crossing(np.array([0.0, 1.0, 2.0]), np.array([0.1, 0.2, 0.4]), np.array([0.2, 0.2, 0.1]), usual=0)
    Crossing(at=1.0, ahead=True)
    """
    known = np.isfinite(error) & np.isfinite(other)
    if not known.any():
        raise ValueError("no value has both errors, so that nothing can be compared.")
    values = np.asarray(values, float)[known]
    apart = np.log(np.maximum(error[known], EXACT)) - np.log(np.maximum(other[known], EXACT))
    better = apart < 0
    left = np.flatnonzero(better[:-1] != better[1:])
    at = values[left] - apart[left] * (values[left + 1] - values[left]) / (apart[left + 1] - apart[left])
    home = int(np.abs(values - usual).argmin())
    nearest = float(at[np.abs(at - values[home]).argmin()]) if len(at) else float("nan")
    return Crossing(nearest, bool(better[home]))
