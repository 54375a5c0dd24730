"""The page of lessons shows its texts whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from looped.ui.lessons import linked

ROOT = Path(__file__).resolve().parents[2]


def test_all_texts_are_shown_whole(visit: Callable[..., Any]) -> None:
    here = visit().open("lessons")
    assert [tab.label for tab in here.app.tabs] == ["Lessons", "Lenses in a notebook", "Experiments"]
    for tab, name in zip(here.app.tabs, ("lessons", "lenses", "experiments"), strict=True):
        (text,) = tab.markdown
        assert text.value == linked((ROOT / "assets" / "docs" / f"{name}.md").read_text("utf-8")).strip()
