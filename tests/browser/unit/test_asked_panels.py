"""What the panels on probed weights and on data outside of training say of an answer: without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from answers import SEEN

Module = Callable[..., Any]
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
    assert table["columns"][3:8] == ["error", "error, 95 % from", "error, 95 % to", "error of least squares",
                                     "error of ridge"]  # fmt: skip
    assert table["rows"][1][3:] == [
        pytest.approx(0.2),
        0,
        1,
        pytest.approx(0.1),
        pytest.approx(0.15),
        0.75,
        "better",
        "",
        "",
    ]
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
        "that it was not fitted to (95 %: 90 % to 95 %), more than the control of 40 %; embedded input −10 %. Of this "
        "{input} it reads them 0.08 "
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
    assert said == "The card of mine, on 40 validation inputs: 50.0 % at 2 loops; on 30 test inputs: 40.0 % at 2."


def test_a_changed_model_has_no_card(module: Module) -> None:
    """That of its checkpoint is neither told, drawn nor saved as its own; those of others keep their colours."""
    body = """
    const [words, tints] = [[], []];
    const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
      if (name === "fillText") words.push(values[0]);
      if (name === "arc") tints.push(held.fillStyle);
      if (name === "measureText") return { width: 6 * values[0].length }; } });
    const named = Object.fromEntries(["accent", "warm", "cool", "text", "muted", "line"].map((one) => [one, one]));
    named.groups = [..."012345678"];
    const card = (name) => ({ name, n: 9, loops: [8], accuracy: [0.9], tests: [] });
    const cards = [card("mine"), card("other")];
    return [["freeze=0"], []].map((changes) => {
      view.meta = { name: "mine", label: "mine", base: "mine", changes };
      words.length = tints.length = 0;
      m.default.draw(pen, { view, t: 1, colours: named, meta: { cards }, words: (text) => text }, 400, 200);
      const told = [m.default.describe({ view, t: 1, meta: { cards } }), m.default.table({ view, meta: { cards } })];
      return [words.filter((text) => ["mine", "other"].includes(text)), [...new Set(tints)], told[0],
        told[1].rows.map(([name]) => name)];
    });"""
    changed, plain = module("panels/scaling.js", SEEN + body)
    assert changed == [["other"], ["warm"], "A changed model has no card.", ["other"]]
    assert plain[:2] == [["mine", "other"], ["accent", "warm"]]
    assert plain[2].startswith("The card of mine, on 9 validation inputs")
    assert plain[3] == ["mine", "other"]


def test_every_checkpoint_of_many_is_drawn_and_named_with_a_look_of_its_own(module: Module) -> None:
    """Six are shipped of a task, a person may have trained more; the key shows each stroke as it is drawn."""
    body = """
    const [key, lines, dots] = [[], [], []];
    let dash = [];
    const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
      if (name === "setLineDash") dash = values[0];
      if (name === "stroke" && held.lineWidth === 2) key.push(`${held.strokeStyle} ${dash}`);
      if (name === "stroke" && held.lineWidth === 1.4) lines.push(`${held.strokeStyle} ${dash}`);
      if (name === "arc") dots.push(held.fillStyle);
      if (name === "measureText") return { width: 6 * values[0].length }; } });
    const named = Object.fromEntries(["accent", "warm", "cool", "text", "muted", "line"].map((one) => [one, one]));
    named.groups = [..."012345678"];
    const card = (_, i) => ({ name: `net ${i}`, n: 9, loops: [4, 8], accuracy: [0.5, 0.9], tests: [] });
    const cards = Array.from({ length: 8 }, card);
    view.meta = { name: "net 0", label: "net 0", base: "net 0" };
    m.default.draw(pen, { view, t: 1, colours: named, meta: { cards }, words: (text) => text }, 600, 300);
    return [key, lines, [...new Set(dots)].length];"""
    key, drawn, dots = module("panels/scaling.js", SEEN + body)
    assert len(set(drawn)) == len(drawn) == dots == 8
    assert key == drawn


def test_what_is_measured_now_has_a_colour_and_a_name_of_its_own(module: Module) -> None:
    """Paths' own card counts its loops by what each grid needs, so that it has no line on the axis of loops."""
    body = """
    const [words, drawn] = [[], []];
    const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
      if (name === "fillText") words.push([values[0], held.fillStyle]);
      if (name === "stroke") drawn.push([held.strokeStyle, held.lineWidth]);
      if (name === "measureText") return { width: 6 * values[0].length }; } });
    view.meta = { name: "mine", label: "mine", base: "mine" };
    const named = Object.fromEntries(["accent", "warm", "cool", "text", "muted", "line"].map((one) => [one, one]));
    named.groups = [..."012345678"];
    const own = { name: "mine", n: 9, loops: x.loops, accuracy: [1], tests: [] };
    const cards = [{ name: "other", n: 9, loops: [8], accuracy: [0.9], tests: [] }, own];
    const asked = { arrays: { accuracy: array([4], 0, 0.1, 0.4, 1) } };
    m.default.draw(pen, { view, t: 1, asked, colours: named, meta: { cards }, words: (text) => text }, 400, 200);
    const told = m.default.describe({ view, t: 1, meta: { cards } });
    return [words.map(([text]) => text), drawn.find(([, width]) => width === 3)[0], told];"""
    for loops, needed in (["needed+2"], True), ([4], False):
        words, colour, told = module("panels/scaling.js", SEEN + body, {"loops": loops})
        assert (words[:3] if not needed else words[:2])[-1] == "measured now"
        assert colour == "warm"  # the other's is the accent
        assert told.endswith("as the one that needs most.") == needed


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
    const cheapest = { rule: 0, loops: 3.2, everywhere: 5, whole: [0.9, 0.99],
      peak: 0.95, peak_interval: [0.89, 0.98] };
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
    const asked = { arrays: { ways: array([4, 2, 2], ...Array.from({ length: 16 }, (_, i) => i)),
      ellipse: array([2, 3], 1, 2, 0.5, 0.7, 2, 0) }, meta: {} };
    return m.default.table({ asked, mode: "ways" });"""
    table = module("panels/multistep.js", SEEN + body)
    assert table["columns"] == ["way", "loop", "w1", "w2"]
    *_, last, true, axis, steep = table["rows"]
    assert last[:2] == ["chain of thought", 1]
    assert [float(value) for value in last[2:]] == [14, 15]
    assert (true, axis[2], steep[2]) == (["true weights", "", 1, 2], 0.5, pytest.approx(0.7))


SIMILAR = """
const nan = NaN;
const asked = { arrays: { at: array([3], 0, 2, 4), cka: array([3, 3], nan, nan, nan, nan, 1, 0.5, nan, 0.5, 1) },
  meta: { end: null, few: false } };
