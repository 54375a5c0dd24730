"""The modules of lessons: what can be pointed at, and sentences that hold no markup of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from looped.lessons.checking import panels_of
from looped.lessons.form import CONTROLS, MACHINE_CONTROLS, THEORY

Module = Callable[..., Any]


def test_a_lesson_can_point_at_the_controls_that_its_reader_knows(module: Module) -> None:
    for file, controls in (("lessonground", CONTROLS), ("theorylesson", MACHINE_CONTROLS)):
        assert module(f"pages/{file}.js", "return Object.keys(m.TARGETS);") == list(controls)


def test_a_lesson_can_point_at_the_panels_of_its_page(module: Module) -> None:
    names = "return m.PANELS.map((panel) => panel.name);"
    assert sorted(module("panels/registry.js", names)) == sorted(panels_of(""))
    assert sorted([*module("theory/registry.js", names), "counts"]) == sorted(panels_of(THEORY))


def test_sentences_become_elements_and_nothing_in_them_is_run(module: Module) -> None:
    text = "A *loop* and **more** of `h = f(h)` <img src=x onerror=alert(1)> 2 * 3 * 4."
    made = module("pages/lessontext.js", "return m.paragraph(x).innerHTML;", text)
    assert made.startswith("A <em>loop</em> and <strong>more</strong> of <code>h = f(h)</code> &lt;img src=x")
    assert made.endswith("2 * 3 * 4.")
    assert "<img" not in made


PAD = """
const ask = { low: 0, high: 20, loops: 6, known: x.known, words: "wrong answers" };
const made = m.curve(ask, {}, () => {});
document.body.replaceChildren(made.root);
await null;
const pad = document.querySelector("[role=slider]");
const press = (...keys) => keys.forEach((key) => pad.dispatchEvent(new KeyboardEvent("keydown", { key })));
press(...x.keys);
"""


def test_a_curve_is_drawn_with_the_keys_from_what_is_known_to_the_last_loop(module: Module) -> None:
    """Between two loops it goes straight; it is no guess before its last loop is there."""
    after = "return [made.value(), pad.ariaValueText, document.querySelector('.ls-note').textContent];"
    keys = ["ArrowDown", "ArrowDown", "ArrowRight"]
    value, text, said = module("pages/lessoncurve.js", PAD + after, {"known": [18, 12], "keys": keys})
    assert (value, text, said) == (None, "loop 4: nothing drawn", "Draw from loop 3 to loop 6.")
    value, text, said = module(
        "pages/lessoncurve.js", PAD + after, {"known": [18, 12], "keys": [*keys, "End", "PageDown", "ArrowUp"]}
    )
    assert value == pytest.approx([18, 12, 10, 26 / 3, 22 / 3, 6])
    assert (text, said) == ("loop 6: 6", "Drawn to the last loop.")


def test_a_curve_of_which_nothing_is_known_goes_on_level_before_its_first_loop(module: Module) -> None:
    keys = ["ArrowRight", "ArrowRight", "Enter", "End", "ArrowUp"]
    assert module("pages/lessoncurve.js", PAD + "return made.value();", {"known": [], "keys": keys}) == pytest.approx(
        [10, 10, 10, 31 / 3, 32 / 3, 11]
    )
    cleared = (
        PAD
        + "press('Delete'); return [made.value(), m.joined([1, null, 3, null], 1, 4), m.stepOf({low: 0, high: 100})];"
    )
    assert module("pages/lessoncurve.js", cleared, {"known": [], "keys": keys}) == [None, [1, 2, 3, None], 2.5]
