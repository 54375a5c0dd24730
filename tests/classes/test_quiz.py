"""The quiz: each of its ten facts is measured again, and a sheet says no more than it may."""

from __future__ import annotations

import csv

import pytest

from looped.classes import quiz
from looped.lessons import LessonError
from looped.lessons.checking import check
from looped.serving.engine import Engine

# By `python -m looped lesson assets/quiz/loops.md`: what is asked, and how far rounding elsewhere may take it.
ASKED = [
    ("203,024", 0),
    ("36", 3),
    ("12", 3),
    ("1", 0),
    ("0", 0),
    ("14", 1),
    ("58", 2),
    ("18", 1),
    ("42", 4),
    ("never", 0),
]
RIGHT = [0, 1, 2, 0, 1, 1, 1, 1, 0, 1]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(device="cpu")


def test_every_item_is_a_fact_that_is_measured(engine: Engine) -> None:
    found = check(engine, quiz.read())
    values = [one.value for one in found if one.truth]
    assert len(values) == len(ASKED) == 10
    for value, (wanted, tolerance) in zip(values, ASKED, strict=True):
        if tolerance:
            assert float(value) == pytest.approx(float(wanted), abs=tolerance)
        else:
            assert value == wanted
    (needed,) = {one.value for one in found if one.measure == "loops needed"}
    assert needed == "20"  # the answers of that item name it
    solved = quiz.solve(engine)
    assert [one.right for one in solved] == RIGHT
    assert all(one.link.startswith("/") and "loop=" in one.link and one.why for one in solved)
    assert not any("{" in text for item in quiz.asked(engine) for text in item.text)


def test_the_right_answers_do_not_stand_in_one_place() -> None:
    for seed in range(5):
        places = {order.index(RIGHT[number]) for number, order in quiz.orders(seed)}
        assert len(places) > 1
    assert {len(quiz.orders(seed)) for seed in range(5)} == {10}


def test_a_sheet_tells_what_is_right_only_where_it_may() -> None:
    answers = [0, *[-1] * 9]
    order = [at for at, _ in quiz.orders(93266)]
    before = list(csv.DictReader(quiz.sheet(quiz.items(), answers, None, 93266).splitlines()))
    assert [int(row["item"]) - 1 for row in before] == order
    assert [row["number"] for row in before] == [str(number) for number in range(1, 11)]
    assert before[order.index(0)] == {
        "number": str(order.index(0) + 1),
        "item": "1",
        "question": "What is repeated",
        "answer": "Far fewer: all loops use the same block.",
    }
    rows = list(csv.DictReader(quiz.sheet(quiz.items(), answers, RIGHT, 93266).splitlines()))
    assert {row["item"] for row in rows if row["right"] == "1"} == {"1"}
    assert {row["item"] for row in rows if row["answer"] != "no answer"} == {"1"}
    assert [row["right"] for row in rows if row["item"] != "1"] == [""] * 9  # neither right nor wrong
    wrong = list(csv.DictReader(quiz.sheet(quiz.items(), [1, *[-1] * 9], RIGHT, 93266).splitlines()))
    assert sorted(row["right"] for row in wrong) == [*[""] * 9, "0"]


def test_a_quiz_asks_choices_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiz, "FOLDER", "assets/lessons")
    with pytest.raises(LessonError, match=r"line 7: a step of a quiz asks a choice"):
        quiz.read("2-fixed-point")
