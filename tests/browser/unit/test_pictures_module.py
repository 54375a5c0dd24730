"""Where figures put what they draw: nothing is stretched, and no curve crosses the words of the loop axis."""

from __future__ import annotations

import json
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


def test_a_value_alone_is_a_dot(module: Module) -> None:
    """A run of one loop, and a value between two that are not known, are drawn; a value with a neighbour is a line."""
    body = """
    const dots = [];
    const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
      if (name === "arc") dots.push(values.slice(0, 2)); } });
    m.curve(pen, x.length, (t) => 10 * t, (t) => x[t - 1] ?? NaN, "red");
    return dots;"""
    drawn = [module("draw/axis.js", body, values) for values in ([3], [3, None, 5, 6, None, 7], [3, 4], [None])]
    assert drawn == [[[10, 3]], [[10, 3], [60, 7]], [], []]


@pytest.mark.parametrize("loops", [16, 32, 64])
def test_the_word_trained_stands_above_the_chart(module: Module, loops: int) -> None:
    body = (
        PEN + "m.loopAxis(pen, { colours: {}, words: (text) => text }, 380, x.top, 150, x.loops, 16, 4); "
        'return [m.ABOVE, ...written.filter(([w]) => w === "trained")];'
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
    const words = (text) => text.replaceAll("{loop}", "loop");
    const seen = { view, views: [view], t: 64, active: 0, colours: {}, font: "serif", words };
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


LOGIC = """
    const view = { arrays: { order: { values: [1, 1] }, technique: { values: [1, 1] } }, given: [0, 0], loops: 8,
      settledCell: [1, 2], unsettled: () => false, settling: () => "it settles", meta: META };
    return m.default.describe({ view, active: 0, geometry: { name: () => "A" } });
    """
NOTHING = {"order_correlation": None, "order_unsettled": 0, "order_missed": 0, "order_alike": [], "ends_on": [0, 0]}


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        (
            {"order_counted": 6, "order_alike": ["logic"], "order_missed": 2},
            " No rank correlation over 6 {places}: logic places all in the same round "
            "(left out: 0 not settled, 2 wrong).",
        ),
        (
            {"order_counted": 6, "order_alike": ["model", "logic"]},
            " No rank correlation over 6 {places}: the model settles all after the same loop, and logic places all "
            "in the same round.",
        ),
        ({"order_counted": 1, "order_missed": 3}, " Too few to correlate (left out: 0 not settled, 3 wrong)."),
        (
            {"order_counted": 0, "ends_on": [7, 1]},
            " 7 {asked_many} end on a wrong {token}, 1 {asked} ends on no {token} (red).",
        ),
        ({"order_counted": 0, "ends_on": [0, 2]}, " 2 {asked_many} end on no {token} (red)."),
    ],
)
def test_model_and_logic_says_why_nothing_is_correlated_and_on_what_answers_end(
    module: Module, meta: dict[str, object], said: str
) -> None:
    body = LOGIC.replace("META", json.dumps(NOTHING | meta))
    before = "A: logic places it in round 1 (naked single); in the model it settles."
    assert module("panels/order.js", body) == before + said


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


RUN = """
const array = (shape, ...values) => ({ values: Float32Array.from(values), shape });
const colours = { text: "#000", muted: "#555", line: "#aaa", accent: "#00f", warm: "#f80", cool: "#0aa", soft: "#eee",
  background: "#fff", groups: ["#111", "#222", "#333", "#444", "#555", "#666", "#777", "#888", "#999"] };
const loops = (text) => text.replaceAll("{loop}", "loop");
const plain = { colours, font: "serif", words: loops, t: 1 };
"""


