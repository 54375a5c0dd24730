"""The page of the quiz: handed in once, counted in a class, and silent about what is right before the lesson."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from looped.classes import Classes, quiz
from looped.classes.session import ORDERS, Bounds
from looped.serving.request import whole_number
from looped.ui import classes
from looped.ui.quiz import read_sheet

ROOT = Path(__file__).resolve().parents[2]


def opened(**query: str) -> AppTest:
    app = AppTest.from_string("from looped.ui.quiz import page\npage()", default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def seed_of(app: AppTest) -> str:
    """Return the order that the address names, as it was opened or as the page has written it."""
    named = app.query_params["seed"]
    return named if isinstance(named, str) else str(named[0])


def handed_in(app: AppTest, right: int) -> AppTest:
    """Answer so many questions rightly and leave out the others."""
    solved = quiz.solve(engine())
    for number, _ in enumerate(solved[:right]):
        app.radio(key=f"quiz-{number}").set_value(solved[number].right)
    app.button[0].click().run()
    if right < len(solved):  # asked once whether the others are left out
        app.button[0].click().run()
    assert not app.exception
    return app


def engine() -> Any:
    from looped.ui.state import engine

    return engine()


def words(app: AppTest) -> str:
    return "\n".join(part.value for part in app.markdown)


def test_a_quiz_of_ones_own_tells_what_is_right_and_shows_why() -> None:
    app = opened(seed="5")
    assert [int(radio.key.removeprefix("quiz-")) for radio in app.radio] == [number for number, _ in quiz.orders(5)]
    app = handed_in(app, right=4)
    assert "**4 of 10** are right; 6 have no answer." in words(app)
    assert words(app).count("– You gave no answer. What happens: ") == 6
    assert "✕" not in words(app)
    assert words(app).count("[See it in the microscope](./") == 10
    assert not app.radio  # handed in once
    titles = [f"{number}. {quiz.items()[at].title}" for number, (at, _) in enumerate(quiz.orders(5), 1)]
    assert [part.value for part in app.subheader] == titles  # as they were asked


def test_what_a_browser_kept_is_taken_back_only_where_it_is_a_sheet_of_this_quiz(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {"answers": [0] * 10, "said": [True, "Handed in."]}
    browser = {"loopscope.quiz...5": json.dumps(kept)}
    monkeypatch.setattr("looped.ui.quiz.recall", browser.get)
    app = opened(seed="5")
    assert not app.radio
    assert app.success[0].value == "Handed in."
    unfit: list[Any] = [
        {**kept, "answers": [0] * 9},
        {**kept, "answers": [3] * 10},
        {**kept, "answers": [True] * 10},
        {**kept, "said": [1, 2]},
        {"answers": 7},
        [],
    ]
    for wrong in unfit:
        assert read_sheet(json.dumps(wrong)) is None
    assert read_sheet("[" * 100_000) is None
    assert read_sheet("no") is None


def test_nothing_is_not_handed_in_and_what_is_left_out_is_asked_about_once() -> None:
    app = opened(seed="5")
    assert app.caption[0].value == "10 of 10 questions have no answer yet."
    app.button[0].click().run()
    assert "Nothing is answered yet" in app.error[0].value
    assert len(app.radio) == 10
    order = [number for number, _ in quiz.orders(5)]
    for number in order[:7]:
        app.radio(key=f"quiz-{number}").set_value(0)
    app.run()
    missing = "3 of 10 questions have no answer yet: 8, 9 and 10."
    assert app.caption[0].value == missing
    assert not app.error
    app.button[0].click().run()
    assert app.caption[0].value == missing
    assert "count as unanswered, not as wrong" in app.warning[0].value
    assert len(app.radio) == 10
    app.radio(key=f"quiz-{order[7]}").set_value(1).run()
    assert app.caption[0].value == "2 of 10 questions have no answer yet: 9 and 10."
    assert app.button[0].label == "Hand in all the same"
    app.button[0].click().run()
    assert app.success[0].value == "Handed in."
    assert words(app).count("You gave no answer.") == 2


def test_a_whole_sheet_is_handed_in_at_once() -> None:
    app = opened(seed="5")
    for number in range(10):
        app.radio(key=f"quiz-{number}").set_value(0)
    app.run()
    assert not app.caption
    app.button[0].click().run()
    assert app.success[0].value == "Handed in."
    assert "no answer" not in words(app)


def test_answers_that_a_browser_kept_are_filled_in_and_those_on_the_page_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    browser: dict[str, str] = {}
    monkeypatch.setattr("looped.ui.quiz.recall", browser.get)
    monkeypatch.setattr("looped.ui.quiz.keep", browser.__setitem__)
    app = opened(seed="5", round="before")
    app.radio(key="quiz-3").set_value(1)
    app.radio(key="quiz-0").set_value(0).run()
    assert {name: json.loads(text) for name, text in browser.items()} == {
        "loopscope.draft.quiz..before.5": [0, -1, -1, 1, *[-1] * 6],
        "loopscope.quiz.last..before": 5,
    }
    again = opened(seed="5", round="before")  # a reload
    assert again.radio(key="quiz-3").value == 1
    assert again.caption[0].value.startswith("8 of 10 questions")
    assert [radio.value for radio in opened(seed="6", round="before").radio] == [None] * 10  # of another sheet
    again.radio(key="quiz-3").set_value(0).run()
    assert json.loads(browser["loopscope.draft.quiz..before.5"])[3] == 0
    handed_in(again, right=10)
    assert browser["loopscope.draft.quiz..before.5"] == ""
    for wrong in ("[0]", "{}", "no", "[" * 100_000, json.dumps([9] * 10), json.dumps([True] * 10)):
        browser["loopscope.draft.quiz...7"] = wrong
        assert [radio.value for radio in opened(seed="7").radio] == [None] * 10
        assert browser["loopscope.draft.quiz...7"] == ""


def test_only_a_quiz_of_ones_own_begins_anew() -> None:
    app = handed_in(opened(seed="5"), right=1)
    (anew,) = [one for one in app.button if one.label == "Begin anew"]
    anew.click().run()
    assert len(app.radio) == 10
    assert app.query_params["seed"] != ["5"]
    assert all(radio.value is None for radio in app.radio)
    for more in ({"round": "after"}, {"class": "222222"}):
        assert [one.label for one in handed_in(opened(seed="5", **more), right=1).button] == []


def test_before_a_lesson_nothing_is_said_of_what_is_right_and_the_class_counts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Classes(2, Bounds())
    monkeypatch.setattr(classes, "BOOK", book)
    session = book.start("1.2.3.4")
    session.give_quiz("before")
    app = handed_in(opened(seed="5", round="before", **{"class": session.code}), right=10)
    assert "your class has counted it" in app.success[0].value
    assert "of 10** are right" not in words(app)
    assert "So it is" not in words(app)
    assert "What happens" not in words(app)
    assert session.sheets == {("before", "loops"): {"5": [one.right for one in quiz.solve(engine())]}}
    session.give_quiz(None)
    late = handed_in(opened(round="before", **{"class": session.code}), right=1)
    assert "not at the quiz now" in late.warning[0].value
    lost = handed_in(opened(round="after", **{"class": "222222"}), right=1)
    assert "no class with this code" in lost.warning[0].value


def test_every_order_stands_in_an_address_that_is_read_again() -> None:
    """One that was not would be another after a reload, and what was handed in would be lost."""
    assert whole_number(str(ORDERS - 1)) == ORDERS - 1


def test_the_sheet_that_was_begun_last_is_taken_up_by_who_opens_the_quiz_again(monkeypatch: pytest.MonkeyPatch) -> None:
    browser: dict[str, str] = {}
    monkeypatch.setattr("looped.ui.quiz.recall", browser.get)
    monkeypatch.setattr("looped.ui.quiz.keep", browser.__setitem__)
    first = opened()
    seed = seed_of(first)
    first.radio(key="quiz-3").set_value(1)
    first.radio(key="quiz-0").set_value(0).run()
    again = opened()  # another tab
    assert seed_of(again) == seed
    assert again.caption[0].value.startswith("8 of 10 questions")
    assert again.radio(key="quiz-3").value == 1
    for named in ({"seed": "5"}, {"round": "before"}):  # another sheet
        assert seed_of(opened(**named)) != seed
    handed_in(again, right=10)
    assert [radio.value for radio in opened().radio] == [None] * 10
    assert seed_of(opened()) != seed


def test_every_order_of_a_class_is_kept_by_the_page_and_counted_once_a_student(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Classes(2, Bounds())
    monkeypatch.setattr(classes, "BOOK", book)
    session = book.start("1.2.3.4")
    session.give_quiz("before")
    student = session.join()
    seed = str(session.state(student, teacher=False)["order"])
    for _ in range(2):  # the link of the strip is opened again
        app = opened(seed=seed, round="before", **{"class": session.code})
        assert seed_of(app) == seed
        handed_in(app, right=1)
    assert session.state(session.key, teacher=True)["handed"]["before"] == 1


def test_who_hands_in_after_the_class_has_ended_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Classes(2, Bounds())
    monkeypatch.setattr(classes, "BOOK", book)
    session = book.start("1.2.3.4")
    session.give_quiz("after")
    app = opened(seed="5", round="after", **{"class": session.code})
    book.end(session)
    said = handed_in(app, right=1).warning[0].value
    assert said == "Your class did not count it. This class has ended: it takes and counts nothing any more."
