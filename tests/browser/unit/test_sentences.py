"""Sentences below the figures: two numbers compared as they are written, and no loop's words for layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from passes import of_loops

from looped.lenses.residual import AS_LONG, LEAST, LONGER, NOT_CLOSER, ONLY_GROWS, ROUNDING

Module = Callable[..., Any]


@pytest.mark.parametrize(
    ("errors", "t", "said"),
    [
        ([0.02, 0.00496, 0.00504], 3, "Error 0.005 after 3 loops; about as low as at its least, at loop 2."),
        ([0.02, 0.00496, 0.00504], 2, "Error 0.005 after 2 loops; the least of this run."),
        ([0.02, 0.0049, 0.0052], 3, "Error 0.0052 after 3 loops; the least is 0.0049, at loop 2."),
    ],
)
def test_two_errors_are_compared_as_they_are_written(module: Module, errors: list[float], t: int, said: str) -> None:
    source = """
      const arrays = { error: { values: x[0] }, nearest: { values: [0, 0, 0] } };
      const view = { arrays, at: (t) => t, meta: { least_error: 2, best_method: -1 } };
      const seen = { view, t: x[1], meta: { methods: [{ label: "ridge" }] }, mode: "error", geometry: { examples: 2 } };
      return m.default.describe(seen);
    """
    assert of_loops(module("panels/error.js", source, [errors, t])) == said


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        (
            0,
            "There are no {clues}: every known method predicts 0, so nothing can be told apart. "
            "There is no error: no true function is known.",
        ),
        (
            1,
            "Known methods all say the same of this {input}. "
            "There is no error: the true function of these {clues} is not known.",
        ),
    ],
)
def test_without_examples_no_method_is_told_from_another(module: Module, examples: int, said: str) -> None:
    source = """
      const arrays = { error: { values: [NaN] }, nearest: { values: [-1] } };
      const view = { arrays, at: (t) => t, meta: { least_error: null, best_method: -1 } };
      return m.default.describe({ view, t: 1, meta: { methods: [] }, mode: "error", geometry: { examples: x } });
    """
    assert module("panels/error.js", source, examples) == said


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        (3, "Confidence would have stopped at {loop} 3 with the right answer and saved 3 {loops} of 6."),
        (0, "Confidence would have stopped with the right answer, but at the last {loop}."),
    ],
)
def test_a_rule_that_stops_at_the_end_saves_nothing(module: Module, saved: int, said: str) -> None:
    source = """
      const meta = { halting: [{ name: "confidence", exit: 6 - x, saved: x }], halting_best: 0, halting_stops: 1,
        halting_peak: { loop: 6, right: true } };
      return m.default.describe({ view: { meta, arrays: {}, loops: 6, blanks: 1 }, judged: true, mode: "run", t: 6 });
    """
    told = module("panels/exits.js", source, saved)
    assert told == f"{of_loops(said)} It is most confident at loop 6, where it is right."
    equally = module("panels/exits.js", source.replace("right: true }", "right: true, equal: 2 }"), saved)
    assert equally.endswith(" at loop 6, where it is right, and as confident at 2 more loops.")


@pytest.mark.parametrize(
    ("most", "said"),
    [
        (
            [0b111, 0b111, 0b111, 0b111],
            "the shares of all its candidates are still equal, 25 % in its cell, 25 % in its row, 25 % in its column "
            "and 25 % in its box. ",
        ),
        (
            [0b101, 0b10, 0b111, 0b110],
            "among its own candidates 1 and 3 have the largest share (25 % each). Among the places that compete for "
            "one {token}, its largest share is in its row for 2 (25 %), in its column for all alike (25 % each) and in "
            "its box for 2 and 3 (25 % each). ",
        ),
        ([0b1, 0b1, 0b1, 0b1], "among its own candidates 1 has the largest share (25 %). "),
    ],
)
def test_no_candidate_is_named_as_ahead_of_others_that_have_as_much(module: Module, most: list[int], said: str) -> None:
    source = """
      const whole = (values, ...shape) => ({ values, shape });
      const arrays = { claims: whole(Array(12).fill(127.5), 1, 1, 1, 3, 4), claims_most: whole(x, 1, 1, 1, 4) };
      const view = { arrays, at: (t) => t, meta: { claims_even: 0.25, contests: 2 } };
      const geometry = { name: () => "row 1", sign: String };
      return m.default.describe({ view, t: 1, layer: 0, active: 0, geometry });
    """
    assert module("panels/contests.js", source, most).replace("\u00a0", " ").startswith(f"Row 1: {said}")


@pytest.mark.parametrize(
    ("most", "tied", "said"),
    [
        (
            0b111,
            3,
            ["3 {tokens} are equally likely, at 33\u00a0% each, the answer 1 among them.", "all fields moved alike"],
        ),
        (0b011, 1, ["is most likely 1, at 33\u00a0%.", "the fields of 1 and 2 moved most, by 1.0 of their size."]),
        (0b010, 1, ["the field of 2 moved most, by 1.0 of its size."]),
        (0, 1, ["No field moved in this loop."]),
    ],
)
def test_fields_and_answers_that_tie_are_all_named(module: Module, most: int, tied: int, said: list[str]) -> None:
    source = """
      const arrays = { field_most: { values: [x[0]] }, field_mean: { values: [1, 1, 1], shape: [1, 3] } };
      const geometry = { name: () => "row 1", sign: String, called: String };
      const view = { arrays, geometry, asked: [1], loops: 2, at: (t) => t, digit: () => 1, chance: () => "33\u00a0%",
        tied: () => x[1] };
      return m.default.describe({ view, t: 1, active: 0, geometry });
    """
    told = module("panels/fields.js", source, [most, tied])
    assert all(of_loops(part) in told for part in said)


def test_a_readout_gives_no_order_to_answers_that_tie(module: Module) -> None:
    source = """
      const of = { answers: 1, runner_up: 2, ranks: 2, entropy: 1, flips: 0 };
      const geometry = { tokens: [1, 2], name: () => "row 1", called: String };
      return [2, 1].map((tied) => {
        const arrays = { blank_read: { values: [0], shape: [1] } };
        const view = { arrays, geometry, loops: 2, asked: [1], settledCell: [1], at: (t) => t, tied: () => tied,
          entry: (name) => of[name], chance: () => "50\u00a0%" };
        return m.default.describe({ view, t: 1, active: 0, geometry });
      });
    """
    equal, apart = module("panels/readout.js", source)
    both = "2 {tokens} are equally probable, at 50\u00a0% each, the answer 1 among them"
    assert equal.startswith(f"Row 1: {both} (entropy 1.0 bits). The answer has not")
    assert "rank" not in equal
    assert apart.startswith(
        "Row 1: 1 at 50\u00a0%, then 2 at 50\u00a0% (entropy 1.0 bits). The last loop's answer, 1, "
    )


def test_nobody_is_said_to_be_unable_to_judge_a_copy_that_has_one_solution(module: Module) -> None:
    """The reason that nothing is called right is that a copy was run, as the panels beside it say."""
    source = """
      return [true, undefined].map((unjudged) => {
        const meta = { halting: [{ name: "confidence", exit: 3, saved: 3 }], halting_best: null, halting_stops: 1,
          halting_peak: { loop: 6, right: false }, unjudged };
        return m.default.describe({ view: { meta, arrays: {}, loops: 6, blanks: 1 }, judged: false, mode: "run" });
      });
    """
    copied, several = module("panels/exits.js", source)
    assert copied == (
        "1 rule would have stopped it. What was run is a copy, so none is called right. It is most confident at loop 6."
    )
    assert "has no one solution" in several


@pytest.mark.parametrize(("cosine", "said"), [(1, "1.00"), (0.9996, "more than 0.99"), (0.994, "0.99"), (-1, "−1.00")])
def test_what_is_alike_but_not_equal_is_not_said_to_be_one(module: Module, cosine: float, said: str) -> None:
    source = """
      const arrays = { turns_most: { values: [9], shape: [1, 1] }, alike_mean: { values: [x], shape: [1, 1] } };
      const view = (loops) => ({ arrays, loops, at: (t) => t, meta: { vectors: [] } });
      return [2, 1].map((loops) => m.default.describe({ view: view(loops), t: 1, layer: 0 }));
    """
    text, alone = module("panels/encoding.js", source, cosine)
    assert alone == of_loops("One {loop} was run: there is no other to compare it with.")
    assert text.startswith(f"The timestep encoding (TE) of this loop has a cosine of {said} with that of the other")


@pytest.mark.parametrize(
    ("means", "turns", "said"),
    [
        ([math.nan, 0.5], 1, " α is zero, without a direction. Of the others γ is least alike: a cosine of 0.50."),
        ([math.nan, 1], 9, " α is zero, without a direction. In the others nothing turns from {loop} to {loop}."),
        ([1, 1], 9, " In the vectors nothing turns from {loop} to {loop}."),
        ([math.nan, math.nan], 9, " α and γ are zero, without a direction."),
    ],
)
def test_vectors_that_are_zero_or_always_the_same_are_told_from_those_that_turn(
    module: Module, means: list[float], turns: int, said: str
) -> None:
    source = """
      const [means, turns] = x;
      const array = (values, shape) => ({ values, shape });
      const arrays = { turns_most: array([turns, turns], [2, 1]),
        alike_mean: array([1, 1, ...means.flatMap((one) => [one ?? NaN, one ?? NaN])], [3, 2]) };
      const meta = { vectors: [{ symbol: "α" }, { symbol: "γ" }] };
      const view = { arrays, meta, loops: 2, at: (t) => t };
      return m.default.describe({ view, t: 1, layer: 0 });
    """
    known = [None if math.isnan(one) else one for one in means]
    assert module("panels/encoding.js", source, [known, turns]).endswith(f"loops on average.{of_loops(said)}")


def test_a_name_in_greek_begins_a_sentence_as_it_is(module: Module) -> None:
    assert module("core/words.js", 'return ["α1 set to 0", "head 1 cut"].map(m.sentence)') == [
        "α1 set to 0",
        "Head 1 cut",
    ]


TREND = """
  const array = (values) => ({ values });
  const [kind, ended, looped] = x;
  const arrays = { residual_relative: array([1, 1, 0.49, 0.6, 0.7, 0.84]),
                   residual_absolute: array([9, 9, 78, 9, 9, 160]),
                   trend: array([2, 3, 3, 3, 3, kind]), trend_loop: array([0, 1, 1, 1, 1, 3]), length: array([]) };
  const view = { arrays, loops: 6, at: (t) => Math.min(t, 6), meta: { looped } };
  return m.default.describe({ view, t: ended ? 32 : 6, mode: "steps" });
