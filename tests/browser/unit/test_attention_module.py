"""The panel Attention: a neighbourhood of few places is drawn large, and nothing of the figure stays empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., Any]
# A pen that keeps words and rectangles, and a run of `heads` heads on a grid of `side` × `side` places.
RUN = """
const [words, rects] = [[], []];
const pen = new Proxy({}, { get: (held, key) => key in held ? held[key] : (...values) => {
  if (key === "fillText") words.push(values);
  if (["strokeRect", "fillRect"].includes(key)) rects.push(values);
  if (key === "measureText") return { width: 6 * values[0].length }; } });
const { side, heads, near, width, height, active } = x;
const n = side * side, loops = 3;
const spot = (i) => i < 0 || i >= n ? null : [Math.floor(i / side), i % side];
const at = (r, c) => r < 0 || c < 0 || r >= side || c >= side ? null : r * side + c;
const geometry = { n, rows: side, columns: side, spot, at, frame() {}, name: (i) => `row ${spot(i)}` };
const around = near ? Array.from({ length: n }, (_, i) => [-1, 0, 1].flatMap((r) => [-1, 0, 1].map((c) =>
  at(spot(i)[0] + r, spot(i)[1] + c) ?? -1))).flat() : null;
const arrays = { strongest: { shape: [loops, 1, heads + 1, n], values: new Int32Array(loops * (heads + 1) * n) } };
if (near) arrays.neighbours = { shape: [n, 9], values: Int16Array.from(around) };
const meta = { heads, layers: 1 };
const view = { loops, at: (t) => t, arrays, meta, geometry, text: () => "o", weight: () => 0.25 };
const views = x.other ? [view, { ...view, weight: () => x.other }] : [view];
const about = { t: 2, active, layer: 0, head: null, geometry, colours: {}, font: "serif", words: (text) => text };
const seen = { view, views, ...about };
m.default.draw(pen, seen, width, height);
"""
SIZES = [(300, 140), (620, 150), (1290, 540)]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(("active", "inside"), [(28, 9), (0, 4), (143, 4)])
def test_a_neighbourhood_is_drawn_large_with_the_names_of_its_places(
    module: Module, width: int, height: int, active: int, inside: int
) -> None:
    """Drawn on the whole grid its nine cells were as large as one letter."""
    body = RUN + "return [words.map((one) => String(one[0])), rects];"
    asked = {"side": 12, "heads": 4, "near": True, "width": width, "height": height, "active": active}
    words, rects = module("panels/attention.js", body, asked)
    drawn = [rect for rect in rects if rect[2] == rect[3]]  # strips below are no squares
    assert min(rect[2] for rect in drawn) > 2 * min(width / 4, height) / 12
    assert len(drawn) == 2 * 4 * inside  # a ground and an edge of each place that is on the grid
    row, column = divmod(active, 12)
    assert f"r{row + 1}" in words
    assert {f"c{column + 1}", f"column {column + 1}"} & set(words)
    assert sum(word.startswith("25") for word in words) == 4 * inside


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_neighbourhood_fills_its_figure_and_its_names_are_whole(module: Module, width: int, height: int) -> None:
    """Rows of two digits are named beside the first window alone; a curve fills what the windows leave."""
    body = RUN + "return [words.filter(([text]) => /^r\\d/.test(text)), rects, pen.textAlign];"
    asked = {"side": 32, "heads": 4, "near": True, "width": width, "height": height, "active": 500}
    named, rects, _ = module("panels/attention.js", body, asked)
    assert {text for text, _, _ in named} == {"r15", "r16", "r17"}
    assert min(x for _, x, _ in named) >= 16  # the words end there: 16 pixels in this font
    across = [rect for rect in rects if rect[2] == rect[3]]
    low = max(top + high for _, top, _, high in rects)
    assert height - low <= 30
    assert max(x + wide for x, _, wide, _ in across) <= width + 1
    assert min(top for _, top, _, _ in rects) <= 40


def test_a_prompt_is_drawn_as_a_prompt(module: Module) -> None:
    """Queries that look at all examples have as many neighbours as there are examples, which is no neighbourhood."""
    body = (
        RUN.replace(
            "const view =",
            "if (x.prompt) arrays.neighbours = { shape: [n, side], values: Int16Array.from({ "
            "length: n * side }, (_, k) => k % side) };\nconst view =",
        )
        + "return words.map((one) => String(one[0]));"
    )
    asked = {"side": 12, "heads": 4, "near": False, "prompt": True, "width": 380, "height": 190, "active": 140}
    words = module("panels/attention.js", body, asked)
    assert [word for word in words if word[0] in "rc"] == []
    assert sum(word.startswith("h") for word in words) == 4


def test_a_click_on_a_neighbour_chooses_it(module: Module) -> None:
    body = (
        RUN + "return rects.slice(0, 18).map(([a, b, c]) => m.default.pick(a + c / 2, b + c / 2, seen, width, height));"
    )
    asked = {"side": 5, "heads": 1, "near": True, "width": 380, "height": 180, "active": 6}
    picked = module("panels/attention.js", body, asked)
    assert {one["cell"] for one in picked} == {0, 1, 2, 5, 6, 7, 10, 11, 12}


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("side", [4, 9])
def test_boards_of_heads_leave_no_empty_band(module: Module, width: int, height: int, side: int) -> None:
    """Where boards side by side are lower than the figure, a curve of the largest weight fills what is below them."""
    body = RUN + "return rects.map(([, top, , high]) => [top, top + high]);"
    asked = {"side": side, "heads": 4, "near": False, "width": width, "height": height, "active": 1}
    edges = module("panels/attention.js", body, asked)
    top, bottom = min(a for a, _ in edges), max(b for _, b in edges)
    assert top >= 14
    assert bottom <= height + 1
    assert height - bottom <= 24
    assert top <= 34


def test_a_strip_names_both_ends_and_fills_its_height(module: Module) -> None:
    """Weights of 5 to 8 % are no flat line at the foot of a scale to 100 %."""
    body = RUN + "return words.map((one) => String(one[0]));"
    asked = {"side": 9, "heads": 4, "near": False, "width": 900, "height": 420, "active": 1}
    for other, end in ((None, 25), (0.5, 50)):  # of runs that are compared the strips have one scale
        written = module("panels/attention.js", body, asked | {"other": other})
        assert [text.replace("\u00a0", " ") for text in written if "by loop" in text] == [
            f"largest weight by loop, 0 to {end} %"
        ] * 4
        assert written.count("loop 1") == 4


@pytest.mark.parametrize(("head", "near"), [("null", True), ("null", False), ("1", True), ("1", False)])
def test_shares_of_all_heads_are_said_to_be_means(module: Module, head: str, near: bool) -> None:
    """The place looked at most is one head's; what stays near or goes to padding is a mean unless a head is chosen."""
    body = """
    // in square-root steps
    const each = (...values) => ({ shape: [1, 1, 3, 1], values: Uint8Array.from(values, (v) => Math.round(255 * v)) });
    const whole = (...values) => ({ shape: [1, 1, values.length, 1], values });
    const shares = each(0.85, 0, 0.6);
    const arrays = { strongest: whole(0, 0, 0), strongest_head: { shape: [1, 1, 1], values: [1] },
      strongest_ties: whole(1, 1, TIES),
      even: { shape: [1], values: [0.25] }, near_even: { shape: [1], values: [0.5] },
      ...(NEAR ? { near: shares } : { unseen: shares }) };
    const view = { at: (t) => t, loops: 1, arrays, meta: { heads: 2 }, weight: () => 0.59 };
    const geometry = { name: () => "row 1" };
    return m.default.describe({ view, t: 1, active: 0, layer: 0, head: HEAD, geometry }).replaceAll("\u00a0", " ");
    """.replace("NEAR", str(near).lower()).replace("HEAD", head)
    said = module("panels/attention.js", body.replace("TIES", "1"))
    assert said.startswith("Row 1 looks most at itself (head 2, 59 %). ")
    tied = module("panels/attention.js", body.replace("TIES", "3"))
    ends_of_head = {"null": "(head 2, 59 %, one of 3 that are as large). ", "1": "(head 2, 59 %). "}
    assert tied.startswith("Row 1 looks most at itself " + ends_of_head[head])
    even = "; spread evenly it would be 50 %."
    ends = {
        ("null", True): "%). On average over heads 36 % of its attention stays in its own {groups}" + even,
        ("null", False): "would have 25 %. On average over heads 36 % goes to padding, which is not drawn.",
        ("1", True): " 0 % of its attention in this head stays in its own {groups}" + even,
        ("1", False): " Spread evenly each {place} would have 25 %.",
    }
    assert said.endswith(ends[head, near])