const seen = (t, end = null) => about({ ...asked, meta: { end, few: false } }, { t, view: { ...view, loops: 4 } });
"""


def test_the_similarity_of_states_is_said_from_the_start_to_the_end(module: Module) -> None:
    body = """
    const { describe } = m.default;
    const few = about({ ...asked, meta: { end: null, few: true } }, { t: 2 });
    return [...[0, 2, 4].map((t) => describe(seen(t))), describe(seen(2, 2)), describe(seen(2, 1)), describe(few)];"""
    start, middle, end, two, one, few = module("panels/similarity.js", SEEN + SIMILAR + body)
    stays = " The run does not stay with the state that it ends in (at least 0.99)."
    assert start == "Before the first loop all {places} are equal: there is nothing to compare."
    assert middle == f"The state after loop 2 has a similarity of 0.50 with the last one.{stays}"
    assert end == f"The state after loop 4 has a similarity of 0.50 with the state before it in the map.{stays}"
    assert two.endswith("From 2 loops on every state is like the last one (at least 0.99).")
    assert one.endswith("From 1 loop on every state is like the last one (at least 0.99).")
    assert few == "The {input} has too few {places} to compare."


def test_exponents_are_said_with_what_they_mean_and_as_far_as_they_are_known(module: Module) -> None:
    body = """
    const asked = (kind, late, done, growth) => ({ meta: { kind, done },
      arrays: { local: array([3, 2, 1], 0, 0, 0, 0, 0, 0), growth: array([2], 1, growth),
        largest: array([2], ...late), factor: array([2], ...late.map(Math.exp)) } });
    const said = (t, ...of) => m.default.describe(about(asked(...of), { t, view: { ...view, loops: 2 } }));
    return [said(2, 1, [0.3, 0.3], 2, 1.5), said(0, -1, [-Infinity, -Infinity], 2, 0),
      said(2, 0, [0.0085, 0.0145], 1, NaN), m.default.table(about(asked(1, [0, 0], 2, 1))).rows.length];"""
    parts, gone, soon, rows = module("panels/lyapunov.js", SEEN + body)
    assert parts == (
        "Largest exponent 0.30, over the last half of the loops and from 3 random starts (a factor of 1.3 a loop): "
        "on average nearby states part. Loop 2 multiplies the difference of the first curve by 1.5."
    )
    assert gone == (
        "Largest exponent −∞, over the last half of the loops and from 3 random starts (a factor of 0 a loop): "
        "on average nearby states meet."
    )
    assert soon == (
        "Largest exponent 0.0085 to 0.0145, over the last half of the loops and from 3 random starts (a factor of "
        "1.009 to 1.015 a loop): on average nearby states neither clearly part nor clearly meet, as far as 1 loop "
        "tells."
    )
    assert rows == 6


def test_a_radius_near_one_is_said_with_the_digits_that_tell(module: Module) -> None:
    body = """
    const asked = (kind, radius, most) => ({ arrays: { at: array([1], 0), radius: array([2, 1], radius, most),
      settled: array([2, 1], 1, 1), long_run: array([1], kind) } });
    const run = { ...view, loops: 1, meta: { verdict: { sentence: "It moves." } },
      arrays: { steps: array([3, 1], NaN, 1, 2.55) } };
    const seen = (...of) => about(asked(...of), { view: run });
    return [m.default.describe(seen(2, 1.0169, 5.6)), m.default.describe(seen(1, 1.004, 1.04)),
      m.default.table(seen(2, 1.0169, 5.6))];"""
    grows, stays, table = module("panels/fixed.js", SEEN + body)
    assert grows == (
        "It moves. If every loop were loop 1, a tiny difference would grow by a factor of 1.017 a loop in the long "
        "run; one loop stretches it by 5.6 at most (its Lipschitz constant)."
    )
    assert " would stay about as large as it is (a factor of 1.004 a loop) in the long run; " in stays
    assert table["columns"][4:] == ["spectral radius", "spectral radius, found", "Lipschitz constant",
                                    "Lipschitz constant, found"]  # fmt: skip
    assert table["rows"][0][4:] == ["1.0169", 1, "5.6000", 1]


def test_calibration_is_said_at_its_edges(module: Module) -> None:
    body = """
    const asked = (gap, sure, committed, wrong) => ({ meta: { runs: 64, answers: 10, data: "easy, seed 3" }, arrays: {
      error: array([1], Math.abs(gap)), gap: array([1, 3], gap, gap, gap), too_sure: array([1], sure),
      decimals: array([1], Math.abs(gap) < 0.01 ? 2 : 1),
      committed: array([1], committed), wrong: array([1], wrong) } });
    const near = asked(0.004, 1, 1, 0);
    near.arrays.gap = array([1, 3], 0.004, -0.00001, 0.0077);
    const timid = asked(0.0001, -1, 1, 0);
    timid.arrays.gap = array([1, 3], -0.002, -0.003, -0.001);
    return [asked(0.2, 1, 0.5, 0.25), asked(-0.00001, 0, 1, 0), asked(0, 0, 0, NaN), near, timid].map((one) =>
      m.default.describe(about(one, { t: 1 })).replaceAll("\u00a0", " "));"""
    sure, right, none, near, timid = module("panels/calibration.js", SEEN + body)
    assert sure == (
        "After 1 loop, on 64 held-out {inputs} (easy, seed 3): calibration error 20.0 points. The probabilities "
        "promise more right answers than there are: it is too sure (by 20.0 points, 95 %: 20.0 to 20.0). "
        "The model is committed (above 90 %) to 50 % of the answers, 25 % of them wrong."
    )
    assert "as there are (by less than 0.01 points, both ends of the 95 % interval, too)." in right
    assert right.endswith("The model is committed (above 90 %) to 100 % of the answers, 0 % of them wrong.")
    assert "as there are (by 0 points, both ends of the 95 % interval, too)." in none
    assert none.endswith("The model is committed (above 90 %) to 0 % of the answers.")
    assert "(by 0.40 points, 95 %: 0.00 to 0.77)" in near
    assert "calibration error 0.01 points" in timid
    assert "fewer right answers than there are: it is not sure enough (by 0.20 points, 95 %: 0.10 to 0.30)" in timid


def test_what_is_known_of_a_part_of_the_lengths_is_said_of_that_part(module: Module) -> None:
    """Short words come first: what is known of them is not said of all lengths."""
    body = """
    const asked = (...row) => ({ meta: { trained: 4, count: 40, lengths: [2, 3, 4, 5] }, arrays: { right: array([4, 1],
      ...row), means: array([2, 1], 0.9, NaN), interval: array([2, 1, 2], 0.8, 0.95, NaN, NaN) } });
    return [asked(1, 0.8, NaN, NaN), asked(1, 0.8, 0.9, 0.1)].map((one) =>
      m.default.describe(about(one, { t: 1 })).replaceAll("\u00a0", " "));"""
    part, whole = module("panels/lengths.js", SEEN + body)
    assert part.startswith("After 1 loop, with 40 pairs of each length from 2 to 3 so far: 90 % right")
    assert part.endswith("up to 3 letters.")
    assert whole.startswith("After 1 loop, with 40 pairs of each length: 90 % right")
    assert whole.endswith("up to 4 letters.")
    parts = module(
        "pages/telling.js",
        "return x.map((asked) => m.partWords(asked));",
        [None, {"share": 1}, {"share": 0}, {"share": 0.4}],
    )
    assert parts == ["", "", "", "Not all is known: 40\u00a0% of the work is done. "]


def test_rest_and_rightness_are_counted_in_words(module: Module) -> None:
    body = """
    const verdicts = [[["converged", 4], ["reached", 2]], [["drifted", 1], ["oscillating", 2], ["still moving", 1]]];
    const asked = (table, area, tells, lost, alike = []) => ({
      meta: { runs: 10, data: "easy", alike, verdicts }, arrays: {
      table: array([2, 2], ...table), area: array([2, 1, 3], ...area), tells: array([2, 1], ...tells),
      lost: array([1], lost) } });
    const none = [NaN, NaN, NaN, NaN, NaN, NaN];
    return [asked([4, 2, 3, 1], [0.9, 0.8, 1, 0.5, 0.4, 0.6], [1, 0], 2),
      asked([10, 0, 0, 0], none, [0, 0], 0, [[1, 1, true]]),
      asked([0, 0, 0, 10], none, [0, 0], 1, [[1, 4, false], [7, 9, true]])].map((one) =>
        [1, 0].map((t) => m.default.describe(about(one, { t })))).flat().concat([
          m.default.table(about(asked([4, 2, 3, 1], [0.9, 0.8, 1, 0.5, 0.4, 0.6], [1, 0], 2), { t: 1 }))]);"""
    mixed, first, right, _, wrong, _, table = module("panels/resting.js", SEEN + body)
    four = dict(zip(table["columns"][-4:], table["rows"][-1][-4:], strict=True))
    assert four == {
        "at rest and right at the end": 4,
        "at rest and wrong at the end": 2,
        "not at rest and right at the end": 3,
        "not at rest and wrong at the end": 1,
    }
    assert mixed.replace("\u00a0", " ") == (
        "Of 10 {inputs} (easy), after 1 loop: 6 at rest (converged 4, reached 2), 2 of them wrong; 4 not at "
        "rest (drifted 1, oscillating 2, still moving 1), 1 of them wrong; "
        "2 were right and lost. After 1 loop: a small step speaks for a right answer (AUC 0.90, 95 %: 0.80 to 1.00); "
        "a high confidence tells nothing sure (AUC 0.50, 95 %: 0.40 to 0.60)."
    )
    assert "10 at rest (converged 4, reached 2), all right; none not at rest; none was right and lost." in right
    assert first.endswith("2 were right and lost. Before the first loop there is nothing to tell right from wrong by.")
    assert right.endswith(
        "After 1 loop: all 10 are right, so nothing can tell them apart. "
        "There are no curves after loop 1 (all 10 are right)."
    )
    assert wrong.endswith(
        "After 1 loop: all 10 are wrong, so nothing can tell them apart. There are no curves "
        "after loops 1 to 4 (all 10 are wrong) and after loops 7 to 9 (all 10 are right)."
    )
    assert (
        "none at rest; 10 not at rest (drifted 1, oscillating 2, still moving 1), all wrong; 1 was right and lost."
        in wrong
    )


def test_each_end_of_an_interval_is_a_column_of_its_own(module: Module) -> None:
    """A table with two measures has two intervals, and a reader of the CSV tells columns by their names."""
    body = SEEN + "return m.default.table(about(null)).columns"
    for panel in ("resting", "methods", "tables", "sweep", "layers", "calibration", "compute", "bias", "farther"):
        columns = module(f"panels/{panel}.js", body)
        assert len(set(columns)) == len(columns), panel
        measured = [column.removesuffix(", 95 % from") for column in columns if column.endswith(", 95 % from")]
        assert measured, panel
        for name in measured:
            at = columns.index(name)
            assert columns[at : at + 3] == [name, f"{name}, 95 % from", f"{name}, 95 % to"], panel


def test_a_linear_map_is_told_beside_saying_that_nothing_changes(module: Module) -> None:
    body = """
    const asked = (explained, good, of = { modulus: 0.559017, side: "below" }) => ({
      meta: { fitted: 16, explained, good, ...of }, arrays: {
      error: array([2], 0.5, 0.04), still: array([2], 1, 0.04),
      ahead: array([2], 0.4, 3), ahead_still: array([2], 1, 1),
      eigenvalues: array([2, 2], -0.5, 0.25, -0.5, -0.25) } });
    const said = (one, mode, t = 1) => m.default.describe(about(one, { mode, t, view: { ...view, loops: 2 } }));
    return [said(asked(0.3, 1)), said(asked(-0.3, 1), "error", 2), said(asked(null, 0)), said(asked(0, 0), "ahead"),
      said(asked(0, 2), "ahead"), said(asked(0, 1), "plane"),
      said(asked(0, 1, { modulus: 0.999982, side: "below" }), "plane"),
      said(asked(0, 1, { modulus: 1.0004, side: "above" }), "plane"),
      said(asked(0, 1, { modulus: 1, side: "at" }), "plane")];"""
    first, equal, none, worse, all_, plane, near, above, one = (
        text.replace("\u00a0", " ") for text in module("panels/linear.js", SEEN + body)
    )
    assert first == (
        "Fitted to 16 other {inputs}, the map misses the state after loop 1 by 50 %; saying that nothing changes by "
        "100 %. It accounts for 30 % of the squared steps of this run."
    )
    assert "after loop 2 by 4 %, as much as saying that nothing changes. Over the whole run it is no better" in equal
    assert none.endswith("This run takes no step.")
    assert "for not even one loop ahead; 2 loops ahead it is off by 300 %" in worse
    assert "for all 2 loops ahead" in all_
    assert plane.startswith(
        "The largest modulus of an eigenvalue of the map is 0.559, below 1, so that the map, applied again and again, "
        "comes to rest; the eigenvalue is −0.500 ± 0.25i. One loop ahead the map is off by 40 %"
    )
    assert "is 0.99998, below 1, so that the map" in near
    assert "is 1.0004, above 1, so that the map, applied again and again, grows without end;" in above
    assert "is 1.000000, neither below nor above 1 as far as six decimals tell;" in one


def test_a_return_test_is_told_as_far_as_it_went(module: Module) -> None:
    body = """
    const asked = (done, back, right, plain) => ({ arrays: { back: array([2], ...back), right: array([2], 8, right),
        loops_back: array([2], 0, NaN), distance: array([2, 1], 1, 1), same: array([2, 1], 1, 1) },
      meta: { noise: [1], exchanged: [3], counted: 6, draws: 8, done, plain_right: plain } });
    const say = (mode, ...of) => m.default.describe(about(asked(...of), { mode, view: { ...view, loops: 2 } }));
    const { rows } = m.default.table(about(asked(2, [8, 0], 0, true)));
    return [say("noise", 2, [8, 0], 0, true), say("corrupted", 2, [8, 0], 0, false),
      say("corrupted", 1, [8, 0], 0, true), say("corrupted", 2, [8, 3], 1, true), rows.map((row) => row[0])];"""
    noise, exchanged, soon, some, names = module("panels/recovery.js", SEEN + body)
    assert noise == (
        "Left alone, the run is right after 2 loops. Disturbed after 2 loops, its answer comes back in 8 of 8 (at "
        "once) after a change of 1 length; of the 8 draws with 1 length 8 end right."
    )
    assert exchanged.replace("\u00a0", " ").endswith(
        "is wrong after 2 loops. Disturbed after 2 loops, its answer comes back in 0 of 8 with 3 of 6 exchanged; of "
        "the 8 draws with "
        "3 of 6 exchanged none ends right."
    )
    assert soon == "Not tried yet."
    assert some.endswith("exchanged 1 ends right.")
    assert names == ["random change", "exchange"]


def test_the_numbers_of_a_return_test_say_of_which_draws_and_loops_they_are(module: Module) -> None:
    """The count of draws that are back is one of the end alone, and shares are medians: 1 beside 5 of 8 is no error."""
    body = """
    const asked = (done) => ({ arrays: {
        back: array([2], 5, 0), right: array([2], 5, 0), loops_back: array([2], 1, NaN),
        distance: array([2, 2], 1, 0.5, 2, NaN), same: array([2, 2], 0.5, 1, 0, NaN) },
      meta: { noise: [1], exchanged: [3], counted: 6, draws: 8, done, plain_right: true } });
    return [m.default.table(about(asked(2))), m.default.table(about(asked(1)))];"""
    whole, half = module("panels/recovery.js", SEEN + body)
    assert whole["columns"][3:] == [
        "distance (median of the draws)",
        "share of the same answers (median of the draws)",
        "draws back at the end",
    ]
    assert [row[2:] for row in whole["rows"][:2]] == [[0, "1.0000", "0.50000", ""], [1, "0.50000", "1.0000", 5]]
    assert [row[5] for row in whole["rows"]] == ["", 5, "", 0]
    assert [row[5] for row in half["rows"]] == ["", 5, "", ""]  # the second row is not tried yet


def test_how_far_a_change_reaches_is_said_for_every_kind_of_step(module: Module) -> None:
    body = """
    const asked = (reach, near, kind, chosen, possible = 1) => ({ meta: { cell: 0, chosen, tried: 1, possible,
      even: 0.25, kind }, arrays: {
      near: array([2], NaN, near), reach: array([2], -1, reach), bands: array([3, 2], 0, 0, 1, 1, 3, 4),
      change: array([2, 2], 0, 0, 1, 0.5),
      mean: array([2, 3], 0, 0, 0, 1, 0.5, 0), touched: array([2, 3], 0, 0, 0, 1, 1, 0) } });
    const geometry = { name: () => "here" };
    const say = (...of) => m.default.describe(about(asked(...of), { geometry }));
    const table = m.default.table(about(asked(1, 1, "grid", true), { geometry }));
    return [say(2, 1, "group", true), say(1, 0.5, "grid", true), say(0, NaN, "sequence", false),
      say(-1, 0, "sequence", true), table.rows.map((row) => row[1]), say(2, 1, "group", true, 25)];"""
    group, grid, itself, none, steps, some = module("panels/locality.js", SEEN + body)
    assert group.replace("\u00a0", " ") == (
        "With 1 other token at here, each in a run of its own from the first loop on, compared after loop 1: the "
        "farthest state that changes by more than a tenth of its length "
        "is 2 steps away. Of all change elsewhere 100 % is in {places} sharing a row, column or box; spread evenly it "
        "would be 25 %."
    )
    assert "is 1 step away. " in grid
    assert "in {places} beside it" in grid
    assert itself.endswith(
        "here, as nothing else can stand at the chosen {place}, each in a run of its own from the first loop on, "
        "compared after loop 1: only its own state changes by more than "
        "a tenth of its length. Nothing changes elsewhere."
    )
    assert "no state changes by more than a tenth of its length" in none
    assert steps == ["itself", "1 step", "3–4 steps", "here", "here"]
    assert some.startswith("With the first 1 of 25 other tokens at here, each in a run of its own")


def test_layers_that_rest_and_layers_that_do_not_are_told(module: Module) -> None:
    body = """
    const asked = (since, moved) => ({ meta: { rests: since.filter(Boolean).length }, arrays: {
      since: array([2], ...since), moved: array([2, 2], NaN, NaN, ...moved),
      within: array([2, 2], NaN, 0.5, 0.4, 0.6) } });
    const say = (one, loops = 2) => m.default.describe(about(one, { view: { ...view, loops } }));
    return [say(asked([1, 2], [0, 0])), say(asked([0, 2], [0.2, 0])), say(asked([0, 0], [0.2, 0.2])),
      say(asked([0, 0], [NaN, NaN]), 1)];"""
    both, one, none, short = (text.replace("\u00a0", " ") for text in module("panels/layerwise.js", SEEN + body))
    assert both == (
        "At rest (moving by at most 0.1 % of its length a loop) are layer 1 from loop 1 on and layer 2 from loop 2 on. "
        "From one layer to the next it moves by 40 % to 60 %: the loop at rest is a cycle."
    )
    assert one.startswith(
        "At rest (moving by at most 0.1 % of its length a loop) is layer 2 from loop 2 on; 1 layer "
        "not. From one layer to the next"
    )
    assert one.endswith("40 % to 60 %.")
    bound = "No layer rests, which takes four loops that each move it by at most 0.1 % of its length: in the last loop "
    assert none.startswith(bound + "they move by 20 % of their length.")
    assert short == bound + "they move by an unknown share of their length."


def test_the_effects_of_heads_are_counted_from_one(module: Module) -> None:
    """A head is cut in a loop, and a state is put back after one; a head of several layers is named by its layer."""
    body = """
    const margin = array([2, 4], -1, 0, 0, -2, 0, 0, 0, 0);
    const arrays = { at: array([2], 0, 3), margin, probability: margin, changed: margin };
    const meta = { worst: [0, 3], turned: 0, tried: 8, answer: 1 };
    const geometry = { name: (i) => `place ${i + 1}`, called: (token) => `digit ${token}` };
    const seen = about({ arrays, meta, cell: 0 }, { view: { ...view, meta: { heads: 2 } }, mode: "heads", geometry });
    const cells = m.default.table({ ...seen, mode: "cells" });
    const heads = m.default.table(seen);
    return [heads, cells].map(({ columns, rows }) => [columns.slice(0, 2), rows[3].slice(0, 2), rows[4].slice(0, 2)])
      .concat([m.default.describe(seen)]);
    """
    heads, cells, said = module("panels/effect.js", SEEN + body)
    assert heads == [["loop", "head"], [1, "2, layer 2"], [4, "1, layer 1"]]
    assert cells == [["after loops", "{place}"], [0, "place 4"], [3, "place 1"]]
    assert "was cutting head 2, layer 2 in loop 1: its margin moved by −2." in said
