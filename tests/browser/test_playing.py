"""The loop clock: a range that is played round and round, keys that work anywhere, long runs, and what moves only for
those who like it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hands import EASY
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext

# The loops that the clock goes through, from the next on, until there are so many of them.
WATCH = """(count) => new Promise((done) => {
  const clock = document.querySelector("[data-testid=loop-clock]"), seen = [];
  new MutationObserver((changes, observer) => {
    seen.push(Number(clock.dataset.loop));
    if (seen.length >= count) { observer.disconnect(); done(seen); }
  }).observe(clock, { attributeFilter: ["data-loop"] });
})"""


def watch(scope: Scope, count: int, play: bool = True) -> list[int]:
    """The next loops of a clock that plays."""
    if play:
        scope.page.get_by_test_id("play").click()
    seen: list[int] = scope.page.evaluate(WATCH, count)
    return seen


def round_and_round(seen: list[int], first: int, last: int) -> bool:
    """Every loop is followed by the next, the last one by the first."""
    return all(now == (first if before == last else before + 1) for before, now in pairwise(seen))


def at(scope: Scope, loop: int, *keys: str) -> None:
    """Take the clock there, then press keys with the focus nowhere."""
    scope.slider.fill(str(loop))
    scope.leave_fields()
    scope.press(*keys)


# ─── ranges ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_range_by_keys_and_buttons(scope: Scope) -> None:
    """[ and ] set the ends at the present loop, \\ clears; a band on the track, a button and the address show it;
    the server hears nothing."""
    scope.open(loops=12)
    band, clear = scope.clock.locator(".ls-band"), scope.page.get_by_test_id("range-clear")
    expect(band).to_be_hidden()
    expect(clear).to_be_hidden()
    quiet = len(scope.frames)
    at(scope, 4, "[")
    scope.wait_for_query(range="4-12")
    at(scope, 9, "]")
    expect(clear).to_have_text("4–9 ✕")
    scope.wait_for_query(range="4-9", loop=9)
    box, track = band.bounding_box(), scope.slider.bounding_box()
    assert box
    assert track
    inner = track["width"] - 16  # the middle of the thumb goes from 8 to width - 8
    for edge, loop in ((box["x"], 4), (box["x"] + box["width"], 9)):
        assert abs((edge - track["x"] - 8) / inner - loop / 12) < 0.02
    scope.button("First (Home)").click()
    scope.at_loop(4)
    scope.button("Last (End)").click()
    scope.at_loop(9)
    scope.leave_fields()
    scope.press("Home")
    scope.at_loop(4)
    scope.press("End")
    scope.at_loop(9)
    scope.press("\\")
    expect(band).to_be_hidden()
    scope.wait_for_query(range=None)
    scope.press("End")
    scope.at_loop(12)
    for loop, button in ((3, "range-from"), (5, "range-to")):
        scope.slider.fill(str(loop))
        scope.page.get_by_test_id(button).click()
    scope.wait_for_query(range="3-5")
    clear.click()
    scope.wait_for_query(range=None)
    assert scope.frames[quiet:] == []


KEYBOARDS: dict[str, dict[str, Any]] = {
    "Windows": {"code": "Digit8", "ctrlKey": True, "altKey": True, "modifierAltGraph": True},
    "Linux": {"code": "Digit8", "modifierAltGraph": True},
    "Mac": {"code": "Digit5", "altKey": True},
}


def test_range_on_keyboards_that_write_brackets_with_altgr(scope: Scope) -> None:
    """On German, French and other keyboards [ is AltGr and a digit:
    the range begins, on the board too, and no digit is written."""
    scope.open(loops=8, loop=3)
    press = """(cell, [key, state]) => {
      const options = { key, ...state, bubbles: true, composed: true, cancelable: true };
      cell.dispatchEvent(new KeyboardEvent("keydown", options)); }"""
    scope.choose(0)
    labels = scope.labels
    for keyboard, state in KEYBOARDS.items():
        scope.cell(0).evaluate(press, ["[", state])
        scope.wait_for_query(range="3-8")
        assert scope.labels == labels, keyboard
        scope.cell(0).evaluate(press, ["\\", state])
        scope.wait_for_query(range=None)


def test_range_plays_round_and_round(scope: Scope) -> None:
    """Playing jumps into the range and goes round in it until it is stopped."""
    scope.open(loops=20, loop=20, range="5-8")
    scope.pick("Speed", "16")
    seen = watch(scope, 14)
    assert set(seen) == {5, 6, 7, 8}
    assert round_and_round(seen, 5, 8)
    scope.page.get_by_test_id("play").click()
    scope.wait_for_query(loop=scope.loop, range="5-8")


def test_range_may_change_while_it_is_played(scope: Scope) -> None:
    """Ends that are set on the way count from then on; without a range the clock goes on to the end and stops."""
    scope.open(loops=40, loop=1)
    scope.pick("Speed", "4")  # ten seconds, so that no key comes too late
    scope.leave_fields()
    scope.page.get_by_test_id("play").click()
    scope.page.wait_for_function("document.querySelector('[data-testid=loop-clock]').dataset.loop > 3")
    scope.press("[")
    scope.page.wait_for_function("document.querySelector('[data-testid=loop-clock]').dataset.loop > 6")
    scope.press("]")
    scope.painted()
    first, last = (
        int(end) for end in scope.page.get_by_test_id("range-clear").inner_text().removesuffix(" ✕").split("–")
    )
    assert 4 <= first < last < 40
    seen = watch(scope, 2 * (last - first + 1) + 2, play=False)
    assert set(seen) == set(range(first, last + 1))
    assert round_and_round(seen, first, last)
    scope.pick("Speed", "16")
    scope.leave_fields()
    scope.press("\\")
    scope.at_loop(40)
    scope.wait_for_query(loop=40, range=None)


def test_one_end_of_a_range_beyond_the_other_begins_a_new_one(scope: Scope) -> None:
    """] before the start: from the first loop to here; [ behind the end: from here to the last;
    a range of one loop is none."""
    scope.open(loops=12, range="5-8")
    at(scope, 3, "]")
    scope.wait_for_query(range="0-3")
    at(scope, 7, "[")
    scope.wait_for_query(range="7-12")
    at(scope, 0, "[")
    scope.wait_for_query(range=None)  # all of it


def test_range_ends_with_the_loops(scope: Scope) -> None:
    """With fewer loops than the range needs there is none; with enough of them it stays."""
    scope.open(loops=12, range="5-8")
    field = scope.page.get_by_role("spinbutton", name="Loops")
    for loops, wanted in (("9", "5-8"), ("6", None)):
        field.fill(loops)
        scope.asking(lambda: field.press("Enter"))
        scope.wait_for_query(loops=loops, range=wanted)


def test_page_keys_step_from_anywhere(scope: Scope) -> None:
    """Page Down and Page Up, as a presenter's remote sends them: on the board, on a button, with the focus nowhere."""
    scope.open(loops=5, loop=2)
    scope.choose(40)
    scope.press("PageDown")
    scope.at_loop(3)
    assert scope.chosen == 40
    scope.page.get_by_test_id("paste").focus()
    scope.press("PageDown")
    scope.at_loop(4)
    scope.leave_fields()
    scope.press("PageUp", "PageUp")
    scope.at_loop(2)


# ─── long runs ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_256_loops_load_and_step(scope: Scope) -> None:
    """As many loops as may be asked for, of a 9×9 board: every loop is there, and stepping is as quiet as ever."""
    scope.open(checkpoint="sudoku9-tmlt", loops=256)
    scope.at_loop(256)
    quiet = len(scope.frames)
    at(scope, 128, "ArrowRight")
    scope.at_loop(129)
    pictures = scope.pixels()
    scope.press("ArrowRight")
    scope.at_loop(130)
    now = scope.pixels()
    # Model and logic ends at the last loop in which an answer changed.
    assert [name for name in pictures if pictures[name] == now[name]] in ([], ["order"])
    scope.press("End")
    scope.at_loop(256)
    scope.press("Home", "ArrowRight")
    scope.at_loop(1)
    assert scope.frames[quiet:] == []
    assert scope.entry == EASY


# ─── motion ──────────────────────────────────────────────────────────────────────────────────────────────────────

FADES = """() => {
  window.faded = 0;
  const microscope = document.querySelector("[data-testid=microscope]");
  new MutationObserver(() => { window.faded += 1; }).observe(microscope, { attributeFilter: ["data-fading"] });
}"""


def test_changed_answers_come_up_softly_and_end_as_they_are(scope: Scope) -> None:
    """A single step fades the board in; what it then shows is what a jump to this loop shows."""
    scope.open(loops=4, loop=1)
    scope.page.evaluate(FADES)
    at(scope, 1, "ArrowRight")
    scope.at_loop(2)
    stepped = scope.pixels("board")
    assert scope.page.evaluate("window.faded") >= 2  # began and ended
    scope.press("End", "ArrowLeft", "ArrowLeft")
    assert scope.pixels("board") == stepped


def test_nothing_moves_for_those_who_asked_for_that(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """Reduced motion: no fading; the clock, its play button and every panel work as ever."""
    still = new_scope(address, new_context(reduced_motion="reduce")).open(loops=6, loop=1)
    still.page.evaluate(FADES)
    at(still, 1, "ArrowRight")
    still.at_loop(2)
    assert still.page.evaluate("window.faded") == 0
    still.pick("Speed", "4")
    still.page.get_by_test_id("play").click()
    still.at_loop(6)
    assert still.page.evaluate("window.faded") == 0
