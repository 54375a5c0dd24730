"""The data of the microscope page: one trace and what the lenses say of it, packed for the browser.

The bytes are a safetensors file (a typed header, then raw arrays), whose metadata `meta` is JSON for everything that is
not an array. Each array travels in the smallest type that does not change what is seen:

    attention       uint8, square-root steps: weight = (q / 255)², so the error is below 0.4 % of one and least for small weights
    probabilities   float16 (relative error below 0.05 % for all above 0.0001)
    scales          float16
    settled         uint16, a number of loops
    trajectory and residuals float32
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from safetensors.numpy import save

from looped.lenses.readout import readout
from looped.lenses.residual import residual
from looped.lenses.timestep import strengths
from looped.lenses.trajectory import trajectory
from looped.trace import SCALES, Trace

Packed = dict[str, Any]


def quantise(weights: np.ndarray) -> np.ndarray:
    """Numbers between 0 and 1 → uint8 in square-root steps.

    >>> quantise(np.array([0.0, 0.01, 0.25, 1.0])).tolist()
    [0, 26, 128, 255]
    """
    steps: np.ndarray = np.rint(255 * np.sqrt(weights.clip(0, 1))).astype(np.uint8)
    return steps


def pack_trace(trace: Trace) -> Packed:
    """The arrays of a trace that the page draws, ready for `pack`, and the numbers that go with them under "meta"."""
    moved, path = residual(trace.hidden), trajectory(trace.hidden)
    arrays = {
        "tokens": trace.tokens.astype(np.uint8),
        "probabilities": trace.probabilities.astype(np.float16),
        "attention": quantise(trace.attention),
        "settled": readout(trace.logits).settled.astype(np.uint16),
        "trajectory": path.points,
        "residual_absolute": moved.absolute.astype(np.float32),
        "residual_relative": moved.relative.astype(np.float32),
        "residual_cell": moved.per_position.astype(np.float32),
    }
    strength = strengths(trace)
    if strength is not None:
        arrays["strengths"] = strength.astype(np.float32)
        arrays["scales"] = np.stack([getattr(trace, name) for name in SCALES], axis=2).astype(np.float16)
    meta = {
        "loops": trace.loops, "layers": trace.attention.shape[1], "heads": trace.attention.shape[2],
        "difference": trace.difference, "explained": [round(float(share), 5) for share in path.explained],
        "zero_start": bool(not trace.hidden[0].any()),
    }
    return {"arrays": arrays, "meta": meta}


def pack(runs: list[Packed], **meta: Any) -> bytes:
    """One message to the browser: what `pack_trace` made of every run, and JSON for its metadata.

    The arrays of run i are called "i/name"; its "meta" is entry i of the message's "runs".
    """
    arrays = {f"{i}/{name}": np.ascontiguousarray(array) for i, run in enumerate(runs) for name, array in run["arrays"].items()}
    data: bytes = save(arrays, {"meta": json.dumps(meta | {"runs": [run["meta"] for run in runs]})})
    return data
