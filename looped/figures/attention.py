"""Attention: where one cell looks, on the board, and the whole matrix of which cell looks at which.

`weights` are those of one loop and one layer, of the `heads` (numbers from 0) that are to be drawn side by side. In the
tables of the figures heads and cells are counted from 1, as on screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import numpy as np

from looped.figures.board import Plane, frames, marked_cell, places
from looped.figures.heat import heat, scale_only
from looped.figures.theme import Chart, Palette, palette, percent, table, themed


class _Sheet(NamedTuple):
    """One square a head, four in a row, in units of a square's cells."""

    heads: list[int]
    side: int
    step: int  # pixels of a cell
    margin: int = 0  # pixels above and left of a square, for what is written along it

    @property
    def across(self) -> float:
        """Return the distance from one square to the next, with room for an arrow."""
        return self.side + (24 + self.margin) / self.step

    @property
    def label(self) -> float:
        """Return the height of the line above a square."""
        return (20 + self.margin) / self.step

    def corners(self) -> list[tuple[float, float]]:
        return [(i % 4 * self.across, i // 4 * (self.across + self.label) + self.label) for i in range(len(self.heads))]

    def plane(self) -> Plane:
        lefts, tops = zip(*self.corners(), strict=True)
        return Plane(max(lefts) + self.side, max(tops) + self.side, self.step)

    def base(self) -> Chart:
        """Return a chart whose rows, by their column `head`, get `left` and `top`: the corner of that head's square."""
        place = f"indexof({[head + 1 for head in self.heads]}, datum.head)"
        return alt.Chart().transform_calculate(
            left=f"{place} % 4 * {self.across}", top=f"floor({place} / 4) * {self.across + self.label} + {self.label}"
        )

    def labels(self, words: list[str], colours: Palette) -> Chart:
        lefts, tops = zip(*self.corners(), strict=True)
        text = alt.Chart(table(x=lefts, y=tops, word=words)).mark_text(
            align="left", baseline="bottom", dy=-4 - self.margin, fontSize=12, color=colours.text
        )
        return text.encode(**self.plane().at("x", "y"), text=alt.Text("word:N"))


def draw_attention(
    weights: np.ndarray,
    heads: Sequence[int],
    box: tuple[int, int],
    cell: int,
    digits: np.ndarray | None = None,
    title: str = "",
    dark: bool = False,
) -> Chart:
    """Draw where `cell` looks, on one small board for each head.

    weights (heads, cells): its rows of attention, each of which sums to one. The strength of a colour is the square
    root of a weight's share of the largest one of the head, which is printed. digits (cells,), 0 for a blank, are
    written on the boards.
    """
    size, colours, top = box[0] * box[1], palette(dark), weights.max(-1)
    sheet, cells = _Sheet(list(heads), size, round(160 / size)), size * size
    plane = sheet.plane()
    columns = {name: np.tile(column, len(heads)) for name, column in places(cells).items()}
    digits = np.zeros(cells, int) if digits is None else digits
    base = sheet.base().transform_calculate(
        x="datum.left + datum.column - 0.5",
        y="datum.top + datum.row - 0.5",
        x0="datum.left + datum.column - 1",
        x1="datum.left + datum.column",
        y0="datum.top + datum.row - 1",
        y1="datum.top + datum.row",
    )
    boards = alt.layer(
        base.transform_joinaggregate(largest="max(weight)", groupby=["head"])
        .transform_calculate(share="sqrt(datum.weight / datum.largest)")
        .mark_rect(fill=colours.accent)
        .encode(
            **plane.at("x0", "y0", "x1", "y1"),
            fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0, 0.75]), legend=None),
        ),  # so that a digit on it stays readable
        base.transform_filter("datum.digit > 0")
        .mark_text(fontSize=plane.step * 0.6, color=colours.text)
        .encode(**plane.at("x", "y"), text=alt.Text("digit:Q")),
        frames(plane, box, colours, sheet.corners()),
        marked_cell(plane, cell, size, colours, sheet.corners()),
        sheet.labels(
            [f"head {head + 1} · {percent(float(largest))}" for head, largest in zip(heads, top, strict=True)], colours
        ),
        data=table(
            head=np.repeat(heads, cells) + 1, **columns, weight=weights.ravel(), digit=np.tile(digits, len(heads))
        ),
        width=plane.width * plane.step,
        height=plane.height * plane.step,
    )
    return themed(
        boards, title, "frame: the cell that looks · strongest colour: the largest weight of the head, in %", dark
    )


