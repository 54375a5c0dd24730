"""What a page shows of a search around a looped net: the sets of every round, and what happened before it, in words."""

from __future__ import annotations

import numpy as np

from looped.lenses.rounds import AGAIN, BEGUN, GUESSED, REMOVED, STAYED, TAKEN_BACK, Rounds, rounds
from looped.model import LoopedModel
from looped.runs.trace import Trace
from looped.serving.message import Arrays, Meta
from looped.tasks import Task

EVENTS = {
    BEGUN: "begun",
    REMOVED: "removed",
    GUESSED: "guessed",
    TAKEN_BACK: "taken back",
    AGAIN: "started again",
    STAYED: "stayed",
}


def rounds_of(trace: Trace, task: Task) -> tuple[Arrays, Meta]:
    """Pack the rounds of a run, with a sentence for each; nothing for a model without rounds."""
    found = rounds(trace)
    if found is None:
        return {}, {}
    arrays: Arrays = {
        "round": found.number.astype(np.uint16),
        "sets": found.left.astype(np.uint8),
        "guessed": found.guessed.astype(np.uint8),
        "conflict": found.conflict.astype(np.float16),
    }
    count = range(len(found.event))
    said = {"rounds": [told(found, r, task, trace.input) for r in count], "events": [happened(found, r) for r in count]}
    return arrays, said


def happened(found: Rounds, r: int) -> dict[str, str | int | None]:
    """Return what happened before round r, counted from 0, in a word and numbers; None for no guess.

    event, as in EVENTS; place and candidate from 0 of the guess that was made or taken back; removed, candidates that
    were left before; open, places with several candidates left.
    """
    guess = found.place[r] >= 0
    return {
        "event": EVENTS[found.event[r]],
        "place": int(found.place[r]) if guess else None,
        "candidate": int(found.candidate[r]) if guess else None,
        "removed": int(found.removed[r]),
        "open": int(found.open[r]),
    }


def told(found: Rounds, r: int, task: Task, tokens: np.ndarray) -> str:
    """Return what happened before round r, counted from 0, as a sentence."""
    before, event = f"Before round {r + 1}", found.event[r]
    if event == BEGUN:
        return "This is a search around a looped net: round 1 starts from the givens."
    if event == REMOVED:
        one = found.removed[r] == 1
        many = "1 candidate was" if one else f"{found.removed[r]} candidates were"
        return f"{before}, {many} removed; {_open(int(found.open[r]))}."
    if event == AGAIN:
        return f"{before}, a conflict with no guess to take back: the search started again from the givens."
    if event in (GUESSED, TAKEN_BACK):
        guess = f"{task.sign(int(found.candidate[r]) + 1)} in {task.place(tokens, int(found.place[r]))}"
        if event == GUESSED:
            return f"{before}, nothing was sure enough to be removed: {guess} was guessed."
        return f"{before}, a conflict: the guess of {guess} was taken back."
    return f"{before}, every cell had one candidate left and no rule was broken: the sets stay."


def _open(count: int) -> str:
    """Return how many cells are open, in words."""
    if not count:
        return "no cell has more than one left"
    return f"{count} cell{' has' if count == 1 else 's have'} more than one left"


def clock_words(model: LoopedModel, loops: int) -> list[str] | None:
    """Return where in its round each loop stands, in words; None of a model without rounds."""
    length = model.round
    if length is None:
        return None
    return [f"round {t // length + 1} · loop {t % length + 1} of {length}" for t in range(loops)]
