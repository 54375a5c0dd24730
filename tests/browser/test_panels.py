"""The panels: which are shown and in which order, their menus and notes, and what can be saved of them."""

from __future__ import annotations

import csv
import re
import struct
from base64 import b64encode
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
from hands import CANVASES, EASY, GENTLE4, MEDIUM, PANELS, inside, rows_of, saved, text_of
from library import run
from playwright.sync_api import expect

from looped.lenses.readout import readout
from looped.lenses.residual import residual
from looped.lenses.timestep import strengths
from looped.lenses.trajectory import trajectory
from looped.tasks.sudoku.logic import order
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope

A, B = "sudoku9-tmlt", "sudoku9-looped"
TITLES = {
    "attention": "Attention",
    "trajectory": "Hidden states",
    "convergence": "Convergence",
    "timestep": "Timestep scales",
    "readout": "Readout",
    "order": "Model and logic",
}
LOOPS, LOOP, CELL = 6, 4, MEDIUM.index(".", 20)


# ─── choosing and ordering ───────────────────────────────────────────────────────────────────────────────────────


def test_menus_choose_and_order_panels(own: Scope) -> None:
    """A panel's own menu moves and hides it; the list of the bar shows and hides, moves, and goes back to what was at first."""
    own.open(loops=2)
    assert own.panels == list(PANELS)
    quiet = len(own.frames)
    own.menu("attention", "Move attention one place later")
    assert own.panels == ["board", "trajectory", "attention", *CANVASES[2:]]
    own.wait_for_query(panels="trajectory,attention,convergence,timestep,readout,order")
    own.menu("trajectory", "Move trajectory one place earlier")  # the first stays the first
    assert own.panels[1] == "trajectory"
    own.menu("attention", "Move attention one place earlier")
    own.wait_for_query(panels=None)  # the usual order again
    own.menu("convergence", "Hide convergence")
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
    own.button("Show the panels of a first visit").click()
    assert own.panels == list(PANELS)
    own.wait_for_query(panels=None)
    assert own.frames[quiet:] == []
    assert set(own.pixels().values()) != {"not shown"}


def test_panels_are_remembered_and_a_link_overrides_that(own: Scope) -> None:
    """The next visit shows what this person chose; a link shows what its sender chose, and that is not remembered."""
    own.open(loops=2)
    own.menu("order", "Hide order")
    own.menu("readout", "Move readout one place earlier")
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
    later = own.button("Move trajectory one place later")
    later.focus()
    own.press("Enter", "Space")
    assert own.panels[1:4] == ["convergence", "timestep", "trajectory"]
    expect(later).to_be_focused()
    own.button("Hide trajectory").focus()
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
    expect(scope.button("Copy a link to exactly this view")).to_be_visible()
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
    """Timestep scales and readout set the clock where they are clicked; hidden states and the order of logic choose the cell."""
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
                canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: left + x, clientY: top + y, bubbles: true }));
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


# ─── hidden states in space ──────────────────────────────────────────────────────────────────────────────────────


def dragged(scope: Scope, dx: float, dy: float) -> None:
    """Press on the hidden states, move and let go."""
    scope.canvas("trajectory").scroll_into_view_if_needed()
    box = scope.canvas("trajectory").bounding_box()
    assert box
    x, y, mouse = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, scope.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + dx, y + dy, steps=5)
    mouse.up()
    mouse.move(2, 2)


