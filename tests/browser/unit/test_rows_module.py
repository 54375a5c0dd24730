"""The rows of the table of inputs: sorted, filtered, the next failure, and as CSV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., Any]

# Three inputs, four loops, two runs: of A the second is wrong, of B the first; A loses the third and finds it again.
ANSWERS = """
const table = (columns, since, lost) => ({
  meta: { names: ["1", "2", "3"], texts: ["a", "b", "c"], bands: { rating: ["easy", "hard", "hard"] },
    measures: { rating: [0, 12, 3] }, notes: { "Two solutions.": [2] } },
  arrays: { right: { values: Uint8Array.from(columns.flat()), shape: [columns.length, 3] },
    since: { values: since }, lost: { values: lost } },
});
const A = table([[0, 0, 1], [1, 0, 0], [1, 0, 1], [1, 0, 1]], [2, 0, 3], [0, 0, 0]);
const B = table([[1, 1, 0], [0, 1, 1], [0, 1, 1], [0, 1, 1]], [0, 1, 2], [2, 0, 0]);
const rows = m.rowsOf([A, B]);
const base = { outcome: "all", band: null, sort: "number", down: false };
const names = (found) => found.map((row) => row.text).join("");
"""


@pytest.mark.parametrize(
    ("view", "listed"),
    [
        ("{}", "abc"),
        ("{ down: true }", "cba"),
        ("{ sort: 'rating' }", "acb"),
        ("{ sort: 'since 0' }", "acb"),
        ("{ sort: 'since 0', down: true }", "bca"),
        ("{ sort: 'since 1' }", "bca"),
        ("{ outcome: 'wrong' }", "ab"),
        ("{ outcome: 'right' }", "c"),
        ("{ outcome: 'lost' }", "a"),
        ("{ outcome: 'first' }", "a"),
        ("{ outcome: 'second' }", "b"),
        ("{ band: 'rating\\thard' }", "bc"),
        ("{ band: 'rating\\thard', outcome: 'wrong' }", "b"),
    ],
)
def test_rows_are_filtered_and_sorted(module: Module, view: str, listed: str) -> None:
    assert module("core/rows.js", f"{ANSWERS} return names(m.listed(rows, {{ ...base, ...{view} }}, 4))") == listed


def test_wrong_after_this_loop_follows_the_clock(module: Module) -> None:
    body = f"{ANSWERS} return [1, 2, 4].map((t) => names(m.listed(m.rowsOf([A]), {{ ...base, outcome: 'now' }}, t)))"
    assert module("core/rows.js", body) == ["ab", "bc", "b"]


def test_the_next_failure_goes_round_from_the_input_that_is_open(module: Module) -> None:
    body = f"{ANSWERS} return ['a', 'b', 'c', 'other'].map((text) => m.nextFailure(rows, text)?.text)"
    assert module("core/rows.js", body) == ["b", "a", "a", "a"]
    assert module("core/rows.js", f"{ANSWERS} return m.nextFailure([rows[2]], 'c') ?? null") is None


def test_rows_of_a_run_that_is_not_done_are_those_that_both_have(module: Module) -> None:
    body = f"{ANSWERS} B.arrays.since.values = [0]; return m.rowsOf([A, B]).length"
    assert module("core/rows.js", body) == 1


def test_the_bar_is_filled_where_the_answer_is_right(module: Module) -> None:
    body = f"{ANSWERS} return m.strip(rows[2].runs[0], 'red')"
    assert module("core/rows.js", body) == (
        "linear-gradient(to right, red 0.00% 25.00%, transparent 25.00% 50.00%, red 50.00% 100.00%)"
    )


def test_the_table_as_csv_has_a_line_for_each_input_and_run(module: Module) -> None:
    found = module("core/rows.js", f"{ANSWERS} return m.numbersOf(m.listed(rows, base, 4), ['x', 'y'])")
    assert found["columns"][:6] == ["name", "{input}", "rating", "checkpoint", "right from loop", "lost in loop"]
    assert found["columns"][6:] == [*(f"right after loop {t}" for t in (1, 2, 3, 4)), "notes"]
    assert len(found["rows"]) == 6
    assert found["rows"][1] == ["1", "a", 0, "y", "", 2, 1, 0, 0, 0, ""]
    assert [row[-1] for row in found["rows"]] == ["", "", "", "", "Two solutions.", "Two solutions."]
    assert module("core/rows.js", "return m.numbersOf([], []).rows") == []


# A list is its lines; of each that is "x" there is something to say, and its model has it wrong.
TABLE = """
const words = (text) => text.replaceAll("{inputs}", "boards").replaceAll("{input}", "board")
  .replaceAll("{Inputs}", "Boards").replaceAll("{loops}", "loops").replaceAll("{loop}", "loop");
