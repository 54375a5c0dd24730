"""Checkpoints: what is saved is read back; what is broken is refused with one sentence that says where and why."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import CheckpointError, find, load_checkpoint, names, read_info, save_checkpoint
from looped.model import Model

Make = Callable[..., Any]
BOARD = torch.as_tensor(np.random.default_rng(0).integers(5, size=(1, 16)))


@pytest.fixture
def folder(tmp_path: Path, make_checkpoint: Make) -> Path:
    return make_checkpoint(tmp_path / "sudoku4-tiny", architecture="tmlt", injection=True)


def test_a_folder_in_the_home_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There "~" is no mark of a change."""
    monkeypatch.setenv("HOME", str(folder.parent))
    assert load_checkpoint(f"~/{folder.name}").name == folder.name
    assert load_checkpoint(f"~/{folder.name}~freeze=0").name == f"{folder.name}~freeze=0"
    with pytest.raises(CheckpointError, match=r"there is no checkpoint '.*/nowhere'"):
        load_checkpoint("~/nowhere")


def edit(folder: Path, **changes: Any) -> None:
    """Change config.json; a value of None takes the key away."""
    file = folder / "config.json"
    info = {key: value for key, value in (json.loads(file.read_text("utf-8")) | changes).items() if value is not None}
    file.write_text(json.dumps(info), "utf-8")


def rewrite(folder: Path, data: bytes) -> None:
    """Other weights, and a hash that fits them: so that what comes after the hash is tested."""
    (folder / "model.safetensors").write_bytes(data)
    edit(folder, sha256=hashlib.sha256(data).hexdigest())


def retensor(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors")
    rewrite(folder, (folder / "model.safetensors").read_bytes())


def refused(folder: Path, *fragments: str) -> str:
    """Loading is refused with one sentence that names the file and holds the fragments."""
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(str(folder))
    message = str(caught.value)
    assert re.fullmatch(r"[^\n]{20,600}\.", message), message
    for fragment in (str(folder), *fragments):
        assert fragment in message
    return message


# ----------------------------------------------------------------------------------------------------------- round trip


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float16, 2**-11), (torch.bfloat16, 2**-8), (torch.float32, 0.0)],
    ids=["float16", "bfloat16", "float32"],
)
def test_a_checkpoint_is_read_back_as_it_was_saved(
    tmp_path: Path, make_model: Make, dtype: torch.dtype, tolerance: float
) -> None:
    model: Model = make_model(architecture="tmlt", layers=2, positions="board", box=(2, 2), state_norm=True)
    scores = [{"data": "none", "n": 4, "loops": [3], "accuracy": [0.5]}]
    save_checkpoint(tmp_path / "mine", model, "sudoku4", {"steps": 7}, scores, dtype)
    loaded = load_checkpoint(str(tmp_path / "mine"))
    assert loaded.config == model.config
    assert (loaded.name, loaded.task.name, loaded.folder) == ("mine", "sudoku4", tmp_path / "mine")
    assert loaded.info["scores"] == scores
    assert loaded.info["training"] == {"steps": 7}
    assert loaded.info["dtype"] == str(dtype).removeprefix("torch.")
    assert loaded.info["parameters"] == model.parameters_count == loaded.model.parameters_count
    assert (
        loaded.sha256
        == hashlib.sha256((tmp_path / "mine" / "model.safetensors").read_bytes()).hexdigest()
        == loaded.info["sha256"]
    )
    assert not loaded.model.training
    for name, parameter in loaded.model.named_parameters():
        assert parameter.dtype == torch.float32
        assert not parameter.requires_grad
        assert torch.equal(parameter, model.get_parameter(name).to(dtype).float())
        torch.testing.assert_close(parameter, model.get_parameter(name), rtol=tolerance, atol=2**-24)
    if dtype == torch.float32:
        assert torch.equal(loaded.model(BOARD), model(BOARD))


def test_a_checkpoint_holds_safetensors_and_json_and_nothing_else(folder: Path) -> None:
    assert sorted(file.name for file in folder.iterdir()) == ["config.json", "model.safetensors"]
    assert {value.dtype for value in load_file(folder / "model.safetensors").values()} == {torch.float16}
    info = json.loads((folder / "config.json").read_text("utf-8"))
    assert {"schema", "name", "task", "model", "dtype", "sha256", "scores", "training"} <= info.keys()
    assert info["name"] == "sudoku4-tiny"


def test_weights_that_float16_cannot_hold_are_not_written(tmp_path: Path, make_model: Make) -> None:
    for value in (1e6, float("nan")):
        model = make_model()
        model.gain[0] = value
        with pytest.raises(CheckpointError, match="does not fit"):
            save_checkpoint(tmp_path / "large", model, "sudoku4", {}, [])
        assert not list((tmp_path / "large").iterdir())


