"""A link to a step of a lesson: the step opens as the link says, and the link of what is shown then is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import BrowserContext, expect

if TYPE_CHECKING:
    from conftest import Scope

STEP = {"v": 1, "lesson": "2-fixed-point", "step": 2}
MORE = "convergence,readout,timestep"  # the view of the step has the first


def at(scope: Scope, step: int) -> None:
    expect(scope.page.get_by_test_id("lesson-count")).to_contain_text(f"Step {step} of")
    expect(scope.page.get_by_test_id("lesson")).not_to_have_attribute("aria-busy", "true")
    scope.wait_for_query(step=step)
    scope.ready()


def test_a_link_with_more_panels_than_the_step_opens_the_step_with_them(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """Also where it names no run, in a browser where other panels were chosen, and after Back."""
    scope = new_scope(address, new_context())
    scope.open("/", **STEP, panels=MORE, show="settle")
    at(scope, 2)
    scope.wait_for_query(loops=8, panels=MORE, show="settle")  # of the run that the step speaks of
    assert scope.query["checkpoint"] == "sudoku6-looped"
    assert scope.panels == ["board", *MORE.split(",")]
    link = scope.page.url
    other = new_scope(address, new_context())
    other.open("/", v=1, checkpoint="sudoku4-tmlt")
    other.page.evaluate("localStorage.setItem('loopscope.panels', 'trajectory')")
    other.page.goto(link)
    at(other, 2)
    assert other.panels == ["board", *MORE.split(",")]
    assert other.page.url == link

    # The next step has its own view; Back is this one again.
    other.page.get_by_role("button", name="Skip ▸").click()
    at(other, 3)
    expect(other.page.locator("[data-panel=readout]")).to_have_count(0)
    other.wait_for_query(panels="convergence", show=None)
    other.page.go_back()
    at(other, 2)
    expect(other.page.locator(".ls-side > [data-panel]")).to_have_count(3)
    other.wait_for_query(panels=MORE, show="settle", loops=8)


def test_a_link_without_panels_opens_a_step_with_those_of_a_first_visit(own: Scope) -> None:
    """The sentences of the step speak of these, whatever was chosen in this browser before."""
    own.open("/", v=1, checkpoint="sudoku6-looped")
    first = own.panels
    assert "rules" not in first
    own.page.evaluate("localStorage.setItem('loopscope.panels', 'rules')")
    puzzle = "5..4.221..6......11...5.4..3.53...4."
    own.open("/", **STEP, checkpoint="sudoku6-looped", puzzle=puzzle, loops=8, loop=8)
    at(own, 2)
    assert own.panels == first


def test_a_link_with_no_panels_is_followed(own: Scope) -> None:
    own.open("/", v=1, lesson="2-fixed-point", step=2, panels="")
    at(own, 2)
    own.wait_for_query(loops=8, panels="")
    assert own.panels == ["board"]
    expect(own.message).to_be_empty()


def test_what_a_link_shows_beside_the_view_of_a_reveal_is_not_taken_for_what_was_revealed(own: Scope) -> None:
    """Presented with the board is the panel that the reveal has and its step has not."""
    own.open("/", v=1, lesson="5-what-heads-look-at", step=2)
    at(own, 2)
    own.page.get_by_label("Those in its row.").check()
    own.page.get_by_role("button", name="Commit and see").click()
    expect(own.page.get_by_test_id("reveal")).to_be_visible()
    own.wait_for_query(panels="rules")
    own.page.goto(own.page.url.replace("panels=rules", "panels=trajectory,rules"))
    at(own, 2)
    expect(own.page.get_by_test_id("reveal")).to_be_visible()
    own.leave_fields()
    own.press("p")
    expect(own.page.locator(".ls-stage strong")).to_contain_text("Attention by rule")


def test_the_page_theory_opens_a_step_with_the_panels_of_a_link(own: Scope) -> None:
    own.open("/theory", lesson="12-theorem", step=2, panels="tokens,counts")
    at(own, 2)
    own.wait_for_query(panels="tokens,counts", cells=4)
    expect(own.page.locator("[data-panel=counts]")).to_be_visible()
    expect(own.page.locator("[data-panel=elevator]")).to_be_hidden()
