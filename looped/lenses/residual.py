"""How far a loop moves the state: the residual of the fixed-point iteration h[t + 1] = block(h[t])."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from looped.runs.needs import ANY

NEEDS = ANY

NOTHING = 1e-6  # of the state's length: a smaller step is rounding of float32
FAINT = 10 * NOTHING  # rounding that a loop amplifies stays below this; such steps must also have stopped shrinking
ROUNDS = 8  # loops, and as many before them, that tell whether faint steps still shrink
SHRINKS = 0.9  # times the median of the loops before: faint steps below this still shrink
HARDLY = 0.8  # times the step half-way: a step that is longer than this has hardly become shorter
GREW = 1.1  # times the length half-way: a state that is longer than this has grown
NEARLY = 1.2  # times the least residual so far: up to this a residual is about as little

UNDEFINED, ROUNDING, FIRST, LEAST, ONLY_GROWS, AS_LITTLE, NOT_CLOSER, AS_LONG, LONGER = range(9)  # kinds of a trend
WRITTEN = ".2g"  # the digits that a step is written with, by which two are compared in words


class Trend(NamedTuple):
    """How the residual of each loop compares with those before; entry t is about the loop that makes h[t + 1].

    kind        UNDEFINED   there is no relative residual: the state before was zero
                ROUNDING    only rounding moves the state (`rounding`): the fixed point is reached
                FIRST       there is nothing to compare with yet
                LEAST       the least relative residual so far
                ONLY_GROWS  the least so far, but because the state grows: the step is hardly shorter than half-way
                AS_LITTLE   at most NEARLY times the least so far
                NOT_CLOSER  more than that
                AS_LONG     as ONLY_GROWS, but the step is as long as half-way, in the digits it is written with
                LONGER      as ONLY_GROWS, but the step is longer than half-way
    compared    the loop that it is compared with, counted from 1: the one with the least residual before; half-way for
                ONLY_GROWS, AS_LONG and LONGER; 0 where there is none
    """

    kind: np.ndarray  # (loops,) int64
    compared: np.ndarray  # (loops,) int64


class Residual(NamedTuple):
    """Entry t is about the loop that turns h[t] into h[t + 1]."""

    absolute: np.ndarray  # (loops,) ‖h[t+1] − h[t]‖ over all positions, in the units of the state
    relative: np.ndarray  # (loops,) the same, divided by ‖h[t]‖; NaN where h[t] = 0 (the start with input injection)
    per_position: np.ndarray  # (loops, positions) ‖h[t+1] − h[t]‖ of each position alone


def residual(hidden: np.ndarray, anew: np.ndarray | None = None) -> Residual:
    """Measure the steps of hidden (loops + 1, positions, d_model) in Euclidean norms.

    anew (loops,) bool: the loops that begin with a state of zero in place of the one before (`Trace.anew`).

    >>> r = residual(np.array([[[0.0, 0.0]], [[3.0, 4.0]], [[3.0, 9.0]]]))
    >>> r.absolute.tolist(), r.relative.tolist()
    ([5.0, 5.0], [nan, 1.0])
    """
    past = hidden[:-1] if anew is None else np.where(anew[:, None, None], 0, hidden[:-1])
    per_position = np.linalg.norm(hidden[1:] - past, axis=-1)
    absolute = np.linalg.norm(per_position, axis=-1)
    before = np.linalg.norm(past, axis=(1, 2))
    relative = np.divide(absolute, before, out=np.full_like(absolute, np.nan), where=before > 0)
    return Residual(absolute, relative, per_position)


def lengths(hidden: np.ndarray) -> np.ndarray:
    """Return the length ‖h[t]‖ of the whole state (loops + 1, positions, d_model) after 0, 1, … loops: (loops + 1,).

    A relative residual may fall only because this grows.

    >>> lengths(np.array([[[0.0, 0.0]], [[3.0, 4.0]]])).tolist()
    [0.0, 5.0]
    """
    found: np.ndarray = np.linalg.norm(hidden, axis=(1, 2))
    return found


def rounding(relative: np.ndarray) -> np.ndarray:
    """Say in which loops rounding is all that moves the state: relative residuals (loops,) → (loops,) bool.

    Below 1e-6 of the state's length it is; below 1e-5 when the steps have stopped becoming shorter: the median of the
    last eight is at least 0.9 times that of the eight before.

    >>> rounding(np.array([1e-1, 4e-6, 3e-7])).tolist(), rounding(np.full(20, 4e-6))[[14, 15]].tolist()
    ([False, False, True], [False, True])
    """
    found = relative < NOTHING
    for now in range(2 * ROUNDS - 1, len(relative)):
        last = relative[now - ROUNDS + 1 : now + 1]
        before = relative[now - 2 * ROUNDS + 1 : now - ROUNDS + 1]
        if last.max() <= FAINT and before.max() <= FAINT:  # False where one is not a number
            found[now] |= bool(np.median(last) >= SHRINKS * np.median(before))
    return found


def trend(found: Residual, anew: np.ndarray | None = None) -> Trend:
    """Compare the residual of every loop with those before.

    With `anew`, as in `residual`, with those since the state last began with zeros.

    >>> path = np.array([0.0, 8.0, 12.0, 14.0, 15.0, 13.0])[:, None, None]
    >>> trend(residual(path)).kind.tolist(), trend(residual(path)).compared.tolist()
    ([0, 2, 3, 3, 6], [0, 0, 2, 3, 4])
    """
    if anew is not None and anew[1:].any():
        ends = np.append(np.flatnonzero(anew), len(anew))
        parts = [trend(Residual(*(part[a:b] for part in found))) for a, b in pairwise(ends)]
        moved = [np.where(part.compared > 0, part.compared + a, 0) for part, a in zip(parts, ends, strict=False)]
        return Trend(np.concatenate([part.kind for part in parts]), np.concatenate(moved))
    loops = len(found.relative)
    kind, compared = np.zeros((2, loops), np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        length = found.absolute / found.relative  # ‖h[t]‖ before the loop; unknown where it is zero
    rounds = rounding(found.relative)
    least: int | None = None  # index of the least residual before this loop
    for now, moved in enumerate(found.relative):
        if not np.isfinite(moved):
            continue
        kind[now], compared[now] = (ROUNDING, 0) if rounds[now] else _compare(found, length, now, least)
        if least is None or moved < found.relative[least]:
            least = now
    return Trend(kind, compared)


def _compare(found: Residual, length: np.ndarray, now: int, least: int | None) -> tuple[int, int]:
    """Return kind and compared loop of index `now`; `least` is the index of the least residual before."""
    moved = found.relative[now]
    if least is None:
        return FIRST, 0
    before = found.relative[least]
    if moved > before:
        return (NOT_CLOSER if moved > NEARLY * before else AS_LITTLE), least + 1
    half = now // 2  # of the loops 1 … now + 1 the one in the middle, as an index
    grown = length[now] > GREW * length[half]  # False where either is unknown
    if now >= 4 and found.absolute[now] > HARDLY * found.absolute[half] and grown:
        return _step_of_grown(found.absolute[now], found.absolute[half]), half + 1
    return LEAST, least + 1


def _step_of_grown(step: float, half: float) -> int:
    """Return the kind for a state that only grows: how its step compares with that half-way, as both are written.

    >>> _step_of_grown(77, 80) == ONLY_GROWS, _step_of_grown(80.1, 80) == AS_LONG, _step_of_grown(160, 78) == LONGER
    (True, True, True)
    """
    now, before = (float(format(length, WRITTEN)) for length in (step, half))
    return ONLY_GROWS if now < before else AS_LONG if now == before else LONGER
