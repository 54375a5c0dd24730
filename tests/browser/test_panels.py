"""The panels: which are shown and in which order, their menus and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hands import CANVASES, EASY, GENTLE4, MEDIUM, PANELS
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Scope

A, LOOPS, LOOP = "sudoku9-tmlt", 6, 4
TITLES = {
    "attention": "Attention",
    "trajectory": "Hidden states",
    "convergence": "Convergence",
    "timestep": "Timestep scales",
    "readout": "Readout",
    "order": "Model and logic",
}


def test_menus_choose_and_order_panels(own: Scope) -> None:
    """A panel's own menu moves and hides it; the list of the bar shows and hides, moves, and goes back to what was at
    first."""
    own.open(loops=2)
    assert own.panels == list(PANELS)
    quiet = len(own.frames)
    own.menu("attention", "Move Attention one place later")
    assert own.panels == ["board", "trajectory", "attention", *CANVASES[2:]]
    own.wait_for_query(panels="trajectory,attention,convergence,timestep,readout,order")
    own.menu("trajectory", "Move Hidden states one place earlier")  # the first stays the first
    assert own.panels[1] == "trajectory"
    own.menu("attention", "Move Attention one place earlier")
    own.wait_for_query(panels=None)  # the usual order again
    own.menu("convergence", "Hide Convergence")
    assert "convergence" not in own.panels
    own.summary("Panels").click()
    box = own.page.get_by_role("checkbox", name="Convergence")
    expect(box).not_to_be_checked()
    box.click()
    assert own.panels == [
        "board",
        "attention",
        "trajectory",
        "timestep",
        "readout",
        "order",
        "convergence",
    ]  # what comes back comes last
    own.button("Move Convergence earlier").click()
    own.button("Move Convergence earlier").click()
    assert own.panels.index("convergence") == 4
    own.button("Move Attention later").click()
    assert own.panels[1:3] == ["trajectory", "attention"]
    for name in CANVASES:
        own.page.get_by_title(f"Show {TITLES[name]}", exact=True).click()
    assert own.panels == ["board"]
    own.wait_for_query(panels="")
    own.button("As at first: Show the panels of a first visit").click()
    assert own.panels == list(PANELS)
    own.wait_for_query(panels=None)
    assert own.frames[quiet:] == []
    assert set(own.pixels().values()) != {"not shown"}


def test_panels_are_remembered_and_a_link_overrides_that(own: Scope) -> None:
    """The next visit shows what this person chose; a link shows what its sender chose, and that is not remembered."""
    own.open(loops=2)
    own.menu("order", "Hide Model and logic")
    own.menu("readout", "Move Readout one place earlier")
    mine = ["board", "attention", "trajectory", "convergence", "readout", "timestep"]
    assert own.panels == mine
    own.page.goto("about:blank")
    assert own.open(loops=2).panels == mine
    own.wait_for_query(panels=",".join(mine[1:]))  # for others, who remember something else
    own.page.goto("about:blank")
    own.open(loops=2, panels="order,attention")
    assert own.panels == ["board", "order", "attention"]
    expect(own.message).to_be_empty()
    own.page.reload()
    assert own.ready().panels == ["board", "order", "attention"]
    own.page.goto("about:blank")
    assert own.open(loops=2).panels == mine
    own.page.goto("about:blank")
    own.open(loops=2, panels=",".join(CANVASES))
    assert own.panels == list(PANELS)
    own.wait_for_query(panels=",".join(CANVASES))  # the usual panels, but not what this person remembers


def test_panels_by_keyboard(own: Scope) -> None:
    """Open, choose, move, hide and leave without a mouse; the focus stays where the hand is."""
    own.open(loops=2)
    own.summary("Panels").focus()
    own.press("Enter", "Tab", "Space")
    assert own.panels == ["board", *CANVASES[1:]]
    expect(own.page.get_by_title("Show Attention", exact=True)).to_be_focused()
    own.press("Space")
    assert own.panels == ["board", *CANVASES[1:], "attention"]
    own.button("Move Attention earlier").focus()
    own.press("Enter", "Enter")
    assert own.panels[-3:] == ["attention", "readout", "order"]
    expect(own.button("Move Attention earlier")).to_be_focused()
    own.press("Escape")
    expect(own.summary("Panels")).to_be_focused()
    expect(own.button("Move Attention earlier")).to_be_hidden()
    own.summary("trajectory").focus()
    own.press("Enter")
    later = own.button("Move Hidden states one place later")
    later.focus()
    own.press("Enter", "Space")
    assert own.panels[1:4] == ["convergence", "timestep", "trajectory"]
    expect(later).to_be_focused()
    own.button("Hide Hidden states").focus()
    own.press("Enter")
    assert "trajectory" not in own.panels
    assert own.page.evaluate("document.activeElement !== document.body && document.activeElement.offsetParent !== null")


def test_one_menu_is_open_at_a_time(scope: Scope) -> None:
    """Opening another one closes it; so does a press elsewhere, and Esc, which then gives the focus back."""
    scope.open(loops=2)
    open_ones = scope.page.locator("[data-testid=microscope] details[open]")
    scope.summary("attention").click()
    scope.summary("readout").click()
    expect(open_ones).to_have_count(1)
    scope.summary("Share").click()
    expect(open_ones).to_have_count(1)
    expect(scope.button("Copy link: Copy a link to exactly this view")).to_be_visible()
    scope.page.mouse.click(5, 400)
    expect(open_ones).to_have_count(0)
    scope.summary("order").click()
    scope.press("Escape")
    expect(open_ones).to_have_count(0)
    expect(scope.summary("order")).to_be_focused()


def test_every_panel_says_what_one_looks_at(scope: Scope) -> None:
    """The ? of each panel opens a note of its own, which covers nothing when it is closed."""
    scope.open(loops=2)
    notes = set()
    for name in PANELS:
        note = scope.panel(name).locator(".ls-help > div")
        expect(note).to_be_hidden()
        scope.panel(name).locator(".ls-help > summary").click()
        expect(note).to_be_visible()
        notes.add(note.inner_text())
    assert len(notes) == len(PANELS)
    assert all(len(text) > 100 for text in notes)


def test_keys_are_listed(scope: Scope) -> None:
    """? and the button open the list; while it is open keys do nothing to the page; Esc and the button close it."""
    scope.open(loops=4, loop=2)
    dialog = scope.page.get_by_role("dialog", name="Keys")
    scope.choose(0)
    scope.press("?")
    expect(dialog).to_be_visible()
    for words in ("Shift + digit", "Ctrl + A", "[ and ]", "Space", "presenter mode"):
        expect(dialog).to_contain_text(words)
    scope.press("5", "Home", "p")
    scope.press("Escape")
    expect(dialog).to_have_count(0)
    scope.at_loop(2)
    assert scope.entry == EASY
    expect(scope.cell(0)).to_be_focused()
    scope.page.get_by_test_id("keys").click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_charts_follow_the_click(scope: Scope) -> None:
    """Timestep scales and readout set the clock where they are clicked;
    hidden states and the order of logic choose the cell."""
    scope.open(puzzle=MEDIUM, checkpoint=A, loops=LOOPS, loop=LOOP)
    for name in ("timestep", "readout"):
        chart = scope.canvas(name)
        box = chart.bounding_box()
        assert box
        for share, loop in ((0.0, 1), (1.0, LOOPS), (0.5, None)):
            chart.click(position={"x": 46 + share * (box["width"] - 60), "y": 40})
            if loop:
                scope.at_loop(loop)
        assert 2 < scope.loop < LOOPS
    for name in ("trajectory", "order"):
        scope.press("Escape")
        before, hold = scope.chosen, scope.page.get_by_test_id("hold")
        chart = scope.canvas(name)
        box = chart.bounding_box()
        assert box
        found = chart.evaluate(  # a place where the pointer shows that there is something
            """async (canvas) => {
              const { left, top, width, height } = canvas.getBoundingClientRect();
              const said = document.querySelector("[data-testid=hold]"), was = said.textContent;
              for (let y = 14; y < height - 24; y += 6) for (let x = 50; x < width - 14; x += 6) {
                const where = { clientX: left + x, clientY: top + y, bubbles: true };
                canvas.dispatchEvent(new PointerEvent("pointermove", where));
                if (canvas.style.cursor !== "pointer") continue;
                await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                if (said.textContent !== was) return { x, y };
              }
            }"""
        )
        scope.page.mouse.move(2, 2)
        chart.hover(position=found)
        expect(hold).to_contain_text("Now: ")
        place = hold.inner_text().partition("Now: ")[2].rstrip(".")
        assert scope.chosen == before  # a preview only
        chart.click(position=found)
        expect(hold).to_contain_text(f"Held: {place}")
        assert f"row {scope.chosen // 9 + 1}, column {scope.chosen % 9 + 1}" == place
        assert scope.chosen != before


def test_only_a_state_that_grows_is_said_to_grow(scope: Scope) -> None:
    """The steps of both models hardly get shorter: one's state grows all the time, the other's is normalised after
    every loop."""
    scope.open(checkpoint="sudoku4-looped-plain", puzzle=GENTLE4, loops=64, loop=64)
    assert "only because the state grows" in scope.says("convergence")
    hard = ".8...92...16..3......6....8.9......57.34....9....1...69......5....27.9.4..83....."
    scope.open(checkpoint="sudoku9-tmlt", puzzle=hard, loops=12, loop=5)
    for loop in range(5, 13):
        scope.at_loop(loop)
        assert "the state grows" not in scope.says("convergence")
        scope.press("ArrowRight")
