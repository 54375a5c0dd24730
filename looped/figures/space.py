"""The way of every position's state through the space of three principal components, to be turned. A Plotly figure.

Made for a notebook, where it can be turned and zoomed; `figure.write_html(file)` keeps it as a page. It shows in space
what `looped.figures.trajectory` draws flat.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly
import plotly.graph_objects as go

from looped.figures.theme import FONT, Palette, palette, percent

AXES = ("x", "y", "z")
VERSION: str = plotly.__version__


def script() -> bytes:
    """Read the script that draws the figure in a browser, of the installed Plotly."""
    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


def draw_space(
    points: np.ndarray,
    explained: np.ndarray,
    loop: int,
    chosen: int,
    signs: np.ndarray,
    title: str = "",
    dark: bool = False,
    names: Sequence[str] | None = None,
) -> Any:
    """Draw the paths of all positions from loop 0 to `loop`; that of the position `chosen` is thick.

    points (loops + 1, positions, 3) in the units of the state; explained (3,) the shares of variance; signs
    (positions,) what is answered at that loop, as text or as digits of which 0 is drawn as a dot; `names` (positions,)
    what the positions are called on screen, by default their numbers. The axes hold the
    whole run and have one scale, so that figures of different loops can be compared. Raises ValueError for points that
    have not three coordinates.
    """
    if points.ndim != 3 or points.shape[2] != 3:
        raise ValueError(f"points has the shape {points.shape}; (loops + 1, positions, 3) is needed.")
    colours, positions = palette(dark), points.shape[1]
    ways = points[: loop + 1]
    words = ["·" if str(sign) == "0" else str(sign) for sign in signs]
    others = [i for i in range(positions) if i != chosen]
    ends = {"color": [colours.warm if i == chosen else colours.accent for i in range(positions)], "size": 12}
    thin, thick = {"color": colours.muted, "width": 1.5}, {"color": colours.warm, "width": 6}
    figure = go.Figure(
        [
            go.Scatter3d(**_paths(ways[:, others]), mode="lines", line=thin, opacity=0.45, hoverinfo="skip"),
            go.Scatter3d(**_paths(ways[:, [chosen]]), mode="lines", line=thick, hoverinfo="skip"),
            go.Scatter3d(
                **dict(zip(AXES, ways[-1].T, strict=True)),
                mode="text",
                text=words,
                textfont=ends,
                customdata=[f"position {i}" for i in range(positions)] if names is None else list(names),
                hovertemplate="%{customdata}: %{text}<extra></extra>",
            ),
        ]
    )
    return figure.update_layout(
        title={"text": title},
        scene=_scene(points, explained, colours),
        showlegend=False,
        paper_bgcolor=colours.background,
        font={"family": FONT, "color": colours.text},
        margin={"l": 0, "r": 0, "t": 40 if title else 0, "b": 0},
        height=560,
    )


def _scene(points: np.ndarray, explained: np.ndarray, colours: Palette) -> dict[str, Any]:
    """Return three axes of one scale that hold all points (loops + 1, positions, 3)."""
    low, high = points.min((0, 1)), points.max((0, 1))
    pad = 0.04 * np.maximum(high - low, 1e-6)
    scene: dict[str, Any] = {"aspectmode": "data", "bgcolor": colours.background}
    for i, name in enumerate(AXES):
        scene[f"{name}axis"] = {
            "title": {"text": f"component {i + 1} ({percent(float(explained[i]))})"},
            "range": [float((low - pad)[i]), float((high + pad)[i])],
            "gridcolor": colours.line,
            "backgroundcolor": colours.background,
            "color": colours.muted,
        }
    return scene


def _paths(ways: np.ndarray) -> dict[str, np.ndarray]:
    """Return the coordinates of several paths (loops, positions, 3) as one line, with a gap (NaN) behind each path."""
    gap = np.full((1, *ways.shape[1:]), np.nan)
    joined = np.concatenate([ways, gap]).transpose(1, 0, 2).reshape(-1, 3)
    return dict(zip(AXES, joined.T, strict=True))
