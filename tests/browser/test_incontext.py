"""The In-context page in Chromium: points by mouse and by keys, the prediction that follows, links."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from looped.bench.server import server
from looped.tasks import get
from tests.serving.prompt_models import make_catalogue

if TYPE_CHECKING:
    from conftest import Scope

POINTS = "-1 0.5; 0 -0.25; 1.5 1"
SHOWN = "error,descent,reach"


@pytest.fixture(scope="module")
def small_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on tiny checkpoints with random weights."""
    with server(LOOPSCOPE_CHECKPOINTS=str(make_catalogue(tmp_path_factory.mktemp("prompts")))) as address:
        yield address


@pytest.fixture
def plane(small_app: str, new_scope: Callable[..., Scope]) -> Scope:
    """Three points on the plane, after the last loop."""
    return new_scope(small_app).open("/in-context", puzzle=POINTS, checkpoint="curves1-looped", panels=SHOWN)


def middle(scope: Scope, cell: int) -> tuple[float, float]:
    """Where a point is on the screen."""
    box = scope.cell(cell).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(scope: Scope, cell: int, right: float, down: float) -> None:
    x, y = middle(scope, cell)
    scope.page.mouse.move(x, y)
    scope.page.mouse.down()
    scope.page.mouse.move(x + right, y + down, steps=6)
    scope.page.mouse.up()
    scope.page.mouse.move(2, 2)


def rested(scope: Scope) -> str:
    """The prompt in the address bar once the model has answered for what is typed."""
    scope.painted()
    scope.page.wait_for_function(
        "!document.querySelector('[data-testid=microscope]').matches('[data-waiting], [data-busy], [data-writing]')"
    )
    return scope.query.get("puzzle", "")


def test_a_stroke_by_mouse_leaves_no_frame_of_the_focus_on_the_plane(plane: Scope) -> None:
    """Also where the tool was chosen by a key: the focus goes on by a script, and the frame would go with it."""
    frame = "getComputedStyle(document.activeElement).outlineStyle"
    tool = plane.button("Freehand")
    tool.focus()
    plane.press("Enter")
    box = plane.grid().bounding_box()
    assert box is not None
    plane.page.mouse.move(box["x"] + 90, box["y"] + 90)
    plane.page.mouse.down()
    plane.page.mouse.move(box["x"] + 250, box["y"] + 140, steps=8)
    plane.page.mouse.up()
    assert rested(plane).count(";") > 4
    assert plane.page.evaluate("document.activeElement.classList.contains('ls-cell')")
    assert plane.page.evaluate(frame) == "none"
    plane.press("ArrowDown")  # keys go on from there, and see where
    plane.painted()
    assert plane.page.evaluate(frame) == "solid"


def test_a_compared_error_keeps_its_chart_below_a_key_of_many_rows(
    small_app: str, new_scope: Callable[..., Scope]
) -> None:
    scope = new_scope(small_app).open(
        "/in-context", puzzle=POINTS, checkpoint="curves1-looped", versus="curves1-looped~cut=1", panels="error"
    )
    for width, height in ((390, 844), (1024, 768), (1366, 768)):
        scope.page.set_viewport_size({"width": width, "height": height})
        scope.painted()
        for run in (0, 1):
            box = scope.canvas("error", run).bounding_box()
            assert box is not None
            assert box["height"] >= 230, (width, run)  # five rows of a key take 80 of them
    scope.page.set_viewport_size({"width": 1366, "height": 768})


def test_a_dragged_point_is_followed_by_the_prediction_and_one_undo_takes_it_back(plane: Scope) -> None:
    query = 3 + 45  # of 61
    before = plane.labels[query]
    drag(plane, 2, -60, -40)
    moved = [row.split() for row in rested(plane).split("; ")]
    assert [" ".join(row) for row in moved[:2]] == ["-1 0.5", "0 -0.25"]
    assert float(moved[2][0]) < 1.5
    assert float(moved[2][1]) > 1
    assert (plane.chosen, plane.labels[query] == before) == (2, False)
    plane.press("Control+z")
    assert rested(plane) == POINTS
    assert plane.labels[query] == before


def test_a_click_puts_a_point_and_a_drag_off_the_plane_removes_one(plane: Scope) -> None:
    plane.page.mouse.click(*middle(plane, 3 + 15))
    rows = rested(plane).split("; ")
    assert (rows[:3], len(rows), plane.chosen) == (POINTS.split("; "), 4, 3)
    drag(plane, 0, 0, 500)
    assert rested(plane).split("; ") == rows[1:]
    assert "3 examples" in plane.says("reach")