@pytest.mark.parametrize("width", [290, 380, 620])
def test_words_of_accuracy_by_length_stand_clear_of_each_other(module: Module, width: int) -> None:
    body = (
        PEN
        + RUN
        + """
    const lengths = Array.from({ length: 15 }, (_, i) => i + 2);
    const view = { loops: 12, at: (t) => t, meta: {}, arrays: {} };
    const asked = { meta: { lengths, trained: 12, count: 40 },
      arrays: { right: array([15, 12], ...Array(180).fill(0.5)), means: array([2, 12], ...Array(24).fill(0.5)) } };
    const boxes = [];
    const keep = new Proxy(pen, { get: (held, name) => name === "fillText" ? (text, x, y) => {
      const wide = 7 * String(text).length, align = held.textAlign ?? "left";
      const left = align === "right" ? x - wide : align === "center" ? x - wide / 2 : x;
      boxes.push([String(text), left, y - 9, left + wide, y]); } : held[name] });
    m.default.draw(keep, { ...plain, view, asked }, x.width, 190);
    return boxes;"""
    )
    boxes = module("panels/lengths.js", body, {"width": width})
    said = {text for text, *_ in boxes}
    assert {"longer", "50\u00a0%"} <= said
    assert any(text.startswith("letters; full blue: all") for text in said) or width < 300
    for k, (text, left, top, right, bottom) in enumerate(boxes):
        assert left >= -1, text
        assert right <= width + 1, text
        over = [
            (text, other)
            for other, a, b, c, d in boxes[:k]
            if min(right, c) - max(left, a) > 1 and min(bottom, d) - max(top, b) > 1
        ]
        assert over == []


def test_pointing_at_a_hidden_state_tells_its_place(module: Module) -> None:
    """The words are those of the place under the pointer; without one there are none."""
    body = (
        PEN
        + RUN
        + """
    const geometry = { n: 2, rows: 1, columns: 2, name: (i) => `place ${"AB"[i]}`, signs: ["1", "2"] };
    const view = { loops: 1, at: (t) => t, asked: [1, 1], numbers: false, text: (t, i) => `${i + 1}`, meta: {
      explained: [0.5, 0.3, 0.1] }, entry: () => 0, answer: () => 0,
      arrays: { trajectory: array([2, 2, 3], 0, 0, 0, 1, 1, 0, 5, 5, 0, -5, -5, 0),
        answers: array([1, 2], 0, 1), residual_cell: array([1, 2], 1, 1) } };
    const seen = (hover) => ({ ...plain, view, views: [view], geometry, active: 0, mode: "plane", hover,
      camera: [0, 0], meta: {} });
    return [null, 0, 1].map((hover) => {
      written.length = 0;
      m.default.draw(pen, seen(hover), 380, 200);
      return written.map(([text]) => text).filter((text) => text.includes("lace "));
    });"""
    )
    none, first, second = module("panels/trajectory.js", body)
    assert none == []
    assert any("A" in text for text in first)
    assert any("B" in text for text in second)


def test_signs_of_hidden_states_that_are_no_letters_have_words(module: Module) -> None:
    """In a legend above the states, which keep clear of it, and at the state that is pointed at."""
    body = (
        PEN
        + RUN
        + """
    const discs = [];
    const keep = new Proxy(pen, { get: (held, key) => key === "arc" ? (...at) => discs.push(at[1]) : held[key],
      set: (held, key, value) => { held[key] = value; return true; } });
    const geometry = { n: 2, rows: 1, columns: 2, name: (i) => `place ${"AB"[i]}`, signs: ["#", "o"],
      meaning: (sign) => x && { "#": "wall", o: "reached" }[sign] };
    const view = { loops: 1, at: (t) => t, asked: [1, 1], numbers: false, text: (t, i) => "#o"[i], meta: {
      explained: [0.5, 0.3, 0.1] }, entry: () => 0, answer: () => 0,
      arrays: { trajectory: array([2, 2, 3], 0, 0, 0, 1, 1, 0, 5, 5, 0, -5, -5, 0) } };
    const seen = { ...plain, view, views: [view], geometry, active: 0, mode: "plane", hover: 1,
      camera: [0, 0], meta: {} };
    m.default.draw(keep, seen, 380, 200);
    return [written.map(([text]) => text), Math.min(...discs)];"""
    )
    words, first = module("panels/trajectory.js", body, True)
    assert {"wall", "reached", "place B: reached"} <= set(words)
    plain, before = module("panels/trajectory.js", body, False)
    assert {"wall", "reached"} & set(plain) == set()
    assert first >= before + 14


