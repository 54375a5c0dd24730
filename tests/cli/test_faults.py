"""What goes wrong around a command: a full disk, two runs in one folder, rubbish that was typed. One sentence each."""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.places import whole, write_whole
from looped.training.recipes import RECIPES, Recipe
from looped.training.run import alone
from tests.cli.commands import BOARD, Make, Run, refused


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """No file can grow beyond so many bytes: writing more fails as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder and a digest of it; locks hold nothing."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != ".lock"]
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_a_trace_that_does_not_fit_leaves_the_file_of_before(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "trace.npz"
    assert run("trace", "tiny", BOARD, "--loops", 2, "--out", out).status == 0
    before = contents(tmp_path)
    with full_disk(5000):
        result = run("trace", "tiny", BOARD, "--loops", 9, "--out", out)
    refused(result, f"{out} cannot be written: File too large.")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("way", ["--html", "--gif", "--out"])
def test_an_export_that_does_not_fit_leaves_nothing_half(run: Run, tmp_path: Path, way: str) -> None:
    where = tmp_path / "exports"
    where.mkdir()
    with full_disk(2000):
        result = run("export", "tiny", BOARD, "--loops", 2, way, where / "mine")
    assert result.status == 2
    assert result.err.splitlines()[-1].startswith(f"looped: {where / 'mine'} cannot be written: File too large")
    assert list(where.iterdir()) == []


def test_training_on_a_full_disk_says_so_and_goes_on_from_what_was_saved(
    run: Run, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    assert run("train", "tiny", "--minutes", 0, "--out", tmp_path / "run").status == 0
    before = contents(tmp_path)
    with full_disk(4000):
        result = run("train", "tiny", "--resume", "--out", tmp_path / "run")
    assert result.status == 2
    said = result.err.splitlines()[-1]
    assert said.startswith(f"looped: {tmp_path / 'run' / 'state.safetensors'}: ")
    assert "File too large" in said
    assert contents(tmp_path) == before  # the state and the checkpoint of before, and no part of another
    assert run("train", "tiny", "--resume", "--out", tmp_path / "run").status == 0


def test_a_checkpoint_that_does_not_fit_leaves_the_one_of_before(tmp_path: Path, make_model: Make) -> None:
    folder = tmp_path / "mine"
    save_checkpoint(folder, make_model(), "sudoku4", {}, [])
    before = contents(folder)
    with full_disk(3000), pytest.raises(OSError, match="File too large"):
        save_checkpoint(folder, make_model(seed=1, d_model=32), "sudoku4", {}, [])
    assert contents(folder) == before
    load_checkpoint(str(folder))


def test_training_that_is_killed_while_it_saves_goes_on_from_the_save_of_before(
    run: Run, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    folder = tmp_path / "run"
    program = f"""
import os, signal
from pathlib import Path
import torch
from looped.model import Config
from looped.training import run
from looped.training.recipes.form import Recipe, Stage
saves, save_file = [], run.save_file
def save(tensors, part, meta):
    save_file(tensors, part, meta)
    saves.append(part)
    if len(saves) == 3:
        os.truncate(part, 1000)
        os.kill(os.getpid(), signal.SIGKILL)
run.save_file, run.SAVE_EVERY = save, 0.0
run.Run({recipe!r}, Path({str(folder)!r}), torch.device("cpu"), resume=False).train()
"""
    done = subprocess.run([sys.executable, "-c", program], timeout=100, check=False, capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    with safe_open(folder / "state.safetensors", "pt") as state:
        assert 0 < json.loads(state.metadata()["run"])["step"] < recipe.steps
    assert run("train", "tiny", "--resume", "--out", folder).status == 0
    load_checkpoint(str(folder / "tiny"))


def test_a_kill_leaves_the_file_of_before(tmp_path: Path) -> None:
    file = tmp_path / "text"
    write_whole(file, "old")
    program = f"""
