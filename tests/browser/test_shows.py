"""What the board can show in its blanks: the answer, candidates, settling, attention, the solution, the other model's
answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hands import EASY, HARD
from library import run
from playwright.sync_api import expect

from looped.catalogue import checkpoints
from looped.lenses.readout import readout
from looped.runs.variants import variants
from looped.tasks.sudoku.examples import EXAMPLES
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope

A, B = "sudoku9-tmlt", "sudoku9-looped"
LOOPS, LOOP = 8, 3
BLANK = [index for index, digit in enumerate(HARD) if digit == "."]
STROKE = (
    0.71,
    0.18,
    0.82,
    0.29,
)  # the upper end of the line that strikes an answer through; no digit and no wave reaches there


def opened(scope: Scope, **query: object) -> Scope:
    return scope.open(**{"puzzle": HARD, "checkpoint": A, "loops": LOOPS, "loop": LOOP, "cell": BLANK[0], **query})


def changed(before: list[int], after: list[int]) -> list[int]:
    return [index for index in range(81) if before[index] != after[index]]


def test_candidates(scope: Scope) -> None:
    """Every blank gets the digits that are at least 1 % probable: more of them where the model is unsure.
    Givens stay as they are."""
    opened(scope)
    answers = scope.board_pixels()
    scope.pick("Show on the board", "candidates")
    scope.wait_for_query(show="candidates")
    candidates = scope.board_pixels()
    assert changed(answers, candidates) == BLANK
    scope.slider.fill(str(LOOPS))
    scope.at_loop(LOOPS)
    assert changed(candidates, scope.board_pixels())
    probabilities = run(A, HARD, LOOPS).trace.probabilities[LOOP - 1]
    scope.slider.fill(str(LOOP))
    scope.at_loop(LOOP)
    third = {"1": (0.02, 0.02, 0.32, 0.32), "5": (0.35, 0.35, 0.65, 0.65), "9": (0.68, 0.68, 0.98, 0.98)}
    drawn = {digit: ink(scope, part) for digit, part in third.items()}
    for digit, part in drawn.items():
        p = probabilities[:, int(digit)]
        likely, unlikely = (
            [cell for cell in BLANK[1:] if holds[cell]] for holds in (p > 0.02, p < 0.005)
        )  # the first has the ring
        assert likely
        assert unlikely
        assert set(likely) <= set(part), digit  # each digit in its own place
        assert not set(unlikely) & set(part), digit
    scope.pick("Show on the board", "answer")
    assert scope.board_pixels() == answers
    scope.wait_for_query(show=None)


def ink(scope: Scope, part: tuple[float, float, float, float]) -> list[int]:
    """The cells with anything drawn in this part of them that is not their ground."""
    scope.painted()
    found: list[int] = scope.page.evaluate(
        """([left, top, right, bottom]) => {
          const canvas = document.querySelector("[data-panel=board] canvas");
          const pen = canvas.getContext("2d"), step = canvas.width / 9;
          return Array.from({ length: 81 }, (_, i) => {
            const x = (i % 9 + left) * step + 4, y = (Math.floor(i / 9) + top) * step + 4;
            const { data } = pen.getImageData(x, y, (right - left) * step - 8, (bottom - top) * step - 8);
            const shades = new Set();
            for (let k = 0; k < data.length; k += 4) shades.add(data.slice(k, k + 4).join());
            return shades.size > 1 ? i : -1;
          }).filter((i) => i >= 0);
        }""",
        list(part),
    )
    return found


def test_settle_loop(scope: Scope) -> None:
    """The loop after which each answer never changed again: the later the darker its cell, and a sentence explains the
    small numbers."""
    opened(scope)
    answers, plain = scope.board_pixels(), scope.says("board")
    scope.pick("Show on the board", "settle")
    assert changed(answers, scope.board_pixels()) == BLANK
    numbers = (
        "Small numbers: the loop after which the answer never changed; –: not settled, for it still changed in the "
        "last quarter of the run, at least its last four loops."
    )
    assert scope.says("board") == f"{plain} {numbers}"
    settled = readout(run(A, HARD, LOOPS).trace.logits).settled
    shade = scope.page.evaluate(  # how opaque the ground of each cell is, away from what is written on it
        """() => {
          const canvas = document.querySelector("[data-panel=board] canvas");
          const pen = canvas.getContext("2d"), step = canvas.width / 9;
          const opacity = (x, y) => pen.getImageData(x * step, y * step, 1, 1).data[3];
          return Array.from({ length: 81 }, (_, i) => opacity(i % 9 + 0.12, Math.floor(i / 9) + 0.9));
        }"""
    )
    cells = BLANK[1:]  # the first has the ring
    assert len({settled[cell] for cell in cells}) > 2
    for one in cells:
        for other in cells:
            if settled[one] < settled[other]:
                assert shade[one] < shade[other]


def test_attention(scope: Scope) -> None:
    """Where the chosen cell looks, on the board itself: another cell, head or loop looks elsewhere;
    givens are tinted, too."""
    opened(scope)
    answers = scope.board_pixels()
    scope.pick("Show on the board", "attention")
    here = scope.board_pixels()
    assert {index for index, digit in enumerate(HARD) if digit != "."} & set(changed(answers, here))
    scope.pick("Attention head", "1")
    head = scope.board_pixels()
    assert changed(here, head)
    scope.choose(BLANK[10])
    assert changed(head, scope.board_pixels())
    weights = run(A, HARD, LOOPS).trace.attention[LOOP - 1, 0, 1, BLANK[10]]
    opaque = scope.page.evaluate(
        """() => {
          const canvas = document.querySelector("[data-panel=board] canvas");
          const pen = canvas.getContext("2d"), step = canvas.width / 9;
          const opacity = (x, y) => pen.getImageData(x * step, y * step, 1, 1).data[3];
          return Array.from({ length: 81 }, (_, i) => opacity(i % 9 + 0.1, Math.floor(i / 9) + 0.5));
        }"""
    )
    cells = [cell for cell in BLANK if cell != BLANK[10]]  # which has the ring; the givens have a ground of their own
    np.testing.assert_allclose(np.array(opaque)[cells], 255 * 0.6 * np.sqrt(weights[cells] / weights.max()), atol=4)


def test_check_answer(scope: Scope) -> None:
    """Answers that differ from the solution are struck through, as many as the sentence says and the library finds."""
    opened(scope)
    assert scope.cells_with("wrong", STROKE) == []
    scope.pick("Show on the board", "solution")
    scope.wait_for_query(show="solution")
    found = run(A, HARD, LOOPS)
    solution = parse(HARD).solution
    for loop in (1, LOOP):
        scope.slider.fill(str(loop))
        scope.at_loop(loop)
        wrong = list(np.flatnonzero(found.digits[loop - 1] != solution))
        assert len(wrong) > 1
        assert scope.says("board").endswith(
            f" {len(wrong)} cells differ from the solution; it is written in the corner."
        )
        assert scope.cells_with("wrong", STROKE) == wrong
    scope.asking(lambda: scope.clipboard("paste", EASY))
    scope.page.get_by_role("spinbutton", name="Loops").fill("32")
    scope.asking(lambda: scope.page.get_by_role("spinbutton", name="Loops").press("Enter"))
    scope.slider.fill("32")
    scope.at_loop(32)
    assert run(A, EASY, 32).right[-1]
    assert scope.says("board").endswith(" No cell differs from the solution.")
    assert scope.cells_with("wrong") == []


def overthinking() -> tuple[str, str, int, int]:
    """A model and a board of 4×4, the first loop at which it is right, and the loop in which it loses that again and is
    not right any more."""
    for name in (name for name in checkpoints.names() if name.startswith("sudoku4-")):
        for kind in ("", "~hardmax", "~shuffled"):
            if kind and kind[1:] not in variants(checkpoints.load_checkpoint(name).model):
                continue
            for _, board in EXAMPLES[4]:
                right = run(name + kind, board, 24).right
                for loop in range(1, 24):
                    if right[loop - 1] and not right[loop]:
                        return name + kind, board, int(right.argmax()) + 1, loop + 1
    raise AssertionError("no model loses a right board: look for other boards")


def test_a_right_board_that_is_lost_again_is_called_overthinking(scope: Scope) -> None:
    """From the loop in which it is lost the sentence says so, and the clock has a mark there;
    while it is right it does not."""
    name, board, first, lost = overthinking()
    scope.open(puzzle=board, checkpoint=name, loops=lost)
    words = f"It was right at loop {first} and lost it in loop {lost}: overthinking."
    assert words in scope.says("board")
    assert "lost" in str(scope.clock.locator(f".ls-mark[title$=': loop {lost}']").get_attribute("title")).partition(
        ":"
    )[0].split(", ")
    scope.slider.fill(str(lost - 1))
    scope.at_loop(lost - 1)
    assert scope.says("board").startswith("Solved")
    assert "overthinking" not in scope.says("board")


def test_an_answer_that_changes_in_the_last_loop_has_not_settled(scope: Scope) -> None:
    """The words about the chosen cell do not say that it settles there: nobody knows what the next loop would bring."""
    found = readout(run(A, HARD, LOOPS).trace.logits)
    changed = found.changed
    restless, calm = (
        int(cell)
        for cell in (
            np.flatnonzero(changed[-1] & (parse(HARD).givens == 0))[0],
            np.flatnonzero(~changed.any(0) & (parse(HARD).givens == 0))[0],
        )
    )
    opened(scope, loop=LOOPS, cell=restless)
    assert scope.says("readout").endswith(f"it is not settled: it last changed in loop {LOOPS} of {LOOPS}.")
    assert f"in the model it is not settled: it last changed in loop {LOOPS} of {LOOPS}." in scope.says("order")
    expect(scope.clock.locator(".ls-mark-cell")).to_have_count(0)
    scope.choose(calm)
    assert scope.says("readout").endswith("The answer has not changed.")
    assert "in the model it settles at loop 1." in scope.says("order")
    assert "this cell settled" in str(
        scope.clock.locator(".ls-mark[title$=': loop 1']").get_attribute("title")
    ).partition(":")[0].split(", ")


def test_there_may_be_no_solution_to_check_against(scope: Scope) -> None:
    scope.open(puzzle="." * 80 + "1", checkpoint=A, loops=2, show="solution")
    assert scope.says("board").endswith(" There is no single solution to compare with.")
    assert scope.cells_with("wrong", STROKE) == []


def test_a_against_b(scope: Scope) -> None:
    """Both answers where the two models differ, on both boards the same; the others faint.
    Without a second run it is not offered."""
    opened(scope, versus=B, show="versus")
    a, b = (run(name, HARD, LOOPS).digits[LOOP - 1] for name in (A, B))
    differ = list(np.flatnonzero(a != b))
    assert differ
    for board in (0, 1):
        assert scope.cells_with("wrong", (0.15, 0.25, 0.85, 0.75), run=board) == differ
    first, second = (scope.board_pixels(board) for board in (0, 1))
    clear = [cell for cell in BLANK if cell != BLANK[0]]  # the first has the ring
    assert [cell for cell in differ if cell in clear and first[cell] != second[cell] and not moved(scope, cell)] == []
    scope.asking(lambda: scope.pick("Compare with", ""))
    expect(scope.list("Show on the board")).to_have_value("answer")
    expect(scope.list("Show on the board").locator("option")).to_have_count(5)
    scope.wait_for_query(versus=None, show=None)


def moved(scope: Scope, cell: int) -> bool:
    """Whether one of the two boards marks the cell as changed in this loop, which tints it."""
    return any("changed in this loop" in scope.labels_of(board)[cell] for board in (0, 1))
