"""How good are predicted numbers, loop by loop: against what is true, and against what other methods say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import Needs

NEEDS = Needs(outputs=("numbers",))
STILL = 1e-6  # in the units of y: a loop that moves the predictions by less is rounding of float32
EXACT = 1e-9  # of the variance of y: an error below is rounding


class Errors(NamedTuple):
    """Squared differences are means over the queries, divided by `scale`: 1 is what answering the mean of all has.

    On few queries that is not the error of `catalogue.evaluate`, which is divided by the squares of their own y.

    Where the truth is unknown, `error` and `methods` are NaN, `best` is -1 and `least` None.
    """

    error: np.ndarray  # (loops,) of the predictions after each loop
    moved: np.ndarray  # (loops,) root mean square by which a loop changed them, in the units of y; NaN at the first
    still: np.ndarray  # (loops,) bool: rounding is all that the loop changed in them
    least: int | None  # the loop, from 1, of the least error
    methods: np.ndarray  # (methods,) error of each other method
    exact: np.ndarray  # (methods,) bool: but for rounding it has none
    apart: np.ndarray  # (methods, loops) squared difference between the predictions and those of each method
    best: int  # the method of least error, -1 for none
    nearest: np.ndarray  # (loops,) int64, the nearest method, -1 where none is nearer than others


def errors(predictions: np.ndarray, truth: np.ndarray, methods: np.ndarray, scale: float = 1.0) -> Errors:
    """Compare predictions (loops, queries) with the truth (queries,) and with other methods (methods, queries).

    truth is NaN where it is unknown, then at every query; scale is the variance of y, above 0.

    >>> said, truth = np.array([[0.0, 0.0], [1.0, 3.0]]), np.array([1.0, 2.0])
    >>> found = errors(said, truth, np.array([[1.0, 1.0], [0.0, 0.0]]))
    >>> found.error.tolist(), found.methods.tolist(), found.best, found.nearest.tolist(), found.least
    ([2.5, 0.5], [0.5, 2.5], 0, [1, 0], 2)
    """
    predictions, truth = predictions.astype(np.float64), truth.astype(np.float64)
    error = np.square(predictions - truth).mean(-1) / scale
    own = np.square(methods - truth).mean(-1) / scale
    apart = np.square(methods[:, None] - predictions[None]).mean(-1) / scale
    moved = np.sqrt(np.square(np.diff(predictions, axis=0)).mean(-1))
    known = bool(np.isfinite(error).all()) and len(truth) > 0
    some = len(methods) > 0
    return Errors(
        error,
        np.concatenate([[np.nan], moved]),
        np.concatenate([[False], moved < STILL]),
        int(error.argmin()) + 1 if known else None,
        own,
        own < EXACT,
        apart,
        int(own.argmin()) if known and some else -1,
        _nearest(apart),
    )


def _nearest(apart: np.ndarray) -> np.ndarray:
    """Return the method of least distance (methods, loops) → (loops,); -1 without methods, and where all are equal."""
    methods, loops = apart.shape
    if methods < 2:
        return np.full(loops, methods - 1)
    found: np.ndarray = np.where(apart.max(0) > apart.min(0), apart.argmin(0), -1)
    return found
