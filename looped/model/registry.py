"""The registry of architectures: builds the model that a config names.

A config is an object of JSON with the key "architecture"; its other keys are the fields of that architecture's config,
a frozen dataclass that checks itself. A new kind of model is one file behind the seam and one call here:

    register("mine", MyConfig, MyModel)         # MyConfig(architecture="mine", …) → MyModel(config)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from operator import attrgetter
from typing import Any, NamedTuple

from looped.model.base import LoopedModule
from looped.model.candidates import Candidates, CandidatesConfig
from looped.model.config import ARCHITECTURES, Config
from looped.model.family import Model
from looped.model.in_context import InContext, InContextConfig
from looped.model.lattice import Lattice, LatticeConfig
from looped.model.seam import ModelConfig
from looped.model.unfilled import Unfilled

RENAMED = {"held": "clamp_timestep"}  # fields of the family's config that had another name in older checkpoints


class Architecture(NamedTuple):
    """How to make one kind of model."""

    config: type[Any]  # a frozen dataclass; construction raises ValueError with one sentence
    build: Callable[[Any], LoopedModule]  # a config → a model with fresh weights
    layers: Callable[[Any], int] = lambda _: 1  # a config → how many layers it asks for
    renamed: Mapping[str, str] = {}  # fields of the config that older checkpoints call otherwise: old name → new name


_REGISTRY: dict[str, Architecture] = {
    **{name: Architecture(Config, Model, attrgetter("layers"), RENAMED) for name in ARCHITECTURES},
    "candidates": Architecture(CandidatesConfig, Candidates, attrgetter("layers")),
    "lattice": Architecture(LatticeConfig, Lattice, attrgetter("layers")),
    "in-context": Architecture(InContextConfig, InContext, attrgetter("layers")),
}


def register(
    name: str, config: type[Any], build: Callable[[Any], LoopedModule], renamed: Mapping[str, str] | None = None
) -> None:
    """Add an architecture under a name that is not taken. Raises ValueError when it is."""
    if name in _REGISTRY:
        raise ValueError(f"there is an architecture called {name!r} already.")
    _REGISTRY[name] = Architecture(config, build, renamed=renamed or {})


def unregister(name: str) -> None:
    """Take an architecture out again, so that a notebook can register a changed one."""
    del _REGISTRY[name]


def architectures() -> tuple[str, ...]:
    """Return the names of all architectures."""
    return tuple(_REGISTRY)


def get(name: object) -> Architecture:
    """Return the architecture called `name`. Raises ValueError with one sentence that lists what there is."""
    if not isinstance(name, str) or name not in _REGISTRY:
        raise ValueError(f"architecture is {name!r}; it must be one of {architectures()}.")
    return _REGISTRY[name]


def read(settings: Mapping[str, Any]) -> ModelConfig:
    """Make the config that the settings of a config file name.

    Lists become tuples, and fields of older checkpoints are read under their new names. Raises ValueError with one
    sentence for an unknown architecture, unknown or missing fields, and values that make no sense.
    """
    known: tuple[Field[Any], ...]
    architecture = get(settings["architecture"]) if "architecture" in settings else get(ARCHITECTURES[0])
    known = fields(architecture.config)
    values = {}
    for name, value in settings.items():
        values[architecture.renamed.get(name, name)] = tuple(value) if isinstance(value, list) else value
    unknown = sorted(values.keys() - {each.name for each in known})
    if unknown:
        said = ", ".join(repr(name[:40])[1:-1] for name in unknown[:5])  # without line breaks and what cannot be seen
        raise ValueError(f'"model" has {said}, which this version does not know.')
    missing = [
        each.name
        for each in known
        if each.default is MISSING and each.default_factory is MISSING and each.name not in values
    ]
    if missing:
        raise ValueError(f'"model" lacks {", ".join(missing)}.')
    config: ModelConfig = architecture.config(**values)
    return config


def layers(config: ModelConfig) -> int:
    """Return how many layers a config asks for, each of which has weights of its own; 1 where it names none."""
    return get(config.architecture).layers(config)


def build(config: ModelConfig) -> LoopedModule:
    """Build the model that a config describes, with fresh weights."""
    return get(config.architecture).build(config)


def build_unfilled(config: ModelConfig, device: str = "cpu") -> LoopedModule:
    """Build the model that a config describes, for weights that are loaded next: its own have no values.

    On the device "meta" its weights take no memory, so that shapes can be compared before any is taken.
    """
    with Unfilled(device):
        return build(config)
