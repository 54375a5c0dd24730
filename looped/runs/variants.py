"""Variants: the same checkpoint with one thing changed, to be run beside it.

What did training do, or the timestep encoding, or the softmax? A variant is written after the name of a checkpoint, as
in `sudoku9-tmlt~frozen`: one of those below, a change of `looped.runs.changes`, or several separated by commas. Nothing
is trained and no file is changed. A variant shares its weights with the checkpoint unless its description says
otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from safetensors.torch import save

from looped.model import LoopedModule, registry
from looped.model.interventions import Intervention, Scale, freeze, shuffle
from looped.model.seam import SCALES, ModelConfig, device_of
from looped.runs import changes
from looped.runs.changes import Name, Tokens


@dataclass(frozen=True)
class Variant:
    """A change with a name."""

    label: str  # after the checkpoint's name, on screen
    make: Callable[[LoopedModule], LoopedModule]
    fits: Callable[[LoopedModule], bool]  # whether a model has the variant


def shared(model: LoopedModule, config: ModelConfig | None = None) -> LoopedModule:
    """Return another model object with the same weights, so that changing its parts leaves the first as it is."""
    copy = registry.build_unfilled(model.config if config is None else config, "meta")
    copy.load_state_dict(model.state_dict(), assign=True)
    for name, value in model.named_buffers():  # what no file holds, for it follows from the config
        part, _, key = name.rpartition(".")
        setattr(copy.get_submodule(part), key, value)
    copy.standing_interventions = model.standing_interventions
    if copy.timestep is not None and model.timestep is not None:
        copy.timestep.cached = model.timestep.cached  # the same weights give the same scales
    return copy.requires_grad_(False).eval()


def untrained(model: LoopedModule) -> LoopedModule:
    """Return the model with the weights that training starts from, drawn with seed 0."""
    device = device_of(model)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        fresh = registry.build(model.config)
    fresh.standing_interventions = model.standing_interventions
    return fresh.to(device).requires_grad_(False).eval()


def with_standing(model: LoopedModule, *interventions: Intervention) -> LoopedModule:
    """Return the model with interventions in every run, behind those that it already has."""
    copy = shared(model)
    copy.standing_interventions = (*model.standing_interventions, *interventions)
    return copy


def with_hardmax(model: LoopedModule) -> LoopedModule:
    """Return the model with hardmax in place of softmax."""
    return shared(model, replace(model.config, attention="hardmax"))


def frozen(model: LoopedModule) -> LoopedModule:
    """Return the model with timestep 0 in every loop."""
    return with_standing(model, freeze(0))


def shuffled(model: LoopedModule) -> LoopedModule:
    """Return the model with the timesteps of its trained loops shuffled."""
    return with_standing(model, shuffle(model.trained_loops))


def unscaled(model: LoopedModule) -> LoopedModule:
    """Return the model with all gates and scales one."""
    return with_standing(model, Scale(plus=1))


def _any(model: LoopedModule) -> bool:
    return True


def _softmax(model: LoopedModule) -> bool:
    return getattr(model.config, "attention", None) == "softmax"


def _timestep(model: LoopedModule) -> bool:
    return SCALES in model.capabilities


VARIANTS = {
    "untrained": Variant("untrained", untrained, _any),
    "hardmax": Variant("hardmax attention", with_hardmax, _softmax),
    "frozen": Variant("timestep frozen at 0", frozen, _timestep),
    "shuffled": Variant("timesteps shuffled", shuffled, _timestep),
    "unscaled": Variant("timestep scales all 1", unscaled, _timestep),
}


def is_variant(text: str) -> bool:
    """Say whether every part of a text begins with the name of a variant or of a kind of change."""
    known = VARIANTS.keys() | changes.KINDS.keys()
    return all(part.partition("@")[0].partition("=")[0] in known for part in text.split(","))


def varied(model: LoopedModule, text: str, tokens: Tokens) -> LoopedModule:
    """Return the model that a text asks for; `tokens` reads an input that a change names.

    Raises ValueError with one sentence.
    """
    parts = text.split(",")
    changes.check_number(len(parts))
    for part in dict.fromkeys(parts):  # the same variant a second time changes nothing more
        if part in VARIANTS:
            if part not in variants(model):
                raise ValueError(f"this model has no variant {part!r}; it has {', '.join(variants(model))}.")
            model = VARIANTS[part].make(model)
    asked = [part for part in parts if part not in VARIANTS]
    if asked:
        model = with_standing(model, *changes.interventions(changes.read(",".join(asked)), model, tokens))
    return model


def words(
    text: str, name: Name = changes.position, sign: Name = changes.token, origin: changes.Source = changes.source
) -> str:
    """Say in words what is different in a variant.

    >>> words("hardmax,freeze=8@4")
    'hardmax attention, timestep frozen at 8 after loop 4'
    """
    return ", ".join(
        VARIANTS[part].label if part in VARIANTS else changes.words(changes.read(part)[0], name, sign, origin)
        for part in text.split(",")
    )


def listed_words(parts: list[str], *names: Any) -> list[str]:
    """Say in words what is different, part by part, and which parts a later one leaves without effect.

    `names` are as in `words`.

    >>> listed_words(["freeze=0", "freeze=3"])[0]
    'timestep frozen at 0 (without effect: it is then frozen at 3)'
    """
    made = [part for part in parts if part not in VARIANTS]
    over = dict(zip(made, changes.idle(changes.read(",".join(made))) if made else [], strict=True))
    found = []
    for part in parts:
        later = over.get(part)
        note = f" (without effect: it is then frozen at {later.arguments[0]})" if later else ""
        found.append(words(part, *names) + note)
    return found


def variants(model: LoopedModule) -> list[str]:
    """Return the names of the variants that a model has."""
    return [name for name, variant in VARIANTS.items() if variant.fits(model)]


def weights_digest(model: LoopedModule) -> str:
    """Return the sha256 of the weights as a safetensors file would hold them."""
    return hashlib.sha256(save({name: p.contiguous() for name, p in model.state_dict().items()})).hexdigest()
