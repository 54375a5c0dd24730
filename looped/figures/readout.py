"""What the output head reads from one cell's state after every loop."""

from __future__ import annotations

import altair as alt
import numpy as np

from looped.figures.theme import Chart, Palette, loop_axis, loop_marks, palette, table, themed

FEWEST = 0.03  # a probability below is not labelled with its digit


def draw_readout(probabilities: np.ndarray, trained_loops: int, loop: int, title: str = "", dark: bool = False) -> Chart:
    """Probability of each digit in one cell along the loops → chart. `probabilities` (loops, size): entry d is that of digit d + 1.

    Each line carries its digit; the thick one is the answer after `loop`.
    """
    colours, (loops, size) = palette(dark), probabilities.shape
    answer = int(probabilities[loop - 1].argmax()) + 1
    rows = table(loop=np.repeat(np.arange(1, loops + 1), size), digit=np.tile(np.arange(1, size + 1), loops), probability=probabilities.ravel())
    base = alt.Chart().encode(x=loop_axis(loops), y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5)))
    one, others = (base.transform_filter(f"datum.digit {sign} {answer}") for sign in ("==", "!="))
    every = max(1, round(loops / 20))
    shown = f"datum.probability >= {FEWEST} && (datum.loop % {every} == 0 || datum.loop == {loops} || datum.loop == {loop})"
    chart = alt.layer(
        loop_marks(loops, trained_loops, loop, colours),
        others.encode(detail=alt.Detail("digit:N")).mark_line(strokeWidth=0.8, color=colours.muted, strokeOpacity=0.7),
        one.mark_line(strokeWidth=2, color=colours.accent),
        *(layer for part, colour in ((others, colours.muted), (one, colours.accent)) for layer in _signs(part.transform_filter(shown), colour, colours)),
        data=rows, width=420, height=240,
    )
    return themed(chart, title, f"a line's digits say whose probability it is · thick: the answer after loop {loop}", dark)


def _signs(points: Chart, colour: str, colours: Palette) -> tuple[Chart, Chart]:
    """Digits as the marks of a line, and what clears the line behind them."""
    signs = points.encode(text=alt.Text("digit:Q"))
    return (signs.mark_text(fontSize=12, fontWeight="bold", color=colours.background, stroke=colours.background, strokeWidth=4),
            signs.mark_text(fontSize=12, fontWeight="bold", color=colour))
