"""The Paths page in Chromium: walls by mouse and by keys, the flood loop by loop, large grids, links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Scope

ROOM = "S..../...../...../...../....."
PANELS = ("board", "flood")
STEPS = """async (count) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => done()));
  const times = [];
  for (let i = 0; i < count; i++) {
    await frame();
    const begun = performance.now();
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown", bubbles: true }));
    await frame();
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[count >> 1];
}"""


@pytest.fixture
def room(scope: Scope) -> Scope:
    """An empty room of 5 × 5 cells with the source in a corner."""
    return scope.open("/paths", puzzle=ROOM, checkpoint="paths-looped", loops=16, panels="flood")


STALE = "The panels still show the last grid that was run."


def shows(scope: Scope, grid: str) -> None:
    """The grid stands in the address bar and the model has answered for it."""
    scope.wait_for_query(puzzle=grid)
    scope.page.wait_for_function(
        """(stale) => !document.querySelector("[data-testid=microscope]").hasAttribute("data-busy")
          && document.querySelector("[data-panel=board] .ls-says").textContent !== stale""",
        arg=STALE,
    )


def at(scope: Scope, cell: int) -> tuple[float, float]:
    """Where a cell is on the screen."""
    box = scope.cell(cell).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_flood_spreads_and_the_search_stands_beside_it(room: Scope) -> None:
    room.leave_fields()
    room.press("Home")
    room.at_loop(0, PANELS)
    assert room.says("board").startswith("Before the first loop: 25 free cells; the farthest that can be reached is 8")
    room.press("PageDown", "PageDown", "PageDown")
    room.at_loop(3, PANELS)
    assert "After 3 steps the search has reached 10 cells" in room.says("flood")
    room.press("End")
    assert room.says("board").startswith("Right: every cell that can be reached is marked, and no other (25 of 25")
    assert all("reached" in label for label in room.labels)


def test_a_stroke_of_the_mouse_builds_a_wall_and_is_one_step_of_undo(room: Scope) -> None:
    room.page.mouse.move(*at(room, 10))
    room.page.mouse.down()
    for cell in range(11, 15):
        room.page.mouse.move(*at(room, cell), steps=3)
    room.page.mouse.up()
    walled = "S..../...../#####/...../....."
    shows(room, walled)
    assert "10 of 20 free cells" in room.says("board")
    assert room.labels[12] == "row 3, column 3, wall"
    room.press("Control+z")
    shows(room, ROOM)
    room.press("Control+y")
    shows(room, walled)


def test_the_source_is_dragged(room: Scope) -> None:
    room.page.mouse.move(*at(room, 0))
    room.page.mouse.down()
    room.page.mouse.move(*at(room, 12), steps=5)
    room.page.mouse.up()
    shows(room, "...../...../..S../...../.....")
    assert "(25 of 25 free cells)" in room.says("board")


def test_keys_build_walls_and_move_the_source_and_the_clock_stays(room: Scope) -> None:
    room.button("Look").click()
    room.choose(0)
    room.press("Home", "PageDown", "PageDown")
    room.press("ArrowRight")
    room.press("#")
    shows(room, "S#.../...../...../...../.....")
    assert room.loop == 2
    room.press("ArrowDown")
    room.press("s")
    shows(room, ".#.../.S.../...../...../.....")
    room.press("ArrowUp")
    room.press("Enter")
    shows(room, "...../.S.../...../...../.....")


def test_looking_chooses_a_cell_and_builds_nothing(room: Scope) -> None:
    room.button("Look").click()
    room.choose(7)
    assert room.query["puzzle"] == ROOM
    assert "Row 2, column 3 is 3 steps away" in room.says("flood")


def test_a_larger_grid_keeps_what_stood_there(room: Scope) -> None:
    room.page.get_by_label("Side").fill("7")
    room.press("Tab")
    shows(room, "/".join(["S......"] + ["......."] * 6))
    room.page.get_by_label("Side").fill("40")
    room.press("Tab")
    expect(room.message).to_have_text(re.compile("^A side has 2 to 32 cells."))


def test_text_is_read_and_what_is_wrong_with_it_is_said(room: Scope) -> None:
    room.button("Type or paste a grid as text").click()
    room.page.get_by_test_id("grid-text").fill("S#...\n.#.#.\n...#.")
    room.asking(lambda: room.button("Use this grid").click())
    shows(room, "S#.../.#.#./...#./#####/#####")
    expect(room.message).to_contain_text("3 rows of 5 cells are read as 5 × 5", use_inner_text=True)
    room.asking(lambda: room.clipboard("paste", "...\n..."))
    expect(room.message).to_contain_text("There is no source in the grid", use_inner_text=True)


def test_as_many_loops_as_are_needed_are_offered(scope: Scope) -> None:
    scope.open("/paths", puzzle=ROOM, checkpoint="paths-looped", loops=4, panels="flood")
    assert "The farthest cell is 8 steps away." in scope.says("board")
    scope.asking(lambda: scope.button("Run 10 loops").click())
    scope.wait_for_query(loops=10)


def test_a_grid_of_32_by_32_is_stepped_without_the_server_and_its_link_shows_the_same(scope: Scope) -> None:
    rows = ["S" + "." * 31] + ["." * 32 if row % 2 else "." + "#" * 30 + "." for row in range(31)]
    scope.open("/paths", puzzle="/".join(rows), checkpoint="paths-looped", loops=40)
    scope.leave_fields()
    scope.press("Home")
    scope.painted()
    scope.frames.clear()
    scope.page.evaluate(STEPS, 21)
    assert scope.frames == []
    scope.wait_for_query(loop=21)
    said, link = scope.says("board"), scope.page.url
    scope.page.goto(link)
    scope.ready()
    assert (scope.loop, scope.says("board")) == (21, said)
