"""What the output head reads from one position's state after every loop."""

from __future__ import annotations

import json
from collections.abc import Sequence

import altair as alt
import numpy as np

from looped.figures.theme import Chart, Palette, loop_axis, loop_marks, palette, table, themed

FEWEST = 0.03  # a probability below is not labelled with its digit


def draw_readout(
    probabilities: np.ndarray,
    trained_loops: int,
    loop: int,
    title: str = "",
    dark: bool = False,
    signs: Sequence[str] | None = None,
    passes: str = "loop",
) -> Chart:
    """Draw the probability of each digit in one cell after every loop.

    probabilities (loops, size): entry d belongs to digit d + 1 or, with `signs` (size,), all different, to sign d. Each
    line carries its digit; the thick one is the answer after `loop`. `passes` is what one of them is called, loop or
    layer.
    """
    colours, (loops, size) = palette(dark), probabilities.shape
    what, names = ("digit", np.arange(1, size + 1)) if signs is None else ("sign", np.array(signs, np.str_))
    answer = json.dumps(names[int(probabilities[loop - 1].argmax())].item())
    rows = table(
        **{passes: np.repeat(np.arange(1, loops + 1), size), what: np.tile(names, loops)},
        probability=probabilities.ravel(),
    )
    base = alt.Chart().encode(
        x=loop_axis(loops, passes),
        y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5)),
    )
    one, others = (base.transform_filter(f"datum.{what} {sign} {answer}") for sign in ("==", "!="))
    kind = "Q" if signs is None else "N"
    every, at = max(1, round(loops / 20)), f"datum.{passes}"
    shown = f"datum.probability >= {FEWEST} && ({at} % {every} == 0 || {at} == {loops} || {at} == {loop})"
    chart = alt.layer(
        loop_marks(loops, trained_loops, loop, colours, passes),
        others.encode(detail=alt.Detail(f"{what}:N")).mark_line(
            strokeWidth=0.8, color=colours.muted, strokeOpacity=0.7
        ),
        one.mark_line(strokeWidth=2, color=colours.accent),
        *(
            layer
            for part, colour in ((others, colours.muted), (one, colours.accent))
            for layer in _signs(part.transform_filter(shown), f"{what}:{kind}", colour, colours)
        ),
        data=rows,
        width=420,
        height=240,
    )
    says = f"a line's {what}s say whose probability it is · thick: the answer after {passes} {loop}"
    return themed(chart, title, says, dark)


def _signs(points: Chart, field: str, colour: str, colours: Palette) -> tuple[Chart, Chart]:
    """Write a field on a line, and clear the line behind what is written."""
    signs = points.encode(text=alt.Text(field))
    return (
        signs.mark_text(
            fontSize=12, fontWeight="bold", color=colours.background, stroke=colours.background, strokeWidth=4
        ),
        signs.mark_text(fontSize=12, fontWeight="bold", color=colour),
    )
