"""How much of a loop is one and the same linear map? Dynamic mode decomposition of the states of a run.

One map h[t + 1] ≈ A h[t] + b is fitted by ridge regression to all loops and all positions of some runs, and measured on
another run. The same map for all positions knows nothing of what positions tell each other. Its error stands beside
that of saying that nothing changes: without that, a run at rest would look linear. Several loops ahead the map is
applied again and again (arXiv 2605.07556 finds it good for four).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from looped.runs.needs import ONE_MAP

NEEDS = ONE_MAP

RIDGE = 1e-3  # of the mean variance of a channel
AHEAD = 16  # loops that the map looks ahead, at most
DIGITS = 6  # decimals of a modulus: about as many as states of single precision leave
FURTHEST = 1e30  # where a map that grows without end is stopped, so that its error stays a number


class Map(NamedTuple):
    """h[t + 1] ≈ h[t] @ matrix + shift, for a position."""

    matrix: np.ndarray  # (width, width)
    shift: np.ndarray  # (width,)

    @property
    def eigenvalues(self) -> np.ndarray:
        """Return the eigenvalues (width,), complex, the largest modulus first: 1 stays, below 1 fades, −1 swings."""
        values = np.linalg.eigvals(self.matrix)
        found: np.ndarray = values[np.argsort(-np.abs(values), kind="stable")]
        return found

    @property
    def modulus(self) -> float:
        """Return the largest modulus of an eigenvalue (the spectral radius), to `DIGITS` decimals.

        Below 1 the map, applied again and again, comes to rest from anywhere; above 1 it grows from almost anywhere.

        >>> Map(np.diag([0.5, -0.9996]), np.zeros(2)).modulus
        0.9996
        """
        return round(float(np.abs(self.eigenvalues[0])), DIGITS)


class Linear(NamedTuple):
    """The errors of a linear map on a run that it was not fitted to.

    Errors are lengths over those of the states that are to be predicted, all positions together; `still` are those of
    saying that nothing changes.
    """

    error: np.ndarray  # (loops,) entry t is about h[t + 1] from h[t]
    still: np.ndarray  # (loops,)
    ahead: np.ndarray  # (most,) entry p − 1 is about h[t + p] from h[t], over all t
    ahead_still: np.ndarray  # (most,)
    explained: float  # share of the squared steps of all loops that the map accounts for; below 0: worse than nothing


def fit(steps: Iterable[tuple[np.ndarray, np.ndarray]]) -> Map:
    """Fit a linear map to states before and after a loop, (count, width) each, of as many loops as there are.

    Raises ValueError where there is none.

    >>> fit([(np.array([[1.0], [3.0]]), np.array([[2.0], [3.0]]))]).matrix.round(3).tolist()
    [[0.5]]
    """
    count, sums = 0, None
    for before, after in steps:
        x, y = before.astype(np.float64), after.astype(np.float64)
        found = [x.sum(0), y.sum(0), x.T @ x, x.T @ y]
        sums = found if sums is None else [one + more for one, more in zip(sums, found, strict=True)]
        count += len(x)
    if sums is None:
        raise ValueError("a linear map needs at least one loop to be fitted to.")
    first, last = sums[0] / count, sums[1] / count
    covariance = sums[2] / count - np.outer(first, first)
    weight = max(RIDGE * float(np.trace(covariance)) / len(first), 1e-300)  # equal states leave nothing to invert
    matrix = np.linalg.solve(covariance + weight * np.eye(len(first)), sums[3] / count - np.outer(first, last))
    return Map(matrix, last - first @ matrix)


def linear(found: Map, hidden: np.ndarray) -> Linear:
    """Measure a linear map on the loops of hidden (loops + 1, positions, width).

    >>> states = [np.array([[4.0], [8.0]])]
    >>> for _ in range(3):
    ...     states.append(states[-1] / 2)
    >>> measured = linear(Map(np.array([[0.5]]), np.zeros(1)), np.stack(states))
    >>> measured.error.tolist(), measured.still.tolist(), measured.ahead_still.tolist(), measured.explained
    ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [1.0, 3.0, 7.0], 1.0)
    """
    states = hidden.astype(np.float64)
    loops = len(states) - 1
    most = min(AHEAD, loops)
    missed, moved, size = np.zeros((3, loops, most))
    predicted = states
    for p in range(most):
        predicted = np.clip(predicted[:-1] @ found.matrix + found.shift, -FURTHEST, FURTHEST)
        truth, start = states[p + 1 :], states[: -p - 1]
        for sums, of in ((missed, predicted - truth), (moved, start - truth), (size, truth)):
            sums[: loops - p, p] = (of**2).sum((1, 2))
    return Linear(
        _ratio(missed[:, 0], size[:, 0]),
        _ratio(moved[:, 0], size[:, 0]),
        _ratio(missed.sum(0), size.sum(0)),
        _ratio(moved.sum(0), size.sum(0)),
        1 - float(missed[:, 0].sum() / moved[:, 0].sum()) if moved[:, 0].any() else float("nan"),
    )


def _ratio(missed: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return lengths over lengths, given their squares; NaN where there is nothing to predict."""
    found: np.ndarray = np.sqrt(np.divide(missed, size, out=np.full(len(size), np.nan), where=size > 0))
    return found
