"""The page of lessons lists them and shows its texts whole, what should be guessed first folded away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from looped.lessons import find, names
from looped.settings import Settings
from looped.ui.lessons import folded, linked

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "assets" / "docs"


def test_all_texts_are_shown_whole(visit: Callable[..., Any]) -> None:
    here = visit().open("lessons")
    assert [tab.label for tab in here.app.tabs] == [
        "Lessons",
        "Findings",
        "Lenses in a notebook",
        "Experiments",
        "Glossary",
    ]
    for tab, name in zip(here.app.tabs[2:], ("lenses", "experiments", "glossary"), strict=True):
        (text,) = tab.markdown
        assert text.value == linked((DOCS / f"{name}.md").read_text("utf-8")).strip()
    words = re.findall(r"\w+", linked((DOCS / "findings.md").read_text("utf-8")))
    shown = " ".join(part.value for part in here.app.tabs[1].markdown)
    assert re.findall(r"\w+", shown) == words


def test_code_and_answers_of_the_findings_are_folded() -> None:
    parts = folded((DOCS / "findings.md").read_text("utf-8"))
    open_text = "".join(part for part in parts if isinstance(part, str))
    assert "```" not in open_text
    assert "**What it means.**" not in open_text
    assert open_text.count("**Predict.**") == open_text.count("**Look.**") == 12
    assert [title for title, _ in (part for part in parts if not isinstance(part, str))].count("The answer") == 12


def test_every_lesson_is_listed_with_the_link_that_begins_it(visit: Callable[..., Any]) -> None:
    here = visit().open("lessons")
    entries = [part.proto.body for part in here.app.tabs[0].get("html")]
    assert len(entries) == len(names())
    for name, entry in zip(names(), entries, strict=True):
        assert find(name).title in entry
        assert f"lesson={name}&amp;step=1" in entry
        assert re.findall(r'"./lesson\?name=(.*?)&amp;paper=(.*?)" .*?>(.*?)</a>', entry) == [
            (name, "questions", "on paper"),
            (name, "1", "with answers"),
        ]


def test_the_quiz_is_named_where_it_is_linked(visit: Callable[..., Any]) -> None:
    """Who looks for the quiz finds that word, on the page and in the tour."""
    here = visit().open("lessons")
    (words,) = [part.value for part in here.app.tabs[0].markdown if "](quiz)" in part.value]
    assert "[Quiz: ten questions about loops](quiz)" in words
    assert "*Lessons → Quiz: ten questions about loops*" in (DOCS / "tour.md").read_text("utf-8")


def test_a_broken_lesson_is_told_and_the_others_are_listed(
    visit: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = names()
    (tmp_path / "broken.md").write_text("# Not a lesson", "utf-8")
    (tmp_path / "elsewhere.md").write_text(
        "---\ntitle: T\nabout: A\nminutes: 3\n---\n## S\nview: /?v=1&checkpoint=nobody&puzzle=1\n\nWords.\n", "utf-8"
    )
    for name in ("My Lesson.md", "README.md"):
        (tmp_path / name).write_text("", "utf-8")
    monkeypatch.setattr("looped.lessons.shelf.settings", lambda: Settings(lessons=tmp_path))
    here = visit().open("lessons")
    assert len(here.app.tabs[0].get("html")) == len(shipped)
    first, second, third = [warning.value for warning in here.app.tabs[0].warning]
    assert "broken.md, line 1" in first
    assert "elsewhere.md is left out" in second
    assert third.startswith("My Lesson.md is left out: a lesson's file is named by small letters")
