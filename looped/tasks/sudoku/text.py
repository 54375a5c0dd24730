"""Read puzzles from whatever people paste, and write boards as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from looped.tasks.sudoku import formats
from looped.tasks.sudoku.geometry import BOXES, Cells, cell_name, check_boards, geometry, units
from looped.tasks.sudoku.rules import conflicts
from looped.tasks.sudoku.solver import solve
from looped.tasks.wording import named_sign

LONGEST_TEXT = 2000
MOST_TRIED = 2  # cells that are taken out of a wrong board together, in every way, before they go from the left
NEARLY = 2  # cells that a text may have too few or too many and still be taken for a board of that size


class SudokuError(ValueError):
    """Bad input; ``str(error)`` is a sentence for the person who typed: what is wrong, where, what to do."""


@dataclass(frozen=True, eq=False)
class Board:
    """A parsed, legal puzzle that has a solution; two boards are equal when size and givens are."""

    size: int
    """4, 6 or 9."""
    givens: Cells
    """(size * size,) int8, 0 for a blank, read-only."""
    solution: Cells
    """(size * size,) int8, one solution, read-only."""
    unique: bool
    """There is no other solution."""
    warnings: tuple[str, ...]
    """Sentences for the person who typed the puzzle."""
    entries: frozenset[int] = frozenset()
    """Cells among the givens that a person filled in: they are no part of the puzzle, though the model reads them."""
    puzzle_unique: bool | None = None
    """The puzzle without the entries has no other solution; None without entries."""

    def __post_init__(self) -> None:
        self.givens.setflags(write=False)
        self.solution.setflags(write=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Board) and (self.size, self.text) == (other.size, other.text)

    def __hash__(self) -> int:
        return hash((self.size, self.text))

    @property
    def text(self) -> str:
        """Return size · size characters, "." for a blank."""
        return "".join(str(digit) if digit else "." for digit in self.givens.tolist())

    @property
    def entry(self) -> str:
        """The same, with entries as letters: "c" for a 3."""
        return marked(self.text, self.entries)


_ENTRIES = "abcdefghi"
_DIGITS = "123456789"
_BLANKS = ".0*?_"
_QUOTES = "'\"`"
_SEPARATORS = " \t,;|+=/\\:[](){}" + _QUOTES
_UPRIGHT = "│┃┆┇┊┋║╎╏╵╷╹╻╽╿"
_FLAT = "─━┄┅┈┉═╌╍╴╶╸╺╼╾"
_DRAWN = dict.fromkeys(range(0x2500, 0x2580), "+")  # all box drawing; corners and crossings stay '+'
_DRAWN |= {ord(sign): "|" for sign in _UPRIGHT} | {ord(sign): "=" for sign in _FLAT} | {0xA0: " "}


def _has(line: str, signs: str) -> bool:
    return any(sign in line for sign in signs)


def _with_spaces(lines: list[str], size: int) -> str | None:
    """Return the cells of a board that leaves its blanks empty, one text line a row, or None."""
    rows = [line for line in lines if _has(line, _DIGITS) or not _has(line, "-+=")]
    if len(rows) != size:
        return None
    mark = next((sign for sign in "\t;," if any(sign in row for row in rows)), "")

    def fields(line: str) -> list[str]:  # 5,3,,,7,,,, and the same with tabs, as spreadsheets write it
        return line.split(mark) if mark else ["no mark"]

    def close(line: str) -> list[str]:  # 53 | 7 |
        line = line.rstrip().replace("|", "")
        return list(line) if len(line) <= size else ["too wide"]

    def barred(line: str) -> list[str]:  # | 5 | 3 |   |
        cells = line.strip().removeprefix("|").removesuffix("|").split("|")
        return cells if len(cells) == size else ["bars round boxes only"]

    def spaced(line: str) -> list[str]:  # | 5 3   |   7   |
        line = line.removeprefix("| ").rstrip().removesuffix("|").replace(" | ", " ").rstrip()
        return list(line[::2]) if not line[1::2].strip() else ["between"]

    for style in (fields, close, barred, spaced):
        board = [[field.strip() or " " for field in style(row)] for row in rows]
        board = [row[:size] + [" "] * (size - len(row)) for row in board if not "".join(row[size:]).strip()]
        if len(board) == size and all(sign in (*_DIGITS, " ") for row in board for sign in row):
            return "".join(map("".join, board))
    return None


def _rows(lines: list[str], size: int, reading: int) -> list[str]:
    """Return rows of cell characters under one meaning of the dash: reading 0 to 3 is (a) to (d) in `parse`."""
    signs = _DIGITS + _BLANKS + ("" if reading == 2 else "-")
    if reading < 3:
        dashes = size if reading == 1 else -1
        lines = [
            line
            for line in lines
            if _has(line, _DIGITS + _BLANKS) or (line.count("-") == dashes and not _has(line, "+="))
        ]
    rows = ["".join(sign for sign in line if sign in signs) for line in lines]
    return [row for row in rows if row]


def _cells(text: str, sizes: tuple[int, ...], usual: int | None = None) -> tuple[int, str]:
    """Return the board size and one character a cell. Raises SudokuError when no reading of the text fits.

    usual: the size that is meant where the text is near none.
    """
    bare = text.strip()
    if bare[0] in _QUOTES and bare[-1] == bare[0]:
        text = bare.strip(_QUOTES)
    lines = text.split("\n")
    inner = text.strip("\n").split("\n")
    for size in sizes:
        if len(inner) == 1 and len(inner[0]) == size * size and not inner[0].strip(_DIGITS + " "):
            return size, inner[0]
    # An empty first or last line may be a blank row, but only when the other lines are no board.
    for drawn in (inner, lines[:-1] if lines[-1] == "" else lines, lines):
        for size in sizes:
            found = _with_spaces(drawn, size)
            if found is not None and found.strip():
                return size, found
    for square in (True, False):
        for reading in range(4):
            for size in sizes:
                rows = _rows(lines, size, reading)
                whole = "".join(rows)
                if len(whole) == size * size and (not square or [len(row) for row in rows] == [size] * size):
                    return size, whole

    guesses = [(_rows(lines, size, reading), size) for reading in (0, 1) for size in sizes]
    # As many rows as a board has say which board is meant, however many cells are missing.
    off = [abs(len("".join(rows)) - size * size) for rows, size in guesses]
    far = [len(rows) != size and less > NEARLY for (rows, size), less in zip(guesses, off, strict=True)]
    away = [(far[i], size != usual, off[i], -size) for i, (_, size) in enumerate(guesses)]
    rows, nearest = guesses[away.index(min(away))]
    count = len("".join(rows))
    needed = f"a {nearest}×{nearest} board needs {nearest * nearest}"
    if count == 0:
        raise SudokuError(f"The text holds no cells, but {needed}; write one digit or '.' for each cell.")
    message = f"Found {count} cell{'s' * (count != 1)}, but {needed}"
    wrong = [number for number, row in enumerate(rows, start=1) if len(row) != nearest]
    if len(rows) == nearest and len(wrong) == 1:
        message += f" and row {wrong[0]} has {len(rows[wrong[0] - 1])} of {nearest}"
    raise SudokuError(f"{message}; write one digit or '.' for each cell.")


def parse(text: str, size: int | None = None, usual: int | None = None) -> Board:
    """Read a puzzle from whatever people paste; `size` fixes the board, None finds 4, 6 or 9 from the text.

    usual: the size whose cells are counted in what is said of a text that is near no board.

    Digits are ASCII 1 to 9, blanks are ``. 0 * ? _``, and a space or a dash where the rules below say so.
    These readings are tried in order, smaller sizes first, and the first that gives a whole board wins:

    1. Blanks are spaces or left out, if the text has no other blank signs: one line of exactly size * size
       digits and spaces; or exactly `size` lines, padded on the right when short, with a comma, semicolon or
       tab between any two cells, or one character a cell, or a bar between any two, or one space between any
       two.  Bars round the boxes may be drawn.
    2. Exactly `size` rows of `size` cells each, between separators (spaces, tabs, ``, ; | + =``, brackets,
       quotes, box drawing).  A line without digits or blank signs is a bar.  Within this, a dash is (a) a
       blank in other lines; (b) also a blank in lines of exactly `size` dashes without ``+ =``; (c) never a
       blank; (d) always a blank.
    3. The same four with cells counted over all lines, however they are broken.

    Before these, the forms of `looped.tasks.sudoku.formats` are tried: links that hold a board, lines of HoDoKu's
    library, rows joined by any sign, lists of candidates.

    Raises SudokuError for text that is empty, too long or of the wrong length, for foreign characters, digits
    too large, equal digits in a unit, and boards without a solution, and ValueError for a size other than 4,
    6, 9, None.  Several solutions give a warning on the Board.
    """
    if size is not None:
        geometry(size)
    size, signs, note = signs_of(text, size, usual)
    givens = np.array([int(sign) if sign in _DIGITS else 0 for sign in signs], dtype=np.int8)
    if givens.max() > size:
        cell = int(np.argmax(givens > size))
        raise SudokuError(
            f"{cell_name(cell, size).capitalize()} holds {givens[cell]}, but a {size}×{size} board takes only"
            f" 1 to {size}; correct this digit."
        )
    if conflicts(givens, size).any():
        raise SudokuError(_clash(givens, size))
    found, solution = solve(givens, size)
    if solution is None:
        raise SudokuError("This board has no solution, although no equal digits meet; check it for a slip.")
    several = "" if found == 1 else "This puzzle has several solutions; any of them counts as right."
    return Board(size, givens, solution, found == 1, tuple(filter(None, (note, several))))


def marked(signs: str, entries: frozenset[int]) -> str:
    """Return one sign a cell with the digits of some cells as letters, which tells entries from givens.

    >>> marked("12..", frozenset([1]))
    '1b..'
    """
    return "".join(
        _ENTRIES[int(sign) - 1] if i in entries and sign in _DIGITS else sign for i, sign in enumerate(signs)
    )


def unmarked(text: str) -> tuple[str, frozenset[int]]:
    """Return a text with digits in place of letters, and where those were; any text but one sign a cell as it is.

    >>> unmarked("1b" + 14 * ".")[0], sorted(unmarked("1b" + 14 * ".")[1])
    ('12..............', [1])
    """
    if len(text) not in [size * size for size in BOXES] or not set(text) <= set(_DIGITS + _ENTRIES + "."):
        return text, frozenset()
    digits = str.maketrans(_ENTRIES, _DIGITS)
    return text.translate(digits), frozenset(i for i, sign in enumerate(text) if sign in _ENTRIES)


def parse_marked(text: str, usual: int | None = None) -> Board:
    """Read a board of any size as `parse` does; letters are entries that a person made (see `marked`).

    Raises SudokuError, in words about the entries where it is they that leave no solution.
    """
    signs, entries = unmarked(text)
    if not entries:
        return parse(signs, usual=usual)
    puzzle = parse("".join("." if i in entries else sign for i, sign in enumerate(signs)))
    count = "one solution" if puzzle.unique else "several solutions"
    try:
        board = parse(signs)
    except SudokuError as error:
        if "no solution" not in str(error):
            raise SudokuError(f"{error} The puzzle itself has {count}.") from None
        raise SudokuError(f"The puzzle has {count}, but with your entries none is left; take one back.") from None
    warnings = () if board.unique else ("With your entries several solutions are left; any of them counts as right.",)
    return replace(board, warnings=warnings, entries=entries, puzzle_unique=puzzle.unique)


def signs_of(text: str, size: int | None = None, usual: int | None = None) -> tuple[int, str, str]:
    """Return the size of a board, one sign a cell, and a sentence about its form; nothing is checked of the digits.

    Raises SudokuError where no reading of the text has the shape of a board.
    """
    if len(text) > LONGEST_TEXT:
        raise SudokuError(
            f"The text has {len(text)} characters, more than the {LONGEST_TEXT} any board needs; paste one puzzle only."
        )
    text = text.removeprefix("\ufeff")  # the mark some editors put at the start of a file
    if not text.strip():
        raise SudokuError("There is no puzzle yet; type one digit or '.' for each cell.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_DRAWN)
    link = formats.linked(text)
    if isinstance(link, str):
        raise SudokuError(link)
    other = link or formats.library(text) or formats.joined(text)
    if other is None and (other := formats.candidates(text)) is None:
        text = formats.without_comments(text)
        _check_signs(text, size)
        return (*_cells(text, (size,) if size else tuple(BOXES), usual), "")
    return (*_cells(other.signs, (size,) if size else tuple(BOXES), usual), other.note)


def _check_signs(text: str, size: int | None) -> None:
    """Raise SudokuError for a sign that no board is written with."""
    if not text.strip():
        raise SudokuError("The text holds nothing but comments; paste the board, too.")
    for number, line in enumerate(text.split("\n"), start=1):
        for column, sign in enumerate(line, start=1):
            if sign not in _DIGITS + _BLANKS + _SEPARATORS + "-":
                raise SudokuError(
                    f"Line {number}, column {column} holds {named_sign(sign)}, which is neither a digit nor a blank;"
                    f" use 1 to {size or 9} and '.'."
                )


def _clash(givens: Cells, size: int) -> str:
    """Return the sentence for the first two equal digits in a row, else in a column, else in a box."""
    for number, unit in enumerate(units(size)):
        digits = givens[unit]
        for later in range(1, size):
            earlier = np.flatnonzero(digits[:later] == digits[later])
            if digits[later] and len(earlier):
                kind = ("row", "column", "box")[number // size]
                return (
                    f"Digit {digits[later]} stands twice in {kind} {number % size + 1}, at"
                    f" {cell_name(int(unit[earlier[0]]), size)} and at {cell_name(int(unit[later]), size)}; change"
                    " one of them."
                )
    raise AssertionError("no two equal digits meet")


def to_grid(cells: ArrayLike, size: int) -> str:
    """Write one board, (N,) integers, as lines of digits and '.' with bars between boxes; `parse` reads it back."""
    geometry(size)
    high, wide = BOXES[size]
    board = check_boards(cells, size).reshape(size, size).tolist()
    rows = []
    for row in board:
        signs = [str(digit) if digit else "." for digit in row]
        rows.append(" | ".join(" ".join(signs[at : at + wide]) for at in range(0, size, wide)))
    bar = "".join("+" if sign == "|" else "-" for sign in rows[0])
    return f"\n{bar}\n".join("\n".join(rows[at : at + high]) for at in range(0, size, high))


def mend(text: str) -> tuple[str, str] | None:
    """Return what can be run of a wrong board, and the board as it was typed, to be mended; one sign a cell.

    What can be run leaves out what leaves the board no solution, entries rather than clues; see `_kept`. None where the
    text has not the shape of a board.

    >>> mend("11" + "." * 14)
    ('1...............', '11..............')
    >>> mend("a1" + "." * 14)[0]
    '.1..............'
    """
    text, entries = unmarked(text)
    try:
        size, signs, _ = signs_of(text)
    except SudokuError:
        return None
    kept = _kept(np.array([int(sign) if sign in _DIGITS[:size] else 0 for sign in signs], np.int8), size, entries)
    typed = "".join(sign if sign in _DIGITS else "." for sign in signs)
    return "".join(str(digit) if digit else "." for digit in kept.tolist()), marked(typed, entries)


def _kept(digits: Cells, size: int, entries: frozenset[int]) -> Cells:
    """Return the digits (N,) of a board that have a solution together, others 0.

    Clues come before entries: no clue is left out for an entry. Of the cells that may go, one or two are if that is
    enough; if not, each from the left that leaves those before it no solution.
    """

    def solvable(cells: Cells) -> bool:
        return solve(cells, size, limit=1)[0] > 0

    def without(left: Sequence[int]) -> Cells:
        cells = digits.copy()
        cells[list(left)] = 0
        return cells

    if solvable(digits):
        return digits
    entered = [i for i in sorted(entries) if digits[i]]
    if entered and not solvable(without(entered)):
        clues = _kept(without(entered), size, frozenset())
        digits = np.where(np.isin(np.arange(len(digits)), entered), digits, clues)
        if solvable(digits):
            return digits
    loose = entered or np.flatnonzero(digits).tolist()
    kept, left = without(loose), []
    for i in loose:
        kept[i] = digits[i]
        if not solvable(kept):
            kept[i] = 0
            left.append(i)
    clash = set(np.flatnonzero(conflicts(digits, size)).tolist())  # of equal digits that meet one must go
    for few in range(1, min(len(left), MOST_TRIED + 1)):
        for some in combinations(loose, few):
            if (not clash or clash & set(some)) and solvable(without(some)):
                return without(some)
    return kept
