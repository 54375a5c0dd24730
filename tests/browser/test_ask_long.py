"""Long questions: progress, cancelling, errors, and which board, cell and run an answer belongs to."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from asked import CELL, LONG, LOOP, LOOPS, OTHER, A, B, ask, library, name, requests, settled, small, words_of
from hands import EASY, GENTLE4, MEDIUM, put
from library import run
from playwright.sync_api import expect

from looped.catalogue import checkpoints
from looped.lenses.rollout import traced
from looped.questions import QUESTIONS, TEMPERATURES, Asked
from looped.serving.message import pack
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope


def test_a_long_question_shows_progress_and_can_be_cancelled(own: Scope) -> None:
    """The hand finds Cancel; the button comes back, what is known so far stays, and the server is free for the next."""
    own.open(puzzle=MEDIUM, checkpoint="sudoku9-tmlt", loops=48, loop=20, panels="effect")
    panel, words = own.panel("effect"), LONG["effect"]["cells"]
    button, bar, cancel, note = (
        panel.get_by_role("button", name=words),
        panel.get_by_role("progressbar"),
        panel.get_by_role("button", name="Cancel"),
        panel.locator(".ls-note"),
    )
    button.focus()
    own.press("Enter")
    expect(cancel).to_be_focused()
    expect(button).to_be_hidden()
    own.page.wait_for_function("document.querySelector('[data-panel=effect] progress').value > 0")
    expect(own.canvas("effect")).to_be_visible()  # what is known so far
    assert "the worst of" in words_of(own, "effect")
    own.press("Enter")
    expect(button).to_be_focused()
    expect(button).to_be_visible()
    expect(bar).to_be_hidden()
    expect(note).to_have_text(re.compile(r"^Stopped at .*%\.$"))
    assert "the worst of" in words_of(own, "effect")
    own.asking(lambda: own.clipboard("paste", GENTLE4))  # which nobody waits for
    ask(own, "effect", words)
    assert "For the " in words_of(own, "effect")


def test_cancelled_before_anything_is_known(scope: Scope) -> None:
    """It is as if nobody had asked, and asking again works."""
    small(scope, "effect")
    panel, words = scope.panel("effect"), LONG["effect"]["cells"]
    before = words_of(scope, "effect")
    held: list[Any] = []
    scope.page.route("**/ask?**", lambda route: held.append(route))
    panel.get_by_role("button", name=words).click()
    expect(panel.get_by_role("progressbar")).to_be_visible()
    assert scope.page.evaluate("document.querySelector('[data-panel=effect] progress').value") == 0
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("button", name=words)).to_be_visible()
    expect(panel.locator(".ls-note")).to_be_empty()
    assert words_of(scope, "effect") == before
    scope.page.unroute("**/ask?**")
    ask(scope, "effect", words)
    assert "the worst of" in words_of(scope, "effect")


def test_before_the_first_result_there_is_no_number(scope: Scope) -> None:
    """A question may tell that it has begun before it knows anything."""
    small(scope, "effect", modes="effect-heads")
    begun = next(
        iter(QUESTIONS["heads"].ask(Asked(checkpoints.load_checkpoint(A), np.arange(16) % 5, LOOPS, CELL, LOOP)))
    )
    assert not np.isfinite(begun["arrays"]["margin"]).any()
    data = b64encode(pack([{"arrays": begun["arrays"], "meta": begun["meta"]}])).decode()
    scope.page.route(
        "**/ask?**", lambda route: route.fulfill(status=200, body=f"data: {json.dumps({'share': 0, 'data': data})}\n\n")
    )
    scope.panel("effect").get_by_role("button", name=LONG["effect"]["heads"]).click()
    expect(scope.canvas("effect")).to_be_visible()
    assert words_of(scope, "effect") == "The first change is being tried."


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ({"status": 400, "body": "This board is on holiday."}, "This board is on holiday."),
        (
            {"status": 200, "body": 'data: {"error": "Nothing can be said of this."}\n\n'},
            "Nothing can be said of this.",
        ),
        ({"status": 200, "body": ""}, "The server stopped before the answer was complete; ask again."),
        (None, "The connection to the server broke; ask again."),
    ],
    ids=["refused", "told", "cut off", "gone"],
)
def test_an_error_is_one_sentence_and_asking_again_works(scope: Scope, reply: dict[str, Any] | None, says: str) -> None:
    small(scope, "temperature")
    panel, words = scope.panel("temperature"), LONG["temperature"][""]
    scope.page.route("**/ask?**", lambda route: route.fulfill(**reply) if reply else route.abort())
    panel.get_by_role("button", name=words).click()
    expect(panel.locator(".ls-note")).to_have_text(says)
    expect(panel.get_by_role("button", name=words)).to_be_visible()
    expect(panel.get_by_role("progressbar")).to_be_hidden()
    scope.choose(OTHER)  # another cell: the sentence is still true
    expect(panel.locator(".ls-note")).to_have_text(says)
    scope.page.unroute("**/ask?**")
    ask(scope, "temperature", words)
    assert "is right at temperatures" in words_of(scope, "temperature")
    assert all("Failed to load resource" in line for line in scope.errors)
    scope.errors.clear()


def test_an_error_about_one_cell_is_not_shown_for_another(scope: Scope) -> None:
    """Nothing is shown of the other cell, so nothing says that it is."""
    small(scope, "effect")
    scope.page.route("**/ask?**", lambda route: route.fulfill(status=200, body='data: {"error": "Not this cell."}\n\n'))
    scope.panel("effect").get_by_role("button", name=LONG["effect"]["cells"]).click()
    note = scope.panel("effect").locator(".ls-note")
    expect(note).to_have_text("Not this cell.")
    scope.choose(OTHER)
    expect(note).to_be_empty()
    assert name(OTHER) in words_of(scope, "effect")
    scope.choose(CELL)
    expect(note).to_have_text("Not this cell.")


def test_a_board_without_clues_says_so(scope: Scope) -> None:
    """The library's own sentence."""
    small(scope, "clues", puzzle="." * 16)
    scope.panel("clues").get_by_role("button", name=LONG["clues"][""]).click()
    expect(scope.panel("clues").locator(".ls-note")).to_have_text(
        "This board has no clue that an answer could rest on."
    )
    scope.choose(0)
    scope.asking(lambda: scope.press("1"))
    scope.choose(1)
    ask(scope, "clues", LONG["clues"][""])
    assert " bits, to the 1 in row 1, column 1. " in words_of(scope, "clues")


