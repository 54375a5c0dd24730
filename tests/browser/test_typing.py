"""The board under a person's hands: arrows, digits, undo, copy and paste, examples, clashes, and what is read aloud."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hands import EASY, GENTLE4, MEDIUM, SOLUTION, put
from playwright.sync_api import expect

from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope

PERCENT = r"([<>]\s)?\d+\s%"  # with spaces that do not break
WAVE = (0.2, 0.8, 0.8, 0.9)  # where a cell that breaks a rule has its wave


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
    """Digits, the number pad, Backspace, Delete, 0 and the point change the chosen cell;
    the model answers for the new board."""
    scope.open(loops=3)
    before = scope.pixels("trajectory")
    scope.choose(0)
    scope.press(SOLUTION[0])
    assert scope.labels[0] == f"row 1, column 1, entered {SOLUTION[0]}"  # at once, before the model has answered
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
            """(cell, [key, code]) => {
              const options = { key, code, bubbles: true, composed: true };
              cell.dispatchEvent(new KeyboardEvent("keydown", options)); }""",
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
    scope.button("Clear: Remove all digits").click()
    scope.wait_for_entry("." * 81)
    expect(scope.message).to_contain_text("several solutions")
    for button, board in ((undo, two), (undo, one), (redo, two)):
        button.click()
        assert scope.entry == board
    scope.wait_for_entry(two)
    expect(scope.message).to_be_empty()


def test_paste_and_copy_on_the_grid(scope: Scope) -> None:
    """81 characters pasted on a cell become the board, in one step that undo takes back;
    copying gives the board's text."""
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
    scope.button("Clear: Remove all digits").click()
    scope.wait_for_entry("." * 81)
    scope.choose(0)
    scope.press("Control+v")
    scope.wait_for_entry(EASY)


def test_board_as_text(scope: Scope) -> None:
    """The dialog holds the board, takes any form of text, can be left without consequence, and a 4×4 board changes the
    checkpoint."""
    scope.open(loops=2)
    opener, dialog = scope.page.get_by_test_id("paste"), scope.page.get_by_role("dialog")
    opener.click()
    area = scope.page.get_by_test_id("board-text")
    expect(area).to_have_value("\n".join(EASY[row : row + 9] for row in range(0, 81, 9)))
    area.fill("1")
    scope.press("Escape")
    expect(dialog).to_have_count(0)
    assert scope.entry == EASY
    opener.click()
    for link, said in (
        ("https://www.example.com/sudoku?puzzle=12345", "This is a link to www.example.com, not a board"),
        (f"{scope.address}/?puzzle=12345", "Found 5 cells"),  # of this app: refused in place, nothing is lost
    ):
        area.fill(link)
        scope.asking(lambda: dialog.get_by_role("button", name="Use this board").click())
        expect(dialog.get_by_role("alert")).to_contain_text(said)
        assert (scope.entry, scope.loop) == (EASY, 2)
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
    """After a clash the canvases are those of the last good board, and its predictions do not stand in the wrong one;
    mending it takes the message away and brings them back."""
    scope.open(loops=4)
    scope.choose(0)
    pictures, says = scope.pixels(), [label for label in scope.labels if "model says" in label]
    assert len(says) == EASY.count(".")
    scope.asking(lambda: scope.press(EASY[2]))
    expect(scope.message).to_contain_text("twice in row 1")
    assert scope.pixels() == pictures
    assert not [label for label in scope.labels if "model says" in label]  # those of another board
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
    expect(scope.page.get_by_role("grid").get_by_role("row")).to_have_count(9)
    for index in (0, 44, 80):
        scope.choose(index)
        assert scope.chosen == index  # this reads that there is exactly one
        expect(scope.page.get_by_role("gridcell", selected=True)).to_have_count(1)