import os, signal
from pathlib import Path
from looped.places import whole
with whole(Path({str(file)!r})) as part:
    part.write_text("half of the n")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], timeout=60, check=False)
    assert done.returncode == -9
    assert file.read_text("utf-8") == "old"
    write_whole(file, "new")
    assert file.read_text("utf-8") == "new"


def test_a_link_and_a_device_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there").read_text("utf-8") == "new"
    with whole(Path("/dev/null")) as part:
        assert part == Path("/dev/null")


def test_two_runs_in_one_folder_are_told_apart_and_the_second_is_refused(
    run: Run, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    folder = tmp_path / "run"
    folder.mkdir()
    program = f"""
import sys, time
from pathlib import Path
from looped.training.run import alone
with alone(Path({str(folder)!r})):
    print("held", flush=True)
    sys.stdin.read()
"""
    other = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        result = run("train", "tiny", "--out", folder)
        assert result.status == 2
        said = f"another run trains in {folder} at this moment; wait for its end, or give another --out."
        assert result.err.splitlines()[-1] == f"looped: {said}"
        assert not (folder / "state.safetensors").exists()
        other.kill()  # a run that is killed holds nothing
    assert run("train", "tiny", "--out", folder).status == 0
    with alone(folder), alone(folder):  # a run within the command that holds the folder
        pass


@pytest.mark.parametrize("number", ["²", "٣", "1e3", "-1", "0", "", "9" * 5000], ids=lambda text: text[:5])
@pytest.mark.parametrize("command", ["trace", "evaluate"])
def test_what_is_no_number_of_loops_is_refused_in_a_short_sentence(run: Run, command: str, number: str) -> None:
    result = run(command, "tiny", *([BOARD] if command == "trace" else []), f"--loops={number}")
    refused(result, "would take too long" if command == "evaluate" and number.startswith("9") else "whole number")
    assert len(result.err) < 250


def test_what_would_run_for_days_is_refused(run: Run) -> None:
    for loops in ("999999", "999999999999", "8,10001"):
        result = run("evaluate", "tiny", "--loops", loops)
        assert result.status == 2
        assert len(result.err.splitlines()) == 1
    refused(run("evaluate", "tiny", "--loops", "10001"), "10,001 loops would take too long; at most 10,000 are run")


@pytest.mark.parametrize("typed", ["9" * 5000, "x" * 100_000], ids=["digits", "letters"])
def test_what_was_typed_is_not_echoed_whole(run: Run, typed: str) -> None:
    rest = (("trace", "tiny", typed), ("trace", typed, BOARD), ("evaluate", "tiny", "--limit", typed), (typed,))
    for arguments in rest:
        result = run(*arguments)
        assert result.status == 2
        assert len(result.err) < 1500
        assert len(result.err.splitlines()) == 1


def test_a_file_in_another_encoding_is_told_what_to_do(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "boards.csv"
    file.write_text(f"puzzle\n{BOARD}\n", "utf-16")
    refused(run("evaluate", "tiny", "--data", file), f"{file} cannot be read as text in UTF-8; save it so.")
    (tmp_path / "again.csv").write_text(f"puzzle\n{BOARD}\n", "utf-16-le")  # without the mark that tells it
    result = run("evaluate", "tiny", "--data", tmp_path / "again.csv")
    refused(result, "cannot be read as text in UTF-8; save it so.")


def test_weights_that_are_no_numbers_are_named_by_list_and_refused_by_evaluate(run: Run, catalogue: Path) -> None:
    folder = catalogue / "tiny"
    weights = load_file(folder / "model.safetensors")
    weights["gain"].view(-1)[0] = float("nan")
    save_file(weights, folder / "model.safetensors")
    info = json.loads((folder / "config.json").read_text("utf-8"))
    info["sha256"] = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    (folder / "config.json").write_text(json.dumps(info), "utf-8")
    listed = run("list", "--json")
    assert [row["name"] for row in listed.json["checkpoints"]] == ["plain", "tiny-tmlt"]
    said = f"{folder / 'model.safetensors'}: tensor gain holds what is no number (NaN or infinite)"
    assert said in listed.err
    refused(run("evaluate", "tiny"), said)
