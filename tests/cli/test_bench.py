"""`bench`: the tables are about the checkpoints that are there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from looped.bench import BENCHES
from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import evaluate
from looped.model import Model
from looped.training.recipes import RECIPES
from tests.cli.commands import Run, refused

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("looped.bench.sudoku.LOOPS", [1, 3, 12])
    monkeypatch.setattr("looped.bench.sudoku.BOARDS", 40)
    monkeypatch.setattr("looped.bench.sudoku.RATED", 5)


@pytest.mark.usefixtures("quick")
def test_bench_measures_every_sudoku_checkpoint_as_evaluate_does(run: Run) -> None:
    result = run("bench", "sudoku", "--json")
    assert result.status == 0
    found = result.json["sudoku"]
    assert found["minimal_rated_puzzles_per_s"] > 0
    assert [score["checkpoint"] for score in found["scores"]] == ["plain", "tiny", "tiny-tmlt"]
    assert [score["loops"] for score in found["scores"]] == [[3], [1, 3, 12], [1, 3, 12]]
    for score in found["scores"]:
        checkpoint = load_checkpoint(score["checkpoint"])
        assert (score["parameters"], score["sha256"], score["n"]) == (
            checkpoint.model.parameters_count,
            checkpoint.sha256,
            40,
        )
        again = evaluate(checkpoint, loops=score["loops"], limit=40)
        assert (score["data"], score["accuracy"]) == (again["data"], again["accuracy"])


@pytest.mark.usefixtures("quick")
def test_bench_measures_nine_by_nine_on_minimal_boards_too_and_larger_models_on_fewer(
    run: Run, catalogue: Path, make_model: Callable[..., Model]
) -> None:
    for name, settings in (("nine", {"d_model": 8}), ("nine-large", {"d_model": 128, "layers": 3})):
        save_checkpoint(
            catalogue / name, make_model(vocab=10, length=81, **settings), "sudoku9", training={}, scores=[]
        )
    scores = [
        score
        for score in run("bench", "sudoku", "--json").json["sudoku"]["scores"]
        if score["checkpoint"].startswith("nine")
    ]
    assert [(score["checkpoint"], score["n"]) for score in scores] == [
        ("nine", 40),
        ("nine", 40),
        ("nine-large", 13),
        ("nine-large", 13),
    ]
    assert scores[0]["data"].startswith("generated held-out boards, 31 to 42 givens")
    assert scores[1]["data"] == "sudoku9-minimal.txt"


@pytest.mark.usefixtures("quick")
def test_bench_for_people_prints_the_table_of_the_documents(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = run("bench", "sudoku").out.splitlines()
    assert lines[0] == "| checkpoint | weights | parameters | boards | n | 1 loops | 3 loops | 12 loops |"
    assert {line.count("|") for line in lines[:5]} == {9}
    assert lines[2].startswith(f"| plain | {load_checkpoint('plain').sha256[:8]} | ")
    assert "(3 layers) | – | – |" in lines[2]
    assert lines[3].startswith("| tiny | ")
    assert re.search(r"\| 40 \| [\d.]+ % \| [\d.]+ % \| [\d.]+ % \|$", lines[3])
    assert re.search(r"^[\d,]+ minimal 9×9 puzzles made and rated per second on \d+ cores$", lines[-1])
    monkeypatch.setitem(BENCHES, "trace", lambda: {"threads": 2})
    assert run("bench", "trace").out == "trace.threads: 2\n"


def test_bench_measures_training_against_the_same_model_written_plainly(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(RECIPES["sudoku4-tmlt"], name="sudoku9-tmlt")
    monkeypatch.setitem(RECIPES, "sudoku9-tmlt", small)
    monkeypatch.setattr("looped.bench.training.compile_loop", lambda model: False)  # takes half a minute
    found = run("bench", "training", "--json").json["training"]
    assert (found["device"], found["batch"]) == (
        "cuda" if torch.cuda.is_available() else "cpu",
        1024 if torch.cuda.is_available() else 16,
    )
    assert found["times_as_many"] == pytest.approx(found["samples_per_s"] / found["plain_samples_per_s"], rel=0.05)
    # what is multiplied per second, of what can be; the two steps multiply the same
    assert 0 < found["share_of_peak"] < 1
    assert 0 < found["plain_share_of_peak"] < 1
    per_s = found["plain_share_of_peak"] * found["plain_peak_gflop_per_s"]
    assert per_s == pytest.approx(found["gflop_of_products"] * found["plain_samples_per_s"] / found["batch"], rel=0.05)
    assert found["most_times"] == pytest.approx(found["times_as_many"] / found["share_of_peak"], rel=0.1)


def test_bench_hands_the_size_of_a_class_on_and_to_no_other_benchmark(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BENCHES, "classroom", lambda **settings: settings)
    found = run("bench", "classroom", "--users", 3, "--minutes", 0.5, "--hostile", "--json").json["classroom"]
    assert found == {"users": 3, "seconds": 30, "hostile": True}
    assert run("bench", "classroom", "--json").json["classroom"] == {}
    on_replicas = run("bench", "classroom", "--serve", "--kill", "--json").json["classroom"]
    assert on_replicas == {"serve": 2, "kill": True}
    refused(run("bench", "classroom", "--kill"), "--kill needs replicas to kill; give --serve, too.")
    monkeypatch.setitem(BENCHES, "class", lambda **settings: settings)
    assert run("bench", "class", "--users", 3, "--json").json["class"] == {"users": 3}
    alone = (
        "--users is of the benchmarks classroom and class; --minutes, --hostile, --serve and --kill are of classroom"
    )
    refused(run("bench", "trace", "--users", 3), alone)
    refused(run("bench", "class", "--hostile"), alone)
