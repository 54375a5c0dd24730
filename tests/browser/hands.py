"""Boards and small questions that several of these files need."""

from __future__ import annotations

from playwright.sync_api import Locator

from looped.tasks.sudoku import EXAMPLES, parse

CANVASES = ("attention", "trajectory", "convergence", "timestep", "readout", "order")
PANELS = ("board", *CANVASES)
EASY, MEDIUM, HARD = (dict(EXAMPLES[9])[name] for name in ("Easy", "Medium", "Hard"))
GENTLE4 = EXAMPLES[4][0][1]
SOLUTION = "".join(str(digit) for digit in parse(EASY).solution)


def put(board: str, index: int, digit: str) -> str:
    return board[:index] + digit + board[index + 1 :]


def inside(part: Locator) -> bool:
    """The part is wholly within what the screen shows, and nothing lies over its corners."""
    return bool(part.evaluate(
        """(part) => {
           const { left, right, top, bottom, width } = part.getBoundingClientRect(), root = document.documentElement;
           const seen = (x, y) => part.contains(document.elementFromPoint(x, y));
           const free = [left + 4, right - 4].every((x) => [top + 4, bottom - 4].every((y) => seen(x, y)));
           return free && width > 0 && top >= 0 && left >= 0 && bottom <= innerHeight && right <= root.clientWidth; }"""))