def test_an_answer_stays_while_the_clock_steps(scope: Scope) -> None:
    """Nothing is asked; where the loop matters the panel says what loop it shows, and offers to ask for this one."""
    small(scope, "effect", "temperature", "clues")
    for panel, words in (
        ("effect", LONG["effect"]["cells"]),
        ("temperature", LONG["temperature"][""]),
        ("clues", LONG["clues"][""]),
    ):
        ask(scope, panel, words)
    first, asked, quiet = (
        {panel: words_of(scope, panel) for panel in ("effect", "temperature", "clues")},
        requests(scope),
        len(scope.frames),
    )
    note = scope.panel("clues").locator(".ls-note")
    pictures = scope.pixels("effect", "temperature")
    scope.leave_fields()
    for key in ("ArrowLeft", "Home", "End"):
        scope.press(key)
        nothing = f"Before the first loop nothing has been computed; what follows is after loop {LOOP}. "
        before = nothing if key == "Home" else ""
        assert {panel: words_of(scope, panel) for panel in first} == first | {"clues": before + first["clues"]}
        for panel in ("effect", "temperature"):
            expect(scope.panel(panel).get_by_role("button", name=re.compile("Knock|Run ten"))).to_be_hidden()
        expect(note).to_have_text(f"Shown: {name(CELL)}, loop {LOOP}.")
        expect(scope.panel("clues").get_by_role("button", name=LONG["clues"][""])).to_be_visible()
    assert scope.pixels("effect")["effect"] != pictures["effect"]  # the mark of the clock moves
    scope.slider.fill(str(LOOP))
    scope.painted()
    expect(note).to_be_hidden()
    assert scope.pixels("effect", "temperature") == pictures
    assert asked == []
    assert scope.frames[quiet:] == []


def test_an_answer_belongs_to_its_cell(scope: Scope) -> None:
    """Another cell: whose answer is shown, and a button for its own.
    Back at the first, its answer, and nothing is asked again."""
    small(scope, "effect")
    panel, words = scope.panel("effect"), LONG["effect"]["cells"]
    ask(scope, "effect", words)
    first = words_of(scope, "effect")
    assert name(CELL) in first
    asked = requests(scope)
    scope.choose(OTHER)
    expect(panel.locator(".ls-note")).to_have_text(f"Shown: {name(CELL)}.")
    assert words_of(scope, "effect") == first
    assert asked == []
    ask(scope, "effect", words)
    second = words_of(scope, "effect")
    assert second.startswith(f"For the {library('cells', OTHER)['meta']['answer']} in {name(OTHER)} ")
    assert len(asked) == 1
    scope.choose(CELL)
    settled(scope, "effect")
    assert words_of(scope, "effect") == first
    scope.choose(OTHER)
    settled(scope, "effect")
    assert words_of(scope, "effect") == second
    assert len(asked) == 1


