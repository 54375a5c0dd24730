"""Rest and rightness: areas counted by hand, and runs of a real model."""

from __future__ import annotations

import numpy as np

from looped.catalogue.checkpoints import load_checkpoint
from looped.lenses.fixed_point import verdict
from looped.lenses.resting import Rests, area, rests
from looped.runs.trace import record


def test_an_area_is_the_share_of_pairs_in_the_right_order() -> None:
    right = np.array([[True, True, False, False, False]] * 3)
    score = np.array([[5.0, 4, 3, 2, 1], [1, 2, 3, 4, 5], [3, 3, 3, 3, 3]])
    found = area(score, right)
    assert found.value.tolist() == [1, 0, 0.5]
    assert found.interval[0].tolist() == [1, 1]
    assert found.interval[2].tolist() == [0.5, 0.5]
    mixed = area(np.array([[4.0, 1, 3, 2, 0]]), right[:1])
    assert mixed.value.tolist() == [(3 + 1) / 6]
    assert 0 <= mixed.interval[0, 0] < mixed.value[0] < mixed.interval[0, 1] <= 1


def test_where_all_are_right_nothing_can_be_told_and_what_is_undefined_counts_as_lowest() -> None:
    found = area(np.ones((2, 3)), np.array([[True] * 3, [False] * 3]))
    assert np.isnan(found.value).all()
    assert np.isnan(found.interval).all()
    assert area(np.array([[np.nan, 0.0]]), np.array([[True, False]])).value.tolist() == [0]
    assert area(np.full((1, 2), np.nan), np.array([[True, False]])).value.tolist() == [0.5]


def test_runs_are_counted_in_a_table_of_four_and_those_that_depth_loses() -> None:
    right = np.array([[True, False, False], [True, True, False], [False, True, False]])
    found = Rests(right, right, right, np.array(["a"] * 3), np.array([True, True, False]))
    assert found.table.tolist() == [[1, 1], [0, 1]]
    assert found.lost.tolist() == [0, 0, 1]


def test_runs_that_are_not_at_rest_are_split_by_verdict() -> None:
    """“Not at rest” is several verdicts, of which “still moving” is one."""
    kinds = ["reached", "still moving", "oscillating", "oscillating"]
    right = np.ones((1, 4), bool)
    found = Rests(right, right, right, np.array(kinds), np.array([True, False, False, False]))
    assert found.verdicts == ([("reached", 1)], [("oscillating", 2), ("still moving", 1)])
    assert [sum(many for _, many in part) for part in found.verdicts] == found.table.sum(1).tolist()


def test_each_run_is_what_it_is_alone() -> None:
    checkpoint = load_checkpoint("sudoku4-tmlt")
    task, model = checkpoint.task, checkpoint.model
    tokens, _ = task.sample(5, seed=3, split="held-out")
    *_, found = rests(model, tokens, task.right, 12, tokens == 0, batch=2)
    for run, row in enumerate(tokens):
        trace = record(model, row, 12, verify=False)
        alone = verdict(trace.hidden, model.trained_loops)
        assert (found.kind[run], bool(found.settled[run])) == (alone.kind, alone.settled)
        np.testing.assert_array_equal(found.right[:, run], task.right([row] * 12, trace.answers))
