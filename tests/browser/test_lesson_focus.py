"""The keyboard's place in a lesson: where measuring fails, the focus stays on its button or goes to what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect

if TYPE_CHECKING:
    from conftest import Scope

WRONG = "The device is busy; ask again in a moment."


def refuse(page: Page, method: str) -> None:
    """Have the server refuse every message of a kind about lessons."""

    def answer(route: Route) -> None:
        if route.request.method == method:
            route.fulfill(status=400, body=WRONG)
        else:
            route.continue_()

    page.route("**/lesson*", answer)


@pytest.fixture
def asked(own: Scope) -> Scope:
    """At a question, with an answer chosen by the keys."""
    scope = own.open("/", v=1, lesson="2-fixed-point", step=2)
    expect(scope.page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    scope.wait_for_query(loops=8)
    scope.ready()
    scope.page.get_by_label("It goes on moving.").focus()
    scope.press("Space")
    return scope


def test_a_reveal_that_fails_leaves_the_focus_on_its_button(asked: Scope) -> None:
    page = asked.page
    held: list[Route] = []
    page.route("**/lesson", lambda route: held.append(route))
    commit = page.get_by_role("button", name="Commit and see")
    commit.focus()
    asked.press("Enter")
    expect(page.get_by_test_id("waits")).to_contain_text("being measured")
    expect(commit).to_be_disabled()  # nothing more is taken
    expect(commit).to_be_focused()
    asked.press("Enter")
    page.wait_for_timeout(300)
    assert len(held) == 1
    held[0].fulfill(status=400, body=WRONG)
    expect(page.get_by_text(WRONG)).to_be_visible()
    asked.errors.clear()  # the browser itself reports an answer 400
    expect(commit).to_be_enabled()
    expect(commit).to_be_focused()
    page.unroute("**/lesson")
    asked.press("Enter")
    expect(page.locator(".ls-result")).to_be_focused()


def test_a_reveal_to_a_class_that_fails_leaves_the_focus_on_its_button(asked: Scope) -> None:
    page = asked.page
    page.get_by_text("Share", exact=True).click()
    page.get_by_test_id("class-open").click()
    page.get_by_role("button", name="Start a class").click()
    page.get_by_role("button", name="Close", exact=True).click()

    def refuse_reveals(route: Route) -> None:  # what else a class asks for, at any time, is answered
        if '"reveal"' in (route.request.post_data or ""):
            route.fulfill(status=400, body=WRONG)
        else:
            route.continue_()

    page.route("**/class", refuse_reveals)
    reveal = page.get_by_role("button", name="Reveal to all")
    reveal.focus()
    asked.press("Enter")
    expect(page.locator(".ls-refusal")).to_have_text(WRONG)
    expect(reveal).to_be_focused()
    page.unroute("**/class")
    asked.errors.clear()  # the browser itself reports an answer 400
    page.get_by_test_id("class-leave").click()
    page.get_by_role("button", name="End the class", exact=True).click()
    expect(page.get_by_test_id("class")).to_be_hidden()


def test_a_step_that_cannot_be_shown_leaves_the_focus_on_what_tries_again(asked: Scope) -> None:
    """And from there it goes to the step that was chosen."""
    page = asked.page
    count = page.get_by_test_id("lesson-count")
    number = int(count.inner_text().split()[1])
    refuse(page, "GET")
    page.get_by_role("button", name="Skip ▸").focus()
    asked.press("Enter")
    again = page.get_by_role("button", name="Try again")
    expect(page.get_by_test_id("lesson").get_by_role("alert")).to_have_text(WRONG)
    expect(again).to_be_focused()
    page.unroute("**/lesson*")
    asked.errors.clear()
    asked.press("Enter")
    expect(count).to_have_text(f"Step {number + 1} of 5")
    expect(page.get_by_test_id("lesson").get_by_role("heading")).to_be_focused()


def test_a_step_whose_reveal_fails_when_it_is_shown_again_leaves_the_focus_there(asked: Scope) -> None:
    """Of a step that was answered before, what happens is measured again."""
    page = asked.page
    page.get_by_role("button", name="Commit and see").focus()
    asked.press("Enter")
    expect(page.get_by_test_id("reveal")).to_be_visible()
    heading = page.get_by_test_id("lesson").get_by_role("heading")
    page.get_by_role("button", name="Next ▸").focus()
    asked.press("Enter")
    expect(page.get_by_test_id("lesson-count")).to_have_text("Step 3 of 5")
    expect(heading).to_be_focused()
    back = page.get_by_role("button", name="◂ Back")
    back.focus()
    refuse(page, "POST")
    asked.press("Enter")
    expect(page.get_by_test_id("lesson").get_by_role("alert")).to_have_text(WRONG)
    expect(page.get_by_role("button", name="Try again")).to_be_focused()
    page.unroute("**/lesson*")
    asked.errors.clear()
    asked.press("Enter")
    expect(page.get_by_test_id("lesson-count")).to_have_text("Step 2 of 5")
    expect(page.get_by_test_id("reveal")).to_be_visible()
    expect(heading).to_be_focused()
