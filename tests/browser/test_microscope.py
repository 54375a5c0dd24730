"""The microscope in a real Chromium: hands on the board, the clock, the panels, the address bar."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Any

from hands import CANVASES, EASY, GENTLE4, MEDIUM, PANELS, SOLUTION, inside, put
from playwright.sync_api import expect

from looped.catalogue import checkpoints
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext

PERCENT = r"([<>]\s)?\d+\s%"  # with spaces that do not break
WAVE = (0.2, 0.8, 0.8, 0.9)  # where a cell that breaks a rule has its wave


# ─── the board ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_arrows_move_round_the_board(scope: Scope) -> None:
    """Arrows go from cell to cell and over the edge; the focus follows; the clock does not move."""
    scope.open(loops=3)
    scope.choose(0)
    walk = [
        ("ArrowLeft", 8),
        ("ArrowDown", 17),
        ("ArrowRight", 9),
        ("ArrowUp", 0),
        ("ArrowUp", 72),
        ("ArrowRight", 73),
        ("ArrowDown", 1),
    ]
    for key, place in walk:
        scope.press(key)
        assert scope.chosen == place
        expect(scope.cell(place)).to_be_focused()
    scope.at_loop(3)


def test_digits_fill_and_erase_cells(scope: Scope) -> None:
    """Digits, the number pad, Backspace, Delete, 0 and the point change the chosen cell; the model answers for the new board."""
    scope.open(loops=3)
    before = scope.pixels("trajectory")
    scope.choose(0)
    scope.press(SOLUTION[0])
    assert scope.labels[0] == f"row 1, column 1, given {SOLUTION[0]}"  # at once, before the model has answered
    scope.wait_for_entry(put(EASY, 0, SOLUTION[0]))
    expect(scope.message).to_be_empty()
    assert scope.pixels("trajectory") != before
    for key in ("Backspace", "Delete", "0", "."):
        scope.press(SOLUTION[0])
        assert scope.entry[0] == SOLUTION[0]
        scope.press(key)
        assert scope.entry == EASY, key
    keyboards = {"number pad": [SOLUTION[0], f"Numpad{SOLUTION[0]}"], "French keyboard": ["(", f"Digit{SOLUTION[0]}"]}
    for name, keys in keyboards.items():
        scope.cell(0).evaluate(
            "(cell, [key, code]) => cell.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, composed: true }))",
            keys,
        )
        assert scope.entry[0] == SOLUTION[0], name
        scope.press("Backspace")
    scope.wait_for_entry(EASY)
    assert scope.pixels("trajectory") == before


def test_undo_redo_and_clear(scope: Scope) -> None:
    """Ctrl+Z, Ctrl+Y, Ctrl+Shift+Z and the buttons walk through every edit; Clear is one of them."""
    one, two = put(EASY, 0, SOLUTION[0]), put(put(EASY, 0, SOLUTION[0]), 1, SOLUTION[1])
    scope.open(loops=2)
    undo, redo = scope.button("Undo (Ctrl+Z)"), scope.button("Redo (Ctrl+Y)")
    expect(undo).to_be_disabled()
    expect(redo).to_be_disabled()
    scope.choose(0)
    scope.press(SOLUTION[0], "ArrowRight", SOLUTION[1])
    assert scope.entry == two
    expect(redo).to_be_disabled()
    for key, board in zip("zzzyZy", (one, EASY, EASY, one, two, two), strict=True):
        scope.press("Control+Shift+Z" if key == "Z" else f"Control+{key}")
        assert scope.entry == board, key
    scope.button("Remove all digits").click()
    scope.wait_for_entry("." * 81)
    expect(scope.message).to_contain_text("several solutions")
    for button, board in ((undo, two), (undo, one), (redo, two)):
        button.click()
        assert scope.entry == board
    scope.wait_for_entry(two)
    expect(scope.message).to_be_empty()


def test_paste_and_copy_on_the_grid(scope: Scope) -> None:
    """81 characters pasted on a cell become the board, in one step that undo takes back; copying gives the board's text."""
    scope.open(loops=2)
    scope.choose(40)
    scope.asking(lambda: scope.clipboard("paste", MEDIUM))
    scope.wait_for_entry(MEDIUM)
    assert scope.clipboard("copy") == MEDIUM
    scope.press("Control+z")
    scope.wait_for_entry(EASY)
    scope.asking(lambda: scope.clipboard("paste", "no board"))
    expect(scope.message).to_contain_text("'n'")
    assert scope.entry == EASY


