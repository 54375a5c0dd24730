"""Weights from elsewhere: a plain PyTorch state dict becomes a checkpoint of the catalogue's form."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from looped import tasks
from looped.catalogue.checkpoints import (
    LARGEST,
    CheckpointError,
    find,
    misfit,
    read_config,
    read_text,
    save_checkpoint,
)
from looped.model import registry
from looped.model.seam import ModelConfig

WITHIN = ("state_dict", "model_state_dict", "model")  # where training scripts keep the weights beside other things
WRAPPED = ("module.", "_orig_mod.", "model.")  # what DistributedDataParallel, torch.compile and Lightning put before
READ = {torch.float16, torch.bfloat16, torch.float32, torch.float64}


@dataclass(frozen=True)
class Like:
    """What a file of weights is to be read as."""

    task: tasks.Task
    config: ModelConfig


def like(name: str) -> Like:
    """Return the task and the model of a checkpoint, given by name or folder, or of a file like its config.json.

    Raises CheckpointError.
    """
    file = Path(name) if name.endswith(".json") else find(name) / "config.json"
    try:
        info = json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{file} cannot be read as JSON: {error}.") from error
    if not isinstance(info, dict) or not {"task", "model"} <= info.keys():
        raise CheckpointError(f'{file} has no "task" and "model"; take the config.json of a checkpoint as a pattern.')
    config = read_config(info, file)
    try:
        task = tasks.get(str(info["task"]))
    except ValueError as error:
        raise CheckpointError(f"{file}: {error}") from error
    with torch.device("meta"):
        unfit = misfit(task, registry.build(config))
    if unfit is not None:
        raise CheckpointError(f"{file}: {unfit}")
    return Like(task, config)


def read_state(file: Path) -> dict[str, Tensor]:
    """Read the tensors of a file that `torch.save` wrote; no code in it is run. Raises CheckpointError."""
    try:
        if not file.is_file():  # a pipe would be waited for
            raise CheckpointError(f"{file} cannot be read: it is no file.")
        if file.stat().st_size > LARGEST:
            raise CheckpointError(f"{file} has {file.stat().st_size:,} bytes; at most {LARGEST:,} are read.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a pickle protocol: it is read, or refused below
            found = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror or error}.") from error
    except CheckpointError:
        raise
    except Exception as error:
        raise CheckpointError(
            f"{file} is no state dict that PyTorch reads without running code in it; "
            "save it anew with torch.save(model.state_dict(), …)."
        ) from error
    return tensors_of(found, file)


def tensors_of(found: Any, file: Path) -> dict[str, Tensor]:
    """Take the weights out of what was saved, without what wrappers put before their names. Raises CheckpointError."""
    for name in WITHIN:
        if isinstance(found, Mapping) and isinstance(found.get(name), Mapping):
            found = found[name]
    if not isinstance(found, Mapping) or not found:
        raise CheckpointError(f"{file} holds no weights by name; save model.state_dict().")
    wrong = [str(key) for key, value in found.items() if not isinstance(key, str) or not isinstance(value, Tensor)]
    if wrong:
        raise CheckpointError(f"{file} holds what is no tensor at {', '.join(wrong)[:200]}; save model.state_dict().")
    names = list(found)
    for before in WRAPPED:
        if all(name.startswith(before) for name in names):
            names = [name.removeprefix(before) for name in names]
    return dict(zip(names, found.values(), strict=True))


def unlike(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> list[str]:
    """Say of every key that is missing, left over or of another shape or type what is wrong with it.

    >>> unlike({"a": torch.zeros(2, 3), "b": torch.zeros(1)}, {"a": torch.zeros(3, 2), "c": torch.zeros(4)})
    ['a is (2, 3), not (3, 2)', 'c is missing (4,)', 'b is left over (1,)']
    """
    shapes = {key: tuple(value.shape) for key, value in state.items()}
    found = []
    for key, tensor in wanted.items():
        if key not in shapes:
            found.append(f"{key} is missing {tuple(tensor.shape)}")
        elif shapes[key] != tuple(tensor.shape):
            found.append(f"{key} is {shapes[key]}, not {tuple(tensor.shape)}")
        elif state[key].dtype not in READ or state[key].layout != torch.strided:
            found.append(f"{key} is of type {str(state[key].dtype).removeprefix('torch.')}, not of real numbers")
    return found + [f"{key} is left over {shape}" for key, shape in shapes.items() if key not in wanted]


def convert(file: Path, pattern: str, out: Path) -> int:
    """Write a checkpoint with the weights of a file, of the task and the model of `pattern`; return their number.

    The weights stay float32, and nothing is measured. Raises CheckpointError with one sentence that names everything
    that does not fit; then nothing is written.
    """
    if (out / "config.json").exists():
        raise CheckpointError(f"{out} holds a checkpoint already; give another --out.")
    model_of, state = like(pattern), read_state(file)
    with torch.device("meta"):
        wanted = registry.build(model_of.config).state_dict()
    wrong = unlike(state, wanted)
    if wrong:
        raise CheckpointError(f"{file} has not the weights of {pattern}: {'; '.join(wrong)}.")
    lost = [key for key, value in state.items() if not bool(value.isfinite().all())]
    if lost:
        raise CheckpointError(f"{file} holds what is no number (NaN or infinite) in {', '.join(lost)}.")
    model = registry.build(model_of.config)
    model.load_state_dict({key: value.float() for key, value in state.items()}, strict=True)
    save_checkpoint(out, model, model_of.task.name, training={}, scores=[], dtype=torch.float32)
    return model.parameters_count
