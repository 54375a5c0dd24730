"""A lesson on paper: two pages, figures as vectors, room to write, and the answers on the last page alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from looped.bench.server import CHROMIUM_ARGUMENTS, chromium
from looped.export.handout import handout, told
from looped.lessons import find
from looped.serving.engine import Engine


@pytest.fixture(scope="module")
def page() -> str:
    return handout(Engine(), find("2-fixed-point"))


def test_a_handout_has_vectors_boxes_lines_and_measured_answers(page: str) -> None:
    assert page.count("<section>") == 5
    assert page.count("<svg") == 6  # the last view compares two runs
    assert "<img" not in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="http', page)  # it needs no other file
    assert page.count('<li class="choice">') == 4
    assert page.count('<div class="line">') == 4
    before, answers = page.split('<div class="answers">')
    assert "<em>loop 36.</em> It rests after loop 36" in answers
    assert "rests after loop 36" not in before
    assert "{" not in answers  # every number is filled in


def test_it_prints_on_two_pages_with_the_answers_on_the_second(page: str, tmp_path: Path) -> None:
    (tmp_path / "handout.html").write_text(page, "utf-8")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        tab = browser.new_page()
        tab.goto((tmp_path / "handout.html").as_uri())
        pdf = tab.pdf(prefer_css_page_size=True)
        first = tab.pdf(prefer_css_page_size=True, page_ranges="1")
        tab.evaluate("document.querySelector('.answers').remove()")
        assert len(tab.pdf(prefer_css_page_size=True, page_ranges="1")) == pytest.approx(len(first), abs=64)
        browser.close()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2


def test_sentences_of_a_lesson_become_html_and_nothing_in_them_is_run() -> None:
    assert told("**a** <b>") == "<strong>a</strong> &lt;b&gt;"
    assert told("h = *block*(h) & `x`") == "h = <em>block</em>(h) &amp; <code>x</code>"
