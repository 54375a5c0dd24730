"""The look that all figures share: the colours of the screen, and tables that lose no digit."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest

from looped.figures.saving import to_svg
from looped.figures.theme import DARK, LIGHT, loop_marks, palette, table
from tests.figures.samples import texts

STYLES = next((Path(__file__).resolve().parents[2] / "assets").rglob("microscope.css")).read_text("utf-8")


def mixed(text: str, background: str, share: float) -> str:
    """CSS color-mix in srgb."""
    pairs = zip(bytes.fromhex(text[1:]), bytes.fromhex(background[1:]), strict=True)
    return "#" + bytes(round(share * a + (1 - share) * b) for a, b in pairs).hex()


def test_the_colours_are_those_of_the_screen() -> None:
    assert palette(False) is LIGHT
    assert palette(True) is DARK
    for name in ("accent", "warm", "cool", "wrong"):
        pair = re.search(rf"--ls-{name}: light-dark\((#\w+), (#\w+)\)", STYLES)
        assert pair
        assert (getattr(LIGHT, name), getattr(DARK, name)) == pair.groups()
    for name in ("muted", "line", "soft"):
        share = re.search(
            rf"--ls-{name}: color-mix\(in srgb, var\(--ls-text\) (\d+)%, var\(--ls-background\)\)", STYLES
        )
        assert share
        for colours in (LIGHT, DARK):
            assert getattr(colours, name) == mixed(colours.text, colours.background, int(share.group(1)) / 100)


def test_a_table_is_read_back_to_the_last_bit() -> None:
    values = (np.random.default_rng(0).standard_normal(1000) * 10.0 ** np.arange(-20, 20).repeat(25)).astype(np.float32)
    values[7] = np.nan
    data = table(number=np.arange(1000), value=values, word=["a,b"] * 1000, there=values > 0)
    rows = list(csv.DictReader(io.StringIO(data.values)))
    back = np.array([float(row["value"] or "nan") for row in rows], np.float32)
    assert back.tobytes() == values.tobytes()
    assert rows[7]["value"] == ""
    assert [int(row["number"]) for row in rows] == list(range(1000))
    assert {row["word"] for row in rows} == {"a,b"}
    assert [row["there"] == "true" for row in rows] == (values > 0).tolist()
    assert data.format.to_dict()["parse"] == {
        "number": "number",
        "value": "number",
        "word": "string",
        "there": "boolean",
    }


def test_columns_of_unequal_length_are_no_table() -> None:
    with pytest.raises(ValueError, match="argument"):
        table(a=[1, 2], b=[1])


@pytest.mark.parametrize(
    ("trained", "loop", "words"), [(4, 6, ["trained", "loop 6"]), (8, 8, ["trained", "loop 8"]), (9, 2, ["loop 2"])]
)
def test_the_trained_loops_are_marked_where_the_axis_has_them(trained: int, loop: int, words: list[str]) -> None:
    chart = loop_marks(8, trained, loop, LIGHT)
    assert [text for text in texts(to_svg(chart)) if text in ("trained", f"loop {loop}")] == words
