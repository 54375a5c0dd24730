"""Where the hidden states go: their path through the plane in which they move most."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Trajectory(NamedTuple):
    """Coordinates in the principal components of one trace."""

    points: np.ndarray  # (loops + 1, positions, components), in the units of the state
    explained: np.ndarray  # (components,) share of the variance of all states, between 0 and 1
    axes: np.ndarray  # (components, d_model), orthonormal
    mean: np.ndarray  # (d_model,) of all states


def trajectory(hidden: np.ndarray, components: int = 2) -> Trajectory:
    """Principal components of hidden (loops + 1, positions, d_model), fitted once to the states of all loops together.

    Deterministic: an axis points to where its largest entry is positive. Components beyond the rank are zero.

    >>> t = trajectory(np.array([[[0.0, 0.0]], [[2.0, 0.0]], [[4.0, 0.0]]]))
    >>> t.points[:, 0].round(6).tolist(), t.explained.tolist()
    ([[-2.0, 0.0], [0.0, 0.0], [2.0, 0.0]], [1.0, 0.0])
    """
    states = hidden.reshape(-1, hidden.shape[-1]).astype(np.float64)
    mean = states.mean(0)
    centred = states - mean
    variance, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    variance, axes = variance[::-1][:components].clip(0), axes[:, ::-1][:, :components].T
    axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(-1)])[:, None]
    points = (centred @ axes.T).reshape(*hidden.shape[:2], -1).astype(np.float32)
    total = centred.var(0).sum()
    explained = variance / total if total > 0 else np.zeros_like(variance)
    return Trajectory(points, explained, axes, mean)
