"""The clock: it moves every panel, plays, keeps its speed and asks the server nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hands import EASY, PANELS, SOLUTION
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Scope


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
    scope.pick("Speed", "4")  # ten seconds, so that nobody who waits comes too late
    scope.leave_fields()
    scope.press("Space")  # at the end: plays from the start
    scope.page.wait_for_function(
        """() => {
             const loop = Number(document.querySelector("[data-testid=loop-clock]").dataset.loop);
             return loop >= 2 && loop < 40; }"""
    )
    scope.press("Space")
    here = scope.loop  # painted: the loop that was due when the key came, too
    assert 2 <= here < 40
    paused = scope.page.evaluate(  # half a second and more of frames, in which a clock that runs would move twice
        """() => new Promise((done) => {
             const clock = document.querySelector("[data-testid=loop-clock]");
             const begun = performance.now(), seen = new Set();
             const look = (now) => {
               seen.add(clock.dataset.loop);
               now - begun < 600 ? requestAnimationFrame(look) : done([...seen]);
             };
             requestAnimationFrame(look);
           })"""
    )
    assert paused == [str(here)]
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


def test_speed(own: Scope) -> None:
    """The clock keeps to the chosen speed. The page's time goes on as far as it is told to, and no further.

    In a browser of its own: what keeps its time keeps that of all its pages.
    """
    own.open(loops=20, loop=20)
    time = own.page.clock
    time.install()
    time.pause_at(own.page.evaluate("Date.now() + 60_000"))
    for speed, loop in (("2", "^3$"), ("16", "^1[67]$")):  # at 16 a loop takes four whole frames
        own.slider.fill("1")
        own.pick("Speed", speed)
        own.page.get_by_test_id("play").click()
        time.run_for(1050)
        own.page.get_by_test_id("play").click()
        time.run_for(100)
        expect(own.clock).to_have_attribute("data-loop", re.compile(loop))
    time.resume()


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
    """Another cell changes every panel but one; with nothing held the mouse over a cell previews it and leaves no
    trace."""
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
    seen = scope.pixels()
    assert [name for name in first if seen[name] != first[name]] == ["trajectory"]  # which names the cell pointed at
    assert scope.chosen == 44
    scope.page.mouse.move(2, 2)
    assert scope.pixels() == other
    scope.pick("Attention head", "0")
    assert scope.pixels("attention")["attention"] != other["attention"]


def test_charts_can_be_clicked(scope: Scope) -> None:
    """A click on a small board of the attention panel chooses that cell;
    a click in the convergence chart sets the clock."""
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
    """Inside the board arrows move the cell; inside fields keys are the fields';
    Space in the board plays all the same."""
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
