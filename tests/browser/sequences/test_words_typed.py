"""The Sequences page: two words and Countdown problems are typed, pasted and chosen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from words import (
    CLIPBOARD,
    LOOP,
    LOOPS,
    OTHER,
    PANELS,
    PROBLEM,
    WORDS,
    A,
    B,
    C,
    chosen,
    field,
    go,
    heard,
    labels,
    right_pair,
    sentence,
    start,
    token,
)

from looped.tasks import get

if TYPE_CHECKING:
    from conftest import Scope


def test_two_words_are_typed_and_read(scope: Scope, shelf: Path) -> None:
    """Every token is named with what the model says of it, the address follows, and stepping the clock sends
    nothing."""
    start(scope)
    assert heard(scope) == labels(shelf, A, WORDS, LOOP)
    before = scope.pixels("board", "table", "attention", "trajectory", "readout")
    scope.asking(lambda: field(scope).fill("Cat -> dog"))
    assert heard(scope) == labels(shelf, A, OTHER, LOOP)
    now = scope.pixels(*before)
    assert [name for name in before if now[name] == before[name]] == []
    scope.wait_for_query(puzzle=OTHER, checkpoint=A, loop=LOOP)
    expect(field(scope)).to_have_value("Cat -> dog")  # nobody's text is changed under their hands
    expect(scope.message).to_be_empty()
    scope.leave_fields()
    quiet = len(scope.frames)
    for loop in (5, 6):
        scope.press("ArrowRight")
        scope.at_loop(loop, PANELS)
        assert heard(scope) == labels(shelf, A, OTHER, loop)
    scope.wait_for_query(loop=6)
    assert scope.frames[quiet:] == []


def test_enter_asks_at_once_and_text_that_is_shown_already_is_not_asked_again(scope: Scope) -> None:
    start(scope)
    scope.asking(lambda: (field(scope).fill(OTHER), field(scope).press("Enter")))
    scope.wait_for_query(puzzle=OTHER)
    quiet = len(scope.frames)
    field(scope).press("Enter")
    # Timers fire in order: after this one, the page has waited its 300 ms for more typing.
    scope.page.evaluate("() => new Promise((done) => setTimeout(done, 350))")
    assert [frame for frame in scope.frames[quiet:] if frame[0] == "sent"] == []


def test_text_that_is_taken_back_while_the_model_answers(scope: Scope) -> None:
    """The page does not wait for ever for an answer that it has had."""
    start(scope)
    field(scope).fill(OTHER)
    field(scope).press("Enter")
    field(scope).fill(OTHER + "s")
    field(scope).fill(OTHER)
    scope.wait_for_query(puzzle=OTHER)
    scope.page.wait_for_function("() => !document.querySelector('[data-testid=microscope]').hasAttribute('data-busy')")
    assert "last input that was run" not in sentence(scope, "board")


@pytest.mark.parametrize(
    ("checkpoint", "typed", "says"),
    [(A, "s1one tone", "'1'"), (A, "stone", "one word"), (C, "1 1 1 = 99", "no way to make 99")],
)
def test_wrong_text_says_a_sentence_and_keeps_the_picture(scope: Scope, checkpoint: str, typed: str, says: str) -> None:
    start(scope, checkpoint=checkpoint)
    before, panel = scope.pixels("board", "readout"), sentence(scope, "board")
    scope.asking(lambda: field(scope).fill(typed))
    expect(scope.message).to_contain_text(says)
    assert scope.pixels("board", "readout") == before
    expect(field(scope)).to_have_value(typed)
    assert scope.says("board") == f"The panels still show the last input that was run. {panel}"
    scope.leave_fields()
    scope.press("ArrowLeft")  # the clock goes on
    assert scope.loop == LOOP - 1
    scope.asking(lambda: field(scope).fill("tone stone" if checkpoint == A else "2 3 4 = 20"))
    expect(scope.message).to_be_empty()
    assert "last input that was run" not in sentence(scope, "board")


def test_examples_are_chosen_from_a_list(scope: Scope) -> None:
    start(scope)
    expect(scope.list("Example").locator("option")).to_have_text(
        ["Your own", *(text for text, _ in get("lcs6").examples)]
    )
    expect(scope.list("Example").locator("option:checked")).to_have_text(WORDS)
    scope.asking(lambda: scope.pick("Example", "flour flower"))
    scope.wait_for_query(puzzle="flour flower", checkpoint=A)
    expect(field(scope)).to_have_value("flour flower")
    scope.asking(lambda: field(scope).fill("a b"))
    expect(scope.list("Example").locator("option:checked")).to_have_text("Your own")


def test_from_words_to_countdown_and_back(scope: Scope, shelf: Path) -> None:
    """A checkpoint brings its example, a text its checkpoint;
    the panels are those that there is something to show in."""
    start(scope)
    assert scope.panels == PANELS
    scope.asking(lambda: scope.pick("Checkpoint", C))
    expect(scope.message).to_contain_text("here is one")
    expect(field(scope)).to_have_value(PROBLEM)
    expect(field(scope)).to_have_attribute("aria-label", "Numbers = target")
    assert scope.panels == ["board", "equations", *PANELS[2:]]
    assert heard(scope) == labels(shelf, C, PROBLEM, LOOP)
    assert chosen(scope) == 13
    assert re.match(r"Not solved: (1 of 2 equations fails|both equations fail)\. ", sentence(scope, "board"))
    scope.asking(lambda: field(scope).fill("dog cat"))
    expect(scope.message).to_contain_text("was chosen")
    assert scope.query["checkpoint"].endswith("-tmlt")
    assert scope.panels == PANELS
    expect(field(scope)).to_have_attribute("aria-label", "Words")


def test_a_run_that_ends_wrongly_says_how_often_its_checkpoint_is_right(scope: Scope, shelf: Path) -> None:
    """By its card; not while the run goes on, not where it ends rightly, and not for a checkpoint that was never
    measured."""
    usual = " validation inputs lcs6-looped has 50 % right"
    start(scope, checkpoint=B)
    assert "; right is " in sentence(scope, "board")
    assert usual not in sentence(scope, "board")
    go(scope, LOOPS)
    assert "; right is " in sentence(scope, "board")
    assert usual in sentence(scope, "board")
    scope.asking(lambda: scope.pick("Checkpoint", A))
    go(scope, int(str(scope.slider.get_attribute("max"))))  # its own trained loops
    assert "inputs lcs6" not in sentence(scope, "board")
    start(scope, checkpoint=B, puzzle=right_pair(shelf, B)[0], loop=LOOPS)
    assert "which is right" in sentence(scope, "board")
    assert "inputs lcs6" not in sentence(scope, "board")


def test_longer_words_are_read_with_a_warning(scope: Scope) -> None:
    start(scope)
    scope.asking(lambda: field(scope).fill("kitten sitting"))
    expect(scope.message).to_contain_text("more than the 6")
    expect(scope.grid().get_by_role("gridcell")).to_have_count(15)
    scope.asking(lambda: field(scope).fill("abcdefghi a"))
    expect(scope.message).to_contain_text("at most 8")
    expect(scope.grid().get_by_role("gridcell")).to_have_count(15)


def test_copy_and_paste(scope: Scope) -> None:
    start(scope)
    scope.leave_fields()
    assert token(scope, 0).evaluate(CLIPBOARD, ["copy", ""]) == WORDS
    scope.asking(lambda: token(scope, 0).evaluate(CLIPBOARD, ["paste", PROBLEM]))
    scope.wait_for_query(puzzle=PROBLEM)
    expect(field(scope)).to_have_value(PROBLEM)