const known = new Map();
const asked = [];
const answered = (text) => {
  const texts = text.split("\\n");
  const one = texts.map((line) => Number(line !== "x"));
  const share = one.reduce((sum, right) => sum + right, 0) / one.length;
  return { share: 1, data: text, meta: { names: texts.map((_, i) => `line ${i + 1}`), texts, bands: {}, measures: {},
      notes: { "Nothing was asked.": [...texts.keys()].filter((i) => texts[i] === "x") }, by: {}, data: "your own",
      total: texts.length, left_out: 0 },
    arrays: { right: { values: one, shape: [1, texts.length] }, since: { values: one },
      lost: { values: one.map(() => 0) }, accuracy: { values: [share, 0, 1] } } };
};
const view = { loops: 1, at: (t) => Math.min(t, 1), own: words, letter: "", geometry: { n: 1 }, meta: { label: "A" } };
const { AskRow } = await import(new URL("/ask/row.js", location));
const panel = document.createElement("div");
panel.className = "ls-panel";
document.body.replaceChildren(panel);
const host = { kept: {}, words, mode: () => "own", askRow: (start) => new AskRow(start), cost: () => "", say: () => {},
  seen: () => ({ views: [view], meta: { columns: ["puzzle"], examples: [] }, t: 1, puzzle: "" }),
  inputs: (i, { text }) => known.get(text),
  askInputs: async (i, { text }) => {
    asked.push(text);
    if (text !== "no") known.set(text, answered(text));
    form.update();
  },
};
const form = m.default.build(host);
panel.append(form.root);
const run = async (text) => {
  form.area.value = text;
  form.update();
  form.asking.begin.click();
  await new Promise((done) => setTimeout(done));
  return [form.says.textContent.split(" Your own")[0], form.asking.note.textContent, form.shown.length];
};
"""


def test_a_list_that_was_run_before_is_shown_again_when_it_is_run_again(module: Module) -> None:
    body = (
        TABLE
        + """
    const found = [];
    for (const text of ["a", "a\\nx", "a", "no", "a"]) found.push(await run(text));
    return [found, asked];"""
    )
    found, asked = module("panels/inputs.js", body)
    one = ["After loop 1, 100\xa0% of 1 board is right (95 % interval 0\xa0% to 100\xa0%).", "", 1]
    both = ["After loop 1, 50\xa0% of 2 boards are right (95 % interval 0\xa0% to 100\xa0%).", "", 2]
    assert [found[0], found[1], found[2], found[4]] == [one, both, one, one]
    assert asked == ["a", "a\nx", "no"]


def test_what_is_said_of_a_row_is_taken_away_with_it(module: Module) -> None:
    """On screen, in a picture and as CSV; of many rows three are named."""
    body = (
        TABLE
        + """
    const { drawListing, listingSize } = await import(new URL("/draw/listing.js", location));
    const found = [];
    for (const text of ["a", "a\\nx", "x\\nx\\nx\\nx\\nx"]) {
      await run(text);
      const texts = [];
      const pen = { measureText: (said) => ({ width: said.length }), fillText: (said) => texts.push(said) };
      for (const name of ["fillRect", "strokeRect", "beginPath", "moveTo", "lineTo", "stroke"]) pen[name] = () => {};
      drawListing(pen, form.listing(), {});
      const [says] = form.says.textContent.match(/ !.*/) ?? [""];
      const rows = form.table().rows.map((row) => row.at(-1));
      found.push([says, texts.filter((said) => said.includes("!")), rows, listingSize(pen, form.listing())[1]]);
    }
    return found;"""
    )
    none, one, many = module("panels/inputs.js", body)
    said = "Nothing was asked."
    assert none == ["", [], [""], 40]
    assert one == [f" ! line 2: {said}", ["line 2 !", f"! line 2: {said}"], ["", said], 80]
    assert many[0] == f" ! line 1, line 2, line 3, and 2 more: {said}"
    assert many[1] == [*(f"line {n} !" for n in range(1, 6)), many[0].strip()]


def test_how_many_rows_are_listed_is_told_of_the_filter_that_was_just_chosen(module: Module) -> None:
    body = (
        TABLE
        + """
    await run("a\\nx");
    const listed = () => [form.says.textContent.match(/\\d+ of \\d+ rows listed/)[0], form.shown.length];
    const found = [listed()];
    for (const outcome of ["wrong", "all"]) {
      form.outcome.value = outcome;
      form.outcome.dispatchEvent(new Event("change"));
      found.push(listed());
    }
    return found;"""
    )
    all_of_them, wrong = ["2 of 2 rows listed", 2], ["1 of 2 rows listed", 1]
    assert module("panels/inputs.js", body) == [all_of_them, wrong, all_of_them]
