"""The page of lessons: what it says and where its links go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from hands import GENTLE4
from playwright.sync_api import expect

from looped.places import ROOT

if TYPE_CHECKING:
    from conftest import Scope

TEXT = (ROOT / "assets" / "docs" / "lessons.md").read_text("utf-8")
LINKS = re.findall(r"\]\((/(?:sequences|in-context)?\?[^)]+)\)", TEXT)


def test_lessons_open_from_the_microscope_and_by_address(scope: Scope) -> None:
    """Two tabs: findings, and the lenses for a notebook; and back to the board that was left."""
    scope.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=3)
    scope.page.get_by_role("link", name="Lessons").click()
    expect(scope.page.get_by_test_id("microscope")).to_have_count(0)
    lessons, lenses = (
        scope.page.get_by_role("tab", name="Lessons", exact=True),
        scope.page.get_by_role("tab", name="Lenses in a notebook"),
    )
    expect(lessons).to_have_attribute("aria-selected", "true")
    expect(scope.page.get_by_role("tabpanel").filter(visible=True).get_by_role("heading").first).to_be_visible()
    expect(scope.page.get_by_role("tabpanel").filter(visible=True)).to_contain_text("What it does not mean.")
    lenses.click()
    expect(scope.page.get_by_role("tabpanel").filter(visible=True)).to_contain_text("looped.record")
    scope.page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    assert scope.entry == GENTLE4
    scope.page.goto(scope.address + "/lessons")
    expect(lessons).to_be_visible()


def test_links_of_the_lessons_open_what_they_say(scope: Scope) -> None:
    """All of them stand on the page as they are written; each opens its boards, its runs and its panels, and nothing is
    wrong with it."""
    assert len(LINKS) > 5
    scope.page.goto(scope.address + "/lessons")
    shown = scope.page.get_by_role("tabpanel").filter(visible=True).locator("a[href*='checkpoint=']")
    expect(shown).to_have_count(len(LINKS))
    found = [urlsplit(str(link.get_attribute("href"))) for link in shown.all()]
    wanted = [urlsplit(link) for link in LINKS]
    assert [(one.path, parse_qs(one.query)) for one in found] == [(one.path, parse_qs(one.query)) for one in wanted]
    for link in found:
        query = {key: values[0] for key, values in parse_qs(link.query).items()} | {
            "loops": "4"
        }  # fewer loops show the same view sooner
        if link.path == "/sequences":
            scope.page.goto(f"{scope.address}/sequences?{urlencode(query)}")
            scope.ready()
            expect(scope.page.get_by_test_id("sequence-text")).to_have_value(query["puzzle"])
        elif link.path == "/in-context":
            scope.page.goto(f"{scope.address}/in-context?{urlencode(query)}")
            scope.ready()
        else:
            scope.open(**query)
            assert scope.entry == query["puzzle"]
        expect(scope.message).to_be_empty()
        scope.wait_for_query(**{key: query[key] for key in ("checkpoint", "versus", "panels") if key in query})
        assert scope.page.get_by_role("grid").count() == 1 + ("versus" in query)


def test_a_link_of_the_lessons_is_followed(scope: Scope) -> None:
    """By a click, in a tab of its own."""
    scope.page.goto(scope.address + "/lessons")
    link = scope.page.locator("a[href*='panels=convergence,trajectory'][href*='sudoku4']")
    with scope.page.context.expect_page() as opened:
        link.click()
    other = type(scope)(opened.value, scope.address)
    other.ready()
    assert other.panels == ["board", "convergence", "trajectory"]
    assert other.trouble() == []
    other.page.close()
