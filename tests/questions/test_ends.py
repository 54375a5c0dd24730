"""Ends of runs with noise and under symmetries; what is asked decides which ends are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from looped import tasks
from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.catalogue.spending import ways_of
from looped.lenses.basins import basins, endpoints
from looped.lenses.halting import RULES, curve, survey
from looped.questions import BOARDS, RUNS, Asked
from looped.runs.trace import record
from looped.tasks.sudoku.symmetries import random_symmetries
from questions.replies import LOOPS, OTHERS, last


def test_basins(asked: Asked) -> None:
    answer, task = last("turns", asked), asked.checkpoint.task
    *_, found = basins(
        asked.checkpoint.model,
        asked.tokens,
        task.right,
        RUNS,
        LOOPS,
        symmetries=random_symmetries(4, RUNS - 1, seed=0),
    )
    ends = endpoints(found.answers, asked.tokens == 0)
    arrays, meta = answer["arrays"], answer["meta"]
    assert arrays["sizes"].tolist() == ends.sizes.tolist()
    assert arrays["sizes"].sum() == RUNS
    assert arrays["ends"].tolist() == ends.distinct.tolist()
    for end, good in zip(ends.distinct, arrays["ends_right"], strict=True):
        assert bool(good) == bool(task.right(asked.tokens[None], end[None])[0])
    assert (meta["right"], meta["plain_right"], meta["vote_right"]) == (
        int(found.right.sum()),
        bool(found.right[0]),
        bool(task.right(asked.tokens, ends.vote)),
    )
    assert last("noise", asked)["arrays"]["sizes"].sum() == RUNS


def test_images_of_a_board_whose_digits_are_exchanged_are_voted_on_with_them_exchanged() -> None:
    """Every image has its own names for the two digits: a net that knows no digit answers all of them alike."""
    plain, swapped = (load_checkpoint(f"sudoku4-candidates-looped{change}") for change in ("", "~swap=3_4@4"))
    tokens, names = plain.task.encode(plain.task.parse("4......2...33...")), np.array([0, 1, 2, 4, 3])
    own, exchanged = (last("turns", Asked(one, tokens, 8, 0, 8)) for one in (plain, swapped))
    assert own["arrays"]["sizes"].tolist() == exchanged["arrays"]["sizes"].tolist() == [RUNS]
    np.testing.assert_array_equal(exchanged["arrays"]["vote"], names[own["arrays"]["vote"]])
    assert exchanged["meta"]["vote_right"]
    assert exchanged["meta"]["plain_right"]
    assert exchanged["meta"]["right"] == RUNS
    assert exchanged["meta"]["distance"] < 1e-4
    ways = [list(ways_of(one, tokens[None], 8, 4))[-1] for one in (plain, swapped)]
    assert [(way.starts, way.chosen, way.right.tolist()) for way in ways[0]] == [
        (way.starts, way.chosen, way.right.tolist()) for way in ways[1]
    ]
    assert any(way.chosen == "vote" and way.starts == "symmetries" and way.right.all() for way in ways[1])


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_asked_decides_end_points_temperatures_and_exits(name: str, others: dict[str, Asked]) -> None:
    asked = others[name]
    task, model, where = asked.checkpoint.task, asked.checkpoint.model, asked.checkpoint.task.asked(asked.tokens)
    assert 0 < where.sum() < len(where)
    *_, found = basins(model, asked.tokens, task.right, RUNS, LOOPS, 1.0)
    arrays = last("noise", asked)["arrays"]
    assert arrays["sizes"].tolist() == endpoints(found.answers, where).sizes.tolist()
    assert arrays["ends"].tolist() == endpoints(found.answers, where).distinct.tolist()
    trace = record(model, asked.tokens, LOOPS)
    hard = record(load_checkpoint(f"{asked.checkpoint.folder}~hardmax").model, asked.tokens, LOOPS)
    np.testing.assert_allclose(
        last("temperature", asked)["arrays"]["same"][0], (hard.answers == trace.answers)[:, where].mean(-1)
    )
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out")
    *_, seen = survey(model, tokens, task.right, LOOPS, task.asked(tokens))
    wanted = curve(seen.watched[0], seen.right, RULES[0].patience)
    np.testing.assert_allclose(last("exits", asked)["arrays"]["rule0"], [wanted.loops, wanted.accuracy], rtol=1e-6)


def test_answers_of_many_tokens_arrive_whole(make_model: Callable[..., Any], tmp_path: Path) -> None:
    """Of distances between long words there are more than a byte can tell apart."""
    task = tasks.get("edit_distance60")
    save_checkpoint(
        tmp_path / "long", make_model(vocab=task.vocab, length=task.length), task.name, training={}, scores=[]
    )
    asked = Asked(load_checkpoint(str(tmp_path / "long")), task.encode(task.parse("kitten sitting")), 1, 6, 1)
    *_, found = basins(asked.checkpoint.model, asked.tokens, task.right, RUNS, 1, 1.0)
    assert found.answers.max() > 255
    assert last("noise", asked)["arrays"]["vote"].tolist() == endpoints(found.answers).vote.tolist()