def test_nothing_is_asked_of_a_given_cell(scope: Scope) -> None:
    """The panel says so and offers no button; questions about the whole board can be asked all the same."""
    given = GENTLE4.index("3")
    small(scope, "effect", "clues", "temperature", cell=given)
    for panel in ("effect", "clues"):
        expect(scope.panel(panel).locator(".ls-ask .ls-note")).to_have_text(
            "The chosen cell is given: nothing is asked of it. Choose a blank."
        )
        expect(scope.panel(panel).locator(".ls-begin")).to_be_hidden()
    ask(scope, "temperature", LONG["temperature"][""])
    scope.choose(CELL)
    ask(scope, "effect", LONG["effect"]["cells"])
    assert name(CELL) in words_of(scope, "effect")


def test_answers_survive_another_page_and_another_board(scope: Scope) -> None:
    """Models and back; an edit and its undo: the answer is there and was not asked for again."""
    small(scope, "temperature")
    ask(scope, "temperature", LONG["temperature"][""])
    first, asked = words_of(scope, "temperature"), requests(scope)
    scope.page.get_by_role("link", name="Models").click()
    expect(scope.page.get_by_test_id("microscope")).to_have_count(0)
    scope.page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    settled(scope, "temperature")
    assert words_of(scope, "temperature") == first
    scope.choose(CELL)
    digit = str(parse(GENTLE4).solution[CELL])
    scope.asking(lambda: scope.press(digit))
    scope.wait_for_entry(put(GENTLE4, CELL, digit))
    expect(scope.panel("temperature").get_by_role("button", name=LONG["temperature"][""])).to_be_visible()
    expect(scope.canvas("temperature")).to_be_hidden()
    scope.asking(lambda: scope.press("Control+z"))
    scope.wait_for_entry(GENTLE4)
    settled(scope, "temperature")
    assert words_of(scope, "temperature") == first
    assert asked == []


def test_rollout_is_asked_for_by_itself_once_for_each_board(own: Scope) -> None:
    """When its panel is shown, not before; not again for another cell, head or loop."""
    asked = requests(own)
    small(own, "readout")
    assert asked == []
    own.summary("Ask").click()
    own.summary("Ask").locator("..").get_by_text("Where does information flow from?").click()
    settled(own, "flow")
    expect(own.panel("flow").locator(".ls-says")).to_contain_text("rollout traces")
    flow, _ = traced(checkpoints.load_checkpoint(A).model, run(A, GENTLE4, LOOPS).trace)
    assert f"traces {round(100 * float(flow[LOOP, CELL, CELL]))} % of {name(CELL)} to itself" in words_of(own, "flow")
    assert ["question=rollout" in url for url in asked] == [True]
    own.choose(OTHER)
    own.leave_fields()
    own.press("ArrowLeft", "Home", "ArrowRight")
    words_of(own, "flow")
    assert len(asked) == 1
    digit = str(parse(GENTLE4).solution[CELL])
    own.choose(CELL)
    own.asking(lambda: own.press(digit))
    own.wait_for_entry(put(GENTLE4, CELL, digit))
    expect(own.panel("flow").locator(".ls-says")).to_contain_text("rollout traces")
    assert len(asked) == 2
    own.asking(lambda: own.press("Control+z"))
    own.wait_for_entry(GENTLE4)
    expect(own.panel("flow").locator(".ls-says")).to_contain_text("rollout traces")
    assert len(asked) == 2


def test_two_runs_are_asked_one_by_one(scope: Scope) -> None:
    """Each part of the panel has its own button, its own answer and its own place in the CSV."""
    small(scope, "temperature", versus=B)
    buttons = scope.panel("temperature").get_by_role("button", name=LONG["temperature"][""])
    expect(buttons).to_have_count(2)
    before = words_of(scope, "temperature", 0)
    buttons.nth(1).click()
    expect(buttons.filter(visible=True)).to_have_count(1)
    assert words_of(scope, "temperature", 0) == before
    expect(scope.canvas("temperature", 0)).to_be_hidden()
    expect(scope.canvas("temperature", 1)).to_be_visible()
    buttons.filter(visible=True).click()
    settled(scope, "temperature", 2)
    for number, checkpoint in enumerate((A, B)):
        right = library("temperature", checkpoint=checkpoint)["arrays"]["right"][:, -1]
        good = ", ".join(f"{temperature:g}" for temperature, one in zip(TEMPERATURES, right, strict=True) if one)
        assert f"at temperatures {good}." in words_of(scope, "temperature", number)


def test_easy_board_of_a_first_visit_has_no_question_asked(own: Scope) -> None:
    """A newcomer's page computes nothing that nobody asked for."""
    asked = requests(own)
    own.open(loops=2)
    assert own.entry == EASY
    own.press("Home", "End")
    own.painted()
    assert asked == []
