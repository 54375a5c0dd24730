"""Read and write the grids of the task Paths: free cells, walls, one source.

A grid is always a square of size × size cells, row by row, so that the number of tokens tells its shape. A rectangle is
read, too: the rest of its square is wall, which is what the border of a grid is to a walker.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from looped.tasks.wording import named_sign

FREE, WALL, SOURCE, REACHED = range(4)
"""Tokens: what a cell of an input is (the first three) and what an answer says of it (free or reached)."""
SIGNS = ".#So"
"""How each token is written."""
SMALLEST, LARGEST = 2, 32
"""Sides of the grids that are read."""
LONGEST_TEXT = 20_000
_TOKENS = {
    FREE: "._-0·□",
    WALL: "#xX1█■▓",
    SOURCE: "Ss@2*",
}
_READ = {sign: token for token, signs in _TOKENS.items() for sign in signs}
_ROW_ENDS = str.maketrans("/;|", "\n\n\n")


@dataclass(frozen=True)
class Grid:
    """A square grid with exactly one source."""

    size: int  # cells along a side
    cells: tuple[int, ...]  # (size · size) tokens, row by row
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The grid on one line, its rows separated by slashes.

        >>> Grid(2, (SOURCE, FREE, WALL, FREE)).text
        'S./#.'
        """
        return "/".join(written(self.cells))


def side(count: int) -> int:
    """Return the side of a square of `count` cells. Raises ValueError when there is none.

    >>> side(1024)
    32
    """
    size = isqrt(count)
    if size * size != count or size == 0:
        raise ValueError(f"{count} cells do not make a square grid; give 25, 36, 49 … cells.")
    return size


def written(cells: tuple[int, ...] | list[int]) -> list[str]:
    """Return the rows of a square grid of tokens as text.

    >>> written([SOURCE, REACHED, WALL, FREE])
    ['So', '#.']
    """
    size = side(len(cells))
    signs = "".join(SIGNS[token] for token in cells)
    return [signs[first : first + size] for first in range(0, len(signs), size)]


def _rows(text: str) -> list[str]:
    """Split a text into rows without spaces; one row of a square number of signs is cut into the rows of a square."""
    lines = text.strip("\ufeff").translate(_ROW_ENDS).splitlines()
    rows = ["".join(sign for sign in line if not sign.isspace() and sign not in ",'\"") for line in lines]
    rows = [row for row in rows if row]
    if len(rows) == 1 and len(rows[0]) > LARGEST:
        size = side(len(rows[0]))
        rows = [rows[0][first : first + size] for first in range(0, size * size, size)]
    return rows


def _counted(rows: list[str]) -> str:
    """Say how many rows of how many cells there are.

    >>> _counted(["S.", ".."]), _counted(["S"])
    ('2 rows of 2 cells', '1 row of 1 cell')
    """
    rows_, cells = ("" if count == 1 else "s" for count in (len(rows), len(rows[0])))
    return f"{len(rows)} row{rows_} of {len(rows[0])} cell{cells}"


def read(text: str) -> Grid:
    """Read a grid: rows of '.' (free), '#' (wall) and one 'S' (source), one row a line or separated by '/'.

    Also read: '0', '_' or '-' for free, '1', 'X' or '█' for wall, '2', '@' or '*' for the source; spaces and commas
    between cells; a square grid on one line without separators. A rectangle becomes a square whose other cells are
    walls. Raises ValueError with one sentence that says what is wrong.

    >>> read("S..\\n##.").text
    'S../##./###'
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(
            f"The text has {len(text):,} characters; a grid has at most {LARGEST} rows of {LARGEST} cells."
        )
    rows = _rows(text)
    if not rows:
        raise ValueError(
            "There is no grid yet; type rows of '.' for free cells, '#' for walls and one 'S' for the source."
        )
    for number, row in enumerate(rows, start=1):
        for sign in row:
            if sign not in _READ:
                raise ValueError(
                    f"Row {number} holds {named_sign(sign)}; use '.' for free, '#' for wall and 'S' for the source."
                )
        if len(row) != len(rows[0]):
            raise ValueError(
                f"Row {number} has {len(row)} cells and row 1 has {len(rows[0])}; all rows must be equally long."
            )
    size = max(len(rows), len(rows[0]))
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"The grid has {_counted(rows)}; sides go from {SMALLEST} to {LARGEST} cells.")
    sources = sum(_READ[sign] == SOURCE for row in rows for sign in row)
    if sources != 1:
        found = "no source" if sources == 0 else f"{sources} sources"
        raise ValueError(
            f"There is {found} in the grid; put one 'S' where the flood begins."
            if sources == 0
            else f"There are {found} in the grid; leave one 'S', where the flood begins."
        )
    cells = [_READ[sign] for row in rows for sign in row + "#" * (size - len(row))]
    cells += [WALL] * (size * size - len(cells))
    warnings: tuple[str, ...] = ()
    if len(rows) != len(rows[0]):
        are = "is" if len(rows) == 1 else "are"
        warnings = (f"{_counted(rows)} {are} read as {size} × {size}; the cells beyond are walls.",)
    return Grid(size, tuple(cells), warnings)
