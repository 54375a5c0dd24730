"""The data of the microscope page: one trace and what the lenses say of it, packed for the browser.

The bytes are a safetensors file (a typed header, then raw arrays), whose metadata `meta` is JSON for everything that is
not an array. Each array travels in the smallest type that does not change what is seen:

    attention       uint8, square-root steps: weight = (q / 255)², so the error is below 0.4 % of one and least for small weights
    probabilities   float16 (relative error below 0.05 % for all above 0.0001)
    scales          float16
    settled         uint16, a number of loops
    distances       float16, a logarithm
    tokens, ranks   uint8, or uint16 where there are more than 256 tokens
    rules           float16, shares
    trajectory, residuals and the rest float32
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from safetensors.numpy import save

from looped.lenses.fixed_point import steps
from looped.lenses.halting import RULES, halting
from looped.lenses.readout import certainty, readout, whole
from looped.lenses.residual import residual
from looped.lenses.rules import Rules, rule_shares
from looped.lenses.timestep import strengths
from looped.lenses.trajectory import distances, trajectories, trajectory
from looped.runs.trace import SCALES, Trace

Packed = dict[str, Any]
COMPONENTS = 6  # principal components: a plane, a space, and three planes of orbits


def quantise(weights: np.ndarray) -> np.ndarray:
    """Numbers between 0 and 1 → uint8 in square-root steps.

    >>> quantise(np.array([0.0, 0.01, 0.25, 1.0])).tolist()
    [0, 26, 128, 255]
    """
    steps: np.ndarray = np.rint(255 * np.sqrt(weights.clip(0, 1))).astype(np.uint8)
    return steps


def least(numbers: np.ndarray) -> np.ndarray:
    """Whole numbers from 0 on in as few bytes as hold them: uint8 or uint16."""
    return numbers.astype(np.uint8 if numbers.max(initial=0) < 256 else np.uint16)


def pack_trace(
    trace: Trace, rules: Rules | None = None, right: np.ndarray | None = None, asked: np.ndarray | None = None
) -> Packed:
    """The arrays of a trace that the page draws, ready for `pack`, and the numbers that go with them under "meta".

    `rules` are the task's (`looped.lenses.rules`), `right` (loops,) says whether the answer after each loop is right, `asked`
    (positions,) bool where something is asked; what needs them is left out without. "kept" holds what is not sent.
    """
    moved, path, whole_run = residual(trace.hidden), trajectory(trace.hidden, COMPONENTS), steps(trace.hidden)
    where = np.ones(len(trace.tokens), bool) if asked is None or not asked.any() else asked
    read = whole(trace.logits, where)
    arrays = {
        "tokens": least(trace.tokens),
        "probabilities": trace.probabilities.astype(np.float16),
        "attention": quantise(trace.attention),
        "settled": readout(trace.logits).settled.astype(np.uint16),
        "trajectory": path.points,
        "distances": distances(trace.hidden).astype(np.float16),
        "residual_absolute": moved.absolute.astype(np.float32),
        "residual_relative": moved.relative.astype(np.float32),
        "residual_cell": moved.per_position.astype(np.float32),
        "steps": np.stack([whole_run.cosine, whole_run.contraction, whole_run.two_loops]).astype(np.float32),
        "whole": np.stack([read.entropy, read.rank, read.flips, read.settled]).astype(np.float32),
        "ranks": least(certainty(trace.logits).rank),
        "asked": (np.ones(len(trace.tokens)) if asked is None else asked).astype(np.uint8),
        "right": (np.zeros(trace.loops) if right is None else right).astype(np.uint8),
    }
    meta: dict[str, Any] = {
        "loops": trace.loops,
        "layers": trace.attention.shape[1],
        "heads": trace.attention.shape[2],
        "difference": trace.difference,
        "explained": [round(float(share), 5) for share in path.explained],
        "zero_start": bool(not trace.hidden[0].any()),
    }
    if rules is not None:
        shares = rule_shares(trace.attention, rules, where)
        arrays["rules"], arrays["rules_even"] = shares.mass.astype(np.float16), shares.even.astype(np.float32)
        meta["rules"] = shares.names
    if trace.loops > 1:
        stops = halting(trace.hidden, trace.logits, right, where)
        arrays["halting"] = stops.watched.astype(np.float32)
        meta["halting"] = [
            {
                "name": rule.name,
                "watches": rule.watches,
                "threshold": rule.threshold,
                "patience": rule.patience,
                "stopped": bool(stopped),
                "exit": int(at),
                "right": None if right is None else bool(right[at - 1]),
            }
            for rule, stopped, at in zip(RULES, stops.stopped, stops.exit, strict=True)
        ]
    strength = strengths(trace)
    if strength is not None:
        arrays["strengths"] = strength.astype(np.float32)
        arrays["scales"] = np.stack([getattr(trace, name) for name in SCALES], axis=2).astype(np.float16)
    return {"arrays": arrays, "meta": meta, "kept": {"hidden": trace.hidden}}


def share_basis(runs: list[Packed]) -> list[Packed]:
    """The same runs with their trajectories in one basis, where their states are of one width: equal states are then equal points."""
    hidden = [run["kept"]["hidden"] for run in runs]
    if len(runs) < 2 or len({states.shape[-1] for states in hidden}) > 1:
        return runs
    paths = trajectories(hidden, COMPONENTS)
    explained = [round(float(share), 5) for share in paths[0].explained]
    return [
        {
            **run,
            "arrays": run["arrays"] | {"trajectory": path.points},
            "meta": run["meta"] | {"explained": explained, "shared_basis": True},
        }
        for run, path in zip(runs, paths, strict=True)
    ]


def pack(runs: list[Packed], **meta: Any) -> bytes:
    """One message to the browser: what `pack_trace` made of every run, and JSON for its metadata.

    The arrays of run i are called "i/name"; its "meta" is entry i of the message's "runs".
    """
    arrays = {
        f"{i}/{name}": np.ascontiguousarray(array)
        for i, run in enumerate(runs)
        for name, array in run["arrays"].items()
    }
    data: bytes = save(arrays, {"meta": json.dumps(meta | {"runs": [run["meta"] for run in runs]})})
    return data
