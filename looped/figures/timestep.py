"""The gates and scales of a TMLT: how strong they are in every loop, and what they do to every channel."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np

from looped.figures.heat import heat, scale_only
from looped.figures.theme import Chart, loop_axis, loop_marks, palette, table, themed

NAMES = ("α1", "α2", "γ1", "γ2")
MEANINGS = {
    "α1": "α1, attention is added",
    "α2": "α2, the MLP is added",
    "γ1": "γ1, input of attention",
    "γ2": "γ2, input of the MLP",
    "α": "α, what the layer adds",
    "γ": "γ, input of the layer",
}


def draw_timestep(
    strengths: np.ndarray,
    trained_loops: int,
    loop: int,
    title: str = "",
    dark: bool = False,
    names: Sequence[str] = NAMES,
) -> Chart:
    """Draw the strength of every vector of a timestep encoding in every loop.

    strengths (loops, vectors): the root mean square over channels, of one layer; names: the symbols of the vectors.
    """
    colours, loops, meanings = palette(dark), len(strengths), [MEANINGS[name] for name in names]
    tints = [colours.accent, colours.warm, colours.cool, colours.text][: len(names)]
    dashes = [[1, 0], [6, 3], [2, 3], [8, 3, 2, 3]][: len(names)]
    numbers = np.repeat(np.arange(1, loops + 1), len(names))
    rows = table(loop=numbers, vector=np.tile(list(names), loops), strength=strengths.ravel())
    legend = alt.Legend(orient="bottom", title=None, columns=2, offset=4)
    base = (
        alt.Chart()
        .transform_calculate(meaning=f"{meanings}[indexof({list(names)}, datum.vector)]")
        .encode(
            x=loop_axis(loops),
            y=alt.Y(
                "strength:Q",
                scale=alt.Scale(zero=True),
                title="root mean square over channels",
                axis=alt.Axis(tickCount=5),
            ),
            color=alt.Color(
                "meaning:N",
                scale=alt.Scale(domain=meanings, range=tints),
                legend=legend,
            ),
        )
    )
    chart = alt.layer(
        loop_marks(loops, trained_loops, loop, colours),
        base.encode(
            strokeDash=alt.StrokeDash(
                "meaning:N",
                scale=alt.Scale(domain=meanings, range=dashes),
                legend=legend,
            )
        ).mark_line(strokeWidth=2),
        base.transform_filter(f"datum.loop == {loop}").mark_point(filled=True, size=40, opacity=1),
        data=rows,
        width=420,
        height=240,
    )
    return themed(
        chart,
        title,
        f"how strongly a loop adds its branches (α), scales inputs (γ); dots: loop {loop}",
        dark,
    )


def draw_channels(
    vectors: np.ndarray, loop: int, title: str = "", dark: bool = False, names: Sequence[str] = NAMES
) -> Chart:
    """Draw every channel of every vector of a timestep encoding in every loop, as heat maps.

    vectors (vectors, loops, width), of one layer; names: their symbols.
    """
    colours, (_, loops, channels) = palette(dark), vectors.shape
    largest = float(np.abs(vectors).max()) or 1.0
    which, t, channel = (index.ravel() for index in np.indices(vectors.shape))
    wide, high = 400, max(64, min(256, 3 * loops))
    maps = []
    for name, values in zip(names, vectors, strict=True):
        last = name == names[-1]
        x = alt.X(
            "x:Q",
            scale=alt.Scale(domain=[0, channels], nice=False),
            title="channel" if last else None,
            axis=alt.Axis(grid=False, labels=last, ticks=last, domain=False, tickCount=8),
        )
        y = alt.Y(
            "y:Q",
            scale=alt.Scale(domain=[0.5, loops + 0.5], nice=False, reverse=True),
            title=f"{name}, loop",
            axis=alt.Axis(grid=False, domain=False, tickCount=4, tickMinStep=1),
        )
        picture = (
            alt.Chart(
                table(x=[0], y=[0.5], url=[heat(values / largest, colours.warm, colours.background, colours.cool)])
            )
            .mark_image(width=wide, height=high, align="left", baseline="top", aspect=False, smooth=False)
            .encode(x=x, y=y, url=alt.Url("url:N"))
        )
        hand = alt.Chart(table(x=[channels], y=[loop])).mark_point(
            shape="triangle-left", size=40, fill=colours.text, strokeWidth=0, opacity=1, xOffset=6
        )
        legend = scale_only(
            [-largest, 0, largest],
            [colours.cool, colours.background, colours.warm],
            alt.Legend(title="value", gradientLength=150),
        )
        maps.append(alt.layer(picture, hand.encode(x=x, y=y), legend, width=wide, height=high))
    rows = table(vector=np.array(names)[which], loop=t + 1, channel=channel + 1, value=vectors.ravel())
    return themed(
        alt.vconcat(*maps, data=rows, spacing=8),
        title,
        f"orange: above zero · teal: below · triangle: loop {loop}",
        dark,
    )
