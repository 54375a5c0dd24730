"""The first minute of a newcomer: play is the obvious thing, a short tour is offered once, and no link tells of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Scope

# The buttons of the message, the number of loops and what training used, as far as one covers another or is cut.
CROWDED = """() => {
  const message = document.querySelector("[data-testid=message]"), words = document.createRange();
  words.selectNode(message.firstChild);
  const parts = [...message.querySelectorAll("button"), ...document.querySelectorAll("#ls-loops, .ls-bar > .ls-note")];
  const boxes = [...[...words.getClientRects()].map((box) => ["words", box]),
    ...parts.map((one) => [one.textContent || one.id, one.getBoundingClientRect()])];
  const side = message.getBoundingClientRect();
  return boxes.flatMap(([name, a], i) => [
    ...(a.left < side.left - 1 || a.right > side.right + 1 ? [[name, "outside"]] : []),
    ...boxes.slice(i + 1).filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3).map(([other]) => [name, other])]); }"""


def test_a_newcomer_is_offered_a_tour_of_the_real_controls_once(own: Scope) -> None:
    own.open("/")
    page = own.page
    expect(page.get_by_test_id("loop-clock")).to_have_attribute("data-loop", "0")
    before = own.panels
    for width, height in ((844, 390), (683, 384)):  # a phone held sideways: text and buttons one beside the other
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(CROWDED) == [], width
    page.set_viewport_size({"width": 1366, "height": 768})
    page.get_by_test_id("first-offer").click()
    tour = page.get_by_test_id("first-minute")
    pointed = page.locator(".ls-pointed")
    expect(tour).to_contain_text("What goes in 1 of 5")
    expect(pointed).to_have_attribute("data-panel", "board")
    for target, name, value in (
        ("Press play", "data-testid", "play"),
        ("One loop", "data-panel", "cycle"),
        ("The clock", "data-testid", "loop-clock"),
        ("A panel", "data-panel", "convergence"),
    ):
        tour.get_by_role("button", name="Next").click()
        expect(tour).to_contain_text(target)
        expect(pointed).to_have_attribute(name, value)
    expect(page.locator(".ls-cycle .ls-says")).to_contain_text("Loop 1 of 32: of what the block adds, ")
    expect(tour.get_by_role("link", name="Go on with a lesson")).to_have_attribute("href", own.address + "/lessons")
    page.keyboard.press("Escape")
    expect(tour).to_be_hidden()
    expect(pointed).to_have_count(0)
    expect(page.get_by_test_id("play")).to_be_focused()
    assert own.panels == before
    expect(page).not_to_have_url(re.compile("cycle|first|known"))

    own.open("/")  # who has seen it is not asked again, and finds it behind the question mark
    expect(own.message).to_contain_text("Press play")
    expect(page.get_by_test_id("first-offer")).to_have_count(0)
    page.get_by_test_id("keys").click()
    page.get_by_role("button", name="The loop in one minute").click()
    expect(tour).to_contain_text("What goes in")


def test_who_opens_a_link_to_a_view_is_not_asked(own: Scope) -> None:
    own.open("/", checkpoint="sudoku4-tmlt", puzzle="4......2...33...", loop=2)
    expect(own.page.get_by_test_id("first-offer")).to_have_count(0)
    expect(own.page.get_by_test_id("first-minute")).to_be_hidden()
