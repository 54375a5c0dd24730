"""The catalogue of checkpoints: a folder each, with weights (safetensors), config.json and a model card.

config.json:
    schema     1
    name       the folder's name
    task       a name `looped.tasks.get` knows
    model      "architecture", and the fields of that architecture's config (`looped.model.registry`)
    dtype      of the weights on disk; they are read back as float32
    sha256     of model.safetensors
    scores     what `python -m looped evaluate` measured: a list of its JSON objects
    training   what the run took: steps, seconds, device, recipe
Nothing here unpickles, and nothing in a config is imported or run.
"""

from __future__ import annotations

import hashlib
import json
import math
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save_file

from looped import tasks
from looped.model import LoopedModule, registry
from looped.model.seam import CANDIDATES, ModelConfig
from looped.places import resource
from looped.runs.variants import is_variant, varied, weights_digest

SCHEMA = 1
CATALOGUE = resource("checkpoints")
LARGEST = 2**28  # bytes of weights that are read at all
DTYPES = {"F16": "float16", "BF16": "bfloat16", "F32": "float32"}


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the message is one sentence that says which file and what is wrong."""


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to run, and what is known about it."""

    name: str
    folder: Path
    task: tasks.Task
    model: LoopedModule  # in eval mode, float32, gradients off
    sha256: str
    info: dict[str, Any] = field(repr=False)  # the whole config.json

    @property
    def config(self) -> Any:
        """The config of the model; its fields are those of its architecture (`looped.model.registry`)."""
        return self.model.config


def names(catalogue: Path = CATALOGUE) -> list[str]:
    """Checkpoints of the catalogue, in order of their names."""
    return sorted(folder.parent.name for folder in catalogue.glob("*/config.json"))


def find(name: str, catalogue: Path = CATALOGUE) -> Path:
    """Return the folder of a checkpoint, given by its name in the catalogue or by its path."""
    if name in names(catalogue):
        return catalogue / name
    with suppress(OSError):  # a name longer than any path may be
        if (Path(name) / "config.json").is_file():
            return Path(name)
    known = ", ".join(names(catalogue)) or "none"
    raise CheckpointError(
        f"there is no checkpoint {name!r}: it is neither a folder with a config.json nor one of {known}."
    )


def read_info(folder: Path) -> dict[str, Any]:
    """Read config.json and check what can be checked without the weights."""
    file = folder / "config.json"
    try:
        info = json.loads(file.read_text("utf-8"))
    except (
        OSError,
        ValueError,
        RecursionError,
    ) as error:  # ValueError: not JSON, not UTF-8, or a number of thousands of digits
        raise CheckpointError(f"{file} cannot be read as JSON: {error}.") from error
    if not isinstance(info, dict) or info.get("schema") != SCHEMA:
        raise CheckpointError(f'{file} has no "schema": {SCHEMA}; it is not a checkpoint of this version.')
    missing = [key for key in ("name", "task", "model", "sha256") if key not in info]
    if missing:
        raise CheckpointError(f"{file} lacks {', '.join(missing)}.")
    return info


def read_config(info: dict[str, Any], file: Path) -> ModelConfig:
    """Make the model's config from config.json. Raises CheckpointError."""
    settings = info["model"]
    if not isinstance(settings, dict):
        raise CheckpointError(f'{file}: "model" must be an object with the fields of a model config.')
    try:
        return registry.read(settings)
    except ValueError as error:
        raise CheckpointError(f"{file}: {error}") from error


def load_checkpoint(name: str, device: str | torch.device = "cpu", catalogue: Path = CATALOGUE) -> Checkpoint:
    """Read and verify a checkpoint.

    Verified are the hash, then every tensor's name and shape, before any memory is taken for the model. `name` may end
    with a variant, `NAME~frozen` (see `looped.runs.variants`). Raises CheckpointError with one sentence that names the
    file and what is wrong with it.
    """
    base, mark, kind = name.rpartition("~")
    if mark and is_variant(kind):
        return variant_of(load_checkpoint(base, device, catalogue), kind)
    folder = find(name, catalogue)
    info = read_info(folder)
    config = read_config(info, folder / "config.json")
    file = folder / "model.safetensors"
    try:
        if file.stat().st_size > LARGEST:
            raise CheckpointError(f"{file} has {file.stat().st_size:,} bytes; at most {LARGEST:,} are read.")
        data = file.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}.") from error
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != info["sha256"]:
        raise CheckpointError(
            f"{file} is not the file that config.json describes: its sha256 is {sha256[:12]}…, "
            f"not {str(info['sha256'])[:12]}…."
        )
    verify_shapes(file, config)
    try:
        task = tasks.get(str(info["task"]))
    except ValueError as error:
        raise CheckpointError(f"{folder / 'config.json'}: {error}") from error
    model = registry.build(config)
    unfit = misfit(task, model)
    if unfit is not None:
        raise CheckpointError(f"{folder / 'config.json'}: {unfit}")
    model.load_state_dict({key: value.float() for key, value in load(data).items()}, strict=True)
    model.eval().requires_grad_(False)
    return Checkpoint(folder.resolve().name, folder, task, model.to(device), sha256, info)


