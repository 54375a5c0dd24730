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

from looped.model import Config, Model, TimestepEncoding


class Rescheduled(nn.Module):
    """The timestep encoding of a TMLT, asked for loop `schedule(t)` where loop t is run."""

    def __init__(self, inner: TimestepEncoding, schedule: Callable[[float], float]) -> None:
        super().__init__()
        self.inner, self.schedule = inner, schedule

    def forward(self, t: float) -> Tensor:
        scales: Tensor = self.inner(self.schedule(t))
        return scales


class Unscaled(nn.Module):
    """No timestep encoding at all: every branch at full strength (α = 1) and every gain one (γ = 1), in every loop."""

    def __init__(self, inner: TimestepEncoding) -> None:
        super().__init__()
        self.shape = (inner.layers, 4, inner.w2.out_features)
        self.register_buffer("device", torch.zeros((), device=inner.w2.weight.device), persistent=False)

    def forward(self, t: float) -> Tensor:
        return torch.ones(self.shape, device=self.get_buffer("device").device)


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


def shuffled(model: Model) -> Model:
    """The trained loops' timesteps in another order, the same for every board (seed 0); loops beyond keep theirs."""
    trained = model.config.trained_loops
    order = torch.randperm(trained, generator=torch.Generator().manual_seed(0)).tolist()
    return with_timestep(model, lambda inner: Rescheduled(inner, lambda t: order[int(t)] if t < trained else t))


def with_timestep(model: Model, make: Callable[[TimestepEncoding], nn.Module]) -> Model:
    copy = shared(model)
    assert copy.timestep is not None
    copy.timestep = make(copy.timestep)  # type: ignore[assignment]
    return copy


VARIANTS = {
    "untrained": Variant("untrained", untrained),
    "hardmax": Variant("hardmax attention", lambda model: shared(model, replace(model.config, attention="hardmax"))),
    "frozen": Variant("timestep frozen at 0", lambda model: with_timestep(model, lambda inner: Rescheduled(inner, lambda t: 0)), timestep=True),
    "shuffled": Variant("timesteps shuffled", shuffled, timestep=True),
    "unscaled": Variant("timestep scales all 1", lambda model: with_timestep(model, Unscaled), timestep=True),
}


def variants(config: Config) -> list[str]:
    """Names of the variants that a model of this config has."""
    return [name for name, variant in VARIANTS.items()
            if (config.architecture == "tmlt" or not variant.timestep) and not (name == "hardmax" and config.attention == "hardmax")]


def weights_digest(model: Model) -> str:
    """sha256 of the weights as a safetensors file would hold them."""
    return hashlib.sha256(save({name: p.contiguous() for name, p in model.state_dict().items()})).hexdigest()
