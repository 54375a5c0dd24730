"""The way of every position's state through the plane of two principal components."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from looped.figures.theme import Chart, palette, percent, table, themed

SIDE = 420  # pixels of the longer side


def _frame(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Return the middle and half the extent of a frame around all points (loops, cells, 2), and its size in pixels."""
    low, high = points.min((0, 1)), points.max((0, 1))
    extent = np.maximum(high - low, 1e-6)
    low, high = low - 0.04 * extent, high + 0.04 * extent
    unit = SIDE / (high - low).max()  # pixels
    # A flat cloud still gets a panel that axis titles fit to.
    width, height = (max(160, round(float(side))) for side in (high - low) * unit)
    return (low + high) / 2, np.array([width, height]) / unit / 2, (width, height)


def _axis(i: int, middle: float, half: float, explained: float) -> Any:
    """Return principal component i as the x axis (0) or the y axis (1), from middle - half to middle + half."""
    return (alt.X, alt.Y)[i](
        f"{'xy'[i]}:Q",
        scale=alt.Scale(domain=[float(middle - half), float(middle + half)], nice=False, zero=False),
        axis=alt.Axis(tickCount=6),
        title=f"principal component {i + 1} ({percent(float(explained))} of the variance)",
    )


def draw_trajectory(
    points: np.ndarray,
    explained: np.ndarray,
    loop: int,
    cell: int,
    digits: np.ndarray,
    given: np.ndarray,
    title: str = "",
    dark: bool = False,
    here: str = "the chosen one",
    one: str = "loop",
) -> Chart:
    """Draw the paths of all cells from loop 0 to `loop`; that of `cell` is thick, and each ends in its digit.

    points (loops + 1, cells, 2) in the units of the state, explained (2,) the shares of variance, digits (cells,) at
    that loop (0 is drawn as a dot), given (cells,) bool. The axes hold the whole run and have one scale, so that
    figures of different loops can be compared. For positions that are not cells of a board, `digits` may be text, and
    `here` is what the chosen one is called; `one` is what a pass of the model is, loop or layer.
    """
    colours, cells, text = palette(dark), points.shape[1], digits.dtype.kind == "U"
    what, whose = ("sign", "position") if text else ("digit", "cell")
    middle, half, (width, height) = _frame(points)
    ways = points[: loop + 1]
    rows = table(
        **{one: np.repeat(np.arange(loop + 1), cells)},
        cell=np.tile(np.arange(cells) + 1, loop + 1),
        x=ways[..., 0].ravel(),
        y=ways[..., 1].ravel(),
        **{what: np.tile(digits, loop + 1)},
        given=np.tile(given, loop + 1),
    )

    x, y = (_axis(i, middle[i], half[i], explained[i]) for i in range(2))
    base = alt.Chart().encode(x=x, y=y)
    path = base.encode(detail=alt.Detail("cell:N"), order=alt.Order(f"{one}:Q"))
    end = (
        base.transform_filter(f"datum.{one} == {loop}")
        .transform_calculate(sign="datum.sign" if text else "datum.digit > 0 ? datum.digit : '·'")
        .encode(text=alt.Text("sign:N"))
    )
    others, here_path = end.transform_filter(f"datum.cell != {cell + 1}"), f"datum.cell == {cell + 1}"
    halo: dict[str, Any] = {"stroke": colours.background, "strokeWidth": 3}
    chart = alt.layer(
        path.transform_filter(f"datum.cell != {cell + 1}").mark_line(
            strokeWidth=0.7, strokeOpacity=0.3, color=colours.muted
        ),
        path.transform_filter(here_path).mark_line(strokeWidth=2.2, color=colours.warm, strokeJoin="round"),
        others.transform_filter("!datum.given").mark_text(fontSize=11, color=colours.accent),
        others.transform_filter("datum.given").mark_text(fontSize=11, fontWeight="bold", color=colours.text),
        *(
            end.transform_filter(here_path).mark_text(fontSize=16, fontWeight="bold", color=colours.warm, **around)
            for around in (halo, {})
        ),
        data=rows,
        width=width,
        height=height,
    )
    return themed(
        chart, title, f"a {what} stands where its {whose}'s state is · bold: given · thick path: {here}", dark
    )