@pytest.mark.parametrize(("width", "height"), [(380, 140), (330, 120), (620, 140)])
def test_a_wide_input_leaves_the_matrices_of_the_flow_their_room(module: Module, width: int, height: int) -> None:
    """Two words of eight letters: the matrices were as low as the words, in a band between two empty ones."""
    body = "return m.layout(x.width, x.height, { rows: 2, columns: 8 });"
    found = module("panels/flow.js", body, {"width": width, "height": height})
    assert found["side"] >= 0.8 * (height - 20)
    assert found["across"] >= 8 * 18


@pytest.mark.parametrize(("t", "said"), [(0, True), (1, False)])
def test_the_table_says_what_will_stand_beside_it(module: Module, t: int, said: bool) -> None:
    body = (
        PEN
        + RUN
        + """
    const geometry = { n: 4, spot: (i) => [i >> 1, i % 2], at: (r, c) => 2 * r + c };
    const view = { loops: 2, at: (loop) => loop, meta: { heads: 1 }, weight: () => 0.25,
      arrays: { table: array([3, 3], 0, 0, 0, 0, 1, 1, 0, 1, 2) } };
    const seen = { ...plain, t: x, view, geometry, active: 0, layer: 0, head: null, meta: { words: ["ab", "ab"] } };
    m.default.draw(pen, seen, 380, 160);
    return written.filter(([text]) => String(text).includes("loop 1")).map(([, left]) => left);"""
    )
    found = module("panels/table.js", body, t)
    assert bool(found) == said
    assert all(left > 190 for left in found)


@pytest.mark.parametrize(("width", "rows"), [(180, 2), (240, 2), (300, 1), (700, 1)])
def test_words_below_an_axis_are_whole(module: Module, width: int, rows: int) -> None:
    """Where one line has no room for them there are two, and the numbers of the axis keep clear of both."""
    words = "how far a loop moves, over its length"
    body = (
        PEN
        + RUN
        + """
    const lines = [{ words: "model", colour: "#000", dash: [], at: (i) => [0.1 * (i + 1), 0.05, 0.6] }];
    m.drawLines(pen, { ...plain }, x.width, 200, { xs: [1, 2, 4], lines, words: x.words });
    return written.map(([text, left, y]) => [String(text), left, y, 7 * String(text).length]);"""
    )
    written = module("draw/intervals.js", body, {"width": width, "words": words})
    said = [line for line in written if len(line[0]) > 10]
    assert (" ".join(line[0] for line in said), len(said)) == (words, rows)
    for _, middle, y, wide in said:
        assert middle - wide / 2 >= 0
        assert middle + wide / 2 <= width
        assert y <= 200
    numbers = {y for text, _, y, _ in written if text in ("1", "2", "4")}
    assert len(numbers) == 1
    assert min(y for _, _, y, _ in said) - max(numbers) >= 14


@pytest.mark.parametrize(("width", "height"), [(330, 180), (380, 200), (900, 560), (300, 420)])
def test_orbits_side_by_side_fill_their_canvas(module: Module, width: int, height: int) -> None:
    """In a panel, in presenter mode and on a phone: what is drawn reaches from edge to edge."""
    body = """
    const reached = [];
    const note = (x, y, wide = 0, high = 0) => reached.push([x, y], [x + wide, y + high]);
    const pen = new Proxy({}, { get: (held, key) => key in held ? held[key] : (...values) => {
      if (["fillRect", "strokeRect", "moveTo", "lineTo"].includes(key)) note(...values);
      if (key === "measureText") return { width: 7 * values[0].length }; } });
    const length = (shape) => ({ length: shape.reduce((a, b) => a * b) });
    const tensor = (shape, from) => ({ shape, values: Float32Array.from(length(shape), from) });
    const arrays = { trajectory: tensor([3, 1, 6], (_, i) => Math.sin(i)), alike: tensor([1, 5, 2, 2], () => 0.5) };
    const view = { loops: 2, at: (t) => t, arrays, meta: { explained_planes: [0.5, 0.3, 0.1], explained_sums: [0.9] } };
    const geometry = { n: 1, rows: 1, columns: 1, name: () => "it" };
    const seen = { view, views: [view], t: 1, layer: 0, active: 0, geometry, colours: {}, font: "serif",
      words: (text) => text };
    m.default.draw(pen, seen, x.width, x.height);
    return [0, 1].flatMap((axis) => [Math.min, Math.max].map((end) => end(...reached.map((point) => point[axis]))));"""
    left, right, top, bottom = module("panels/orbits.js", body, {"width": width, "height": height})
    assert right - left >= 0.95 * width
    assert bottom - top >= 0.75 * height
    assert left >= 0
    assert right <= width + 1
    assert bottom <= height


