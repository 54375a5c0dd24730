"""The Sequences page: presented, saved, read by everybody and on a phone."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from hands import rows_of, saved, text_of
from words import CLIPBOARD, LOOP, LOOPS, PANELS, PROBLEM, QUESTIONS, WORDS, A, B, C, chosen, run, start, token

from looped.tasks import get

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext


def test_presenter_mode(scope: Scope) -> None:
    """One panel after the other, only those that there is something in; Esc leaves."""
    start(scope, present="board", hide=1)
    assert scope.panels == ["board"]
    seen = ["board"]
    for _ in PANELS:
        scope.press("n")
        scope.painted()
        (now,) = scope.panels
        seen.append(now)
    assert seen == [*PANELS, "board"]
    scope.press("ArrowRight")
    scope.at_loop(LOOP + 1, ["board"])
    scope.press("Escape")
    scope.painted()
    assert scope.panels == PANELS


def test_presenting_a_panel_that_this_input_has_not(scope: Scope) -> None:
    """In a link, and when an input of another kind is pasted meanwhile: the input is presented instead of nothing."""
    start(scope, checkpoint=C, present="table")
    assert scope.panels == ["board"]
    start(scope, present="table")
    assert scope.panels == ["table"]
    scope.asking(lambda: scope.page.get_by_test_id("microscope").evaluate(CLIPBOARD, ["paste", PROBLEM]))
    scope.painted()
    assert scope.panels == ["board"]


def test_the_face_and_the_table_are_saved(scope: Scope, shelf: Path) -> None:
    """The numbers are the library's, the drawings hold the letters."""
    start(scope)
    task: Any = get("lcs6")
    trace = run(shelf, A, WORDS)
    with saved(scope, "board", "CSV").open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    assert columns == ["loop", "position", "name", "token", "asked", "answer", "probability", "changed"]
    asked = task.asked(trace.tokens)
    assert [(int(loop), int(position), token, answer) for loop, position, _, token, _, answer, *_ in rows] == [
        (t + 1, i + 1, task.sign(trace.tokens[i]), task.sign(trace.answers[t, i]) if asked[i] else "")
        for t in range(LOOPS)
        for i in range(task.length)
    ]
    columns, numbers = rows_of(saved(scope, "table", "CSV"))
    assert columns == ["loop", "letters of the first word", "letters of the second word", "table", "attention"]
    table = task.table("stone", "tone")
    for loop, i, j, number, weight in numbers:
        assert number == table[int(i), int(j)]
        assert weight == pytest.approx(
            trace.attention[int(loop) - 1, 0, :, int(i) - 1, 9 + int(j) - 1].mean(), abs=0.01
        )
    assert len(numbers) == LOOPS * 20
    assert (
        "".join(sign for sign in text_of(saved(scope, "board", "SVG")) if re.fullmatch(r"[a-z|]", sign)) == "stone|tone"
    )
    drawn = text_of(saved(scope, "table", "SVG"))[2:]  # without the heading
    assert drawn[:9] == [*"tone", *"stone"]
    assert [int(text) for text in drawn if text.isdigit()] == table.ravel().tolist()


def test_the_equations_are_saved(scope: Scope, shelf: Path) -> None:
    start(scope, checkpoint=C)
    task: Any = get("countdown3")
    trace = run(shelf, C, PROBLEM)
    with saved(scope, "equations", "CSV").open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    assert columns == ["loop", "step 1", "step 1 holds", "step 2", "step 2 holds", "right"]
    holds = task.holds(trace.tokens, trace.answers)
    assert [[row[1], row[3]] for row in rows] == [task.steps(each) for each in trace.answers]
    assert [[int(row[2]), int(row[4])] for row in rows] == holds.astype(int).tolist()
    drawn = text_of(saved(scope, "equations", "SVG"))
    assert {"2, 3, 4 → 20", "3+2=5", "5×4=20 ✓"} <= set(drawn)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext], scheme: str
) -> None:
    """All panels at once, of words beside a changed run and of Countdown, with the notes and menus open and a
    message."""
    scope = new_scope(address, new_context(color_scheme=scheme))
    found = {}
    for name, query in {
        "words": {"versus": f"{A}~freeze=0,cut=1@2"},
        "countdown": {"checkpoint": C},
        "looped": {"checkpoint": B, "puzzle": "x", "versus": ""},
    }.items():
        start(scope, panels=",".join((*PANELS[1:], "equations", *QUESTIONS)), **query)
        scope.panel("board").locator(".ls-help > summary").click()
        scope.summary("Ask").click()  # its list lies over what is below it
        scope.painted()
        response = Axe().run(scope.page, "[data-testid=microscope]").response
        assert len(response["passes"]) > 10
        found[name] = [
            f"{fault['id']}: {json.dumps(fault['nodes'][0]['target'])}"
            for fault in response["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
    assert found == {"words": [], "countdown": [], "looped": []}


@pytest.mark.parametrize("checkpoint", [A, C])
def test_a_phone_held_upright(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext], checkpoint: str
) -> None:
    """Nothing to scroll sideways, and the face is as wide as the screen allows."""
    phone = new_scope(address, new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    start(
        phone,
        checkpoint=checkpoint,
        puzzle="kitten sitting" if checkpoint == A else PROBLEM,
        panels=",".join((*PANELS[1:], "equations", *QUESTIONS)),
    )
    assert phone.page.evaluate(
        "[document.documentElement, document.querySelector('.stMain')].every((part) => part.scrollWidth <= innerWidth)"
    )
    box = phone.canvas("board").bounding_box()
    assert box
    assert 300 < box["width"] <= 390
    token(phone, 1).tap()
    assert chosen(phone) == 1
