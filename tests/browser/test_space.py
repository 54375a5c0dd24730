"""Hidden states in space: turned by a drag or the keyboard, kept, linked, and shared by two runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hands import GENTLE4, inside
from library import run
from playwright.sync_api import expect

from looped.lenses.trajectory import trajectory
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope


def dragged(scope: Scope, dx: float, dy: float) -> None:
    """Press on the hidden states, move and let go."""
    scope.canvas("trajectory").scroll_into_view_if_needed()
    box = scope.canvas("trajectory").bounding_box()
    assert box
    x, y, mouse = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, scope.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + dx, y + dy, steps=5)
    mouse.up()
    mouse.move(2, 2)


def test_hidden_states_are_turned_in_space(scope: Scope) -> None:
    """3-D stands in the address; dragging turns it, chooses no cell, and what was turned stays for the next loop, board
    and page."""
    scope.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=4, loop=2, cell=5, panels="trajectory")
    plane = scope.pixels("trajectory")
    dragged(scope, 60, 20)
    scope.choose(5)
    assert scope.pixels("trajectory") == plane  # a plane does not turn
    two = scope.says("trajectory")
    scope.pick("Hidden states: what to show", "space")
    scope.wait_for_query(modes="trajectory-space")
    points = trajectory(run("sudoku4-tmlt", GENTLE4, 4).trace.hidden, 6)
    for words, parts, said in (("two", 2, two), ("three", 3, scope.says("trajectory"))):
        share = re.search(rf"The {words} directions hold (\d+\.\d)\s% of all differences", said)
        assert share, said
        assert abs(float(share[1]) - 100 * float(points.explained[:parts].sum())) <= 0.051
    first = scope.pixels("trajectory")
    assert first != plane
    quiet = len(scope.frames)
    dragged(scope, 80, 0)
    turned = scope.pixels("trajectory")
    assert turned != first
    dragged(scope, 0, 40)
    tilted = scope.pixels("trajectory")
    assert tilted != turned
    assert scope.chosen == 5
    dragged(scope, -80, -40)
    back = scope.pixels("trajectory")
    assert back == first
    dragged(scope, 80, 40)
    scope.leave_fields()
    scope.press("ArrowRight", "ArrowLeft")
    assert scope.pixels("trajectory") == tilted
    assert scope.frames[quiet:] == []
    scope.choose(5)
    scope.asking(lambda: scope.press(str(parse(GENTLE4).solution[5])))
    assert scope.pixels("trajectory") != tilted
    scope.asking(lambda: scope.press("Control+z"))
    scope.wait_for_entry(GENTLE4)
    assert scope.pixels("trajectory") == tilted
    scope.page.get_by_role("link", name="Models").click()
    expect(scope.page.get_by_test_id("microscope")).to_have_count(0)
    scope.page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    scope.page.mouse.move(2, 2)
    assert scope.pixels("trajectory") == tilted
    scope.pick("Hidden states: what to show", "plane")
    scope.wait_for_query(modes=None)
    assert scope.pixels("trajectory") == plane


def test_a_link_opens_in_space_and_two_runs_share_its_directions(scope: Scope) -> None:
    """Both parts say so, are turned together, and stand at the same places where their states are the same."""
    scope.open(
        puzzle=GENTLE4,
        checkpoint="sudoku4-tmlt",
        versus="sudoku4-tmlt~cut=0@2",
        loops=4,
        loop=2,
        cell=5,
        panels="trajectory",
        modes="trajectory-space",
    )
    expect(scope.list("Hidden states: what to show")).to_have_value("space")
    expect(scope.message).to_be_empty()
    for number in (0, 1):
        assert "of both runs, which are drawn in the same directions" in scope.says("trajectory", number)
    assert scope.pixels("trajectory") == scope.pixels("trajectory", run=1)  # up to here they are one
    before = scope.pixels("trajectory", run=1)
    dragged(scope, 70, 30)
    assert scope.pixels("trajectory") == scope.pixels("trajectory", run=1) != before
    scope.slider.fill("4")
    assert scope.pixels("trajectory") != scope.pixels("trajectory", run=1)


def test_the_end_of_a_drag_chooses_no_cell(scope: Scope) -> None:
    """A click on a digit chooses its cell; turning and letting go there does not."""
    scope.open(
        puzzle=GENTLE4,
        checkpoint="sudoku4-tmlt",
        loops=4,
        loop=2,
        cell=5,
        panels="trajectory",
        modes="trajectory-space",
    )
    places = scope.canvas("trajectory").evaluate(  # where the pointer shows that there is something
        """(canvas) => {
          const { left, top, width, height } = canvas.getBoundingClientRect(), found = [];
          for (let y = 4; y < height; y += 8) for (let x = 4; x < width; x += 8) {
            const where = { clientX: left + x, clientY: top + y, bubbles: true };
            canvas.dispatchEvent(new PointerEvent("pointermove", where));
            if (canvas.style.cursor === "pointer") found.push([left + x, top + y]);
          }
          return found;
        }"""
    )
    mouse = scope.page.mouse
    for x, y in places:
        mouse.click(x, y)
        if (other := scope.chosen) != 5:
            break
    assert other != 5
    scope.choose(5)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 60, y, steps=4)
    mouse.move(x, y, steps=4)
    mouse.up()
    assert scope.chosen == 5
    mouse.click(x, y)
    assert scope.chosen == other


def test_hidden_states_are_turned_by_keyboard(scope: Scope) -> None:
    """A slider beside the mode, where there is something to turn; its arrows turn, and the clock stays."""
    scope.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=4, loop=2, cell=5, panels="trajectory")
    slider = scope.page.get_by_role("slider", name="Hidden states: turn")
    expect(slider).to_be_hidden()
    scope.pick("Hidden states: what to show", "space")
    expect(slider).to_be_visible()
    assert inside(slider)
    first, was = scope.pixels("trajectory"), slider.input_value()
    slider.focus()
    scope.press("ArrowRight")
    assert scope.pixels("trajectory") != first
    expect(slider).to_have_value(str(int(was) + 5))
    assert scope.loop == 2
    scope.leave_fields()
    turned = slider.input_value()
    dragged(scope, 120, 0)
    scope.painted()
    assert abs(int(slider.input_value()) - int(turned) - 57) <= 5  # a radian; dragging and the slider are one
    slider.fill(turned)


def test_a_large_figure_in_space_is_plotly_s(scope: Scope) -> None:
    """Plotly's script comes only when it is asked for; the figure is that of the loop, its paths the library's, and
    every sign says its place."""
    scope.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=4, loop=2, cell=5, panels="trajectory")
    scripts: list[str] = []
    scope.page.on("request", lambda request: scripts.append(request.url) if "plotly" in request.url else None)
    large = scope.page.get_by_test_id("space")
    expect(large).to_be_hidden()
    scope.panel("trajectory").get_by_role("combobox").first.select_option("space")
    assert scripts == []
    large.click()
    dialog = scope.page.get_by_role("dialog", name="Hidden states in space")
    expect(dialog).to_contain_text("After loop 2.")
    assert len(scripts) == 1
    dialog.get_by_role("slider").fill("3")
    expect(dialog).to_contain_text("After loop 3.")
    plot = dialog.locator(".js-plotly-plot")
    ways, thick, ends = plot.evaluate(
        "(plot) => plot.data.map(({ x, customdata }) => [[...(x._inputArray ?? x)], customdata])"
    )
    points = trajectory(run("sudoku4-tmlt", GENTLE4, 4).trace.hidden, 3).points
    assert [float(x) for x in ends[0]] == [pytest.approx(float(x), rel=1e-2, abs=1e-2) for x in points[3, :, 0]]
    assert ends[1][:2] == ["row 1, column 1", "row 1, column 2"]
    assert (len(ways[0]), len(thick[0])) == (15 * 5, 5)
    assert len(scripts) == 1
