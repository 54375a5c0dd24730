"""Inputs that questions are asked about, and the whole answer to one."""

from __future__ import annotations

from looped.questions import QUESTIONS, Asked
from looped.serving.message import Packed

PUZZLE = ".3244..32.3..1.2"
LOOPS = 6
# Inputs of tiny models, by their tasks; the words of the second are longer than in training.
OTHERS = {"lcs6": "kitten sit", "edit_distance6": "kittens sitting", "countdown3": "3 5 7 = 22"}
TASKS = ("sudoku4", *OTHERS)


def last(name: str, asked: Asked) -> Packed:
    """Return the last step of an answer."""
    *_, answer = QUESTIONS[name].ask(asked)
    return answer
