"""The table that dynamic programming fills for two words, with their letters along its sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from looped.figures.board import Plane, either
from looped.figures.theme import Chart, Palette, palette, table, themed

SILENT = -1  # of an entry of which the model says nothing
OWN = "down: the first word · across: the second · bold: equal letters · frame: the answer"
SAID = "last row and column: the model’s, wrong ones crossed out · grey: the program’s"


def draw_table(
    numbers: np.ndarray,
    first: str,
    second: str,
    title: str = "",
    dark: bool = False,
    said: np.ndarray | None = None,
    signs: Sequence[str] = (),
) -> Chart:
    """Draw the numbers of every pair of prefixes as a table.

    numbers (|first| + 1, |second| + 1); the first row and the first column belong to the empty word. Entries whose
    letters are equal are bold on a coloured ground. The last entry, which is the answer, is framed. With `said`, of the
    same shape, the tokens that a model answers stand in their entries, as `signs` calls them, and the number stays
    where it answers nothing (`SILENT`); what is not the number is crossed out.
    """
    colours, (high, wide) = palette(dark), numbers.shape
    plane = Plane(wide + 1, high + 1, max(14, min(32, 520 // max(high, wide))))  # one more for the letters
    i, j = (index.ravel() for index in np.indices(numbers.shape))
    a, b = np.array(["", *first], np.str_)[i], np.array(["", *second], np.str_)[j]
    entry = alt.Chart().transform_calculate(
        left="datum.j + 1",
        right="datum.j + 2",
        top="datum.i + 1",
        bottom="datum.i + 2",
        x="datum.j + 1.5",
        y="datum.i + 1.5",
    )
    box = plane.at("left", "top", "right", "bottom")
    crossed = entry.transform_filter("datum.wrong").mark_rule(stroke=colours.wrong, strokeWidth=2)
    last = entry.transform_filter(f"datum.i == {high - 1} && datum.j == {wide - 1}")
    chart = alt.layer(
        entry.transform_filter("datum.equal").mark_rect(fill=colours.accent, fillOpacity=0.2).encode(**box),
        entry.mark_rect(filled=False, stroke=colours.line, strokeWidth=0.7).encode(**box),
        *_numbers(entry, plane, colours, said is not None),
        *([] if said is None else [crossed.encode(**plane.at("left", "bottom", "right", "top"))]),
        _letters(first, second, plane, colours),
        last.mark_rect(filled=False, stroke=colours.warm, strokeWidth=2).encode(**box),
        data=table(
            i=i,
            j=j,
            first=a,
            second=b,
            equal=(a == b) & (i > 0) & (j > 0),
            number=numbers.ravel(),
            **({} if said is None else _told(numbers.ravel(), said.ravel(), signs)),
        ),
        width=plane.width * plane.step,
        height=plane.height * plane.step,
    )
    return themed(chart, title, OWN if said is None else SAID, dark)


LETTER = 0.42  # size of a number, in sides of an entry


def _numbers(entry: Any, plane: Plane, colours: Palette, said: bool) -> list[Any]:
    """Return the numbers of the entries, bold where letters are equal; `said`: what a model answers stands out."""
    lit = "datum.asked" if said else "datum.i * datum.j"
    ink = entry.transform_calculate(ink=either(lit, colours.text, colours.muted))
    size = LETTER * plane.step
    marks = (
        ink.transform_filter("datum.equal").mark_text(fontSize=size, fontWeight="bold"),
        ink.transform_filter("!datum.equal").mark_text(fontSize=size),
    )
    sign = alt.Text("shown:N" if said else "number:Q")
    return [one.encode(**plane.at("x", "y"), text=sign, color=alt.Color("ink:N", scale=None)) for one in marks]


def _letters(first: str, second: str, plane: Plane, colours: Palette) -> Any:
    """Return the letters of the words along the sides."""
    places = table(
        x=[*([0.5] * len(first)), *(k + 2.5 for k in range(len(second)))],
        y=[*(k + 2.5 for k in range(len(first))), *([0.5] * len(second))],
        letter=[*first, *second],
    )
    marks = alt.Chart(places).mark_text(fontSize=1.2 * LETTER * plane.step, fontWeight="bold", color=colours.text)
    return marks.encode(**plane.at("x", "y"), text=alt.Text("letter:N"))


def _told(numbers: np.ndarray, said: np.ndarray, signs: Sequence[str]) -> dict[str, Any]:
    """Return the columns that say what a model answers: whether it is asked, the sign that stands there, and wrong."""
    asked = said != SILENT
    shown = [signs[token] if one else str(number) for token, one, number in zip(said, asked, numbers, strict=True)]
    return {"asked": asked, "shown": shown, "wrong": np.array(shown) != numbers.astype(np.str_)}