"""
BECAUSE = "0.84 of its length, the least so far, but only because the state grows: the step itself (1.6e+2) is"


@pytest.mark.parametrize(
    ("kind", "looped", "said"),
    [
        (LONGER, True, f"{BECAUSE} longer than at loop 3 (78). It does not come to rest."),
        (LONGER, False, f"{BECAUSE} longer than at loop 3 (78)."),
        (AS_LONG, True, f"{BECAUSE} as long as at loop 3 (78). It does not come to rest."),
        (ONLY_GROWS, True, f"{BECAUSE} hardly shorter than at loop 3 (78). It does not come to rest."),
        (LEAST, True, "0.84 of its length, the least so far."),
        (LEAST, False, "0.84 of its length, the least so far."),
        (NOT_CLOSER, True, "0.84 of its length, which is not less than at loop 3 (0.49)."),
        (NOT_CLOSER, False, "0.84 of its length, which is not less than at loop 3 (0.49)."),
        (ROUNDING, True, "0.84 of its length: rounding is all that moves. The fixed point is reached."),
        (ROUNDING, False, "0.84 of its length: rounding is all that moves."),
    ],
)
def test_convergence_says_how_a_step_compares_and_of_a_loop_alone_that_it_has_a_fixed_point(
    module: Module, kind: int, looped: bool, said: str
) -> None:
    moved = " moved the whole state by "
    assert of_loops(module("panels/convergence.js", TREND, [kind, False, looped])) == f"This loop{moved}{said}"
    assert of_loops(module("panels/convergence.js", TREND, [kind, True, looped])) == f"Its last loop (6){moved}{said}"


@pytest.mark.parametrize(("looped", "why"), [(True, ": overthinking"), (False, "")])
def test_the_layers_of_a_standard_transformer_do_not_overthink(module: Module, looped: bool, why: str) -> None:
    source = """
      const view = { lost: { reached: 3, lost: 4, back: 5 }, at: (t) => t, meta: { looped: x } };
      return m.overthinkingWords(view, 6);
    """
    said = f" It was right{{judged}} at loop 3 and lost it in loop 4{why}. It is right again from loop 5 on."
    assert of_loops(module("pages/facewords.js", source, looped)) == said


def test_the_numbers_of_settled_answers_are_explained_with_the_rule(module: Module) -> None:
    source = """
      const seen = (complete, show = "settle", t = 3) => m.settleWords({ view: { meta: { complete } }, show, t });
      return [seen(false), seen(true), seen(false, "answers"), seen(false, "settle", 0)];
    """
    looped, complete, *others = of_loops(module("pages/facewords.js", source))
    number = " Small numbers: the loop after which the answer never changed"
    late = "still changed in the last quarter of the run, at least its last four loops"
    assert looped == f"{number}; –: not settled, for it {late}."
    assert complete == f"{number}."
    assert others == ["", ""]


DRAWN = """
  const written = [];
  const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
    if (name === "fillText") written.push(String(values[0]));
    if (name === "measureText") return { width: 5 * String(values[0]).length }; },
    set: (held, name, value) => { held[name] = value; return true; } });
  const array = (values) => ({ values });
  const [first, width] = x;
  const arrays = { residual_relative: array([first ?? NaN, 0.5, 0.2]), residual_cell: array([3, 2, 1]) };
  const view = { arrays, loops: 3, at: (t) => t, meta: { trained_loops: 3 }, geometry: { n: 1 } };
  const seen = { view, views: [view], t: 3, active: 0, colours: {}, font: "serif", mode: "steps",
                 words: (text) => text };
  m.default.draw(pen, seen, width, 200);
  return written;
