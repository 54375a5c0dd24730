"""The function of one number that a model predicts from examples, beside the true one."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from looped.figures.theme import Chart, palette, table, themed

PREDICTED, TRUE = "prediction", "true function"


def draw_prediction(
    x: np.ndarray,
    predicted: np.ndarray,
    truth: np.ndarray,
    examples: tuple[np.ndarray, np.ndarray],
    title: str = "",
    dark: bool = False,
) -> Chart:
    """Draw the predicted function as a thick line, the true one dashed where it is known, and the examples as dots.

    x, predicted and truth (queries,) in any order; truth is NaN where nobody knows it. examples: their x and their y.
    """
    colours, order = palette(dark), np.argsort(x)
    drawn = {PREDICTED: predicted} | ({TRUE: truth} if np.isfinite(truth).any() else {})
    rows = table(
        line=np.repeat([*drawn], len(x)),
        x=np.tile(x[order], len(drawn)),
        y=np.concatenate([values[order] for values in drawn.values()]),
    )
    along = alt.X("x:Q", title="x", scale=alt.Scale(nice=False, zero=False))
    high = alt.Y("y:Q", title="y", scale=alt.Scale(zero=False))
    legend = alt.Legend(orient="bottom", title=None, offset=4, values=[*drawn])
    ranges: dict[str, list[Any]] = {
        "color": [colours.accent, colours.text],
        "dash": [[1, 0], [5, 3]],
        "width": [3.5, 1.5],
    }
    scales = {name: alt.Scale(domain=[PREDICTED, TRUE], range=values) for name, values in ranges.items()}
    lines = (
        alt.Chart(rows)
        .mark_line()
        .encode(
            x=along,
            y=high,
            color=alt.Color("line:N", scale=scales["color"], legend=legend),
            strokeDash=alt.StrokeDash("line:N", scale=scales["dash"], legend=legend),
            strokeWidth=alt.StrokeWidth("line:N", scale=scales["width"], legend=legend),
        )
    )
    points = alt.Chart(table(x=np.asarray(examples[0], float), y=np.asarray(examples[1], float)))
    dots = points.mark_point(filled=True, size=45, opacity=1, color=colours.text).encode(x=along, y=high)
    return themed(alt.layer(lines, dots, width=420, height=240), title, "dots: the examples", dark)