def test_real_clipboard(scope: Scope) -> None:
    """Ctrl+C on the board, Clear, Ctrl+V: the board is back, through the system's clipboard."""
    scope.open(loops=2)
    scope.choose(40)
    scope.press("Control+c")
    scope.button("Remove all digits").click()
    scope.wait_for_entry("." * 81)
    scope.choose(0)
    scope.press("Control+v")
    scope.wait_for_entry(EASY)


def test_board_as_text(scope: Scope) -> None:
    """The dialog holds the board, takes any form of text, can be left without consequence, and a 4×4 board changes the checkpoint."""
    scope.open(loops=2)
    opener, dialog = scope.page.get_by_test_id("paste"), scope.page.get_by_role("dialog")
    opener.click()
    area = scope.page.get_by_test_id("board-text")
    assert area.input_value().replace("\n", "") == EASY
    area.fill("1")
    scope.press("Escape")
    expect(dialog).to_have_count(0)
    assert scope.entry == EASY
    opener.click()
    area.fill("+---+\n" + "\n".join(MEDIUM[at : at + 9].replace(".", "0") for at in range(0, 81, 9)))
    dialog.get_by_role("button", name="Use this board").click()
    expect(dialog).to_have_count(0)
    scope.wait_for_entry(MEDIUM)
    opener.click()
    area.fill(GENTLE4)
    scope.asking(lambda: dialog.get_by_role("button", name="Use this board").click())
    scope.wait_for_entry(GENTLE4)
    expect(scope.page.get_by_role("gridcell")).to_have_count(16)
    expect(scope.message).to_contain_text("4×4")
    assert scope.query["checkpoint"].startswith("sudoku4-")
    scope.choose(0)
    scope.press("9")
    expect(scope.message).to_contain_text("1 to 4")
    assert scope.entry == GENTLE4


def test_examples(scope: Scope) -> None:
    """The list knows which example is shown; choosing one shows it; an edit makes the board one's own."""
    scope.open(loops=2)
    chosen = scope.page.get_by_role("combobox", name="Board", exact=True).locator("option:checked")
    expect(chosen).to_have_text("9×9 Easy")
    scope.asking(lambda: scope.pick("Board", "9×9 Medium"))
    scope.wait_for_entry(MEDIUM)
    expect(chosen).to_have_text("9×9 Medium")
    scope.choose(0)
    scope.asking(lambda: scope.press(str(parse(MEDIUM).solution[0])))
    expect(chosen).to_have_text("Your own")
    scope.asking(lambda: scope.pick("Board", "4×4 Gentle"))
    scope.wait_for_entry(GENTLE4)
    expect(chosen).to_have_text("4×4 Gentle")


def test_typed_clash_marks_both_cells(scope: Scope) -> None:
    """Two equal digits in a row are both marked, and no other cell; a sentence says where they are."""
    scope.open(loops=2, loop=0)  # before the first loop only what was typed can be wrong
    assert not [label for label in scope.labels if "breaks a rule" in label]
    assert scope.cells_with("wrong") == []
    scope.choose(0)
    scope.asking(lambda: scope.press(EASY[2]))
    marked = [index for index, label in enumerate(scope.labels) if "breaks a rule" in label]
    assert marked == [0, 2]
    assert scope.cells_with("wrong", WAVE) == [0, 2]
    expect(scope.message).to_contain_text("row 1, column 1 and at row 1, column 3")
    scope.asking(lambda: scope.press("Backspace"))
    assert not [label for label in scope.labels if "breaks a rule" in label]
    assert scope.cells_with("wrong") == []


def test_wrong_board_keeps_the_last_picture(scope: Scope) -> None:
    """After a clash the canvases and the predictions are those of the last good board; mending it takes the message away."""
    scope.open(loops=4)
    scope.choose(0)
    pictures, says = scope.pixels(), [label for label in scope.labels if "model says" in label]
    assert len(says) == EASY.count(".")
    scope.asking(lambda: scope.press(EASY[2]))
    expect(scope.message).to_contain_text("twice in row 1")
    assert scope.pixels() == pictures
    assert len([label for label in scope.labels if "model says" in label]) == len(says) - 1
    scope.at_loop(4)
    scope.asking(lambda: scope.press("Backspace"))
    expect(scope.message).to_be_empty()
    assert [label for label in scope.labels if "model says" in label] == says


