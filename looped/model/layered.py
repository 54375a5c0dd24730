"""What a model made of the family's layers says of itself."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from looped.model.base import LoopedModule, numbers_in
from looped.model.config import Config
from looped.model.layers import Layer, whole_size
from looped.model.seam import INJECTION, Anatomy


class Layered(LoopedModule):
    """A model whose loop is a block of `looped.model.layers.Layer`. `block` is the config of its layers."""

    block: Config
    layers: nn.ModuleList

    @property
    def most_loops(self) -> int | None:
        """The layers of a standard transformer, each applied once; any number for a looped one."""
        return self.block.layers if self.block.architecture == "standard" else None

    @property
    def anatomy(self) -> Anatomy:
        """An attention branch and an MLP branch in each layer, and what the config adds; `wrote` has their sizes."""
        c, standard = self.block, self.most_loops is not None
        return Anatomy(
            1 if standard else c.layers,
            ("attention", "MLP"),
            INJECTION in self.capabilities,
            c.state_norm and not standard,
            c.feedback,
            learned=numbers_in(self.layers) // (c.layers if standard else 1),
        )

    @property
    def width(self) -> int:
        """Channels of the hidden state."""
        return self.block.d_model

    @property
    def widest(self) -> int:
        """Channels inside the MLP."""
        return self.block.d_model * self.block.mlp

    @property
    def last_t(self) -> float:
        """The largest timestep that a loop is given unless a run is asked for another one."""
        return self.block.trained_loops - 1 if self.block.clamp_timestep else math.inf

    def cache_constants(self) -> None:
        """Cache the scales of each t and the biases for relations. Use for inference only."""
        super().cache_constants()
        for part in self.modules():
            if isinstance(part, Layer):
                part.biases = {}

    def described(self, trained: str, options: Iterable[tuple[bool, str]], positions: str) -> list[str]:
        """Return what belongs to the model, for `description`.

        trained: how many loops it was trained with, in words; options: what it may have, and whether it has it;
        positions: how it knows where a token stands.
        """
        layers, width, heads = self.block.layers, self.block.d_model, self.block.heads
        return [
            f"{layers} layer{'s' if layers > 1 else ''} of width {width} with {heads} heads",
            "each applied once" if self.most_loops is not None else trained,
            *(words for has, words in options if has),
            positions,
        ]


def sizes_seen(wrote: list[Tensor] | None, added: Tensor | None) -> dict[str, Tensor]:
    """Return what is observed of a step: the sizes of what was added to the stream; {} where nothing was recorded.

    wrote: what `Layer.forward` was given to fill, (batch,) of every branch in turn; added: what is added to the state
    before the layers, (batch, positions, width), None for nothing. Returns `wrote` (batch, layers, 2), the Euclidean
    norms over all positions and channels of what attention and the MLP add in each layer, and `injected` (batch,).
    """
    if wrote is None:
        return {}
    seen = {"wrote": torch.stack(wrote, 1).reshape(len(wrote[0]), -1, 2)}
    return seen if added is None else seen | {"injected": whole_size(added)}
