"""A teacher's page that is closed: students are told, and the teacher leads the same class again by its link."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import BrowserContext, Page, expect

if TYPE_CHECKING:
    from conftest import Scope

LESSON = "2-fixed-point"
GONE = "Your teacher’s page is closed or offline now."
FOLLOWS = "Your page follows your teacher’s."
SECONDS = 60_000  # more than it takes until the server misses a page


def started(page: Page) -> str:
    page.get_by_text("Share", exact=True).click()
    page.get_by_test_id("class-open").click()
    page.get_by_role("button", name="Start a class").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    code = str(page.get_by_test_id("class-code").evaluate("(element) => element.textContent.replace(' ', '')"))
    page.get_by_role("button", name="Close", exact=True).click()
    return code.lower()


def test_students_are_told_that_the_teachers_page_is_gone_until_it_is_back(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    own = new_context(viewport={"width": 1366, "height": 768})
    teacher = new_scope(address, own)
    teacher.open("/", v=1, lesson=LESSON, step=2)
    expect(teacher.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    code = started(teacher.page)
    ann = new_scope(address, new_context(viewport={"width": 390, "height": 844}, has_touch=True))
    ann.open("/", **{"class": code})
    here = ann.page.get_by_test_id("class-here")
    expect(ann.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    expect(here).to_have_text(FOLLOWS)

    # A reload and a page without a clock are no reason; while it leads, another tab of the teacher is as a student's.
    teacher.page.reload()
    teacher.ready()
    expect(teacher.page.get_by_test_id("class-here")).to_have_text("1 student here")
    teacher.page.get_by_role("link", name="Models").click()
    expect(here).to_contain_text("without a clock, to which yours does not follow.")
    ann.page.wait_for_timeout(30_000)
    expect(here).to_contain_text("without a clock, to which yours does not follow.")
    teacher.page.get_by_role("link", name="Sudoku").click()
    expect(here).to_have_text(FOLLOWS)
    other = new_scope(address, own)
    other.open("/", **{"class": code})
    expect(other.page.get_by_test_id("class-here")).to_have_text(FOLLOWS)
    expect(teacher.page.get_by_test_id("class-here")).to_have_text("1 student here")

    teacher.page.close()
    expect(here).to_have_text(GONE, timeout=SECONDS)
    assert here.evaluate("(of) => of.scrollWidth <= of.clientWidth")
    expect(ann.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")

    # That other tab leads once it is loaded anew: the page goes where the class is, and its pages stay there.
    again = other
    again.page.reload()
    expect(again.page.get_by_test_id("class-here")).to_have_text("1 student here")
    expect(again.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    again.wait_for_query(lesson=LESSON, step=2)
    expect(here).to_have_text(FOLLOWS)
    expect(ann.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    again.page.get_by_role("button", name="Skip ▸").click()
    expect(ann.page.get_by_test_id("lesson-count")).to_have_text("Step 3 of 5")
    kept = "localStorage.getItem('loopscope.class.led')"
    assert json.loads(again.page.evaluate(kept))["code"] == code
    again.page.get_by_test_id("class-leave").click()
    again.page.get_by_role("button", name="End the class", exact=True).click()
    expect(again.page.get_by_test_id("class")).to_be_hidden()
    assert again.page.evaluate(kept) is None


def test_a_teacher_comes_back_by_the_link_in_the_same_tab_where_the_class_is(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """From a page without a clock, which is reached by the bar or by its address; all the time the class is led."""
    teacher = new_scope(address, new_context(viewport={"width": 1366, "height": 768}))
    page = teacher.open("/", v=1, lesson=LESSON, step=2).page
    expect(page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    code = started(page)
    ann = new_scope(address, new_context(viewport={"width": 1366, "height": 768}))
    ann.open("/", **{"class": code})
    here, step = ann.page.get_by_test_id("class-here"), ann.page.get_by_test_id("lesson-count")
    expect(step).to_have_text("Step 2 of 5")
    expect(ann.page.get_by_test_id("lesson-heard")).to_have_text(
        "Step 2 of 5: Does it come to rest? A question is open."
    )

    page.goto(f"{address}/lessons")
    expect(here).to_contain_text("without a clock, to which yours does not follow.")
    page.wait_for_timeout(25_000)  # more than it takes until a page counts as gone
    expect(here).to_contain_text("without a clock, to which yours does not follow.")
    for way in ("bar", "link"):
        teacher.open("/", **{"class": code})
        expect(page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
        teacher.wait_for_query(lesson=LESSON, step=2)
        expect(here).to_have_text(FOLLOWS)
        expect(step).to_have_text("Step 2 of 5")
        if way == "bar":
            page.get_by_role("link", name="Lessons").click()
            expect(here).to_contain_text("without a clock, to which yours does not follow.")
            expect(step).to_have_text("Step 2 of 5")

    # It leads; who follows with the focus elsewhere is told of the step, and nobody is told twice.
    page.get_by_role("button", name="Skip ▸").click()
    expect(step).to_have_text("Step 3 of 5")
    expect(ann.page.get_by_test_id("lesson-heard")).to_have_text("Step 3 of 5: From which loop on? A question is open.")
    expect(page.get_by_test_id("lesson-heard")).to_be_empty()
