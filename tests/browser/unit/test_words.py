"""Numbers as words, events of a stream, lines of CSV, parts of links."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.catalogue import checkpoints
from looped.lenses.fixed_point import LONG_RUN
from looped.questions import QUESTIONS
from looped.questions.calibration import decimals, side_written

Module = Callable[..., Any]
NARROW = "\u00a0"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0_%"),
        (0.0049, "<_1_%"),
        (0.005, "1_%"),
        (0.5, "50_%"),
        (0.9949, "99_%"),
        (0.995, ">_99_%"),
        (0.9951, ">_99_%"),
        (1, "100_%"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(module: Module, share: float, words: str) -> None:
    assert module("core/words.js", "return m.percent(x)", share) == words.replace("_", NARROW)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (0.0123, "0.012"),
        (0.00123, "1.2e-3"),
        (5.38, "5.4"),
        (-0.25, "-0.25"),
        (999, "1.0e+3"),
        (1234, "1.2e+3"),
    ],
)
def test_a_number_keeps_two_digits(module: Module, number: float, words: str) -> None:
    assert module("core/words.js", "return m.short(x)", number) == words


def test_what_is_no_number_is_said_so(module: Module) -> None:
    assert module("core/words.js", "return [m.short(NaN), m.short(Infinity), m.percent(NaN)]") == [
        "NaN",
        "Infinity",
        f"NaN{NARROW}%",
    ]


def test_a_negative_number_has_a_true_minus(module: Module) -> None:
    assert module("core/words.js", "return [m.signed(-0.126), m.signed(2), m.signed(-0.5, m.short)]") == [
        "−0.13",
        "2.00",
        "−0.50",
    ]


def test_one_is_not_many(module: Module) -> None:
    body = 'return [m.plural(1, "loop"), m.plural(0, "loop"), m.plural(2, "cell has", "cells have")]'
    assert module("core/words.js", body) == ["1 loop", "0 loops", "2 cells have"]


def test_who_waits_sees_its_place_in_the_line(module: Module) -> None:
    """A place that is told leaves the share as it is; with the first part of the answer the line is over."""
    body = """
      const row = new m.AskRow(() => 0);
      const notes = [3, 1, 17, 0].map((place) => {
        row.update("Ask", { share: 0, running: true, place }, null, null);
        return row.note.textContent;
      });
      const { Answers } = await import(`${x}ask/answers.js`);
      const places = [];
      async function* source() { for (const place of [2, 1, 0]) yield { place }; yield { error: "It ends." }; }
      const answers = new Answers(source, () => places.push([answers.get("k")?.place, answers.get("k")?.share]));
      await answers.ask("k", null, {});
      return { notes, places, error: answers.get("k").error };
    """
    found = module("ask/row.js", body, "http://modules.test/")
    assert found["notes"] == [
        "Waiting: third in line.",
        "Waiting: first in line.",
        "Waiting: number 17 in line.",
        "",
    ]
    assert found["places"][:4] == [[None, 0], [2, 0], [1, 0], [0, 0]]
    assert found["error"] == "It ends."


def test_events_are_taken_whole_and_the_rest_is_kept(module: Module) -> None:
    body = "return m.takeEvents(x)"
    assert module("ask/answers.js", body, 'data: {"share": 0.5}\n\ndata: {"sha') == {
        "told": [{"share": 0.5}],
        "rest": 'data: {"sha',
    }
    assert module("ask/answers.js", body, "") == {"told": [], "rest": ""}


def test_csv_quotes_what_must_be_quoted(module: Module) -> None:
    assert module("pages/taking.js", "return m.line(x)", ["a,b", 'say "x"', 3, "two\nlines", ""]) == (
        '"a,b","say ""x""",3,"two\nlines",\n'
    )


