"""Find what a checkpoint is compared with: others of its task in the same catalogue, and regularised least squares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from looped.catalogue.checkpoints import Checkpoint, load_checkpoint, names, read_info
from looped.experiments.estimates import Array
from looped.model.seam import device_of, is_standard

RIDGE = (0.0, *np.logspace(-3, 2, 11).round(4).tolist())
"""Penalties λ of ‖y − Xw‖² + λ ‖w‖²; 0 is least squares, of minimum norm."""
LASSO = tuple(np.logspace(0, -2, 9).round(4).tolist())
"""Penalties α of ‖y − Xw‖² / 2k + α ‖w‖₁."""


def siblings(checkpoint: Checkpoint) -> list[Checkpoint]:
    """Return the other checkpoints of the same task beside a checkpoint, in order of their names."""
    catalogue = checkpoint.folder.parent
    found = []
    for name in names(catalogue):
        if name != checkpoint.folder.name and read_info(catalogue / name)["task"] == checkpoint.task.name:
            found.append(load_checkpoint(name, device_of(checkpoint.model), catalogue))
    return found


def standard_sibling(checkpoint: Checkpoint) -> Checkpoint | None:
    """Return the standard transformer of the same task with the most layers; None where there is none."""
    return max(
        (one for one in siblings(checkpoint) if is_standard(one.model)),
        key=lambda one: one.model.most_loops or 0,
        default=None,
    )


def ridge(x: Array, y: Array, queries: Array, penalties: Sequence[float] = RIDGE) -> Array:
    """Predict by ridge regression with each penalty: x (k, d), y (k,), queries (q, d) → (penalties, q)."""
    u, s, v = np.linalg.svd(x, full_matrices=False)
    least = np.finfo(x.dtype).eps * max(x.shape) * s.max(initial=0)
    s, u, v = s[s > least], u[:, s > least], v[s > least]
    shrunk = s / (s**2 + np.asarray(penalties)[:, None])  # (penalties, rank)
    found: Array = (shrunk * (u.T @ y)) @ v @ queries.T
    return found


def lasso(x: Array, y: Array, queries: Array, penalties: Sequence[float] = LASSO) -> Array:
    """Predict by the lasso with each penalty, from the largest on: as `ridge`."""
    from sklearn.linear_model import lasso_path

    _, weights, _ = lasso_path(x, y, alphas=list(penalties), max_iter=20_000, tol=1e-3)
    found: Array = weights.T @ queries.T
    return found
