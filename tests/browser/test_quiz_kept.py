"""The quiz in a browser: what was answered or handed in is there after a reload, in the order in which it was asked."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect


def test_what_was_handed_in_survives_a_reload(address: str, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    page.goto(f"{address}/quiz?seed=93266")
    expect(page.get_by_role("heading", level=3)).to_have_count(10)
    asked = page.get_by_role("heading", level=3).all_inner_texts()
    first = page.get_by_role("radiogroup").first.get_by_role("radio").first
    said = page.get_by_role("radiogroup").first.locator("label").first.inner_text()
    first.check(force=True)
    page.get_by_text("9 of 10 questions have no answer yet").wait_for()
    page.get_by_role("button", name="Hand in").click()
    page.get_by_role("button", name="Hand in all the same").click()
    told = page.get_by_test_id("stAlert").filter(has_text="Handed in.")  # from where a keyboard goes on
    expect(told).to_be_in_viewport()
    expect(told).to_be_focused()
    for _ in range(2):
        expect(page.get_by_text("Handed in.")).to_be_visible()
        expect(page.get_by_role("heading", level=3)).to_have_text(asked)
        expect(page.get_by_text(f"You said: {said}")).to_be_visible()
        expect(page.get_by_text("You gave no answer.")).to_have_count(9)
        page.reload()
    expect(page.get_by_text("Handed in.")).to_be_visible()
    page.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_role("button", name="Hand in")).to_be_visible()
    assert "seed=93266" not in page.url
    page.goto(f"{address}/quiz?seed=93266")  # that sheet stays as it is
    expect(page.get_by_text(f"You said: {said}")).to_be_visible()


def test_answers_that_are_not_handed_in_survive_a_reload_and_a_switch_of_pages(
    address: str, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    page.goto(f"{address}/quiz?seed=12")

    def chosen() -> list[int]:
        """For each question the number of its answer that is chosen, -1 for none."""
        expect(page.get_by_role("radiogroup")).to_have_count(10)
        find = "e => [...e.querySelectorAll('input')].findIndex((one) => one.checked)"
        return [one.evaluate(find) for one in page.get_by_role("radiogroup").all()]

    def choose(question: int, answer: int, left: int) -> None:
        page.get_by_role("radiogroup").nth(question).get_by_role("radio").nth(answer).check(force=True)
        expect(page.get_by_text(f"{left} of 10 questions have no answer yet")).to_be_visible()

    expect(page.get_by_text("10 of 10 questions have no answer yet.")).to_be_visible()
    choose(0, 1, 9)
    choose(4, 1, 8)
    wanted = [1, -1, -1, -1, 1, -1, -1, -1, -1, -1]
    page.reload()
    expect(page.get_by_text("8 of 10 questions have no answer yet")).to_be_visible()
    assert chosen() == wanted
    choose(9, 0, 7)
    page.get_by_role("link", name="Lessons").first.click()
    expect(page.get_by_role("tab", name="Lessons", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("7 of 10 questions have no answer yet")).to_be_visible()
    assert chosen() == [*wanted[:9], 0]
    page.goto(f"{address}/quiz?seed=13")  # another sheet
    expect(page.get_by_text("10 of 10 questions have no answer yet.")).to_be_visible()
