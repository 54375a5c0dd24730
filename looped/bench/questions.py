"""How long each long question takes: the seconds that the menu Ask shows, measured again."""

from __future__ import annotations

import time
from typing import Any

from looped.catalogue import checkpoints
from looped.questions import QUESTIONS, Asked

CHECKPOINTS = (
    "sudoku9-tmlt",
    "lcs12-tmlt",
    "linear5-looped",
    "countdown4-tmlt",
)  # every question can be asked of one of them


def measure() -> dict[str, Any]:
    """Ask every question once of the first checkpoint that has an answer, at its trained loops, on one input.

    Returns seconds by question. What probes learn is kept on disk, so theirs are those of a later visitor where the
    question was asked before.
    """
    found: dict[str, Any] = {}
    for name in CHECKPOINTS:
        checkpoint = checkpoints.load_checkpoint(name)
        task = checkpoint.task
        tokens = task.encode(task.parse(task.examples[0][1]))
        loops = checkpoint.model.trained_loops
        asked = Asked(checkpoint, tokens, loops, task.first_place(tokens), loops)
        for question, about in QUESTIONS.items():
            if question in found or about.why_not(checkpoint) is not None:
                continue
            begun = time.perf_counter()
            for _ in about.ask(asked):
                pass
            found[question] = round(time.perf_counter() - begun, 2)
    return found
