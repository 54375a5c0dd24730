"""Write a figure for a paper or a page: SVG, PNG and the numbers it draws."""

from __future__ import annotations

import re
from pathlib import Path

import altair as alt
import vl_convert

from looped.figures.theme import Chart

PNG_SCALE = 2  # pixels of the PNG for one unit of the SVG
VEGA_LITE = alt.SCHEMA_VERSION.rpartition(".")[0]  # the version that Altair writes, as vl-convert names it


def to_svg(chart: Chart) -> str:
    """Return the chart as SVG text. The same chart gives the same text.

    It is made without the network, and no font is loaded from anywhere.
    """
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict(validate=False), vl_version=VEGA_LITE)
    gradients = list(dict.fromkeys(re.findall(r'id="(gradient_\d+)"', svg)))  # numbered through the life of the process
    return re.sub(r'(?<=["#])gradient_\d+', lambda name: f"gradient_{gradients.index(name[0])}", svg)


def to_csv(chart: Chart) -> str:
    """Return the table that the chart draws, as CSV text. Marks that only help to read it are not part of it."""
    text: str = chart.data.values
    return text


def save(chart: Chart, file: str | Path) -> list[Path]:
    """Write `file`.svg, `file`.png and `file`.csv, make their folder if needed, and return the three paths.

    A suffix of `file` is part of its name and is kept.
    """
    file = Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    svg = to_svg(chart)
    contents = {"svg": svg.encode(), "png": vl_convert.svg_to_png(svg, scale=PNG_SCALE), "csv": to_csv(chart).encode()}
    paths = []
    for kind, data in contents.items():
        paths.append(file.with_name(f"{file.name}.{kind}"))
        paths[-1].write_bytes(data)
    return paths
