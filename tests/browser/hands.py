"""Boards and small questions that several of these files need."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
from playwright.sync_api import Locator

from looped.tasks.sudoku.examples import EXAMPLES
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope

CANVASES = ("attention", "trajectory", "convergence", "timestep", "readout", "order")
PANELS = ("board", *CANVASES)
EASY, MEDIUM, HARD = (dict(EXAMPLES[9])[name] for name in ("Easy", "Medium", "Hard"))
GENTLE4 = EXAMPLES[4][0][1]
SOLUTION = "".join(str(digit) for digit in parse(EASY).solution)


def put(board: str, index: int, digit: str) -> str:
    return board[:index] + digit + board[index + 1 :]


def inside(part: Locator) -> bool:
    """The part is wholly within what the screen shows, and nothing lies over its corners."""
    return bool(
        part.evaluate(
            """(part) => {
           const { left, right, top, bottom, width } = part.getBoundingClientRect(), root = document.documentElement;
           const seen = (x, y) => part.contains(document.elementFromPoint(x, y));
           const free = [left + 4, right - 4].every((x) => [top + 4, bottom - 4].every((y) => seen(x, y)));
           return free && width > 0 && top >= 0 && left >= 0 && bottom <= innerHeight && right <= root.clientWidth; }"""
        )
    )


def saved(scope: Scope, name: str, kind: str) -> Path:
    """Press PNG, SVG or CSV in a panel's menu; the file that the browser saves."""
    title = scope.page.locator(f'[data-panel="{name}"]').get_attribute("aria-label") or ""
    called = title.lower() if name == "board" else title
    words = (
        f"Save the numbers of the {called} figure as CSV" if kind == "CSV" else f"Save the {called} figure as {kind}"
    )
    with scope.page.expect_download() as download:
        scope.menu(name, words)
    file = Path(download.value.path())
    assert file.stat().st_size > 0
    file_title = re.sub(r"\W+", "-", title.lower())  # what is called so on screen
    runs = "-vs-".join(re.sub(r"[^\w.]+", "-", label) for label in labels(scope))
    wanted = f"{runs}-{file_title}-loop{scope.loop}.{kind.lower()}"
    assert download.value.suggested_filename == wanted
    return file


def models(scope: Scope) -> list[str]:
    """What is compared, as the lists say: the address follows a moment later."""
    return [
        name
        for name in (scope.page.locator(f"#ls-{which}").input_value() for which in ("checkpoint", "versus"))
        if name
    ]


def labels(scope: Scope) -> list[str]:
    """What compared runs are called on screen."""
    lists = (scope.page.locator(f"#ls-{which}") for which in ("checkpoint", "versus"))
    return [one.locator("option:checked").inner_text() for one in lists if one.input_value()]


def text_of(svg: Path) -> list[str]:
    """The words in a picture, in the order in which they were drawn."""
    root = ElementTree.fromstring(svg.read_text("utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {"width", "height", "viewBox"} <= set(root.keys())
    return [found.text or "" for found in root.iter("{http://www.w3.org/2000/svg}text")]


def rows_of(file: Path) -> tuple[list[str], np.ndarray]:
    """Column names and numbers of a CSV; what is not a number is NaN."""
    with file.open(encoding="utf-8", newline="") as lines:
        columns, *rows = csv.reader(lines)

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return float("nan")

    return columns, np.array([[number(value) for value in row] for row in rows])
