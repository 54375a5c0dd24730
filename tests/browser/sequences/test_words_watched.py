"""The Sequences page: the clock, what is chosen, and what the panels show of two words and Countdown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from words import (
    EQUALS,
    LOOP,
    LOOPS,
    NONSENSE,
    PANELS,
    PROBLEM,
    QUESTIONS,
    WORDS,
    A,
    C,
    chosen,
    field,
    go,
    right_pair,
    run,
    sentence,
    start,
    token,
)

from looped.lenses.readout import readout
from looped.tasks import get

if TYPE_CHECKING:
    from conftest import Scope


def test_keys_of_the_clock(scope: Scope) -> None:
    start(scope)
    scope.leave_fields()
    for key, loop in (("ArrowLeft", 3), ("ArrowRight", 4), ("Home", 0), ("PageDown", 1), ("End", 6), ("PageUp", 5)):
        scope.press(key)
        scope.at_loop(loop, PANELS)
    scope.pick("Speed", "16")
    scope.leave_fields()
    scope.press("Home", "Space")
    scope.at_loop(LOOPS, PANELS)  # it plays to the end
    field(scope).focus()
    scope.press("Home", "Space")  # which belong to the text
    assert scope.loop == LOOPS
    expect(field(scope)).to_have_value(f" {WORDS}")


def test_tokens_are_chosen_by_keys(scope: Scope) -> None:
    """Arrows move along a word and from one to the other, and stop at the ends; Esc lets go;
    Home and End stay with the clock."""
    start(scope, cell=0)
    token(scope, 0).focus()
    for key, position in (
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowDown", 11),
        ("ArrowRight", 12),
        ("ArrowRight", 13),
        ("ArrowRight", 13),
        ("ArrowDown", 13),
        ("ArrowUp", 4),
        ("ArrowRight", 5),
        ("ArrowDown", 13),
    ):
        scope.press(key)
        assert chosen(scope) == position, key
        expect(token(scope, position)).to_be_focused()
    expect(scope.page.get_by_test_id("hold")).to_contain_text("Held: the sign = after the second word")
    scope.press("End")
    assert scope.loop == LOOPS
    scope.wait_for_query(cell=EQUALS, loop=LOOPS)
    scope.press("Escape")
    expect(scope.page.get_by_test_id("hold")).to_contain_text("Now: the sign =")


def test_pointing_previews_and_a_click_holds(scope: Scope) -> None:
    """Every panel is about the token under the pointer until one is clicked."""
    start(scope)
    hold = scope.page.get_by_test_id("hold")
    rest = scope.pixels("readout", "attention", "table")
    token(scope, 1).hover()
    expect(hold).to_contain_text("letter 2 of the first word (t)")
    assert sentence(scope, "readout").startswith("Letter 2 of the first word (t)")
    now = scope.pixels(*rest)
    assert [name for name in rest if now[name] == rest[name]] == []
    scope.page.mouse.move(2, 2)
    assert scope.pixels(*rest) == rest
    token(scope, 9).click()
    assert chosen(scope) == 9
    token(scope, 1).hover()
    expect(hold).to_contain_text("Held: letter 1 of the second word (t)")
    assert sentence(scope, "readout").startswith("Letter 1 of the second word (t)")
    scope.wait_for_query(cell=9)


def test_letters_are_chosen_in_the_table(scope: Scope) -> None:
    """A click into the table takes the letter of its row, the next one that of its column."""
    start(scope, panels="table")
    box = scope.canvas("table").bounding_box()
    assert box
    wide = box["width"]
    step = min(
        (wide / 2 - 6 - 16) / 5, (box["height"] - 4 - 16) / 6, 34
    )  # tone: 4 letters and the empty word; stone: 5
    at = {"x": 16 + 2.5 * step, "y": 16 + 3.5 * step}
    scope.canvas("table").click(position=at)
    assert chosen(scope) == 2
    scope.canvas("table").click(position=at)
    assert chosen(scope) == 10


@pytest.mark.parametrize(("checkpoint", "panels"), [(A, PANELS), (C, ["board", "equations", *PANELS[2:]])])
def test_every_panel_follows_the_clock(scope: Scope, checkpoint: str, panels: list[str]) -> None:
    """Another loop, another picture and other words; back again, the same."""
    start(scope, checkpoint=checkpoint)
    scope.at_loop(LOOP, panels)
    pictures, words = scope.pixels(*panels), {name: sentence(scope, name) for name in panels}
    go(scope, 2)
    now = scope.pixels(*panels)
    assert [name for name in panels if now[name] == pictures[name]] == []
    assert [name for name in panels if sentence(scope, name) == words[name]] == []
    go(scope, 0)
    for name in panels:
        sentence(scope, name)
    go(scope, LOOP)
    assert scope.pixels(*panels) == pictures
    assert {name: sentence(scope, name) for name in panels} == words


@pytest.mark.parametrize(
    ("checkpoint", "text", "loops"),
    [
        ("edit_distance6-looped", "a b", 2),
        ("lcs6-standard", "kitten sitting", 3),
        (A, "a a", 1),
        ("countdown3-standard", PROBLEM, 3),
        ("countdown3-looped", "100 1 2 = 99", 2),
    ],
)
def test_every_panel_makes_sense_of_every_kind_of_run(scope: Scope, checkpoint: str, text: str, loops: int) -> None:
    """The shortest and the longest words, one loop, standard transformers:
    sentences without Sudoku's words, before the first loop and after the last."""
    start(
        scope,
        checkpoint=checkpoint,
        puzzle=text,
        loops=loops,
        loop=0,
        panels=",".join((*PANELS[1:], "equations", *QUESTIONS)),
    )
    for loop in (0, loops):
        go(scope, loop)
        scope.painted()
        said = scope.page.locator("[data-panel] :is(.ls-says, .ls-none)").evaluate_all(
            "(all) => all.filter((one) => one.offsetParent).map((one) => one.innerText)"
        )
        assert len(said) >= len(scope.panels) > 18
        assert [text for text in said if NONSENSE.search(text) or not text.endswith(".")] == []
    notes = scope.page.locator(".ls-help > div").all_text_contents()
    assert len(notes) > 20
    assert [note for note in notes if NONSENSE.search(note)] == []


