"""A function of two numbers in space: what is predicted over what is true, and where they differ. A Plotly figure.

Made for a notebook and for the page, where it can be turned and zoomed, like the paths of `looped.figures.space`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from looped.figures.theme import FONT, Palette, palette

STILL = {"contours": {"x": {"highlight": False}, "y": {"highlight": False}, "z": {"highlight": False}}}


def grid_of(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the axes of a grid that points (q, 2) fill, ascending, and which point stands where, (rows, columns).

    Rows are of the second axis. Raises ValueError with one sentence for points that are no whole grid.

    >>> x1, x2, order = grid_of(np.array([[0, 0], [1, 0], [0, 5], [1, 5]]))
    >>> x1.tolist(), x2.tolist(), order.tolist()
    ([0, 1], [0, 5], [[0, 1], [2, 3]])
    """
    points = np.asarray(points)
    x1, column = np.unique(points[:, 0], return_inverse=True)
    x2, row = np.unique(points[:, 1], return_inverse=True)
    order = np.full((len(x2), len(x1)), -1)
    order[row, column] = np.arange(len(points))
    if len(points) < 4 or len(points) != order.size or (order < 0).any():
        raise ValueError("a surface needs queries on a grid; leave out the rows with ?, and one is laid.")
    return x1, x2, order


def draw_surface(
    queries: np.ndarray,
    predictions: np.ndarray,
    truth: np.ndarray,
    examples: np.ndarray,
    loop: int,
    error: bool = False,
    title: str = "",
    dark: bool = False,
) -> Any:
    """Draw the predicted surface after a loop, the true one as a thin net over it, and the examples as points.

    queries (q, 2) on a grid; predictions (loops, q) and truth (q,), NaN where nobody knows it; examples (k, 3) as x1,
    x2, y; loop 0 … loops, where 0 is before any prediction. error: draw predicted − true in their place. The height of
    the axis holds the whole run, so that figures of different loops can be compared. Raises ValueError with one
    sentence where the queries are no grid, and for the error where the truth is not known.
    """
    x1, x2, order = grid_of(queries)
    known = bool(np.isfinite(truth).all())
    if error and not known:
        raise ValueError("the true function of these points is not known, so no error can be drawn.")
    colours = palette(dark)
    heights = predictions - truth if error else np.concatenate([predictions, truth[None][:known]])
    most = float(np.abs(heights).max(initial=0) if error else max(np.abs(heights).max(), *np.abs(examples[:, 2]), 0))
    name = "predicted − true" if error else "predicted"
    drawn: list[Any] = []
    if loop:
        drawn.append(_sheet(x1, x2, heights[loop - 1][order], name, most or 1.0, colours))
    if known and not error:
        drawn.append(_net(x1, x2, truth[order], colours))
    if not error and len(examples):
        drawn.append(_dots(examples, colours))
    figure = go.Figure(drawn)
    return figure.update_layout(
        title={"text": title},
        scene=_scene(1.05 * (most or 1.0), name if error else "y", colours),
        legend={"x": 0, "y": 1, "bgcolor": "rgba(0,0,0,0)"},
        paper_bgcolor=colours.background,
        font={"family": FONT, "color": colours.text},
        margin={"l": 0, "r": 0, "t": 40 if title else 0, "b": 0},
        height=560,
    )


def _sheet(x1: np.ndarray, x2: np.ndarray, heights: np.ndarray, name: str, most: float, colours: Palette) -> Any:
    """Return a surface, blue above zero and orange below as on the maps."""
    scale = [[0, colours.warm], [0.5, colours.soft], [1, colours.accent]]
    told = f"x1 %{{x:.2f}}, x2 %{{y:.2f}}: {name} %{{z:.3f}}<extra></extra>"
    return go.Surface(
        x=x1,
        y=x2,
        z=heights,
        name=name,
        colorscale=scale,
        cmin=-most,
        cmax=most,
        showscale=False,
        showlegend=True,
        hovertemplate=told,
        **STILL,
    )


def _net(x1: np.ndarray, x2: np.ndarray, heights: np.ndarray, colours: Palette) -> Any:
    """Return the true surface as lines along both axes, with a gap (NaN) behind each."""
    gap = np.full((1, 3), np.nan)
    points = np.stack([*np.meshgrid(x1, x2), heights], -1)  # (rows, columns, 3)
    lines = [np.concatenate([line, gap]) for way in (points, points.swapaxes(0, 1)) for line in way]
    x, y, z = np.concatenate(lines).T
    line = {"color": colours.text, "width": 2}
    return go.Scatter3d(x=x, y=y, z=z, mode="lines", line=line, name="true", showlegend=True, hoverinfo="skip")


def _dots(examples: np.ndarray, colours: Palette) -> Any:
    """Return the examples as points."""
    x, y, z = np.asarray(examples).T
    return go.Scatter3d(
        x=x,
        y=y,
        z=z,
        mode="markers",
        name="examples",
        showlegend=True,
        marker={"size": 4, "color": colours.text, "line": {"width": 1, "color": colours.background}},
        hovertemplate="example: x1 %{x:.2f}, x2 %{y:.2f}, y %{z:.3f}<extra></extra>",
    )


def _scene(reach: float, name: str, colours: Palette) -> dict[str, Any]:
    """Return three axes of which the upright one holds heights from -reach to reach."""
    look = {"gridcolor": colours.line, "backgroundcolor": colours.background, "color": colours.muted}
    scene: dict[str, Any] = {"aspectmode": "cube", "bgcolor": colours.background}
    for axis, words in zip("xyz", ("x1", "x2", name), strict=True):
        scene[f"{axis}axis"] = look | {"title": {"text": words}}
    scene["zaxis"]["range"] = [-reach, reach]
    scene["camera"] = {"eye": {"x": 1.5, "y": -1.5, "z": 1.0}}  # far enough for the names of the axes
    return scene
