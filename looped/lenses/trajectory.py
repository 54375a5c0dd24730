"""Where do the hidden states go? Their path through the plane in which they move most, and the distance to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from looped.runs.needs import ANY

NEEDS = ANY

NEAREST = 1e-6  # in the units of the state: about the rounding of float32 in a state of a hundred channels of size one


class Trajectory(NamedTuple):
    """Coordinates in the principal components of one trace."""

    points: np.ndarray  # (loops + 1, positions, components), in the units of the state
    explained: np.ndarray  # (components,) share of the variance of all states, between 0 and 1
    axes: np.ndarray  # (components, d_model), orthonormal
    mean: np.ndarray  # (d_model,) of all states


def trajectory(hidden: np.ndarray, components: int = 2) -> Trajectory:
    """Find the principal components of hidden (loops + 1, positions, d_model), fitted once to all loops together.

    Deterministic: an axis points to where its largest entry is positive. Components beyond the rank are zero.
    Components 1 and 2, 3 and 4, 5 and 6 as planes are the orbits that Huginn's authors draw (arXiv 2502.05171).

    >>> t = trajectory(np.array([[[0.0, 0.0]], [[2.0, 0.0]], [[4.0, 0.0]]]))
    >>> t.points[:, 0].round(6).tolist(), t.explained.tolist()
    ([[-2.0, 0.0], [0.0, 0.0], [2.0, 0.0]], [1.0, 0.0])
    """
    return trajectories([hidden], components)[0]


def trajectories(runs: Sequence[np.ndarray], components: int = 3) -> list[Trajectory]:
    """Put several runs, (loops + 1, positions, d_model) each, in one basis, in which equal states are equal points.

    Components, mean and explained variance are those of all states of all runs together, so a run counts by how many
    it has; loops and positions may differ from run to run. Raises ValueError for no run, and for runs whose states
    are not of the same width.

    >>> here, there = trajectories([np.zeros((2, 1, 2)), np.array([[[0.0, 4.0]], [[0.0, 0.0]]])], components=1)
    >>> here.points.ravel().tolist(), there.points.ravel().tolist(), here.explained is there.explained
    ([-1.0, -1.0], [3.0, -1.0], True)
    """
    if not runs or len({run.shape[-1] for run in runs}) > 1:
        raise ValueError(f"one basis needs states of one width, not {[run.shape[-1] for run in runs]}.")
    states = np.concatenate([run.reshape(-1, run.shape[-1]) for run in runs]).astype(np.float64)
    mean = states.mean(0)
    centred = states - mean
    variance, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    total = variance.sum()
    variance, axes = variance[::-1][:components].clip(0), axes[:, ::-1][:, :components].T
    axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(-1)])[:, None]
    points = np.split(
        (centred @ axes.T).astype(np.float32), np.cumsum([run.shape[0] * run.shape[1] for run in runs])[:-1]
    )
    explained = variance / total if total > 0 else np.zeros_like(variance)
    return [
        Trajectory(of_run.reshape(*run.shape[:2], -1), explained, axes, mean)
        for run, of_run in zip(runs, points, strict=True)
    ]


def distances(hidden: np.ndarray, floor: float = NEAREST) -> np.ndarray:
    """Return log10 ‖h[t] − h[last]‖ of each position: hidden (loops + 1, positions, d_model) → (loops + 1, positions).

    Distances below `floor`, in the units of the state, count as `floor`: the last row is log10(floor) everywhere.

    >>> distances(np.array([[[0.0, 0.0]], [[30.0, 36.0]], [[30.0, 40.0]], [[30.0, 40.0]]])).round(3).ravel().tolist()
    [1.699, 0.602, -6.0, -6.0]
    """
    logs: np.ndarray = np.log10(np.maximum(np.linalg.norm(hidden - hidden[-1], axis=-1), floor))
    return logs


def nearer(logs: np.ndarray, times: float = 10.0) -> np.ndarray:
    """Count the positions that are at least `times` nearer to their end than at the start: (loops + 1,) int64.

    `logs` (loops + 1, positions) are `distances`. In the last row, the end itself, every position counts whose start
    was that far away.

    >>> nearer(np.array([[1.0, 1.0], [0.5, 0.0], [-6.0, -6.0]])).tolist()
    [0, 1, 2]
    """
    count: np.ndarray = (logs <= logs[0] - np.log10(times)).sum(-1)
    return count