def test_hidden_states_are_turned_in_space(scope: Scope) -> None:
    """3-D stands in the address; dragging turns it, chooses no cell, and what was turned stays for the next loop, board and page."""
    scope.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=4, loop=2, cell=5, panels="trajectory")
    plane = scope.pixels("trajectory")
    dragged(scope, 60, 20)
    scope.choose(5)
    assert scope.pixels("trajectory") == plane  # a plane does not turn
    two = scope.says("trajectory")
    scope.pick("Hidden states: what to show", "space")
    scope.wait_for_query(modes="trajectory-space")
    points = trajectory(run("sudoku4-tmlt", GENTLE4, 4).trace.hidden, 6)
    for words, parts, said in (("two", 2, two), ("three", 3, scope.says("trajectory"))):
        share = re.search(rf"The {words} directions hold (\d+)\s% of all differences", said)
        assert share, said
        assert abs(int(share[1]) - 100 * float(points.explained[:parts].sum())) <= 0.51
    first = scope.pixels("trajectory")
    assert first != plane
    quiet = len(scope.frames)
    dragged(scope, 80, 0)
    turned = scope.pixels("trajectory")
    assert turned != first
    dragged(scope, 0, 40)
    tilted = scope.pixels("trajectory")
    assert tilted != turned
    assert scope.chosen == 5
    dragged(scope, -80, -40)
    back = scope.pixels("trajectory")
    assert back == first
    dragged(scope, 80, 40)
    scope.leave_fields()
    scope.press("ArrowRight", "ArrowLeft")
    assert scope.pixels("trajectory") == tilted
    assert scope.frames[quiet:] == []
    scope.choose(5)
    scope.asking(lambda: scope.press(str(parse(GENTLE4).solution[5])))
    assert scope.pixels("trajectory") != tilted
    scope.asking(lambda: scope.press("Control+z"))
    scope.wait_for_entry(GENTLE4)
    assert scope.pixels("trajectory") == tilted
    scope.page.get_by_role("link", name="Models").click()
    expect(scope.page.get_by_test_id("microscope")).to_have_count(0)
    scope.page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    scope.page.mouse.move(2, 2)
    assert scope.pixels("trajectory") == tilted
    scope.pick("Hidden states: what to show", "plane")
    scope.wait_for_query(modes=None)
    assert scope.pixels("trajectory") == plane


def test_a_link_opens_in_space_and_two_runs_share_its_directions(scope: Scope) -> None:
    """Both parts say so, are turned together, and stand at the same places where their states are the same."""
    scope.open(
        puzzle=GENTLE4,
        checkpoint="sudoku4-tmlt",
        versus="sudoku4-tmlt~cut=0@2",
        loops=4,
        loop=2,
        cell=5,
        panels="trajectory",
        modes="trajectory-space",
    )
    assert scope.list("Hidden states: what to show").input_value() == "space"
    expect(scope.message).to_be_empty()
    for number in (0, 1):
        assert "of both runs, which are drawn in the same directions" in scope.says("trajectory", number)
    assert scope.pixels("trajectory") == scope.pixels("trajectory", run=1)  # up to here they are one
    before = scope.pixels("trajectory", run=1)
    dragged(scope, 70, 30)
    assert scope.pixels("trajectory") == scope.pixels("trajectory", run=1) != before
    scope.slider.fill("4")
    assert scope.pixels("trajectory") != scope.pixels("trajectory", run=1)


def test_the_end_of_a_drag_chooses_no_cell(scope: Scope) -> None:
    """A click on a digit chooses its cell; turning and letting go there does not."""
    scope.open(
        puzzle=GENTLE4,
        checkpoint="sudoku4-tmlt",
        loops=4,
        loop=2,
        cell=5,
        panels="trajectory",
        modes="trajectory-space",
    )
    places = scope.canvas("trajectory").evaluate(  # where the pointer shows that there is something
        """(canvas) => {
          const { left, top, width, height } = canvas.getBoundingClientRect(), found = [];
          for (let y = 4; y < height; y += 8) for (let x = 4; x < width; x += 8) {
            canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: left + x, clientY: top + y, bubbles: true }));
            if (canvas.style.cursor === "pointer") found.push([left + x, top + y]);
          }
          return found;
        }"""
    )
    mouse = scope.page.mouse
    for x, y in places:
        mouse.click(x, y)
        if (other := scope.chosen) != 5:
            break
    assert other != 5
    scope.choose(5)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 60, y, steps=4)
    mouse.move(x, y, steps=4)
    mouse.up()
    assert scope.chosen == 5
    mouse.click(x, y)
    assert scope.chosen == other


def test_hidden_states_are_turned_by_keyboard(scope: Scope) -> None:
    """A slider beside the mode, where there is something to turn; its arrows turn, and the clock stays."""
    scope.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=4, loop=2, cell=5, panels="trajectory")
    slider = scope.page.get_by_role("slider", name="Hidden states: turn")
    expect(slider).to_be_hidden()
    scope.pick("Hidden states: what to show", "space")
    expect(slider).to_be_visible()
    assert inside(slider)
    first, was = scope.pixels("trajectory"), slider.input_value()
    slider.focus()
    scope.press("ArrowRight")
    assert scope.pixels("trajectory") != first
    assert int(slider.input_value()) == int(was) + 5
    assert scope.loop == 2
    scope.leave_fields()
    turned = slider.input_value()
    dragged(scope, 120, 0)
    scope.painted()
    assert abs(int(slider.input_value()) - int(turned) - 57) <= 5  # a radian; dragging and the slider are one
    slider.fill(turned)


# ─── what can be saved ───────────────────────────────────────────────────────────────────────────────────────────


