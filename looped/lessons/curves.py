"""Curves drawn by hand: how one is asked for, read, and held against the real one."""

from __future__ import annotations

import math
from typing import Any

from looped.lessons.form import NEAR, THEORY, LessonError, Question, Step
from looped.lessons.measures import CURVES, Curve, curve_of, measured, parts
from looped.lessons.runs import opened
from looped.serving.engine import Engine

LEAST_LOOPS = 3  # beyond what is known: fewer make no curve
MOSTLY = 0.75  # the share of loops at which a curve lies below the real one, for it to be called too low


def asked_curve(engine: Engine, step: Step, asks: Question) -> dict[str, Any]:
    """Return what is told of a curve before it is drawn: its axes, and its beginning where the view shows it."""
    words, _, _ = CURVES[curve_of(asks.measure) or ""]
    known = list(beginning(engine, step, asks))
    return {"loops": length(engine, asks), "words": words, "known": known}


def passes(engine: Engine, asks: Question) -> dict[str, str]:
    """Return what the passes of the model that a question is about are called, as `looped.model.seam.pass_terms`."""
    shown = opened(engine, asks.then)
    if shown.page == THEORY:
        return {"loop": "loop", "loops": "loops"}
    return engine.checkpoint(shown.names[shown.which(parts(asks.measure)[0])]).passes


def length(engine: Engine, asks: Question) -> int:
    """Return over how many loops a curve is drawn; nothing is run for it."""
    shown = opened(engine, asks.then)
    return shown.loops[shown.which(parts(asks.measure)[0])]


def beginning(engine: Engine, step: Step, asks: Question) -> tuple[float | None, ...]:
    """Return the part of the curve that the step's own view shows: of the same run, as far as it goes."""
    before, after = opened(engine, step.view), opened(engine, asks.then)
    second = parts(asks.measure)[0]
    own, other = (view.names[view.which(second)] for view in (before, after))
    _, same, _ = CURVES[curve_of(asks.measure) or ""]
    if not same or before.of != after.of or own != other:
        return ()
    found = measured(asks.measure, before.runs())
    return found.values[: max(after.loops)] if isinstance(found, Curve) else ()


def read_curve(asks: Question, guess: object, loops: int, several: str = "loops") -> Curve:
    """Return a drawn curve: a number for each loop; `several` is what they are called. Raises LessonError."""
    if not isinstance(guess, list) or len(guess) != loops or not all(_drawn(asks, each) for each in guess):
        raise LessonError(
            f"Draw the curve over all {loops} {several}, between {asks.low} and {asks.high}, then commit."
        )
    return Curve(tuple(map(float, guess)))


def _drawn(asks: Question, value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and asks.low <= value <= asks.high


def judged_curve(asks: Question, own: Curve, truth: Curve, known: int, one: str = "loop") -> tuple[str, str]:
    """Return which result a drawn curve is, and both curves in one sentence; its known beginning does not count.

    `one` is what a pass of the model is called.
    """
    both = [
        (loop, mine, real)
        for loop, (mine, real) in enumerate(zip(own.values, truth.values, strict=True), 1)
        if loop > known and mine is not None and real is not None
    ]
    off = math.fsum(abs(mine - real) for _, mine, real in both) / max(1, len(both))
    loop, mine, real = max(both, key=lambda each: abs(each[1] - each[2]))
    said = f"Your curve is off by {off:.2g} on average, most at {one} {loop}: you drew {mine:.3g}, it is {real:.3g}."
    if off <= asks.near:
        return NEAR if off else "right", said
    below = sum(mine < real for _, mine, real in both) / len(both)
    above = sum(mine > real for _, mine, real in both) / len(both)
    return ("too low" if below >= MOSTLY else "too high" if above >= MOSTLY else "wrong"), said


def wrong_curve(asks: Question, truth: Curve, known: int) -> str | None:
    """Return why a curve cannot be asked for, in one sentence; None where it can. Its beginning is drawn, too."""
    rest = [value for value in truth.values[known:] if value is not None]
    if len(rest) < LEAST_LOOPS:
        return f"only {len(rest)} loops are left to draw; let “then:” run {known + LEAST_LOOPS} or more."
    whole = [value for value in truth.values if value is not None]
    if min(whole) < asks.low or max(whole) > asks.high:
        return f"it goes from {min(whole):.3g} to {max(whole):.3g}, which nobody can draw; ask for wider bounds."
    return None
