"""Names that several tasks use in their sentences: of the cells of a grid, and of characters that cannot be read."""

from __future__ import annotations

import unicodedata


def row_column(cell: int, columns: int) -> str:
    """Return the name of a cell of a grid, counted row by row from 0.

    >>> row_column(40, columns=9)
    'row 5, column 5'
    """
    return f"row {cell // columns + 1}, column {cell % columns + 1}"


def named_sign(sign: str) -> str:
    """Return a character as an error names it: with its Unicode name where it may look like another one.

    >>> named_sign("x"), named_sign("é"), named_sign(chr(0x200B))
    ("'x'", "'é' (LATIN SMALL LETTER E WITH ACUTE)", 'an invisible character (ZERO WIDTH SPACE)')
    """
    shown = f"'{sign}'" if sign.isprintable() else "an invisible character"
    if sign.isascii() and sign.isprintable():
        return shown
    return f"{shown} ({unicodedata.name(sign, f'U+{ord(sign):04X}')})"