def test_a_link_keeps_its_signs_readable_and_drops_what_is_null(module: Module) -> None:
    body = (
        'return m.linkTo("http://a/b?old=1&gone=2&kept=3", { gone: null, versus: "x~cut=0_1@3-4", panels: "a,b" }).href'
    )
    assert module("core/links.js", body) == "http://a/b?old=1&kept=3&v=1&versus=x~cut=0_1@3-4&panels=a,b"


@pytest.mark.parametrize(
    ("search", "found", "trouble"),
    [
        ("?loop=3", 3, []),
        ("?loop=0", 0, []),
        ("?loop=9", None, ["loop 9 (there are 0 to 8)"]),
        ("?loop=-1", None, ["loop -1 (there are 0 to 8)"]),
        ("?loop=2.5", None, ["loop 2.5 (there are 0 to 8)"]),
        ("?loop=", None, ["loop  (there are 0 to 8)"]),
        ("", None, []),
    ],
)
def test_a_number_of_a_link_is_checked(module: Module, search: str, found: int | None, trouble: list[str]) -> None:
    body = 'const link = new m.Link(x); return [link.whole("loop", 8), link.trouble]'
    assert module("core/links.js", body, search) == [found, trouble]


@pytest.mark.parametrize(
    ("search", "found", "right"),
    [("?range=2-5", [2, 5], True), ("?range=5-2", None, False), ("?range=2-9", None, False), ("?range=x", None, False)],
)
def test_a_range_of_a_link_is_checked(module: Module, search: str, found: list[int] | None, right: bool) -> None:
    body = "const link = new m.Link(x); return [link.range(8), link.trouble.length]"
    assert module("core/links.js", body, search) == [found, 0 if right else 1]


def test_modes_and_panels_of_a_link_that_are_not_known_are_named(module: Module) -> None:
    body = """
    const link = new m.Link("?modes=a-space,b-none&panels=a,strange");
    return [link.modes({ a: ["plane", "space"], b: ["one"] }), link.panels(["a", "b"]), link.trouble, link.left];
    """
    assert module("core/links.js", body) == [
        {"a": "space"},
        ["a", "strange"],
        ["a panel that shows “b-none”"],
        ["a panel called “strange”"],
    ]


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("?panels=a", ""),
        (
            "?panels=a,halting",
            "This link asks for a panel called “halting”, which this view does not have; the others that it names are "
            "shown.",
        ),
        (
            "?panels=halting",
            "This link asks for a panel called “halting”, which this view does not have; the usual is shown instead.",
        ),
        (
            "?panels=a,halting&range=9-9",
            "This link asks for the range 9-9, which this view does not have; the usual is shown instead. It also asks "
            "for a panel called “halting”, which this view does not have; the others that it names are shown.",
        ),
    ],
)
def test_what_a_link_asks_for_in_vain_is_told_with_what_is_shown(module: Module, search: str, said: str) -> None:
    body = 'const link = new m.Link(x); link.range(8); link.panels(["a", "b"]); return link.inVain'
    assert module("core/links.js", body, search) == said


@pytest.mark.parametrize(
    ("question", "words"),
    [("rollout", ""), ("turns", "about 1 s"), ("cells", "about 10 s"), ("sweep", "about 1 min"), (None, "")],
)
def test_the_cost_of_a_question_is_an_order_of_magnitude(module: Module, question: str | None, words: str) -> None:
    assert module("ask/costs.js", "return m.costWords(x ?? undefined)", question) == words


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ({"ofCandidates": True}, "about 10 s"),
        ({"ofCandidates": True, "work": 16 * 64}, "about 3 s"),  # a board of 4×4
        ({"ofCandidates": True, "work": 81 * 256}, "about 1 min"),
        ({}, "about 3 s"),
    ],
)
def test_a_net_of_candidates_takes_longer(module: Module, of: dict[str, Any], words: str) -> None:
    assert module("ask/costs.js", 'return m.costWords("resting", x)', of) == words