def draw_neighbour_attention(
    weights: np.ndarray, heads: Sequence[int], names: Sequence[str], title: str = "", dark: bool = False
) -> Chart:
    """Draw how much a place looks at each of its neighbours, as a row of squares for each head.

    weights (heads, neighbours), each row of which sums to one; names (neighbours,) of the places that are looked at.
    The strength of a colour is the square root of a weight, which is printed.
    """
    colours, count = palette(dark), len(names)
    where = np.tile(np.asarray(names, np.str_), len(heads))
    data = table(head=np.repeat(np.asarray(heads) + 1, count), neighbour=where, weight=weights.ravel())
    base = alt.Chart(data).encode(
        x=alt.X("neighbour:N", sort=list(names), title=None, axis=alt.Axis(labelAngle=-40)),
        y=alt.Y("head:O", title="head"),
    )
    squares = base.mark_rect(fill=colours.accent, stroke=colours.line).encode(
        fillOpacity=alt.FillOpacity(
            "weight:Q", scale=alt.Scale(type="sqrt", domain=[0, 1], range=[0, 0.75]), legend=None
        )
    )
    words = base.mark_text(fontSize=10, color=colours.text).encode(text=alt.Text("weight:Q", format=".0%"))
    chart = alt.layer(squares, words, width=54 * count, height=36 * len(heads))
    return themed(chart, title, "each row sums to one · strongest colour: all attention of the head", dark)