def test_keys_choose_a_query_put_a_point_move_and_remove_it(plane: Scope) -> None:
    plane.page.mouse.click(middle(plane, 3 + 30)[0], middle(plane, 3)[1] + 160)  # below the plane: the query at x = 0
    plane.cell(plane.chosen).press("ArrowRight")
    assert plane.labels[plane.chosen].startswith("query 32 at x = 0.07, predicted ")
    plane.press("ArrowUp", "Enter")
    assert rested(plane).startswith(f"{POINTS}; 0.067 ")
    assert plane.labels[plane.chosen].startswith("example 4 at x = 0.07")
    plane.press("Shift+ArrowLeft", "Delete")
    assert rested(plane) == POINTS
    plane.press("Escape")
    assert plane.labels[plane.chosen].startswith("query ")


def test_stepping_sends_nothing_and_a_link_shows_the_same_view(plane: Scope) -> None:
    plane.leave_fields()
    plane.press("Home")
    assert plane.says("board").startswith("3 examples, and no loop has run: nothing is predicted yet. Press play")
    plane.frames.clear()
    plane.press("PageDown", "PageDown", "PageDown")
    plane.at_loop(3, ("board", *SHOWN.split(",")))
    plane.painted()
    assert plane.frames == []
    plane.button("3 nearest neighbours").click()
    plane.wait_for_query(loop=3, lines="neighbours")
    said, link = [plane.says(name) for name in ("board", *SHOWN.split(","))], plane.page.url
    plane.page.goto(link)
    plane.ready()
    assert [plane.says(name) for name in ("board", *SHOWN.split(","))] == said
    expect(plane.button("3 nearest neighbours")).to_have_attribute("aria-pressed", "true")


def test_an_error_is_offered_where_the_true_function_is_known_and_chosen_again_there(plane: Scope) -> None:
    """Points that somebody typed have none: the panel shows the distance and no list with one entry."""
    mode = plane.panel("error").locator("select")
    expect(mode).to_be_hidden()
    expect(mode.locator("option")).to_have_text(["distance"])
    assert "modes" not in plane.query
    plane.button("Another: A prompt like this with the next seed").click()
    expect(mode).to_be_visible()
    expect(mode).to_have_value("error")
    expect(mode.locator("option")).to_have_text(["error", "distance"])


def test_a_slider_samples_a_prompt_outside_of_training(plane: Scope) -> None:
    plane.button("Another: A prompt like this with the next seed").click()
    assert rested(plane).startswith("seed=1 ")
    plane.page.get_by_text("Sampled prompt: change the data").click()
    plane.page.get_by_label("noise", exact=True).fill("0.5")
    assert rested(plane).endswith(" noise=0.5")
    expect(plane.page.locator("output[for=ls-setting-noise]")).to_have_attribute("class", "ls-outside")
    assert "the error is " in plane.says("board")
    plane.page.get_by_label("curves", exact=True).select_option("steps")
    assert rested(plane).endswith(" noise=0.5 curve=steps")
    plane.button("Another: A prompt like this with the next seed").click()
    assert rested(plane).startswith("seed=2 ")
    expect(plane.page.get_by_label("curves", exact=True)).to_have_value("steps")


def test_an_input_of_a_tree_is_flipped_by_a_button_and_by_a_key(
    small_app: str, new_scope: Callable[..., Scope]
) -> None:
    """Of the query that is chosen, which keeps the function, then of an example; undo goes back to the seed."""
    scope = new_scope(small_app).open(
        "/in-context", puzzle="seed=3 examples=4", checkpoint="tree5-looped", panels="error"
    )
    task = get("tree5")
    rows = task.encode(task.parse("seed=3 examples=4"))
    flips = scope.page.get_by_role("group", name="Flip an input of the chosen row")
    query = scope.chosen
    expect(flips).to_contain_text(f"Flip query {query - 3}:")
    flips.get_by_role("button").nth(1).click()  # x2
    rows[query, 1] *= -1
    typed = task.parse(rested(scope))
    assert np.array_equal(task.encode(typed), rows)
    assert typed.text.startswith("seed=3 examples=4; ")
    scope.choose(2)
    expect(flips).to_contain_text("Flip example 3:")
    scope.press("1")
    rows[2, 0] *= -1
    found = task.encode(task.parse(rested(scope)))
    assert np.array_equal(found[:, :5], rows[:, :5])
    np.testing.assert_allclose(found[:, 5], rows[:, 5], atol=1e-3)  # y is written with three decimals
    scope.press("Control+z", "Control+z")
    assert rested(scope) == "seed=3 examples=4"