def test_the_costs_of_a_net_of_candidates_are_those_of_the_questions_that_it_can_be_asked(module: Module) -> None:
    checkpoint = checkpoints.load_checkpoint("sudoku9-candidates-looped")
    can = {name for name, question in QUESTIONS.items() if question.why_not(checkpoint) is None}
    assert set(module("ask/costs.js", "return Object.keys(m.OF_CANDIDATES)")) == can - {"recorded"}


def test_every_question_of_a_panel_has_a_cost(module: Module) -> None:
    source = """
      const asked = m.PANELS.flatMap(({ asks, modes }) => typeof asks === "function"
        ? (modes ?? []).map(([mode]) => asks({ mode })) : [asks]);
      return asked.filter(Boolean).map(({ name }) => name);
    """
    costs = set(module("ask/costs.js", "return Object.keys(m.SECONDS)"))
    assert set(module("panels/registry.js", source)) == costs == set(QUESTIONS) - {"recorded"}  # the page's own


def test_every_panel_with_a_question_stands_under_a_heading(module: Module) -> None:
    panels = module("panels/registry.js", "return m.PANELS.map(({ question, about }) => [!!question, about ?? null])")
    assert {about for asked, about in panels if asked} == {"place", "run", "model", "whatif"}
    assert {about for asked, about in panels if not asked} == {None}


def test_a_saved_page_does_not_say_that_something_is_being_computed(module: Module) -> None:
    seen = {"view": {"loops": 3}, "t": 1, "geometry": {"n": 4}, "active": 0, "live": False}
    source = "return m.default.describe({ ...x, view: { at: (t) => t } })"
    assert "being computed" not in module("panels/flow.js", source, seen)
    assert "being computed" in module("panels/flow.js", source, seen | {"live": True})


FLOW = """
  const geometry = { n: 2, name: (i) => ["here", "there"][i] };
  const arrays = { rollout: { values: [0, 0, 0, 0, 0.6, 0.4, 0.5, 0.5] },
                   sources: { shape: [2, 2], values: [1, 0, 1, 0] } };
  const { t, origin, rollout, chosen = 0 } = x;
  const asked = { arrays, meta: { origin } };
  const beside = rollout === undefined ? null : { meta: { rollout } };
  return m.default.describe({ view: { at: (s) => s }, t, active: 0, chosen, asked, beside, geometry, live: true });
"""


def test_rollout_says_what_it_traces_back_to_and_what_blanking_says(module: Module) -> None:
    def said(**seen: Any) -> str:
        return module("panels/flow.js", FLOW, seen).replace(NARROW, " ")

    traced, again = "traces 60 % of here to itself and 40 % to there", "The {input} that every loop adds"
    start, entered = said(t=1, origin="start"), said(t=1, origin="input", rollout=-0.25)
    assert [words in start for words in (traced, again, "blanking")] == [True, False, False]
    assert [words in entered for words in (traced, again)] == [True, True]
    assert entered.endswith("Rank correlation with blanking clues: −0.25.")
    assert "holds only itself" in said(t=0, origin="start")
    assert "every state is zero" in said(t=0, origin="input")
    assert "blanking" not in said(t=1, origin="input", rollout=0.5, chosen=1)  # measured of the chosen place alone
    assert "blanking" not in said(t=1, origin="input", rollout=None)  # a constant score has no ranks


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (
            {"loops": 4, "accuracy": 0.9951, "n": 40, "of": "validation", "interval": [0.9, 1]},
            "Of 40 validation inputs mine has 99.5_% right (95_%: 90_% to 100_%) after 4 loops.",
        ),
        (
            {"loops": 8, "accuracy": 0.625, "n": 30, "of": "test"},
            "Of 30 test inputs mine has 62.5_% right after 8 loops, the nearest to 4 that it was measured at.",
        ),
        (None, "in this loop."),
    ],
)
def test_a_wrong_answer_is_told_with_the_card_s_figure(
    module: Module, measured: dict[str, float] | None, said: str
) -> None:
    source = """
      const view = { right: Array(9).fill(0), at: (t) => t, loops: 4, digit: () => 1, changed: () => 0, settled: 4,
                     meta: { name: "mine", measured: x } };
      const meta = { answer: 3, layout: { cell: 0 } };
      return m.describeTokens({ view, t: 4, meta, entry: "a b", puzzle: "a b", geometry: { sign: String } });
    """
    assert module("pages/tokens.js", source, measured).endswith(said.replace("_", NARROW))


