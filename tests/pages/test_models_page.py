"""The Models page without a browser: every checkpoint's card, scores and learning curve, as they are on disk."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from looped.catalogue import checkpoints
from looped.serving.engine import Engine

Open = Callable[..., Any]


def charts(here: Any, *keys: str) -> list[list[dict[str, Any]]]:
    """The rows of every chart that have one of these, from the Arrow tables that are sent to the browser."""
    return [
        [
            row
            for data in chart.proto.datasets
            for row in pyarrow.ipc.open_stream(data.data.data).read_all().to_pylist()
            if row.keys() & set(keys)
        ]
        for chart in here.app.get("vega_lite_chart")
    ]


@pytest.mark.parametrize("name", checkpoints.names() or ["(the catalogue is empty)"])
def test_every_checkpoint_shows_its_card_and_its_charts(visit: Open, name: str) -> None:
    """The card is README.md as it is; the first chart holds every score of config.json (of a standard transformer there is one, and no
    chart), the others every value of log.csv and where a stage began."""
    folder = checkpoints.CATALOGUE / name
    here = visit().open("models")
    here.app.selectbox(key="model").select(name)
    here.run()
    assert [text.value for text in here.app.markdown] == [(folder / "README.md").read_text("utf-8").strip()]
    info = json.loads((folder / "config.json").read_text("utf-8"))
    scores, training = info["scores"], info["training"]
    assert scores, "the checkpoint was never measured"
    *right, learned, lost = charts(here, "right", "loss")
    plain = info["model"]["architecture"] == "standard"
    wanted = {
        (score["data"], loops, share)
        for score in scores
        for loops, share in zip(score["loops"], score["accuracy"], strict=True)
    }
    assert [{(row["data"], row["loops"], row["right"]) for row in rows} for rows in right] == (
        [] if plain else [wanted]
    )
    with (folder / "log.csv").open(encoding="utf-8", newline="") as file:
        log = list(csv.DictReader(file))
    held_out = {
        (int(row["step"]), f"{key.removeprefix('held_out_')} {'layers' if plain else 'loops'}", float(value))
        for row in log
        for key, value in row.items()
        if key.startswith("held_out_") and value
    }
    assert held_out
    assert {(row["step"], row["loops"], row["right"]) for row in learned} == held_out
    assert [(row["step"], row["loss"]) for row in lost] == [(int(row["step"]), float(row["loss"])) for row in log]
    ends = [
        sum(stage["steps"] for stage in training["recipe"]["stages"][: number + 1])
        for number in range(len(training["recipe"]["stages"]))
    ]
    begun = [end for end in ends if end < training["steps"]]
    *_, learning, losing = charts(here, "label")
    assert [[row["step"] for row in rows] for rows in (learning, losing)] == [begun, begun]
    (caption,) = here.app.caption
    assert "not those of the tables" in caption.value
    assert ("Dashed" in caption.value) == bool(begun)


def test_checkpoints_are_offered_and_the_choice_is_shown(visit: Open) -> None:
    """The list is the catalogue; choosing another one changes the card."""
    here = visit().open("models")
    box = here.app.selectbox(key="model")
    assert box.options == checkpoints.names()
    assert box.value == checkpoints.names()[0]
    last = checkpoints.names()[-1]
    box.select(last)
    here.run()
    assert here.app.markdown[0].value == (checkpoints.CATALOGUE / last / "README.md").read_text("utf-8").strip()


def test_no_checkpoint_is_said_in_a_sentence(visit: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A clone without checkpoints shows how to make one, not a traceback."""
    empty = Engine(tmp_path)
    monkeypatch.setattr("looped.ui.models.engine", lambda: empty)
    here = visit().open("models")
    assert "python -m looped train" in here.app.info[0].value
    assert not here.app.selectbox


def test_checkpoint_without_scores_or_log_still_has_its_card(
    visit: Open, monkeypatch: pytest.MonkeyPatch, small: Engine
) -> None:
    """Somebody's own checkpoint, never measured: the card alone, and no empty chart."""
    (small.catalogue / "sudoku4-looped" / "README.md").write_text("# my own", "utf-8")
    monkeypatch.setattr("looped.ui.models.engine", lambda: small)
    here = visit().open("models")
    assert here.app.markdown[0].value == "# my own"
    assert charts(here, "right", "loss", "label") == []


@pytest.mark.parametrize(
    "training", [{}, {"steps": 7}, {"recipe": {}}, {"recipe": {"stages": []}, "steps": 7}], ids=str
)
def test_a_learning_curve_needs_no_recipe(
    visit: Open,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    make_checkpoint: Callable[..., Path],
    training: dict[str, Any],
) -> None:
    """A log that somebody else's training wrote is drawn, although nothing is known of its stages."""
    folder = make_checkpoint(tmp_path / "sudoku4-mine")
    info = json.loads((folder / "config.json").read_text("utf-8")) | {"training": training}
    (folder / "config.json").write_text(json.dumps(info), "utf-8")
    (folder / "README.md").write_text("# mine", "utf-8")
    (folder / "log.csv").write_text("step,loss,held_out_4\n1,2.0,0.5\n", "utf-8")
    monkeypatch.setattr("looped.ui.models.engine", lambda: Engine(tmp_path))
    here = visit().open("models")
    assert charts(here, "right", "loss") == [
        [{"step": 1, "loops": "4 loops", "right": 0.5}],
        [{"step": 1, "loss": 2.0}],
    ]
    assert not here.app.caption
