"""Softmax against hardmax on the same weights, and what lies between.

Hardmax is the attention of the construction in 2410.01405 (Theorem 3.6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from looped.lenses.divergence import Divergence, divergence
from looped.model import LoopedModel
from looped.model.interventions import Intervention, Temperature
from looped.runs.needs import CLASSES, Needs
from looped.runs.trace import record

NEEDS = Needs(outputs=CLASSES, interventions=(Temperature,))


class Temperatures(NamedTuple):
    """Entry i belongs to temperature i; row t of it to the state after t + 1 loops."""

    temperatures: tuple[float, ...]
    answers: np.ndarray  # (count, loops, positions) int64
    against_softmax: tuple[
        Divergence, ...
    ]  # what breaks, after how many loops, and whether it mends; nothing at temperature 1
    right: np.ndarray | None  # (count, loops) bool, when a function says what is right


def temperatures(
    model: LoopedModel,
    tokens: np.ndarray,
    loops: int | None = None,
    temperatures: Sequence[float] = (1.0, 0.0),
    right: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
    interventions: Sequence[Intervention] = (),
) -> Temperatures:
    """Run tokens (positions,) with softmax(scores / temperature) everywhere, for each temperature; 0 is hardmax.

    `right` is a task's: (inputs, answers), (count, loops, positions) each, to (count, loops). `interventions` are
    done to all runs alike. Raises ValueError for a temperature below zero.
    """
    runs = {
        one: record(model, tokens, loops, False, (*interventions, Temperature(one))).answers
        for one in {1.0, *temperatures}
    }
    answers = np.stack([runs[one] for one in temperatures])
    return Temperatures(
        tuple(temperatures),
        answers,
        tuple(divergence(rows, runs[1.0]) for rows in answers),
        None if right is None else right(np.broadcast_to(tokens, answers.shape), answers),
    )


class Summary(NamedTuple):
    """What is known so far of runs at several temperatures."""

    right_at: tuple[float, ...]  # temperatures at which the last answer is right
    hard: Hard | None  # None: temperature 0 is not run


class Hard(NamedTuple):
    """Hardmax against the softmax that the model has."""

    first: int | None  # after how many loops they first answer differently; None: never
    agree: float  # share of the asked positions with the same last answer, 0 to 1


def summary(temperatures: Sequence[float], same: np.ndarray, right: np.ndarray) -> Summary:
    """Sum up same (count, loops), the share of answers that are those at temperature 1, and right (count, loops) bool.

    Rows of NaN in `same` are not run yet.

    >>> same = np.array([[1.0, 0.5, 0.75], [1.0, 1.0, 1.0], [np.nan, np.nan, np.nan]])
    >>> summary((0.0, 1.0, 2.0), same, np.array([[0, 0, 0], [0, 1, 1], [0, 0, 0]], bool))
    Summary(right_at=(1.0,), hard=Hard(first=2, agree=0.75))
    """
    known = np.isfinite(same).all(-1)
    right_at = tuple(t for t, there, good in zip(temperatures, known, right, strict=True) if there and good[-1])
    rows = [row for t, there, row in zip(temperatures, known, same, strict=True) if there and t == 0]
    if not rows:
        return Summary(right_at, None)
    apart = np.flatnonzero(rows[0] < 1)
    return Summary(right_at, Hard(int(apart[0]) + 1 if len(apart) else None, float(rows[0][-1])))
