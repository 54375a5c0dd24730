"""Prompts of the In-context page as text, their plane, scales of positive numbers, and undo: without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., Any]
TEXT, LEVELS, UNDO = "pages/prompttext.js", "draw/levels.js", "pages/undo.js"
SETTINGS = [{"name": "examples", "usual": 20}, {"name": "noise", "usual": 0}, {"name": "scale", "usual": 1}]
SEEN = """
const colours = { accent: "#000", text: "#000", groups: ["#111", "#222"] };
const seen = { meta: { range: [-2, 2], heights: [-3, 3], methods: [] }, points: x.points, lines: new Set(),
  views: [], show: "answer", colours, font: "sans-serif", words: (text) => text,
  view: { arrays: {}, blanks: 0, geometry: { examples: x.points.length, n: x.points.length } } };
const frame = m.plane.frameOf(seen, 400, 300);"""


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("0.5 1.2; -1 0.3", [[0.5, 1.2], [-1, 0.3]]),
        ("0.5,1.2\n-1 , 0.3\n", [[0.5, 1.2], [-1, 0.3]]),
        ("1 2 0.5; 0 0 ?", [[1, 2, 0.5], [0, 0, None]]),
        ("", []),
        ("seed=7 examples=20", []),
        ("seed=7 examples=20; 1 -1 ?", [[1, -1, None]]),
    ],
)
def test_a_text_is_read_as_rows(module: Module, text: str, rows: list[list[float | None]]) -> None:
    assert module(TEXT, "return m.rowsOf(x)", text) == rows


def test_rows_are_written_with_three_decimals_as_the_server_does(module: Module) -> None:
    rows = [[0.12349, -0.0001], [1.5, 2], [3, None]]
    assert module(TEXT, "return m.textOf(x)", rows) == "0.123 0; 1.5 2; 3 ?"


def test_a_sampled_prompt_keeps_its_seed_with_queries_of_its_own(module: Module) -> None:
    body = "return ['seed=7 examples=1', 'seed=7 examples=1; 1 1 ?', '1 2 3; 1 1 ?'].map((one) => m.askedOf(one, x))"
    sampled = "seed=7 examples=1; 1 -1 ?"
    assert module(TEXT, body, [[1, 2, 3], [1, -1, None]]) == [sampled, sampled, "1 2 3; 1 -1 ?"]


@pytest.mark.parametrize(
    ("text", "settings"),
    [("seed=7 examples=20 curve=steps", {"seed": "7", "examples": "20", "curve": "steps"}), ("1 2", None), ("", None)],
)
def test_a_sampled_prompt_is_told_from_rows(module: Module, text: str, settings: dict[str, str] | None) -> None:
    assert module(TEXT, "return m.settingsOf(x)", text) == settings


def test_what_is_as_usual_is_left_out_of_a_sampled_prompt(module: Module) -> None:
    wanted = {"examples": 20, "noise": 0.3, "scale": 1, "query": "", "seed": 4, "curve": "steps"}
    assert module(TEXT, "return m.promptOf(...x)", [wanted, SETTINGS]) == "seed=4 examples=20 noise=0.3 curve=steps"


def test_the_plane_leads_from_numbers_to_the_screen_and_back(module: Module) -> None:
    body = SEEN + "return [frame.at(frame.x(0.5), frame.y(-1)), frame.x(-2) < frame.x(2), frame.y(3) < frame.y(-3)]"
    point, right, up = module("pages/plane.js", body, {"points": [[0, 0]]})
    assert point == [pytest.approx(0.5), pytest.approx(-1)]
    assert (right, up) == (True, True)


def test_an_example_beyond_the_plane_widens_it(module: Module) -> None:
    body = SEEN + "return [frame.from, frame.to, frame.low, frame.high]"
    start, end, low, high = module("pages/plane.js", body, {"points": [[5, 9]]})
    assert (start, low) == (-2, -3)
    assert end > 5
    assert high > 9


@pytest.mark.parametrize(
    ("values", "log", "ticks"),
    [
        ([0.2, 0.5, 0.9], False, [0, 0.5, 1]),
        ([1e-3, 0.5, 1], True, [1e-3, 1e-2, 0.1, 1]),
        ([0, 0], False, None),
        ([], False, None),
    ],
)
def test_a_scale_is_logarithmic_where_numbers_span_much(
    module: Module, values: list[float], log: bool, ticks: list[float] | None
) -> None:
    body = "const s = m.levels(x, 0, 100); return [s.log, s.ticks, s.y(x[0] ?? 1)]"
    found, at, y = module(LEVELS, body, values)
    assert found is log
    if ticks:
        assert at == pytest.approx(ticks)
    assert 0 <= y <= 100


def test_zero_lies_at_the_foot_of_a_logarithmic_scale_and_what_is_unknown_nowhere(module: Module) -> None:
    body = "const s = m.levels([1e-4, 1], 0, 100); return [s.y(0), s.y(1e-4), String(s.y(NaN))]"
    assert module(LEVELS, body) == [100, 100, "NaN"]


def test_what_lies_below_a_scale_is_marked_at_its_foot(module: Module) -> None:
    """5.6e-16 and 1e-4 must not look alike: the lowest number says ≤, and a line that ends below has a mark."""
    body = """
    const one = (values, floor) => {
      const s = m.levels(values, 0, 100, floor), marks = [];
      const pen = { beginPath() {}, closePath() {}, fill() {}, moveTo(x, y) { marks.push([x, y]); }, lineTo() {} };
      m.underMarks(pen, s, values.map((_, i) => 10 * i), (i) => values[i], "red");
      return { names: s.ticks.map(s.tickName), under: values.map(s.lower), marks: marks.map(([x]) => Math.round(x)) };
    };
    return [one([1, 1e-2, 5.6e-16, 1e-17, 1e-4], 1e-6), one([1, 1e-4], 1e-6), one([1, 1e-13], 0),
      one([1, 0.9, 0], 0), one([1, 1e-3, NaN, 0], 0)];"""
    below, level, wide, plain, zero = module(LEVELS, body)
    assert below["names"] == ["≤1e-4", "1e-3", "0.01", "0.1", "1"]
    assert below["under"] == [False, False, True, True, False]
    assert below["marks"] == [26]  # one mark, where the line leaves the foot again, half of the mark to the left
    assert level["names"][0] == "1e-4"
    assert not any(level["under"])
    assert (wide["names"][0], wide["under"]) == ("≤1e-8", [False, True])
    assert (plain["names"][0], plain["under"], plain["marks"]) == ("0", [False] * 3, [])
    assert (zero["names"][0], zero["under"]) == ("≤1e-3", [False, False, False, True])


def test_undo_goes_back_and_on_and_a_new_edit_ends_what_was_undone(module: Module) -> None:
    body = """
    const page = { state: { typed: { entry: "a" } }, change(text) { this.state.typed.entry = text; } };
    const undo = new m.Undo(page);
    const edit = (text) => { undo.keep(page.state.typed.entry); page.change(text); };
    const at = [];
    const say = () => at.push([page.state.typed.entry, ...undo.buttons.map((one) => one.disabled)]);
    edit("b"); edit("c"); say();
    undo.back(); undo.back(); say();
    undo.on(); say();
    edit("d"); say();
    undo.on(); say();
    return at;"""
    assert module(UNDO, body) == [
        ["c", False, True],
        ["a", True, False],
        ["b", False, False],
        ["d", False, True],
        ["d", False, True],
    ]


def test_a_hand_is_followed_by_one_request_at_a_time_and_its_last_place_is_asked(module: Module) -> None:
    body = """
    const sent = [], busy = new Set();
    const root = { setAttribute: (name) => busy.add(name), removeAttribute: (name) => busy.delete(name),
      hasAttribute: (name) => busy.has(name), isConnected: true };
    const state = { typed: { request: 0 }, asking: {}, travel: {} };
    const page = { root, state, bar: { chosen: {} }, typedText: () => "",
      host: { send: ({ puzzle }) => sent.push(puzzle) } };
    const requests = new m.Requests(page);
    for (const puzzle of ["a", "b", "c"]) requests.follow(() => requests.send({ puzzle }));
    const behind = requests.behind;
    requests.arrived();
    const then = [...sent];
    requests.arrived();
    root.isConnected = false;
    return [behind, then, sent, requests.behind, requests.busy];"""
    assert module("pages/requests.js", body) == [True, ["a", "c"], ["a", "c"], False, False]


MAPS = """
const floats = (shape, ...values) => ({ values: Float32Array.from(values), shape });
const view = { at: (t) => t, geometry: { examples: 1 }, arrays: { truth: floats([2], 1, -1),
  predictions: floats([1, 3, 1], 0, 1.25, -1.5), method_predictions: floats([2, 2], 0, 1, 2, 3) } };
