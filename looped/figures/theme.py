"""One look for all figures: the colours of the screen (assets/microscope.css), light or dark, and tables as data."""

from __future__ import annotations

import csv
import io
from typing import Any, NamedTuple

import altair as alt
import numpy as np
from numpy.typing import ArrayLike

MOST_TICKS = 10  # numbers on a loop axis, so that two never meet where a figure is small
FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"  # named, not embedded: every system has one of them


Chart = Any  # of Altair: layered, concatenated or plain; its own types do not survive its decorators


class Palette(NamedTuple):
    """A colour means the same in every figure, and nothing is said by colour alone."""

    text: str
    background: str
    muted: str  # axes, labels, what is in the background
    line: str
    soft: str  # behind a given
    accent: str  # what the model answers; the state as a whole
    warm: str  # the chosen cell; what changed
    cool: str  # a third line, and numbers below zero
    wrong: str  # what breaks a rule


LIGHT = Palette("#1f2430", "#ffffff", "#6b6e76", "#c0c2c5", "#f2f2f3", "#0b62a4", "#b84a00", "#1a7f8e", "#b3261e")
DARK = Palette("#fafafa", "#0e1117", "#aaabad", "#505257", "#1c1f25", "#6db7f0", "#ffa14f", "#5fd0dc", "#ff8a80")


def palette(dark: bool) -> Palette:
    """Return the colours of the dark or the light theme."""
    return DARK if dark else LIGHT


def table(**columns: ArrayLike) -> alt.InlineData:
    """Turn columns of equal length into the data of a chart: CSV text, which `saving.save` writes as it is.

    A number is written with as many digits as its type needs to be read back the same; NaN is an empty field.

    >>> table(loop=[1, 2], value=np.array([0.1, np.nan], np.float32), changed=[False, True]).values
    'loop,value,changed\\n1,0.1,false\\n2,,true\\n'
    """
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(arrays)
    writer.writerows(zip(*map(_fields, arrays.values()), strict=True))
    kinds = {"b": "boolean", "U": "string"}
    parse = {name: kinds.get(array.dtype.kind, "number") for name, array in arrays.items()}
    return alt.InlineData(values=text.getvalue(), format=alt.CsvDataFormat(type="csv", parse=parse))


def _fields(column: np.ndarray) -> list[str]:
    fields: list[str] = column.astype(str).tolist()
    if column.dtype.kind == "b":
        return [field.lower() for field in fields]
    return ["" if field == "nan" else field for field in fields] if column.dtype.kind == "f" else fields


def themed(chart: Chart, title: str, subtitle: str, dark: bool) -> Chart:
    """Give a chart the common look, a title, and a line below it that says how to read the chart; return it.

    Without a title neither is drawn, for a paper with captions of its own.
    """
    colours = palette(dark)
    quiet = {
        "labelColor": colours.muted,
        "titleColor": colours.text,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    if title:
        chart.title = {"text": title, "subtitle": subtitle, "anchor": "start", "frame": "group", "offset": 10}
    chart.config = {  # set as it is: `configure` would take longer than to draw the chart
        "background": colours.background,
        "padding": 8,
        "font": FONT,
        "view": {"stroke": None},
        "aria": False,  # a description of every single mark would be most of the file
        "axis": {
            **quiet,
            "gridColor": colours.line,
            "gridOpacity": 0.5,
            "domainColor": colours.muted,
            "tickColor": colours.muted,
        },
        "legend": {
            **quiet,
            "labelColor": colours.text,
            "labelLimit": 400,
            "symbolType": "stroke",
            "symbolSize": 700,
            "symbolStrokeWidth": 2,
        },
        "title": {
            "color": colours.text,
            "fontSize": 13,
            "fontWeight": 600,
            "subtitleColor": colours.muted,
            "subtitleFontSize": 11,
        },
    }
    return chart


def percent(share: float) -> str:
    """Write a share in whole percent; one that is neither none nor all is never written as such.

    >>> percent(0.1234), percent(0.001), percent(0.999), percent(1.0)
    ('12 %', '< 1 %', '> 99 %', '100 %')
    """
    return "< 1 %" if 0 < share < 0.005 else "> 99 %" if 0.995 < share < 1 else f"{100 * share:.0f} %"


def loop_axis(loops: int, one: str = "loop") -> alt.X:
    """Return the x axis of everything that is drawn by loop, 1 … loops.

    one: what a pass of the model is called, loop or layer; the column of a table that counts them has that name.
    """
    return alt.X(
        f"{one}:Q",
        scale=alt.Scale(domain=[1, loops], nice=False),
        title=one,
        axis=alt.Axis(values=loop_ticks(loops), grid=False, format="d"),
    )


def loop_ticks(loops: int) -> list[int]:
    """Return the loops that are named on an axis 1 … loops, as on screen; their numbers have room side by side.

    >>> loop_ticks(3), loop_ticks(12), loop_ticks(32)
    ([1, 2, 3], [2, 4, 6, 8, 10, 12], [4, 8, 12, 16, 20, 24, 28, 32])
    """
    steps = (1, 2, 4, 5, *(2**power for power in range(3, 30)))
    step = next(step for step in steps if loops / step <= MOST_TICKS)
    return list(range(step, loops + 1, step))


def loop_marks(loops: int, trained_loops: int, loop: int, colours: Palette, one: str = "loop") -> Chart:
    """Draw two upright lines over a loop axis: how many loops training used (dashed), and the loop that is shown.

    The dashed line is left out where the axis does not reach it.
    """
    marks = []
    # The words stand on the outer sides of the lines, so that they never meet.
    for at, word, left, dash in (
        (trained_loops, "trained", trained_loops <= loop, [4, 4]),
        (loop, f"{one} {loop}", trained_loops > loop, [1, 0]),
    ):
        if at > loops:
            continue
        base = alt.Chart(table(**{one: [at]}, word=[word])).encode(x=loop_axis(loops, one))
        words = base.mark_text(
            align="right" if left else "left",
            baseline="bottom",
            dx=-4 if left else 4,
            y=-11,
            fontSize=11,
            color=colours.muted,
        )
        marks += [base.mark_rule(strokeDash=dash, color=colours.muted), words.encode(text=alt.Text("word:N"))]
    return alt.layer(*marks)
