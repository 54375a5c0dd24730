"""A lesson on paper: two pages, figures as vectors, room to write, and the answers on the last page alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import sync_playwright

from looped.bench.server import CHROMIUM_ARGUMENTS, chromium
from looped.export.handout import handout, told
from looped.export.views import figure
from looped.figures.theme import LIGHT
from looped.lessons import find, names
from looped.lessons.runs import runs_in
from looped.serving.engine import Engine

DRAWN = "2-fixed-point"


@pytest.fixture(scope="module")
def page() -> str:
    return handout(Engine(), find(DRAWN))


def test_a_handout_has_vectors_boxes_lines_and_measured_answers(page: str) -> None:
    assert page.count("<section>") == 5
    assert page.count("<svg") == 6  # the last view compares two runs
    assert "<img" not in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="http', page)  # it needs no other file
    assert page.count('<li class="choice">') == 4
    assert page.count('<div class="line">') == 4
    before, answers = page.split('<div class="answers">')
    assert "<em>loop 37.</em> Loop 37 is the first" in answers
    assert "Loop 37" not in before
    assert "Loop (29 to 64; up to 3 loops off is near enough)" in before
    assert "panel" not in page
    assert "{" not in answers  # every number is filled in


def test_each_prints_on_two_pages_with_the_answers_on_the_second(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all but one with an empty figure as high as any, for each run one: drawing them all would take long."""
    engine = Engine()
    high = '<svg viewBox="0 0 78 52"></svg>'
    monkeypatch.setattr("looped.export.handout.figure", lambda _, step: high * len(runs_in(engine, step.view)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        tab = browser.new_page()
        for name in names():
            tab.set_content(page if name == DRAWN else handout(engine, find(name)))
            pdf = tab.pdf(prefer_css_page_size=True)
            assert (name, len(re.findall(rb"/Type\s*/Page\b", pdf))) == (name, 2)
        tab.set_content(page)
        first = tab.pdf(prefer_css_page_size=True, page_ranges="1")
        tab.evaluate("document.querySelector('.answers').remove()")
        assert len(tab.pdf(prefer_css_page_size=True, page_ranges="1")) == pytest.approx(len(first), abs=64)
        browser.close()


def test_a_prompt_and_the_machine_of_the_theory_are_drawn_and_a_curve_has_axes_to_draw_on() -> None:
    engine = Engine()
    prompt, fit, _, steps, draw, _ = (figure(engine, step) for step in find("11-in-context").steps)
    assert [text in prompt for text in ("Prediction after loop 30", "dots: the examples")] == [True, True]
    assert "Prediction after loop 2" in fit
    assert "gradient descent" in steps
    assert [text in draw for text in ("so far", ">40<", ">16<")] == [True, True, True]
    quantise, *_, elevator, _, counts = (figure(engine, step) for step in find("12-theorem").steps)
    assert "Quantise: 4 cells" in quantise
    assert "how far 132 loops come to it" in elevator
    assert "loops: 1,032" in counts


def test_a_line_that_is_to_be_continued_has_room_up_to_the_last_loop_of_the_question() -> None:
    drawn = figure(Engine(), find("2-fixed-point").steps[2])
    assert [text in drawn for text in (">64<", ">1e-5<", ">1e-2<", "so far")] == [True] * 4
    assert "chosen" not in drawn


def test_a_printed_board_has_no_chosen_cell_and_letters_as_large_as_its_text() -> None:
    step = find("7-where-it-is-decided").steps[1]
    board = figure(Engine(), step)
    assert "Board after loop 8 of 8" in board
    assert f'stroke="{LIGHT.warm}"' not in board  # the frame of a chosen cell
    assert 'font-size="20px"' in board


def test_sentences_of_a_lesson_become_html_and_nothing_in_them_is_run() -> None:
    assert told("**a** <b>") == "<strong>a</strong> &lt;b&gt;"
    assert told("h = *block*(h) & `x`") == "h = <em>block</em>(h) &amp; <code>x</code>"
