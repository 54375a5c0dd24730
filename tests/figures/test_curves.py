"""The curves of a checkpoint: the numbers that are drawn are the numbers that were measured."""

from __future__ import annotations

from typing import Any

import pytest

from looped.figures.curves import accuracy_by_loops, learning_curve, loss_curve

SCORES = [
    {"data": "held-out boards", "loops": [4, 8, 16], "accuracy": [0.2, 0.9, 0.95], "n": 1000},
    {"data": "hard.csv", "loops": [8, 16], "accuracy": [0.1, 0.3], "n": 50},
]
LOG = "step,seconds,loss,asked,held_out_4,held_out_8\n500,10.5,1.2,0.4,0.0,0.005\n1000,21.0,0.8,0.7,0.25,0.5\n"


def rows(chart: dict[str, Any], layer: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The data that a chart, or one of its layers, draws; Altair keeps them apart under a name."""
    return chart["datasets"][(layer or chart)["data"]["name"]]


def test_every_score_is_a_point_of_the_line_of_its_data() -> None:
    chart = accuracy_by_loops(SCORES, 8).to_dict()
    line, rule = chart["layer"]
    assert [(row["data"], row["loops"], row["right"]) for row in rows(chart, line)] == [
        ("held-out boards", 4, 0.2),
        ("held-out boards", 8, 0.9),
        ("held-out boards", 16, 0.95),
        ("hard.csv", 8, 0.1),
        ("hard.csv", 16, 0.3),
    ]
    encoding = line["encoding"]
    assert (encoding["x"]["field"], encoding["y"]["field"], encoding["color"]["field"]) == ("loops", "right", "data")
    assert encoding["y"]["scale"]["domain"] == [0, 1]
    assert encoding["x"]["scale"]["type"] == "log"
    assert rule["mark"]["type"] == "rule"
    assert [row["loops"] for row in rows(chart, rule)] == [8]


def test_scores_of_unequal_lengths_are_not_drawn() -> None:
    with pytest.raises(ValueError, match="argument"):
        accuracy_by_loops([{"data": "x", "loops": [4, 8], "accuracy": [0.5]}], 8)


def test_the_learning_curve_holds_every_measurement_of_the_log() -> None:
    chart = learning_curve(LOG, [750]).to_dict()
    line, begun = chart["layer"]
    assert rows(chart, line) == [
        {"step": 500, "loops": "4 loops", "right": 0.0},
        {"step": 500, "loops": "8 loops", "right": 0.005},
        {"step": 1000, "loops": "4 loops", "right": 0.25},
        {"step": 1000, "loops": "8 loops", "right": 0.5},
    ]
    encoding = line["encoding"]
    assert (encoding["x"]["field"], encoding["y"]["field"], encoding["color"]["field"]) == ("step", "right", "loops")
    assert encoding["strokeDash"]["field"] == "loops"  # not by colour alone
    assert rows(chart, begun) == [{"step": 750, "label": "stage 2 begins"}]


def test_a_standard_transformer_was_measured_after_layers() -> None:
    chart = learning_curve(LOG, passes="layers").to_dict()
    assert {row["loops"] for row in rows(chart, chart["layer"][0])} == {"4 layers", "8 layers"}


def test_a_stage_that_is_measured_after_other_loops_leaves_gaps() -> None:
    log = "step,loss,held_out_4,held_out_8,held_out_16\n500,1.2,0.1,0.2,\n1000,0.8,,0.3,0.4\n"
    chart = learning_curve(log).to_dict()
    assert [(row["step"], row["loops"]) for row in rows(chart, chart["layer"][0])] == [
        (500, "4 loops"),
        (500, "8 loops"),
        (1000, "8 loops"),
        (1000, "16 loops"),
    ]


def test_the_loss_curve_holds_every_loss_of_the_log() -> None:
    chart = loss_curve(LOG).to_dict()
    assert rows(chart, chart["layer"][0]) == [{"step": 500, "loss": 1.2}, {"step": 1000, "loss": 0.8}]
    assert chart["layer"][0]["encoding"]["y"]["field"] == "loss"


def test_nothing_measured_yet_is_an_empty_chart() -> None:
    chart = learning_curve("step\n").to_dict()
    assert rows(chart, chart["layer"][0]) == []
    chart = accuracy_by_loops([], 8).to_dict()
    assert rows(chart, chart["layer"][0]) == []


def test_axes_name_what_is_right() -> None:
    titles = {
        things: (
            accuracy_by_loops(SCORES, 8, **({"things": things} if things else {})).to_dict()["layer"][0]["encoding"][
                "y"
            ]["title"],
            learning_curve(LOG, **({"things": things} if things else {})).to_dict()["layer"][0]["encoding"]["y"][
                "title"
            ],
        )
        for things in ("", "pairs of words")
    }
    assert titles == {
        "": ("whole boards right", "held-out boards right"),
        "pairs of words": ("pairs of words right", "held-out pairs of words right"),
    }