def misfit(task: tasks.Task, model: LoopedModule) -> str | None:
    """Say in one sentence why a model cannot do a task; None when it can.

    What must agree is what an input is, how long it can be, and of how many tokens or numbers. The positions of the
    hidden state need not be those of the input (`looped.model.seam`).
    """
    if task.input_kind != model.input_kind:
        return f"{task.name} needs a model that reads {task.input_kind}; this one reads {model.input_kind}."
    lengths = {model.positions}
    if CANDIDATES in model.capabilities and task.length != model.positions:
        table = model.places(model.positions)
        lengths = lengths if table is None else {len(table)}
    if task.length in lengths and task.vocab == model.inputs:
        return None
    length = min(lengths)
    return f"{task.name} needs length {task.length} and vocab {task.vocab}, not {length} and {model.inputs}."


def variant_of(checkpoint: Checkpoint, text: str) -> Checkpoint:
    """Return a variant of a checkpoint, called NAME~text. Raises CheckpointError when there is no such one."""
    _, mark, before = checkpoint.name.rpartition("~")
    if mark and is_variant(before):
        raise CheckpointError(
            f"{checkpoint.name} is a variant already; several changes are written with commas, "
            f"as in {checkpoint.name},{text[:40]}."
        )
    task = checkpoint.task
    try:
        model = varied(checkpoint.model, text, lambda typed: torch.tensor(task.encode(task.parse(typed))))
    except ValueError as error:
        raise CheckpointError(f"{checkpoint.name}~{text[:40]}: {error}") from error
    sha256 = weights_digest(model) if "untrained" in text.split(",") else checkpoint.sha256
    return replace(checkpoint, name=f"{checkpoint.name}~{text}", model=model, sha256=sha256)


def verify_shapes(file: Path, config: ModelConfig) -> None:
    """Compare the header of a weights file with what the config needs; reads no tensor."""
    try:
        with safe_open(file, "pt") as opened:
            found = {key: tuple(opened.get_slice(key).get_shape()) for key in opened.keys()}  # noqa: SIM118 (not a dict)
            dtypes = {opened.get_slice(key).get_dtype() for key in found}
    except SafetensorError as error:
        raise CheckpointError(f"{file} is not a whole safetensors file: {error}.") from error
    layers = getattr(config, "layers", 1)
    if layers > len(found):  # before memory is taken for the modules of so many layers
        raise CheckpointError(f"{file} holds {len(found)} tensors, too few for the {layers} layers of the config.")
    with torch.device("meta"):
        wanted = {key: tuple(value.shape) for key, value in registry.build(config).state_dict().items()}
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key) != found.get(key):
            raise CheckpointError(
                f"{file}: tensor {key} has shape {found.get(key, 'missing')}, "
                f"but the config needs {wanted.get(key, 'no such tensor')}."
            )
    if not dtypes <= DTYPES.keys():
        raise CheckpointError(
            f"{file} holds weights of type {', '.join(sorted(dtypes - DTYPES.keys()))}; "
            f"only {', '.join(DTYPES)} are read."
        )


def save_checkpoint(
    folder: Path,
    model: LoopedModule,
    task: str,
    training: dict[str, Any],
    scores: list[dict[str, Any]],
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write weights and config.json; the card is written by `looped.training.cards`, which measures first."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.safetensors"
    weights = {key: value.detach().cpu().to(dtype).contiguous() for key, value in model.state_dict().items()}
    if not all(math.isfinite(float(value.float().abs().max())) for value in weights.values()):
        raise CheckpointError(f"a weight does not fit into {dtype}; the checkpoint is not written.")
    save_file(weights, file)
    info = {
        "schema": SCHEMA,
        "name": folder.resolve().name,
        "task": task,
        "model": asdict(model.config),
        "parameters": model.parameters_count,
        "dtype": str(dtype).removeprefix("torch."),
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "scores": scores,
        "training": training,
    }
    (folder / "config.json").write_text(json.dumps(info, indent=1) + "\n", "utf-8")
