"""The address bar is the state: a link, a reload and another page bring back what was shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hands import MEDIUM, PANELS, put
from playwright.sync_api import expect

from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext


def state(scope: Scope) -> dict[str, Any]:
    """Everything that a link promises to restore."""
    return {
        "entry": scope.entry,
        "loop": scope.loop,
        "cell": scope.chosen,
        "labels": scope.labels,
        "pictures": [scope.pixels(*PANELS, run=run) for run in (0, 1)],
        "badge": scope.page.get_by_test_id("truth-badge").inner_text().partition(" · ")[2],
        "loops": scope.page.get_by_role("spinbutton", name="Loops").input_value(),
        "message": scope.message.inner_text(),
        **{
            name: scope.list(name).input_value()
            for name in ("Checkpoint", "Compare with", "Attention head", "Show on the board")
        },
        "range": scope.clock.locator(".ls-range").inner_text(),
        "panels": scope.panels,
    }


def test_address_bar_is_the_state(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """Checkpoints, board, an edit, loops, loop, cell, head, what the board shows, range and panels are in the address;
    another person who opens it sees the same."""
    scope = new_scope(address, new_context(permissions=["clipboard-read", "clipboard-write"])).open()
    scope.asking(lambda: scope.pick("Checkpoint", "sudoku9-looped"))
    scope.asking(lambda: scope.pick("Compare with", "sudoku9-looped~hardmax"))
    scope.asking(lambda: scope.pick("Board", "9×9 Medium"))
    scope.page.get_by_role("spinbutton", name="Loops").fill("10")
    scope.asking(lambda: scope.page.get_by_role("spinbutton", name="Loops").press("Enter"))
    edited = put(MEDIUM, 0, str(parse(MEDIUM).solution[0]))
    scope.choose(0)
    scope.asking(lambda: scope.press(edited[0]))
    scope.press("ArrowDown", "ArrowRight")
    scope.pick("Attention head", "2")
    scope.pick("Show on the board", "candidates")
    scope.menu("timestep", "Hide Timestep scales")
    scope.menu("readout", "Move Readout one place earlier")
    panels = ["board", "attention", "trajectory", "readout", "convergence", "order"]
    scope.leave_fields()
    for loop, key in ((3, "["), (8, "]"), (4, "Escape")):
        scope.slider.fill(str(loop))
        scope.press(key)
    scope.press("Escape")
    scope.at_loop(4, panels)
    scope.wait_for_query(
        v=1,
        puzzle=edited,
        checkpoint="sudoku9-looped",
        versus="sudoku9-looped~hardmax",
        loops=10,
        loop=4,
        cell=10,
        head=2,
        show="candidates",
        range="3-8",
        panels=",".join(panels[1:]),
    )
    scope.page.mouse.move(2, 2)
    here = state(scope)
    assert (here["entry"], here["loop"], here["cell"], here["loops"], here["Attention head"]) == (
        edited,
        4,
        10,
        "10",
        "2",
    )
    assert (here["Compare with"], here["Show on the board"], here["panels"]) == (
        "sudoku9-looped~hardmax",
        "candidates",
        panels,
    )
    assert "3–8" in here["range"]
    link = scope.page.url
    scope.menu("Share", "Copy link: Copy a link to exactly this view")
    scope.page.wait_for_function("(link) => navigator.clipboard.readText().then((text) => text === link)", arg=link)
    expect(scope.message).to_contain_text("The link is copied")
    scope.button("Close this message").click()
    other = new_scope(address, new_context())
    other.page.goto(link)
    there = state(other.ready())
    assert {name for name in here if here[name] != there[name]} == set()
    expect(other.message).to_have_text("", use_inner_text=True)
    scope.pick("Attention head", "")
    scope.wait_for_query(head=None)
    scope.page.reload()
    assert state(scope.ready())["entry"] == edited


def test_page_switch_keeps_the_view(scope: Scope) -> None:
    """To Models and back by the menu: board, checkpoints, loops, loop, cell and what is shown are as they were, and
    editing goes on."""
    scope.open(
        puzzle=MEDIUM,
        checkpoint="sudoku9-looped",
        versus="sudoku9-tmlt",
        loops=7,
        loop=3,
        cell=12,
        head=1,
        show="versus",
        range="2-5",
        panels="readout,attention",
    )
    before = state(scope)
    scope.page.get_by_role("link", name="Models").click()
    expect(scope.page.get_by_role("heading", level=1)).to_be_visible()
    expect(scope.page.get_by_test_id("microscope")).to_have_count(0)
    scope.press("ArrowRight", "Space")  # the keys of a page that is gone must do nothing
    scope.page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    scope.at_loop(3, ("board", "readout", "attention"))
    after = state(scope)
    assert {name for name in before if before[name] != after[name]} == set()
    blank = MEDIUM.index(".")
    digit = str(parse(MEDIUM).solution[blank])
    scope.choose(blank)
    scope.asking(lambda: scope.press(digit))
    scope.wait_for_entry(put(MEDIUM, blank, digit))
