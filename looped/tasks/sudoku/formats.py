"""What people copy from other programs: links, HoDoKu's library lines, lists of candidates, rows in one line.

Each is recognised by its look and turned into one sign a cell, which `looped.tasks.sudoku.text.parse` goes on with.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from looped.tasks.sudoku.geometry import BOXES

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
SIZES = tuple(BOXES)


class Found(NamedTuple):
    """A board in another form."""

    signs: str  # one a cell, "." for a blank
    note: str = ""  # a sentence for the person who pasted it


def linked(text: str) -> Found | str | None:
    """Return the board that a link holds, or in a sentence why there is none; None for a text that is no link.

    >>> linked("https://example.org/play?bd=" + "1...3..2.4...2.1").signs
    '1...3..2.4...2.1'
    >>> linked("https://example.org/today")
    'This is a link to example.org, not a board; open it and copy the digits of the board.'
    """
    address = text.strip()
    if not LINK.fullmatch(address):
        return None
    parts = urlsplit(address if "://" in address else f"https://{address}")
    told = parse_qs(parts.query).get("puzzle", [])  # a link to a view of this app
    runs = told + re.findall(r"(?<![0-9.])[0-9.]{16,81}(?![0-9.])", unquote(parts.path + "?" + parts.query))
    boards = {run for run in runs if plain(run)}
    if len(boards) == 1:
        return Found(boards.pop())
    return f"This is a link to {parts.hostname or 'a page'}, not a board; open it and copy the digits of the board."


def plain(text: str) -> bool:
    """Return whether a text is one digit or blank for every cell of a board."""
    return any(
        len(text) == size * size and set(text) <= set(".0123456789"[: size + 2]) and text.strip(".0") != ""
        for size in SIZES
    )


def library(text: str) -> Found | None:
    """Return the board of a line of HoDoKu's library, in which "+" stands before digits that were placed.

    >>> library(":0000:x:" + "+4......2...33...".ljust(82, ".") + ":::").signs[:16]
    '4......2...33...'
    """
    fields = text.strip().split(":")
    if len(fields) < 4 or fields[0]:
        return None
    boards = [field.replace("+", "") for field in fields]
    return next((Found(board) for board in boards if len(board) == 81 and plain(board)), None)


def joined(text: str) -> Found | None:
    """Return the board whose rows stand in one line with the same sign between any two.

    >>> joined("4....0.....2....330").signs
    '4......2...33...'
    """
    line = text.strip()
    for size in SIZES:
        marks = line[size :: size + 1]
        rows = [line[at : at + size] for at in range(0, len(line), size + 1)]
        whole = "".join(rows)
        if len(line) == size * (size + 1) - 1 and len(set(marks)) == 1 and plain(whole):
            return Found(whole)
    return None


CANDIDATES = "This is a list of candidates: a cell with a single one counts as given, the others as blank."


def candidates(text: str) -> Found | None:
    """Return the board of a list of candidates: as many signs for each cell as digits, or a drawn grid of them.

    >>> candidates("1000" + "1234" * 15).signs
    '1...............'
    """
    bare = "".join(text.split())
    for size in SIZES:
        digits = "123456789"[:size]
        if len(bare) == size**3:
            cells = [bare[at : at + size] for at in range(0, len(bare), size)]
            if all(sign in (digit, ".", "0") for cell in cells for sign, digit in zip(cell, digits, strict=True)):
                return listed([re.sub("[.0]", "", cell) for cell in cells])
        lines = [line for line in text.splitlines() if re.search("[1-9]", line)]
        cells = [cell for line in lines for cell in re.findall("[0-9]+", line)]
        rising = all(set(cell) <= set(digits) and list(cell) == sorted(set(cell)) for cell in cells)
        if len(lines) == size and len(cells) == size * size and rising:
            return listed(cells)
    return None


def listed(cells: list[str]) -> Found:
    """Return the board of cells with their candidates, in which a cell with a single one is an entry."""
    return Found("".join(cell if len(cell) == 1 else "." for cell in cells), CANDIDATES)


def without_comments(text: str) -> str:
    """Return a text without the comments and headings of SDK files."""
    return "\n".join(line for line in text.split("\n") if not re.fullmatch(r"\s*(#.*|\[[A-Za-z ]+\]\s*)", line))
