"""What an experiment is, what it yields while it runs, and what its result can be asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True, eq=False)
class Result(ABC):
    """What is known: arrays, NaN where it is not known yet, and what they are about. `sentence` when all is known."""

    @abstractmethod
    def sentence(self) -> str:
        """Say what was found, with its numbers; differences inside of their interval are called none."""

    def parts(self) -> list[str]:
        """Return the sentence by what it is about, where that is more than one thing."""
        return [self.sentence()]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name."""
        return {name: value for name, value in self._fields().items() if isinstance(value, np.ndarray)}

    def about(self) -> dict[str, Any]:
        """Return everything else by name, as JSON has it."""
        return {name: value for name, value in self._fields().items() if not isinstance(value, np.ndarray)}

    def _fields(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Step(NamedTuple):
    """What is known when a share of the work, 0 to 1, is done."""

    share: float
    result: Result


@dataclass(frozen=True)
class Experiment:
    """An experiment: `run(checkpoint, seed=…, prompts=…)` yields steps; closing it stops the work.

    `run` raises ValueError with one sentence, at its first step, for a checkpoint that it cannot be made with.
    """

    title: str
    run: Callable[..., Iterator[Step]]
    looped: bool = False  # the checkpoint must have a loop


def unknown(*shape: int) -> np.ndarray:
    """Return an array of which nothing is known yet."""
    return np.full(shape, np.nan)
