"""Turns at the device: what somebody waits for at this moment goes before steps of long questions."""

from __future__ import annotations

import threading

import pytest

from looped.serving.turns import Turns


def come(turns: Turns, kind: str, order: list[str], name: str) -> threading.Thread:
    """Somebody who waits for a turn and notes the name when it comes."""

    def wait() -> None:
        with getattr(turns, kind)():
            order.append(name)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def waits(turns: Turns, count: int) -> None:
    while turns._waiting < count:
        pass


def test_a_page_goes_before_a_question_that_came_first() -> None:
    turns, order = Turns(1, patience=60), list[str]()
    with turns.short():
        threads = [come(turns, "long", order, "question")]
        threads += [come(turns, "short", order, "page") for _ in range(3)]
        waits(turns, 3)
        assert order == []
    for thread in threads:
        thread.join(120)
    assert order == ["page", "page", "page", "question"]


def test_questions_never_have_all_turns_where_there_are_two() -> None:
    turns, order = Turns(2, patience=0), list[str]()
    with turns.long():
        question = come(turns, "long", order, "question")
        with turns.short():  # at once, though a question has waited long enough
            assert order == []
    question.join(120)
    assert order == ["question"]


def test_a_page_does_not_wait_for_the_end_of_a_step_where_threads_stand_back() -> None:
    turns, order = Turns(2, beside=True), list[str]()
    with turns.long(), turns.short():
        come(turns, "short", order, "page").join(120)
        assert order == ["page"]
        with turns.short():
            last = come(turns, "short", order, "third")
            waits(turns, 1)
            assert order == ["page"]  # as many at once as there are cores, and no more
        last.join(120)


def test_a_question_that_has_waited_long_enough_waits_for_nobody() -> None:
    turns, order = Turns(1, patience=0), list[str]()
    turns._waiting = 1  # somebody always waits for a page
    come(turns, "long", order, "question").join(120)
    assert order == ["question"]


def test_a_turn_is_given_back_whatever_happens() -> None:
    turns = Turns(1)
    for kind in ("short", "long"):
        with pytest.raises(ValueError, match="wrong"), getattr(turns, kind)():
            raise ValueError("wrong")
    with turns.short():
        pass
