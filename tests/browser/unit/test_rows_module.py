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
    assert found["columns"][6:] == [f"right after loop {t}" for t in (1, 2, 3, 4)]
    assert len(found["rows"]) == 6
    assert found["rows"][1] == ["1", "a", 0, "y", "", 2, 1, 0, 0, 0]
    assert module("core/rows.js", "return m.numbersOf([], []).rows") == []
