"""Interactive curves of checkpoints: scores by number of loops, and how a training run went. Plotly figures.

The ground and the colour of text are left to the page that shows a figure. The colours of lines have a contrast of at
least 3 : 1 on a white and on a black ground, so that one figure serves the light and the dark look. Nothing is said by
colour alone: hovering names every point, lines that are measured on different data or loops have different dashes.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

Figure = Any  # of Plotly, whose classes have no types

DASHES = (
    "solid",
    "dash",
    "dot",
    "dashdot",
    "longdash",
    "longdashdot",
    "2px,6px",
    "12px,3px,3px,3px,3px,3px",
    "8px,8px",
)
COLOURS = ("#3b82d0", "#d9632a", "#1f9482", "#b05fc4", "#c0504d", "#7f8a2f")
GREY = "#808080"  # marks that only help to read
ROW = 20  # pixels of a line of the legend
ENDS = " (95 %: %{customdata[0]:.1%} to %{customdata[1]:.1%})"  # of an interval, in the text of a point


class Scored(NamedTuple):
    """What was measured of one checkpoint."""

    name: str
    scores: Sequence[dict[str, Any]]  # results of `evaluate`: data, loops, and accuracy or error
    passes: str = "loops"  # "layers" for a model whose layers are applied once each


def accuracy_by_loops(checkpoints: Sequence[Scored], chosen: str, trained_loops: int | None, things: str) -> Figure:
    """Draw scores of several checkpoints of one task by number of loops, one line a checkpoint and data set.

    Checkpoints have colours and data sets dashes; where there is one checkpoint, its data sets have colours, too. Where
    there are more checkpoints than colours, those that share one have dashes of their own.
    The line of the checkpoint called `chosen` is thick; `trained_loops` marks how many loops its training used.
    Accuracies have their 95 % intervals. What up to K runs of each input reach is a line of its own, with open marks.
    `things` are what the task has right or wrong ("boards"). Scores are accuracies, or errors where no score has one.
    """
    metric = "accuracy" if any("accuracy" in score for one in checkpoints for score in one.scores) else "error"
    sources = list(dict.fromkeys(score["data"] for one in checkpoints for score in one.scores if metric in score))
    words = told_apart(sources)
    figure = go.Figure()
    counts: set[int] = set()
    for number, one in enumerate(checkpoints):
        for score in one.scores:
            if metric in score:
                source = sources.index(score["data"])
                coloured = number if len(checkpoints) > 1 else source
                before = len(sources) * (number // len(COLOURS))  # dashes of checkpoints that have the same colour
                dash = DASHES[(before + source) % len(DASHES)]
                line = {"color": COLOURS[coloured % len(COLOURS)], "dash": dash}
                name = f"{one.name}, {words[source]}" + (", test" if score.get("set") == "test" else "")
                figure.add_trace(_score_line(one, score, metric, line, one.name == chosen, name))
                if "with_tries" in score:
                    figure.add_trace(_tries_line(one, score, line, one.name == chosen, name))
                counts.update(score["loops"])
    if trained_loops is not None and counts:
        _upright(figure, trained_loops, math.log10(trained_loops), "trained")
    if metric == "accuracy":
        figure.update_yaxes(range=[-0.02, 1.02], tickformat=".0%", title_text=f"{things} right")
    else:
        figure.update_yaxes(type="log", dtick="D2", title_text=f"error of {things}")
    figure.update_xaxes(type="log", tickvals=sorted(counts), title_text="loops")
    return _laid_out(figure, 220, len(figure.data))


def told_apart(sources: Sequence[str]) -> list[str]:
    """Return for each data set its parts, separated by commas, that not every other one like it has.

    Data sets are like each other if they begin with the same part; one that is like no other, or differs from those in
    nothing but its seed (of validation and of test), is called by that part.

    >>> told_apart(["prompts, 20 examples, seed 1", "prompts, 5 examples, seed 1", "hard.csv"])
    ['20 examples', '5 examples', 'hard.csv']
    >>> told_apart(["boards, 5 givens, seed 1", "boards, 5 givens, seed 2"])
    ['boards', 'boards']
    """
    split = [source.split(", ") for source in sources]
    words = []
    for parts in split:
        like = [other for other in split if other[0] == parts[0]]
        own = [part for part in parts if not all(part in other for other in like) and not part.startswith("seed ")]
        words.append(", ".join(own) or parts[0])
    return words


def _score_line(
    one: Scored, score: dict[str, Any], metric: str, line: dict[str, str], chosen: bool, name: str
) -> Figure:
    """Return the line of one score. Raises ValueError when it has not a value for every number of loops."""
    loops, values = list(score["loops"]), list(score[metric])
    if len(loops) != len(values):
        raise ValueError(f"a score of {one.name} has {len(values)} values for {len(loops)} numbers of loops.")
    test = score.get("set") == "test"
    ends = score.get("interval") if metric == "accuracy" else None
    value = "%{y:.1%}" if metric == "accuracy" else "error %{y:.3g}"
    symbol = "star" if test else "diamond" if one.passes == "layers" else "circle"
    return go.Scatter(
        name=name + (", one run" if "with_tries" in score else ""),
        x=loops,
        y=values,
        error_y=_interval(values, ends),
        customdata=ends,
        mode="lines+markers",
        line=line | {"width": 4 if chosen else 1.5},
        marker={"size": 10 if chosen else 6, "symbol": symbol},
        hovertemplate=f"{one.name}<br>{value}{ENDS if ends else ''} after %{{x}} {one.passes}<br>"
        f"{score['data']}, {'test' if test else 'validation'}<extra></extra>",
    )


def _tries_line(one: Scored, score: dict[str, Any], line: dict[str, str], chosen: bool, name: str) -> Figure:
    """Return the line of what several runs of each input reach, whose hover says what they cost."""
    again = score["with_tries"]
    told = zip(again["interval"], again["runs"], again["loops_run"], strict=True)
    runs = f"up to {again['tries']} runs"
    return go.Scatter(
        name=f"{name}, {runs}",
        x=list(score["loops"]),
        y=list(again["accuracy"]),
        error_y=_interval(again["accuracy"], again["interval"]),
        customdata=[[*ends, runs, loops] for ends, runs, loops in told],
        mode="lines+markers",
        line=line | {"width": 1.5},
        marker={"size": 10 if chosen else 6, "symbol": "circle-open"},
        hovertemplate=f"{one.name}, {runs}<br>%{{y:.1%}}{ENDS} after %{{x}} loops<br>%{{customdata[2]:,}} runs of "
        f"%{{customdata[3]:,}} loops in all<br>{score['data']}<extra></extra>",
    )


def _interval(shares: Sequence[float], ends: Sequence[Sequence[float]] | None) -> dict[str, Any] | None:
    """Return the bars of the 95 % intervals of shares; None where none were measured."""
    if ends is None:
        return None
    pairs = list(zip(shares, ends, strict=True))
    above, below = [high - share for share, (_, high) in pairs], [share - low for share, (low, _) in pairs]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 1, "width": 3}


def learning_curve(log: str, stages: Sequence[int] = (), things: str = "inputs", passes: str = "loops") -> Figure:
    """Draw the share of held-out inputs right against training steps, one line a number of loops.

    `log` is the CSV text of a training run; an empty field is a gap. `passes` is "layers" for a model whose layers are
    applied once each. `stages` are the steps at which later stages of the recipe began: what is held out changes there.
    """
    lines: dict[str, tuple[list[int], list[float]]] = {}
    for row in _rows(log):
        for key, value in row.items():
            if key.startswith("held_out_") and value:
                steps, shares = lines.setdefault(f"{key.removeprefix('held_out_')} {passes}", ([], []))
                steps.append(int(row["step"]))
                shares.append(float(value))
    figure = go.Figure()
    for number, (name, (steps, shares)) in enumerate(lines.items()):
        hover = f"step %{{x:,}}<br>%{{y:.1%}} right after {name}<extra></extra>"
        line = {"color": COLOURS[number % len(COLOURS)], "dash": DASHES[number % len(DASHES)]}
        figure.add_trace(go.Scatter(name=name, x=steps, y=shares, mode=_drawn(steps), line=line, hovertemplate=hover))
    figure.update_yaxes(range=[-0.02, 1.02], tickformat=".0%", title_text=f"held-out {things} right")
    return _over_steps(figure, stages, 220)


def loss_curve(log: str, stages: Sequence[int] = ()) -> Figure:
    """Draw the running mean of the loss (nats per asked position, over all loops) against training steps."""
    rows = [row for row in _rows(log) if row.get("loss")]
    steps, losses = [int(row["step"]) for row in rows], [float(row["loss"]) for row in rows]
    hover = "step %{x:,}<br>loss %{y:.3f}<extra></extra>"
    line = {"color": COLOURS[0]}
    figure = go.Figure(go.Scatter(name="loss", x=steps, y=losses, mode=_drawn(steps), line=line, hovertemplate=hover))
    figure.update_yaxes(title_text="loss", rangemode="tozero")
    return _over_steps(figure, stages, 140)


def _drawn(steps: Sequence[int]) -> str:
    """Return how a curve is drawn: of one point there is no line."""
    return "lines" if len(steps) > 1 else "markers"


def _rows(log: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(log)))


def _over_steps(figure: Figure, stages: Sequence[int], height: int) -> Figure:
    """Give a figure the axis of training steps, with a dashed line where each later stage began."""
    for number, step in enumerate(stages, 2):
        _upright(figure, step, step, f"stage {number}")
    figure.update_xaxes(title_text="training step", tickformat=",")
    return _laid_out(figure, height, 1 if len(figure.data) > 1 else 0)


def _upright(figure: Figure, x: float, label_x: float, label: str) -> None:
    """Draw a dashed line at `x` with a label above it. On a logarithmic axis labels are placed by the logarithm."""
    line = {"width": 1, "dash": "dash", "color": GREY}
    figure.add_shape(type="line", x0=x, x1=x, yref="paper", y0=0, y1=1, line=line)
    figure.add_annotation(
        x=label_x, yref="paper", y=1, yanchor="bottom", text=label, showarrow=False, font={"color": GREY}
    )


def _laid_out(figure: Figure, height: int, rows: int) -> Figure:
    """Give a figure a drawing `height` pixels high, and below its axis a legend of so many rows."""
    below = 56 + ROW * rows
    return figure.update_layout(
        height=height + 30 + below,
        margin={"l": 10, "r": 10, "t": 30, "b": below},
        legend={
            "orientation": "h",
            "x": 0,
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "title": {"text": ""},
            "maxheight": below,  # without it, half of the figure, and the rest is scrolled
        },
        showlegend=rows > 0,
        hovermode="closest",
    )
