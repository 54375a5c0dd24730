"""The same checkpoint with one thing changed, to be run beside it: what did training, or the timestep encoding, or the softmax do?

A variant is written after the name, `sudoku9-tmlt~frozen`, wherever a checkpoint is named. Nothing is trained and no weight
on the disk is touched; a variant shares its weights with the checkpoint unless it says otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from safetensors.torch import save
from torch import Tensor, nn

from looped.interventions import Intervention, Scale, edited_scales, freeze, given_t, shuffle
from looped.model import Config, Model, TimestepEncoding


class EditedTimestep(nn.Module):
    """The timestep encoding of a TMLT under interventions in every run."""

    def __init__(self, inner: TimestepEncoding, change: Intervention) -> None:
        super().__init__()
        self.inner, self.change = inner, change

    def forward(self, t: float) -> Tensor:
        return edited_scales(self.inner, t, [self.change])

    def encode(self, t: float) -> Tensor:
        return self.inner.encode(given_t(t, [self.change]))


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
    copy.cells = model.cells
    return copy.requires_grad_(False).eval()


def untrained(model: Model) -> Model:
    """The weights that training starts from, with seed 0."""
    device = next(model.parameters()).device
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        fresh = Model(model.config)
    return fresh.to(device).requires_grad_(False).eval()


def with_timestep(model: Model, change: Intervention) -> Model:
    copy = shared(model)
    assert copy.timestep is not None
    copy.timestep = EditedTimestep(copy.timestep, change)  # type: ignore[assignment]
    return copy


VARIANTS = {
    "untrained": Variant("untrained", untrained),
    "hardmax": Variant("hardmax attention", lambda model: shared(model, replace(model.config, attention="hardmax"))),
    "frozen": Variant("timestep frozen at 0", lambda model: with_timestep(model, freeze(0)), timestep=True),
    "shuffled": Variant("timesteps shuffled", lambda model: with_timestep(model, shuffle(model.config.trained_loops)), timestep=True),
    "unscaled": Variant("timestep scales all 1", lambda model: with_timestep(model, Scale(plus=1)), timestep=True),
}


def variants(config: Config) -> list[str]:
    """Names of the variants that a model of this config has."""
    return [name for name, variant in VARIANTS.items()
            if (config.architecture == "tmlt" or not variant.timestep) and not (name == "hardmax" and config.attention == "hardmax")]


def weights_digest(model: Model) -> str:
    """sha256 of the weights as a safetensors file would hold them."""
    return hashlib.sha256(save({name: p.contiguous() for name, p in model.state_dict().items()})).hexdigest()
