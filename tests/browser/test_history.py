"""First views, the browser's history, and the address bar while the clock plays."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

import numpy as np
from hands import EASY, GENTLE4, MEDIUM, put, saved
from playwright.sync_api import expect

from looped.tasks.sudoku.rules import conflicts
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope

RANGE4 = "4......2...33..."


def test_a_newcomer_watches_the_board_being_solved_and_goes_beyond_training_on_purpose(scope: Scope) -> None:
    """The first picture is before the first loop, at the trained loops; one button goes on and back."""
    scope.open("/")
    assert (scope.loop, scope.query["loops"]) == (0, "32")
    expect(scope.message).to_contain_text("Press play")
    scope.asking(scope.page.get_by_test_id("beyond").click)
    scope.wait_for_query(loop=0, loops=64)
    expect(scope.page.locator(".ls-bar > .ls-note")).to_have_attribute("title", re.compile("beyond"))
    expect(scope.page.get_by_test_id("beyond")).to_have_text("as trained")
    scope.asking(scope.page.get_by_test_id("beyond").click)
    expect(scope.page.get_by_role("spinbutton", name="Loops")).to_have_value("32")


def test_another_checkpoint_opens_at_its_own_trained_loops(scope: Scope) -> None:
    scope.open("/")
    loops = scope.page.get_by_role("spinbutton", name="Loops")
    for name, trained in (("sudoku4-tmlt", "8"), ("sudoku6-tmlt", "16"), ("sudoku9-tmlt", "32")):
        scope.asking(lambda name=name: scope.pick("Checkpoint", name))
        expect(loops).to_have_value(trained)
    scope.page.goto(scope.address + "/sequences")
    scope.ready()
    assert (scope.query["checkpoint"], scope.query["loops"], scope.loop) == ("lcs12-tmlt-unlike", "24", 0)


def ask_for_loops(scope: Scope, loops: str) -> None:
    field = scope.page.get_by_role("spinbutton", name="Loops")
    field.fill(loops)
    field.press("Enter")


def test_back_goes_through_inputs_checkpoints_comparisons_and_loops(scope: Scope) -> None:
    """What was run before comes back whole, with its loop and cell; clock and cell alone make no entries."""
    scope.open("/", puzzle=EASY, loops=4, loop=3)
    before = scope.page.evaluate("history.length")
    scope.choose(2)
    scope.press("PageUp")
    scope.wait_for_query(loop=2, cell=2)
    steps: list[tuple[dict[str, str], Callable[[], object]]] = [
        ({"puzzle": MEDIUM}, lambda: scope.pick("Board", "9×9 Medium")),
        ({"checkpoint": "sudoku9-looped"}, lambda: scope.pick("Checkpoint", "sudoku9-looped")),
        ({"versus": "sudoku9-tmlt"}, lambda: scope.pick("Compare with", "sudoku9-tmlt")),
        ({"loops": "6"}, lambda: ask_for_loops(scope, "6")),
        ({"puzzle": GENTLE4}, lambda: scope.pick("Board", "4×4 Gentle")),
    ]
    views = []  # the address before each step
    for wanted, act in steps:
        query = parse_qs(urlparse(scope.page.url).query)
        views.append({key: query.get(key, [None])[0] for key in ("puzzle", "checkpoint", "versus", "loops")})
        scope.asking(act)
        scope.wait_for_query(**wanted)
    assert len({view["loops"] for view in views}) > 1
    assert scope.page.evaluate("history.length") == before + len(steps)
    for view in reversed(views):
        scope.asking(scope.page.go_back)
        scope.wait_for_query(**view)
    assert (scope.entry, scope.loop, scope.chosen) == (EASY, 2, 2)
    scope.asking(scope.page.go_forward)
    scope.wait_for_query(puzzle=MEDIUM)
    assert scope.entry == MEDIUM


def test_another_board_has_a_blank_chosen(scope: Scope) -> None:
    """Questions are asked of blanks; a cell that is blank in both boards stays chosen."""
    scope.open("/", puzzle=EASY, loops=2, cell=0)
    (given,) = [cell for cell in range(81) if EASY[cell] == "." and MEDIUM[cell] != "."][:1]
    scope.choose(given)
    scope.asking(lambda: scope.pick("Board", "9×9 Medium"))
    assert MEDIUM[scope.chosen] == "."
    (both,) = [cell for cell in range(81) if EASY[cell] == MEDIUM[cell] == "."][-1:]
    scope.choose(both)
    scope.asking(lambda: scope.pick("Board", "9×9 Easy"))
    assert scope.chosen == both


def test_the_address_is_the_board_while_the_clock_plays(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    """An edit in the middle of playing is in the address, in the link to export, and there after a reload."""
    scope.open("/", checkpoint="sudoku4-tmlt", puzzle=RANGE4, loops=16, range="3-8")
    scope.clock.get_by_role("combobox", name="Speed").select_option("16")
    scope.page.get_by_test_id("play").click()
    scope.cell(1).click()
    scope.press(str(parse(RANGE4).solution[1]))
    edited = put(RANGE4, 1, str(parse(RANGE4).solution[1]))
    scope.wait_for_query(puzzle=edited)
    expect(scope.page.get_by_test_id("play").locator("path")).to_have_attribute("d", re.compile("^M3 2h4"))  # it plays
    scope.summary("Share").click()
    link = scope.page.get_by_test_id("export-view").get_attribute("href") or ""
    assert f"puzzle={edited}" in link
    scope.page.reload()
    scope.ready()
    assert scope.entry == edited
    other = new_scope(scope.address)
    other.page.goto(f"{scope.address}/?{link.partition('?')[2]}")
    assert other.ready().entry == edited


def test_a_link_to_a_view_that_is_pasted_opens_it(scope: Scope) -> None:
    """Of this page at once, of another page there; whatever server it was copied from."""
    scope.open("/", puzzle=EASY, loops=2)
    link = (
        f"https://example.org/sudoku/?v=1&puzzle={GENTLE4}&checkpoint=sudoku4-tmlt&loops=5&loop=3&cell=1&panels=fixed"
    )
    scope.asking(lambda: scope.clipboard("paste", link))
    scope.wait_for_query(checkpoint="sudoku4-tmlt", loops=5, loop=3, cell=1, panels="fixed")
    assert (scope.entry, scope.panels) == (GENTLE4, ["board", "fixed"])
    scope.asking(scope.page.go_back)
    assert scope.entry == EASY
    scope.page.get_by_test_id("paste").click()
    there = "https://example.org/sequences?v=1&puzzle=cat+dog&checkpoint=lcs12-tmlt&loops=5&loop=3"
    scope.page.get_by_test_id("board-text").fill(there)
    scope.button("Use this board").click()
    scope.page.wait_for_url("**/sequences?**")
    scope.ready()
    assert (scope.query["puzzle"], scope.query["loop"]) == ("cat dog", "3")


def test_clues_are_locked_and_entries_told_from_them(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    """Typing over a clue says how to unlock it; entries are thin, and a link keeps which is which."""
    scope.open("/", puzzle=EASY, loops=2, loop=0)
    clue = EASY.index("6")
    blank, wrong = next(
        (cell, digit)
        for cell in range(81)
        for digit in "123456789"
        if EASY[cell] == "." and int(digit) != parse(EASY).solution[cell] and not clashes(put(EASY, cell, digit))
    )
    assert "The puzzle has one solution." in scope.says("board")
    scope.choose(clue)
    scope.press("1")
    expect(scope.message).to_contain_text("Unlock clues")
    assert scope.entry == EASY
    entered = str(parse(EASY).solution[blank])
    scope.choose(blank)
    scope.asking(lambda: scope.press(entered))
    scope.wait_for_query(puzzle=put(EASY, blank, entered), entered=blank)
    assert "1 entry of yours" in scope.says("board")
    assert "your entries agree with it" in scope.says("board")
    other = new_scope(scope.address)
    other.page.goto(scope.page.url)
    assert f"entered {entered}" in other.ready().labels[blank]
    assert f"given {EASY[clue]}" in other.labels[clue]
    scope.press(wrong)
    expect(scope.message).to_have_text(re.compile("one solution, but with your entries none is left"))
    scope.asking(lambda: scope.press("Backspace"))
    assert scope.entry == EASY
    scope.button("Unlock clues").click()
    scope.choose(clue)
    scope.asking(lambda: scope.press("Delete"))
    assert scope.entry == put(EASY, clue, ".")


def clashes(board: str) -> bool:
    return bool(conflicts(np.array([int(sign) if sign != "." else 0 for sign in board]), 9).any())


def test_a_pasted_board_with_a_clash_is_drawn_and_any_other_text_keeps_the_dialog(scope: Scope) -> None:
    scope.open("/", puzzle=EASY, loops=2)
    clash = "66" + EASY[2:]
    scope.page.get_by_test_id("paste").click()
    area = scope.page.get_by_test_id("board-text")
    area.fill("https://example.org/today")
    scope.button("Use this board").click()
    expect(scope.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("This is a link to example.org")
    area.fill(clash)
    scope.button("Use this board").click()
    expect(scope.page.get_by_role("dialog")).to_have_count(0)
    assert scope.entry == clash
    assert scope.cells_with("wrong")[:2] == [0, 1]
    expect(scope.message).to_contain_text("row 1, column 1")


def test_undo_brings_back_a_wrong_board_of_another_size(scope: Scope) -> None:
    """The board, its complaint and the way on are those of before."""
    board = "000005000051780006049010028000000080204006007003500000000059004020000061000000700".replace("0", ".")
    scope.open("/", puzzle=board, loops=2)
    scope.choose(3)
    scope.asking(lambda: scope.press("2"))
    expect(scope.message).to_contain_text("no")
    wrong = put(board, 3, "2")
    assert scope.entry == wrong
    scope.asking(lambda: scope.clipboard("paste", GENTLE4))
    assert scope.entry == GENTLE4
    scope.asking(lambda: scope.press("Control+z"))
    assert scope.entry == wrong
    expect(scope.message).to_contain_text("with your entries none is left")
    scope.asking(lambda: scope.press("Control+z"))
    assert scope.entry == board
    expect(scope.message).to_have_text("")


def test_an_answer_of_no_digit_is_seen_and_said(scope: Scope) -> None:
    """Of an empty board sudoku9-tmlt says “blank” in the first loop: a sign on the board, a row and words."""
    scope.open("/", puzzle="." * 81, checkpoint="sudoku9-tmlt", loops=2, loop=1, panels="readout")
    assert all("model says “blank” at" in label for label in scope.labels)
    assert "81 blanks are answered “blank”, which is no digit." in scope.says("board")
    assert "Row 1, column 1: “blank” at" in scope.says("readout")
    with saved(scope, "readout", "CSV").open(encoding="utf-8") as lines:
        assert "probability of “blank” in row 1, column 1" in lines.readline()
