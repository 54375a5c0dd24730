"""Shares of attention by rule, head by head, beside what attention spread evenly would give."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np

from looped.figures.theme import Chart, palette, table, themed

WIDE, HIGH = 104, 22  # of one head, and of one rule


def draw_shares(
    shares: np.ndarray, even: np.ndarray, rules: Sequence[str], title: str = "", subtitle: str = "", dark: bool = False
) -> Chart:
    """Draw a bar for each rule and head: shares (rules, heads) from 0 to 1; a line at what is even (rules,)."""
    colours, (many, heads) = palette(dark), shares.shape
    at, head = (index.ravel() for index in np.indices(shares.shape))
    rows = table(
        rule=np.array(rules)[at],
        head=np.array([f"head {n + 1}" for n in head]),
        share=shares.ravel(),
        even=np.repeat(even, heads),
    )
    most = float(max(shares.max(), even.max()))
    base = alt.Chart().encode(y=alt.Y("rule:N", sort=list(rules), title=None, axis=alt.Axis(ticks=False)))
    axis = alt.Axis(format="%", values=[0, _half(most)], labelFlush=True)
    bars = base.mark_bar(color=colours.accent, height={"band": 0.62}).encode(
        x=alt.X("share:Q", title=None, scale=alt.Scale(domain=[0, most]), axis=axis)
    )
    lines = base.mark_tick(color=colours.warm, thickness=2.5, height=0.9 * HIGH).encode(x="even:Q")
    header = alt.Header(title=None, labelColor=colours.text, labelFontSize=15)
    order = [f"head {n + 1}" for n in range(heads)]
    drawn = alt.layer(bars, lines, data=rows, width=WIDE, height=HIGH * many)
    return themed(
        drawn.facet(column=alt.Column("head:N", sort=order, header=header), spacing=10), title, subtitle, dark
    )


def _half(most: float) -> float:
    """Return the largest round share that is no more than half of an axis or so.

    >>> _half(0.88), _half(0.13)
    (0.5, 0.1)
    """
    return next((each for each in (0.5, 0.2, 0.1, 0.05, 0.02) if each <= 0.8 * most), 0.01)
