"""The page of lessons, and one lesson from the first click to the last: guesses that are right, wrong and left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hands import GENTLE4
from playwright.sync_api import BrowserContext, Request, expect

from looped.bench.server import server
from looped.places import ROOT

if TYPE_CHECKING:
    from conftest import Scope

TEXT = (ROOT / "assets" / "docs" / "findings.md").read_text("utf-8")
LINKS = re.findall(r"\]\((/(?:sequences|in-context)?\?[^)]+)\)", TEXT)
VIEW = "/?v=1&checkpoint=sudoku4-tmlt&puzzle=4.3..342......2.&loops="
WORDS = "/sequences?v=1&checkpoint=lcs12-looped&puzzle=stone+tone&loops=4&loop=4"
LESSON = f"""---
title: A small lesson
about: Of a small board.
minutes: 2
---

## Look
view: {VIEW}4&loop=1&panels=convergence
point: play, convergence, cells 2, loop 2

Look *here*: {{asked}} cells.

## When?
view: {VIEW}2&loop=2&panels=readout
point: clock
ask: loop from 3 to 8
measure: first right
then: {VIEW}8&loop=2&panels=readout

Guess the loop.

### Then
A secret of the first question.

### If too high
A secret about the gap.

## Which?
view: {VIEW}1&loop=1
ask: cells
measure: cells that settle last
then: {VIEW}8&loop=8

Guess the cells.

### Then
A secret of the second question.

## Words
view: {WORDS}
ask: choice
measure: rests after
then: {WORDS.replace("loops=4", "loops=64")}

Guess whether.

- 1 or more: It rests.
- never: It does not.

### Then
A secret of the third question.
"""


def test_lessons_open_from_the_microscope_and_by_address(scope: Scope) -> None:
    """Lessons, findings, and the lenses for a notebook; and back to the board that was left."""
    scope.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=3)
    scope.page.get_by_role("link", name="Lessons").click()
    expect(scope.page.get_by_test_id("microscope")).to_have_count(0)
    lessons = scope.page.get_by_role("tab", name="Lessons", exact=True)
    expect(lessons).to_have_attribute("aria-selected", "true")
    shown = scope.page.get_by_role("tabpanel").filter(visible=True)
    expect(shown.get_by_role("link", name="What a loop is")).to_be_visible()
    scope.page.get_by_role("tab", name="Findings").click()
    expect(shown).to_contain_text("What it does not mean.")
    expect(shown.get_by_text("There is no head for each rule.")).to_be_hidden()  # before the answer is opened
    shown.get_by_text("The answer", exact=True).first.click()
    expect(shown.get_by_text("There is no head for each rule.")).to_be_visible()
    scope.page.get_by_role("tab", name="Lenses in a notebook").click()
    expect(shown).to_contain_text("looped.record")
    scope.page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    assert scope.entry == GENTLE4
    scope.page.goto(scope.address + "/lessons")
    expect(lessons).to_be_visible()


def test_links_of_the_findings_open_what_they_say(scope: Scope) -> None:
    """All of them stand on the page as they are written, and test_docs.py resolves each; the longest of each page opens
    its boards, its runs and its panels, and nothing is wrong with it."""
    assert len(LINKS) > 5
    scope.page.goto(scope.address + "/lessons?text=findings")
    shown = scope.page.get_by_role("tabpanel").filter(visible=True).locator("a[href*='checkpoint=']")
    expect(shown).to_have_count(len(LINKS))
    found = [urlsplit(str(link.get_attribute("href"))) for link in shown.all()]
    wanted = [urlsplit(link) for link in LINKS]
    assert [(one.path, parse_qs(one.query)) for one in found] == [(one.path, parse_qs(one.query)) for one in wanted]
    for path in sorted({link.path for link in found}):
        link = max((link for link in found if link.path == path), key=lambda link: len(link.query))
        query = {key: values[0] for key, values in parse_qs(link.query).items()} | {
            "loops": "4",
            "loop": "4",
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
        expect(scope.page.get_by_role("grid")).to_have_count(1 + ("versus" in query))


def test_a_link_of_the_findings_is_followed(scope: Scope) -> None:
    """By a click, in a tab of its own."""
    scope.page.goto(scope.address + "/lessons?text=findings")
    link = scope.page.locator("a[href*='panels=convergence,trajectory'][href*='sudoku4']")
    with scope.page.context.expect_page() as opened:
        link.click()
    other = type(scope)(opened.value, scope.address)
    other.ready()
    assert other.panels == ["board", "convergence", "trajectory"]
    assert other.trouble() == []
    other.page.close()


class Pupil:
    """Who takes the lesson; `sent` has every answer of the server about it, by its method."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.page = scope, scope.page
        self.column = scope.page.get_by_test_id("lesson")
        self.reveal = scope.page.get_by_test_id("reveal")
        self.sent: list[tuple[str, str]] = []
        scope.page.on("requestfinished", self._heard)

    def _heard(self, request: Request) -> None:
        if "/lesson?" in request.url or request.url.endswith("/lesson"):
            response = request.response()
            self.sent.append((request.method, response.text() if response else ""))

    def at(self, step: int) -> None:
        expect(self.page.get_by_test_id("lesson-count")).to_have_text(f"Step {step} of 4")
        expect(self.column).not_to_have_attribute("aria-busy", "true")
        self.scope.wait_for_query(step=step, lesson="small")

    def press(self, name: str) -> None:
        self.column.get_by_role("button", name=name, exact=True).click()

    def knows_no_secret(self) -> None:
        """Neither the page nor anything that the server has sent holds what a guess would reveal."""
        assert "secret" not in self.page.content()
        assert [body for method, body in self.sent if "secret" in body] == []
        assert "secret" not in str(self.scope.frames)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with a teacher's own lesson."""
    folder: Path = tmp_path_factory.mktemp("lessons")
    (folder / "small.md").write_text(LESSON, "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LOOPSCOPE_LESSONS", str(folder))
        with server() as found:
            yield found


