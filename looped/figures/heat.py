"""Heat maps as pictures within a chart: small, without hairlines between cells, and sharp in print."""

from __future__ import annotations

import io
from base64 import b64encode

import altair as alt
import numpy as np
from PIL import Image

from looped.figures.theme import Chart, table

# Pixels along a side of a cell. Readers that smooth pictures then blur only the rim of a cell.
PIXELS = 4


def heat(shares: np.ndarray, above: str, ground: str, below: str | None = None) -> str:
    """Draw numbers as a picture and return its data URL (PNG).

    `shares` (rows, columns) are numbers from −1 to 1. The colours (#rrggbb) are `ground` at 0, `above` at 1 and `below`
    at −1, mixed in proportion between them; without `below` the sign is not shown.

    >>> heat(np.array([[0.0, 1.0]]), "#0b62a4", "#ffffff")[:30]
    'data:image/png;base64,iVBORw0K'
    """
    middle = _rgb(ground)
    ends = np.where((shares < 0)[..., None], _rgb(below or above), _rgb(above))
    colours = np.rint(middle + np.abs(shares)[..., None] * (ends - middle)).astype(np.uint8)
    picture = io.BytesIO()
    Image.fromarray(colours.repeat(PIXELS, 0).repeat(PIXELS, 1)).save(picture, "PNG")
    return "data:image/png;base64," + b64encode(picture.getvalue()).decode()


def scale_only(domain: list[float], colours: list[str], legend: alt.Legend, kind: str = "linear") -> Chart:
    """Make a layer that shows only the legend for the colours of `heat`, which mixes them in the same way."""
    scale = alt.Scale(type=kind, domain=domain, range=colours, interpolate="rgb")  # type: ignore[arg-type]
    return (
        alt.Chart(table(value=domain))
        .mark_point(opacity=0)
        .encode(color=alt.Color("value:Q", scale=scale, legend=legend))
    )


def _rgb(colour: str) -> np.ndarray:
    return np.array(list(bytes.fromhex(colour[1:])), float)
