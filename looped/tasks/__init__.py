"""Tasks: what a sequence means. One file per task; each offers the verbs of `Task`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Protocol

import numpy as np


class Task(Protocol):
    """What training, evaluation, traces and the app ask of a task. Arrays of tokens are (…, length) whole numbers."""

    name: str
    kind: str  # "sudoku", "words" or "countdown": what its inputs look like
    length: int  # positions
    vocab: int  # tokens; the readout has as many classes
    usual: str  # what `sample` draws when nothing else is asked for, in words
    things: str  # what several inputs are called
    examples: tuple[tuple[str, str], ...]  # for a first look: name and text, as `parse` reads it
    verifiable: bool  # whether the rules alone tell a right answer, so that who asks again knows when to stop
    columns: tuple[str, ...]  # of a CSV file with inputs; joined by commas they are what `parse` reads

    def parse(self, text: str) -> Any:
        """What a person typed → a checked input. Raises ValueError with one sentence that says what is wrong."""

    def encode(self, parsed: Any) -> np.ndarray:
        """A checked input → tokens (length,) int64."""

    def decode(self, inputs: np.ndarray, answers: np.ndarray) -> str:
        """An input and what the model answered, for people to read."""

    def sign(self, token: int) -> str:
        """A token, from 0 to vocab - 1, as people read it."""

    def place(self, tokens: np.ndarray, position: int) -> str:
        """What a position of an input (length,) is called in a sentence."""

    def sample(self, count: int, seed: int, split: str | None, **sampling: Any) -> tuple[np.ndarray, np.ndarray]:
        """`count` generated inputs and their answers, (count, length) each; split "train" or "held-out" (disjoint)."""

    def augment(
        self, inputs: np.ndarray, answers: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """The same inputs and answers under random symmetries of the task."""

    def asked(self, inputs: np.ndarray) -> np.ndarray:
        """Where the model is asked for an answer: (…, length) bool for inputs (…, length), True where `targets` asks for a token."""

    def clues(self, inputs: np.ndarray) -> np.ndarray:
        """What an answer can rest on: (…, length) bool, True where a digit, a letter or a number stands, not at blanks, marks and padding."""

    def targets(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """What the loss asks for: the answer's token, -1 where nothing is asked. int64."""

    def right(self, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """Whether whole answers are right, whichever of several right answers they are: (…,) bool."""

    def bands(self, inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Labels (count,) by which scores of inputs (count, length) are broken down, by name."""


@cache
def get(name: str) -> Task:
    """The task called `name`. Raises ValueError when there is none."""
    known = makers()
    if name not in known:
        raise ValueError(f"there is no task called {name!r}; known tasks: {', '.join(known)}.")
    return known[name]()


def makers() -> dict[str, Callable[[], Task]]:
    """What makes each task, by name; the names carry the size."""
    from looped.tasks.countdown import task as countdown
    from looped.tasks.paths.task import Paths
    from looped.tasks.sudoku.task import BOXES, Sudoku
    from looped.tasks.words import edit_distance, lcs

    found: dict[str, Callable[[], Task]] = {f"sudoku{size}": partial(Sudoku, size) for size in BOXES}
    for border, mark in ((edit_distance.GAP, ""), (1, "-border1")):
        found |= {
            f"edit_distance{size}{mark}": partial(edit_distance.EditDistance, size, border)
            for size in edit_distance.SIZES
        }
    found |= {f"lcs{size}": partial(lcs.LCS, size) for size in lcs.SIZES}
    found["paths"] = Paths
    return found | {name: partial(countdown.Countdown, name) for name in countdown.FORMS}