def test_a_lesson_from_the_first_click_to_the_last(
    taught: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    scope = new_scope(taught, new_context())
    page, pupil = scope.page, Pupil(scope)
    page.goto(taught + "/lessons")
    page.get_by_role("link", name="A small lesson").click()
    scope.ready()

    # A step sets the view and points at the real controls.
    pupil.at(1)
    assert scope.panels == ["board", "convergence"]
    assert scope.loop == 1
    expect(pupil.column).to_contain_text("Look here: 10 cells.")
    expect(page.locator("[data-panel=convergence]")).to_have_class(re.compile("ls-pointed"))
    expect(page.get_by_test_id("play")).to_have_class(re.compile("ls-pointed"))
    expect(scope.cell(2)).to_have_class(re.compile("ls-pointed"))
    expect(scope.clock).to_contain_text("look here")

    # The student plays; the step's view comes back.
    scope.button("First (Home)").click()
    pupil.press("This step’s view")
    scope.wait_for_query(loop=1)

    # The next step undoes what this one set. No answer: nothing can be committed, and nothing is told.
    pupil.press("Next ▸")
    pupil.at(2)
    assert scope.panels == ["board", "readout"]
    expect(page.locator(".ls-pointed")).to_have_count(1)
    expect(page.get_by_role("button", name="Commit and see")).to_be_disabled()
    pupil.knows_no_secret()
    pupil.press("Skip ▸")
    pupil.at(3)
    pupil.knows_no_secret()
    pupil.press("◂ Back")
    pupil.at(2)

    # A wrong guess, by the keys alone: guess and truth stand on the clock, and the gap is told.
    page.get_by_label("Your guess: a loop").focus()
    scope.press("End", "Tab", "Tab", "Enter")
    expect(pupil.reveal).to_contain_text("You said loop 8; it is loop 3.")
    expect(pupil.reveal).to_contain_text("A secret about the gap.")
    expect(scope.clock.locator(".ls-mark-guess")).to_contain_text("your guess")
    expect(page.locator(".ls-result")).to_be_focused()
    scope.wait_for_query(loops=8, loop=2)

    # It survives a reload and a switch to another page.
    page.reload()
    scope.ready()
    expect(pupil.reveal).to_contain_text("You said loop 8; it is loop 3.")
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_test_id("microscope")).to_have_count(0)
    page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    pupil.at(2)
    expect(pupil.reveal).to_contain_text("A secret of the first question.")

    # Cells are chosen on the board, by hand and by key, and outlined beside those that it was.
    pupil.press("Next ▸")
    pupil.at(3)
    scope.cell(1).click()
    scope.cell(3).click()
    scope.press("Enter")  # takes it out again
    scope.cell(0).click()  # it is given
    expect(pupil.column).to_contain_text(
        "1 cell: row 1, column 2. row 1, column 1 is given: the model does not fill it."
    )
    expect(scope.cell(1)).to_have_attribute("aria-description", "your guess")
    for other in (0, 3):
        expect(scope.cell(other)).not_to_have_attribute("aria-description", re.compile("guess"))

    # What is not committed yet survives a reload, too.
    page.reload()
    scope.ready()
    expect(scope.cell(1)).to_have_attribute("aria-description", "your guess")
    expect(page.get_by_role("button", name="Commit and see")).to_be_enabled()
    pupil.press("Commit and see")
    expect(pupil.reveal).to_contain_text("A secret of the second question.")
    expect(page.locator(".ls-cell-truth")).not_to_have_count(0)
    expect(page.locator(".ls-cell-guess")).to_have_count(1)

    # The last step is on another page. A right answer.
    pupil.press("Next ▸")
    page.wait_for_url("**/sequences?**")
    scope.ready()
    pupil.at(4)
    assert "third question" not in page.content()
    page.get_by_label("It rests.").check()
    pupil.press("Commit and see")
    expect(pupil.reveal).to_contain_text("✓ Right")
    expect(pupil.reveal).to_contain_text("A secret of the third question.")
    expect(pupil.column.get_by_role("link", name="All lessons")).to_be_visible()

    # Leaving takes all of it away.
    page.get_by_test_id("lesson-close").click()
    expect(pupil.column).to_be_hidden()
    scope.wait_for_query(lesson=None, step=None)
    expect(page.locator(".ls-pointed, .ls-cell-guess, .ls-mark-guess")).to_have_count(0)


