"""A base class for models behind the seam that are made of PyTorch modules: the usual answers, to be overridden."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self, cast

import numpy as np
import torch
from torch import Tensor, nn

from looped.model import seam
from looped.model.interventions import Intervention, Patch, Sizes, patched
from looped.model.seam import Anatomy, InputKind, ModelConfig, OutputKind, State, Timestep
from looped.model.unfilled import Unfilled


class LoopedModule(nn.Module, ABC):
    """A model that offers `looped.model.seam.LoopedModel`.

    A subclass says what it reads and answers, is made of a config alone, which it keeps as `config`, and implements
    `begin`, `step` and `readout`. It names its capabilities and overrides `observe` when there is more to see than the
    hidden state.
    """

    config: Any  # the config of its architecture, a `looped.model.seam.ModelConfig`
    input_kind: InputKind = "tokens"
    output_kind: OutputKind = "classes"
    interventions: tuple[type[Intervention], ...] = (Patch,)

    def __init__(self) -> None:
        super().__init__()
        self.standing_interventions: tuple[Intervention, ...] = ()
        self.timestep: Timestep | None = None

    @property
    @abstractmethod
    def width(self) -> int:
        """Channels of the hidden state."""

    @property
    @abstractmethod
    def positions(self) -> int:
        """The largest number of positions of an input."""

    @property
    def fewest_places(self) -> int:
        """One: an input may have any number of places up to the largest."""
        return 1

    @property
    @abstractmethod
    def inputs(self) -> int:
        """How many tokens there are, or how many numbers each position of an input has."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """Classes, tokens, or numbers that the readout gives for each position."""

    @abstractmethod
    def begin(self, input: Tensor) -> State:
        """Return the state before the first loop, with everything that `step` will read of the input."""

    @abstractmethod
    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        """Run one loop under the interventions that act in it."""

    @abstractmethod
    def readout(self, hidden: Tensor) -> Tensor:
        """Return what the output head gives for hidden (batch, positions, width): (batch, positions, outputs)."""

    @property
    def capabilities(self) -> frozenset[str]:
        """None of `looped.model.seam.CAPABILITIES`."""
        return frozenset()

    @property
    def anatomy(self) -> Anatomy:
        """One layer of which nothing more is said."""
        return Anatomy()

    @property
    def trained_loops(self) -> int:
        """How many loops training used."""
        return int(self.config.trained_loops)

    @property
    def most_loops(self) -> int | None:
        """None: any number of loops can be run."""
        return None

    @property
    def round(self) -> int | None:
        """None: loops are not grouped in rounds."""
        return None

    @property
    def hardmax(self) -> ModelConfig | None:
        """None: there is no softmax to replace."""
        return None

    @property
    def description(self) -> tuple[str, list[str]]:
        """What this model is, as the subject of a sentence, and what belongs to it, for model cards."""
        return f"A {self.config.architecture} model", [
            f"states of width {self.width}",
            f"trained with {self.trained_loops} loops",
        ]

    @property
    def widest(self) -> int:
        """The width: no activation of a step is larger."""
        return self.width

    @property
    def parameters_count(self) -> int:
        """How many numbers training adjusts."""
        return numbers_in(self)

    @property
    def last_t(self) -> float:
        """Infinity: no timestep is clamped."""
        return math.inf

    @property
    def vectors(self) -> tuple[str, ...]:
        """The vectors that the timestep encoding sets, by name; () for a model without one."""
        return () if self.timestep is None else self.timestep.names

    def weights(self) -> dict[str, Tensor]:
        """Return the weights by name, as a file of them holds them."""
        return dict(self.state_dict())

    def shared(self, config: ModelConfig | None = None, standing: Sequence[Intervention] = ()) -> Self:
        """Return another model with the same weights, which share their memory, ready to run.

        With another config it is built of that. `standing` are done in every run, behind the standing interventions
        of this model.
        """
        with Unfilled("meta"):
            copy = self._built(self.config if config is None else config)
        copy.load_state_dict(self.state_dict(), assign=True)
        for name, value in self.named_buffers():  # what no file holds, for it follows from the config
            part, _, key = name.rpartition(".")
            setattr(copy.get_submodule(part), key, value)
        copy.standing_interventions = (*self.standing_interventions, *standing)
        if copy.timestep is not None and self.timestep is not None:
            copy.timestep.cached = self.timestep.cached  # the same weights give the same scales
        return copy.requires_grad_(False).eval()

    def cache_constants(self) -> None:
        """Cache the scales of each t. Use for inference only: cached tensors carry no gradient."""
        if self.timestep is not None:
            self.timestep.cache_scales()

    def untrained(self) -> Self:
        """Return the model with the weights that training starts from, drawn with seed 0, ready to run."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            fresh = self._built(self.config)
        fresh.standing_interventions = self.standing_interventions
        return fresh.to(seam.device_of(self)).requires_grad_(False).eval()

    def _built(self, config: ModelConfig) -> Self:
        """Build a model of this class, with fresh weights."""
        return cast(Callable[[ModelConfig], Self], type(self))(config)

    def embed(self, tokens: Tensor) -> Tensor:
        """Refuse: this model offers no embedding."""
        raise ValueError(f"a model of architecture {self.config.architecture!r} offers no embedding of its input.")

    def begin_embedded(self, embedded: Tensor) -> State:
        """Refuse: this model offers no embedding."""
        raise ValueError(f"a model of architecture {self.config.architecture!r} cannot begin with an embedded input.")

    def layer_states(self, state: State) -> Tensor:
        """Refuse: this model says nothing of the layers of a loop."""
        raise ValueError(f"a model of architecture {self.config.architecture!r} does not tell the layers of its loop.")

    def observe(self, state: State) -> dict[str, Tensor]:
        """Return the hidden state, attention when it was recorded, and the further states and observations by name."""
        seen = {"hidden": state.hidden} | dict(state.others) | dict(state.observed)
        if state.attention is not None:
            seen["attention"] = state.attention
        return seen

    def scales_seen(self, state: State) -> dict[str, Tensor]:
        """Return the vectors of the timestep encoding in a state by name, (1, layers, width) each, for `observe`."""
        scales = state.scales
        return {} if scales is None else {name: scales[None, :, index] for index, name in enumerate(self.vectors)}

    def next_state(
        self,
        state: State,
        hidden: Tensor,
        interventions: Sequence[Intervention] = (),
        attention: Tensor | None = None,
        others: Mapping[str, Tensor] | None = None,
        observed: Mapping[str, Tensor] | None = None,
    ) -> State:
        """Return the state after the loop that begins with `state`, for `step` to return.

        hidden (batch, positions, width) is what the loop computed; the states that interventions patch are replaced in
        it. attention and observed belong to this step; others are the further tensors to carry on.
        """
        loop = state.loop + 1
        return state._replace(
            loop=loop,
            hidden=patched(hidden, loop, (*self.standing_interventions, *interventions)),
            attention=attention,
            others=state.others if others is None else others,
            observed={} if observed is None else observed,
        )

    def neighbours(self, state: State) -> np.ndarray | None:
        """Return None: attention, if there is any, is to all positions."""
        return None

    def places(self, positions: int) -> np.ndarray | None:
        """Return None: every place of the input has one position."""
        return None

    def sizes(self, loops: int, positions: int) -> Sizes:
        """Return the sizes of a run of a model with one layer and no heads."""
        tokens = self.inputs if self.input_kind == "tokens" else 0
        injection = seam.INJECTION in self.capabilities
        return Sizes(loops, positions, 1, 0, self.width, tokens, self.vectors, injection)

    def unroll(
        self,
        input: Tensor,
        loops: int | None = None,
        record: bool = False,
        interventions: Sequence[Intervention] = (),
        start: State | None = None,
    ) -> Iterator[State]:
        """Yield the state before the first loop, then the state after each loop: `looped.model.seam.unroll`."""
        return seam.unroll(self, input, loops, record, interventions, start)

    def forward(self, input: Tensor, loops: int | None = None) -> Tensor:
        """Return the readout (batch, places, outputs) after the last loop."""
        return seam.forward(self, input, loops)


def numbers_in(module: nn.Module) -> int:
    """Return how many numbers training adjusts in a module.

    >>> numbers_in(nn.Linear(3, 2))
    8
    """
    return sum(p.numel() for p in module.parameters())
