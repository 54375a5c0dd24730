"""Questions in the microscope: a small board, what is asked of it, and what the library answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hands import GENTLE4
from playwright.sync_api import Request

from looped.catalogue import checkpoints
from looped.questions import QUESTIONS, Asked
from looped.serving.message import Packed
from looped.tasks.sudoku.text import parse
from looped.tasks.wording import row_column

if TYPE_CHECKING:
    from conftest import Scope

A, B = "sudoku4-tmlt", "sudoku4-looped"
NEW = (
    "whatif",
    "clues",
    "effect",
    "rules",
    "flow",
    "whole",
    "distances",
    "orbits",
    "fixed",
    "similarity",
    "lyapunov",
    "layerwise",
    "linear",
    "recovery",
    "locality",
    "encoding",
    "exits",
    "basins",
    "temperature",
    "probes",
    "calibration",
    "resting",
    "compute",
    "scaling",
)
FIGURES = tuple(name for name in NEW[1:] if name != "layerwise")  # which is for loops of several layers
LOOPS, LOOP, CELL, OTHER = 6, 4, GENTLE4.index("."), GENTLE4.rindex(".")
# What the button of a panel says, for each thing that it can show when somebody asks; "" for a panel with one thing.
LONG = {
    "clues": {"": "Weigh the clues"},
    "effect": {"cells": "Knock every cell back at every loop", "heads": "Cut every head in every loop"},
    "fixed": {"": "Compute the spectral radius"},
    "similarity": {"": "Compare all loops"},
    "lyapunov": {"": "Carry small differences along"},
    "linear": {"error": "Fit a linear map to loops"},
    "recovery": {"noise": "Disturb the state and run on"},
    "locality": {"": "Change this cell"},
    "calibration": {"": "Run 64 held-out boards"},
    "compute": {"": "Run 24 held-out boards in every way"},
    "resting": {"ordinary": "Run 64 held-out boards"},
    "exits": {"boards": "Try the rules on 64 boards"},
    "basins": {"turns": "Ask 32 ways of writing this board", "noise": "Start 32 times with noise"},
    "temperature": {"": "Run ten temperatures"},
    "probes": {"candidates": "Fit linear probes"},
    "scaling": {"": "Run 200 held-out inputs"},
}
# Milliseconds: the first of its kind waits for what it imports, half a minute where other tests run on the same cores.
ANSWER = 180_000
NONSENSE = re.compile(r"NaN|undefined|null|Infinity|\[object")


def small(scope: Scope, *panels: str, **query: Any) -> Scope:
    """A 4×4 board with some of the panels."""
    return scope.open(
        **{"puzzle": GENTLE4, "checkpoint": A, "loops": LOOPS, "loop": LOOP, "cell": CELL, "panels": ",".join(panels)}
        | query
    )


def name(cell: int, size: int = 4) -> str:
    """Return the name of a cell of a small board."""
    return row_column(cell, size)


def library(question: str, cell: int = CELL, checkpoint: str = A) -> Packed:
    """The whole answer, as the library gives it."""
    model = checkpoints.load_checkpoint(checkpoint)
    *_, answer = QUESTIONS[question].ask(Asked(model, model.task.encode(parse(GENTLE4)), LOOPS, cell, LOOP))
    return answer


def requests(scope: Scope) -> list[str]:
    """What the page will ask the server from now on, as it asks; not what it asks about the run by itself."""
    found: list[str] = []

    def note(request: Request) -> None:
        if "/ask?" in request.url and "question=recorded" not in request.url:
            found.append(request.url)

    scope.page.on("request", note)
    return found


def settled(scope: Scope, panel: str, runs: int = 1) -> None:
    """Every part of the panel has the whole answer for what is chosen, and no question is left to ask."""
    scope.page.wait_for_function(
        """([panel, runs]) => {
             const rows = [...document.querySelectorAll(`[data-panel=${panel}] .ls-ask`)];
             return rows.length === runs && rows.every((row) => row.hidden); }""",
        arg=[panel, runs],
        timeout=ANSWER,
    )
    scope.painted()


def ask(scope: Scope, panel: str, words: str) -> None:
    scope.panel(panel).get_by_role("button", name=words, exact=True).click()
    settled(scope, panel)


def words_of(scope: Scope, panel: str, run: int = 0) -> str:
    """Its sentence, which is one, and makes sense."""
    text = scope.says(panel, run).replace("\u00a0", " ")
    assert text.endswith("."), (panel, text)
    assert not NONSENSE.search(text), (panel, text)
    return text


def show(scope: Scope, panel: str, mode: str) -> None:
    if mode:
        scope.panel(panel).get_by_role("combobox", name=re.compile("what to show$")).select_option(mode)
        scope.painted()


def short(x: float) -> str:
    """As the page writes a number."""
    if x == 0:
        return "0"
    text = f"{x:.1e}" if abs(x) < 0.01 or abs(x) >= 1000 else f"{x:#.2g}".rstrip(".")
    return re.sub(r"e([+-])0+(\d)", r"e\1\2", text).replace("-", "−")


def drawn(scope: Scope, panel: str) -> int:
    """How many colours a figure has."""
    scope.painted()
    return int(
        scope.canvas(panel).evaluate(
            """(canvas) => {
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              return new Set(new Uint32Array(data.buffer)).size; }"""
        )
    )
