"""From a trace to what a page draws: what its task knows of the run, and the arrays that only this task has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from looped import tasks
from looped.lenses.readout import settling
from looped.runs.trace import Trace
from looped.serving.message import Facts, Letters, Packed, Points, Ways, pack_trace
from looped.serving.predictions import ASIDE, compared
from looped.serving.rounds import rounds_of
from looped.tasks import Task

MOST_WAYS = 60  # solutions that are drawn


def facts(task: Task, tokens: np.ndarray, answers: np.ndarray) -> Facts:
    """Return what the task knows of a run: its input, and what was answered after each loop (loops, positions, …)."""
    return Facts(
        rules=task.rules(tokens, answers),
        right=task.right(np.broadcast_to(tokens, (len(answers), *tokens.shape)), answers),
        asked=task.asked(tokens),
        groups=task.groups(tokens),
        undrawn=undrawn(task, tokens),
        letters=letters(task, tokens),
        ways=ways(task, tokens, answers),
        many=task.many_tokens,
        points=points(task, tokens),
        board=task.layout(tokens).grid,
    )


def points(task: Task, inputs: np.ndarray) -> Points | None:
    """Return where the positions of an input stand in a space; None for a task whose inputs stand in none."""
    at = task.points(inputs)
    return None if at is None else Points(at, task.clues(inputs))


def undrawn(task: Task, tokens: np.ndarray) -> np.ndarray | None:
    """Return which positions are not drawn on screen, (positions,) bool; None when all are."""
    layout = task.layout(tokens)
    drawn = np.zeros(len(tokens), bool)
    for row in layout.rows:
        for place in row:
            drawn[[place] if layout.tokens is None else list(layout.tokens[place])] = True
    return None if drawn.all() else ~drawn


def letters(task: Task, tokens: np.ndarray) -> Letters | None:
    """Return the positions of the two parts of an input, and which of their tokens are equal; None without parts."""
    halves = task.halves(tokens)
    if halves is None:
        return None
    first, second = halves
    return Letters(first, second, tokens[first][:, None] == tokens[second])


def ways(task: Task, tokens: np.ndarray, answers: np.ndarray) -> Ways | None:
    """Return the solutions of an input and the steps of every answer; None for a task without steps."""
    found, own = task.solutions(tokens, MOST_WAYS), task.equations(tokens, answers)
    return None if found is None or own is None else Ways(found, own)


@dataclass(frozen=True)
class Packer:
    """Turns a run of the task called `name` into what its page draws; `beside` as `Task.beside` says.

    Two of one task and one `beside` are equal: a packer is part of the engine's cache key. It goes to replicas by its
    two texts.
    """

    name: str
    beside: str = ""

    def __call__(self, trace: Trace) -> Packed:
        """Pack a run."""
        task = tasks.get(self.name)
        packed = pack_trace(trace, facts(task, trace.input, trace.answered))
        extras = task.extras(trace.input, trace.answered, self.beside, _settled(trace))
        more, meta = compared(trace, task.asked(trace.input), extras)
        drawn = {name: array for name, array in extras.items() if name not in ASIDE}
        searched, said = rounds_of(trace, task)
        return packed | {
            "arrays": packed["arrays"] | drawn | more | searched,
            "meta": packed["meta"] | meta | said,
        }


packer = Packer


def _settled(trace: Trace) -> np.ndarray | None:
    """Return the loop after which each answer never changed again, 0 where it has not settled; None of numbers."""
    if trace.output_kind == "numbers":
        return None
    found = settling(trace.answers, trace.complete)
    return np.where(found.unsettled, 0, found.settled)
