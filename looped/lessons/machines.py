"""What a lesson may ask of the page Theory: of the machine with weights written by hand, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from looped.lessons.form import NotMeasured
from looped.theory.lab import Shown


@dataclass(frozen=True)
class Machine:
    """One run of a machine, tied and modulated; `shown` is of `looped.theory.lab.show`."""

    shown: Shown

    @property
    def loops(self) -> int:
        """Return how many loops it runs."""
        return int(self.shown.meta["loops"])

    @property
    def places(self) -> int:
        """Return how many cells of a board it has: none."""
        return 0

    def swept(self, name: str) -> float:
        """Return what was measured on random inputs, of as many cells as are shown. Raises NotMeasured."""
        arrays, cells = self.shown.arrays, self.shown.meta["cells"]
        (at,) = np.nonzero(arrays["swept"] == cells)
        if not len(at):
            raise NotMeasured(f"was not measured with {cells} cells, but with {_listed(arrays['swept'])}")
        return float(arrays[name][at[0]])


def _listed(numbers: np.ndarray) -> str:
    return ", ".join(f"{number:.0f}" for number in numbers)


def _tied_error(run: Machine) -> float:
    arrays = run.shown.arrays
    off = np.abs(arrays["walk"] - arrays["table"])
    return float(off[arrays["reached"].astype(bool)].max())


def _modulated_error(run: Machine) -> float:
    arrays = run.shown.arrays
    wanted = arrays["table"][arrays["ids"].round().astype(int)]
    return float(np.abs(arrays["modulated"][-1] - wanted).max())


MACHINE_NUMBERS: dict[str, tuple[Callable[[Machine], float | None], str]] = {
    "loops": (lambda run: float(run.loops), "how many loops are run"),
    "cells": (lambda run: float(run.shown.meta["cells"]), "into how many cells [0, 1) is cut: 1/δ"),
    "tokens": (lambda run: float(run.shown.meta["tokens"]), "how many tokens the input has"),
    "quantised after": (
        lambda run: float(run.shown.meta["stages"][0]),
        "the loop after which every token knows its cell",
    ),
    "context after": (
        lambda run: float(sum(run.shown.meta["stages"][:2])),
        "the loop after which every token has its contextual ID",
    ),
    "loops of the table": (lambda run: float(run.shown.meta["stages"][2]), "how many loops walk along the table"),
    "wrong IDs": (lambda run: float(run.shown.arrays["wrong"].sum()), "how many tokens of this input have a wrong ID"),
    "right IDs": (
        lambda run: 100 * run.swept("right"),
        "of the tokens of 500 random inputs, how many percent have the right ID",
    ),
    "largest jump": (lambda run: float(run.shown.meta["jump"]), "between two neighbours in the table"),
    "tied error": (_tied_error, "how far tied weights end from the table, at most, of all IDs that an input can reach"),
    "modulated error": (_modulated_error, "how far modulated weights end from the table, at most, for this input"),
    "tied distance": (lambda run: run.swept("error_tied"), "L2 distance from f with tied weights, on random inputs"),
    "modulated distance": (
        lambda run: run.swept("error_modulated"),
        "L2 distance from f with modulated weights, on random inputs",
    ),
}
