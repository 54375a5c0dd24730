"""Where figures put what they draw: nothing is stretched, and no curve crosses the words of the loop axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., Any]
# A pen that keeps what is written: [text, x, y].
PEN = """
const written = [];
const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
  if (name === "fillText") written.push(values);
  if (name === "measureText") return { width: 7 * values[0].length }; } });
"""


@pytest.mark.parametrize(("rows", "columns"), [(9, 9), (12, 12), (2, 13), (1, 72)])
@pytest.mark.parametrize(("width", "height"), [(380, 180), (330, 160), (1290, 540), (300, 420)])
def test_matrices_of_the_flow_are_square_and_apart(
    module: Module, rows: int, columns: int, width: int, height: int
) -> None:
    body = "return m.layout(x.width, x.height, { rows: x.rows, columns: x.columns });"
    found = module("panels/flow.js", body, {"rows": rows, "columns": columns, "width": width, "height": height})
    left, top, longer = found["board"]
    step = longer / max(rows, columns)
    board = (left, top, step * columns, step * rows)
    boxes = [board, found["whole"], found["now"]]
    assert all(wide == high > height / 4 for _, _, wide, high in boxes[1:])
    for k, (x, y, wide, high) in enumerate(boxes):
        assert x >= 0
        assert x + wide <= width
        assert y >= 12  # room for its words
        assert y + high <= height
        for u, v, across, down in boxes[:k]:
            assert x >= u + across or u >= x + wide or y >= v + down or v >= y + high


@pytest.mark.parametrize("loops", [16, 32, 64])
def test_the_word_trained_stands_above_the_chart(module: Module, loops: int) -> None:
    body = (
        PEN + "m.loopAxis(pen, {}, 380, x.top, 150, x.loops, 16, 4); return [m.ABOVE, ...written.filter(([w]) => w === "
        '"trained")];'
    )
    above, (_, _, low) = module("draw/axis.js", body, {"top": 40, "loops": loops})
    assert 40 - above + 9 <= low < 40  # its letters are 9 pixels high


def test_a_question_that_cannot_be_asked_says_so_before_it_is_asked(module: Module) -> None:
    body = """
    const panel = { blank: true, asks: { name: "cells" } };
    const page = { state: { run: { views: [{ meta: { refused: { cells: "why" } } }, { meta: { refused: {} } }] } } };
    return [m.refusal(page, panel, 0, {}), m.refusal(page, panel, 1, {}), m.refusal(page, panel, 0, { asked: {} })];
    """
    assert module("pages/asked.js", body) == ["why", None, None]


def test_the_figure_of_model_and_logic_is_filled_by_what_settles_early(module: Module) -> None:
    """After 64 loops answers that stay from loop 3 on would stand in a corner of a scale up to 64."""
    body = (
        PEN
        + """
    const view = { arrays: { order: { values: [1, 2, 2] } }, asked: [1, 1, 1], given: [0, 0, 0], loops: 64,
      settledCell: [1, 2, 3], at: (t) => t, unsettled: () => false, digit: () => "1" };
    const seen = { view, views: [view], t: 64, active: 0, colours: {}, font: "serif", words: (text) => text };
    m.default.draw(pen, seen, 380, 180);
    return written.filter(([, across]) => across === 38).map(([text]) => text);
    """
    )
    assert module("panels/order.js", body) == [1, 2, 3]


def test_the_table_of_model_and_logic_says_where_the_geometry_has_a_place(module: Module) -> None:
    body = """
    const view = { arrays: { order: { values: [1, 2] }, technique: { values: [1, 2] } }, given: [0, 0], loops: 4,
      settledCell: [1, 2], unsettled: () => false, digit: () => "1" };
    const geometry = { n: 2, name: String, spot: (i) => [2, 5 + i] };
    return m.default.table({ view, geometry }).rows.map((row) => row.slice(0, 3));
    """
    assert module("panels/order.js", body) == [["0", 3, 6], ["1", 3, 7]]


def test_the_sign_of_a_group_stands_beside_one_of_its_points(module: Module) -> None:
    """Two states far apart had their sign where no state is; signs keep clear of each other and of points."""
    groups = [[[50, 60], [300, 200]], [[52, 62], [54, 58]], [[200, 100]]]
    spots = module("panels/trajectory.js", "return m.signSpots(x, 380, 240);", groups)
    for points, (x, y) in zip(groups, spots, strict=True):
        assert min(max(abs(x - left), abs(y - 6 - top)) for left, top in points) <= 36
    covered = [
        (x, y) for x, y in spots for points in groups for a, b in points if abs(a - x) < 9 and abs(b - y + 6) < 9
    ]
    assert covered == []
    assert all(
        max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= 18 for k, one in enumerate(spots) for other in spots[:k]
    )