const meta = { methods: [{ name: "a", label: "method a" }, { name: "b", label: "method b" }] };
const seen = { view, views: [view], meta, t: 1, show: "answer", colours: { groups: ["#111"] }, lines: new Set(), ...x };
seen.lines = new Set(x.lines ?? []);
return m.maps.shown(seen).map(([title, value, own]) => [title, value && [value(0), value(1)], own ?? null]);"""


TABLE = """
const floats = (shape, ...values) => ({ values: Float32Array.from(values), shape });
const at = (name) => ({ letter: name, loops: 2, blanks: 1, at: (t) => t, meta: { heads: 1 },
  geometry: { examples: 1, n: 2, name: (i) => ["example 1", "query 1"][i] },
  weight: (t, layer, head, i, j) => t / 4 + j / 8,
  arrays: { vectors: floats([2, 3], 0.5, 2, 0, 1.5, 0, 1), truth: floats([1], 3), attention: {},
    predictions: floats([3, 1, 1], 0, name === "A" ? 2.5 : 2.25, 4), method_predictions: floats([1, 1], 7) } });
const views = [at("A"), at("B")];
const seen = { view: views[0], views, geometry: views[0].geometry, layer: 0,
  meta: { dims: 1, methods: [{ name: "ridge", label: "ridge" }] },
  active: 1, head: null, colours: { groups: ["#111"] }, lines: new Set(x.lines ?? []), show: x.show };