"""


@pytest.mark.parametrize(
    ("first", "width", "line"),
    [
        (None, 480, "whole state, relative (from loop 2 on: it starts at zero)"),
        (None, 290, "whole state, relative (starts at zero)"),
        (0.9, 480, "whole state, relative"),
    ],
)
def test_convergence_names_its_axis_and_says_why_a_line_begins_late(
    module: Module, first: float | None, width: int, line: str
) -> None:
    written = module("panels/convergence.js", DRAWN, [first, width])
    assert written[0] == "↑ step (residual)"
    assert line in written


@pytest.mark.parametrize(
    ("loops", "quiet", "unsettled", "why"),
    [
        (6, 4, 3, "have settled (none can after loop 2: one that changes in the last 4 loops never counts); "),
        (4, 4, 5, "have settled (none can: 4 loops cannot tell); "),
        (6, 4, 0, "have settled; "),
    ],
)
def test_it_is_said_why_answers_stay_unsettled(
    module: Module, loops: int, quiet: int, unsettled: int, why: str
) -> None:
    source = """
      const values = Array(4 * x.loops).fill(1);
      const view = { arrays: { whole: { values } }, loops: x.loops, blanks: 5, at: (t) => t, meta: x };
      return m.default.describe({ view, views: [view], t: 3 });
    """
    given = {"loops": loops, "quiet": quiet, "unsettled": unsettled}
    assert f"After 3 loops 1 of 5 {{asked}}s {why}" in of_loops(module("panels/whole.js", source, given))


@pytest.mark.parametrize(
    ("right", "said"),
    [
        (11, "32 runs end in 22 answers; 11 runs are right, the plain one is not. "),
        (1, "32 runs end in 22 answers; 1 run is right, the plain one is not. "),
        (0, "32 runs end in 22 answers; no run is right. "),
    ],
)
def test_it_is_runs_that_are_right_and_not_the_answers_they_end_in(module: Module, right: int, said: str) -> None:
    source = """
      const meta = { runs: 32, right: x, plain_right: false, vote_right: x > 8, distance: 0.1 };
      const asked = { meta, arrays: { sizes: { values: Array(22).fill(1) } } };
      return m.default.describe({ view: { meta: {} }, asked, mode: "noise" });
    """
    assert of_loops(module("panels/basins.js", source, right)).startswith(said)


def test_a_run_that_reads_another_input_is_said_to_be_judged_by_the_one_that_is_drawn(module: Module) -> None:
    body = """
    const view = (letter, reads) => ({ letter, outcome: () => `${letter} is right`, apart: () => 0,
      meta: { reads, divergence: { first: null, rounding: false } } });
    return [[], ["1 at row 1, column 2"]].map((reads) => m.verdictWords([view("A"), view("B", reads)], { loop: 0 }));
    """
    none, one = module("pages/telling.js", body)
    assert none == "A is right. B is right. They never disagree."
    said = "B reads 1 at row 1, column 2, and is drawn and judged by the {input} as it stands."
    assert one == f"A is right. B is right. {said} They never disagree."
