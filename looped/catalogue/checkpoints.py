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
Beside it may lie log.csv, how the training went, and README.md, the card. `looped.catalogue.schema` says what all of
them may hold. It is checked once, when a folder is read, so that whatever is shown of it later is of that kind.
Nothing here unpickles, and nothing in a config is imported or run.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save_file

from looped import tasks
from looped.catalogue.schema import shown, wrong_config, wrong_log
from looped.model import LoopedModel, registry
from looped.model.seam import CANDIDATES, ModelConfig, OutputKind, pass_terms
from looped.places import resource, whole
from looped.runs.names import MARK, near
from looped.runs.variants import is_variant, varied, weights_digest
from looped.settings import settings

SCHEMA = 1
SHIPPED = resource("checkpoints")
CATALOGUE = settings().checkpoints or SHIPPED
"""The folder whose checkpoints are known by name, where no other is given."""
LARGEST = 2**28  # bytes of weights that are read at all
LONGEST = 2**24  # bytes of each text beside them
FEW = 6  # checkpoints that a sentence names all of
DTYPES = {"F16": "float16", "BF16": "bfloat16", "F32": "float32"}


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the message is one sentence that says which file and what is wrong."""


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to run, and what is known about it."""

    name: str
    folder: Path
    task: tasks.Task
    model: LoopedModel  # in eval mode, float32, gradients off
    sha256: str
    info: dict[str, Any] = field(repr=False)  # the whole config.json

    @property
    def config(self) -> ModelConfig:
        """The config of the model."""
        return self.model.config

    @property
    def passes(self) -> dict[str, str]:
        """What the passes of the model are called, `loop` and `loops`: a standard transformer has layers."""
        return pass_terms(self.model)


def names(catalogue: Path | None = None) -> list[str]:
    """Checkpoints of the catalogue (by default `CATALOGUE`), in order of their names; folders called .… are none."""
    return _folders_with("config.json", catalogue)


def without_config(catalogue: Path | None = None) -> dict[str, str]:
    """Return of folders that hold weights alone, which are no checkpoints, a sentence each; it names no path."""
    known = set(names(catalogue))
    weights = _folders_with("model.safetensors", catalogue)
    return {name: f"{name}/config.json is missing." for name in weights if name not in known}


def _folders_with(file: str, catalogue: Path | None) -> list[str]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(catalogue or CATALOGUE) as found:  # no glob: often
        shown = (entry for entry in found if not entry.name.startswith("."))
        return sorted(entry.name for entry in shown if os.path.exists(os.path.join(entry.path, file)))
    return []


def find(name: str, catalogue: Path | None = None) -> Path:
    """Return the folder of a checkpoint, given by its name in the catalogue or by its path."""
    catalogue = catalogue or CATALOGUE
    if name in names(catalogue):
        return catalogue / name
    with suppress(OSError):  # a name longer than any path may be
        if (Path(name) / "config.json").is_file():
            return Path(name)
    known = names(catalogue)
    other = f"one of {known_words(name, known)}" if known else f"in {catalogue}, which holds no checkpoint."
    raise CheckpointError(f"there is no checkpoint {name!r}: it is neither a folder with a config.json nor {other}")


def known_words(name: str, known: list[str]) -> str:
    """Return the end of a sentence about a name that is "none of" the known ones: those, or of many the nearest.

    >>> known_words("sudoku4", ["mine", "tiny"])
    'mine, tiny.'
    >>> known_words("sudoku4-tmtl", [f"sudoku{size}-{core}" for size in (4, 6, 9) for core in ("tmlt", "looped", "y")])
    'the 9 that python -m looped list names; did you mean sudoku4-tmlt, sudoku9-tmlt or sudoku6-tmlt?'
    """
    if len(known) <= FEW:
        return f"{', '.join(known) or 'none'}."
    *others, last = near(name, known) or [""]
    meant = f"; did you mean {', '.join(others)}{' or ' * bool(others)}{last}?" if last else "."
    return f"the {len(known)} that python -m looped list names{meant}"


def exists(name: str, catalogue: Path | None = None) -> bool:
    """Return whether there is a checkpoint of that name in the catalogue, or at that path."""
    with suppress(CheckpointError):
        return find(name, catalogue).is_dir()
    return False


