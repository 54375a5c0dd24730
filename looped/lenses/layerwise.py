"""Where a loop has several layers: does each come to rest, and at a state of its own? Cycles of a block.

At a fixed point of the loop the stream still moves within it: each layer hands on another state, and every loop runs
through the same ones again. So a block of several layers at rest is a cycle, with one fixed point for each layer (arXiv
2604.11791). Streams are divided by the root mean square of each position, as the layers read them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from looped.lenses.fixed_point import AT_REST, LAST
from looped.model import LoopedModel
from looped.model.seam import LAYERS, device_of
from looped.runs.needs import Needs

NEEDS = Needs(all_of=(LAYERS,))


class Layerwise(NamedTuple):
    """How the stream behind every layer moves from loop to loop, and from layer to layer. Lengths over lengths."""

    moved: np.ndarray  # (loops, layers) ‖x_l[t] − x_l[t − 1]‖ / ‖x_l[t]‖; NaN in the first loop
    within: np.ndarray  # (loops, layers) ‖x_l[t] − x_{l−1}[t]‖ / ‖x_l[t]‖, of the first layer to the last one of the
    # loop before; NaN for that in the first loop
    since: (
        np.ndarray
    )  # (layers,) int64, from which loop on, from 1, a layer moves by at most AT_REST; 0: not in each of the LAST loops
    apart: np.ndarray  # (layers, layers) ‖x_l − x_m‖ / ‖x_l‖ in the last loop: the sides and diagonals of the cycle


def layerwise(streams: np.ndarray) -> Layerwise:
    """Compare streams (loops, layers, positions, width).

    >>> cycle = np.array([[[[1.0, 0.0]], [[0.0, 1.0]]]] * 5)
    >>> found = layerwise(cycle)
    >>> found.moved[1:].tolist(), found.since.tolist(), found.within[2].round(2).tolist()
    ([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], [2, 2], [1.41, 1.41])
    """
    flat = streams.reshape(*streams.shape[:2], -1).astype(np.float64)
    size = np.linalg.norm(flat, axis=-1)
    step = np.full(size.shape, np.nan)
    step[1:] = np.linalg.norm(np.diff(flat, axis=0), axis=-1)
    before = np.roll(flat.reshape(-1, flat.shape[-1]), 1, axis=0).reshape(flat.shape)
    side = np.linalg.norm(flat - before, axis=-1)
    side[0, 0] = np.nan
    moved, within = (np.divide(part, size, out=np.full(size.shape, np.nan), where=size > 0) for part in (step, side))
    rests = moved <= AT_REST
    quiet = np.argmin(np.vstack([rests[::-1], np.zeros_like(rests[:1])]), 0)  # loops at rest up to the last one
    since = np.where(quiet >= LAST, len(moved) + 1 - quiet, 0)
    ends = np.linalg.norm(flat[-1][:, None] - flat[-1][None], axis=-1)
    apart = np.divide(ends, size[-1][:, None], out=np.full(ends.shape, np.nan), where=size[-1][:, None] > 0)
    return Layerwise(moved, within, since, apart)


@torch.inference_mode()
def streams_of(model: LoopedModel, tokens: np.ndarray, loops: int) -> np.ndarray:
    """Return the normalised stream behind every layer of a run: (loops, layers, positions, width)."""
    found = []
    kind = np.int64 if model.input_kind == "tokens" else np.float32
    input = torch.tensor(np.asarray(tokens).astype(kind), device=device_of(model))[None]
    for state in model.unroll(input, loops):
        if state.loop < loops:
            found.append(model.layer_states(state)[0].float().cpu().numpy())
    return np.stack(found)