def test_a_click_on_scaling_sets_the_clock(module: Module) -> None:
    seen = {"view": {"loops": 16}, "meta": {"cards": []}}
    assert module("panels/scaling.js", "return m.default.pick(472, 100, x, 480, 300)", seen) == {"loop": 16}


@pytest.mark.parametrize(
    ("window", "said"), [(4, "; without clues it is −1.0."), (3, "; without clues in the last 3 loops it is −1.0.")]
)
def test_which_clue_decided_says_in_which_loops_the_clues_were_taken_away(
    module: Module, window: int, said: str
) -> None:
    source = """
      const bits = { output: 2, baseline: -1, difference: 3, error: -0.25, relative: 0.083, correlation: -0.5,
        rollout: 0.3 };
      const meta = { loop: 4, window: x, cell: 1, token: 1, best: [0, 0], same: true, ...bits };
      const asked = { meta, arrays: { clues: { values: Float32Array.of(1, 0, 2, 0) } } };
      const geometry = { n: 2, name: (i) => ["here", "there"][i], called: String };
      return m.default.describe({ asked, geometry, view: { tokens: [1, 0] }, chosen: 1, t: 4 });
    """
    told = module("panels/clues.js", source, window).replace(NARROW, " ")
    assert said in told
    assert told.startswith("For the 1 {at} there after 4 loops the evidence, log₂ of its odds, is 2.0 bits; ")
    shared = "Gradients share this difference of 3.0 bits out over the clues (up to 0.25 bits, 8 % of it): most, "
    assert f"{shared}1.0 bits, to here. " in told
    assert told.endswith(
        "Taken away alone, the same clue matters most, too (2.0 bits); rank correlation of the two over all clues: "
        "−0.50. "
        "Rank correlation of rollout with taking away: 0.30. Blue speaks for the answer, orange against."
    )


def test_an_answer_that_has_not_settled_has_no_loop(module: Module) -> None:
    source = """
      const of = Object.create(m.View.prototype);
      Object.assign(of, { arrays: { unsettled: { values: [0, 1] } }, settledCell: [3, 16], loops: 16 });
      return [of.settledSign(0), of.settledSign(1)];
    """
    assert module("core/view.js", source) == ["3", "–"]


def test_a_wrong_answer_that_rests_and_a_change_in_the_last_loop_are_no_end(module: Module) -> None:
    """A run may be too short for a cell far away: no words and no mark of the clock then say that it settled."""
    source = """
      const { View } = await import("http://modules.test/core/view.js");
      const of = Object.create(View.prototype);
      const arrays = { unsettled: { values: [0, 0, 1] }, ends_wrong: { values: [0, 1, 1] } };
      Object.assign(of, { arrays, settledCell: [3, 1, 6], loops: 6, settled: x ? 6 : 3, asked: [1, 1, 1], blanks: 3 });
      of.meta = { trained_loops: 4, moving: x, right_since: null, label: "it" };
      const marks = (active) => m.markList({ run: { views: [of] }, active }, 6, String).filter(([loop]) => loop);
      const kinds = [0, 1, 2].map((active) => marks(active).map(([loop, kind]) => `${kind} ${loop}`).join());
      return { said: [0, 1, 2].map((i) => of.settling(i)), kinds, outcome: of.outcome() };
    """
    told = module("pages/telling.js", source, True)
    assert told["said"] == [
        "it settles at loop 3",
        "it is not right at the end of 6 loops",
        "it is not settled: it last changed in loop 6 of 6",
    ]
    assert told["kinds"] == ["trained 4,cell 3", "trained 4", "trained 4"]
    assert told["outcome"] == "it is not right{judged} at the end; it still changes in loop 6, its last"
    told = module("pages/telling.js", source, False)
    assert told["kinds"] == ["trained 4,settled 3,cell 3", "trained 4,settled 3", "trained 4,settled 3"]
    assert told["outcome"] == "it is not right{judged} at the end; its last change is at loop 3"


