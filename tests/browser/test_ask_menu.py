"""Questions to the model: the menu that asks them and the panels that answer."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from asked import (
    FIGURES,
    LONG,
    LOOP,
    LOOPS,
    NEW,
    OTHER,
    A,
    B,
    ask,
    drawn,
    name,
    requests,
    settled,
    show,
    small,
    words_of,
)
from hands import CANVASES, GENTLE4, MEDIUM, rows_of, saved, text_of
from playwright.sync_api import expect

from looped.catalogue import checkpoints

if TYPE_CHECKING:
    from conftest import Scope


def test_a_question_of_the_menu_is_asked_and_puts_its_panel_first(own: Scope) -> None:
    """It lists questions, one for every new panel; a click closes it, shows the panel first and in view, and asks
    what can be asked. The answer is there without another press, and the question is not asked twice."""
    small(own, *CANVASES)
    menu, asked = own.summary("Ask").locator(".."), requests(own)
    quiet = len(own.frames)
    own.summary("Ask").click()
    asked_of = menu.get_by_role("button").all_inner_texts()
    questions, costs = zip(*(text.partition("\n")[::2] for text in asked_of), strict=True)
    assert len(questions) == len(set(questions)) == len(NEW) + 1  # and the table of inputs
    assert all(question.endswith("?") for question in questions)
    assert dict(zip(questions, costs, strict=True))["Is there a fixed point?"].startswith("about ")
    assert [group.get_attribute("aria-label") for group in menu.get_by_role("group").all()] == [
        "This cell",
        "This run",
        "The model",
        "What if",
    ]
    own.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    menu.get_by_text("What causes the answer in this cell?").click()
    assert own.panels == ["board", "effect", *CANVASES]
    expect(own.panel("effect").get_by_role("heading")).to_be_in_viewport()
    settled(own, "effect")
    expect(own.canvas("effect")).to_be_visible()
    assert own.panel("effect").evaluate("(panel) => panel.contains(document.activeElement)")
    assert ["question=cells" in url for url in asked] == [True]
    expect(menu).not_to_have_attribute("open", "")
    own.wait_for_query(panels="effect," + ",".join(CANVASES))
    own.summary("Ask").click()
    menu.get_by_text("Do the heads know the rules?").click()
    assert own.panels == ["board", "rules", "effect", *CANVASES]
    own.summary("Ask").click()
    menu.get_by_text("What causes the answer in this cell?").click()  # it is there already: it comes to the front
    assert own.panels == ["board", "effect", "rules", *CANVASES]
    settled(own, "effect")
    assert len(asked) == 1  # it is answered, and the heads' panel needs no answer
    assert own.frames[quiet:] == []


def test_questions_by_keyboard(own: Scope) -> None:
    """Esc closes the menu and gives the focus back; Enter on a question asks it and goes to its panel; a form waits
    for what is chosen."""
    small(own, "readout")
    own.summary("Ask").focus()
    own.press("Enter", "Tab", "Tab")
    clue = own.summary("Ask").locator("..").get_by_role("button").nth(1)
    expect(clue).to_be_focused()
    own.press("Escape")
    expect(own.summary("Ask")).to_be_focused()
    expect(clue).to_be_hidden()
    own.press("Enter", "Tab")
    own.press("Enter")
    assert own.panels == ["board", "clues", "readout"]
    settled(own, "clues")
    assert "Gradients share" in words_of(own, "clues")
    expect(own.summary("clues")).to_be_focused()  # where Cancel was; the hand is still in its panel
    own.summary("Ask").focus()
    own.press("Enter", "ArrowDown", "End", "ArrowUp", "ArrowUp")  # of the last three, the first
    own.press("Enter")
    assert own.panels == ["board", "whatif", "clues", "readout"]
    expect(own.panel("whatif").get_by_role("combobox", name="What to change")).to_be_focused()
    own.summary("Ask").focus()
    own.press("Enter", "ArrowDown", "Enter")
    assert own.panels == ["board", "clues", "whatif", "readout"]
    expect(own.panel("clues").locator(".ls-help > summary")).to_be_focused()  # it is answered already
    own.choose(OTHER)
    own.summary("Ask").focus()
    own.press("Enter", "ArrowDown", "Enter")
    settled(own, "clues")
    assert f"in {name(OTHER)}" in words_of(own, "clues")  # the other cell, too, without another press


# ─── every panel ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_panel_answers(scope: Scope) -> None:
    """Asked or not, at the first, a middle and the last loop:
    a picture where there is something to draw, and a sentence that makes sense."""
    small(scope, *NEW, checkpoint=A, loop=0)
    settled(scope, "flow")
    for loop in (0, LOOP):
        scope.slider.fill(str(loop))
        for panel in FIGURES:
            words_of(scope, panel)
        words_of(scope, "whatif")
    for panel, modes in LONG.items():
        for mode, words in modes.items():
            show(scope, panel, mode)
            waits = panel not in ("fixed", "scaling")  # which draw the steps, and the cards, before they are asked
            expect(scope.canvas(panel)).to_be_visible(visible=not waits)
            ask(scope, panel, words)
            expect(scope.canvas(panel)).to_be_visible()
    for loop in (0, LOOPS):
        scope.slider.fill(str(loop))
        for panel in FIGURES:
            for mode in [
                option.get_attribute("value") or "" for option in scope.panel(panel).locator(".ls-picks option").all()
            ] or [""]:
                show(scope, panel, mode)
                words_of(scope, panel)
                assert drawn(scope, panel) > 5, (panel, mode, loop)


def test_a_looped_model_says_that_it_has_no_timestep(scope: Scope) -> None:
    small(scope, "encoding", checkpoint=B, loop=0)
    expect(scope.panel("encoding")).to_contain_text("no timestep encoding")
    expect(scope.canvas("encoding")).to_be_hidden()


def test_a_standard_transformer_says_what_it_cannot_be_asked(own: Scope) -> None:
    """It has layers and no loop: what needs one is refused in a sentence, the rest is shown."""
    own.open(puzzle=MEDIUM, checkpoint="sudoku9-standard", panels=",".join(NEW))
    layers = checkpoints.load_checkpoint("sudoku9-standard").config.layers
    settled(own, "flow")
    for loop in (0, layers):
        own.slider.fill(str(loop))
        for panel in set(FIGURES) - {"encoding"}:
            words_of(own, panel)
    for panel in ("rules", "flow", "whole", "distances", "orbits", "exits"):
        assert drawn(own, panel) > 5, panel
    expect(own.panel("encoding")).to_contain_text("no timestep encoding")
    assert "no map to have a fixed point" in words_of(own, "fixed")
    expect(own.panel("effect").get_by_role("button", name="Cut every head in every layer")).to_be_visible()
    expect(own.panel("effect").get_by_role("combobox")).to_be_hidden()  # a loop is needed to put cells back


def test_every_panel_is_saved(scope: Scope) -> None:
    """PNG, SVG with words, and CSV of every one that draws; no empty file before a question is asked, but a word."""
    small(scope, *FIGURES)
    settled(scope, "flow")
    scope.menu("clues", "Save the Which clue decided figure as SVG")
    expect(scope.message).to_contain_text("Which clue decided: nothing is drawn yet")
    for panel, modes in LONG.items():
        mode, words = next(iter(modes.items()))
        show(scope, panel, mode)
        ask(scope, panel, words)
    for panel in FIGURES:
        assert len(text_of(saved(scope, panel, "SVG"))) > 2, panel
        assert saved(scope, panel, "PNG").read_bytes().startswith(b"\x89PNG"), panel
        columns, rows = rows_of(saved(scope, panel, "CSV"))
        assert rows.shape[1] == len(columns) == len(set(columns)) > 1, panel
        assert len(rows) > 0, panel


def test_a_table_of_inputs_opens_them(scope: Scope) -> None:
    """The button beside the examples leads to it; a list of one's own is run, sorted, filtered, walked with keys and
    saved; a row and the next failure open their board, and the table stays where it was."""
    boards = [GENTLE4, "." * 16, "4......2...33..."]  # the second has several solutions
    small(scope, "attention", modes="inputs-own")
    scope.page.get_by_test_id("inputs").click()
    table = scope.panel("inputs")
    run = table.get_by_role("button", name="Run these boards")
    expect(run).to_be_focused()
    table.get_by_role("textbox").fill("\n".join(boards) + "\n12")
    run.click()
    expect(table).to_contain_text("Your list, line 4: Found 2 cells")
    table.get_by_role("textbox").fill("\n".join(boards))
    run.click()
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(table.locator(".ls-says")).to_contain_text(f"After loop {LOOP}, 67\u00a0% of 3 boards are right")
    expect(table.locator("tr[aria-current]")).to_contain_text("line 1")
    table.get_by_role("button", name="Sort by givens").click()
    expect(rows.locator(".ls-text")).to_have_text(sorted(boards, key=lambda one: -one.count(".")))
    table.get_by_test_id("next-failure").click()
    scope.wait_for_query(puzzle=boards[1])
    expect(table.locator("tr[aria-current]")).to_contain_text("line 2")
    rows.first.get_by_role("button").focus()
    scope.press("ArrowDown", "Enter")
    scope.wait_for_query(puzzle=boards[2])
    expect(rows.nth(1).get_by_role("button")).to_be_focused()
    table.get_by_role("combobox", name="Right or wrong").select_option("wrong at the end")
    expect(rows).to_have_count(1)
    with scope.page.expect_download() as download:
        table.get_by_role("button", name="Save the rows").click()
    columns, line = download.value.path().read_text("utf-8").splitlines()
    assert columns.startswith("name,board,givens,rating,checkpoint,right from loop,")
    assert line.startswith(f"line 2,{boards[1]},0,")
    scope.summary("Share").click()
    with scope.page.expect_download() as download:
        scope.page.get_by_test_id("export-view").click()
    with zipfile.ZipFile(download.value.path()) as packed:
        files = {Path(name).name: packed.read(name) for name in packed.namelist()}
    assert {"table-of-boards.svg", "table-of-boards.png"} <= files.keys()
    assert files["table-of-boards.csv"].decode().splitlines() == [columns, line]  # what is listed
    assert boards[1] in files["table-of-boards.svg"].decode()
    assert boards[2] not in files["table-of-boards.svg"].decode()
    scope.errors.clear()  # of the list that was refused