def read_info(folder: Path) -> dict[str, Any]:
    """Read config.json and check what can be checked without the weights. Raises CheckpointError."""
    file = folder / "config.json"
    try:
        info = json.loads(read_text(file))
    except (ValueError, RecursionError) as error:  # not JSON, not UTF-8, or a number of thousands of digits
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{file} cannot be read as JSON: {error}.") from error
    if not isinstance(info, dict) or info.get("schema") != SCHEMA:
        raise CheckpointError(f'{file} has no "schema": {SCHEMA}; it is not a checkpoint of this version.')
    missing = [key for key in ("name", "task", "model", "sha256") if key not in info]
    if missing:
        raise CheckpointError(f"{file} lacks {', '.join(missing)}.")
    wrong = wrong_config(info)
    if wrong is not None:
        raise CheckpointError(f"{file}: {wrong}")
    return info


def read_text(file: Path) -> str:
    """Read a text of a checkpoint's folder. Raises CheckpointError, and UnicodeDecodeError for what is no UTF-8."""
    try:
        if not file.is_file():  # a pipe would be waited for
            raise CheckpointError(f"{file} cannot be read: it is no file.")
        if file.stat().st_size > LONGEST:
            raise CheckpointError(f"{file} has {file.stat().st_size:,} bytes; at most {LONGEST:,} are read.")
        return file.read_text("utf-8")
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}.") from error


def untrue(info: dict[str, Any], parameters: int, dtypes: set[str]) -> str | None:
    """Say in one sentence what config.json says of the weights that they are not; None where all is so.

    parameters: how many the model of the config has; dtypes: the types of the tensors.

    >>> untrue({"parameters": 5}, 12, {"float16"}), untrue({"parameters": 12}, 12, {"float16"})
    ('"parameters" is 5, but the model of this config has 12.', None)
    >>> untrue({"dtype": "int8"}, 12, {"float16"})
    '"dtype" is "int8", but the weights are float16.'
    """
    if info.get("parameters", parameters) != parameters:
        return f'"parameters" is {info["parameters"]:,}, but the model of this config has {parameters:,}.'
    if info.get("dtype", next(iter(dtypes))) not in dtypes:
        return f'"dtype" is {shown(info["dtype"])}, but the weights are {" and ".join(sorted(dtypes))}.'
    return None


def check_texts(folder: Path, kind: OutputKind) -> None:
    """Check the card and the log of a checkpoint of this kind of output, where they are. Raises CheckpointError."""
    for name in ("README.md", "log.csv"):
        file = folder / name
        if not file.exists():
            continue
        try:
            text = read_text(file)
        except UnicodeDecodeError as error:
            raise CheckpointError(f"{file} is no text in UTF-8; save it so, or take it away.") from error
        wrong = wrong_log(text, kind) if name == "log.csv" else None
        if wrong is not None:
            raise CheckpointError(f"{file}: {wrong}")


def read_config(info: dict[str, Any], file: Path) -> ModelConfig:
    """Make the model's config from config.json. Raises CheckpointError."""
    settings = info["model"]
    if not isinstance(settings, dict):
        raise CheckpointError(f'{file}: "model" must be an object with the fields of a model config.')
    try:
        return registry.read(settings)
    except ValueError as error:
        raise CheckpointError(f"{file}: {error}") from error


class Verified(NamedTuple):
    """A folder that holds a checkpoint, all of which was checked."""

    info: dict[str, Any]
    task: tasks.Task
    weights: dict[str, torch.Tensor]  # as they are on disk
    sha256: str
    config: ModelConfig


def verify(folder: Path) -> Verified:
    """Read a folder and check all that it holds, before any memory is taken for the model.

    The hash, then every tensor's name and shape, then that every weight is a number; what config.json says, the log and
    the card. Raises CheckpointError with one sentence that names the file and what is wrong with it.
    """
    info = read_info(folder)
    config = read_config(info, folder / "config.json")
    file = folder / "model.safetensors"
    data, sha256 = read_weights(file, info["sha256"])
    dtypes = verify_shapes(file, config)
    try:
        task = tasks.get(str(info["task"]))
    except ValueError as error:
        raise CheckpointError(f"{folder / 'config.json'}: {error}") from error
    blank = registry.build_unfilled(config, "meta")
    unfit = misfit(task, blank) or untrue(info, blank.parameters_count, dtypes)
    if unfit is not None:
        raise CheckpointError(f"{folder / 'config.json'}: {unfit}")
    check_texts(folder, blank.output_kind)
    weights = load(data)
    lost = next((key for key, value in weights.items() if not bool(value.isfinite().all())), None)
    if lost is not None:
        raise CheckpointError(
            f"{file}: tensor {lost} holds what is no number (NaN or infinite), so nothing can be run."
        )
    return Verified(info, task, weights, sha256, config)


