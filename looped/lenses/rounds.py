"""What a search around a looped net does from round to round: candidates removed, guesses made and taken back.

A round is some loops of the net on the same sets of candidates (`looped.model.lattice`). What happened before a round
is read off the sets, guesses and fresh starts of the run itself, in the rounds on both sides of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.model.seam import ROUNDS
from looped.runs.needs import Needs
from looped.runs.trace import Trace

NEEDS = Needs(all_of=(ROUNDS,))

BEGUN, REMOVED, GUESSED, TAKEN_BACK, AGAIN, STAYED = range(6)  # what happened before a round


class Rounds(NamedTuple):
    """Places hold D candidates each, in the order of the run's table `places`.

    number      (loops,) int64, the round of each loop, from 1
    left        (rounds, places, D) bool, the candidates that are left in a round
    guessed     (rounds, places) int64, the number of the guess that stands in a place, from 1; 0 for none
    event       (rounds,) int64, what happened before it. BEGUN: nothing, it starts from the input; REMOVED, GUESSED;
                TAKEN_BACK: a conflict, and the last guess was removed; AGAIN: a conflict without a guess to take back,
                so that the search started again; STAYED: the sets were solved, and stay
    removed     (rounds,) int64, candidates that were left in the round before and are not any more
    place       (rounds,) int64, where a guess was made or taken back; −1 for no guess
    candidate   (rounds,) int64, which candidate of the place it was, from 0; −1 for no guess
    conflict    (loops,) from 0 to 1, the probability of a conflict that the net tells after each loop
    """

    number: np.ndarray
    left: np.ndarray
    guessed: np.ndarray
    event: np.ndarray
    removed: np.ndarray
    place: np.ndarray
    candidate: np.ndarray
    conflict: np.ndarray

    @property
    def open(self) -> np.ndarray:
        """Return how many places have several candidates left: (rounds,) int64."""
        count: np.ndarray = (self.left.sum(-1) > 1).sum(-1)
        return count


def rounds(trace: Trace) -> Rounds | None:
    """Read the rounds of a run off its record; None of a model without rounds."""
    begins, table = trace.rounds, trace.places
    if begins is None or table is None:
        return None
    first = np.flatnonzero(begins) + 1  # the state after the first loop of each round
    left = trace.observed["removed"][first][:, table] < 0
    guesses = trace.observed["guesses"][first].astype(np.int64)
    again = trace.observed["doubt"][first, 0]
    depth = (guesses >= 0).sum(1)
    where = np.empty(table.size, np.int64)
    where[table.ravel()] = np.repeat(np.arange(len(table)), table.shape[1])
    which = np.empty(table.size, np.int64)
    which[table.ravel()] = np.tile(np.arange(table.shape[1]), len(table))
    count = len(first)
    guessed = np.zeros((count, len(table)), np.int64)
    event, removed, place, candidate = np.zeros((4, count), np.int64)
    place, candidate = place - 1, candidate - 1
    for r in range(count):
        guessed[r, where[guesses[r, : depth[r]]]] = 1 + np.arange(depth[r])
        if r == 0:
            continue
        removed[r] = (left[r - 1] & ~left[r]).sum()
        event[r] = _event(again[r] - again[r - 1], depth[r] - depth[r - 1], int(removed[r]))
        if event[r] in (GUESSED, TAKEN_BACK):
            chosen = guesses[r, depth[r] - 1] if event[r] == GUESSED else guesses[r - 1, depth[r - 1] - 1]
            place[r], candidate[r] = where[chosen], which[chosen]
    number = trace.observed["round"].astype(np.int64)
    return Rounds(number, left, guessed, event, removed, place, candidate, trace.observed["conflict"])


def _event(again: float, deeper: int, removed: int) -> int:
    """Return what happened, by how many more fresh starts, guesses and removed candidates there are."""
    if again > 0:
        return AGAIN
    if deeper:
        return GUESSED if deeper > 0 else TAKEN_BACK
    return REMOVED if removed else STAYED
