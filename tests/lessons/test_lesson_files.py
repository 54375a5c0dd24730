"""Lessons as files: what is read, and what is said of a mistake, with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from looped.lessons import LessonError, find, names, read_file, read_lesson
from looped.lessons.answering import read_guess
from looped.lessons.shelf import misnamed
from looped.places import ROOT
from looped.settings import Settings

FRONT = "---\ntitle: T\nabout: A\nminutes: 3\n---\n"
VIEW = "/?v=1&checkpoint=sudoku4-tmlt&puzzle=4.3..342......2.&loops=8"
STEP = f"## A step\nview: {VIEW}\npoint: play, cells 0 3, loop 2\n\nSome *words*\nhere.\n\nMore.\n"
ASK = (
    f"## Guess\nview: {VIEW}\nask: choice\nmeasure: first right\nthen: {VIEW}\n\nWhen?\n\n- 1 to 4: soon\n"
    "- 5 or more: late\n- never: never\n\n### Then\nSo it is.\n\n### If wrong\nLook.\n"
)
LOOP = (
    f"## Guess\nview: {VIEW}\nask: loop from 2 to 8\nmeasure: first right\nnear: 1\nthen: {VIEW}\n\nWhen?\n\n"
    "### Then\nSo it is.\n"
)


def test_a_lesson_is_read_whole() -> None:
    lesson = read_lesson(FRONT + STEP + "\n" + ASK, "my-lesson.md")
    assert (lesson.name, lesson.title, lesson.about, lesson.minutes) == ("my-lesson", "T", "A", 3)
    first, second = lesson.steps
    assert first.text == ("Some *words* here.", "More.")
    assert first.point == ("play", "cells 0 3", "loop 2")
    assert first.question is None
    asks = second.question
    assert asks is not None
    assert [(option.text, option.low, option.high) for option in asks.options] == [
        ("soon", 1, 4),
        ("late", 5, float("inf")),
        ("never", None, None),
    ]
    assert asks.after == ("So it is.",)
    assert asks.says == {"wrong": "Look."}


def test_a_link_may_be_copied_from_any_server() -> None:
    lesson = read_lesson(FRONT + STEP.replace("view: /", "view: https://school.example/"))
    assert lesson.steps[0].view == VIEW


MISTAKES = [
    (STEP, 1, "begins with a line “---”"),
    ("---\ntitle: T\n" + STEP, 1, "has no end"),
    (FRONT.replace("about: A\n", "") + STEP, 4, "lacks “about:”"),
    (FRONT.replace("3", "three") + STEP, 4, "no whole number from 1 to 60"),
    (FRONT, 6, "there is no step"),
    (FRONT + "Hello\n" + STEP, 6, "stands before the first step"),
    (FRONT + STEP.replace("point", "points"), 8, "'points: play, cells 0 3, loop 2' is no setting of the step"),
    (FRONT + STEP.replace("point: play", "point: the board"), 8, "'the board' cannot be pointed at"),
    (FRONT + STEP.replace(f"view: {VIEW}\n", ""), 6, "has no view"),
    (FRONT + STEP.replace(VIEW, "sudoku"), 7, "'sudoku' is no link of a view"),
    (FRONT + STEP.replace("&puzzle=4.3..342......2.", ""), 7, "has no “puzzle=”"),
    (FRONT + STEP.replace("More.", "more " * 60), 6, "write at most 60"),
    (
        FRONT + STEP.replace("\n\nMore.", "\n- 1: more"),
        12,
        "no lists here; write sentences. Answers to choose from need",
    ),
    (FRONT + STEP + "\n### Then\nMore.\n", 15, "this step asks nothing"),
    (FRONT + ASK.replace("ask: choice", "ask: riddle"), 8, "there is no question 'riddle'"),
    (FRONT + ASK.replace("ask: choice", "ask: loop 3"), 14, "there are no lists here"),
    (FRONT + LOOP.replace("from 2 to 8", "2 to 8"), 8, "between which bounds: “ask: loop from 1 to 16”"),
    (FRONT + LOOP.replace("from 2 to 8", "from 8 to 2"), 8, "smaller than the second; write “from 2 to 8”"),
    (FRONT + LOOP.replace("from 2 to 8", "from 2 to 2"), 8, "smaller than the second; write two different ones"),
    (FRONT + LOOP.replace("from 2 to 8", "from 2 to 8.5"), 8, "the bounds of a loop are whole numbers"),
    (FRONT + LOOP.replace("near: 1", "near: 0.5"), 10, "'0.5' is no whole number from 0 to 1000"),
    (FRONT + ASK.replace("measure: first right\n", ""), 8, "needs “measure:”"),
    (
        FRONT + ASK.replace("first right", "last right"),
        9,
        "'last right' cannot be measured; did you mean “first right”?",
    ),
    (FRONT + ASK.replace("first right", "right first"), 9, "did you mean “first right”?"),
    (
        FRONT + ASK.replace("first right", "banana"),
        9,
        "'banana' cannot be measured; there are first right, all right, right since",
    ),
    (FRONT + ASK.replace("first right", "wrong aftr 3"), 9, "did you mean “wrong after 3”?"),
    (FRONT + ASK.replace("first right", "cells wrong at the end"), 9, "are cells, not a number; write “ask: cells”"),
    (FRONT + LOOP.replace("first right", "last changes"), 9, "did you mean “last change”?"),
    (FRONT + LOOP.replace("first right", "wrong at the end"), 9, "is a number, not a loop; write “ask: number” or"),
    (FRONT + LOOP.replace("loop from 2 to 8", "cells"), 9, "is a loop, not cells; write “ask: loop”, or measure “cel"),
    (FRONT + LOOP.replace("loop", "curve"), 9, "is a loop, not a curve; write “ask: loop”, or measure “wrong after"),
    (FRONT + ASK.replace("measure:", "near: 1\nmeasure:"), 9, "a choice is right or wrong, never near"),
    (FRONT + ASK.replace("1 to 4", "4 to 1"), 14, "no number is 4 to 1; write the smaller one first: 1 to 4"),
    (FRONT + ASK.replace("- 1 to 4: soon", "- soon"), 14, "an answer is written “- 1 to 4: its words”"),
    (FRONT + ASK.replace("### Then", "### Later"), 18, "there is no part “### Later”"),
    (FRONT + ASK.replace("### Then", "### Than"), 18, "there is no part “### Than”; did you mean “Then”?"),
    (FRONT + ASK.replace("### If wrong", "### Then"), 21, "“### Then” stands here twice, first in line 18"),
    (FRONT + ASK.replace("### If wrong", "###If wrong"), 21, "write a blank behind ###: “### If wrong”"),
    (FRONT + STEP + ASK.replace("## Guess", "##Guess"), 14, "write a blank behind ##: “## Guess”"),
    (FRONT + ASK.replace("### Then", "###"), 18, "this heading has no words; write “### What it is about”"),
    (FRONT + STEP + "# More\n", 14, "'# More' is no heading here"),
    (FRONT + ASK.replace("So it is.", "- So\n- it is."), 19, "there are no lists here; write sentences"),
    (FRONT + ASK.replace("So it is.", ""), 18, "nothing stands below this heading"),
    (
        FRONT + LOOP.replace("loop from 2 to 8", "cells").replace("first right", "cells that settle last"),
        10,
        "cells are",
    ),
    (FRONT + ASK.replace("choice", "choices"), 8, "there is no question 'choices'; did you mean “choice”?"),
    (FRONT + STEP.replace("point", "Point"), 8, "no setting of the step; did you mean “point”, in small letters?"),
    (
        FRONT + STEP.replace("pla", "plo").replace(" 2\n\n", " 2\n"),
        9,
        "leave a line empty between the settings and the",
    ),
    (FRONT + STEP.replace("play, cells", "play board, cells"), 8, "write commas between: “play, board”"),
    (FRONT + STEP.replace("v=1&", ""), 7, "has no “v=”; copy the whole link"),
    (FRONT + STEP.replace("v=1", "v=2"), 7, "this link has “v=2”, of another version"),
    (FRONT + STEP.replace("loops=8", "loops=8&loops=9"), 7, "“loops=” stands twice in this link"),
    (FRONT + STEP.replace("&loops", " &loops"), 7, "A link has no blanks"),
    (
        FRONT + STEP.replace(VIEW, "/lessons?lesson=1"),
        7,
        "the page /lessons shows no view of a run; lessons stand on /, ",
    ),
    (FRONT + STEP.replace("More", "Mo\0re"), 13, "there is a character '\\x00' that no text has"),
    (FRONT + ASK.replace("### If wrong", "### If too low"), 21, "a choice is never too low"),
    (FRONT + ASK.replace("\n### Then\nSo it is.\n", ""), 6, "asks and reveals nothing"),
]


@pytest.mark.parametrize(("text", "line", "says"), MISTAKES, ids=[says[:30] for *_, says in MISTAKES])
def test_a_mistake_is_told_with_its_line_and_what_to_write(text: str, line: int, says: str) -> None:
    with pytest.raises(LessonError) as caught:
        read_lesson(text, "mine.md")
    assert str(caught.value).startswith(f"mine.md, line {line}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


STRANGE = [  # can be shown, but is shown as it is written
    (STEP.replace("More.", "See [here](https://x.example)."), 13, "a link is shown as it is written"),
    (STEP.replace("More.", "![a](b.png)"), 13, "a picture is shown"),
    (STEP.replace("More.", "<script>alert(1)</script>"), 13, "HTML is shown"),
    (STEP.replace("More.", "Some.\n1. One."), 14, "a list is shown as one paragraph"),
    (STEP.replace("*words*", "*words"), 10, "a “*” has no partner"),
    (STEP.replace("More.", "**More."), 13, "a “**” has no partner"),
    (STEP.replace("A step", "A *step*"), 6, "Markdown in a title is shown"),
    (ASK.replace("soon", "*soon*"), 14, "Markdown in an answer is shown"),
    (STEP + STEP, 14, "the step in line 6 has the same title"),
    (LOOP.replace("near: 1", "near: 6"), 10, "every guess from 2 to 8 is right"),
]


@pytest.mark.parametrize(("text", "line", "says"), STRANGE, ids=[says for *_, says in STRANGE])
def test_what_may_have_been_meant_in_another_way_is_warned_of_with_its_line(text: str, line: int, says: str) -> None:
    warnings = read_lesson(FRONT + text + LOOP.replace("Guess", "Another")).warnings
    assert len(warnings) == 1
    assert warnings[0].startswith(f"line {line}: {says}")


def test_a_lesson_as_it_should_be_is_warned_of_in_nothing() -> None:
    text = STEP.replace("More.", "2 * 3 cells, `x * y`, a < b and **more**: f(x) [as in] (b).")
    assert read_lesson(FRONT + text + ASK).warnings == ()


def test_a_lesson_that_asks_nothing_or_has_no_time_is_warned_of() -> None:
    steps = "".join(STEP.replace("A step", f"Step {number}") for number in range(7))
    assert read_lesson(FRONT.replace("title: T", 'title: "T"') + steps).warnings == (
        "line 2: the quotation marks of “title:” are shown; leave them out.",
        "line 4: 7 steps in 3 minutes are more than can be read; write more minutes, or make two lessons.",
        "line 4: no step asks anything; a lesson lets its reader guess (“ask:”).",
    )


def test_a_number_may_have_decimals_where_its_bounds_or_what_is_near_have_some() -> None:
    bounds = {"0 to 8": (0, 8, 1, True), "0 to 2.5": (0, 2.5, 1, False), "0.0 to 8": (0, 8, 1, True)}
    for text, wanted in bounds.items():
        asks = read_lesson(FRONT + LOOP.replace("loop from 2 to 8", f"number from {text}")).steps[0].question
        assert asks is not None
        assert (asks.low, asks.high, asks.near, asks.whole) == wanted
    asks = read_lesson(FRONT + LOOP.replace("loop", "number").replace("near: 1", "near: 0.25")).steps[0].question
    assert asks is not None
    assert not asks.whole
    assert [read_guess(asks, guess) for guess in (3, 2.75)] == [3, 2.75]
    for wrong in (8.1, float("nan"), "3", True):
        with pytest.raises(LessonError, match="Say a number from 2 to 8, then commit"):
            read_guess(asks, wrong)


def test_a_teachers_folder_comes_beside_the_shipped_lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my-lesson.md").write_text(FRONT + STEP, "utf-8")
    (tmp_path / "Not a name.md").write_text("", "utf-8")
    shipped = names()
    monkeypatch.setattr("looped.lessons.shelf.settings", lambda: Settings(lessons=tmp_path))
    assert names() == [*shipped, "my-lesson"]
    assert misnamed() == ["Not a name.md"]
    assert find("my-lesson").title == "T"
    assert find(shipped[0]) == read_file(ROOT / "assets" / "lessons" / f"{shipped[0]}.md")


def test_no_shipped_lesson_needs_a_key_that_a_phone_does_not_have() -> None:
    for name in names():
        for step in find(name).steps:
            for text in (*step.text, *(step.question.after if step.question else ())):
                assert not re.search(r"\b(arrow|keys?|Enter|Space|Home|End|Esc)\b|→", text), (name, text)


@pytest.mark.parametrize("name", ["", "nobody", "../docs/tour", "/etc/passwd"])
def test_there_is_no_other_lesson(name: str) -> None:
    with pytest.raises(LessonError, match="There is no lesson called"):
        find(name)


def test_the_nearest_lesson_is_named() -> None:
    with pytest.raises(LessonError, match=r"Did you mean “6-clock”\?"):
        find("6-clok")


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe")
    (tmp_path / "latin.md").write_bytes((FRONT + "sch\u00f6n").encode("latin-1"))
    utf = (
        ("bytes.md", "line 1: this is text in UTF-16"),
        ("latin.md", "line 6: 'sch' goes on with what is no text in UTF-8"),
    )
    for name, says in (*utf, ("gone.md", "No such file"), ("A.md", "small letters")):
        with pytest.raises(LessonError, match=says):
            read_file(tmp_path / name)