def test_a_lesson_fits_a_phone(address: str, new_scope: Callable[..., Scope], new_context: Callable[..., Any]) -> None:
    """It lies below as a sheet, above which clock and board can be reached."""
    scope = new_scope(address, new_context(viewport={"width": 390, "height": 844}, has_touch=True))
    scope.open("/?v=1&checkpoint=sudoku4-tmlt&lesson=1-what-a-loop-is&step=1")
    expect(scope.page.get_by_test_id("lesson-count")).to_be_visible()
    column, clock = (scope.page.get_by_test_id(name) for name in ("lesson", "loop-clock"))
    scope.painted()
    sheet, above = column.bounding_box(), clock.bounding_box()
    assert sheet
    assert above
    assert abs(sheet["y"] + sheet["height"] - 844) <= 1
    assert above["y"] + above["height"] <= sheet["y"] + 1
    assert scope.page.evaluate("document.documentElement.scrollWidth") <= 390
    high = sheet["height"]
    scope.page.get_by_test_id("lesson-fold").click()
    expect(scope.page.get_by_test_id("lesson-step")).to_be_hidden()
    folded = column.bounding_box()
    assert folded
    assert folded["height"] < high / 2


def test_on_a_phone_a_step_scrolls_to_what_it_points_at(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., Any]
) -> None:
    """On a page that is there already, too: the panel comes after the step."""
    scope = new_scope(address, new_context(viewport={"width": 390, "height": 844}, has_touch=True))
    for step in (3, 5, 4):
        scope.page.goto(f"{address}/?lesson=5-what-heads-look-at&step={step}")
        expect(scope.page.get_by_test_id("lesson-count")).to_contain_text(f"Step {step}")
        scope.ready()
        scope.page.wait_for_function(
            "() => { const part = document.querySelector('.ls-pointed[data-panel=rules]'); if (!part) return false;"
            " const { top } = part.getBoundingClientRect(); return top >= 0 && top < 200; }",
        )


def test_a_link_to_a_lesson_alone_leads_to_the_view_of_its_step(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., Any]
) -> None:
    scope = new_scope(address, new_context())
    scope.page.goto(f"{address}/?v=1&lesson=1-what-a-loop-is&step=3")
    expect(scope.page).to_have_url(re.compile("checkpoint=sudoku9-looped.*loops=3&.*lesson=1-what-a-loop-is&step=3"))
    expect(scope.page.get_by_test_id("lesson-count")).to_contain_text("Step 3")
    scope.ready()
