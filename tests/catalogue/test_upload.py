"""A checkpoint that somebody sends is added when it is one, and otherwise leaves nothing behind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, save

from looped.catalogue.checkpoints import CheckpointError, load_checkpoint, names
from looped.catalogue.upload import add

Files = dict[str, bytes]


@pytest.fixture
def files(tmp_path: Path, make_checkpoint: Callable[..., Path]) -> Files:
    """Those of a checkpoint called mine."""
    folder = make_checkpoint(tmp_path / "from" / "mine")
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


def changed(files: Files, **fields: Any) -> Files:
    """The same with other fields in config.json."""
    return files | {"config.json": json.dumps(json.loads(files["config.json"]) | fields).encode()}


def weighed(files: Files, change: Callable[[torch.Tensor], torch.Tensor]) -> Files:
    """The same with other weights and the right hash of them."""
    data = save({name: change(value) for name, value in load(files["model.safetensors"]).items()})
    return changed(files | {"model.safetensors": data}, sha256=hashlib.sha256(data).hexdigest())


def test_what_is_sent_is_a_checkpoint_like_any_other(files: Files, shelf: Path) -> None:
    assert add(files, shelf, 10**6) == "mine"
    assert names(shelf) == ["mine"]
    assert load_checkpoint("mine", catalogue=shelf).sha256 == json.loads(files["config.json"])["sha256"]
    with pytest.raises(
        CheckpointError, match=r"^there is a checkpoint called mine already; give yours another name\.$"
    ):
        add(files, shelf, 10**6)
    assert [folder.name for folder in shelf.iterdir()] == ["mine"]


WRONG: dict[str, tuple[Callable[[Files], Files], str]] = {
    "nothing": (lambda _: {}, "config.json is missing"),
    "another file": (lambda files: files | {"../x.py": b""}, "'../x.py' is none of them"),
    "no JSON": (lambda files: files | {"config.json": b"{"}, "config.json cannot be read as JSON"),
    "a path": (lambda files: changed(files, name="../up"), '"name" must be 1 to 60 letters'),
    "no name": (lambda files: changed(files, name=""), '"name" must be 1 to 60 letters'),
    "cut off": (lambda files: files | {"model.safetensors": files["model.safetensors"][:-9]}, "is not the file that"),
    "not the weights": (lambda files: changed(files, sha256="0" * 64), "is not the file that config.json describes"),
    "no numbers": (lambda files: weighed(files, lambda value: value * torch.nan), "holds what is no number"),
    "too large numbers": (
        lambda files: changed(
            weighed(files, lambda value: torch.full_like(value, 3e38, dtype=torch.float32)), dtype="float32"
        ),
        "it cannot be run: ",
    ),
    "another model": (lambda files: changed(files, task="sudoku9"), "needs length 81"),
    "a bad log": (lambda files: files | {"log.csv": b"step\nx"}, "must be a whole number"),
}


@pytest.mark.parametrize(("change", "says"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_checkpoint_leaves_nothing_and_names_no_path(
    files: Files, shelf: Path, change: Callable[[Files], Files], says: str
) -> None:
    with pytest.raises(CheckpointError) as error:
        add(change(files), shelf, 10**6)
    assert says in str(error.value)
    assert str(shelf) not in str(error.value)
    assert ".upload" not in str(error.value)
    assert list(shelf.iterdir()) == []


def test_one_takes_at_most_its_share_and_all_at_most_theirs(files: Files, shelf: Path) -> None:
    size = sum(map(len, files.values()))
    with pytest.raises(CheckpointError, match=rf"these files have {size:,} bytes; at most {size - 1:,} are taken\.$"):
        add(files, shelf, size - 1)
    said = ""
    while not said:
        try:
            add(changed(files, name=f"mine-{len(names(shelf))}"), shelf, size + 100)
        except CheckpointError as error:
            said = str(error)
    assert said.startswith("there is no room for more checkpoints;")
    assert 15 < len(names(shelf)) < 30