def test_screen_reader_hears_every_cell(scope: Scope) -> None:
    """Each cell says its place and what it holds; exactly one is in the tab order; the grid has rows."""
    scope.open(loops=4)
    for index, label in enumerate(scope.labels):
        place = f"row {index // 9 + 1}, column {index % 9 + 1}, "
        wanted = f"given {EASY[index]}" if EASY[index] != "." else rf"blank, model says [1-9] at {PERCENT}"
        assert re.fullmatch(place + wanted + "(, breaks a rule)?(, changed in this loop)?", label), label
    scope.press("Home")
    scope.at_loop(0)
    assert {label.partition("column ")[2][3:] for label in scope.labels} == {"blank"} | {
        f"given {digit}" for digit in EASY if digit != "."
    }
    assert scope.page.get_by_role("grid").get_by_role("row").count() == 9
    for index in (0, 44, 80):
        scope.choose(index)
        assert scope.chosen == index  # this reads that there is exactly one
        assert scope.page.get_by_role("gridcell", selected=True).count() == 1


# ─── the clock ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_clock_drives_every_panel(scope: Scope) -> None:
    """Arrows, Home, End, buttons and the slider move clock and panels to the same loop, and not beyond the ends."""
    scope.open(loops=6)
    scope.at_loop(6)
    scope.leave_fields()
    for key, loop in (
        ("ArrowRight", 6),
        ("ArrowLeft", 5),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("End", 6),
    ):
        scope.press(key)
        scope.at_loop(loop)
    for name, loop in (
        ("First (Home)", 0),
        ("One loop on (→)", 1),
        ("One loop on (→)", 2),
        ("One loop back (←)", 1),
        ("Last (End)", 6),
    ):
        scope.button(name).click()
        scope.at_loop(loop)
    scope.slider.fill("3")
    scope.at_loop(3)
    scope.slider.press("ArrowRight")
    scope.at_loop(4)  # one step, although both the slider and the page hear the key
    box = scope.slider.bounding_box()
    scope.page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
    scope.at_loop(0)
    expect(scope.slider).to_have_attribute("aria-valuetext", "loop 0 of 6")
    expect(scope.clock).to_contain_text("loop 0 of 6")


def test_play_and_pause(scope: Scope) -> None:
    """Space and the button play from the start to the end, where the clock stops; pausing stops it in between."""
    scope.open(loops=40)
    scope.leave_fields()
    scope.pick("Speed", "16")
    scope.leave_fields()
    scope.press("Space")  # at the end: plays from the start
    scope.page.wait_for_function(
        "() => { const t = Number(document.querySelector('[data-testid=loop-clock]').dataset.loop); return t >= 2 && t < 40; }"
    )
    scope.press("Space")
    paused = scope.page.evaluate(  # half a second of frames, in which a clock that runs would move eight times
        """() => new Promise((done) => {
             const clock = document.querySelector("[data-testid=loop-clock]"), begun = performance.now(), seen = new Set();
             const look = (now) => { seen.add(clock.dataset.loop); now - begun < 500 ? requestAnimationFrame(look) : done([...seen]); };
             requestAnimationFrame(look);
           })"""
    )
    assert len(paused) <= 2  # the loop that was due when the key came may still be painted
    here = scope.loop
    assert 2 <= here < 40
    scope.page.get_by_test_id("play").click()
    scope.page.wait_for_function(
        f"() => Number(document.querySelector('[data-testid=loop-clock]').dataset.loop) > {here}"
    )
    scope.page.get_by_test_id("play").click()
    assert scope.loop < 40
    scope.slider.fill("36")
    scope.page.get_by_test_id("play").click()
    scope.at_loop(40)
    scope.wait_for_query(loop=40)  # written when the clock rests


def test_speed(scope: Scope) -> None:
    """The clock keeps to the chosen speed: at 2 loops a second a loop lasts half a second, at 16 a small part of that."""
    scope.open(loops=12)
    times = """(count) => new Promise((done) => {
      const clock = document.querySelector("[data-testid=loop-clock]"), seen = [];
      let last = clock.dataset.loop;
      const look = (now) => {
        if (clock.dataset.loop !== last) { last = clock.dataset.loop; seen.push(now); }
        seen.length < count ? requestAnimationFrame(look) : done(seen);
      };
      requestAnimationFrame(look);
      document.querySelector("[data-testid=play]").click();
    })"""
    gaps = {}
    for speed, count in (("2", 5), ("16", 8)):
        scope.slider.fill("1")
        scope.pick("Speed", speed)
        seen = scope.page.evaluate(times, count)
        scope.page.get_by_test_id("play").click()
        gaps[speed] = [later - earlier for earlier, later in pairwise(seen)]
    assert fmean(gaps["2"]) > 400, gaps  # a late frame can shorten one gap, hardly four
    assert min(gaps["16"]) < 300, gaps


