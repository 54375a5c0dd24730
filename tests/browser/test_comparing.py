"""Two runs on one clock: two checkpoints, or a checkpoint beside a variant of itself, on the same board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hands import CANVASES, EASY, GENTLE4, HARD, MEDIUM, PANELS, put
from library import Run, run
from playwright.sync_api import expect

from looped.catalogue import checkpoints
from looped.places import ROOT
from looped.runs.variants import variants
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope

A, B = "sudoku9-tmlt", "sudoku9-looped"
LOOPS = 24
MINIMAL = [
    line
    for line in (ROOT / "assets" / "sudoku9-minimal.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def outcome(letter: str, label: str, run: Run) -> str:
    """In words, what became of a run."""
    if run.first_right:
        came = "is right from the first loop" if run.first_right == 1 else f"is right from loop {run.first_right}"
    elif run.right.any():
        came = f"was right at loop {int(np.flatnonzero(run.right)[0]) + 1} and lost it"
    else:
        came = "is not right at the end"
    if run.settled == len(run.digits) > 1:
        return f"{letter}: {label} {came}; it still changes in loop {run.settled}, its last"
    return f"{letter}: {label} {came}" + (f"; its last change is at loop {run.settled}" if run.settled > 1 else "")


def verdict(a: Run, b: Run, loop: int) -> str:
    differ = (a.digits != b.digits).sum(1)
    first = int(np.flatnonzero(differ)[0]) + 1 if differ.any() else None
    now = int(differ[loop - 1]) if loop else 0
    words = "1 answer differs" if now == 1 else f"{now} answers differ" if now else "no answer differs"
    again = int(np.flatnonzero(differ)[-1]) + 2 if first and not differ[-1] else None
    now_words = f"; now {words}" if loop else ""  # before the first loop nothing is answered
    both = (
        f"They first disagree at loop {first}{now_words}{f'; from loop {again} on they agree' if again else ''}."
        if first
        else "They never disagree."
    )
    return f"{outcome('A', A, a)}. {outcome('B', B, b)}. {both}"


def telling() -> list[str]:
    """Boards on which the two models do not do alike: one of each way in which they end, come and go."""
    found: dict[tuple[bool | int, ...], str] = {}
    for board in (HARD, *MINIMAL[:30]):
        pair = [run(name, board, LOOPS) for name in (A, B)]
        kind = [(bool(one.right[-1]), min(2, int(np.diff(one.right.astype(int)).astype(bool).sum()))) for one in pair]
        found.setdefault(tuple(part for both in kind for part in both), board)
    return list(found.values())[:5]


def test_verdict_is_what_the_library_computes(scope: Scope) -> None:
    """Which model is right from where on, its last change, the first loop of disagreement and how many answers differ
    now, for boards of several kinds."""
    boards = telling()
    assert len(boards) > 1
    scope.open(puzzle=boards[0], checkpoint=A, versus=B, loops=LOOPS)
    words = scope.page.get_by_test_id("verdict")
    for board in boards:
        a, b = (run(name, board, LOOPS) for name in (A, B))
        differ = (a.digits != b.digits).sum(1)
        assert differ.any()
        if board != boards[0]:
            scope.asking(lambda board=board: scope.clipboard("paste", board))
            scope.wait_for_entry(board)
        for loop in (LOOPS, 0, int(differ.argmax()) + 1, 5):
            scope.slider.fill(str(loop))
            scope.at_loop(loop)
            expect(words, board).to_have_text(verdict(a, b, loop), use_inner_text=True)
            assert scope.cells_with("wrong", (0.02, 0.02, 0.26, 0.32)) == (
                list(np.flatnonzero(a.digits[loop - 1] != b.digits[loop - 1])) if loop else []
            )


@pytest.mark.parametrize(
    "standard",
    [
        name
        for name in checkpoints.names()
        if name.startswith("sudoku9") and checkpoints.load_checkpoint(name).config.architecture == "standard"
    ],
)
def test_a_standard_transformer_stays_at_its_end(scope: Scope, standard: str) -> None:
    """It has as many loops as layers; the loop beside it goes on, and the comparison is with its last answer."""
    a, b = run(standard, MEDIUM, LOOPS), run(B, MEDIUM, LOOPS)
    layers = len(a.digits)
    assert layers < LOOPS
    scope.open(puzzle=MEDIUM, checkpoint=B, versus=standard, loops=LOOPS, loop=layers)
    ended = scope.pixels("board", "attention", run=1)
    for loop in (layers, layers + 2, LOOPS):
        scope.slider.fill(str(loop))
        scope.at_loop(loop)
        wanted = a.digits[min(loop, layers) - 1]
        assert [label.partition("says ")[2][:1] for label in scope.labels_of(1)] == [
            str(digit) if MEDIUM[cell] == "." else "" for cell, digit in enumerate(wanted)
        ]
        differ = int((b.digits[loop - 1] != wanted).sum())
        if differ:
            expect(scope.page.get_by_test_id("verdict")).to_contain_text(f"now {differ} answer")
    assert scope.pixels("attention", run=1)["attention"] == ended["attention"]
    scope.open(puzzle=MEDIUM, checkpoint=standard, loops=layers)
    scope.at_loop(layers)
    scope.page.get_by_role("spinbutton", name="Layers").fill(str(layers + 1))
    scope.page.get_by_role("spinbutton", name="Layers").press("Enter")
    expect(scope.message).to_contain_text(f"from 1 to {layers}")


def test_two_boards_and_two_parts_of_every_panel(scope: Scope) -> None:
    """Each with the name of its model above it and its own sentence below;
    a screen reader hears where the other differs."""
    scope.open(puzzle=MEDIUM, checkpoint=A, versus=B, loops=3)
    assert scope.panels == list(PANELS)
    expect(scope.page.get_by_role("grid")).to_have_count(2)
    for name in PANELS:
        captions = scope.panel(name).locator(".ls-caption")
        expect(captions, name).to_have_text([f"A: {A}", f"B: {B}"])
        expect(scope.panel(name).locator("canvas")).to_have_count(2)
    expect(scope.canvas("timestep", 0)).to_be_visible()
    expect(scope.canvas("timestep", 1)).to_be_hidden()  # a looped model has no scales, and its part says so
    expect(
        scope.panel("timestep").get_by_text("This checkpoint has no timestep encoding").filter(visible=True)
    ).to_have_count(1)
    for name in set(CANVASES) - {"timestep"}:
        assert scope.pixels(name) != scope.pixels(name, run=1), name
    a, b = run(A, MEDIUM, 3), run(B, MEDIUM, 3)
    for own, other, letter, labels in ((a, b, "B", scope.labels_of(0)), (b, a, "A", scope.labels_of(1))):
        for cell, label in enumerate(labels):
            if MEDIUM[cell] == ".":
                assert f"model says {own.digits[2, cell]} " in label
                assert (f", {letter} says {other.digits[2, cell]}" in label) == (
                    own.digits[2, cell] != other.digits[2, cell]
                )
    assert (a.digits[2] != b.digits[2]).any()
    badge = scope.page.get_by_test_id("truth-badge").inner_text()
    for name in (A, B):
        assert f"{name}, weights sha256 {checkpoints.load_checkpoint(name).sha256[:12]}" in badge


def test_both_run_on_one_clock_and_the_server_hears_nothing(scope: Scope) -> None:
    """Every step repaints both boards and both parts of every panel;
    choosing a cell on one board chooses it on the other."""
    scope.open(puzzle=MEDIUM, checkpoint=A, versus=f"{A}~hardmax", loops=8, loop=2)
    quiet = len(scope.frames)
    before = [scope.pixels(*PANELS, run=i) for i in (0, 1)]
    scope.leave_fields()
    scope.press("ArrowRight")
    scope.at_loop(3)
    for i in (0, 1):
        now = scope.pixels(*PANELS, run=i)
        assert [name for name in PANELS if now[name] == before[i][name]] == [], f"run {i}"
    scope.press("ArrowLeft")
    scope.at_loop(2)
    assert [scope.pixels(*PANELS, run=i) for i in (0, 1)] == before
    scope.cell(30, run=1).click()
    assert [scope.selected_of(i) for i in (0, 1)] == [[30], [30]]
    expect(scope.cell(30, run=1)).to_be_focused()
    scope.press("ArrowRight")
    expect(scope.cell(31, run=1)).to_be_focused()
    scope.pick("Show on the board", "versus")
    scope.pick("Speed", "16")
    scope.page.get_by_test_id("play").click()
    scope.at_loop(8)
    scope.wait_for_query(loop=8, cell=31, versus=f"{A}~hardmax", show="versus")
    assert scope.frames[quiet:] == []


def test_comparing_begins_and_ends_with_the_list(scope: Scope) -> None:
    """Choosing a second run, another, and nothing; the list offers what fits; digits go to both boards meanwhile."""
    scope.open(puzzle=MEDIUM, checkpoint=A, loops=3)
    alone = scope.pixels()
    assert scope.page.get_by_test_id("verdict").is_hidden()
    offered = (
        scope.list("Compare with").locator("option").evaluate_all("(options) => options.map((option) => option.value)")
    )
    nine = [name for name in checkpoints.names() if name.startswith("sudoku9-")]
    assert set(offered) == {"", *nine, *(f"{A}~{kind}" for kind in variants(checkpoints.load_checkpoint(A).model))} - {
        A
    }
    scope.asking(lambda: scope.pick("Compare with", B))
    scope.wait_for_query(checkpoint=A, versus=B)
    expect(scope.page.get_by_role("grid")).to_have_count(2)
    blank = MEDIUM.index(".")
    digit = str(parse(MEDIUM).solution[blank])
    scope.choose(blank)
    scope.asking(lambda: scope.press(digit))
    scope.wait_for_entry(put(MEDIUM, blank, digit))
    assert scope.labels_of(1)[blank].endswith(f"entered {digit}")
    scope.asking(lambda: scope.press("Control+z"))
    scope.wait_for_entry(MEDIUM)
    scope.asking(lambda: scope.pick("Compare with", f"{A}~frozen"))
    expect(scope.panel("attention").locator(".ls-caption").nth(1)).to_have_text(f"B: {A}, timestep frozen at 0")
    scope.asking(lambda: scope.pick("Compare with", ""))
    scope.wait_for_query(versus=None)
    expect(scope.page.get_by_role("grid")).to_have_count(1)
    expect(scope.page.get_by_test_id("verdict")).to_be_hidden()
    scope.press("Escape")
    scope.choose(0)
    assert scope.pixels() == alone


@pytest.mark.parametrize("kind", variants(checkpoints.load_checkpoint(A).model))
def test_every_variant_shows_something_else(scope: Scope, kind: str) -> None:
    """Beside its checkpoint no panel of a variant looks the same, nor does its board;
    but hardmax leaves the timestep scales alone."""
    scope.open(puzzle=MEDIUM, checkpoint=A, versus=f"{A}~{kind}", loops=6, loop=5)
    one, two = (scope.pixels(*PANELS, run=i) for i in (0, 1))
    assert [name for name in PANELS if one[name] == two[name]] == (["timestep"] if kind == "hardmax" else [])
    expect(scope.page.get_by_test_id("verdict")).not_to_contain_text("They never disagree", use_inner_text=True)


def test_a_variant_alone(scope: Scope) -> None:
    """A link may show a variant without its checkpoint; the list of checkpoints names it, and the frozen scales are
    flat."""
    scope.open(puzzle=MEDIUM, checkpoint=f"{A}~frozen", loops=4)
    expect(scope.list("Checkpoint").locator("option:checked")).to_have_text(f"{A}, timestep frozen at 0")
    expect(scope.message).to_be_empty()
    says = []
    for loop in (1, 4):
        scope.slider.fill(str(loop))
        scope.at_loop(loop)
        says.append(scope.says("timestep"))
    assert says[0] == says[1] != ""
    expect(scope.page.get_by_role("grid")).to_have_count(1)


@pytest.mark.parametrize(
    ("versus", "says"),
    [
        (A, "beside itself"),
        ("nobody", "no checkpoint called"),
    ],  # tests/pages/test_sudoku_page.py has the others
)
def test_what_cannot_be_compared_is_told(scope: Scope, versus: str, says: str) -> None:
    """A link with itself or an unknown checkpoint: one message, one board, the rest as asked."""
    scope.open(puzzle=MEDIUM, checkpoint=A, versus=versus, loops=4, loop=2, cell=7)
    expect(scope.message).to_contain_text(says)
    expect(scope.page.get_by_role("grid")).to_have_count(1)
    assert (scope.entry, scope.chosen) == (MEDIUM, 7)
    scope.at_loop(2)
    scope.wait_for_query(versus=None, checkpoint=A)


def test_choosing_the_second_run_as_checkpoint_is_told(scope: Scope) -> None:
    """A beside A is no comparison: the page says so and goes on with one board."""
    scope.open(puzzle=MEDIUM, checkpoint=A, versus=B, loops=3)
    scope.asking(lambda: scope.pick("Checkpoint", B))
    expect(scope.message).to_contain_text("beside itself")
    scope.wait_for_query(checkpoint=B, versus=None)
    expect(scope.page.get_by_role("grid")).to_have_count(1)


def test_comparing_ends_with_a_board_of_another_size(scope: Scope) -> None:
    scope.open(puzzle=MEDIUM, checkpoint=A, versus=B, loops=3)
    scope.asking(lambda: scope.pick("Board", "4×4 Gentle"))
    scope.wait_for_entry(GENTLE4)
    expect(scope.message).to_contain_text("another size")
    expect(scope.page.get_by_role("gridcell")).to_have_count(16)
    assert "versus" not in scope.query


def test_a_board_without_blanks_has_nothing_to_compare(scope: Scope) -> None:
    """Every cell given: no model is called right or wrong."""
    scope.open(puzzle="".join(map(str, parse(EASY).solution)), checkpoint=A, versus=B, loops=3)
    text = scope.page.get_by_test_id("verdict").inner_text()
    assert text == f"A: {A} had nothing to solve. B: {B} had nothing to solve. They never disagree."
    assert scope.says("board") == "Nothing to solve: every cell is given."
