"""The Sequences page: two checkpoints side by side, changes, and questions to the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hands import rows_of, saved
from playwright.sync_api import expect
from words import EQUALS, LOOP, NONSENSE, PANELS, QUESTIONS, WORDS, A, B, C, chosen, go, run, sentence, start, token

from looped.tasks import get

if TYPE_CHECKING:
    from conftest import Scope


def test_two_checkpoints_side_by_side(scope: Scope, shelf: Path) -> None:
    """The verdict is what the library finds; “A against B” is a picture of its own;
    only checkpoints of the same task are offered beside it."""
    start(scope)
    offered = (
        scope.list("Compare with").locator("option").evaluate_all("(options) => options.map((option) => option.value)")
    )
    assert {name.partition("-")[0] for name in offered if name} == {"lcs6"}
    scope.asking(lambda: scope.pick("Compare with", B))
    scope.wait_for_query(versus=B)
    a, b = (run(shelf, name, WORDS).answers for name in (A, B))
    asked = get("lcs6").asked(run(shelf, A, WORDS).tokens)
    differ = (a != b)[:, asked].sum(1)
    verdict = scope.page.get_by_test_id("verdict")
    for loop in (1, LOOP):
        go(scope, loop)
        many = f"{differ[loop - 1]} answers differ" if differ[loop - 1] != 1 else "1 answer differs"
        expect(verdict).to_contain_text(
            f"They first disagree at loop {int(np.flatnonzero(differ)[0]) + 1}; "
            f"now {many if differ[loop - 1] else 'no answer differs'}"
        )
    assert not NONSENSE.search(verdict.inner_text())
    expect(scope.page.get_by_role("grid")).to_have_count(2)
    plain = scope.pixels("board")
    scope.pick("Show on the input and answer", "versus")
    assert scope.pixels("board") != plain
    token(scope, 2, board=1).click()
    assert chosen(scope) == 2
    for panel in PANELS[:-2]:
        sentence(scope, panel, 1)
    scope.asking(lambda: scope.pick("Checkpoint", C))  # another task: the comparison ends
    expect(scope.message).to_contain_text("another task")
    expect(scope.page.get_by_role("grid")).to_have_count(1)


@pytest.mark.parametrize(
    ("checkpoint", "change", "words"),
    [
        (A, "set", "Letter 1 of the first word (s) set to a"),
        (C, "block", "Number 1 (2) kept from attending to 3 others"),
    ],
)
def test_what_if(scope: Scope, checkpoint: str, change: str, words: str) -> None:
    """Another letter in a word, or a position that attends to less, runs beside the first and is told in words."""
    start(scope, checkpoint=checkpoint, cell=0, panels="whatif,readout")
    form = scope.panel("whatif")
    form.get_by_role("combobox", name="What to change").select_option(change)
    scope.asking(lambda: form.get_by_test_id("whatif-run").click())
    expect(scope.page.get_by_role("grid")).to_have_count(2)
    expect(form.get_by_role("listitem").first).to_contain_text(words)
    expect(scope.message).to_be_empty()
    assert not NONSENSE.search(form.inner_text())


@pytest.mark.parametrize("checkpoint", [A, C])
def test_every_change_of_the_form_can_be_run(scope: Scope, checkpoint: str) -> None:
    """Whatever the lists offer is a change that this model can have; the last takes the state from an example."""
    start(scope, checkpoint=checkpoint, loops=3, loop=1, cell=1, panels="whatif")
    form = scope.panel("whatif")
    kinds = (
        form.get_by_role("combobox", name="What to change")
        .locator("option")
        .evaluate_all("(options) => options.filter((one) => !one.disabled).map((one) => one.value)")
    )
    assert kinds == [
        "freeze",
        "shift",
        "stretch",
        "shuffle",
        "close",
        "ones",
        "cut",
        "block",
        "temperature",
        "set",
        "patch",
    ]
    for count, kind in enumerate(kinds, 1):
        form.get_by_role("combobox", name="What to change").select_option(kind)
        for select in form.locator(".ls-fields select").all():
            select.select_option(index=select.locator("option").count() - 1)
        scope.asking(lambda: form.get_by_test_id("whatif-run").click())
        expect(scope.message).to_be_empty()
        expect(form.locator(".ls-changes li > span")).to_have_count(count)
    assert not NONSENSE.search(form.locator(".ls-changes").inner_text())


def settled(scope: Scope, panel: str) -> None:
    scope.page.wait_for_function("(panel) => document.querySelector(`[data-panel=${panel}] .ls-ask`).hidden", arg=panel)


@pytest.mark.parametrize("checkpoint", [A, C])
def test_the_menu_asks_and_the_model_answers(own: Scope, checkpoint: str) -> None:
    """It lists what can be asked of this input, in this page's words;
    the long questions are answered with a picture and a sentence."""
    start(own, checkpoint=checkpoint, loops=3, loop=2, cell=EQUALS, panels="readout")
    asked = (
        {"Which part of the table does the model know?": "wavefront", "What about longer words?": "lengths"}
        if checkpoint == A
        else {}
    )
    asked["What do more loops bring?"] = "scaling"
    own.summary("Ask").click()
    menu = own.summary("Ask").locator("..")
    words = [text.partition("?")[0] + "?" for text in menu.get_by_role("button").all_inner_texts()]  # without the cost
    assert len(set(words)) == len(words) == len(QUESTIONS) - (0 if checkpoint == A else 2)
    assert set(asked) <= set(words)
    assert [text for text in words if NONSENSE.search(text) or not text.endswith("?")] == []
    own.press("Escape")
    for question, panel in asked.items():
        own.summary("Ask").click()
        menu.get_by_role("button", name=question).click()
        assert own.panels[1] == panel
        settled(own, panel)  # chosen is asked: nothing else is pressed
        sentence(own, panel)
        picture = own.pixels(panel)
        go(own, 3)
        assert own.pixels(panel) != picture
        go(own, 2)


@pytest.mark.parametrize(("checkpoint", "clues"), [(A, 9), (C, 4)])
def test_which_clue_decided(scope: Scope, checkpoint: str, clues: int) -> None:
    """Letters, or the numbers and the target, are weighed; positions where nothing is asked have no answer to weigh."""
    start(scope, checkpoint=checkpoint, loops=3, loop=2, cell=EQUALS, panels="clues")
    scope.panel("clues").locator(".ls-begin").click()
    settled(scope, "clues")
    sentence(scope, "clues")
    columns, rows = rows_of(saved(scope, "clues", "CSV"))
    assert columns == ["position", "clue", "integrated gradients, bits", "one clue taken away, bits"]
    assert len(rows) == clues
    token(scope, 5 if checkpoint == A else 0).click()
    expect(scope.panel("clues").locator(".ls-ask .ls-note")).to_contain_text("nothing is asked of it")
