"""`convert`: weights that torch.save wrote become a checkpoint, and whatever does not fit is named."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from looped.catalogue import convert as module
from looped.catalogue.checkpoints import load_checkpoint
from tests.cli.commands import Run, refused


def state() -> dict[str, torch.Tensor]:
    """The weights of the checkpoint called tiny."""
    return dict(load_checkpoint("tiny").model.state_dict())


@pytest.mark.parametrize(
    "saved",
    [
        lambda weights: weights,
        lambda weights: {"state_dict": weights, "epoch": 3},
        lambda weights: {"model": {f"module._orig_mod.{key}": value for key, value in weights.items()}},
        lambda weights: {key: value.double() for key, value in weights.items()},
    ],
    ids=["plain", "beside other things", "wrapped", "float64"],
)
def test_a_converted_checkpoint_computes_what_the_first_did(run: Run, tmp_path: Path, saved: Any) -> None:
    torch.save(saved(state()), tmp_path / "weights.pt")
    out = tmp_path / "mine"
    result = run("convert", tmp_path / "weights.pt", "--like", "tiny", "--out", out, "--json")
    assert (result.status, result.err) == (0, "")
    one, other = load_checkpoint("tiny"), load_checkpoint(str(out))
    assert result.json == {"checkpoint": str(out), "parameters": one.model.parameters_count}
    assert (other.task.name, other.config, other.name) == (one.task.name, one.config, "mine")
    assert all(torch.equal(value, state()[key]) for key, value in other.model.state_dict().items())
    assert run("evaluate", out, "--limit", 2, "--loops", 1).status == 0
    refused(run("convert", tmp_path / "weights.pt", "--like", "tiny", "--out", out), "holds a checkpoint already")


def test_a_config_of_ones_own_is_a_pattern(run: Run, catalogue: Path, tmp_path: Path) -> None:
    info = json.loads((catalogue / "tiny" / "config.json").read_text("utf-8"))
    (tmp_path / "like.json").write_text(json.dumps({"task": info["task"], "model": info["model"]}), "utf-8")
    torch.save(state(), tmp_path / "weights.pt")
    out = tmp_path / "mine"
    assert run("convert", tmp_path / "weights.pt", "--like", tmp_path / "like.json", "--out", out).status == 0
    assert load_checkpoint(str(out)).config == load_checkpoint("tiny").config


def test_every_key_and_shape_that_does_not_fit_is_named(run: Run, tmp_path: Path) -> None:
    weights = state()
    first, second, *_ = [key for key, value in weights.items() if value.dim() > 1]
    shape = tuple(weights.pop(first).shape)
    was = tuple(weights[second].shape)
    weights[second] = torch.zeros(3, 5)
    weights["more"] = torch.zeros(2)
    torch.save(weights, tmp_path / "weights.pt")
    result = run("convert", tmp_path / "weights.pt", "--like", "tiny", "--out", tmp_path / "mine")
    refused(result, f"{first} is missing {shape}", f"{second} is (3, 5), not {was}", "more is left over (2,)")
    assert not (tmp_path / "mine").exists()


class Evil:
    """Runs a command where somebody unpickles it without care."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("evil was here",)


HOSTILE = {
    "code in it": (lambda: {"a": Evil()}, "without running code"),
    "no weights": (lambda: [1, 2], "holds no weights by name"),
    "no tensors": (lambda: {"a": 5}, "holds what is no tensor at a"),
    "a number for a name": (lambda: {5: torch.zeros(1)}, "holds what is no tensor at 5"),
    "a view of 10⁹ numbers": (lambda: {"a": torch.zeros(1).expand(10**9)}, "a is left over (1000000000,)"),
    "no number": (lambda: {key: value * float("nan") for key, value in state().items()}, "holds what is no number"),
    "whole numbers": (lambda: {key: value.to(torch.int64) for key, value in state().items()}, "is of type int64"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    make, says = HOSTILE[name]
    monkeypatch.chdir(tmp_path)
    torch.save(make(), "weights.pt")
    refused(run("convert", "weights.pt", "--like", "tiny", "--out", "mine"), says)
    assert [file.name for file in tmp_path.iterdir() if file.name != "catalogue"] == ["weights.pt"]


def test_what_is_no_such_file_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 10_000)
    out = tmp_path / "mine"
    for name, data, says in [
        ("text", b"hello", "without running code"),
        ("long", b"x" * 10_001, "at most 10,000 are read"),
    ]:
        (tmp_path / name).write_bytes(data)
        refused(run("convert", tmp_path / name, "--like", "tiny", "--out", out), says)
    refused(run("convert", tmp_path / "nowhere", "--like", "tiny", "--out", out), "it is no file")
    refused(run("convert", tmp_path, "--like", "tiny", "--out", out), "it is no file")
    refused(run("convert", tmp_path / "text", "--like", "nobody", "--out", out), "there is no checkpoint 'nobody'")
    (tmp_path / "list.json").write_text("[1]", "utf-8")
    refused(run("convert", tmp_path / "text", "--like", tmp_path / "list.json", "--out", out), 'has no "task" and')