def test_the_server_hears_nothing_while_looking(scope: Scope) -> None:
    """Stepping, playing, scrubbing, choosing cells, heads and speeds move no websocket frame; an edit does."""
    scope.open(loops=8)
    quiet = len(scope.frames)
    assert quiet  # frames are being counted
    scope.leave_fields()
    scope.press("Home", "ArrowRight", "ArrowRight", "ArrowLeft")
    scope.at_loop(1)
    for cell in (3, 44, 80):
        scope.choose(cell)
    scope.press("ArrowLeft", "ArrowUp")
    scope.cell(10).hover()
    scope.canvas("attention").hover()
    scope.pick("Attention head", "1")
    scope.pick("Speed", "16")
    scope.slider.fill("2")
    scope.page.get_by_test_id("play").click()
    scope.at_loop(8)
    scope.wait_for_query(loop=8, cell=70, head=1)
    assert scope.frames[quiet:] == []
    scope.choose(0)
    scope.asking(lambda: scope.press(SOLUTION[0]))
    assert {direction for direction, _ in scope.frames[quiet:]} == {"sent", "received"}


def test_stepping_repaints_every_panel(scope: Scope) -> None:
    """Each canvas really changes from loop to loop, so does the board, and going back paints the same as before."""
    scope.open(checkpoint="sudoku9-tmlt", loops=6, loop=2)
    at_two = scope.pixels()
    scope.leave_fields()
    scope.press("ArrowRight")
    scope.at_loop(3)
    at_three = scope.pixels()
    assert [name for name in at_two if at_two[name] == at_three[name]] == []
    scope.press("ArrowLeft")
    scope.at_loop(2)
    assert scope.pixels() == at_two
    labels = scope.labels
    says = {name: scope.says(name) for name in PANELS}
    assert all(says.values())
    scope.press("Home")
    scope.at_loop(0)
    assert scope.labels != labels
    now = {name: scope.says(name) for name in PANELS}
    assert all(now.values())
    assert [name for name in PANELS if now[name] == says[name]] == ["order"]  # which is about the whole run


def test_everything_is_about_the_chosen_cell(scope: Scope) -> None:
    """Another cell changes every panel but one; with nothing held the mouse over a cell previews it and leaves no trace."""
    scope.open(loops=6, cell=0)
    scope.page.mouse.move(2, 2)
    first = scope.pixels()
    scope.choose(44)
    other = scope.pixels()
    assert [name for name in first if first[name] == other[name]] == ["timestep"]  # which no cell has a part in
    expect(scope.panel("attention")).to_contain_text("Row 5, column 9")
    scope.cell(0).hover()
    assert scope.pixels() == other  # a click holds what it chose
    scope.press("Escape")
    scope.page.mouse.move(2, 2)
    scope.cell(0).hover()
    assert scope.pixels() == first
    assert scope.chosen == 44
    scope.page.mouse.move(2, 2)
    assert scope.pixels() == other
    scope.pick("Attention head", "0")
    assert scope.pixels("attention")["attention"] != other["attention"]


def test_charts_can_be_clicked(scope: Scope) -> None:
    """A click on a small board of the attention panel chooses that cell; a click in the convergence chart sets the clock."""
    scope.open(loops=6, head=0, cell=0)
    canvas = scope.canvas("attention")
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] / 2, "y": (box["height"] + 16) / 2})
    scope.wait_for_query(cell=40)  # the middle of the only board
    assert scope.chosen == 40
    chart = scope.canvas("convergence")
    chart.click(position={"x": 46, "y": 40})
    scope.at_loop(1)
    chart.click(position={"x": chart.bounding_box()["width"] - 14, "y": 40})
    scope.at_loop(6)