def test_what_the_face_says_of_two_words(scope: Scope, shelf: Path) -> None:
    """The number, whether it is right, since when nothing changed; with “Check answer” how many differ."""
    words, begin = right_pair(shelf, A)
    task: Any = get("lcs6")
    trace = run(shelf, A, words)
    asked, number = task.asked(trace.tokens), int(task.table(*words.split())[-1, -1])
    settled = int(readout(trace.logits).settled[asked].max())
    start(scope, puzzle=words, show="solution")
    expect(scope.list("Show on the input and answer")).to_have_value("solution")
    for loop in range(1, LOOPS + 1):
        go(scope, loop)
        text, said = sentence(scope, "board"), int(task.said(trace.tokens, trace.answers[loop - 1]))
        assert text.startswith(
            f"The model says {said}{', which is right' if said == number else f'; right is {number}'}."
        )
        assert (f"No answer has changed since loop {settled}" in text) == (loop > settled)
        off = int((trace.answers[loop - 1] != task.answers(trace.tokens[None])[0])[asked].sum())
        assert f"{off} answer{'' if off == 1 else 's'} of {asked.sum()} differ" in text
    assert sentence(scope, "board").startswith(f"The model says {number}, which is right.")
    assert begin > 1


@pytest.mark.parametrize("checkpoint", [A, C])
def test_what_the_face_can_show(scope: Scope, checkpoint: str) -> None:
    """Answers, settle loops, attention and the check are four pictures; B's answers only beside a second run."""
    start(scope, checkpoint=checkpoint)
    select = scope.list("Show on the input and answer")
    shows = select.locator("option").evaluate_all("(options) => options.map((option) => option.value)")
    assert shows == ["answer", "settle", "attention", "solution"]
    seen = set()
    for show in shows[: 4 if checkpoint == A else 3]:
        select.select_option(show)
        seen.add(scope.pixels("board")["board"])
    assert len(seen) == (4 if checkpoint == A else 3)
    if checkpoint == C:
        select.select_option("solution")
        assert "the equations say for themselves" in sentence(scope, "board")


def test_heads_and_directions_of_attention(scope: Scope) -> None:
    """A head of its own in “Attention” is that of the table and of the face, too;
    the table is read in both directions."""
    start(scope, show="attention")
    all_heads = scope.pixels("attention", "table", "board")
    scope.pick("Attention head", "1")
    one = scope.pixels(*all_heads)
    assert [name for name in all_heads if one[name] == all_heads[name]] == []
    assert "Head 2" in sentence(scope, "table")
    forth = sentence(scope, "table")
    scope.panel("table").get_by_role("combobox", name="Table and attention: what to show").select_option("back")
    assert sentence(scope, "table") != forth
    assert "second word's letters" in sentence(scope, "table")
    assert scope.pixels("table") != {"table": one["table"]}
    scope.wait_for_query(head=1, modes="table-back", show="attention")
