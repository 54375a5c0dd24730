"""Heat maps as pictures within a chart: small, without hairlines between cells, and as sharp as a printer can show them."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import altair as alt
import numpy as np

from looped.figures.theme import Chart, table

PIXELS = (
    4  # a cell is so many pixels wide and high, so that a reader's program that smooths pictures blurs only its rim
)


def heat(shares: np.ndarray, above: str, ground: str, below: str | None = None) -> str:
    """(rows, columns) numbers from −1 to 1 → the URL of a PNG that holds itself: `ground` (#rrggbb) at 0, `above` at 1, `below` at −1.

    >>> heat(np.array([[0.0, 1.0]]), "#0b62a4", "#ffffff")[:30]
    'data:image/png;base64,iVBORw0K'
    """
    middle, ends = _rgb(ground), np.where((shares < 0)[..., None], _rgb(below or above), _rgb(above))
    colours = np.rint(middle + np.abs(shares)[..., None] * (ends - middle)).astype(np.uint8)
    return "data:image/png;base64," + b64encode(_png(colours.repeat(PIXELS, 0).repeat(PIXELS, 1))).decode()


def scale_only(domain: list[float], colours: list[str], legend: alt.Legend, kind: str = "linear") -> Chart:
    """A layer that shows nothing but the legend of the colours of `heat`, which mixes them in the same way."""
    scale = alt.Scale(type=kind, domain=domain, range=colours, interpolate="rgb")  # type: ignore[arg-type]
    return (
        alt.Chart(table(value=domain))
        .mark_point(opacity=0)
        .encode(color=alt.Color("value:Q", scale=scale, legend=legend))
    )


def _rgb(colour: str) -> np.ndarray:
    return np.array(list(bytes.fromhex(colour[1:])), float)


def _png(pixels: np.ndarray) -> bytes:
    """(rows, columns, 3) uint8 → a PNG file: the header, one compressed block, the end; each line starts with 0, for "as it is"."""
    high, wide, _ = pixels.shape
    lines = np.concatenate([np.zeros((high, 1), np.uint8), pixels.reshape(high, -1)], 1).tobytes()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