def read_weights(file: Path, described: Any) -> tuple[bytes, str]:
    """Read a file of weights; return its bytes and their hash, which must be the described one."""
    try:
        if file.stat().st_size > LARGEST:
            raise CheckpointError(f"{file} has {file.stat().st_size:,} bytes; at most {LARGEST:,} are read.")
        data = file.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}.") from error
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != described:
        raise CheckpointError(
            f"{file} is not the file that config.json describes: its sha256 is {sha256[:12]}…, not "
            f"{str(described)[:12]}…."
        )
    return data, sha256


def load_checkpoint(name: str, device: str | torch.device = "cpu", catalogue: Path | None = None) -> Checkpoint:
    """Read and verify a checkpoint (`verify`).

    `name` may end with a variant, `NAME~frozen` (see `looped.runs.variants`). Raises CheckpointError with one sentence
    that names the file and what is wrong with it.
    """
    name = os.path.expanduser(name)  # of "~/mine" the mark is that of a home
    base, mark, kind = name.rpartition(MARK)
    if mark and (is_variant(kind) or not exists(name, catalogue)):
        return variant_of(load_checkpoint(base, device, catalogue), kind)
    folder = find(name, catalogue)
    found = verify(folder)
    model = registry.build_unfilled(found.config)
    model.load_state_dict({key: value.float() for key, value in found.weights.items()}, strict=True)
    model.eval().requires_grad_(False)
    task = found.task.trained_on(samplings_of(found.info))
    return Checkpoint(folder.resolve().name, folder, task, model.to(device), found.sha256, found.info)


def samplings_of(info: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the keywords of `sample` by which each part of the training of a checkpoint drew its inputs."""
    stages = info.get("training", {}).get("recipe", {}).get("stages", [])
    return [sampling for stage in stages for _, sampling in stage.get("mix", [])]


def misfit(task: tasks.Task, model: LoopedModel) -> str | None:
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
            f"as in {checkpoint.name},{printed(text)}."
        )
    task = checkpoint.task
    try:
        model = varied(checkpoint.model, text, lambda typed: torch.tensor(task.encode(task.parse(typed))))
    except ValueError as error:
        raise CheckpointError(f"{checkpoint.name}~{printed(text)}: {error}") from error
    sha256 = weights_digest(model) if "untrained" in text.split(",") else checkpoint.sha256
    return replace(checkpoint, name=f"{checkpoint.name}~{text}", model=model, sha256=sha256)


def printed(text: str) -> str:
    """Return the beginning of a text as it stands in a sentence, which what cannot be printed would break.

    >>> printed("cut=1\x85" + "9" * 100)
    'cut=1�9999999999999999999999999999999999'
    """
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:40])


def verify_shapes(file: Path, config: ModelConfig) -> set[str]:
    """Compare the header of a weights file with what the config needs; return its types. Reads no tensor."""
    try:
        with safe_open(file, "pt") as opened:
            names = opened.keys()  # no dictionary: only `keys` lists the names
            found = {key: tuple(opened.get_slice(key).get_shape()) for key in names}
            dtypes = {opened.get_slice(key).get_dtype() for key in found}
    except SafetensorError as error:
        raise CheckpointError(f"{file} is not a whole safetensors file: {error}.") from error
    layers = registry.layers(config)
    if layers > len(found):  # before memory is taken for the modules of so many layers
        raise CheckpointError(f"{file} holds {len(found)} tensors, too few for the {layers} layers of the config.")
    blank = registry.build_unfilled(config, "meta")
    wanted = {key: tuple(value.shape) for key, value in blank.state_dict().items()}
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
    return {DTYPES[dtype] for dtype in dtypes}


def save_checkpoint(
    folder: Path,
    model: LoopedModel,
    task: str,
    training: dict[str, Any],
    scores: list[dict[str, Any]],
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write weights and config.json; the card is written by `looped.training.cards`, which measures first.

    A checkpoint that is there already stays as it is when they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.safetensors"
    weights = {key: value.detach().cpu().to(dtype).contiguous() for key, value in model.weights().items()}
    if not all(math.isfinite(float(value.float().abs().max())) for value in weights.values()):
        raise CheckpointError(f"a weight does not fit into {dtype}; the checkpoint is not written.")
    with whole(folder / "config.json") as config, whole(file) as part:  # both are written before either is replaced
        save_file(weights, part)
        info = {
            "schema": SCHEMA,
            "name": folder.resolve().name,
            "task": task,
            "model": asdict(model.config),
            "parameters": model.parameters_count,
            "dtype": str(dtype).removeprefix("torch."),
            "sha256": hashlib.sha256(part.read_bytes()).hexdigest(),
            "scores": scores,
            "training": training,
        }
        config.write_text(json.dumps(info, indent=1) + "\n", "utf-8")
