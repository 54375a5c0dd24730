"""A few curves and points on one pair of axes."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from looped.figures.theme import Chart, palette, table, themed

DASHES = ([1, 0], [5, 3], [2, 3])
Line = tuple[np.ndarray, np.ndarray]  # x and y of its points


def draw_lines(
    lines: dict[str, Line],
    across: str,
    up: str,
    title: str = "",
    subtitle: str = "",
    dots: Line | None = None,
    log: bool = False,
    span: tuple[tuple[float, float], tuple[float, float]] | None = None,
    dark: bool = False,
) -> Chart:
    """Draw up to three named curves, and points beside them; `across` and `up` are what the axes are of.

    On a logarithmic axis what is not positive has no place and leaves a gap. `span` are the ends of both axes, those of
    what is drawn where it is None. A line of one point is a dot.
    """
    colours, names = palette(dark), list(lines)
    x, y = (np.concatenate([np.asarray(line[i], float) for line in lines.values()]) for i in (0, 1))
    named = np.repeat(names, [len(line[0]) for line in lines.values()])
    rows = table(line=named, x=x, y=np.where(y > 0, y, np.nan) if log else y)
    ends: list[dict[str, Any]] = [{"domain": list(pair)} for pair in span] if span else [{"zero": False}] * 2
    whole = alt.Axis(values=_whole(*(span[0] if span else (x.min(), x.max())))) if across == "loop" else alt.Axis()
    along = alt.X("x:Q", title=across, scale=alt.Scale(nice=False, **ends[0]), axis=whole)
    tens = alt.Axis(values=_tens(*span[1]), format="~e") if log and span else alt.Axis()
    high = alt.Y("y:Q", title=up, scale=alt.Scale(type="log" if log else "linear", **ends[1]), axis=tens)
    chosen = alt.Scale(domain=names, range=[colours.accent, colours.warm, colours.cool][: len(names)])
    dashes = alt.Scale(domain=names, range=list(DASHES[: len(names)]))
    legend = alt.Legend(orient="bottom", title=None, offset=4)
    drawn = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2, point=min(len(line[0]) for line in lines.values()) == 1)
        .encode(
            x=along,
            y=high,
            color=alt.Color("line:N", scale=chosen, legend=legend),
            strokeDash=alt.StrokeDash("line:N", scale=dashes, legend=legend),
        )
    )
    layers = [drawn]
    if dots is not None:
        points = alt.Chart(table(x=np.asarray(dots[0], float), y=np.asarray(dots[1], float)))
        layers.append(points.mark_point(filled=True, size=45, opacity=1, color=colours.text).encode(x=along, y=high))
    return themed(alt.layer(*layers, width=420, height=240), title, subtitle, dark)


def _whole(low: float, high: float) -> list[int]:
    """Return some ten whole numbers between two.

    >>> _whole(1, 2), _whole(1, 64)
    ([1, 2], [8, 16, 24, 32, 40, 48, 56, 64])
    """
    step = next(each for each in (1, 2, 4, 8, 16, 32, 64, 10**9) if high - low <= 10 * each)
    first, last = int(np.ceil(low / step)), int(high // step)
    return [step * at for at in range(first, last + 1)]


def _tens(low: float, high: float) -> list[float]:
    """Return the powers of ten from one to another.

    >>> _tens(0.001, 1)
    [0.001, 0.01, 0.1, 1.0]
    """
    return [float(f"1e{power}") for power in range(round(np.log10(low)), round(np.log10(high)) + 1)]
