"""Who claims a place: the shares of the contests of a net with one position for each candidate, and its fields.

In such a net (`looped.model.candidates`) a candidate, a digit that a cell might hold, stands in four groups: its cell,
and its row, column and box among the candidates of the same digit. In every contest each group shares out one whole
among its members. The shares take the place of an attention map: they say who claims a place, not who looks at whom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.model import seam
from looped.model.candidates import GROUPS
from looped.runs.needs import Needs
from looped.runs.numerics import largest
from looped.runs.trace import Trace

NEEDS = Needs(all_of=(seam.CONTESTS,))


class Claims(NamedTuple):
    """The shares of a run, as means over its contests; the groups are those of GROUPS."""

    mean: np.ndarray  # (loops, layers, cells, digits, groups) from 0 to 1: the candidate's share
    most: np.ndarray  # of the same shape, bool: the cell's digits with the largest; several where they tie
    contests: int
    even: float  # the share of each member of a group in which all claim alike


def claims(trace: Trace) -> Claims | None:
    """Return the mean shares of every candidate in its groups; None for a run without contests."""
    shares, places = trace.observed.get("shares"), trace.places
    if shares is None or places is None:
        return None
    by_group = shares[:, :, places].reshape(*shares.shape[:2], *places.shape, len(GROUPS), -1)
    mean = by_group.mean(-1, dtype=np.float64)
    return Claims(mean, largest(mean, 3), by_group.shape[-1], 1 / mean.shape[3])


class Fields(NamedTuple):
    """How much the state of every candidate moved; a field is the candidates of one digit in all cells."""

    moved: np.ndarray  # (loops, cells, digits) root mean square of the change of its numbers, whose own is 1
    most: np.ndarray  # (loops, digits) bool, whose fields moved most on the whole: several that tie, none if none moved
    mean: np.ndarray  # (loops, digits) root mean square of the change of a whole field


def fields(hidden: np.ndarray, places: np.ndarray, anew: np.ndarray | None = None) -> Fields:
    """Measure how the fields of hidden (loops + 1, candidates, width) moved; places (cells, digits), the candidates.

    anew (loops,) bool: the loops that begin with a state of zero in place of the one before (`Trace.anew`).

    >>> hidden = np.zeros((3, 4, 2))
    >>> hidden[1:, 3] = [3.0, 4.0]
    >>> found = fields(hidden, np.array([[0, 1], [2, 3]]))
    >>> found.moved[0].round(2).tolist(), found.most.tolist(), found.mean[0].round(2).tolist()
    ([[0.0, 0.0], [0.0, 3.54]], [[False, True], [False, False]], [0.0, 2.5])
    """
    past = hidden[:-1] if anew is None else np.where(anew[:, None, None], 0, hidden[:-1])
    change = np.square(hidden[1:] - past, dtype=np.float64).mean(-1)[:, places]
    mean = np.sqrt(change.mean(1))
    return Fields(np.sqrt(change), largest(mean) & (mean > 0), mean)
