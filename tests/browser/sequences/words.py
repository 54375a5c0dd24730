"""The Sequences page in a person's words: what is typed, chosen and said, and what the library computes of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from playwright.sync_api import Locator

from looped.catalogue import checkpoints
from looped.runs.trace import Trace, record
from looped.tasks import get

if TYPE_CHECKING:
    from conftest import Scope

A, B, C = "lcs6-tmlt", "lcs6-looped", "countdown3-tmlt"
WORDS, OTHER, PROBLEM = "stone tone", "cat dog", "2 3 4 = 20"
LOOPS, LOOP = 6, 4
EQUALS = 13  # the position of "=" in WORDS
PANELS = ["board", "table", "attention", "trajectory", "convergence", "timestep", "readout"]
QUESTIONS = [
    "inputs",
    "whatif",
    "wavefront",
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
    "lengths",
    "calibration",
    "resting",
    "compute",
    "scaling",
]
# The words of Sudoku are among it, but not the answer “blank” of Countdown.
NONSENSE = re.compile(r"NaN|undefined|null|Infinity|\[object|(?<!“)\b(board|cell|digit|blank)s?\b")


def start(scope: Scope, **query: Any) -> Scope:
    """Two words, six loops, the clock at the fourth."""
    text = PROBLEM if query.get("checkpoint", A).startswith("countdown") else WORDS
    return scope.open("/sequences", **{"puzzle": text, "checkpoint": A, "loops": LOOPS, "loop": LOOP} | query)


def field(scope: Scope) -> Locator:
    return scope.page.get_by_test_id("sequence-text")


def run(shelf: Path, name: str, text: str, loops: int = LOOPS) -> Trace:
    of = checkpoints.load_checkpoint(name, catalogue=shelf)
    return record(
        of.model, of.task.encode(of.task.parse(text)), min(loops, of.config.layers) if "standard" in name else loops
    )


def token(scope: Scope, position: int, board: int = 0) -> Locator:
    return scope.grid(board).locator(f"[data-cell='{position}']")


def chosen(scope: Scope) -> int:
    """The position that the tab key would reach; there is exactly one, and it is drawn."""
    scope.painted()
    (position,) = (
        scope.grid()
        .locator("[role=gridcell][tabindex='0']")
        .evaluate_all("(cells) => cells.map((cell) => Number(cell.dataset.cell))")
    )
    return int(position)


def go(scope: Scope, loop: int) -> None:
    scope.slider.fill(str(loop))
    assert scope.loop == loop


def sentence(scope: Scope, panel: str, part: int = 0) -> str:
    """What a panel says: sentences that make sense and speak of this page's things."""
    text = scope.says(panel, part).replace("\u00a0", " ")
    assert text.endswith("."), (panel, text)
    assert not NONSENSE.search(text), (panel, text)
    return text


def labels(shelf: Path, name: str, text: str, loop: int) -> list[str]:
    """What a screen reader hears of every token, without the probabilities and what changed."""
    task: Any = get(name.partition("-")[0])
    trace = run(shelf, name, text)
    said, asked = trace.answers[loop - 1], task.asked(trace.tokens)
    drawn = np.flatnonzero(trace.tokens) if task.kind == "words" else range(task.length)
    return [task.place(trace.tokens, i) + (f", model says {task.sign(said[i])}" if asked[i] else "") for i in drawn]


def heard(scope: Scope) -> list[str]:
    return [re.sub(r" at \d+ %|, changed in this loop", "", label.replace("\u00a0", " ")) for label in scope.labels]


def right_pair(shelf: Path, name: str) -> tuple[str, int]:
    """Two words that a model of words answers rightly at the end, not at first; from which loop on."""
    of = checkpoints.load_checkpoint(name, catalogue=shelf)
    task: Any = of.task
    tokens, _ = task.sample(400, seed=1, letters=(3, 6))
    for row in tokens.astype(np.int64):
        right = task.right(row, run(shelf, name, " ".join(task.words(row))).answers)
        if right[-1] and not right[0]:
            return " ".join(task.words(row)), int(np.flatnonzero(~right)[-1]) + 2
    raise AssertionError("no pair turns right")


CLIPBOARD = """(cell, [type, text]) => {
  const clipboardData = new DataTransfer();
  if (text) clipboardData.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent(type, { clipboardData, bubbles: true, composed: true, cancelable: true }));
  return clipboardData.getData("text/plain");
}"""