def opened(scope: Scope, **query: object) -> Scope:
    return scope.open(**{"puzzle": MEDIUM, "checkpoint": A, "loops": LOOPS, "loop": LOOP, "cell": CELL, **query})


def test_only_a_state_that_grows_is_said_to_grow(scope: Scope) -> None:
    """The steps of both models hardly get shorter: one's state grows all the time, the other's is normalised after every loop."""
    scope.open(checkpoint="sudoku4-looped-plain", puzzle=GENTLE4, loops=64, loop=64)
    assert "only because the state grows" in scope.says("convergence")
    hard = ".8...92...16..3......6....8.9......57.34....9....1...69......5....27.9.4..83....."
    scope.open(checkpoint="sudoku9-tmlt", puzzle=hard, loops=12, loop=5)
    for loop in range(5, 13):
        scope.at_loop(loop)
        assert "the state grows" not in scope.says("convergence")
        scope.press("ArrowRight")


def test_every_panel_is_saved_as_svg(scope: Scope) -> None:
    """Each is XML with a size, a ground, shapes and words; the board's digits are the board's, the readout's rows are the digits."""
    opened(scope)
    words = {name: text_of(saved(scope, name, "SVG")) for name in PANELS}
    digits = run(A, MEDIUM, LOOPS).digits[LOOP - 1]
    assert [text for text in words["board"] if text.isdigit()] == [str(digit) for digit in digits]
    assert {"head 1", "head 2"} <= {text.partition(" ·")[0] for text in words["attention"]}
    assert len([text for text in words["trajectory"] if text.isdigit()]) == 81
    assert {"trained", "— whole state, relative"} <= set(words["convergence"]) | {"trained"}
    assert {"α1", "α2", "γ1", "γ2"} <= set(words["timestep"])
    assert {text.removeprefix("▸ ") for text in words["readout"]} >= {str(digit) for digit in range(1, 10)}
    assert len(words["order"]) > 2
    assert {texts[0] for texts in words.values()} == {f"{A}, loop {LOOP} of {LOOPS}"}
    assert (words["board"][1], words["convergence"][1]) == (
        "Sudoku board",
        "Residual of every loop on a logarithmic axis",
    )


def test_every_panel_is_saved_as_png(scope: Scope) -> None:
    """Each is a PNG of twice the size of its drawing and shows more than its ground."""
    opened(scope)
    for name in PANELS:
        data = saved(scope, name, "PNG").read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n", name
        assert struct.unpack(">II", data[16:24]) == ((804, 880) if name == "board" else (964, 680)), name
        shades = scope.page.evaluate(
            """async (base64) => {
              const image = new Image();
              image.src = `data:image/png;base64,${base64}`;
              await image.decode();
              const pen = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height }).getContext("2d");
              pen.drawImage(image, 0, 0);
              return new Set(new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer)).size;
            }""",
            b64encode(data).decode(),
        )
        assert shades > 20, name


