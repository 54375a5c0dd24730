"""`train`: a run stops, goes on, begins with other weights, and writes a checkpoint that is measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from looped.catalogue.checkpoints import load_checkpoint
from looped.training.recipes import RECIPES, Recipe
from tests.cli.commands import BOARD, Run, refused

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def trainable(run: Run, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same with a recipe of twelve steps, in a folder of its own."""
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    monkeypatch.setitem(RECIPES, "still", replace(recipe, name="still", stages=(replace(recipe.stages[0], lr=1e-9),)))
    monkeypatch.chdir(tmp_path)
    return run


def test_training_stops_goes_on_and_writes_a_checkpoint_that_is_measured(trainable: Run, tmp_path: Path) -> None:
    first = trainable("train", "tiny", "--minutes", 0, "--out", "mine", "--json")
    assert first.status == 0
    assert (first.json["finished"], first.json["step"], first.json["steps"]) == (False, 1, 12)
    assert "loss" in first.err  # progress goes there
    assert len(first.out.splitlines()) == 1
    second = trainable("train", "tiny", "--resume", "--out", "mine", "--json")
    assert second.status == 0
    assert (second.json["recipe"], second.json["finished"], second.json["step"]) == ("tiny", True, 12)
    folder = Path(second.json["checkpoint"])
    measured = trainable("evaluate", tmp_path / folder, "--json").json
    assert {**measured, "seconds": 0} == {**second.json["scores"][0], "seconds": 0}
    assert trainable("trace", tmp_path / folder, BOARD).status == 0


def test_training_for_people_says_where_it_stands(trainable: Run, tmp_path: Path) -> None:
    result = trainable("train", "tiny", "--minutes", 0)
    assert result.status == 0
    assert "stopped at step 1 of 12; go on with --resume" in result.out
    assert "2 loops: " in result.out
    assert (tmp_path / "runs" / "tiny" / "state.safetensors").is_file()
    assert trainable("train", "tiny", "--resume").out.startswith("finished\n")


def test_a_run_begins_with_the_weights_of_a_checkpoint_and_says_so(trainable: Run, tmp_path: Path) -> None:
    """A rate of nearly zero leaves them as they are, to the last digit that a file holds."""
    assert trainable("train", "tiny", "--out", "first").status == 0
    first = tmp_path / "first" / "tiny"
    still = trainable("train", "still", "--from", first, "--minutes", 0, "--json")
    assert trainable("train", "still", "--resume").status == 0
    begun, ended = (load_file(folder / "model.safetensors") for folder in (first, tmp_path / still.json["checkpoint"]))
    assert all(torch.equal(begun[name], ended[name]) for name in begun)
    text = (tmp_path / "runs" / "still" / "still" / "README.md").read_text("utf-8")
    sha = load_checkpoint(str(first)).sha256[:16]
    assert f"- Begun with the weights of tiny (sha256 {sha}…).\n" in text
    assert "`python -m looped train still --from tiny`" in text
    assert "Begun" not in (first / "README.md").read_text("utf-8")


