"""Hands on the cells: which are chosen, what is written into them, and what is only pencilled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hands import EASY, GENTLE4, SOLUTION, put
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext

BLANK = [index for index, digit in enumerate(EASY) if digit == "."]


def middle(scope: Scope, index: int) -> tuple[float, float]:
    box = scope.cell(index).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# ─── choosing ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_letters_move_like_arrows(scope: Scope) -> None:
    """W A S D go round the board, in capitals too; with Shift they add; outside the board they do nothing."""
    scope.open(loops=2)
    scope.choose(0)
    for key, place in (("a", 8), ("s", 17), ("d", 9), ("w", 0), ("w", 72)):
        scope.press(key)
        assert scope.chosen == place
        expect(scope.cell(place)).to_be_focused()
    scope.press("Shift+D", "Shift+S")
    assert scope.selected == [1, 72, 73]
    scope.leave_fields()
    scope.press("s", "d")
    assert scope.chosen == 1


def test_keys_choose_several_cells(scope: Scope) -> None:
    """Shift or Ctrl with an arrow adds the next cell; a plain arrow chooses one again; Ctrl+A chooses all of them."""
    scope.open(loops=2)
    scope.choose(40)
    scope.press("Shift+ArrowRight", "Shift+ArrowDown", "Control+ArrowLeft")
    assert scope.selected == [40, 41, 49, 50]
    assert scope.chosen == 49
    expect(scope.page.get_by_test_id("hold")).to_contain_text("row 6, column 5 and 3 more")
    scope.press("ArrowUp")
    assert scope.selected == [40]
    scope.press("Control+a")
    assert scope.selected == list(range(81))
    assert scope.chosen == 40
    scope.press("Escape")
    assert scope.selected == [40]


def test_mouse_chooses_several_cells(scope: Scope) -> None:
    """Dragging and Shift+click add cells, Ctrl+click adds or takes away, a plain click chooses one;
    at least one stays chosen."""
    scope.open(loops=2)
    mouse = scope.page.mouse
    mouse.move(*middle(scope, 10))
    mouse.down()
    for index in (11, 12, 21):
        mouse.move(*middle(scope, index), steps=4)
    mouse.up()
    assert scope.selected == [10, 11, 12, 21]
    mouse.move(*middle(scope, 80))  # without the button nothing is added
    assert scope.selected == [10, 11, 12, 21]
    scope.cell(80).click(modifiers=["Control"])
    scope.cell(11).click(modifiers=["Control"])
    assert scope.selected == [10, 12, 21, 80]
    scope.cell(0).click(modifiers=["Shift"])
    assert scope.selected == [0, 10, 12, 21, 80]
    scope.cell(0).click(modifiers=["Control"])  # the one that the keys would go to
    assert scope.selected == [10, 12, 21, 80]
    assert scope.chosen in scope.selected
    scope.cell(44).click()
    assert scope.selected == [44]
    scope.cell(44).click(modifiers=["Control"])
    assert scope.selected == [44]


def test_double_click_chooses_equal_digits(scope: Scope) -> None:
    """All cells that show this digit, given or answered, at the loop of the clock;
    before the first loop only the givens."""
    scope.open(loops=8)
    shown = [label.partition("given ")[2][:1] or label.partition("says ")[2][:1] for label in scope.labels]
    assert len(shown) == 81
    for index in (2, BLANK[0]):
        scope.cell(index).dblclick()
        assert scope.selected == [i for i, digit in enumerate(shown) if digit == shown[index]]
        assert len(scope.selected) > 1
    scope.press("Home")
    scope.cell(2).dblclick()
    assert scope.selected == [i for i, digit in enumerate(EASY) if digit == EASY[2]]


def test_writing_goes_to_all_chosen_cells_in_one_step(scope: Scope) -> None:
    """A digit fills them all, Backspace empties them all, and undo takes each of the two back at once."""
    scope.open(loops=2)
    one, two = BLANK[0], BLANK[1]
    scope.choose(one)
    scope.cell(two).click(modifiers=["Control"])
    scope.press("5")
    filled = put(put(EASY, one, "5"), two, "5")
    assert scope.entry == filled
    scope.press("Backspace")
    assert scope.entry == EASY
    for key, board in (("z", filled), ("z", EASY), ("y", filled), ("y", EASY)):
        scope.press(f"Control+{key}")
        assert scope.entry == board


def test_pointing_previews_clicking_holds_escape_lets_go(scope: Scope) -> None:
    """With nothing held every panel follows the mouse, over the board and over the charts;
    a click stops that, Esc starts it again."""
    scope.open(loops=6, head=0)
    scope.page.mouse.move(2, 2)
    hold = scope.page.get_by_test_id("hold")
    expect(hold).to_contain_text("Pointing previews a cell")
    at_first = scope.pixels("attention", "readout")
    first = scope.chosen
    scope.cell(44).hover()
    expect(hold).to_contain_text("Now: row 5, column 9")
    assert "Row 5, column 9" in scope.says("readout")
    previewed = scope.pixels("attention", "readout")
    assert previewed["readout"] != at_first["readout"]
    assert scope.chosen == first
    chart = scope.canvas("attention")
    box = chart.bounding_box()
    assert box
    chart.hover(position={"x": box["width"] / 2, "y": (box["height"] + 16) / 2})
    expect(hold).to_contain_text("Now: row 5, column 5")
    scope.page.mouse.move(2, 2)
    assert scope.pixels("attention", "readout") == at_first
    scope.cell(44).click()
    expect(hold).to_contain_text("Held: row 5, column 9")
    held = scope.pixels("attention", "readout")
    assert held == previewed
    scope.cell(3).hover()
    chart.hover(position={"x": box["width"] / 2, "y": (box["height"] + 16) / 2})
    assert scope.pixels("attention", "readout") == held
    scope.press("Escape")
    scope.page.mouse.move(2, 2)
    scope.cell(3).hover()
    expect(hold).to_contain_text("Now: row 1, column 4")
    assert scope.pixels("attention", "readout") != held


# ─── pencil marks ────────────────────────────────────────────────────────────────────────────────────────────────


def test_pencil_marks(scope: Scope) -> None:
    """Shift+digit marks a corner, Ctrl+digit the centre; again takes it away;
    they are painted, spoken, undone, and the server hears nothing."""
    scope.open(loops=2)
    cell, given = BLANK[0], EASY.index("6")
    scope.choose(cell)
    scope.wait_for_query(cell=cell)
    plain, picture, quiet, query = scope.labels, scope.board_pixels(), len(scope.frames), scope.query

    def says() -> str:
        now = scope.labels
        assert [i for i in range(81) if now[i] != plain[i]] in ([], [cell])
        return now[cell].removeprefix(plain[cell])

    scope.press("Shift+4")
    assert says() == ", corner marks 4"
    corner = scope.board_pixels()
    assert [i for i in range(81) if corner[i] != picture[i]] == [cell]
    scope.press("Shift+1", "Control+7", "Control+2")
    assert says() == ", corner marks 1 4, centre marks 2 7"
    assert scope.board_pixels()[cell] not in (corner[cell], picture[cell])
    scope.press("Shift+4", "Control+2")
    assert says() == ", corner marks 1, centre marks 7"
    for key, words in (
        ("z", ", corner marks 1, centre marks 2 7"),
        ("z", ", corner marks 1 4, centre marks 2 7"),
        ("y", ", corner marks 1, centre marks 2 7"),
    ):
        scope.press(f"Control+{key}")
        assert says() == words
    scope.choose(given)
    scope.press("Shift+4", "Control+4")
    assert scope.labels[given] == plain[given]  # nothing is pencilled over a digit
    scope.choose(cell)
    scope.press("Backspace")  # in a cell without a digit it rubs the marks out
    assert says() == ""
    assert scope.board_pixels() == picture
    scope.press("Control+z")
    assert says() == ", corner marks 1, centre marks 2 7"
    assert scope.frames[quiet:] == []
    marks = {"corner": f"{cell}-1", "centre": f"{cell}-27"}
    scope.wait_for_query(cell=cell, **marks)
    assert scope.query == query | marks
    assert scope.entry == EASY


def test_pencil_marks_on_several_cells(scope: Scope) -> None:
    """Where some have the mark the others get it; where all have it all lose it."""
    scope.open(loops=2)
    one, two = BLANK[0], BLANK[1]
    scope.choose(one)
    scope.press("Shift+3")
    scope.cell(two).click(modifiers=["Control"])
    scope.press("Shift+3")
    assert [scope.labels[i].partition("corner marks ")[2] for i in (one, two)] == ["3", "3"]
    scope.press("Shift+3")
    assert not [label for label in scope.labels if "marks" in label]


def test_a_digit_covers_its_marks(scope: Scope) -> None:
    """They are neither shown nor lost, not even by another page: Models and back; undo still knows them then."""
    scope.open(loops=2)
    cell = BLANK[0]
    scope.choose(cell)
    scope.press("Shift+3", "Control+5")
    marks = ", corner marks 3, centre marks 5"
    assert scope.labels[cell].endswith(marks)
    scope.asking(lambda: scope.press(SOLUTION[cell]))
    scope.wait_for_entry(put(EASY, cell, SOLUTION[cell]))
    assert "marks" not in scope.labels[cell]
    scope.page.get_by_role("link", name="Models").click()
    expect(scope.page.get_by_test_id("microscope")).to_have_count(0)
    scope.page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    assert "marks" not in scope.labels[cell]
    scope.choose(cell)
    scope.press("Backspace")
    assert scope.labels[cell].endswith(marks)
    scope.wait_for_entry(EASY)
    scope.press("Control+z", "Control+z", "Control+z")
    assert scope.labels[cell].endswith(", corner marks 3")


def test_erasing_nothing_is_no_step_of_undo(scope: Scope) -> None:
    """Backspace on an empty cell leaves undo as it was: the next Ctrl+Z takes back what was really done."""
    scope.open(loops=2)
    scope.choose(BLANK[0])
    scope.press("Backspace", "Delete")
    expect(scope.button("Undo (Ctrl+Z)")).to_be_disabled()
    scope.press("Shift+2", "ArrowRight", "Backspace", "Control+z")
    assert not [label for label in scope.labels if "marks" in label]


def test_marks_know_the_size_of_the_board(scope: Scope) -> None:
    """On a 4×4 board there is no 5 to pencil in."""
    scope.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=2)
    scope.choose(0)
    scope.press("Shift+5")
    expect(scope.message).to_contain_text("1 to 4")
    scope.press("Shift+3")
    assert scope.labels[0].endswith("corner marks 3")


def test_number_pad_marks_corners_with_shift(scope: Scope) -> None:
    """With Shift a number pad says Home or End instead of its digit; the board goes by the key that was pressed."""
    scope.open(loops=2)
    cell = BLANK[0]
    scope.choose(cell)
    scope.cell(cell).evaluate(
        """(cell) => cell.dispatchEvent(Object.assign(new KeyboardEvent("keydown",
             { key: "Home", code: "Numpad7", bubbles: true, composed: true, modifierNumLock: true }), {}))"""
    )
    assert scope.labels[cell].endswith("corner marks 7")
    scope.at_loop(2)


def test_undo_crosses_board_sizes(scope: Scope) -> None:
    """From a 4×4 board back to the 9×9 one with its digits, pencil marks and checkpoint, and on again."""
    scope.open(checkpoint="sudoku9-looped", loops=2)
    cell = BLANK[0]
    edited = put(EASY, cell, SOLUTION[cell])
    scope.choose(BLANK[1])
    scope.press("Shift+8")
    scope.choose(cell)
    scope.asking(lambda: scope.press(SOLUTION[cell]))
    scope.asking(lambda: scope.pick("Board", "4×4 Gentle"))
    scope.wait_for_entry(GENTLE4)
    assert scope.query["checkpoint"] == "sudoku4-looped"
    scope.asking(lambda: scope.press("Control+z"))
    scope.wait_for_entry(edited)
    assert scope.query["checkpoint"] == "sudoku9-looped"
    assert scope.labels[BLANK[1]].endswith("corner marks 8")
    scope.asking(lambda: scope.press("Control+y"))
    scope.wait_for_entry(GENTLE4)
    assert scope.query["checkpoint"] == "sudoku4-looped"
    assert not [label for label in scope.labels if "marks" in label]
    scope.asking(lambda: scope.press("Control+z"))
    scope.press("Control+z")
    scope.wait_for_entry(EASY)
    scope.press("Control+z")
    assert not [label for label in scope.labels if "marks" in label]
    expect(scope.button("Undo (Ctrl+Z)")).to_be_disabled()


def test_key_pad_of_a_phone_writes_what_was_chosen(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """On a touch screen: digits, corner marks or centre marks, whichever is pressed; no text field gets the focus."""
    phone = new_scope(
        address, new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    ).open(loops=2)
    cell = BLANK[0]
    phone.cell(cell).tap()
    assert phone.page.evaluate("document.activeElement.matches('[role=gridcell]')")  # no keyboard slides in
    pad = phone.page.get_by_role("group", name="Enter a digit")
    quiet = len(phone.frames)
    for kind, key, words in (
        ("Corner marks", "Corner mark 2", ", corner marks 2"),
        ("Centre marks", "Centre mark 6", ", corner marks 2, centre marks 6"),
    ):
        pad.get_by_role("button", name=kind).tap()
        expect(pad.get_by_role("button", pressed=True)).to_have_text(kind)
        pad.get_by_role("button", name=key).tap()
        assert phone.labels[cell].endswith(words)
    assert phone.frames[quiet:] == []
    hold = phone.page.get_by_test_id("hold")
    expect(hold).to_contain_text("Tap it again to let go")
    phone.cell(cell).tap()
    expect(hold).to_contain_text("A tap holds a cell")
    for place in (BLANK[-1], cell):  # elsewhere first: two taps on one cell are a double click
        phone.cell(place).tap()
        expect(hold).to_contain_text("Held: ")
    assert phone.selected == [cell]
    pad.get_by_role("button", name="Digits").tap()
    phone.asking(lambda: pad.get_by_role("button", name=f"Enter {SOLUTION[cell]}").tap())
    phone.wait_for_entry(put(EASY, cell, SOLUTION[cell]))
