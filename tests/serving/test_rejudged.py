"""Runs in which something was changed: what is right in them, and what is not called overthinking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from looped.catalogue.checkpoints import load_checkpoint
from looped.model.interventions import Cut, Intervention, Swap, freeze
from looped.runs.trace import record
from looped.serving.message import with_solution
from looped.serving.packing import packer
from looped.serving.rejudged import givens, read_otherwise, rejudged
from looped.tasks import get

BOARD, LOOPS = "4......2...33...", 8


def run(change: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is packed of a run with a change, and what is said of it in its place."""
    checkpoint = load_checkpoint(f"sudoku4-candidates-looped{change}")
    task = checkpoint.task
    tokens = task.encode(task.parse(BOARD))
    packed = packer(task.name)(record(checkpoint.model, tokens, LOOPS))
    return packed, rejudged(packed, task, tokens, checkpoint.model.standing_interventions)


def test_an_answer_with_two_digits_exchanged_is_right_with_them_exchanged_in_what_is_given() -> None:
    plain, same = run("")
    packed, found = run("~swap=3_4@4")
    assert plain["arrays"]["right"][3:].all()
    assert same == {"arrays": {}, "meta": {"overthinking": None}}
    assert packed["meta"]["overthinking"]["lost"] == 5  # with the digits of the puzzle it would be
    np.testing.assert_array_equal(found["arrays"]["right"], plain["arrays"]["right"])
    assert found["meta"]["overthinking"] is None
    assert found["meta"]["first_right"] == plain["meta"]["first_right"]
    assert not found["arrays"]["conflicts"][4:].any()
    tokens, exchanged = plain["arrays"]["tokens"], np.array([0, 1, 2, 4, 3])
    np.testing.assert_array_equal(found["arrays"]["givens"][3:5], [tokens, exchanged[tokens]])
    solution = plain["arrays"]["answers"][-1]
    told = with_solution(packed | {"arrays": packed["arrays"] | found["arrays"]}, exchanged[[solution] * LOOPS])
    assert told["arrays"]["wrong"][-1] == 0
    assert not told["arrays"]["ends_wrong"].any()
    np.testing.assert_array_equal(told["arrays"]["solutions"][0], exchanged[solution])


def test_digits_can_be_exchanged_for_some_loops_and_back() -> None:
    tokens = np.array([0, 1, 2, 3])
    changes = [Swap((1, 2), first=1), Swap((2, 3), first=2, stop=3), freeze(0)]
    assert givens(tokens, 4, changes).tolist() == [[0, 1, 2, 3], [0, 2, 1, 3], [0, 3, 1, 2], [0, 2, 1, 3]]


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (freeze(0), False),  # from the start: the changed model thinks too long
        (Cut((0,), first=2), False),
        (Cut((0,), first=3), True),
        (Cut((0,), stop=4), True),
        (Cut((0,), first=5), True),
        (Cut((0,), first=6), False),
    ],
)
def test_an_answer_that_is_lost_behind_a_change_is_not_lost_by_thinking(change: Intervention, changed: bool) -> None:
    packed = {"arrays": {}, "meta": {"overthinking": {"reached": 3, "lost": 5, "back": None}}}
    found = rejudged(packed, get("sudoku4"), np.zeros(16, int), [change])
    assert found["meta"]["overthinking"] == {"reached": 3, "lost": 5, "back": None, "changed": changed}


@pytest.mark.parametrize(
    ("change", "reads"),
    [
        ("", []),
        ("~swap=1_2@2", []),
        ("~set=0_4", []),  # what is there already
        ("~set=0_1,set=1_0@3", ["1 at row 1, column 1"]),
        ("~set=1_3@2,set=0_2", ["3 at row 1, column 2", "2 at row 1, column 1"]),
    ],
)
def test_what_a_run_reads_otherwise_than_its_input_is_told(change: str, reads: list[str]) -> None:
    checkpoint = load_checkpoint(
        f"sudoku4-looped{change}" if "swap" not in change else f"sudoku4-candidates-looped{change}"
    )
    tokens = checkpoint.task.encode(checkpoint.task.parse(BOARD))
    assert read_otherwise(checkpoint.task, tokens, checkpoint.model.standing_interventions) == reads
