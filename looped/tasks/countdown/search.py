"""Search for the solutions of a Countdown problem, step by step, in plain Python.

For the tree, and for tests of the compiled search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

OPERATIONS = "+×-÷"
"""In the order in which the search tries them; the tokens 1 to 4."""


class Step(NamedTuple):
    """a operation b = c; a is not smaller than b."""

    a: int
    operation: str
    b: int
    c: int

    def __str__(self) -> str:
        return f"{self.a}{self.operation}{self.b}={self.c}"


class Node(NamedTuple):
    """A place in the search.

    The step that led here (None at the root), the numbers left, and the ways on to the target.
    """

    step: Step | None
    numbers: tuple[int, ...]  # larger ones first
    ways: tuple[Node, ...]


def steps(numbers: Sequence[int]) -> Iterator[tuple[Step, tuple[int, ...]]]:
    """Yield every different step that some numbers allow, and what is left after it, larger numbers first.

    >>> [str(step) for step, _ in steps([2, 6])]
    ['6+2=8', '6×2=12', '6-2=4', '6÷2=3']
    """
    left = sorted(numbers, reverse=True)
    seen = set()
    for i, a in enumerate(left):
        for j in range(i + 1, len(left)):
            b = left[j]
            if (a, b) in seen:
                continue
            seen.add((a, b))
            others = left[:i] + left[i + 1 : j] + left[j + 1 :]
            for operation in OPERATIONS:
                if operation != "÷" or (b and a % b == 0):
                    c = {"+": a + b, "×": a * b, "-": a - b}.get(operation, a // max(b, 1))
                    yield Step(a, operation, b, c), tuple(sorted([*others, c], reverse=True))


def tree(numbers: Sequence[int], target: int, most: int | None = None) -> Node | None:
    """Return the search tree of a problem, without the branches that do not lead to the target; None when none does.

    With `most`, numbers above it may not appear. Ways differ when their steps do, in whatever order independent ones
    stand.

    >>> root = tree([3, 5, 2], 16)
    >>> [str(way.step) for way in root.ways]
    ['5+3=8']
    >>> [str(way.step) for way in root.ways[0].ways]
    ['8×2=16']
    """

    def grown(step: Step | None, left: tuple[int, ...]) -> Node | None:
        if len(left) == 1:
            return Node(step, left, ()) if left[0] == target else None
        ways = []
        for taken, rest in steps(left):
            if most is None or taken.c <= most:
                way = grown(taken, rest)
                if way is not None:
                    ways.append(way)
        return Node(step, left, tuple(ways)) if ways else None

    return grown(None, tuple(sorted(numbers, reverse=True)))


def solutions(numbers: Sequence[int], target: int, most: int | None = None) -> list[tuple[Step, ...]]:
    """Return all ways to the target, as sequences of steps, in the order of the search; see `tree`.

    >>> [", ".join(map(str, way)) for way in solutions([2, 3, 4], 20)]
    ['3+2=5, 5×4=20']
    """

    def paths(node: Node) -> Iterator[tuple[Step, ...]]:
        own = (node.step,) if node.step else ()
        if not node.ways:
            yield own
        for way in node.ways:
            for rest in paths(way):
                yield own + rest

    root = tree(numbers, target, most)
    return list(paths(root)) if root else []
