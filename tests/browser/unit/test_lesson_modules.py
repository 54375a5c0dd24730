"""The modules of lessons: what can be pointed at, and sentences that hold no markup of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from looped.lessons.form import CONTROLS

Module = Callable[..., Any]


def test_a_lesson_can_point_at_the_controls_that_its_reader_knows(module: Module) -> None:
    assert module("pages/pointing.js", "return Object.keys(m.TARGETS);") == list(CONTROLS)


def test_sentences_become_elements_and_nothing_in_them_is_run(module: Module) -> None:
    text = "A *loop* and **more** of `h = f(h)` <img src=x onerror=alert(1)> 2 * 3 * 4."
    made = module("pages/lessontext.js", "return m.paragraph(x).innerHTML;", text)
    assert made.startswith("A <em>loop</em> and <strong>more</strong> of <code>h = f(h)</code> &lt;img src=x")
    assert made.endswith("2 * 3 * 4.")
    assert "<img" not in made
