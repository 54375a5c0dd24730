"""A Sudoku board: after a loop, what each blank might hold, when it settled, where it differs from a solution.

In all functions arrays over cells have the shape (size²,), row by row. `digits` is 0 for a blank, `given` is bool, and
`box` is (rows, columns) of one box, with size = rows · columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np

from looped.figures.theme import Chart, Palette, palette, table, themed

# Shapes within ±1, for what must not be said by colour alone.
CORNER, WAVE, STROKE = "M-1,-1H1V1Z", "M-1,0Q-.75,-.5 -.5,0Q-.25,.5 0,0Q.25,-.5 .5,0Q.75,.5 1,0", "M-1,1L1,-1"


class Plane(NamedTuple):
    """Where boards are drawn, in units of cells from the upper left corner; y goes down."""

    width: float
    height: float
    step: float  # pixels of a cell

    def at(self, x: str, y: str, x2: str | None = None, y2: str | None = None) -> dict[str, Any]:
        """Return the encodings that put a mark at the fields x and y, or from there to the fields x2 and y2."""
        places: dict[str, Any] = {
            "x": alt.X(x, type="quantitative", scale=alt.Scale(domain=[0, self.width], nice=False), axis=None),
            "y": alt.Y(
                y, type="quantitative", scale=alt.Scale(domain=[0, self.height], nice=False, reverse=True), axis=None
            ),
        }
        return places | ({} if x2 is None else {"x2": alt.X2(x2)}) | ({} if y2 is None else {"y2": alt.Y2(y2)})


def one_board(box: tuple[int, int], cell: int = 36) -> Plane:
    """Return the plane of a single board.

    `cell` is the side of a cell of 9×9 in pixels; smaller boards have larger cells.
    """
    size = box[0] * box[1]
    return Plane(size, size, max(cell, cell * 6 // size))


def places(cells: int) -> dict[str, Any]:
    """Return columns of a table: the number of each cell, its row and its column, all from 1."""
    number, size = np.arange(cells), round(cells**0.5)
    return {"cell": number + 1, "row": number // size + 1, "column": number % size + 1}


def frames(
    plane: Plane, box: tuple[int, int], colours: Palette, corners: Sequence[tuple[float, float]] = ((0, 0),)
) -> Chart:
    """Draw the lines of boards whose upper left corners are (left, top); those around boxes are thick."""
    size = box[0] * box[1]
    lines = [
        line
        for left, top in corners
        for i in range(size + 1)
        for line in (
            (left + i, top, left + i, top + size, i % box[1] == 0),
            (left, top + i, left + size, top + i, i % box[0] == 0),
        )
    ]
    left, top, right, bottom, thick = zip(
        *sorted(lines, key=lambda line: line[-1]), strict=True
    )  # thick ones over thin ones
    rules = alt.Chart(table(left=left, top=top, right=right, bottom=bottom, thick=thick)).mark_rule(strokeCap="square")
    return rules.transform_calculate(
        width="datum.thick ? 1.8 : 0.7", ink=either("datum.thick", colours.text, colours.line)
    ).encode(
        **plane.at("left", "top", "right", "bottom"),
        strokeWidth=alt.StrokeWidth("width:Q", scale=None),
        color=alt.Color("ink:N", scale=None),
    )


def either(test: str, colour: str, other: str) -> str:
    """Return an expression that is one of two colours, for a channel with scale=None.

    `alt.condition` does the same but takes far longer to build.
    """
    return f"{test} ? '{colour}' : '{other}'"


def marked_cell(
    plane: Plane, cell: int, size: int, colours: Palette, corners: Sequence[tuple[float, float]] = ((0, 0),)
) -> Chart:
    """Draw a frame within the chosen cell of every board."""
    x, y = zip(*((left + cell % size + 0.5, top + cell // size + 0.5) for left, top in corners), strict=True)
    thick = max(1.5, plane.step / 12)
    square = alt.Chart(table(x=x, y=y)).mark_square(
        size=(plane.step - thick - 1) ** 2, filled=False, stroke=colours.warm, strokeWidth=thick, opacity=1
    )
    return square.encode(**plane.at("x", "y"))


BASE = alt.Chart().transform_calculate(
    left="datum.column - 1", top="datum.row - 1", x="datum.column - 0.5", y="datum.row - 0.5"
)
GIVEN, BLANK = BASE.transform_filter("datum.given"), BASE.transform_filter("!datum.given")


def _board(
    layers: list[Chart],
    columns: dict[str, Any],
    box: tuple[int, int],
    plane: Plane,
    cell: int | None,
    title: str,
    subtitle: str,
    dark: bool,
) -> Chart:
    """Put the layers of a figure between the ground of the givens and the lines of the board."""
    colours = palette(dark)
    ground = GIVEN.mark_rect(fill=colours.soft).encode(**plane.at("left", "top", "column", "row"))
    layers = [ground, *layers, frames(plane, box, colours)]
    if cell is not None:
        layers.append(marked_cell(plane, cell, box[0] * box[1], colours))
    board = alt.layer(*layers, data=table(**columns), width=plane.width * plane.step, height=plane.height * plane.step)
    return themed(board, title, subtitle, dark)


def _givens(plane: Plane, colours: Palette) -> Chart:
    return GIVEN.mark_text(fontSize=plane.step * 0.55, fontWeight="bold", color=colours.text).encode(
        **plane.at("x", "y"), text=alt.Text("digit:Q")
    )


def draw_board(
    digits: np.ndarray,
    given: np.ndarray,
    box: tuple[int, int],
    confidence: np.ndarray | None = None,
    changed: np.ndarray | None = None,
    breaks_rule: np.ndarray | None = None,
    cell: int | None = None,
    title: str = "",
    dark: bool = False,
    one: str = "loop",
) -> Chart:
    """Draw the board after a loop.

    Givens are bold. The less sure the model is of an answer, the fainter its digit and the shorter its bar.
    confidence (cells,) is a probability, changed and breaks_rule (cells,) are bool; `cell` is the chosen one, from 0.
    `one` is what a pass of the model is called, loop or layer.
    """
    plane, colours, none = one_board(box), palette(dark), np.zeros(len(digits), bool)
    columns = places(len(digits)) | {
        "given": given,
        "digit": digits,
        "confidence": np.where(given, np.nan, np.nan if confidence is None else confidence),
        "changed": (none if changed is None else changed) & ~given,
        "breaks_rule": none if breaks_rule is None else breaks_rule,
    }
    says = {
        "bold: given": True,
        "bar: confidence": confidence is not None,
        f"corner: changed in this {one}": bool(columns["changed"].any()),
        "wave: breaks a rule": bool(columns["breaks_rule"].any()),
    }
    signs = " · ".join(word for word, there in says.items() if there)
    return _board(_answers(plane, colours), columns, box, plane, cell, title, signs, dark)


def _answers(plane: Plane, colours: Palette) -> list[Chart]:
    """Return the layers of a board after a loop: what is new, givens, digits, their confidence, broken rules."""
    filled = BLANK.transform_filter("datum.digit > 0").transform_calculate(
        sure="isValid(datum.confidence) ? datum.confidence : 1"
    )
    new = filled.transform_filter("datum.changed")
    return [
        new.mark_rect(fill=colours.warm, fillOpacity=0.16).encode(**plane.at("left", "top", "column", "row")),
        new.transform_calculate(x="datum.column - 0.12", y="datum.row - 0.88")
        .mark_point(shape=CORNER, size=(0.24 * plane.step) ** 2, fill=colours.warm, strokeWidth=0, opacity=1)
        .encode(**plane.at("x", "y")),
        _givens(plane, colours).transform_filter("datum.digit > 0"),
        filled.transform_calculate(
            faint="0.45 + 0.55 * datum.sure", ink=either("datum.breaks_rule", colours.wrong, colours.accent)
        )
        .mark_text(fontSize=plane.step * 0.55)
        .encode(
            **plane.at("x", "y"),
            text=alt.Text("digit:Q"),
            fillOpacity=alt.FillOpacity("faint:Q", scale=None),
            color=alt.Color("ink:N", scale=None),
        ),
        filled.transform_filter("isValid(datum.confidence)")
        .transform_calculate(
            left="datum.left + 0.15",
            right="datum.left + 0.7 * datum.confidence",
            top="datum.row - 0.1",
            bottom="datum.row - 0.04",
        )
        .mark_rect(fill=colours.accent, fillOpacity=0.55)
        .encode(**plane.at("left", "top", "right", "bottom")),
        BASE.transform_filter("datum.breaks_rule")
        .transform_calculate(y="datum.row - 0.2")
        .mark_point(
            shape=WAVE, size=(0.56 * plane.step) ** 2, filled=False, stroke=colours.wrong, strokeWidth=1.6, opacity=1
        )
        .encode(**plane.at("x", "y")),
    ]


def draw_candidates(
    probabilities: np.ndarray,
    digits: np.ndarray,
    given: np.ndarray,
    box: tuple[int, int],
    cell: int | None = None,
    title: str = "",
    dark: bool = False,
) -> Chart:
    """Draw what each blank might hold.

    probabilities (cells, size): entry d is the probability of digit d + 1. Every digit has its own place in a blank,
    and the area of the square behind it is its probability. Digits below 1 % are left out.
    """
    size, (high, wide) = box[0] * box[1], box
    plane, colours, blanks = one_board(box, 48), palette(dark), np.flatnonzero(~given)
    cells = np.concatenate([np.flatnonzero(given), np.repeat(blanks, size)])
    columns = {name: column[cells] for name, column in places(len(digits)).items()} | {
        "given": given[cells],
        "digit": np.concatenate([digits[given], np.tile(np.arange(1, size + 1), len(blanks))]),
        "probability": np.concatenate([np.full(given.sum(), np.nan, np.float32), probabilities[blanks].ravel()]),
    }
    part = plane.step / max(high, wide)
    option = BLANK.transform_filter("datum.probability >= 0.01").transform_calculate(
        x=f"datum.left + ((datum.digit - 1) % {wide} + 0.5) / {wide}",
        y=f"datum.top + (floor((datum.digit - 1) / {wide}) + 0.5) / {high}",
    )
    layers = [
        option.mark_square(fill=colours.accent, opacity=1, fillOpacity=0.35, strokeWidth=0).encode(
            **plane.at("x", "y"),
            size=alt.Size("probability:Q", scale=alt.Scale(domain=[0, 1], range=[0, (part - 2) ** 2]), legend=None),
        ),
        option.mark_text(fontSize=part * 0.72, color=colours.text).encode(
            **plane.at("x", "y"), text=alt.Text("digit:Q")
        ),
        _givens(plane, colours),
    ]
    return _board(
        layers, columns, box, plane, cell, title, "bold: given · area of a square: probability of its digit", dark
    )


def draw_settled(
    settled: np.ndarray,
    given: np.ndarray,
    box: tuple[int, int],
    loops: int,
    cell: int | None = None,
    title: str = "",
    dark: bool = False,
    one: str = "loop",
) -> Chart:
    """Draw when each blank found its answer.

    settled (cells,): the number of loops after which the answer never changed again, 1 … loops. `one` is what a pass
    of the model is called, loop or layer.
    """
    plane, colours = one_board(box), palette(dark)
    columns = places(len(given)) | {"given": given, "settled": np.where(given, np.nan, settled)}
    layers = [
        BLANK.mark_rect().encode(
            **plane.at("left", "top", "column", "row"),
            color=alt.Color(
                "settled:Q",
                scale=alt.Scale(domain=[1, loops], range=[colours.background, colours.accent], interpolate="rgb"),
                legend=alt.Legend(
                    title=one,
                    orient="right",
                    gradientLength=plane.step * plane.height * 0.6,
                    tickMinStep=1,
                    format="d",
                ),
            ),
        ),
        BLANK.transform_calculate(ink=either(f"datum.settled > {0.6 * loops}", colours.background, colours.text))
        .mark_text(fontSize=plane.step * 0.4)
        .encode(**plane.at("x", "y"), text=alt.Text("settled:Q"), color=alt.Color("ink:N", scale=None)),
    ]
    return _board(
        layers,
        columns,
        box,
        plane,
        cell,
        title,
        f"the {one} after which an answer never changed again · grey: given",
        dark,
    )


def draw_difference(
    digits: np.ndarray,
    given: np.ndarray,
    solution: np.ndarray,
    box: tuple[int, int],
    cell: int | None = None,
    title: str = "",
    dark: bool = False,
) -> Chart:
    """Draw where the answers differ from a solution.

    A wrong digit is struck out, and the right one stands small in the corner.
    """
    plane, colours = one_board(box), palette(dark)
    wrong = (digits != solution) & ~given
    columns = places(len(digits)) | {"given": given, "digit": digits, "solution": solution, "wrong": wrong}
    bad = BLANK.transform_filter("datum.wrong")
    layers = [
        bad.mark_rect(fill=colours.wrong, fillOpacity=0.12).encode(**plane.at("left", "top", "column", "row")),
        _givens(plane, colours),
        BLANK.transform_filter("datum.digit > 0")
        .transform_calculate(ink=either("datum.wrong", colours.wrong, colours.accent))
        .mark_text(fontSize=plane.step * 0.55)
        .encode(**plane.at("x", "y"), text=alt.Text("digit:Q"), color=alt.Color("ink:N", scale=None)),
        bad.mark_point(
            shape=STROKE, size=(0.55 * plane.step) ** 2, filled=False, stroke=colours.wrong, strokeWidth=1.4, opacity=1
        ).encode(**plane.at("x", "y")),
        bad.transform_calculate(x="datum.column - 0.17", y="datum.row - 0.8")
        .mark_text(fontSize=plane.step * 0.3, fontWeight="bold", color=colours.text)
        .encode(**plane.at("x", "y"), text=alt.Text("solution:Q")),
    ]
    return _board(
        layers,
        columns,
        box,
        plane,
        cell,
        title,
        f"struck out: wrong, {wrong.sum()} of {(~given).sum()} blanks · small: the solution",
        dark,
    )
