"""Writes a figure for a paper or a page: SVG, PNG and the numbers it draws."""

from __future__ import annotations

import re
from pathlib import Path

import altair as alt
import vl_convert

from looped.figures.theme import Chart

PNG_SCALE = 2  # pixels of the PNG for one unit of the SVG
VEGA_LITE = alt.SCHEMA_VERSION.rpartition(".")[0]  # the version that Altair writes, as vl-convert names it


def to_svg(chart: Chart) -> str:
    """The chart as SVG text: the same chart gives the same text. Made on this machine alone; no font is loaded from anywhere."""
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict(validate=False), vl_version=VEGA_LITE)
    gradients = list(dict.fromkeys(re.findall(r'id="(gradient_\d+)"', svg)))  # numbered through the life of the process
    return re.sub(r'(?<=["#])gradient_\d+', lambda name: f"gradient_{gradients.index(name[0])}", svg)


def to_csv(chart: Chart) -> str:
    """The table that the chart draws; marks that only help to read it have data of their own."""
    text: str = chart.data.values
    return text


def save(chart: Chart, file: str | Path) -> list[Path]:
    """Write `file`.svg, `file`.png and `file`.csv, and make the folder where there is none. Any suffix of `file` is part of its name."""
    file = Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    svg = to_svg(chart)
    contents = {"svg": svg.encode(), "png": vl_convert.svg_to_png(svg, scale=PNG_SCALE), "csv": to_csv(chart).encode()}
    paths = []
    for kind, data in contents.items():
        paths.append(file.with_name(f"{file.name}.{kind}"))
        paths[-1].write_bytes(data)
    return paths
