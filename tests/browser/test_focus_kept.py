"""The keyboard focus has a place after every press: the button of a menu, the strip of presenter mode, the next ✕."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import Locator

THEORY = "/theory"  # its usual setting
SAMPLED = "/in-context"


def enter(button: Locator) -> None:
    button.focus()
    button.press("Enter")


def entry(scope: Scope, panel: str, words: str) -> Locator:
    """An entry of a panel's menu, which is open then."""
    menu = scope.panel(panel).locator(".ls-menu")
    enter(menu.locator("summary"))
    return menu.get_by_role("button", name=words)


@pytest.mark.parametrize("words", ["PNG", "SVG", "CSV"])
def test_an_entry_that_saves_gives_the_focus_back_to_its_menu(scope: Scope, words: str) -> None:
    scope.open()
    item = entry(scope, "attention", words).first
    with scope.page.expect_download():
        enter(item)
    expect(scope.panel("attention").locator(".ls-menu > summary")).to_be_focused()


def test_on_the_page_of_the_theory_too(scope: Scope) -> None:
    scope.open(THEORY)
    item = entry(scope, "function", "PNG").first
    with scope.page.expect_download():
        enter(item)
    expect(scope.panel("function").locator(".ls-menu > summary")).to_be_focused()


@pytest.mark.parametrize(("path", "panel"), [("/", "attention"), (THEORY, "function")])
def test_what_is_presented_from_a_menu_has_the_focus_on_the_strip(scope: Scope, path: str, panel: str) -> None:
    """There Space plays; Escape gives the focus back to the menu."""
    scope.open(path)
    enter(entry(scope, panel, "Present").first)
    expect(scope.page.get_by_role("group", name="Presenter mode")).to_be_focused()
    scope.page.keyboard.press("Escape")
    expect(scope.panel(panel).locator(".ls-menu > summary")).to_be_focused()


def test_a_change_that_is_taken_back_gives_the_focus_to_the_next(scope: Scope) -> None:
    versus = "sudoku4-tmlt~freeze=1,cut=0"
    scope.open(checkpoint="sudoku4-tmlt", versus=versus, panels="whatif")
    backs = scope.panel("whatif").locator("li button")
    expect(backs).to_have_count(3)
    scope.asking(lambda: enter(backs.first))
    expect(backs).to_have_count(1)
    expect(backs.first).to_be_focused()
    scope.asking(lambda: enter(backs.first))
    expect(backs).to_have_count(0)
    expect(scope.panel("whatif").get_by_label("What to change")).to_be_focused()


def test_all_changes_that_are_taken_back_give_the_focus_to_the_choice(scope: Scope) -> None:
    scope.open(checkpoint="sudoku4-tmlt", versus="sudoku4-tmlt~freeze=1,cut=0", panels="whatif")
    backs = scope.panel("whatif").locator("li button")
    scope.asking(lambda: enter(backs.last))
    expect(backs).to_have_count(0)
    expect(scope.panel("whatif").get_by_label("What to change")).to_be_focused()


def test_who_knows_goes_on_at_play(own: Scope) -> None:
    own.open("/")
    enter(own.page.get_by_test_id("first-no"))
    expect(own.page.get_by_test_id("play")).to_be_focused()


def test_the_keys_of_the_page_are_free_on_a_figure_of_the_theory(scope: Scope) -> None:
    """Space and P mean nothing to the points of a figure; Escape lets go of them."""
    scope.open(THEORY)
    figure = scope.page.get_by_role("slider").and_(scope.page.locator("canvas")).first
    figure.focus()
    scope.page.keyboard.press("Space")
    expect(scope.page.get_by_role("group", name="Presenter mode")).to_be_hidden()
    expect(scope.page.get_by_test_id("microscope")).not_to_have_attribute("data-loop", "0")
    scope.page.keyboard.press("Space")
    scope.page.keyboard.press("Escape")
    expect(figure).not_to_be_focused()
    figure.focus()
    scope.page.keyboard.press("p")
    expect(scope.page.get_by_role("group", name="Presenter mode")).to_be_visible()


def test_the_clock_lies_over_the_settings_of_a_sampled_prompt(scope: Scope) -> None:
    scope.page.set_viewport_size({"width": 1366, "height": 768})
    scope.open(SAMPLED)
    scope.page.get_by_test_id("sampled").locator("summary").first.click()
    over = "(of) => { const r = of.getBoundingClientRect();"
    over += " return of.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)); }"
    assert scope.page.get_by_test_id("play").evaluate(over)