const { columns, rows } = m.tableOfPrompt(seen);
return rows.map((row) => Object.fromEntries(columns.map((name, k) => [name, row[k]])));"""


def test_the_numbers_of_a_prompt_are_those_that_show_draws(module: Module) -> None:
    """Of examples what changes with the loop stands at every loop; of methods, those that are switched on."""

    def table(**what: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = module("pages/promptwords.js", TABLE, what)
        return rows

    plain = table(show="answer")
    assert [row["loop"] for row in plain] == ["", 1, 2]
    assert list(plain[0]) == ["loop", "{place}", "x", "y", "predicted"]
    error = table(show="solution", lines=["ridge"])
    assert [row["predicted − true"] for row in error] == ["", -0.5, 1]
    assert [row["ridge"] for row in error] == ["", 7, 7]
    looked = table(show="attention")
    assert [(row["loop"], row["{place}"], row["attention from query 1"]) for row in looked] == [
        (1, "example 1", "0.2500"),
        (1, "query 1", "0.3750"),
        (2, "example 1", "0.5000"),
        (2, "query 1", "0.6250"),
    ]
    assert [row["predicted by the other run"] for row in table(show="versus")] == ["", 2.25, 4]


def test_of_two_dimensions_the_predicted_surface_stands_beside_the_true_one(module: Module) -> None:
    assert module("pages/maps.js", MAPS, {}) == [["predicted", [1.25, -1.5], None], ["true", [1, -1], None]]


def test_the_surface_of_errors_has_a_scale_of_its_own(module: Module) -> None:
    _, error = module("pages/maps.js", MAPS, {"show": "solution"})
    assert error == ["error, to ±0.5", [0.25, -0.5], 0.5]
    assert module("pages/maps.js", MAPS, {"show": "solution", "t": 0})[1] == ["predicted − true", None, None]


def test_methods_that_are_switched_on_have_maps_as_many_as_there_is_room_for(module: Module) -> None:
    titles = [title for title, *_ in module("pages/maps.js", MAPS, {"lines": ["a", "b"]})]
    assert titles == ["predicted", "true", "method a", "method b"]


SCATTER = """
const floats = (shape, ...values) => ({ values: Float32Array.from(values), shape });
const at = (letter) => ({ letter, loops: 2, blanks: 1, at: (t) => t, geometry: { examples: 1, n: 2 },
  arrays: { vectors: floats([2, 5], 1, 0, 0, 2, 0, 0, 1, 0, 0, 1), truth: floats([1], x.known ? 3 : NaN),
    predictions: floats([2, 2, 1], 0, 2.5, 0, 4), method_predictions: floats([1, 1], 7) } });
const views = [at("A"), at("B")];
const colours = Object.fromEntries(["accent", "warm", "wrong", "text", "muted", "line", "background"].map(
  (name) => [name, "#123456"]));
const seen = { view: views[0], views, t: 1, active: 1, points: [[1, 0, 0, 2]], show: x.show, font: "sans-serif",
  meta: { methods: [{ name: "ridge", label: "ridge" }] }, lines: new Set(x.lines ?? []),
  colours: { ...colours, groups: ["#111111"] }, words: (text) => text };
const pen = document.createElement("canvas").getContext("2d");
const said = [];
pen.fillText = (text) => said.push(text);
m.scatter.draw(pen, seen, 320, 220);
return said;"""


def test_of_more_dimensions_every_sign_that_is_drawn_has_a_key(module: Module) -> None:
    def said(**what: Any) -> list[str]:
        texts: list[str] = module("pages/scatter.js", SCATTER, what)
        return texts

    assert {"●", "prediction", "predicted = true", "error"} <= set(said(show="answer", known=True))
    assert "□" not in said(show="answer", known=True)
    assert {"□", "prediction of B"} <= set(said(show="versus", known=True))
    assert "ridge" in said(show="answer", known=True, lines=["ridge"])
    unknown = said(show="answer", known=False)
    assert "prediction" in unknown
    assert not {"predicted = true", "error"} & set(unknown)


def test_the_help_of_a_prompt_is_about_the_picture_that_is_drawn(module: Module) -> None:
    body = "return [m.helpOfPrompt(), ...x.map((dims) => m.helpOfPrompt(dims))]"
    first, one, two, five = module("pages/promptwords.js", body, [1, 2, 5])
    assert first == one
    marks = ("thick line", "maps", "dashed diagonal")
    assert [[mark in text for mark in marks] for text in (one, two, five)] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    assert ["Freehand" in text for text in (one, two, five)] == [True, True, False]
