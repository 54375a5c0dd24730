"""What the timestep encoding of a TMLT does to each loop (2410.01405, section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from looped.model import LoopedModel, seam
from looped.model.interventions import Intervention, edited_scales, given_t, symbol
from looped.runs.needs import Needs
from looped.runs.trace import Trace

NEEDS = Needs(all_of=(seam.SCALES,))
SAME = 1e-9  # a cosine that is less than that below 1 is of one direction: more than rounding of float64


class Vector(NamedTuple):
    """What one vector of a timestep encoding is called."""

    name: str  # as in a trace and in changes: "alpha1"
    symbol: str  # as it is written: "α1"
    gate: bool  # it multiplies what a branch adds; False: what a branch reads
    branch: str  # the branch of the layer that it belongs to: "attention"


def named(model: LoopedModel) -> list[Vector]:
    """Return what the vectors of a model's timestep encoding are called, in their order; [] for a model without.

    The gates come first, one for each branch of a layer (`seam.Anatomy.branches`), then the scales.
    """
    if model.timestep is None:
        return []
    names, branches = model.timestep.names, model.anatomy.branches or ("the block",)
    return [
        Vector(name, symbol(name), name.startswith("alpha"), branches[i % len(branches)])
        for i, name in enumerate(names)
    ]


def symbols(trace: Trace) -> list[str]:
    """Return how the vectors of a run are written, in their order; [] for a run without timestep encoding."""
    return [symbol(name) for name in trace.modulations]


def vectors(trace: Trace) -> np.ndarray | None:
    """Return the vectors as the run used them: (loops, layers, vectors, width); None without timestep encoding.

    They are those of `trace.modulations`, in a transformer's block α1, α2, γ1, γ2; [:, layer, i] is the map loop ×
    channel of one of them.
    """
    if not trace.modulations:
        return None
    return np.stack([trace.observed[name] for name in trace.modulations], axis=2)


@torch.inference_mode()
def vectors_at(model: LoopedModel, t: Sequence[float]) -> np.ndarray | None:
    """Return the vectors of timesteps t without a run: (len(t), layers, vectors, width), in the order of `names`.

    t may be fractional, or beyond the trained loops.
    """
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
def encodings(model: LoopedModel, t: Sequence[float]) -> np.ndarray | None:
    """Return TE(t), from which the vectors are made: (len(t), width); None without a timestep encoding."""
    if model.timestep is None:
        return None
    found: np.ndarray = (
        torch.stack([model.timestep.encode(given_t(one, _acting(model, one), model.last_t)) for one in t])
        .float()
        .cpu()
        .numpy()
    )
    return found


def _acting(model: LoopedModel, t: float) -> list[Intervention]:
    """Return what a variant does in loop t of every run."""
    return [change for change in model.standing_interventions if change.acts(t)]


class Comparison(NamedTuple):
    """How vectors at different t compare."""

    norms: np.ndarray  # (count, …) Euclidean, in the units of the vectors
    cosines: np.ndarray  # (…, count, count) of each vector with the same one at every other t; NaN where one is zero


def compare(rows: np.ndarray) -> Comparison:
    """Compare the vectors (count, …, d_model) of `vectors`, `vectors_at` or `encodings` at different t.

    >>> found = compare(np.array([[3.0, 4.0], [6.0, 8.0], [-4.0, 3.0]]))
    >>> found.norms.tolist(), (found.cosines.round(6) + 0.0).tolist()
    ([5.0, 10.0, 5.0], [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    """
    norms = np.linalg.norm(rows, axis=-1)
    units = np.divide(rows, norms[..., None], out=np.full(rows.shape, np.nan, rows.dtype), where=norms[..., None] > 0)
    along = np.moveaxis(units, 0, -2)  # (…, count, d_model): a product of matrices, ten times as fast as an einsum
    return Comparison(norms, along @ np.swapaxes(along, -1, -2))


class Alike(NamedTuple):
    """How alike the timesteps of a run are. Row 0 is TE(t), then come the V vectors of every layer, layer by layer."""

    cosines: np.ndarray  # (1 + V · layers, loops, loops) of every loop with every other; NaN where a vector is zero
    mean: np.ndarray  # (1 + V · layers, loops) the mean over the other loops, known ones; 1 for a single loop
    turns: np.ndarray  # (loops, layers) int64, which of the vectors has the smallest mean; −1 where none is known or
    # all point the same way in every loop


def alike(encoded: np.ndarray, used: np.ndarray) -> Alike:
    """Compare encodings (loops, width) and the vectors used (loops, layers, V, width) between all loops of a run.

    >>> te = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    >>> found = alike(te, np.stack([te + 1, te, te + 2, te + 3], 1)[:, None])
    >>> found.cosines[0].tolist(), found.mean[0].tolist(), found.turns.tolist()
    ([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]], [0.5, 0.0, 0.5], [[1], [1], [1]])
    """
    loops, layers, vectors_each = used.shape[:3]
    rows = np.concatenate([encoded[:, None], used.reshape(loops, layers * vectors_each, -1)], axis=1).astype(np.float64)
    cosines = compare(rows).cosines
    others = np.where(np.eye(loops, dtype=bool), np.nan, cosines)
    known = np.isfinite(others)
    count = known.sum(-1)
    total = np.where(known, others, 0).sum(-1)
    mean = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    if loops == 1:
        mean[:] = 1
    vectors_mean = mean[1:].reshape(layers, vectors_each, loops).transpose(2, 0, 1)  # (loops, layers, V)
    known_mean = np.where(np.isnan(vectors_mean), np.inf, vectors_mean)
    turns = np.where(known_mean.min(-1) < 1 - SAME, known_mean.argmin(-1), -1)
    return Alike(cosines, mean, turns)


def strengths(trace: Trace) -> np.ndarray | None:
    """Return the root mean square of each vector over channels: (loops, layers, V); None without timestep encoding.

    1 means that a branch is added (α), or its input passed (γ), at full scale on average; 0 that the loop ignores it.
    """
    kept = vectors(trace)
    if kept is None:
        return None
    strength: np.ndarray = np.sqrt(np.square(kept).mean(-1))
    return strength
