"""What the panels on probed weights and on data outside of training say of an answer: without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Module = Callable[..., Any]
SEEN = """
const array = (shape, ...values) => ({ values: Float32Array.from(values), shape });
const view = { at: (t) => t, loops: 1, arrays: {}, meta: {} };
const colours = { groups: ["#111"], accent: "#222", warm: "#333", cool: "#444", muted: "#555" };
const about = (asked, more) => ({ view, t: 1, asked, colours, words: (text) => text, ...more });
"""
SHIFTED = """
const asked = {
  arrays: {
    values: array([1, 3], 0, 0.5, 2),
    error: array([1, 3, 1], 0.001, 0.2, 0.4),
    interval: array([1, 3, 1, 2], 0, 1, 0, 1, 0, 1),
    others: array([1, 3, 2], 0, 0.01, 0.1, 0.15, 0.9, 0.5),
    best: array([1, 3], 0, 0, 1),
    crossing: array([1, 2, 1], 0.75, NaN),
    ahead: array([1, 2, 1], 0, 1),
  },
  meta: { settings: ["noise"], usual: [0], count: 48, methods: ["least squares", "ridge"] },
};
const meta = { settings: [{ name: "noise", label: "noise", usual: 0, trained: [0, 0] }], sampled: { noise: 0.6 } };
const seen = about(asked, { meta, mode: "noise" });
"""


def test_an_error_outside_of_training_is_said_beside_the_best_method_and_where_it_crosses(module: Module) -> None:
    body = "return [m.default.describe(seen), m.default.table(seen)]"
    said, table = module("panels/shifts.js", SEEN + SHIFTED + body)
    assert said == (
        "Noise 0.5, after 1 loop: error 0.2 on 48 {inputs}; the best other method, least squares, has 0.1. "
        "It crosses least squares at 0.75 (better beyond)."
    )
    assert table["columns"][-2:] == ["error of least squares", "error of ridge"]
    assert [row[:3] for row in table["rows"]] == [["noise", 0, 1], ["noise", 0.5, 1], ["noise", 2, 1]]


def test_what_is_not_measured_yet_is_said(module: Module) -> None:
    body = SEEN + SHIFTED + "asked.arrays.error.values.fill(NaN); return m.default.describe(seen)"
    assert module("panels/shifts.js", body) == "Noise 0.5: not measured yet."


def test_settings_that_a_task_lacks_are_not_offered(module: Module) -> None:
    body = "return m.default.modes.map(([mode]) => mode).filter((mode) => m.default.offered(mode, meta))"
    assert module("panels/shifts.js", SEEN + SHIFTED + body) == ["noise"]


def test_a_probe_that_is_worse_than_the_mean_explains_nothing(module: Module) -> None:
    body = """
    const asked = {
      arrays: {
        explained: array([2, 2], 0, 0.5, 0, 0.93), control: array([2, 2], 0, 0, 0, 0.4),
        embedded: array([2], -0.2, -0.1), off: array([2, 2], 1, 1, 1, 0.08),
        read: array([2, 2, 1], 0, 1, 0, 2), truth: array([2, 1], 1, 2),
      },
      meta: { kinds: ["moments", "weights"], fitted: 256, held_out: 128, examples: 20 },
    };
    return m.default.describe(about(asked, { mode: "weights" }));"""
    said = module("panels/weights.js", SEEN + body).replace("\u00a0", " ")
    assert said == (
        "After 1 loop a probe explains 93 % of the variance of the least-squares weights on 128 other {inputs}; "
        "control 40 %, embedded input 0 %. Of this {input} it reads them 0.08 off (root mean square)."
    )


def test_accuracy_by_loops_finds_the_card_by_the_name_that_the_message_gives(module: Module) -> None:
    body = """
    const cards = [{ name: "mine", loops: [2], accuracy: [0.5] }];
    view.meta = { name: "changed", base: "mine" };
    return m.default.describe({ view, t: 1, meta: { cards } });"""
    said = module("panels/scaling.js", SEEN + body).replace("\u00a0", " ")
    assert said == "The card of mine: 50 % at 2 loops."


def test_which_error_is_lower_is_drawn_as_the_answer_says(module: Module) -> None:
    body = """
    const written = [];
    const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
      if (name === "fillText") written.push(values[0]);
      if (name === "measureText") return { width: 7 * `${values[0]}`.length }; } });
    const asked = {
      arrays: { error: array([4, 1, 1, 3], ...Array(12).fill(0.5)), lead_side: array([3, 1, 1], -1, 1, 0) },
      meta: { nonzero: [3], noises: [0], other: "plain" },
    };
    m.default.draw(pen, about(asked, { mode: "grid" }), 600, 200);
    return written.filter((text) => ["−", "=", "+"].includes(text));"""
    assert module("panels/bias.js", SEEN + body) == ["−", "+", "="]


def test_a_sweep_lists_its_models_once_each_and_says_what_its_mode_is_about(module: Module) -> None:
    body = """
    const asked = {
      arrays: {
        error: array([2, 2, 2, 3], ...Array.from({ length: 24 }, (_, i) => i)),
        by_width: array([2, 2, 3], ...Array.from({ length: 12 }, (_, i) => 100 + i)),
      },
      meta: { loops: [1, 4], windows: [1, 2], widths: [8, 32], width: 32, of_widths: [4, 2], told: ["grid", "width"] },
    };
    const { rows } = m.default.table({ asked });
    return [rows, ...["farther", "width"].map((mode) => m.default.describe(about(asked, { mode })))];"""
    rows, grid, width = module("panels/sweep.js", SEEN + body)
    assert [row[:4] for row in rows] == [[1, 1, 32, 0], [4, 1, 32, 12], [4, 2, 32, 18], [4, 2, 8, 100]]
    assert (grid, width) == ("grid", "width")


def test_ways_of_learned_descent_are_a_table_with_the_chain_of_thought(module: Module) -> None:
    body = """
    const asked = { arrays: { ways: array([4, 2, 2], ...Array.from({ length: 16 }, (_, i) => i)) }, meta: {} };
    return m.default.table({ asked, mode: "ways" });"""
    table = module("panels/multistep.js", SEEN + body)
    assert table["columns"] == ["way", "loop", "w1", "w2"]
    assert table["rows"][-1][:2] == ["chain of thought", 1]
    assert [float(value) for value in table["rows"][-1][2:]] == [14, 15]