def test_a_saved_comparison_says_what_was_changed_and_not_that_it_is_one_run(module: Module) -> None:
    source = """
      const page = { words: String, host: {}, state: { run: { views: x.map((changes, i) =>
        ({ letter: "AB"[i], meta: { changes } })) } } };
      return m.savedWords(page, { title: "What if", build: true });
    """
    plain = "This page is saved: “What if” needs the app."
    assert module("pages/telling.js", source, [[], []]) == plain
    assert module("pages/telling.js", source, [[], ["one", "two"]]) == f"{plain} Changed in B: one; two."
    assert module("pages/telling.js", source, [[]]) == "This page is saved and shows one run: “What if” needs the app."


@pytest.mark.parametrize(
    ("ahead", "behind", "astray", "said"),
    [
        (9, 0, 0, "Every cell within 1 step is marked; 9 farther ones are marked already."),
        (9, 0, 2, "Every cell within 1 step is marked; 9 farther ones are marked, 2 of them where no way leads."),
        (2, 0, 2, "Every cell within 1 step is marked; 2 farther ones are marked, all of them where no way leads."),
        (1, 0, 1, "Every cell within 1 step is marked; 1 farther one is marked, where no way leads."),
        (0, 1, 0, "Within 1 step 1 cell is not marked yet; no farther one is marked."),
        (1, 2, 0, "Within 1 step 2 cells are not marked yet; 1 farther one is marked already."),
        (0, 0, 0, "That is all within 1 step of the source, and nothing beyond."),
    ],
)
def test_what_a_grid_lacks_and_has_beyond(module: Module, ahead: int, behind: int, astray: int, said: str) -> None:
    source = """
      const flood = { values: Int32Array.of(2, 3, ...x), shape: [1, 5] };
      const view = { at: (t) => t, blanks: 5, loops: 1, right: [false], arrays: { flood } };
      return m.describeGrid({ view, t: 1, show: "answer", meta: { needed: 1 }, entry: "", puzzle: "" });
    """
    assert module("pages/gridwords.js", source, [ahead, behind, astray]).endswith(f" {said}")


def test_a_cell_that_is_marked_early_is_not_drawn_as_a_wrong_one(module: Module) -> None:
    """One cell is reached by both, one early, one not yet, one where no way leads; the key names the colours."""
    source = """
      const names = ["accent", "cool", "warm", "wrong", "text", "muted", "line"];
      const colours = Object.fromEntries(names.map((name) => [name, name]));
      const [fills, texts] = [[], []];
      const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
        if (name === "fillRect" && held.globalAlpha > 0) fills.push([held.fillStyle, values[0], values[1]]);
        if (name === "fillText") texts.push(String(values[0]));
        return { width: 8 * String(values[0]).length }; } });
      const geometry = { n: 4, rows: 2, columns: 2, spot: (i) => [Math.floor(i / 2), i % 2], frame: () => {},
        name: (i) => `cell ${i}` };
      const arrays = { steps_away: { values: [1, 3, 1, -1] },
        flood: { values: Int32Array.of(2, 3, 2, 1, 1), shape: [1, 5] } };
      const view = { arrays, at: (t) => t, asked: [1, 1, 1, 1], loops: 1, entry: (_, t, i) => [1, 2, 3, 4][i],
        settling: () => "it settles" };
      const seen = { view, t: 1, colours, geometry, active: 0, words: String, font: "sans", mode: "grids" };
      m.default.draw(pen, seen, 400, 300);
      return [fills.slice(-4).map(([colour]) => colour), texts, m.default.describe(seen)];
    """
    fills, texts, said = module("panels/flood.js", source)
    assert fills == ["accent", "cool", "warm", "wrong"]
    assert {"ahead of the search", "behind it", "no way leads there"} <= set(texts)
    assert "lacks 1 of them and marks 2 beyond, 1 of them where no way leads. " in said