def test_keys_belong_to_what_has_the_focus(scope: Scope) -> None:
    """Inside the board arrows move the cell; inside fields keys are the fields'; Space in the board plays all the same."""
    scope.open(loops=5, loop=2)
    scope.choose(40)
    scope.press("ArrowRight", "ArrowDown")
    assert scope.chosen == 50
    scope.press("Escape")  # lets go of the cell
    expect(scope.cell(50)).to_be_focused()
    scope.press("Escape")  # leaves the board by keyboard
    expect(scope.page.get_by_test_id("play")).to_be_focused()
    scope.at_loop(2)
    scope.leave_fields()
    scope.press("ArrowRight")
    scope.at_loop(3)
    assert scope.chosen == 50
    loops = scope.page.get_by_role("spinbutton", name="Loops")
    loops.focus()
    scope.press("Home", "ArrowLeft", "ArrowRight", "End")
    scope.page.get_by_role("combobox", name="Board", exact=True).focus()
    scope.press("Tab")
    scope.page.get_by_test_id("paste").click()
    scope.press("Home", "ArrowRight", "Space", "5")
    scope.press("Escape")
    scope.at_loop(3)
    assert scope.entry == EASY
    scope.choose(40)
    scope.press("Home")
    scope.at_loop(0)
    scope.pick("Speed", "16")
    scope.choose(40)
    scope.press("Space")
    scope.at_loop(5)
    assert scope.entry == EASY
    scope.page.get_by_test_id("play").focus()
    scope.press("Home")
    scope.at_loop(0)
    scope.press("Space")  # once: the button's own press, not a second one by the page
    scope.at_loop(5)
    scope.page.get_by_test_id("back").focus()
    scope.press("Space")  # presses this button and does not play
    scope.at_loop(4)
    scope.wait_for_query(loop=4)


# ─── checkpoints and loops ───────────────────────────────────────────────────────────────────────────────────────


def test_loops_can_be_chosen_and_wrong_numbers_are_told(scope: Scope) -> None:
    """More loops than trained are marked as such, in words; a number out of bounds is said and changes nothing."""
    scope.open(checkpoint="sudoku9-looped", loops=3)
    field = scope.page.get_by_role("spinbutton", name="Loops")
    beyond = "() => getComputedStyle(document.querySelector('[data-testid=loop-clock] .ls-now'), '::after').content"
    expect(scope.clock).not_to_have_class(re.compile("ls-beyond"))
    assert "beyond" not in scope.page.evaluate(beyond)

    def choose(loops: str) -> None:
        field.fill(loops)
        field.press("Enter")

    trained = checkpoints.load_checkpoint("sudoku9-looped").config.trained_loops
    scope.asking(lambda: choose(str(trained + 4)))
    scope.at_loop(trained + 4)  # the clock was at the end and stays there
    expect(scope.clock).to_have_class(re.compile("ls-beyond"))
    assert "beyond training" in scope.page.evaluate(beyond)
    expect(scope.page.locator(".ls-note")).to_have_text(f"{trained} trained")
    expect(scope.page.locator(".ls-note")).to_have_attribute(
        "title", f"4 loops beyond the {trained} that training used"
    )
    scope.slider.fill(str(trained))
    scope.at_loop(trained)
    expect(scope.clock).not_to_have_class(re.compile("ls-beyond"))
    for wrong in ("0", "257", "-1", "2.5", ""):
        choose(wrong)
        expect(scope.message).to_contain_text("from 1 to 256")
        expect(field).to_have_value(str(trained + 4))
    scope.wait_for_query(loops=trained + 4, loop=trained)


def test_truth_badge(scope: Scope) -> None:
    """The page says how far the recorded run is from the plain one, which weights ran, and on what."""
    scope.open(checkpoint="sudoku9-looped", loops=8)
    text = scope.page.get_by_test_id("truth-badge").inner_text()
    assert float(re.search(r"max \|Δ\| ([\d.e+-]+)", text)[1]) < 1e-3
    checkpoint = checkpoints.load_checkpoint("sudoku9-looped")
    assert checkpoint.sha256[:12] in text
    assert "sudoku9-looped" in text
    assert f"{checkpoint.model.parameters_count:,} parameters" in text
    assert re.search(r"on (cpu|cuda)", text)


def test_timestep_panel_explains_itself(scope: Scope) -> None:
    """A looped checkpoint has no scales: words instead of an empty picture. A TMLT draws them, and the page goes from one to the other."""
    scope.open(checkpoint="sudoku9-looped", loops=4)
    words = scope.panel("timestep").get_by_text("This checkpoint has no timestep encoding")
    expect(words).to_contain_text("every loop applies exactly the same function")
    expect(scope.canvas("timestep")).to_be_hidden()
    scope.asking(lambda: scope.pick("Checkpoint", "sudoku9-standard"))
    expect(words).to_contain_text("layers with weights of their own")
    expect(scope.page.locator(".ls-bar .ls-note")).to_have_text("6 layers")
    scope.asking(lambda: scope.pick("Checkpoint", "sudoku9-tmlt"))
    expect(scope.canvas("timestep")).to_be_visible()
    expect(words).to_be_hidden()
    expect(scope.panel("timestep")).to_contain_text("strength")
    colours = scope.canvas("timestep").evaluate(
        """(canvas) => {
             const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
             return new Set(new Uint32Array(image.data.buffer)).size;
           }"""
    )
    assert colours > 20  # curves and strips, not an empty frame
    assert scope.entry == EASY  # the board stays when it fits


