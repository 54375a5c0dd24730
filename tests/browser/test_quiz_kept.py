"""The quiz in a browser: what was handed in is there after a reload, and in the order in which it was asked."""

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
    page.get_by_role("button", name="Hand in").click()
    for _ in range(2):
        expect(page.get_by_text("Handed in.")).to_be_visible()
        expect(page.get_by_role("heading", level=3)).to_have_text(asked)
        expect(page.get_by_text(f"You said: {said}")).to_be_visible()
        expect(page.get_by_text("You said: nothing.")).to_have_count(9)
        page.reload()
    expect(page.get_by_text("Handed in.")).to_be_visible()
    page.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_role("button", name="Hand in")).to_be_visible()
    assert "seed=93266" not in page.url
    page.goto(f"{address}/quiz?seed=93266")  # that sheet stays as it is
    expect(page.get_by_text(f"You said: {said}")).to_be_visible()