def test_numbers_that_are_saved_are_the_library_s(scope: Scope) -> None:
    """The CSV of every panel against `looped.record` and the lenses, every loop of it."""
    opened(scope)
    found = run(A, MEDIUM, LOOPS)
    trace, close = found.trace, {"rtol": 2e-3, "atol": 1e-4}
    read, moved, board = readout(trace.logits), residual(trace.hidden), parse(MEDIUM)
    loops = np.arange(1, LOOPS + 1)

    columns, rows = rows_of(saved(scope, "convergence", "CSV"))
    assert columns == ["loop", "whole state, relative", f"cell {CELL}, absolute"]
    np.testing.assert_allclose(rows, np.stack([loops, moved.relative, moved.per_position[:, CELL]], 1), **close)

    columns, rows = rows_of(saved(scope, "readout", "CSV"))
    assert columns == ["loop", *(f"probability of {digit} in cell {CELL}" for digit in range(1, 10))]
    np.testing.assert_allclose(rows[:, 0], loops)
    np.testing.assert_allclose(rows[:, 1:], trace.probabilities[:, CELL, 1:], **close)

    columns, rows = rows_of(saved(scope, "timestep", "CSV"))
    assert columns == ["loop", *(f"{name}, root mean square" for name in ("α1", "α2", "γ1", "γ2"))]
    wanted = strengths(trace)
    assert wanted is not None
    np.testing.assert_allclose(rows, np.column_stack([loops, wanted[:, 0]]), **close)

    columns, rows = rows_of(saved(scope, "attention", "CSV"))
    heads = trace.attention.shape[2]
    assert columns == ["loop", "head", *(f"to cell {cell}" for cell in range(81))]
    np.testing.assert_allclose(rows[:, :2], [(loop, head + 1) for loop in loops for head in range(heads)])
    np.testing.assert_allclose(rows[:, 2:], trace.attention[:, 0, :, CELL].reshape(-1, 81), atol=0.004)

    columns, rows = rows_of(saved(scope, "trajectory", "CSV"))
    assert columns == ["loop", "cell", *(f"component {part}" for part in range(1, 7))]
    points = trajectory(trace.hidden, 6).points
    np.testing.assert_allclose(rows[:, 2:], points.reshape(-1, 6), rtol=1e-3, atol=1e-3 * float(np.abs(points).max()))

    columns, rows = rows_of(saved(scope, "order", "CSV"))
    assert columns == [
        "cell",
        "row",
        "column",
        "given",
        "round of logic",
        "technique",
        "settled at loop",
        "last answer",
    ]
    np.testing.assert_array_equal(
        rows[:, :5], [(i, i // 9 + 1, i % 9 + 1, board.givens[i], order(board.givens, 9).rounds[i]) for i in range(81)]
    )
    np.testing.assert_array_equal(rows[:, 6], np.where(board.givens > 0, np.nan, read.settled))
    np.testing.assert_array_equal(rows[:, 7], np.where(board.givens > 0, np.nan, trace.answers[-1]))
    wrong = int(((trace.answers[-1] != board.solution) & (board.givens == 0)).sum())
    assert board.unique
    assert wrong > 1  # an untrained model
    assert f"{wrong} blanks end on a wrong digit (red)." in scope.says("order")

    columns, rows = rows_of(saved(scope, "board", "CSV"))
    assert columns == ["loop", "cell", "row", "column", "given", "answer", "probability", "changed"]
    blank = np.tile(board.givens == 0, LOOPS)
    np.testing.assert_array_equal(rows[:, :2], [(loop, cell) for loop in loops for cell in range(81)])
    np.testing.assert_array_equal(rows[:, 5], found.digits.reshape(-1))
    np.testing.assert_allclose(rows[blank, 6], read.confidence.reshape(-1)[blank], **close)
    np.testing.assert_array_equal(rows[blank, 7], read.changed.reshape(-1)[blank])


def test_two_runs_are_saved_side_by_side(scope: Scope) -> None:
    """The picture holds both, with their names; the table has a column that says whose row it is; what only one has is told of one."""
    opened(scope, versus=B)
    svg = saved(scope, "board", "SVG")
    words = text_of(svg)
    assert [text for text in words if text.startswith(("A:", "B:"))] == [
        f"{letter}: {name}, loop {LOOP} of {LOOPS}" for letter, name in (("A", A), ("B", B))
    ]
    assert ElementTree.fromstring(svg.read_text("utf-8")).get("width") == "822"
    of_a, of_b = ElementTree.fromstring(saved(scope, "convergence", "SVG").read_text("utf-8")).findall(
        "{http://www.w3.org/2000/svg}g"
    )
    strokes = [[part.get("stroke-width") for part in run if part.tag.endswith("path")] for run in (of_a, of_b)]
    assert strokes[0] == strokes[1]  # of the first run nothing is left when the second is drawn
    with saved(scope, "convergence", "CSV").open(encoding="utf-8", newline="") as lines:
        columns, *rows = csv.reader(lines)
    assert columns[:2] == ["checkpoint", "loop"]
    assert [row[0] for row in rows] == [A] * LOOPS + [B] * LOOPS
    for name in (A, B):
        relative = residual(run(name, MEDIUM, LOOPS).trace.hidden).relative
        np.testing.assert_allclose([float(row[2]) for row in rows if row[0] == name], relative, rtol=2e-3)
    with saved(scope, "timestep", "CSV").open(encoding="utf-8", newline="") as lines:
        columns, *rows = csv.reader(lines)
    assert (columns[0], {row[0] for row in rows}) == ("checkpoint", {A})
    assert [text for text in text_of(saved(scope, "timestep", "SVG")) if text.startswith(("A:", "B:"))] == [
        f"A: {A}, loop {LOOP} of {LOOPS}"
    ]


def test_saving_names_the_view(scope: Scope) -> None:
    """Loop and checkpoint are in the file's name; before the first loop there is a picture, too."""
    opened(scope, loop=0)
    assert "head 1" in text_of(saved(scope, "attention", "SVG"))
    digits = [text for text in text_of(saved(scope, "board", "SVG")) if text.isdigit()]
    assert digits == [digit for digit in MEDIUM if digit != "."]
