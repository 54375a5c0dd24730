"""What a run has in common with the run that it goes on from: recipes compared, states read."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from looped.model import registry
from looped.training.recipes import Recipe, Stage

BEYOND = ("trained_loops", "clamp_timestep")
"""Fields of a config that no step of training looks at: what the model does beyond its trained loops."""
FREE = (
    "evaluate_every",
    "evaluate_count",
    "average",
    "average_warmup",
    "also",
    "sizes",
    "measured",
    "start",
    "stages",
)
"""Fields of a recipe that may differ when a run is resumed; of the stages those that have begun must be the same."""


def as_json(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as JSON holds it: objects and lists in place of dataclasses and tuples."""
    found: dict[str, Any] = json.loads(json.dumps(asdict(recipe)))
    return found


def defaults(kind: type) -> dict[str, Any]:
    """Return the fields of a dataclass that need not be given, as JSON holds them."""
    given = {field.name: field.default for field in fields(kind) if field.default is not MISSING}
    found: dict[str, Any] = json.loads(json.dumps(given))
    return found


def settled(config: dict[str, Any]) -> dict[str, Any]:
    """Return what a model's config decides of a step of training.

    A field that it lacks has its default; one that had another name when it was saved has its present one.
    """
    found: dict[str, Any] = json.loads(json.dumps(asdict(registry.read(config))))
    return {key: value for key, value in found.items() if key not in BEYOND}


def binding(recipe: dict[str, Any], step: int) -> dict[str, Any]:
    """Return what a resumed run must have in common with the saved one: all that decided its first `step` steps.

    `recipe` is as JSON holds it. A field that it lacks, because it was saved before there was such a field, has its
    default. Stages that have not begun are left out.
    """
    kept = {key: value for key, value in (defaults(Recipe) | recipe).items() if key not in FREE}
    begun, first = [], 0
    for stage in recipe["stages"]:
        if first < step:
            begun.append(defaults(Stage) | stage)
        first += stage["steps"]
    return kept | {"model": settled(recipe["model"]), "stages": begun}


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return the names, in order, of the entries in which two dictionaries differ."""
    return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))


def says_how(training: Any) -> bool:
    """Return whether a checkpoint records enough of its training for a run to continue from it.

    A checkpoint from elsewhere may hold anything there.
    """
    match training:
        case {"steps": int(), "seconds": int() | float(), "recipe": {"model": dict(), "stages": [*stages]}}:
            return all(isinstance(stage, dict) and isinstance(stage.get("steps"), int) for stage in stages)
    return False


def read_meta(file: Path) -> dict[str, Any]:
    """Return the step, seconds, log and recipe of a saved state. Raises ValueError for a file that is none."""
    try:
        with safe_open(file, "pt") as opened:
            meta: dict[str, Any] = json.loads((opened.metadata() or {}).get("run", "{}"))
    except SafetensorError as error:
        raise ValueError(f"{file} is damaged ({error}); give another --out to start afresh.") from error
    if "recipe" not in meta:
        raise ValueError(f"{file} is not the state of a training run; give another --out to start afresh.")
    return meta