def test_runs_that_are_equal_differ_by_nothing(module: Module) -> None:
    words = module("pages/truth.js", "return m.driftWords({ difference: x, faithful: true })", 0)
    assert words.startswith("Recorded = computed: max |Δ| 0 between")


@pytest.mark.parametrize(
    ("kind", "settled", "said"),
    [
        ("stays", 1, "would stay about as large as it is (a factor of 1.2 a loop) in the long run"),
        ("grows", 1, "would grow by a factor of 1.2 a loop in the long run"),
        ("shrinks", 1, "would shrink by a factor of 1.2 a loop in the long run"),
        ("grows", 0, "would grow by a factor of at least 1.2 a loop in the long run"),
        ("changes", 0, "would change by a factor of at least 1.2 a loop in the long run"),
    ],
)
def test_what_a_loop_does_to_a_tiny_difference_is_what_the_lens_says(
    module: Module, kind: str, settled: int, said: str
) -> None:
    source = """
      const arrays = { at: { values: [0] }, radius: { values: [1.2, NaN] }, settled: { values: [x[1], 1] },
                       long_run: { values: [x[0]] } };
      const steps = { values: [NaN, 1, 1] };
      const view = { at: (t) => t, loops: 1, arrays: { steps }, meta: { verdict: { sentence: "." } } };
      return m.default.describe({ view, t: 1, asked: { arrays } });
    """
    told = module("panels/fixed.js", source, [LONG_RUN.index(kind), settled])
    assert told.endswith(f" If every loop were loop 1, a tiny difference {said}.")


def test_a_verdict_on_the_whole_run_says_so_before_its_end(module: Module) -> None:
    """At loop 5 of 24 the board beside it may be wrong still."""
    source = """
      const arrays = { steps: { values: Array(72).fill(NaN) } };
      const meta = { verdict: { sentence: "At rest, and right." } };
      const view = { at: (t) => Math.min(t, 24), loops: 24, arrays, meta };
      return [5, 24, 30].map((t) => m.default.describe({ view, t }));
    """
    told = module("panels/fixed.js", source)
    assert told == ["The run to its end (24 loops). At rest, and right.", *["At rest, and right."] * 2]


def test_the_three_lines_of_the_fixed_point_are_in_its_sentence(module: Module) -> None:
    source = """
      const arrays = { steps: { values: [NaN, -0.001, 0.98, 1, 1.5, 0.7, 1, 1, 0] } };
      const view = { at: (t) => t, loops: 3, arrays, meta: { verdict: { sentence: "." } } };
      return [0, 1, 2, 3].map((t) => m.default.describe({ view, t }));
    """
    before, first, second, third = module("panels/fixed.js", source)
    lead, whole = "against the one before: direction", "The run to its end (3 loops). ."
    assert (before, first) == (whole, whole)
    assert second == f"{whole} The step of loop 2 {lead} 0.00 (cosine), length 1.5, two loops 1.0."
    assert third == f". The step of loop 3 {lead} 0.98 (cosine), length 0.70, two loops 0."


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 kB"), (45_000, "45 kB"), (999_999, "1000 kB"), (1_040_000, "1.0 MB")]
)
def test_a_size_is_never_rounded_to_nothing(module: Module, size: int, said: str) -> None:
    assert module("core/words.js", "return m.sized(x);", size) == said


@pytest.mark.parametrize(("faithful", "said"), [(True, "Recorded = computed:"), (False, "Rounding, amplified")])
def test_the_badge_says_what_the_trace_says_whatever_the_difference_is(
    module: Module, faithful: bool, said: str
) -> None:
    assert module("pages/truth.js", "return m.driftWords({ difference: 0.5, faithful: x });", faithful).startswith(said)