# ─── the address bar ─────────────────────────────────────────────────────────────────────────────────────────────


def state(scope: Scope) -> dict[str, Any]:
    """Everything that a link promises to restore."""
    return {
        "entry": scope.entry,
        "loop": scope.loop,
        "cell": scope.chosen,
        "labels": scope.labels,
        "pictures": [scope.pixels(*PANELS, run=run) for run in (0, 1)],
        "badge": scope.page.get_by_test_id("truth-badge").inner_text(),
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
    """Checkpoints, board, an edit, loops, loop, cell, head, what the board shows, range and panels are in the address; another
    person who opens it sees the same."""
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
    scope.menu("timestep", "Hide timestep")
    scope.menu("readout", "Move readout one place earlier")
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
    scope.menu("Share", "Copy a link to exactly this view")
    scope.page.wait_for_function("(link) => navigator.clipboard.readText().then((text) => text === link)", arg=link)
    expect(scope.message).to_contain_text("The link is copied")
    scope.button("Close this message").click()
    other = new_scope(address, new_context())
    other.page.goto(link)
    there = state(other.ready())
    assert {name for name in here if here[name] != there[name]} == set()
    assert other.message.inner_text() == ""
    scope.pick("Attention head", "")
    scope.wait_for_query(head=None)
    scope.page.reload()
    assert state(scope.ready())["entry"] == edited


def test_page_switch_keeps_the_view(scope: Scope) -> None:
    """To Models and back by the menu: board, checkpoints, loops, loop, cell and what is shown are as they were, and editing goes on."""
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


# ─── screens ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_laptop_shows_board_and_clock_without_scrolling(scope: Scope) -> None:
    """1366×768: the whole board and the whole clock are on the screen, before and after a message, and beside every panel."""
    scope.open()
    assert scope.panels == list(PANELS)
    for name in CANVASES:
        scope.panel(name).scroll_into_view_if_needed()
        assert inside(scope.page.get_by_role("grid")), name
        assert inside(scope.clock), name
    scope.page.get_by_test_id("paste").scroll_into_view_if_needed()
    assert scope.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    scope.choose(0)
    scope.asking(lambda: scope.press(EASY[2]))
    expect(scope.message).to_be_visible()
    assert inside(scope.message)
    assert inside(scope.clock)


def test_phone_held_upright(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """390×844, touch: nothing scrolls sideways, the clock is always on screen, and the key pad enters digits."""
    phone = new_scope(
        address,
        new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2),
    )
    phone.open(loops=4)
    narrow = """document.documentElement.scrollWidth <= document.documentElement.clientWidth
      && [...document.querySelectorAll("[data-testid=microscope] *")]
           .every((part) => !part.checkVisibility() || part.getBoundingClientRect().right <= innerWidth + 1)"""
    assert phone.page.evaluate(narrow)
    assert inside(phone.clock)
    phone.cell(0).tap()
    phone.asking(lambda: phone.button(f"Enter {SOLUTION[0]}").tap())
    phone.wait_for_entry(put(EASY, 0, SOLUTION[0]))
    phone.asking(lambda: phone.button("Erase").tap())
    phone.wait_for_entry(EASY)
    phone.canvas("timestep").scroll_into_view_if_needed()
    assert inside(phone.clock)
    assert phone.page.evaluate(narrow)
    for name in ("attention", "Panels", "Share"):
        phone.summary(name).scroll_into_view_if_needed()
        phone.summary(name).tap()
        assert phone.page.evaluate(narrow), name
        expect(phone.summary(name).locator("..").get_by_role("button").first).to_be_visible()
        phone.summary(name).tap()
    for query in (
        {"versus": "sudoku9-looped", "range": "1-3"},
        {"present": "board"},
        {"present": "attention", "versus": "sudoku9-looped"},
    ):
        phone.open(loops=4, **query)
        assert phone.page.evaluate(narrow), query
        assert inside(phone.clock), query
