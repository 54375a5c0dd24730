"""Curves of a checkpoint: scores by number of loops, and the training log. Plain data in, Altair chart out."""

from __future__ import annotations

import csv
import io
from typing import Any

import altair as alt


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def accuracy_by_loops(scores: list[dict[str, Any]], trained_loops: int, things: str = "whole boards") -> alt.LayerChart:
    """Share of whole answers right against the number of loops, one line a data set; the trained loops are marked. `things` are what is right."""
    rows = [
        {"loops": loops, "right": share, "data": score["data"]}
        for score in scores
        for loops, share in zip(score["loops"], score["accuracy"], strict=True)
    ]
    line = (
        alt.Chart(_data(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X(
                "loops:Q",
                scale=alt.Scale(type="log", base=2),
                axis=alt.Axis(values=sorted({row["loops"] for row in rows})),
                title="loops",
            ),
            y=alt.Y("right:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"), title=f"{things} right"),
            color=alt.Color(
                "data:N",
                legend=alt.Legend(
                    orient="bottom", title=None, columns=1, labelLimit=600, labelExpr="split(datum.label, ',')[0]"
                ),
            ),
            tooltip=["data:N", "loops:Q", alt.Tooltip("right:Q", format=".1%")],
        )
    )
    rule = (
        alt.Chart(_data([{"loops": trained_loops, "label": "trained"}]))
        .mark_rule(strokeDash=[4, 4])
        .encode(x="loops:Q", tooltip="label:N")
    )
    chart: alt.LayerChart = (line + rule).properties(height=280)
    return chart


def learning_curve(
    log: str, stages: list[int] | None = None, things: str = "boards", passes: str = "loops"
) -> alt.LayerChart:
    """The log of a training run (CSV text): held-out boards, or what `things` the task has, right, by number of loops, against steps.
    `passes` is "layers" for a standard transformer.

    `stages` are the steps at which later stages of the recipe began: from there on what is held out is other, too.
    """
    rows = [
        {"step": int(row["step"]), "loops": f"{key.removeprefix('held_out_')} {passes}", "right": float(value)}
        for row in csv.DictReader(io.StringIO(log))
        for key, value in row.items()
        if key.startswith("held_out_") and value
    ]
    line = (
        alt.Chart(_data(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("step:Q", axis=alt.Axis(tickCount=6), title="training step"),
            y=alt.Y(
                "right:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"), title=f"held-out {things} right"
            ),
            color=alt.Color("loops:N", sort=None, legend=alt.Legend(orient="bottom", title=None)),
            strokeDash=alt.StrokeDash("loops:N", sort=None),
            tooltip=["step:Q", "loops:N", alt.Tooltip("right:Q", format=".1%")],
        )
    )
    chart: alt.LayerChart = (line + _begun(stages)).properties(height=280)
    return chart


def loss_curve(log: str, stages: list[int] | None = None) -> alt.LayerChart:
    """The log of a training run (CSV text): the running mean of the loss, nats per asked position over all loops, against steps."""
    rows = [
        {"step": int(row["step"]), "loss": float(row["loss"])}
        for row in csv.DictReader(io.StringIO(log))
        if row.get("loss")
    ]
    line = (
        alt.Chart(_data(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("step:Q", axis=alt.Axis(tickCount=6), title="training step"),
            y=alt.Y("loss:Q", title="loss"),
            tooltip=["step:Q", alt.Tooltip("loss:Q", format=".3f")],
        )
    )
    chart: alt.LayerChart = (line + _begun(stages)).properties(height=180)
    return chart


def _begun(stages: list[int] | None) -> alt.Chart:
    rows = [{"step": step, "label": f"stage {number} begins"} for number, step in enumerate(stages or [], 2)]
    chart: alt.Chart = alt.Chart(_data(rows)).mark_rule(strokeDash=[4, 4]).encode(x="step:Q", tooltip="label:N")
    return chart
