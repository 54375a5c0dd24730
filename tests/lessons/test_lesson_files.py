"""Lessons as files: what is read, and what is said of a mistake, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from looped.lessons import LessonError, find, names, read_file, read_lesson
from looped.places import ROOT
from looped.settings import Settings

FRONT = "---\ntitle: T\nabout: A\nminutes: 3\n---\n"
VIEW = "/?v=1&checkpoint=sudoku4-tmlt&puzzle=4.3..342......2.&loops=8"
STEP = f"## A step\nview: {VIEW}\npoint: play, cells 0 3, loop 2\n\nSome *words*\nhere.\n\nMore.\n"
ASK = (
    f"## Guess\nview: {VIEW}\nask: choice\nmeasure: first right\nthen: {VIEW}\n\nWhen?\n\n- 1 to 4: soon\n"
    "- 5 or more: late\n- never: never\n\n### Then\nSo it is.\n\n### If wrong\nLook.\n"
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
    (FRONT + STEP.replace("\n\nMore.", "\n- 1: more"), 12, "this step asks nothing"),
    (FRONT + ASK.replace("ask: choice", "ask: riddle"), 8, "there is no question 'riddle'"),
    (FRONT + ASK.replace("ask: choice", "ask: loop from 9 to 3"), 8, "between which bounds"),
    (FRONT + ASK.replace("measure: first right\n", ""), 8, "needs “measure:”"),
    (FRONT + ASK.replace("first right", "last right"), 9, "'last right' cannot be measured; there are first right"),
    (FRONT + ASK.replace("ask: choice", "ask: curve"), 8, "between which bounds: “ask: curve from 1 to 16”"),
    (
        FRONT + ASK.replace("ask: choice", "ask: curve from 0 to 9").replace("- ", ""),
        9,
        "'first right' cannot be measured; there are wrong after every loop",
    ),
    (FRONT + ASK.replace("- 1 to 4: soon", "- soon"), 14, "an answer is written “- 1 to 4: its words”"),
    (FRONT + ASK.replace("### Then", "### Later"), 18, "there is no part “### Later”"),
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


def test_a_teachers_folder_comes_beside_the_shipped_lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my-lesson.md").write_text(FRONT + STEP, "utf-8")
    (tmp_path / "Not a name.md").write_text("", "utf-8")
    shipped = names()
    monkeypatch.setattr("looped.lessons.shelf.settings", lambda: Settings(lessons=tmp_path))
    assert names() == [*shipped, "my-lesson"]
    assert find("my-lesson").title == "T"
    assert find(shipped[0]) == read_file(ROOT / "assets" / "lessons" / f"{shipped[0]}.md")


@pytest.mark.parametrize("name", ["", "nobody", "../docs/tour", "/etc/passwd"])
def test_there_is_no_other_lesson(name: str) -> None:
    with pytest.raises(LessonError, match="There is no lesson called"):
        find(name)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe")
    for name, says in (("bytes.md", "UTF-8"), ("gone.md", "No such file"), ("A.md", "small letters")):
        with pytest.raises(LessonError, match=says):
            read_file(tmp_path / name)
