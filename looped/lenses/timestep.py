"""What the timestep encoding of a TMLT does to each loop (2410.01405, section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from looped.model import Model
from looped.model.interventions import Intervention, edited_scales, given_t
from looped.runs.trace import SCALES, Trace


def vectors(trace: Trace) -> np.ndarray | None:
    """α1, α2, γ1, γ2 as the run used them: (loops, layers, 4, d_model); None for a model without timestep encoding.

    [:, layer, i] is the map loop × channel of one of them.
    """
    kept = [getattr(trace, name) for name in SCALES]
    return None if kept[0] is None else np.stack(kept, axis=2)


@torch.inference_mode()
def vectors_at(model: Model, t: Sequence[float]) -> np.ndarray | None:
    """The same without a run, as a loop t would be given them, t fractional or beyond the trained loops, too: (len(t), layers, 4, d_model)."""
    if model.timestep is None:
        return None
    found: np.ndarray = (
        torch.stack([edited_scales(model.timestep, one, _acting(model, one), model.last_t) for one in t])
        .float()
        .cpu()
        .numpy()
    )
    return found


@torch.inference_mode()
def encodings(model: Model, t: Sequence[float]) -> np.ndarray | None:
    """TE(t) itself, from which the four vectors are made: (len(t), d_model); None for a model without timestep encoding."""
    if model.timestep is None:
        return None
    found: np.ndarray = (
        torch.stack([model.timestep.encode(given_t(one, _acting(model, one), model.last_t)) for one in t])
        .float()
        .cpu()
        .numpy()
    )
    return found


def _acting(model: Model, t: float) -> list[Intervention]:
    """What a variant does in loop t of every run."""
    return [change for change in model.standing_interventions if change.acts(t)]


class Comparison(NamedTuple):
    norms: np.ndarray  # (count, …) Euclidean, in the units of the vectors
    cosines: np.ndarray  # (…, count, count) of each vector with the same one at every other t; NaN where one is zero


def compare(rows: np.ndarray) -> Comparison:
    """How long the vectors (count, …, d_model) of `vectors`, `vectors_at` or `encodings` are, and how alike at different t.

    >>> found = compare(np.array([[3.0, 4.0], [6.0, 8.0], [-4.0, 3.0]]))
    >>> found.norms.tolist(), (found.cosines.round(6) + 0.0).tolist()
    ([5.0, 10.0, 5.0], [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    """
    norms = np.linalg.norm(rows, axis=-1)
    units = np.divide(rows, norms[..., None], out=np.full(rows.shape, np.nan, rows.dtype), where=norms[..., None] > 0)
    return Comparison(norms, np.einsum("s...d,t...d->...st", units, units))


def strengths(trace: Trace) -> np.ndarray | None:
    """Root mean square of α1, α2, γ1, γ2 over channels: (loops, layers, 4); None for a model without timestep encoding.

    1 means that a branch is added (α), or its input passed (γ), at full scale on average; 0 that the loop ignores it.
    """
    kept = vectors(trace)
    if kept is None:
        return None
    strength: np.ndarray = np.sqrt(np.square(kept).mean(-1))
    return strength