def test_a_checkpoint_is_found_by_name_in_the_catalogue_or_by_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names(folder.parent) == ["sudoku4-tiny"]
    assert names(folder / "nothing here") == []
    assert find("sudoku4-tiny", folder.parent) == folder
    assert find(str(folder)) == folder
    assert load_checkpoint("sudoku4-tiny", catalogue=folder.parent).name == "sudoku4-tiny"
    monkeypatch.chdir(folder)
    assert load_checkpoint(".").name == "sudoku4-tiny"


def test_names_are_sorted_and_need_a_config(tmp_path: Path, make_checkpoint: Make) -> None:
    for name in ("b", "c", "a"):
        make_checkpoint(tmp_path / name)
    (tmp_path / "d").mkdir()
    (tmp_path / "e").write_text("")
    assert names(tmp_path) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "name", ["nothing", "../nothing", "sudoku4-tiny/..", "", "..", "/", "\0", "x" * 5000, "4" * 81, "*"]
)
def test_a_name_that_is_no_checkpoint_is_refused_and_the_known_ones_are_said(folder: Path, name: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(name, catalogue=folder.parent)
    assert (
        str(caught.value)
        == f"there is no checkpoint {name!r}: it is neither a folder with a config.json nor one of sudoku4-tiny."
    )


def test_of_many_checkpoints_the_nearest_are_named() -> None:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint("sudoku4-tmtl")
    assert str(caught.value) == (
        "there is no checkpoint 'sudoku4-tmtl': it is neither a folder with a config.json nor one of the "
        f"{len(names())} that python -m looped list names; did you mean sudoku4-tmlt, sudoku9-tmlt or sudoku6-tmlt?"
    )
    with pytest.raises(CheckpointError, match=r"nor one of the [0-9]+ that python -m looped list names\.$"):
        load_checkpoint("zzz")


def test_an_empty_catalogue_says_so(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="which holds no checkpoint"):
        find("sudoku4-tiny", tmp_path)


# -------------------------------------------------------------------------------------------------------------- weights


def test_weights_with_another_hash_are_refused(folder: Path) -> None:
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    refused(
        folder, "model.safetensors is not the file that config.json describes", hashlib.sha256(data).hexdigest()[:12]
    )


@pytest.mark.parametrize("sha256", ["", 7, [], {"a": 1}])
def test_a_hash_that_is_none_fits_nothing(folder: Path, sha256: Any) -> None:
    edit(folder, sha256=sha256)
    refused(folder, "model.safetensors is not the file that config.json describes")


def test_a_missing_weights_file_is_said(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    refused(folder, "model.safetensors cannot be read: No such file or directory.")


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_a_truncated_file_is_refused_even_if_the_hash_was_made_to_fit(folder: Path, kept: int) -> None:
    data = (folder / "model.safetensors").read_bytes()[:kept]
    rewrite(folder, data)
    refused(folder, "model.safetensors is not a whole safetensors file")


HEADERS = {
    "length beyond the file": struct.pack("<Q", 2**62) + b"{}",
    "length of everything": struct.pack("<Q", 2**64 - 1) + b"{}",
    "not JSON": struct.pack("<Q", 5) + b"hello",
    "a list": struct.pack("<Q", 2) + b"[]",
    "deeply nested": struct.pack("<Q", 100_000) + b"[" * 100_000,
}


@pytest.mark.parametrize("data", HEADERS.values(), ids=HEADERS.keys())
def test_an_absurd_header_is_refused(folder: Path, data: bytes) -> None:
    rewrite(folder, data)
    refused(folder, "model.safetensors is not a whole safetensors file")


def test_a_header_that_promises_more_than_the_file_holds_is_refused(folder: Path) -> None:
    header = json.dumps(
        {"token.weight": {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}}
    ).encode()
    rewrite(folder, struct.pack("<Q", len(header)) + header + bytes(16))
    refused(folder, "model.safetensors is not a whole safetensors file")


class Trap:
    """Unpickled, it leaves a file behind."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return (Path.touch, (self.file,))


@pytest.mark.parametrize("kind", ["pickle", "zip that PyTorch writes"])
def test_a_pickle_is_refused_and_never_run(folder: Path, tmp_path: Path, kind: str) -> None:
    sprung, file = tmp_path / "sprung", tmp_path / "weights.pt"
    if kind == "pickle":
        file.write_bytes(pickle.dumps(Trap(sprung)))
    else:
        torch.save({"weights": Trap(sprung)}, file)
    rewrite(folder, file.read_bytes())
    refused(folder, "model.safetensors is not a whole safetensors file")
    assert not sprung.exists()


def test_a_tensor_of_another_shape_is_named(folder: Path) -> None:
    retensor(folder, lambda weights: weights.update({"layers.0.out.weight": torch.zeros(8, 7)}))
    refused(folder, "tensor layers.0.out.weight has shape (8, 7), but the config needs (8, 8).")


def test_a_missing_tensor_is_named(folder: Path) -> None:
    retensor(folder, lambda weights: weights.pop("timestep.w5.bias"))
    refused(folder, "tensor timestep.w5.bias has shape missing, but the config needs (32,).")


def test_a_tensor_too_many_is_named(folder: Path) -> None:
    retensor(folder, lambda weights: weights.update({"layers.7.out.weight": torch.zeros(8, 8)}))
    refused(folder, "tensor layers.7.out.weight has shape (8, 8), but the config needs no such tensor.")


@pytest.mark.parametrize(("dtype", "name"), [(torch.int64, "I64"), (torch.float64, "F64"), (torch.bool, "BOOL")])
def test_weights_of_another_type_are_refused(folder: Path, dtype: torch.dtype, name: str) -> None:
    retensor(folder, lambda weights: weights.update({"gain": weights["gain"].to(dtype)}))
    refused(folder, f"holds weights of type {name}; only F16, BF16, F32 are read.")


def test_a_file_that_is_too_large_is_not_even_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "LARGEST", 1000)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    refused(folder, "at most 1,000 are read.")


def test_a_config_of_a_larger_model_costs_no_memory_and_no_time(folder: Path) -> None:
    info = read_info(folder)
    edit(folder, model=info["model"] | {"d_model": 100_000, "mlp": 100_000, "heads": 1})
    refused(folder, "model.safetensors: tensor", "but the config needs")
    edit(folder, model=info["model"] | {"layers": 100_000})
    refused(folder, "too few for the 100000 layers of the config.")


# ---------------------------------------------------------------------------------------------------------- config.json


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"not json", b'{"schema": 1', b"\xff\xfe", b"[" * 100_000, b'{"schema": 1' + b"0" * 5000 + b"}"],
    ids=["empty", "open", "text", "cut", "not UTF-8", "deeply nested", "a number of 5,001 digits"],
)
def test_a_config_that_is_not_json_is_refused(folder: Path, text: bytes) -> None:
    (folder / "config.json").write_bytes(text)
    refused(folder, "config.json cannot be read as JSON: ")


@pytest.mark.parametrize("text", ["[]", "7", "null", "{}", '{"schema": 2}', '{"schema": "1"}'])
def test_another_schema_is_refused(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text, "utf-8")
    refused(folder, 'config.json has no "schema": 1; it is not a checkpoint of this version.')


@pytest.mark.parametrize("keys", [("name",), ("task",), ("model",), ("sha256",), ("model", "sha256")])
def test_missing_keys_are_named(folder: Path, keys: tuple[str, ...]) -> None:
    edit(folder, **dict.fromkeys(keys))
    refused(folder, f"config.json lacks {', '.join(keys)}.")


@pytest.mark.parametrize("model", [[], "tmlt", 7])
def test_a_model_that_is_no_object_is_refused(folder: Path, model: Any) -> None:
    edit(folder, model=model)
    refused(folder, 'config.json: "model" must be an object with the fields of a model config.')


def test_an_unknown_field_of_the_model_is_named(folder: Path) -> None:
    edit(folder, model=read_info(folder)["model"] | {"dropout": 0.1, "bias": True})
    refused(folder, 'config.json: "model" has bias, dropout, which this version does not know.')


def test_a_missing_field_of_the_model_is_named(folder: Path) -> None:
    model = read_info(folder)["model"]
    del model["vocab"], model["length"], model["mlp"]  # mlp has a usual value
    edit(folder, model=model)
    refused(folder, 'config.json: "model" lacks vocab, length.')


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"heads": 3}, "d_model = 8 does not divide into 3 heads."),
        ({"architecture": ["tmlt"]}, "architecture is ['tmlt']; it must be one of"),
        ({"d_model": "8"}, "d_model is '8'; it must be a whole number"),
        ({"box": [2]}, "box is (2,); it must be (rows, columns)"),
        ({"box": "22"}, "box is '22'; it must be (rows, columns)"),
        ({"injection": "no"}, "injection is 'no'; it must be true or false."),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(folder: Path, change: dict[str, Any], sentence: str) -> None:
    edit(folder, model=read_info(folder)["model"] | change)
    refused(folder, f"config.json: {sentence}")


def test_an_unknown_task_is_named_and_the_known_ones_are_said(folder: Path) -> None:
    edit(folder, task="chess")
    refused(folder, "config.json: there is no task called 'chess'; known tasks: countdown3")


def test_a_model_that_does_not_fit_its_task_is_refused(folder: Path) -> None:
    edit(folder, task="sudoku9")
    refused(folder, "config.json: sudoku9 needs length 81 and vocab 10, not 16 and 5.")


def test_the_complaint_of_a_checkpoint_is_a_value_error() -> None:
    """The command line turns a ValueError into one line and exit status 2."""
    assert issubclass(CheckpointError, ValueError)
