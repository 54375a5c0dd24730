"""How far each loop still moves the state: is a fixed point being approached?"""

from __future__ import annotations

import altair as alt
import numpy as np

from looped.figures.theme import Chart, loop_axis, loop_marks, palette, table, themed


def draw_convergence(
    relative: np.ndarray,
    of_cell: np.ndarray,
    trained_loops: int,
    loop: int,
    title: str = "",
    dark: bool = False,
    what: str = "cell",
    one: str = "loop",
) -> Chart:
    """Draw the residual of every loop on a logarithmic axis.

    relative (loops,): ‖h[t+1] − h[t]‖ / ‖h[t]‖ of the whole state. of_cell (loops,): ‖h[t+1] − h[t]‖ of the chosen
    cell, in the units of the state; `what` is what the chosen one is called, `one` what a pass of the model is, loop or
    layer. Of a state that starts at zero the first relative residual is not a number. A residual that is zero or not a
    number has no place on the axis and leaves a gap.
    """
    colours, loops, values = palette(dark), len(relative), np.concatenate([relative, of_cell])
    late = "" if np.isfinite(relative[0]) else f" (from {one} 2 on: it starts at zero)"
    names = [f"whole state, relative{late}", f"chosen {what}, absolute"]
    at = np.tile(np.arange(1, loops + 1), 2)
    rows = table(**{one: at}, quantity=np.repeat(names, loops), residual=values)
    shown = values[np.isfinite(values) & (values > 0)]
    low, high = (int(np.floor(np.log10(shown.min()))), int(np.ceil(np.log10(shown.max())))) if len(shown) else (-1, 0)
    high = max(high, low + 1)
    decades = [10.0**power for power in range(low, high + 1, 1 + (high - low) // 8)]
    base = (
        alt.Chart()
        .transform_calculate(residual="datum.residual > 0 ? datum.residual : null")
        .encode(
            x=loop_axis(loops, one),
            y=alt.Y(
                "residual:Q",
                scale=alt.Scale(type="log", domain=[10.0**low, 10.0**high]),
                title="step (residual)",
                axis=alt.Axis(values=decades, format="~g"),
            ),
            color=alt.Color(
                "quantity:N",
                scale=alt.Scale(domain=names, range=[colours.accent, colours.warm]),
                legend=alt.Legend(orient="bottom", title=None, offset=4, columns=1 if late else 2, labelLimit=400),
            ),
        )
    )
    chart = alt.layer(
        loop_marks(loops, trained_loops, loop, colours, one),
        base.encode(
            strokeDash=alt.StrokeDash("quantity:N", scale=alt.Scale(domain=names, range=[[1, 0], [2, 3]]))
        ).mark_line(strokeWidth=2),
        base.transform_filter(f"datum.{one} == {loop} && datum.residual != null").mark_point(
            filled=True, size=50, opacity=1
        ),
        data=rows,
        width=420,
        height=240,
    )
    return themed(chart, title, f"how far each {one} moved the state; dots: {one} {loop}", dark)