def draw_attention_matrix(
    weights: np.ndarray,
    heads: Sequence[int],
    size: int,
    cell: int | None = None,
    title: str = "",
    dark: bool = False,
    signs: Sequence[str] | None = None,
    parts: Sequence[int] = (),
) -> Chart:
    """Draw which cell looks at which, as one square for each head.

    weights (heads, cells, cells): entry (i, j) is how much cell i looks at cell j. The strength of a colour is the
    square root of a weight, on one scale for all heads. Lines separate the rows of the board, arrows mark the chosen
    `cell`. What stands in the cells, `signs` (cells,), is written along the sides if there is room for it. Of positions
    that are not cells of a board `size` is their number, and lines stand before the positions `parts`.
    """
    colours, cells, largest = palette(dark), weights.shape[-1], float(weights.max())
    board = size < cells
    step = max(3, round(200 / cells)) if board else min(12, max(3, 480 // cells))
    written = [] if signs is None or step < 8 else list(signs)
    sheet = _Sheet(list(heads), cells, step, 6 * max(map(len, written), default=-1) + 6)
    edges = [*range(0, cells + 1, size)] if board else [0, *parts, cells]
    plane, corners = sheet.plane(), sheet.corners()
    looking, seen = (np.tile(index.ravel(), len(heads)) for index in np.indices((cells, cells)))
    squares = alt.layer(
        _squares(plane, weights, corners, colours),
        scale_only(
            [0, largest],
            [colours.background, colours.accent],
            alt.Legend(title="weight", format=".0%", tickCount=4, gradientLength=120),
            "sqrt",
        ),
        _rows(plane, edges, corners, colours),
        *([_along(plane, written, corners, colours)] if written else []),
        sheet.labels([f"head {head + 1}" for head in heads], colours),
        *([] if cell is None else [_arrows(plane, cell, corners, colours)]),
        data=table(
            head=np.repeat(heads, cells * cells) + 1, **{"from": looking + 1, "to": seen + 1}, weight=weights.ravel()
        ),
        width=plane.width * plane.step,
        height=plane.height * plane.step,
    )
    subtitle = (
        "down: the cell that looks · across: the cell it looks at · "
        "cells in reading order, a line after every row of the board"
    )
    return themed(
        squares,
        title,
        subtitle if board else "down: the position that looks · across: the position it looks at",
        dark,
    )


def _squares(plane: Plane, weights: np.ndarray, corners: Sequence[tuple[float, float]], colours: Palette) -> Chart:
    """Draw the attention (heads, cells, cells) of each head as a picture, whose pixels are cells."""
    (lefts, tops), side = zip(*corners, strict=True), weights.shape[-1] * plane.step
    shares = np.sqrt(weights / float(weights.max()))
    urls = [heat(one, colours.accent, colours.background) for one in shares]
    images = alt.Chart(table(x=lefts, y=tops, url=urls)).mark_image(
        width=side, height=side, align="left", baseline="top", aspect=False, smooth=False
    )
    return images.encode(**plane.at("x", "y"), url=alt.Url("url:N"))


def _along(plane: Plane, signs: Sequence[str], corners: Sequence[tuple[float, float]], colours: Palette) -> Chart:
    """Write a sign at every row, left of each square and of the arrow, and above every column.

    Signs above the columns stand upright if one of them is longer than a letter.
    """
    middle, upright = np.arange(len(signs)) + 0.5, max(map(len, signs)) > 1
    size = min(10, plane.step - 1)
    rows = alt.Chart(
        table(
            x=[left for left, _ in corners for _ in signs],
            y=[top + y for _, top in corners for y in middle],
            sign=[*signs] * len(corners),
        )
    )
    columns = alt.Chart(
        table(
            x=[left + x for left, _ in corners for x in middle],
            y=[top for _, top in corners for _ in signs],
            sign=[*signs] * len(corners),
        )
    )
    return alt.layer(
        rows.mark_text(align="right", baseline="middle", dx=-12, fontSize=size, color=colours.muted).encode(
            **plane.at("x", "y"), text=alt.Text("sign:N")
        ),
        columns.mark_text(
            angle=270 if upright else 0,
            align="left" if upright else "center",
            baseline="middle" if upright else "bottom",
            dx=3 if upright else 0,
            dy=0 if upright else -3,
            fontSize=size,
            color=colours.muted,
        ).encode(**plane.at("x", "y"), text=alt.Text("sign:N")),
    )


def _rows(plane: Plane, edges: Sequence[int], corners: Sequence[tuple[float, float]], colours: Palette) -> Chart:
    """Draw lines before the cells `edges` of each square; `edges` holds the first cell and the one after the last."""
    end = edges[-1]
    ends = [
        line
        for left, top in corners
        for k in edges
        for line in ((left + k, top, left + k, top + end), (left, top + k, left + end, top + k))
    ]
    left, top, right, bottom = zip(*ends, strict=True)
    rules = alt.Chart(table(left=left, top=top, right=right, bottom=bottom)).mark_rule(
        strokeCap="square", strokeWidth=0.5, color=colours.muted, strokeOpacity=0.6
    )
    return rules.encode(**plane.at("left", "top", "right", "bottom"))


def _arrows(plane: Plane, cell: int, corners: Sequence[tuple[float, float]], colours: Palette) -> Chart:
    """Draw a small triangle at the row of the chosen cell, left of each square."""
    at = alt.Chart(table(x=[left for left, _ in corners], y=[top + cell + 0.5 for _, top in corners]))
    return at.mark_point(
        shape="triangle-right", size=36, fill=colours.warm, strokeWidth=0, opacity=1, xOffset=-5
    ).encode(**plane.at("x", "y"))
