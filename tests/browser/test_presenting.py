"""Presenter mode: one part over the whole screen, larger, by key, by link, with a remote;
and views without controls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hands import CANVASES, EASY, MEDIUM, PANELS, SOLUTION, inside, put
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Scope
    from playwright.sync_api import BrowserContext


def shown(scope: Scope) -> list[str]:
    """The parts that are on the screen."""
    scope.painted()
    return scope.panels


def title(scope: Scope) -> str:
    return scope.page.get_by_role("group", name="Presenter mode").locator("strong").inner_text()


def covers(scope: Scope) -> bool:
    """The microscope lies over everything else of the page, and the part that is shown takes most of it."""
    scope.painted()
    return bool(
        scope.page.evaluate(
            """() => {
          const root = document.querySelector("[data-testid=microscope]");
          const { left, top, width, height } = root.getBoundingClientRect();
          const corners = [[3, 3], [innerWidth - 4, 3], [3, innerHeight - 4], [innerWidth / 2, 3]];
          const over = corners.every(([x, y]) => root.contains(document.elementFromPoint(x, y)));
          const shown = [...root.querySelectorAll("[data-panel]")].find((one) => one.offsetParent);
          const panel = shown.getBoundingClientRect(), whole = innerWidth * innerHeight;
          return over && left === 0 && top === 0 && width === innerWidth && height === innerHeight
            && panel.width * panel.height > 0.5 * whole;
        }"""
        )
    )


def test_p_presents_n_goes_on_escape_leaves(scope: Scope) -> None:
    """P shows the board alone, N and the buttons go round through the panels, Esc lets go of the cell and then leaves;
    the clock goes on working."""
    scope.open(loops=6)
    scope.page.mouse.move(2, 2)
    scope.leave_fields()
    quiet = len(scope.frames)
    scope.press("p")
    assert shown(scope) == ["board"]
    assert covers(scope)
    assert inside(scope.page.get_by_role("grid"))
    assert inside(scope.clock)
    expect(scope.page.locator(".ls-bar")).to_be_hidden()
    scope.wait_for_query(present="board")
    for name in (*CANVASES, "board"):
        scope.press("n")
        assert shown(scope) == [name]
        assert covers(scope)
        assert inside(scope.clock)
        scope.wait_for_query(present=name)
    assert title(scope) == "Board"
    scope.button("The panel before").click()
    assert shown(scope) == ["order"]
    assert title(scope) == "Model and logic"
    scope.button("The next panel (N)").click()
    assert shown(scope) == ["board"]
    scope.leave_fields()
    scope.press("Home", "PageDown", "PageDown", "ArrowRight")
    scope.at_loop(3, ["board"])
    scope.cell(0).click()
    scope.press("Escape")  # one is enough, whatever is held
    assert shown(scope) == list(PANELS)
    scope.press("Escape")
    expect(scope.page.get_by_test_id("hold")).not_to_contain_text("Held")
    expect(scope.page.locator(".ls-bar")).to_be_visible()
    scope.wait_for_query(present=None)
    scope.at_loop(3)
    scope.press("p", "p")
    assert shown(scope) == list(PANELS)
    assert scope.frames[quiet:] == []


def test_the_type_grows(scope: Scope) -> None:
    """Whatever is presented is larger than before: the sentence, and the figure with all that is written in it."""
    scope.open(loops=4)
    for name, title in (("board", "board"), ("attention", "Attention"), ("convergence", "Convergence")):
        usual = [
            part.evaluate("(part) => [parseFloat(getComputedStyle(part).fontSize), part.getBoundingClientRect().width]")
            for part in (scope.panel(name).locator(".ls-says"), scope.canvas(name))
        ]
        scope.menu(name, f"Present: Show {title} alone and large")
        scope.painted()
        large = [
            part.evaluate("(part) => [parseFloat(getComputedStyle(part).fontSize), part.getBoundingClientRect().width]")
            for part in (scope.panel(name).locator(".ls-says"), scope.canvas(name))
        ]
        assert large[0][0] > 1.2 * usual[0][0]
        assert large[1][1] > 1.1 * usual[1][1]
        scope.page.get_by_test_id("leave").click()
        assert shown(scope) == list(PANELS)


def test_a_lesson_is_presented_step_by_step_with_what_each_step_points_at(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """A board and a panel stand side by side; a step that goes on takes the screen along; N shows one of them alone."""
    for width in (1366, 1024):
        scope = new_scope(address, new_context(viewport={"width": width, "height": 768}))
        scope.open("/", lesson="5-what-heads-look-at", step=1)
        expect(scope.page.get_by_test_id("lesson-count")).to_have_text("Step 1 of 5")
        scope.leave_fields()
        scope.press("p")
        assert shown(scope) == ["board", "attention"]
        assert title(scope) == "Board · Attention"
        board, panel = (scope.panel(name).bounding_box() for name in ("board", "attention"))
        assert board
        assert panel
        assert board["x"] + board["width"] <= panel["x"] + 1
        assert panel["y"] < board["y"] + board["height"] / 2
        for part in (scope.page.get_by_role("grid"), scope.canvas("attention"), scope.clock):
            assert inside(part)
        scope.press("n")
        assert shown(scope) == ["attention"]
        scope.button("The panel before").click()
        assert shown(scope) == ["board"]
        for step, parts in ((2, ["board"]), (3, ["rules"])):
            scope.page.get_by_role("button", name=re.compile("Next ▸|Skip ▸")).click()
            expect(scope.page.get_by_test_id("lesson-count")).to_have_text(f"Step {step} of 5")
            scope.wait_for_query(present=parts[0])
            assert shown(scope) == parts
        scope.button("◂ Back").click()
        scope.wait_for_query(present="board")
        scope.page.get_by_label("Those in its box.").check()
        scope.page.get_by_role("button", name="Commit and see").click()
        expect(scope.page.get_by_test_id("reveal")).to_contain_text("The panel shows")
        assert shown(scope) == ["board", "rules"]  # the panel that only the reveal shows
        scope.page.close()


def test_the_theorem_is_presented_step_by_step(scope: Scope) -> None:
    scope.open("/theory", lesson="12-theorem", step=5)
    expect(scope.page.get_by_test_id("lesson-count")).to_have_text("Step 5 of 6")
    scope.leave_fields()
    scope.press("p")
    assert shown(scope) == ["tokens"]
    scope.page.get_by_role("button", name="Skip ▸").click()
    expect(scope.page.get_by_test_id("lesson-count")).to_have_text("Step 6 of 6")
    scope.wait_for_query(present="counts")
    assert shown(scope) == ["counts"]
    assert title(scope) == "Capacity by count"


def test_editing_while_presenting(scope: Scope) -> None:
    """The board can be changed in front of the class; the answer arrives in presenter mode."""
    scope.open(loops=3)
    scope.choose(0)
    scope.press("p")
    scope.asking(lambda: scope.press(SOLUTION[0]))
    scope.wait_for_entry(put(EASY, 0, SOLUTION[0]))
    assert shown(scope) == ["board"]
    scope.wait_for_query(present="board")


def test_leaving_gives_the_focus_back(scope: Scope) -> None:
    """By Esc or by the button: the focus is where it was before, or on something that can be seen, never nowhere."""
    scope.open(loops=3)
    scope.choose(40)
    scope.press("p", "n", "Escape", "Escape")
    assert shown(scope) == list(PANELS)
    expect(scope.cell(40)).to_be_focused()
    for name, opener, alone in (
        ("Share", scope.page.get_by_test_id("present"), "board"),
        ("readout", scope.button("Present: Show Readout alone and large"), "readout"),
    ):
        scope.summary(name).focus()
        scope.press("Enter")
        opener.focus()
        scope.press("Enter")
        assert shown(scope) == [alone]
        scope.page.get_by_test_id("leave").focus()
        scope.press("Enter")
        assert shown(scope) == list(PANELS)
        expect(scope.summary(name)).to_be_focused()


def test_a_link_presents(scope: Scope) -> None:
    """The link of a view in presenter mode opens in it, at its loop."""
    for name in PANELS:
        scope.open(puzzle=MEDIUM, loops=5, loop=2, present=name)
        assert shown(scope) == [name]
        assert covers(scope)
        scope.at_loop(2, [name])
        assert scope.pixels(name)[name] != "not shown"
        scope.wait_for_query(present=name, loop=2, puzzle=MEDIUM)
        expect(scope.message).to_be_empty()


def test_what_is_hidden_or_not_served_can_be_presented_by_a_link(scope: Scope) -> None:
    """A panel that is not among the chosen ones is presented all the same, and one without scales says why;
    N leaves it for the others."""
    scope.open(checkpoint="sudoku9-looped", loops=3, panels="attention,timestep", present="readout")
    assert shown(scope) == ["readout"]
    scope.press("n")
    assert shown(scope) == ["board"]
    scope.press("n")
    assert shown(scope) == ["attention"]
    scope.press("n")  # timestep has nothing to show
    assert shown(scope) == ["board"]
    scope.press("Escape", "Escape")
    assert shown(scope) == ["board", "attention", "timestep"]
    scope.open(checkpoint="sudoku9-looped", loops=3, present="timestep")
    expect(scope.panel("timestep").get_by_text("This checkpoint has no timestep encoding")).to_be_visible()


def test_two_runs_are_presented_together(scope: Scope) -> None:
    """Both boards, both names, the verdict and the clock, without scrolling."""
    scope.open(puzzle=MEDIUM, checkpoint="sudoku9-tmlt", versus="sudoku9-looped", loops=6, loop=3, present="board")
    assert covers(scope)
    for part in (scope.grid(0), scope.grid(1), scope.page.get_by_test_id("verdict"), scope.clock):
        expect(part).to_be_visible()
        assert inside(part)
    scope.press("n")
    assert shown(scope) == ["attention"]
    assert scope.pixels("attention") != scope.pixels("attention", run=1)
    assert "not shown" not in (*scope.pixels("attention").values(), *scope.pixels("attention", run=1).values())


def test_hidden_controls(scope: Scope) -> None:
    """hide=1: no bar, no menus, no messages; board, panels and clock stay, and so do the keys; the address keeps it."""
    scope.open(puzzle=MEDIUM, loops=4, loop=2, hide=1)
    for part in (
        scope.page.locator(".ls-bar"),
        scope.summary("attention"),
        scope.message,
        scope.page.get_by_test_id("hold"),
    ):
        expect(part).to_be_hidden()
    assert scope.panels == list(PANELS)
    scope.leave_fields()
    scope.press("ArrowRight")
    scope.at_loop(3)
    scope.wait_for_query(hide=1, loop=3)
    scope.page.get_by_role("link", name="Models").click()
    expect(scope.page.get_by_test_id("microscope")).to_have_count(0)
    scope.page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    expect(scope.page.locator(".ls-bar")).to_be_hidden()
    scope.button("Show the controls").click()
    expect(scope.page.locator(".ls-bar")).to_be_visible()
    expect(scope.button("Show the controls")).to_be_hidden()
    scope.wait_for_query(hide=None)
    scope.open(puzzle=MEDIUM, loops=4, hide=1, present="attention")
    assert shown(scope) == ["attention"]
    leave = scope.page.get_by_test_id("leave")
    assert leave.evaluate("(button) => getComputedStyle(button).opacity") == "0"
    leave.focus()
    scope.press("Shift+Tab", "Tab")  # the keyboard finds it
    expect(leave).to_be_focused()
    assert leave.evaluate("(button) => getComputedStyle(button).opacity") == "1"


def test_link_for_presenting(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """The Share menu copies a link that opens in presenter mode without controls;
    the address of the one who copies stays as it is."""
    scope = new_scope(address, new_context(permissions=["clipboard-read", "clipboard-write"])).open(
        puzzle=MEDIUM, loops=4, loop=3
    )
    scope.menu("Share", "Copy link for presenting: Copy a link that opens in presenter mode with the controls hidden")
    expect(scope.message).to_contain_text("The link is copied")
    link = scope.page.evaluate("navigator.clipboard.readText()")
    assert "present" not in scope.query
    other = new_scope(address, new_context())
    other.page.goto(link)
    other.ready()
    assert shown(other) == ["board"]
    other.at_loop(3, ["board"])
    assert other.entry == MEDIUM
    other.wait_for_query(present="board", hide=1)
    expect(other.page.locator(".ls-bar")).to_be_hidden()


def test_keys_can_be_looked_up_while_presenting(scope: Scope) -> None:
    """The list of keys lies over the presented panel, and Esc closes it first."""
    scope.open(loops=3, present="attention")
    scope.leave_fields()
    scope.press("?")
    dialog = scope.page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    assert inside(dialog.get_by_role("heading", name="Keys"))
    scope.press("Escape")
    expect(dialog).to_have_count(0)
    assert shown(scope) == ["attention"]
