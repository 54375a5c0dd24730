"""Softmax against hardmax, the attention of the construction in 2410.01405 (Theorem 3.6), and what lies between, on the same weights."""

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
    """Run tokens (positions,) with softmax(scores / temperature) in every layer and loop, for each temperature; 0 is hardmax.

    `right` is a task's: (inputs, answers), (count, loops, positions) each, to (count, loops). `interventions` are done to all
    runs alike. Raises ValueError for a temperature below zero.
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