@pytest.mark.parametrize("width", [330, 600, 900])
def test_every_frame_of_the_orbits_names_its_components_and_says_how_far_it_is_across(
    module: Module, width: int
) -> None:
    """The numbers below the frames are their widths in the units of the state; the signs have a key above them."""
    body = (
        PEN
        + """
    const frames = [], points = [];
    const noting = new Proxy(pen, { set: Reflect.set, get: (held, name) => (...values) => {
      if (name === "strokeRect") frames.push(values);
      if (name === "moveTo" || name === "lineTo") points.push(values);
      return pen[name](...values); } });
    const values = Float32Array.from([0, 0, 0, 0, 0, 0, 3, 4, 1, 0, 0, 2]);
    const view = { loops: 1, at: (t) => t, arrays: { trajectory: { shape: [2, 1, 6], values } },
      meta: { explained_planes: [0.6, 0.31, 0.04] } };
    const seen = { view, t: 1, active: 0, geometry: { n: 1 }, colours: {}, font: "serif", words: (text) => text };
    m.default.draw(noting, seen, x, 300);
    return [written, frames, points];"""
    )
    written, frames, points = module("panels/orbits.js", body, width)
    said = [text for text, *_ in written]
    assert [text for text in said if text in ("start", "now", "up to now", "whole run")] == [
        "start",
        "now",
        "up to now",
        "whole run",
    ]
    names = [text for text in said if text.endswith("%")]
    assert [name.split(": ")[1] for name in names] == ["60\u00a0%", "31\u00a0%", "4\u00a0%"]
    assert all(name.startswith(("comp. ", "components ")) for name in names)
    across = [float(text.split("; ")[-1].removesuffix(" across")) for text in said if text.endswith("across")]
    assert len(frames) == len(across) == 3
    for (left, top, wide, high), size, length in zip(frames, across, (5, 1, 2), strict=True):
        inside = [(x, y) for x, y in points if left <= x <= left + wide and top <= y <= top + high]
        drawn = max(((a - c) ** 2 + (b - d) ** 2) ** 0.5 for a, b in inside for c, d in inside)
        assert size == pytest.approx(length * wide / drawn, rel=0.06)


@pytest.mark.parametrize(("width", "height"), [(330, 180), (380, 200), (900, 560), (300, 420)])
def test_timesteps_are_compared_in_squares(module: Module, width: int, height: int) -> None:
    """The diagonal stands at 45 degrees; squares are apart and on the canvas, and a click on one goes to its loop."""
    body = """
    const titles = [];
    const rects = [];
    const pen = new Proxy({}, { get: (held, key) => key in held ? held[key] : (...values) => {
      if (key === "fillText") titles.push(values);
      if (key === "fillRect") rects.push(values);
      if (key === "measureText") return { width: 6 * values[0].length }; } });
    const values = Float32Array.from({ length: 20 }, (_, i) => 1 - i / 20);
    const vectors = ["α₁", "γ₁", "α₂", "γ₂"].map((symbol) => ({ symbol }));
    const view = { loops: 2, meta: { vectors }, at: (t) => t, arrays: { alike: { shape: [1, 5, 2, 2], values } } };
    const seen = { view, views: [view], t: 1, layer: 0, colours: {}, font: "serif", words: (text) => text };
    m.default.draw(pen, seen, x.width, x.height);
    const loops = titles.map(([, left, y]) => m.default.pick(left + 2, y + 6, seen, x.width, x.height)?.loop);
    return [titles, rects, loops];"""
    titles, rects, loops = module("panels/encoding.js", body, {"width": width, "height": height})
    assert len(titles) == 5
    assert any("TE" in text for text, *_ in titles)
    assert loops == [1] * 5
    assert rects
    for left, top, wide, high in rects:
        assert abs(wide - high) < 1.01
        assert left >= 0
        assert top >= 12
        assert left + wide <= width + 1
        assert top + high <= height + 1
    if (width, height) == (380, 200):
        assert min(wide for _, _, wide, _ in rects) >= 35  # two loops a side