@pytest.mark.parametrize(
    ("still", "said"),
    [(1, "no longer moved the function"), (0, "moved the function by 0.5 (root mean square over the {asked_many}).")],
)
def test_whether_a_loop_still_moved_the_predictions_is_what_the_lens_says(
    module: Module, still: int, said: str
) -> None:
    source = """
      const arrays = { error: { values: [1, 1] }, moved: { values: [NaN, 0.5] }, still: { values: [0, x] } };
      const view = { arrays, at: (t) => t };
      const geometry = { examples: 1 };
      return m.describePrompt({ view, t: 2, meta: { dims: 1 }, points: [[0, 0]], active: 0, geometry });
    """
    assert said in module("pages/promptwords.js", source, still)


@pytest.mark.parametrize(
    ("still", "said"), [(1, "no longer moves in its last loop"), (0, "still moves by 0.5 (root mean square) in its")]
)
def test_a_run_that_rests_is_not_said_to_move_by_rounding(module: Module, still: int, said: str) -> None:
    source = """
      const arrays = { error: { values: [NaN, NaN] }, moved: { values: [NaN, 0.5] }, still: { values: [0, x] } };
      return m.View.prototype.missed.call({ arrays, loops: 2, own: (text) => text });
    """
    assert said in module("core/view.js", source, still)


@pytest.mark.parametrize(("exact", "said"), [(1, "has none but rounding."), (0, "has 0.25.")])
def test_whether_a_baseline_is_exact_is_what_the_lens_says(module: Module, exact: int, said: str) -> None:
    source = """
      const arrays = { error: { values: [1] }, nearest: { values: [0] }, method_errors: { values: [0.25] },
                       method_exact: { values: [x] } };
      const view = { arrays, at: (t) => t, meta: { least_error: 1, best_method: 0 } };
      const meta = { methods: [{ label: "ridge" }] };
      return m.default.describe({ view, t: 1, meta, mode: "error", geometry: { examples: 2 } });
    """
    assert module("panels/error.js", source, exact).endswith(f"The best known method, ridge, {said}")


@pytest.mark.parametrize("gains", [True, False])
def test_whether_turning_is_a_gain_is_what_the_closed_form_says(module: Module, gains: bool) -> None:
    source = """
      const asked = { arrays: { errors: { values: [1, 0.5], shape: [1, 1, 2] }, best: { values: [0, 0, 0, 0.5, 0],
        shape: [5, 1] } }, meta: { trained: [1], turning_gains: [x], one_loop_step: 0.8 } };
      return m.default.describe({ asked, mode: "matrices" });
    """
    told = module("panels/multistep.js", source, gains)
    assert told.endswith("The rotation is a gain." if gains else "Here the rotation brings nothing.")


@pytest.mark.parametrize("panel", ["basins", "temperature", "recovery"])
def test_what_was_run_in_the_place_of_an_input_without_an_answer_is_not_called_right(
    module: Module, panel: str
) -> None:
    """Beside: the same answer of an input that has one is."""
    body = """
    const array = (shape, ...values) => ({ values, shape });
    const asked = { arrays: { sizes: array([1], 32), distance: array([1, 2], 0.1, 0.1), right: array([1], 8),
        same: array([1, 2], 1, 1), back: array([1], 8), slope: array([1], 0), loops_back: array([1], 1) },
      meta: { runs: 32, right: 32, plain_right: true, vote_right: true, distance: 0.1, right_at: ["1"], hard: null,
        done: 1, draws: 8, noise: [0.1], exchanged: [], places: 1, sizes: [0.1] } };
    return [undefined, true].map((unjudged) => {
      const view = { loops: 2, at: (t) => t, meta: { unjudged } };
      return m.default.describe({ view, t: 1, asked, mode: "noise" });
    });"""
    judged, copied = module(f"panels/{panel}.js", body)
    said = r"\b(is|are|end|ends) right\b|is right|the plain one too"
    assert re.search(said, judged)
    assert not re.search(said, copied)
    assert "is a copy" in copied


