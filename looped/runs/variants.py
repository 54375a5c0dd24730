"""The same checkpoint with one thing changed, to be run beside it: what did training, or the timestep encoding, or the softmax do?

A variant is written after the name, `sudoku9-tmlt~frozen`, wherever a checkpoint is named: one of those below, a change of
`looped.runs.changes`, or several with commas between. Nothing is trained and no weight on the disk is touched; a variant shares its
weights with the checkpoint unless it says otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from safetensors.torch import save

from looped.model import Config, Model
from looped.model.interventions import Intervention, Scale, freeze, shuffle
from looped.runs import changes
from looped.runs.changes import Name, Tokens


@dataclass(frozen=True)
class Variant:
    label: str  # after the checkpoint's name, on screen
    make: Callable[[Model], Model]
    timestep: bool = False  # needs a model with a timestep encoding


def shared(model: Model, config: Config | None = None) -> Model:
    """Another model object with the same weights, so that changing its parts leaves the first as it is."""
    config = config or model.config
    with torch.device("meta"):
        copy = Model(config)
    copy.load_state_dict(model.state_dict(), assign=True)
    for name, value in model.named_buffers():  # what no file holds, for it follows from the config
        part, _, key = name.rpartition(".")
        setattr(copy.get_submodule(part), key, value)
    copy.standing_interventions = model.standing_interventions
    if copy.timestep is not None and model.timestep is not None:
        copy.timestep.cached = model.timestep.cached  # what the same weights have worked out already
    return copy.requires_grad_(False).eval()


def untrained(model: Model) -> Model:
    """The weights that training starts from, with seed 0."""
    device = next(model.parameters()).device
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        fresh = Model(model.config)
    fresh.standing_interventions = model.standing_interventions
    return fresh.to(device).requires_grad_(False).eval()


def always(model: Model, *interventions: Intervention) -> Model:
    """The model with interventions in every run, behind those that it already has."""
    copy = shared(model)
    copy.standing_interventions = (*model.standing_interventions, *interventions)
    return copy


VARIANTS = {
    "untrained": Variant("untrained", untrained),
    "hardmax": Variant("hardmax attention", lambda model: shared(model, replace(model.config, attention="hardmax"))),
    "frozen": Variant("timestep frozen at 0", lambda model: always(model, freeze(0)), timestep=True),
    "shuffled": Variant(
        "timesteps shuffled", lambda model: always(model, shuffle(model.config.trained_loops)), timestep=True
    ),
    "unscaled": Variant("timestep scales all 1", lambda model: always(model, Scale(plus=1)), timestep=True),
}


def is_variant(text: str) -> bool:
    """Whether every part of a text names a variant or a kind of change, rightly written or not."""
    return all(
        part.partition("@")[0].partition("=")[0] in VARIANTS.keys() | changes.KINDS.keys() for part in text.split(",")
    )


def varied(model: Model, text: str, tokens: Tokens) -> Model:
    """The model that a text asks for; `tokens` reads an input that a change names. Raises ValueError with one sentence."""
    for part in text.split(","):
        if part in VARIANTS:
            if part not in variants(model.config):
                raise ValueError(f"this model has no variant {part!r}; it has {', '.join(variants(model.config))}.")
            model = VARIANTS[part].make(model)
    asked = [part for part in text.split(",") if part not in VARIANTS]
    if asked:
        model = always(model, *changes.interventions(changes.read(",".join(asked)), model, tokens))
    return model


def words(text: str, name: Name = changes.position, sign: Name = changes.token) -> str:
    """What is different, as people read it.

    >>> words("hardmax,freeze=8@4")
    'hardmax attention, timestep frozen at 8 after loop 4'
    """
    return ", ".join(
        VARIANTS[part].label if part in VARIANTS else changes.words(changes.read(part)[0], name, sign)
        for part in text.split(",")
    )


def variants(config: Config) -> list[str]:
    """Names of the variants that a model of this config has."""
    return [
        name
        for name, variant in VARIANTS.items()
        if (config.architecture == "tmlt" or not variant.timestep)
        and not (name == "hardmax" and config.attention == "hardmax")
    ]


def weights_digest(model: Model) -> str:
    """sha256 of the weights as a safetensors file would hold them."""
    return hashlib.sha256(save({name: p.contiguous() for name, p in model.state_dict().items()})).hexdigest()
