"""The tree of all ways, and how far an answer follows one of them."""

from __future__ import annotations

from looped.lenses.ways import Node, taken, tree


def test_equal_beginnings_are_one_branch_and_equal_steps_elsewhere_are_not() -> None:
    ways = [["a", "b", "c"], ["a", "b", "d"], ["b", "c"], ["a", "c"]]
    assert tree(ways) == [
        Node(0, "a", False),
        Node(1, "b", False),
        Node(2, "c", True),
        Node(2, "d", True),
        Node(0, "b", False),
        Node(1, "c", True),
        Node(1, "c", True),
    ]
    own = [["a", "b", "d"], ["b", "c", "x"], ["c", "a", "b"], ["a", "c", "d"]]
    assert taken(ways, own).tolist() == [[0, 1, 3], [4, 5, -1], [-1, -1, -1], [0, 6, -1]]


def test_without_ways_or_answers_there_is_nothing() -> None:
    assert tree([]) == []
    assert taken([], [["a"]]).tolist() == [[-1]]
    assert taken([["a"]], []).shape == (0, 0)
