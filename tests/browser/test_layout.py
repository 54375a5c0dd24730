"""A figure is drawn at the size at which it is shown, whatever comes or goes around it, with one run and with two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hands import EASY

if TYPE_CHECKING:
    from conftest import Scope

# [panel, run, drawn over shown across, and down] of every canvas that is drawn at another size than it is shown.
STRETCHED = """() => [...document.querySelectorAll("[data-panel]")].flatMap((root) =>
  [...root.querySelectorAll("canvas")].flatMap((canvas, run) => {
    if (!canvas.offsetParent) return [];
    const [across, down] = [canvas.width / canvas.clientWidth, canvas.height / canvas.clientHeight]
      .map((x) => x / devicePixelRatio);
    return Math.abs(across - 1) > 0.02 || Math.abs(down - 1) > 0.02
      ? [[root.dataset.panel, run, across, down]] : []; }))"""
# Records what is stretched after each of the next frames, when everything that the frame painted is on the screen.
WATCH = f"""() => {{ window.stretched = []; let left = 12; const look = () => {{
  setTimeout(() => window.stretched.push(...({STRETCHED})()));
  if (left--) requestAnimationFrame(look); }}; requestAnimationFrame(look); }}"""
PANELS = "attention,fixed,clues,effect,flow,exits"


def watched(scope: Scope) -> list[object]:
    scope.page.wait_for_timeout(700)
    found: list[object] = scope.page.evaluate("window.stretched")
    return found


@pytest.mark.parametrize("versus", ["", "sudoku9-looped"])
def test_no_figure_is_drawn_stretched_when_a_button_row_comes_or_goes(own: Scope, versus: str) -> None:
    own.open(puzzle=EASY, panels=PANELS, loop=5, cell=0, versus=versus)
    given = own.labels.index(next(label for label in own.labels if ", given " in label))
    blank = own.labels.index(next(label for label in own.labels if ", blank" in label))
    for cell in (given, blank, given):
        own.page.evaluate(WATCH)
        own.choose(cell)
        assert watched(own) == []


def test_no_figure_of_two_runs_is_drawn_stretched_while_one_is_answered(own: Scope) -> None:
    own.open(puzzle=EASY, panels="fixed,rules", loop=5, versus="sudoku9-looped")
    own.page.evaluate(WATCH)
    own.page.locator(
        "[data-panel=fixed] .ls-begin"
    ).first.click()  # the row of the first run turns into progress, then goes
    own.page.locator("[data-panel=fixed] .ls-ask").first.wait_for(state="hidden", timeout=60_000)
    own.painted()
    assert watched(own) == []
    assert own.page.evaluate(STRETCHED) == []