def test_a_run_does_not_begin_with_what_does_not_fit(
    trainable: Run, make_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    wide = make_checkpoint(tmp_path / "wide", d_model=32, mlp=4, injection=True)
    refused(
        trainable("train", "tiny", "--from", wide),
        "tiny cannot begin with the weights of wide: the models differ in ",
        "d_model",
    )
    refused(
        trainable("train", "sudoku9-looped", "--from", wide),
        "cannot begin with the weights of wide: the models differ in the task.",
    )
    refused(trainable("train", "tiny", "--from", "nowhere"), "there is no checkpoint 'nowhere'")
    refused(trainable("train", "tiny", "--from", wide, "--resume"), "tiny cannot begin with the weights of wide")
    assert not (tmp_path / "runs" / "tiny" / "state.safetensors").exists()


def test_a_run_goes_on_from_its_checkpoint_alone(trainable: Run, tmp_path: Path) -> None:
    """The state of the run is not needed: steps, log, recipe and what it began with are in the shipped folder."""
    assert trainable("train", "tiny", "--out", "start").status == 0
    part = trainable(
        "train", "still", "--from", tmp_path / "start" / "tiny", "--minutes", 0, "--out", "part", "--json"
    ).json
    assert part["step"] == 1
    shipped = tmp_path / "part" / "still"
    (tmp_path / "part" / "state.safetensors").unlink()
    whole = trainable("train", "still", "--from", shipped, "--resume", "--out", "whole", "--json").json
    assert (whole["finished"], whole["step"]) == (True, whole["steps"])
    ended = tmp_path / "whole" / "still"
    begun, end = (load_file(folder / "model.safetensors") for folder in (shipped, ended))
    assert all(torch.equal(begun[name], end[name]) for name in begun)
    assert whole["seconds"] >= json.loads((shipped / "config.json").read_text("utf-8"))["training"]["seconds"]
    assert "- Begun with the weights of tiny (" in (ended / "README.md").read_text("utf-8")
    again = trainable("train", "still", "--from", ended, "--resume", "--out", "more", "--json").json
    assert (again["step"], (tmp_path / "more" / "still" / "log.csv").read_text("utf-8")) == (
        whole["step"],
        (ended / "log.csv").read_text("utf-8"),
    )
    refused(trainable("train", "still", "--from", ended, "--resume", "--out", "more"), "leave out --from")


def test_a_run_does_not_go_on_from_the_checkpoint_of_another(
    trainable: Run, make_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    assert trainable("train", "tiny", "--minutes", 0, "--out", "first").status == 0
    first = tmp_path / "first" / "tiny"
    refused(
        trainable("train", "still", "--from", first, "--resume"),
        "the run of tiny was made by a recipe that differs in name",
        "leave out --resume",
    )


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        {"recipe": {}},
        {"recipe": {"stages": []}},
        {"recipe": {"model": {}, "stages": [{}]}},
        {"steps": "many"},
    ],
    ids=str,
)
def test_a_run_does_not_go_on_from_a_checkpoint_that_does_not_say_how_it_was_trained(
    trainable: Run, tmp_path: Path, said: dict[str, Any] | None
) -> None:
    assert trainable("train", "tiny", "--minutes", 0, "--out", "first").status == 0
    first = tmp_path / "first" / "tiny"
    config = json.loads((first / "config.json").read_text("utf-8"))
    config["training"] = config["training"] | said if said else said
    (first / "config.json").write_text(json.dumps(config), "utf-8")
    result = trainable("train", "tiny", "--from", first, "--resume")
    broken = said is None or said in ({"recipe": {"model": {}, "stages": [{}]}}, {"steps": "many"})
    refused(result, '"training"' if broken else "tiny does not say how it was trained")  # broken: no checkpoint at all


def test_another_number_of_steps_may_be_asked_for(trainable: Run) -> None:
    result = trainable("train", "tiny", "--steps", 2, "--out", "short", "--json")
    assert (result.json["finished"], result.json["step"], result.json["steps"]) == (True, 2, 2)


@pytest.mark.parametrize("arguments", [
    ("nothing",), (), ("tiny", "--resume"), ("tiny", "--resume", "--out", "empty"), ("tiny", "--out", "file"),
    ("tiny", "--out", "file/below"), ("tiny", "--minutes", "soon"), ("tiny", "--minutes", "-1"),
    ("tiny", "--minutes", "nan"), ("tiny", "--device", "tpu"), ("tiny", "--steps", "0"), ("tiny", "--steps", "x"),
    ("tiny", "--out", "x" * 300),
], ids=lambda arguments: " ".join(arguments)[:30])  # fmt: skip
def test_training_refuses_bad_input_in_one_line(trainable: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("in the way", "utf-8")
    refused(trainable("train", *arguments))
    assert not (tmp_path / "runs").exists()


def test_training_says_what_is_wrong(trainable: Run, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(trainable("train", "nothing"), "there is no recipe 'nothing'; recipes: ", "sudoku9-tmlt")
    refused(trainable("train", "tiny", "--resume"), "nothing to resume: ")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    refused(trainable("train", "tiny", "--device", "cuda"), "PyTorch sees no GPU here")
    assert trainable("train", "tiny", "--minutes", "0").status == 0
    refused(trainable("train", "tiny"), "holds an earlier run; add --resume")
    refused(
        trainable("train", "tiny", "--resume", "--steps", 99),
        "made by a recipe that differs in stages; give another --out",
    )
    monkeypatch.setitem(RECIPES, "tiny", replace(recipe, clip=0.5))
    refused(trainable("train", "tiny", "--resume"), "made by a recipe that differs in clip")
    Path("runs/tiny/state.safetensors").write_bytes(b"cut")
    refused(trainable("train", "tiny", "--resume"), "is damaged")
