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


def test_what_a_probe_explains_is_told_as_it_was_measured_below_zero_too(module: Module) -> None:
    body = """
    const asked = {
      arrays: {
        explained: array([2, 2], 0, 0.5, 0, 0.93), control: array([2, 2], 0, 0, 0, 0.4),
        embedded: array([2], -0.2, -0.1), interval: array([2, 2, 2], 0, 0, 0, 0, -0.3, -0.1, 0.9, 0.95),
        gain: array([2, 2], 0, 0, -1, 1), off: array([2, 2], 1, 1, 1, 0.08),
        read: array([2, 2, 1], 0, 1, 0, 2), truth: array([2, 1], 1, 2),
      },
      meta: { kinds: ["moments", "weights"], fitted: 256, held_out: 128, examples: 20 },
    };
    return m.default.describe(about(asked, { mode: "weights" }));"""
    said = module("panels/weights.js", SEEN + body).replace("\u00a0", " ")
    assert said == (
        "After 1 loop a probe explains 93 % of the variance of the least-squares weights on 128 other {inputs} "
        "(95 %: 90 % to 95 %), more than the control of 40 %; embedded input −10 %. Of this {input} it reads them 0.08 "
        "off (root mean square)."
    )
    none = body.replace("0, 0.93)", "0, -0.2)").replace("-1, 1)", "-1, 0)").replace("0.9, 0.95)", "-0.3, 0.1)")
    said = module("panels/weights.js", SEEN + none).replace("\u00a0", " ")
    assert "a probe explains −20 % of the variance" in said
    assert "(95 %: −30 % to 10 %), not surely more than the control of 40 %" in said


def test_accuracy_by_loops_finds_the_card_by_the_name_that_the_message_gives(module: Module) -> None:
    body = """
    const tests = [{ n: 30, loops: [2], accuracy: [0.4] }];
    const cards = [{ name: "mine", n: 40, loops: [2], accuracy: [0.5], tests }];
    view.meta = { name: "changed", base: "mine" };
    return m.default.describe({ view, t: 1, meta: { cards } });"""
    said = module("panels/scaling.js", SEEN + body).replace("\u00a0", " ")
    assert said == "The card of mine, on 40 validation inputs: 50 % at 2 loops; on 30 test inputs: 40 % at 2."


def test_more_loops_are_called_better_only_outside_of_the_interval(module: Module) -> None:
    body = """
    view.meta = { name: "mine", label: "mine", base: "mine" };
    const asked = {
      arrays: {
        accuracy: array([4], 0.5, 0.9, 0.8, 0.91), interval: array([4, 2], 0.4, 0.6, 0.8, 0.95, 0.7, 0.9, 0.85, 0.95),
        gain: array([4], -1, 0, -1, 0),
      },
      meta: { runs: 200, trained: 2 },
    };
    const say = (t) => m.default.describe({ view, t, asked, meta: { cards: [] } });
    return [1, 2, 3, 4].map(say);"""
    end = ". There is no card of mine."
    said = [text.replace("\u00a0", " ") for text in module("panels/scaling.js", SEEN + body)]
    assert said[0].endswith("50 % right after 1 loop (95 %: 40 % to 60 %), fewer than after 2 loops" + end)
    assert said[1].endswith("90 % right after 2 loops (95 %: 80 % to 95 %)" + end)
    assert said[2].endswith(", fewer than after 2 loops" + end)
    assert said[3].endswith(", not surely more or fewer than after 2 loops" + end)


def test_a_rule_that_saves_nothing_beyond_its_interval_is_not_recommended(module: Module) -> None:
    body = """
    view.arrays = {};
    const cheapest = { rule: 0, loops: 3.2, everywhere: 5, whole: [0.9, 0.99] };
    const answer = (saves) => ({ arrays: { fixed: array([1], 0.96) },
      meta: { runs: 64, data: "31 to 42 givens", rules: ["KL"], cheapest: { ...cheapest, saves } } });
    return [true, false].map((saves) => m.default.describe({ view, mode: "boards", asked: answer(saves) }));"""
    saves, unsure = (text.replace("\u00a0", " ") for text in module("panels/exits.js", SEEN + body))
    assert "96 % right after 1 loop (95 %: 90 % to 99 %). On these, the rule “KL” gets there with 3.2 loops" in saves
    assert "No rule surely saves anything: stopping everywhere after the same number takes 5, and “KL”" in unsure


def test_diagonals_that_are_known_beyond_place_and_input_are_named(module: Module) -> None:
    body = """
    view.arrays = { table: array([3, 3], 0) };
    const asked = (above) => ({ arrays: {
        accuracy: array([2], 0.2, 0.8), control: array([2], 0.2, 0.3), hits: array([2], 0, 3),
        interval: array([2, 2], 0.1, 0.3, 0.7, 0.9), gain: array([2], -1, 1),
        above: array([5, 2], ...above.flatMap((one) => [0, one])),
      }, meta: { place: 0.5, embedded: 0.4, control_baseline: 0.2 } });
    const say = (above, t = 1) => m.default.describe({ ...about(asked(above)), t });
    return [say([1, 1, 0, 1, 0]), say([1, 1, 1, 1, 1]), say([0, 0, 1, 0, 0]), say([0, 0, 0, 0, 0], 0)];"""
    some, every, one, none = (text.replace("\u00a0", " ") for text in module("panels/wavefront.js", SEEN + body))
    assert "On other pairs it is right on 80 % (95 %: 70 % to 90 %), more than without any loop: the most" in some
    assert some.endswith("On the longest pairs it knows more than place and input tell on diagonals 1–2 and 4 of 5.")
    assert every.endswith("tell on every diagonal.")
    assert one.endswith("tell on diagonal 3 of 5.")
    assert "(95 %: 10 % to 30 %), less than without any loop" in none
    assert none.endswith("tell on no diagonal.")


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
