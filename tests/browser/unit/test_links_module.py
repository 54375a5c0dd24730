"""What a link asks for: the run, and whether a text is a link to a view of this app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., Any]
VIEW = "http://modules.test/prefix/sequences?v=1&puzzle=cat+dog&checkpoint=lcs12-tmlt&loop=3"


@pytest.mark.parametrize(
    ("text", "is_view"),
    [
        (VIEW, True),
        (f"  {VIEW}\n", True),
        (VIEW.replace("v=1&", ""), True),
        ("http://modules.test/prefix/?puzzle=cat+dog", True),
        ("http://modules.test/prefix?puzzle=cat+dog", True),
        ("http://modules.test/?puzzle=cat+dog", False),  # of this server, not of the app
        ("http://modules.test/other/sequences?v=1&puzzle=cat+dog", True),  # another of its kind made it
        ("http://modules.test/other/sequences?puzzle=cat+dog", False),
        ("http://modules.test/prefix/sequences/more?puzzle=cat+dog", False),
        ("http://modules.test:8080/prefix/?puzzle=cat+dog", False),
        ("/sequences?checkpoint=lcs12-tmlt&puzzle=cat+dog", True),
        ("/?checkpoint=sudoku4-looped-plain&puzzle=4......2...33...", True),
        ("?puzzle=4......2...33...", True),
        ("sequences?puzzle=cat+dog", True),
        ("https://example.org/sequences?v=1&puzzle=cat+dog&checkpoint=lcs12-tmlt", True),
        ("https://example.org/sequences?puzzle=cat+dog&checkpoint=lcs12-tmlt", False),  # of some other app
        ("https://www.example.com/sudoku?puzzle=12345&v=latest", False),
        ("//example.org/?puzzle=4......2...33...", False),
        ("http://modules.test/prefix/sequences", False),
        ("/sequences", False),
        ("javascript:puzzle?puzzle=1", False),
        ("4 7 6 5 = 28", False),
        ("cat dog", False),
        ("http://modules.test/prefix/?v=1&loop=3", False),
        ("https://example.org/today", False),
        (f"see {VIEW}", False),
        ("4......2...33...", False),
        ("https://", False),
    ],
)
def test_only_a_link_to_a_view_is_one(module: Module, text: str, is_view: bool) -> None:
    body = """
    const app = { root: new URL("http://modules.test/prefix/"), pages: ["sudoku", "sequences"] };
    return m.viewIn(x, app) !== null;
    """
    assert module("core/links.js", body, text) == is_view


def test_two_addresses_ask_for_the_same_run_whatever_else_they_say(module: Module) -> None:
    body = "return x.map(([a, b]) => m.sameRun(...[a, b].map((one) => m.runOf(new URLSearchParams(one)))))"
    pairs = [
        ("puzzle=1&loop=3", "puzzle=1&loop=4&cell=2"),
        ("puzzle=1", "puzzle=2"),
        ("puzzle=1&entered=0", "puzzle=1"),
        ("puzzle=1&versus=", "puzzle=1"),
        ("loop=3", "loop=3"),
    ]
    assert module("core/links.js", body, pairs) == [True, False, False, True, False]


def test_pencil_marks_stand_in_a_link_and_come_back(module: Module) -> None:
    """A link may say anything: what is no cell or digit of the board is skipped."""
    body = """
    const plain = (marks) => marks.flatMap((digits, i) => (digits.size ? [[i, [...digits].sort().join("")]] : []));
    const marks = m.readMarks(x, 16);
    return [marks.length, plain(marks), m.writeMarks(marks), m.writeMarks(m.noMarks(16)), plain(m.readMarks(null, 16))];
    """
    assert module("pages/boardtext.js", body, "2-21,15-4,16-1,3-59,x-1,7") == [
        16,
        [[2, "12"], [15, "4"]],
        "2-12,15-4",
        None,
        [],
    ]


def test_a_board_with_entries_goes_to_the_server_and_back(module: Module) -> None:
    body = "const board = m.readBoard(x); return [board.entry, [...board.own], m.writeBoard(board.entry, board.own)]"
    assert module("pages/boardtext.js", body, "1b.i") == ["12.9", [1, 3], "1b.i"]
