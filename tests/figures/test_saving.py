"""What is saved of every figure, light and dark: an SVG that fetches nothing, a PNG twice its size, numbers as CSV."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from looped.figures.saving import save, to_csv, to_svg
from looped.figures.theme import DARK, FONT, LIGHT
from tests.figures.samples import FIGURES, texts


def png_size(data: bytes) -> tuple[int, int]:
    """The size of a PNG, all of which is read."""
    with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
        picture.load()
        return picture.size


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_figure_is_a_valid_chart_and_is_saved_three_times(name: str, dark: bool, tmp_path: Path) -> None:
    chart = FIGURES[name](title="What it shows", dark=dark)
    chart.to_dict()  # raises when it is not Vega-Lite of the schema
    files = save(chart, tmp_path / "new" / "folder" / f"{name}.v1")
    assert [file.name for file in files] == [f"{name}.v1.svg", f"{name}.v1.png", f"{name}.v1.csv"]
    svg, png, data = (file.read_bytes() for file in files)

    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    assert 150 < width < 1500
    assert 150 < height < 900
    assert png_size(png) == (2 * width, 2 * height)
    assert data.decode() == to_csv(chart)
    assert len(data.splitlines()) > 8

    text = svg.decode()
    colours = DARK if dark else LIGHT
    assert f'<rect width="{width:.0f}" height="{height:.0f}" fill="{colours.background}"/>' in text
    assert "What it shows" in texts(text)
    assert colours.text in text
    assert (
        set((LIGHT if dark else DARK)[6:]) & set(re.findall("#[0-9a-f]{6}", text)) == set()
    )  # accent, warm, cool, wrong of the other one


@pytest.mark.parametrize("name", FIGURES)
def test_an_svg_fetches_nothing(name: str) -> None:
    svg = to_svg(FIGURES[name](title="x"))
    for address in re.findall(r"(?:href|src)=\"([^\"]*)\"|url\(([^)]*)\)", svg):
        assert "".join(address).startswith(("data:image/png;base64,", "#"))
    assert set(re.findall(r"https?://[^\"' )]*", svg)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "@font-face" not in svg
    assert "@import" not in svg
    assert set(re.findall(r'font-family="([^"]*)"', svg)) == {FONT}


@pytest.mark.parametrize("name", FIGURES)
def test_without_a_title_nothing_stands_above(name: str) -> None:
    bare, titled = (texts(to_svg(FIGURES[name](title=title))) for title in ("", "Seen"))
    assert titled[-2] == "Seen"
    assert bare == titled[:-2]  # the title and the line below it are drawn last
    assert len(titled[-1]) > 10


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_chart_gives_the_same_svg(name: str) -> None:
    svg = to_svg(FIGURES[name](title="x"))
    assert svg == to_svg(FIGURES[name](title="x"))
    assert set(re.findall(r"url\(#([^)]*)\)", svg)) == set(re.findall(r'id="([^"]*)"', svg))