def test_what_is_said_of_a_difference_agrees_with_the_interval_that_is_written(module: Module) -> None:
    """At the edges, too: an interval that is written from 0 on does not leave 0 out, one from 0.01 on does."""
    ends = [0, 4e-6, 4.9e-5, 5.1e-5, 1e-4, 4.9e-4, 5.1e-4, 0.0099, 0.02]
    gaps = [[sign * (low + high) / 2, *sorted((sign * low, sign * high))] for low in ends for high in ends
            for sign in (1, -1) if low <= high]  # fmt: skip
    many = decimals(np.array(gaps)).tolist()
    written = module("core/words.js", "return x[0].map((gap, i) => m.points(gap, x[1][i]));", [gaps, many])
    for text, side, gap in zip(written, side_written(np.array(gaps)), gaps, strict=True):
        found = re.search(r"95.%: (\S+) to (\S+)$", text)
        low, high = (float(end.replace("−", "-")) for end in found.groups()) if found else (0, 0)
        assert side == (1 if low > 0 else -1 if high < 0 else 0), (text, gap)
        assert not found or low < high or gap[1] == gap[2], (text, gap)  # an interval has a width


def test_a_zero_has_no_sign_however_it_came_about(module: Module) -> None:
    """−0.0011 is written as 0.00 with two decimals, and not as −0.00."""
    body = "return x.map((value) => [m.signed(value), m.signed(value, m.small), m.signed(value, m.percent)]);"
    assert module("core/words.js", body, [-0.0011, -0.0051, -0.004, 0]) == [
        ["0.00", "−0.0011", "0\u00a0%"],
        ["−0.01", "−0.0051", "−1\u00a0%"],
        ["0.00", "−0.004", "0\u00a0%"],
        ["0.00", "0", "0\u00a0%"],
    ]
    face = """
    const read = (value) => m.View.prototype.read.call({ arrays: { vectors: { values: [value], shape: [1, 1] } } }, 0);
    const said = (value) => m.View.prototype.said.call({ arrays: { predictions: [] }, number: () => value }, 1, 0);
    return [-0.0011, -0.0151, 0].map((value) => [read(value), said(value)]);"""
    assert module("core/view.js", face) == [["0.00", "0.00"], ["-0.02", "-0.02"], ["0.00", "0.00"]]


def test_an_interval_of_shares_has_a_width_and_a_quantity_one_precision(module: Module) -> None:
    body = "return x.map(([low, high]) => m.between(low, high).replaceAll('\\u00a0', ' '));"
    ends = [[0.881, 0.919], [0.8991, 0.9041], [0.996, 0.999], [1, 1], [0.9, 0.9]]
    assert module("core/words.js", body, ends) == [
        "(95 %: 88 % to 92 %)",
        "(95 %: 89.9 % to 90.4 %)",
        "(95 %: 99.6 % to 99.9 %)",
        "(95 %: 100 % to 100 %)",
        "(95 %: 90 % to 90 %)",
    ]
    gap = [0.000107, 0.000097, 0.00012]
    (digits,) = decimals(np.array([gap])).tolist()
    said = "return [m.inPoints(x[0], x[1]), m.points(x[2], x[1]).replaceAll('\\u00a0', ' '), m.inPoints(0.00001, 2)];"
    assert module("core/words.js", said, [0.00011, digits, gap]) == [
        "0.011",
        "0.011 points, 95 %: 0.010 to 0.012",
        "less than 0.01",
    ]


def test_a_share_below_a_hundredth_is_told_with_two_digits_where_a_bound_stands_beside_it(module: Module) -> None:
    shares = [0.0077, 0.00012, 0.5, 0, 0.01]
    assert module("core/words.js", "return x.map((share) => m.fine(share).replace('\u00a0', ' '));", shares) == [
        "0.77 %",
        "0.012 %",
        "50 %",
        "0 %",
        "1 %",
    ]
