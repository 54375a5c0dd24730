"""Which of several ways to a goal does a model take? The tree of all ways, and how far an answer follows one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Node(NamedTuple):
    """One step of a way, behind the same steps before it."""

    depth: int  # 0 for a first step
    step: str
    last: bool  # the way ends here


def tree(ways: Sequence[Sequence[str]]) -> list[Node]:
    """Merge ways with equal beginnings into one tree: its nodes, each before those that follow it.

    >>> tree([["a", "b"], ["a", "c"]])
    [Node(depth=0, step='a', last=False), Node(depth=1, step='b', last=True), Node(depth=1, step='c', last=True)]
    """
    return [Node(len(steps) - 1, steps[-1], last) for steps, last in _nodes(ways).items()]


def taken(ways: Sequence[Sequence[str]], own: Sequence[Sequence[str]]) -> np.ndarray:
    """Follow the steps of some answers through `tree(ways)`: own (answers, steps) → (answers, steps) int64.

    Entry [a, k] is the node that the first k + 1 steps of answer a lead to, −1 where no way begins with them. A way
    that comes back to the tree later is not on it.

    >>> taken([["a", "b"], ["a", "c"]], [["a", "c"], ["x", "b"], ["a", "x"]]).tolist()
    [[0, 2], [-1, -1], [0, -1]]
    """
    number = {steps: i for i, steps in enumerate(_nodes(ways))}
    longest = max(map(len, own), default=0)
    found = np.full((len(own), longest), -1)
    for row, steps in enumerate(own):
        for k in range(len(steps)):
            found[row, k] = number.get(tuple(steps[: k + 1]), -1)
    return found


def _nodes(ways: Sequence[Sequence[str]]) -> dict[tuple[str, ...], bool]:
    """Return the beginnings of all ways, in the order in which they are met, and whether a way ends with them."""
    found: dict[tuple[str, ...], bool] = {}
    for way in ways:
        for k in range(len(way)):
            steps = tuple(way[: k + 1])
            found[steps] = found.get(steps, False) or k == len(way) - 1
    return found
