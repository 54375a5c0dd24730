"""How far a loop moves the state: the residual of the fixed-point iteration h[t + 1] = block(h[t])."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NOTHING = 1e-6  # of the state's length: a smaller step is rounding of float32
HARDLY = 0.8  # times the step half-way: a step that is longer than this has hardly become shorter
GREW = 1.1  # times the length half-way: a state that is longer than this has grown
NEARLY = 1.2  # times the least residual so far: up to this a residual is about as little

UNDEFINED, ROUNDING, FIRST, LEAST, ONLY_GROWS, AS_LITTLE, NOT_CLOSER = range(7)  # kinds of a trend


class Trend(NamedTuple):
    """How the residual of each loop compares with those before; entry t is about the loop that makes h[t + 1].

    kind        UNDEFINED   there is no relative residual: the state before was zero
                ROUNDING    the relative residual is below NOTHING
                FIRST       there is nothing to compare with yet
                LEAST       the least relative residual so far
                ONLY_GROWS  the least so far, but because the state grows: the step is hardly shorter than half-way
                AS_LITTLE   at most NEARLY times the least so far
                NOT_CLOSER  more than that
    compared    the loop that it is compared with, counted from 1: the one with the least residual before; half-way for
                ONLY_GROWS; 0 where there is none
    """

    kind: np.ndarray  # (loops,) int64
    compared: np.ndarray  # (loops,) int64


class Residual(NamedTuple):
    """Entry t is about the loop that turns h[t] into h[t + 1]."""

    absolute: np.ndarray  # (loops,) ‖h[t+1] − h[t]‖ over all positions, in the units of the state
    relative: np.ndarray  # (loops,) the same, divided by ‖h[t]‖; NaN where h[t] = 0 (the start with input injection)
    per_position: np.ndarray  # (loops, positions) ‖h[t+1] − h[t]‖ of each position alone


def residual(hidden: np.ndarray) -> Residual:
    """Measure the steps of hidden (loops + 1, positions, d_model) in Euclidean norms.

    >>> r = residual(np.array([[[0.0, 0.0]], [[3.0, 4.0]], [[3.0, 9.0]]]))
    >>> r.absolute.tolist(), r.relative.tolist()
    ([5.0, 5.0], [nan, 1.0])
    """
    per_position = np.linalg.norm(np.diff(hidden, axis=0), axis=-1)
    absolute = np.linalg.norm(per_position, axis=-1)
    before = np.linalg.norm(hidden[:-1], axis=(1, 2))
    relative = np.divide(absolute, before, out=np.full_like(absolute, np.nan), where=before > 0)
    return Residual(absolute, relative, per_position)


def trend(found: Residual) -> Trend:
    """Compare the residual of every loop with those before.

    >>> path = np.array([0.0, 8.0, 12.0, 14.0, 15.0, 13.0])[:, None, None]
    >>> trend(residual(path)).kind.tolist(), trend(residual(path)).compared.tolist()
    ([0, 2, 3, 3, 6], [0, 0, 2, 3, 4])
    """
    loops = len(found.relative)
    kind, compared = np.zeros((2, loops), np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        length = found.absolute / found.relative  # ‖h[t]‖ before the loop; unknown where it is zero
    least: int | None = None  # index of the least residual before this loop
    for now, moved in enumerate(found.relative):
        if not np.isfinite(moved):
            continue
        kind[now], compared[now] = _compare(found, length, now, least)
        if least is None or moved < found.relative[least]:
            least = now
    return Trend(kind, compared)


def _compare(found: Residual, length: np.ndarray, now: int, least: int | None) -> tuple[int, int]:
    """Return kind and compared loop of index `now`; `least` is the index of the least residual before."""
    moved = found.relative[now]
    if moved < NOTHING:
        return ROUNDING, 0
    if least is None:
        return FIRST, 0
    before = found.relative[least]
    if moved > before:
        return (NOT_CLOSER if moved > NEARLY * before else AS_LITTLE), least + 1
    half = now // 2  # of the loops 1 … now + 1 the one in the middle, as an index
    grown = length[now] > GREW * length[half]  # False where either is unknown
    if now >= 4 and found.absolute[now] > HARDLY * found.absolute[half] and grown:
        return ONLY_GROWS, half + 1
    return LEAST, least + 1
