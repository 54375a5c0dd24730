"""The family of the two papers: transformers that apply a block again and again.

    standard     h[t+1] = layer_t(h[t])            t = 0 … L-1, L distinct layers
    looped       h[t+1] = block(h[t])              the same block every time
    + injection  h[t+1] = block(h[t] + P),  h[0] = 0       arXiv 2311.12424, P = the embedded input
    + feedback   h[t+1] = block(h[t] + P + E softmax(readout(h[t])))    self-conditioning (arXiv 2208.04202), E = the
                                                   table of tokens
    + relations  attention's scores are q·k/√width + a bias for each head and relation of two cells: the same row,
                 column, box, or cell (as T5 has for distances: arXiv 1910.10683, 2.1)
    + neighbourhood  attention goes to the 3 × 3 cells around a cell of a square grid, with a bias for each head and
                 offset and no positions (`looped.model.neighbourhood`)
    tmlt         the looped block with gates and scales that depend on t (arXiv 2410.01405, section 4):
                 x ← x + α1(t) · Attention(γ1(t) · N(x))
                 x ← x + α2(t) · MLP(γ2(t) · N(x))

N is the root-mean-square norm. In a TMLT it has no gain of its own: γ(t) is the gain. The four vectors come from the
timestep encoding TE(t); its last layer starts at zero, so a new TMLT has α = 0, γ = 1 and is the identity map.

`Model` offers the verbs of `looped.model.seam`; training with a loss on every loop, traces and evaluation are written
on top of `Model.unroll`, and nothing needs a hook on a shared module. What is to be done to a run (see
`looped.model.interventions`) is one of its arguments, so that users of the same model cannot disturb each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from looped.model import seam
from looped.model.config import Config
from looped.model.interventions import (
    Block,
    Cut,
    Input,
    Intervention,
    Patch,
    Scale,
    Sizes,
    Temperature,
    Timesteps,
    edit_of,
    edited_scales,
    patched,
)
from looped.model.layered import Layered, sizes_seen
from looped.model.layers import Layer, causal_mask, norm, place_indices
from looped.model.neighbourhood import neighbour_table, square
from looped.model.seam import State
from looped.model.timestep import TimestepEncoding

SPECIALISED = ((5 / 3, 5 / 3, 0.0, -1.0), (5.0, 0.0, 0.0, -1.0), (0.0, 0.0, 5.0, -1.0), (0.0, 5.0, 0.0, -1.0))
"""Initial biases of the heads, in turn: for a cell of the same row, column, box, and for the cell itself."""


PLACES = {
    "board": "row + column + box codes",
    "halves": "half + place-in-it codes",
    "learned": "learned positions",
    "rotary": "rotary positions",
    "none": "no position codes",
}
KINDS = {
    "standard": "A standard transformer",
    "looped": "A looped transformer",
    "tmlt": "A timestep-modulated looped transformer (TMLT)",
}


class Model(Layered):
    """A transformer of the family. Tokens in, one state per loop out, logits read from any state."""

    cells: Tensor
    config: Config
    interventions = (Timesteps, Scale, Cut, Block, Temperature, Patch, Input)

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = self.block = config
        self.token = nn.Embedding(config.vocab, config.d_model)
        self.place = position_tables(config)
        self.register_buffer("cells", place_indices(config), persistent=False)  # (tables, length)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.gain = nn.Parameter(torch.ones(config.d_model))
        self.head = nn.Linear(config.d_model, config.vocab, bias=False)
        self.timestep: TimestepEncoding | None = None
        self.initialise()

    def initialise(self) -> None:
        """Draw new weights as `Config.init` says.

        "released", as in the released code of 2410.01405: all weights N(0, 0.02), those of the projections that write
        to the stream smaller by √(2 · layers). 0.02 suits its width of 768; "scaled" keeps the size of what a narrower
        layer puts out: N(0, 1/√(2 d_model)), and N(0, 1/2) for the tables of tokens and positions. "specialised" is
        "scaled", but the tables of positions begin near zero, at N(0, 0.02), and the heads' biases for relations at
        SPECIALISED. Other biases for relations and those for neighbours begin at zero. The timestep encoding has
        PyTorch's own initialisation, and its last layer is zero.
        """
        config = self.config
        specialised = config.init == "specialised"
        for name, weight in self.named_parameters():
            if name.endswith("relation") and specialised:
                heads = [SPECIALISED[head % len(SPECIALISED)] for head in range(config.heads)]
                weight.data.copy_(torch.tensor(heads))
            elif weight.ndim < 2 or name.endswith(("relation", "near")):
                continue
            elif specialised and name.startswith("place."):
                nn.init.normal_(weight, std=0.02)
            elif config.init != "released":
                table = name.startswith(("token.", "place."))
                nn.init.normal_(weight, std=0.5 if table else (2 * config.d_model) ** -0.5)
            else:
                writes = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * config.layers) if writes else 0.02)
        if config.architecture == "tmlt":
            self.timestep = TimestepEncoding(config.d_model, config.layers)
            nn.init.zeros_(self.timestep.w5.weight)
            nn.init.zeros_(self.timestep.w5.bias)

    # ------------------------------------------------------------------------------------------ what the seam asks for

    @property
    def capabilities(self) -> frozenset[str]:
        """Attention and an embedding, and what the config adds."""
        near = self.config.attention_to == "neighbourhood"
        found = {seam.NEIGHBOUR_ATTENTION if near else seam.ATTENTION, seam.EMBEDDING}
        if self.config.injection:
            found.add(seam.INJECTION)
        if self.timestep is not None:
            found.add(seam.SCALES)
        if self.config.layers > 1 and self.most_loops is None:
            found.add(seam.LAYERS)
        return frozenset(found)

    @property
    def hardmax(self) -> Config | None:
        """The config with hardmax attention; None where it has that already."""
        return replace(self.config, attention="hardmax") if self.config.attention == "softmax" else None

    @property
    def description(self) -> tuple[str, list[str]]:
        """What this model is, as the subject of a sentence, and what belongs to it, for model cards."""
        c = self.config
        options = (
            (c.injection, "input injection"),
            (c.feedback, "its answer fed back in every loop"),
            (c.state_norm, "the state normalised after every loop"),
            (c.relations, "a bias of every head for cells that share a row, a column or a box"),
            (c.clamp_timestep, "given its last timestep again beyond its trained loops"),
        )
        trained = f"trained with {c.trained_loops} loops"
        return KINDS[c.architecture], self.described(trained, options, PLACES[c.positions])

    @property
    def fewest_places(self) -> int:
        """All positions where each has a code of its own; one where they have none, or where none sees a later one."""
        return self.config.length if len(self.place) and not self.config.causal else 1

    @property
    def positions(self) -> int:
        """The largest number of positions of an input."""
        return self.config.length

    @property
    def inputs(self) -> int:
        """How many tokens there are."""
        return self.config.vocab

    @property
    def outputs(self) -> int:
        """How many classes there are."""
        return self.config.vocab

    def begin(self, input: Tensor) -> State:
        """Embed tokens (batch, positions) and return the state before the first loop."""
        return self.begin_embedded(self.embed(input))

    def begin_embedded(self, embedded: Tensor) -> State:
        """Return the state before the first loop of an embedded input (batch, positions, d_model)."""
        mask = None
        if self.config.causal:
            mask = ~causal_mask(embedded.shape[1], embedded.device).expand(len(embedded), -1, -1)
        return State(0, self.start(embedded), input=(embedded,), mask=mask)

    def layer_states(self, state: State) -> Tensor:
        """Return the normalised stream behind each layer of the next loop: (batch, layers, positions, d_model)."""
        streams: list[Tensor] = []
        self.step(state, streams=streams)
        return norm(torch.stack(streams, 1))

    def step(
        self,
        state: State,
        record: bool = False,
        interventions: Sequence[Intervention] = (),
        streams: list[Tensor] | None = None,
    ) -> State:
        """Run one loop under the interventions that act in it (`unroll` has checked them).

        streams: a list to which the stream behind each layer is added, (batch, positions, d_model).
        """
        t = state.loop
        interventions = (*self.standing_interventions, *interventions)
        acting = [change for change in interventions if change.acts(t)]
        embedded = state.input[0]
        for change in acting:
            if isinstance(change, Input):
                embedded = self.injected(embedded, change)
        x = self.read(state.hidden, embedded)
        scales = None if self.timestep is None else edited_scales(self.timestep, t, acting, self.last_t)
        attention = []
        wrote: list[Tensor] | None = [] if record else None
        for index, layer in enumerate(self.layers_of(t)):
            edit = edit_of(acting, index, x.shape[1], self.config.causal, x.device)
            x, weights = layer(x, None if scales is None else scales[index], record, edit, wrote=wrote)
            attention.append(weights)
            if streams is not None:
                streams.append(x)
        if self.config.state_norm:
            x = norm(x)
        kept = None
        if record:  # a view where there is one layer, not another copy of every loop's weights
            kept = attention[0].unsqueeze(1) if len(attention) == 1 else torch.stack(attention, 1)
        seen = sizes_seen(wrote, embedded if self.config.injection else None)
        hidden = patched(x, t + 1, interventions)
        return state._replace(loop=t + 1, hidden=hidden, attention=kept, scales=scales, observed=seen)

    def readout(self, hidden: Tensor) -> Tensor:
        """Return logits (..., vocab) that the output head gives for a hidden state (..., d_model) of any loop."""
        logits: Tensor = self.head(norm(hidden, self.gain))
        return logits

    def observe(self, state: State) -> dict[str, Tensor]:
        """Return the hidden state, and what was seen of the step that produced it.

        hidden (batch, positions, d_model); attention (batch, layers, heads, positions, positions); alpha1, alpha2,
        gamma1, gamma2 (1, layers, d_model), the same for the whole batch; and what `sizes_seen` says.
        """
        seen = {"hidden": state.hidden} | dict(state.observed)
        if state.attention is not None:
            seen["attention"] = state.attention
        return seen | self.scales_seen(state)

    def neighbours(self, state: State) -> np.ndarray | None:
        """Return the table of 3 × 3 neighbourhoods, (positions, 9) int64; None where all positions are attended to."""
        if self.config.attention_to == "all":
            return None
        rows = square(state.hidden.shape[1])
        table: np.ndarray = neighbour_table(rows, rows).numpy()
        return table

    def sizes(self, loops: int, positions: int) -> Sizes:
        """Return the sizes of a run, for `looped.model.interventions.check`."""
        c = self.config
        layers = 1 if c.architecture == "standard" else c.layers
        return Sizes(loops, positions, layers, c.heads, c.d_model, c.vocab, self.vectors, c.injection)

    # --------------------------------------------------------------------------------------------- parts of one loop

    def embed(self, tokens: Tensor) -> Tensor:
        """Embed tokens (batch, positions), whole numbers below vocab, and their positions.

        Returns P (batch, positions, d_model). Raises ValueError for more tokens than positions.
        """
        n = tokens.shape[-1]
        if n > self.config.length:
            raise ValueError(f"{n} tokens are too many: this model has {self.config.length} positions.")
        embedded: Tensor = self.token(tokens)
        for table, index in zip(self.place, self.cells, strict=True):
            embedded = embedded + table(index[:n])
        return embedded

    def injected(self, embedded: Tensor, change: Input) -> Tensor:
        """Return the embedded input (batch, positions, d_model) with other tokens, at all positions or at some."""
        tokens = torch.tensor(change.tokens, device=embedded.device)
        if change.positions is None:
            return self.embed(tokens[None])
        positions = torch.tensor(change.positions, device=embedded.device)
        other = self.token(tokens)
        for table, index in zip(self.place, self.cells, strict=True):
            other = other + table(index[positions])
        return embedded.index_copy(1, positions, other.expand(len(embedded), -1, -1))

    def start(self, embedded: Tensor) -> Tensor:
        """Return h[0]: zero with input injection (2311.12424), the embedded input without."""
        return torch.zeros_like(embedded) if self.config.injection else embedded

    def read(self, h: Tensor, embedded: Tensor) -> Tensor:
        """Return what the block reads in one loop, from the state before it and the embedded input.

        All are (batch, positions, d_model).
        """
        if not self.config.injection:
            return h
        x = h + embedded
        if not self.config.feedback:
            return x
        fed: Tensor = self.readout(h).softmax(-1).to(x.dtype) @ self.token.weight
        return x + fed

    def layers_of(self, loop: int) -> nn.ModuleList:
        """Return the layers that a loop applies: all of the block, or the one layer of a standard transformer."""
        return self.layers[loop : loop + 1] if self.config.architecture == "standard" else self.layers

    def advance(self, h: Tensor, embedded: Tensor, t: Tensor) -> Tensor:
        """Run one loop of inputs that are at different loops t (batch,), as training carries them on.

        `step` without records and interventions; h and embedded (batch, positions, d_model).
        """
        x = self.read(h, embedded)
        scales = None
        if self.timestep is not None:
            scales = self.timestep.compute(t)[1].movedim(0, 2).unsqueeze(3)  # (layers, 4, batch, 1, d_model)
        for index, layer in enumerate(self.layers):
            x, _ = layer(x, None if scales is None else scales[index])
        return norm(x) if self.config.state_norm else x


def position_tables(config: Config) -> nn.ModuleList:
    """Return the learned tables that are added to the embedded tokens, one for each row of `place_indices`."""
    d = config.d_model
    if config.positions == "learned":
        return nn.ModuleList([nn.Embedding(config.length, d)])
    if config.positions == "board":
        return nn.ModuleList(nn.Embedding(math.isqrt(config.length), d) for _ in ("row", "column", "box"))
    if config.positions == "halves":
        return nn.ModuleList((nn.Embedding(2, d), nn.Embedding(config.length // 2, d)))
    return nn.ModuleList()
