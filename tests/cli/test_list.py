"""`list` and `results`: what the catalogue holds and what was measured of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from looped.catalogue.checkpoints import load_checkpoint
from looped.training.recipes import RECIPES
from tests.cli.commands import BOARD, Run, refused

ROOT = Path(__file__).resolve().parents[2]


def test_list_shows_the_catalogue(run: Run, catalogue: Path) -> None:
    result = run("list", "--json")
    assert result.status == 0
    assert result.err == ""
    rows = result.json["checkpoints"]
    assert [row["name"] for row in rows] == ["plain", "tiny", "tiny-tmlt"]
    assert [row["architecture"] for row in rows] == ["standard", "looped", "tmlt"]
    for row in rows:
        assert row["task"] == "sudoku4"
        assert row["trained_loops"] == 3
        assert row["parameters"] == load_checkpoint(row["name"]).model.parameters_count
        assert row["sha256"] == load_checkpoint(row["name"]).sha256
    assert result.json["recipes"] == list(RECIPES)


def test_list_for_people_has_a_line_a_checkpoint(run: Run, catalogue: Path) -> None:
    info = json.loads((catalogue / "tiny" / "config.json").read_text("utf-8"))
    del info["parameters"]  # a checkpoint that somebody else made
    info["scores"] = [{"data": "x", "loops": [1, 2, 9], "accuracy": [0.25, 0.5, 1.0], "n": 4}]  # trained: 3
    (catalogue / "tiny" / "config.json").write_text(json.dumps(info), "utf-8")
    result = run("list")
    assert result.status == 0
    lines = {line.split()[0]: line for line in result.out.splitlines()}
    assert lines["tiny"].split()[1:5] == ["sudoku4", "looped", "unknown", "3"]
    assert lines["tiny"].endswith("  50.0% (15.0–85.0) after 2 loops (validation: x)")
    assert lines["plain"].endswith("not measured")
    assert "sudoku9-tmlt" in lines["recipes:"]


@pytest.mark.parametrize("change", [{"schema": 9}, {"model": "tmlt"}, {"model": {"architecture": "tmlt"}}])
def test_list_names_the_checkpoint_that_is_broken(run: Run, catalogue: Path, change: dict[str, Any]) -> None:
    info = json.loads((catalogue / "tiny" / "config.json").read_text("utf-8"))
    (catalogue / "tiny" / "config.json").write_text(json.dumps(info | change), "utf-8")
    result = run("list")  # the others are listed, and one line says what is wrong with this one
    assert result.status == 0
    assert str(catalogue / "tiny" / "config.json") in result.err
    assert len(result.err.splitlines()) == 1
    assert "tiny " not in result.out
    assert "plain" in result.out


def test_list_counts_the_passes_of_a_plain_transformer_as_layers(run: Run, catalogue: Path) -> None:
    file = catalogue / "plain" / "config.json"
    scores = [{"data": "x, y", "loops": [3], "accuracy": [0.25], "n": 4}]
    scores.append({"data": "z", "loops": [3], "error": [0.5], "n": 4})
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"scores": scores}), "utf-8")
    (line,) = [line for line in run("list").out.splitlines() if line.startswith("plain ")]
    assert line.endswith("3 layers  25.0% (4.6–69.9) after 3 layers (validation: x)")


def test_results_of_checkpoints_that_were_never_measured_say_so(run: Run, catalogue: Path) -> None:
    result = run("results")
    assert result.status == 0
    assert "| tiny-tmlt | tmlt | " in result.out
    assert "| 3 layers | not recorded | " in result.out
    assert "python -m looped evaluate" not in result.out
    assert run("results", "--json").json == {"scores": {"plain": [], "tiny": [], "tiny-tmlt": []}}


def test_results_show_every_score_with_its_command(run: Run, catalogue: Path) -> None:
    scores = [
        {
            "data": "generated held-out boards",
            "n": 1000,
            "loops": [1, 2],
            "accuracy": [0.25, 0.5],
            "distinct": 990,
            "classes": 200,
            "near": {"words": "boards of training", "n": 900},
            "apart": {"n": 100, "accuracy": [0.2, 0.4]},
        },
        {"data": "a.txt", "file": "assets/a.txt", "n": 7, "loops": [9], "accuracy": [1.0], "chosen": True},
        {"data": "generated held-out sines", "n": 5, "loops": [1, 2], "error": [0.5, 0.0625]},
        {
            "data": "new boards",
            "set": "test",
            "n": 100,
            "loops": [2],
            "accuracy": [0.5],
            "like_validation": 30,
            "with_tries": {
                "tries": 4,
                "accuracy": [0.75],
                "interval": [[0.66, 0.82]],
                "runs": [250],
                "loops_run": [500],
            },
        },
    ]
    for name in ("tiny", "tiny-tmlt"):
        file = catalogue / name / "config.json"
        file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"scores": scores}), "utf-8")
    lines = run("results").out.splitlines()
    start = lines.index(
        "Validation, on 1,000 generated held-out boards (990 different, of 200 classes under symmetries):"
    )
    apart = "20.0 % (13.3–28.9), 40.0 % (30.9–49.8)"
    assert lines[start + 2 : start + 8] == [
        "| command | 1 loops | 2 loops |",
        "|---|---|---|",
        "| `python -m looped evaluate tiny` | 25.0 % (22.4–27.8) | 50.0 % (46.9–53.1) |",
        "| `python -m looped evaluate tiny-tmlt` | 25.0 % (22.4–27.8) | 50.0 % (46.9–53.1) |",
        "",
        f"- tiny, tiny-tmlt: 900 of the 1,000 are boards of training; on the other 100: {apart}.",
    ]
    assert "Validation, on 7 boards of [a.txt](../a.txt):" in lines
    assert "| `python -m looped evaluate tiny --data assets/a.txt --loops 9` | 100.0 % (64.6–100.0) |" in lines
    (title,) = {line for line in lines if line.startswith("Test, on 100 new boards (30 like one of validation); what")}
    start = lines.index(title)
    assert lines[start + 2] == "| command | loops | one run | up to 4 runs | runs | loops run |"
    shares = "50.0 % (40.4–59.6) | 75.0 % (65.7–82.5)"
    assert lines[start + 4] == f"| `python -m looped evaluate tiny --test --tries 4` | 2 | {shares} | 250 | 500 |"
    assert "| `python -m looped evaluate tiny` | 0.5 | 0.0625 |" in lines


def test_every_command_knows_the_checkpoints_of_the_folder_that_is_named(
    run: Run, catalogue: Path, tmp_path: Path, make_checkpoint: Callable[..., Path]
) -> None:
    shelf = tmp_path / "shelf"
    make_checkpoint(shelf / "mine", seed=7)
    rows = run("list", "--checkpoints", shelf, "--json").json["checkpoints"]
    assert [row["name"] for row in rows] == ["mine"]
    assert list(run("results", "--checkpoints", shelf, "--json").json["scores"]) == ["mine"]
    traced = run("trace", "mine", BOARD, "--loops", 1, "--checkpoints", shelf, "--json").json
    assert traced["sha256"] == rows[0]["sha256"]
    assert run("evaluate", "mine", "--loops", 1, "--limit", 2, "--checkpoints", shelf).status == 0
    out = tmp_path / "mine.html"
    assert run("export", "mine", BOARD, "--loops", 1, "--html", out, "--checkpoints", shelf).status == 0
    refused(run("trace", "mine", BOARD), "there is no checkpoint 'mine'")  # without it the others are known again
    refused(run("list", "--checkpoints", tmp_path / "nowhere"), "is no folder")
