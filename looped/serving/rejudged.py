"""What is said of a run in which something was changed: judged by what it was given, and no overthinking by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from looped.lenses import readout as reading
from looped.lenses.fixed_point import overthinking
from looped.lenses.rules import conflicts
from looped.model.interventions import Input, Intervention, Swap, exchanged
from looped.serving.message import Arrays, Meta, Packed
from looped.serving.stored import least
from looped.tasks import Task


def rejudged(packed: Packed, task: Task, tokens: np.ndarray, changes: Sequence[Intervention]) -> Packed:
    """Return the arrays and the meta of a packed run on tokens (places,) that what was changed in it makes others.

    Where digits are exchanged, an answer is right that is right with them exchanged in what is given, too, and the
    array `givens` (loops, places) tells what that was in every loop. A right answer that is lost behind a change that
    began or ended after it was right is not lost by thinking on: `overthinking` says so by `changed`. A run that reads
    other tokens somewhere is still judged by the input that it is a run of; `reads` says where it does not read that.
    """
    arrays: Arrays = {}
    meta: Meta = {"overthinking": packed["meta"]["overthinking"]}
    if any(isinstance(change, Swap) for change in changes):
        arrays, meta = _exchanged(packed, task, tokens, changes)
    lost = meta["overthinking"]
    if lost is not None:
        meta["overthinking"] = lost | {"changed": _between(changes, lost["reached"], lost["lost"])}
    if reads := read_otherwise(task, tokens, changes):
        meta["reads"] = reads
    return {"arrays": arrays, "meta": meta}


def read_otherwise(task: Task, tokens: np.ndarray, changes: Sequence[Intervention]) -> list[str]:
    """Return in words what a run on tokens (places,) reads of places that were set to something else in its input."""
    found: dict[int, int] = {}
    for change in changes:
        if isinstance(change, Input):
            places = range(len(tokens)) if change.positions is None else change.positions
            found |= dict(zip(places, change.tokens, strict=True))
    others = {place: token for place, token in found.items() if token != tokens[place]}
    return [f"{task.token_name(token)} at {task.place(tokens, place)}" for place, token in others.items()]


def givens(tokens: np.ndarray, loops: int, changes: Sequence[Intervention]) -> np.ndarray:
    """Return what is given in every loop, (loops, places), of tokens (places,) of which digits are exchanged.

    >>> givens(np.array([0, 1, 2]), 3, [Swap((1, 2), first=1)]).tolist()
    [[0, 1, 2], [0, 2, 1], [0, 2, 1]]
    """
    return np.stack([exchanged(tokens, loop, changes) for loop in range(loops)])


def _exchanged(packed: Packed, task: Task, tokens: np.ndarray, changes: Sequence[Intervention]) -> tuple[Arrays, Meta]:
    """Judge the answers of a run by the givens of each loop."""
    answers, asked = packed["arrays"]["answers"], packed["arrays"]["asked"].astype(bool)
    given = givens(tokens, len(answers), changes)
    right = np.asarray(task.right(given, answers))
    arrays = {"right": right.astype(np.uint8), "givens": least(given)}
    groups = task.groups(tokens)
    if groups is not None:
        arrays["conflicts"] = conflicts(np.where(asked, answers, given), groups).astype(np.uint8)
    found, lost = reading.outcome(right), overthinking(right)
    some = bool(asked.any())
    return arrays, {
        "first_right": found.first if some else None,
        "right_since": found.since if some else None,
        "overthinking": lost._asdict() if lost is not None and some else None,
    }


def _between(changes: Sequence[Intervention], reached: int, lost: int) -> bool:
    """Say whether a change begins or ends after an answer was right and before it is lost; loops from 1."""
    ends = [end for change in changes for end in (change.first, change.stop) if end]
    return any(reached <= end <= lost for end in ends)
