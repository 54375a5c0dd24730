"""The Sequences page: links, other pages, and a first visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from words import EQUALS, LOOP, LOOPS, PROBLEM, A, C, chosen, field, go, heard, start, token

if TYPE_CHECKING:
    from conftest import Scope


@pytest.mark.parametrize(
    "query",
    [
        {
            "checkpoint": A,
            "versus": f"{A}~set=0_4",
            "cell": 10,
            "head": 1,
            "show": "versus",
            "panels": "readout,table",
            "modes": "table-back",
            "range": "1-3",
        },
        {"checkpoint": C, "cell": 8, "show": "settle", "panels": "equations,attention,trajectory"},
    ],
    ids=["words", "countdown"],
)
def test_a_link_shows_the_same_again(
    scope: Scope, address: str, new_scope: Callable[..., Scope], query: dict[str, Any]
) -> None:
    start(scope, **query)
    expect(scope.message).to_be_empty()
    scope.wait_for_query(**query, loop=LOOP, loops=LOOPS)
    names = scope.panels
    assert names == ["board", *query["panels"].split(",")]
    other = new_scope(address)
    other.page.goto(scope.page.url)
    other.ready().wait_for_query(v=1)
    assert other.pixels(*names) == scope.pixels(*names)
    assert (other.query, heard(other), chosen(other)) == (scope.query, heard(scope), query["cell"])


@pytest.mark.parametrize(("cell", "says"), [("99", "there are 0 to"), ("7", "position 7")])
def test_a_link_to_a_position_that_is_not_drawn(scope: Scope, cell: str, says: str) -> None:
    """Beyond the end, or padding: the message says so, and the answer is chosen instead, where keys reach it."""
    start(scope, cell=cell)
    expect(scope.message).to_contain_text(says)
    assert chosen(scope) == EQUALS


def test_both_pages_keep_what_is_shown(scope: Scope) -> None:
    """From Sequences to Sudoku and back, by the menu of pages: input, loop and chosen position of each."""
    start(scope, cell=2, panels="readout")
    scope.asking(lambda: field(scope).fill("tone stone"))
    token(scope, 3).click()
    go(scope, 2)
    scope.wait_for_query(puzzle="tone stone", loop=2, cell=3)
    link = scope.page.get_by_test_id("stTopNavLink")
    link.filter(has_text="Sudoku").click()
    scope.page.wait_for_function("document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Sudoku board'")
    scope.ready()
    expect(scope.message).to_contain_text(
        "loop by loop"
    )  # the welcome, not trouble with what the other page had in the address
    assert scope.query["checkpoint"].startswith("sudoku")
    scope.asking(lambda: scope.pick("Board", "4×4 Gentle"))
    board = scope.entry
    go(scope, 3)
    link.filter(has_text="Sequences").click()
    scope.page.wait_for_function(
        "document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Tokens of the input'"
    )
    scope.ready()
    scope.wait_for_query(puzzle="tone stone", loop=2, cell=3, checkpoint=A)
    assert (scope.panels, chosen(scope), scope.loop) == (["board", "readout"], 3, 2)
    expect(field(scope)).to_have_value("tone stone")
    link.filter(has_text="Sudoku").click()
    scope.page.wait_for_function("document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Sudoku board'")
    scope.ready()
    assert (scope.entry, scope.loop) == (board, 3)


def test_what_is_wrong_can_still_be_mended_after_another_page(scope: Scope) -> None:
    start(scope)
    scope.asking(lambda: field(scope).fill("st1one tone"))
    link, clash = scope.page.get_by_test_id("stTopNavLink"), "row"
    link.filter(has_text="Sudoku").click()
    scope.page.wait_for_function("document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Sudoku board'")
    scope.ready()
    scope.asking(lambda: scope.pick("Board", "4×4 Gentle"))
    blank = scope.entry.index(".")
    scope.choose(blank)
    scope.asking(lambda: scope.press(next(digit for digit in "1234" if digit in scope.entry[:4])))
    board = scope.entry
    expect(scope.message).to_contain_text(clash)
    link.filter(has_text="Sequences").click()
    scope.page.wait_for_function(
        "document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Tokens of the input'"
    )
    scope.ready()
    expect(field(scope)).to_have_value("st1one tone")
    expect(scope.message).to_contain_text("'1'")
    link.filter(has_text="Sudoku").click()
    scope.page.wait_for_function("document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Sudoku board'")
    scope.ready()
    assert scope.entry == board
    expect(scope.message).to_contain_text(clash)


def test_a_newcomer_is_welcomed(own: Scope) -> None:
    own.open("/sequences")
    expect(own.message).to_contain_text("applies one and the same block")
    own.wait_for_query(checkpoint=C, puzzle=PROBLEM, loops=4, loop=0, cell=13, panels=None)
