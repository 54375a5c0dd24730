"""How long each long question takes: the seconds that the menu Ask shows, measured again."""

from __future__ import annotations

import time
from typing import Any

from looped.catalogue import checkpoints
from looped.questions import QUESTIONS, Asked

CHECKPOINTS = {
    "tokens": ("sudoku9-tmlt", "lcs12-tmlt", "linear5-looped", "countdown4-tmlt"),
    "candidates": ("sudoku9-candidates-looped",),
}
"""Of every kind of model, checkpoints of which one can be asked any question that the kind can be asked."""


def measure() -> dict[str, Any]:
    """Ask every question once of the first checkpoint of a kind that has an answer, at its trained loops, on one input.

    Returns seconds by kind and question. What probes learn is kept on disk, so theirs are those of a later visitor
    where the question was asked before.
    """
    return {kind: seconds(names) for kind, names in CHECKPOINTS.items()}


def seconds(names: tuple[str, ...]) -> dict[str, float]:
    """Return the seconds of every question that one of these checkpoints can be asked."""
    found: dict[str, float] = {}
    for name in names:
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
