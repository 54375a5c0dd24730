"""A grid of cells after a loop: walls, the source, and what a model says can be reached."""

from __future__ import annotations

import altair as alt
import numpy as np

from looped.figures.board import CORNER, Plane, marked_cell, places
from looped.figures.theme import Chart, Palette, palette, table, themed


def draw_grid(
    walls: np.ndarray,
    source: int,
    reached: np.ndarray | None = None,
    share: np.ndarray | None = None,
    changed: np.ndarray | None = None,
    cell: int | None = None,
    title: str = "",
    dark: bool = False,
    one: str = "loop",
) -> Chart:
    """Draw a grid of size × size cells, row by row, as the screen does.

    walls, reached and changed (cells,) are bool, `share` (cells,) is the probability that a cell is reached. Without
    them the grid is drawn before the first loop. `source` and `cell`, the chosen one, are counted from 0; `one` is what
    a pass of the model is called, loop or layer.
    """
    cells, colours, none = len(walls), palette(dark), np.zeros(len(walls), bool)
    size = round(cells**0.5)
    plane = Plane(size, size, max(12, 324 // size))
    open_cells = ~np.asarray(walls, bool) & (np.arange(cells) != source)
    columns = places(cells) | {
        "wall": walls,
        "source": np.arange(cells) == source,
        "reached": (none if reached is None else reached) & ~np.asarray(walls, bool),
        "changed": (none if changed is None else changed) & open_cells,
        "share": np.where(walls, np.nan, np.nan if share is None else share),
    }
    layers = _layers(plane, colours)
    if cell is not None:
        layers.append(marked_cell(plane, cell, size, colours))
    says = {
        "grey: wall": bool(np.any(walls)),
        "S: source": True,
        "dot: reached": bool((columns["reached"] & open_cells).any()),
        "the bluer, the surer": share is not None,
        f"corner: changed in this {one}": bool(columns["changed"].any()),
    }
    key = " · ".join(word for word, there in says.items() if there)
    whole = alt.layer(*layers, data=table(**columns), width=size * plane.step, height=size * plane.step)
    return themed(whole, title, key, dark)


def _layers(plane: Plane, colours: Palette) -> list[Chart]:
    """Return what is drawn of the columns of the table, the undermost first."""
    base = alt.Chart().transform_calculate(
        left="datum.column - 1", top="datum.row - 1", x="datum.column - 0.5", y="datum.row - 0.5"
    )
    ground, middle = plane.at("left", "top", "column", "row"), plane.at("x", "y")
    return [
        base.transform_filter("isValid(datum.share)")
        .transform_calculate(fill="0.55 * datum.share")
        .mark_rect(fill=colours.accent)
        .encode(**ground, fillOpacity=alt.FillOpacity("fill:Q", scale=None)),
        base.transform_filter("datum.wall").mark_rect(fill=colours.muted).encode(**ground),
        base.mark_rect(filled=False, stroke=colours.line, strokeWidth=0.7).encode(**ground),
        base.transform_filter("datum.reached && !datum.source")
        .mark_point(shape="circle", filled=True, size=(0.24 * plane.step) ** 2, color=colours.text, opacity=1)
        .encode(**middle),
        base.transform_filter("datum.changed")
        .transform_calculate(x="datum.column - 0.14", y="datum.row - 0.86")
        .mark_point(shape=CORNER, size=(0.28 * plane.step) ** 2, fill=colours.warm, strokeWidth=0, opacity=1)
        .encode(**middle),
        base.transform_filter("datum.source")
        .mark_text(text="S", fontSize=0.66 * plane.step, fontWeight="bold", color=colours.text)
        .encode(**middle),
    ]
