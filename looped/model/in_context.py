"""Looped models that learn a function in context: a prompt of examples (x, y) and queries x in, numbers out.

Source: arXiv 2311.12424. A place of the input is a vector of d + 2 numbers: x, then y (0 at a query), then a flag (0 at
an example, 1 at a query). The k examples stand first.

    pairs        P_i = W [x_i ; y_i ; flag_i] + b                    one token for each place, a set without positions
    interleaved  P_2i = W x_i + b + e_2i,  P_2i+1 = W [y_i ; 0 ; …] + b + e_2i+1       the papers' form, causal
    looped   h[t+1] = N(block(h[t] + P)),  h[0] = 0     N, the root-mean-square norm, is an option
    tmlt     the same, with gates and scales that depend on t (arXiv 2410.01405, section 4)
    standard h[t+1] = layer_t(h[t]),  h[0] = P          t = 0 … L-1, L distinct layers
    ŷ_i[t] = w · N(h_i[t]) + c

Pairs attend to the pairs; interleaved tokens of examples to those before them and to themselves. A query attends to all
tokens of examples and to itself, so that no query changes the answer to another one; interleaved, each stands at the
place behind the last example, as in a sequence that ends with it. What is predicted at x_i of an interleaved example
rests on the examples before it. Attention is multiplied out for the tokens of examples and one more, so that time and
memory grow with places × examples, never with queries × queries.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from looped.model import seam
from looped.model.config import ARCHITECTURES, Config
from looped.model.interventions import (
    Block,
    Cut,
    Edit,
    Intervention,
    Patch,
    Scale,
    Sizes,
    Temperature,
    Timesteps,
    edit_of,
    edited_scales,
    need,
)
from looped.model.layered import Layered, sizes_seen
from looped.model.layers import Layer, hardmax, norm
from looped.model.seam import State
from looped.model.timestep import TimestepEncoding

PROMPTS = ("pairs", "interleaved")
KINDS = {
    "standard": "A standard transformer",
    "looped": "A looped transformer",
    "tmlt": "A timestep-modulated looped transformer (TMLT)",
}


@dataclass(frozen=True)
class InContextConfig:
    """Everything that decides the shape of a model. Raises ValueError with one sentence when it makes no sense.

    dims            numbers in an x
    core            "looped", "tmlt" or "standard"
    trained_loops   loops that training used; for "standard" the number of layers
    prompt          "pairs": one token for each example, and a set of them; "interleaved": two tokens, x and y, causal
    length          places of a prompt, at most
    d_model, heads, layers, mlp    as in `looped.model.config.Config`
    state_norm      the block ends with N, so that the state stays bounded
    clamp_timestep  beyond its trained loops a TMLT is given its last timestep again
    """

    architecture: str
    dims: int
    core: str
    trained_loops: int
    prompt: str = "pairs"
    length: int = 512
    d_model: int = 64
    heads: int = 4
    layers: int = 1
    mlp: int = 4
    state_norm: bool = True
    clamp_timestep: bool = False

    def __post_init__(self) -> None:
        need(self.core in ARCHITECTURES, f"core is {self.core!r}; it must be one of {ARCHITECTURES}.")
        need(self.prompt in PROMPTS, f"prompt is {self.prompt!r}; it must be one of {PROMPTS}.")
        whole = isinstance(self.dims, int) and self.dims >= 1
        need(whole, f"dims is {self.dims!r}; it must be a whole number of at least 1.")
        _ = self.block  # which checks all else

    @property
    def block(self) -> Config:
        """The config of the layers."""
        return Config(
            self.core,
            vocab=1,
            length=self.length,
            trained_loops=self.trained_loops,
            d_model=self.d_model,
            heads=self.heads,
            layers=self.layers,
            mlp=self.mlp,
            injection=self.core != "standard",
            state_norm=self.state_norm,
            positions="none",
            clamp_timestep=self.clamp_timestep,
        )


class InContext(Layered):
    """A model that reads a prompt and predicts y at its queries."""

    input_kind = "vectors"
    output_kind = "numbers"
    outputs = 1
    config: InContextConfig
    interventions = (Timesteps, Scale, Cut, Block, Temperature, Patch)

    def __init__(self, config: InContextConfig) -> None:
        super().__init__()
        self.config, self.block, d = config, config.block, config.d_model
        self.interleaved = config.prompt == "interleaved"
        self.read = nn.Linear(config.dims if self.interleaved else config.dims + 2, d)
        self.place = nn.Embedding(2 * config.length, d) if self.interleaved else None
        self.layers = nn.ModuleList(Layer(self.block) for _ in range(config.layers))
        self.gain = nn.Parameter(torch.ones(d))
        self.head = nn.Linear(d, 1)
        self.timestep: TimestepEncoding | None = None
        if self.place is not None:
            nn.init.normal_(self.place.weight, std=0.02)
        for weight in self.layers.parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=(2 * d) ** -0.5)
        if config.core == "tmlt":
            self.timestep = TimestepEncoding(self.block.d_model, self.block.layers)
            nn.init.zeros_(self.timestep.w5.weight)
            nn.init.zeros_(self.timestep.w5.bias)

    # ------------------------------------------------------------------------------------------ what the seam asks for

    @property
    def capabilities(self) -> frozenset[str]:
        """Attention to neighbours, and what the core adds."""
        found = {seam.NEIGHBOUR_ATTENTION}
        if self.interleaved:
            found.add(seam.CANDIDATES)
        if self.config.core != "standard":
            found.add(seam.INJECTION)
        if self.timestep is not None:
            found.add(seam.SCALES)
        return frozenset(found)

    @property
    def description(self) -> tuple[str, list[str]]:
        """What this model is, as the subject of a sentence, and what belongs to it, for model cards."""
        c = self.config
        options = (
            (c.core != "standard", "input injection"),
            (c.state_norm and c.core != "standard", "the state normalised after every loop"),
            (c.clamp_timestep, "given its last timestep again beyond its trained loops"),
        )
        two, one = "x and y as two tokens, learned positions, causal", "one token for each example and each query"
        positions = two if self.interleaved else f"{one}, no position codes"
        return KINDS[c.core], self.described(f"trained with up to {c.trained_loops} loops", options, positions)

    @property
    def positions(self) -> int:
        """The largest number of tokens of a prompt."""
        return self.config.length * (2 if self.interleaved else 1)

    @property
    def inputs(self) -> int:
        """Numbers at each place: x, y and the flag."""
        return self.config.dims + 2

    def begin(self, input: Tensor) -> State:
        """Return the state before the first loop of prompts (batch, places, d + 2).

        `State.input` holds P, and of it the examples' part, which says how many tokens they have. Raises ValueError for
        more places than the model has, where examples do not stand first, and for prompts that differ in their number.
        """
        need(
            input.shape[1] <= self.config.length,
            f"{input.shape[1]} places are too many: this model has {self.config.length}.",
        )
        asked = input[..., -1] > 0
        examples = int((~asked[0]).sum())
        ordered = not bool(asked[:, :examples].any()) and bool(asked[:, examples:].all())
        need(ordered, "the examples of a prompt stand before its queries, as many in each prompt of a batch.")
        embedded = self.embedded(input, examples)
        examples *= 2 if self.interleaved else 1
        hidden = embedded if self.config.core == "standard" else torch.zeros_like(embedded)
        return State(0, hidden, input=(embedded, embedded[:, :examples]))

    def embedded(self, input: Tensor, examples: int) -> Tensor:
        """Return P (batch, tokens, d_model) of prompts (batch, places, d + 2) that begin with so many examples."""
        if self.place is None:
            pairs: Tensor = self.read(input)
            return pairs
        x, y = input[..., :-2], torch.zeros_like(input[..., :-2])
        y[..., 0] = input[..., -2]
        tokens = torch.stack((x, y), 2).flatten(1, 2)  # x and y of a place stand side by side
        number = torch.arange(input.shape[1], device=input.device).clamp(max=examples)  # queries stand at one place
        positions = torch.stack((2 * number, 2 * number + 1), 1).flatten()
        embedded: Tensor = self.read(tokens) + self.place(positions)
        return embedded

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        """Run one loop under the interventions that act in it (`unroll` has checked them)."""
        t, (embedded, of_examples) = state.loop, state.input
        acting = [change for change in (*self.standing_interventions, *interventions) if change.acts(t)]
        x = state.hidden if self.config.core == "standard" else state.hidden + embedded
        scales = None if self.timestep is None else edited_scales(self.timestep, t, acting, self.last_t)
        layers = self.layers[t : t + 1] if self.config.core == "standard" else self.layers
        attention = []
        wrote: list[Tensor] | None = [] if record else None
        for index, layer in enumerate(layers):
            edit = edit_of(acting, index, x.shape[1], False, x.device) if acting else None
            attend = partial(attend_to_examples, cast(Layer, layer), of_examples.shape[1], self.interleaved)
            x, weights = layer(x, None if scales is None else scales[index], record, edit, attend, wrote)
            attention.append(weights)
        if self.config.state_norm and self.config.core != "standard":
            x = norm(x)
        kept = torch.stack(attention, 1) if record else None
        seen = sizes_seen(wrote, None if self.config.core == "standard" else embedded)
        return self.next_state(state, x, interventions, kept, observed=seen)._replace(scales=scales)

    def readout(self, hidden: Tensor) -> Tensor:
        """Return the predictions (…, places, 1) for states (…, tokens, d_model) of any loop."""
        asked = hidden[..., ::2, :] if self.interleaved else hidden
        predictions: Tensor = self.head(norm(asked, self.gain))
        return predictions

    def observe(self, state: State) -> dict[str, Tensor]:
        """Return the hidden state, and attention and scales of the step that produced it where there are any."""
        seen = super().observe(state)
        return seen | self.scales_seen(state)

    def neighbours(self, state: State) -> np.ndarray:
        """Return the tokens of examples and, for a query's, itself: (tokens, k + 1) int64, -1 for none."""
        tokens, k = state.hidden.shape[1], state.input[1].shape[1]
        own = np.arange(tokens)
        table = np.empty((tokens, k + 1), np.int64)
        table[:, :k] = np.arange(k)
        table[:, k] = np.where(own < k, -1, own)
        if self.interleaved:
            table[:k, :k][own[:k, None] < own[:k]] = -1
        return table

    def places(self, positions: int) -> np.ndarray | None:
        """Return the two tokens of each place where they are interleaved: (places, 2); None for pairs."""
        return np.arange(positions).reshape(-1, 2) if self.interleaved else None

    def sizes(self, loops: int, positions: int) -> Sizes:
        """Return the sizes of a run, for `looped.model.interventions.check`."""
        c = self.config
        layers = 1 if c.core == "standard" else c.layers
        injection = c.core != "standard"
        return Sizes(loops, positions, layers, c.heads, c.d_model, 0, self.vectors, injection)


def attend_to_examples(
    layer: Layer, examples: int, causal: bool, u: Tensor, values: Tensor, record: bool, edit: Edit | None = None
) -> tuple[Tensor, Tensor | None]:
    """Return the output of the attention branch, and its weights to the k + 1 neighbours when they are recorded.

    u, values (batch, tokens, d_model), of which the first k belong to examples; causal: these attend to those before
    them and to themselves. weights (batch, heads, tokens, k + 1), rows sum to one.
    """
    q, k, v = layer.by_head(u, values)  # (batch, heads, tokens, width per head) each
    temperature = None if edit is None else edit.temperature
    q = q / math.sqrt(q.shape[-1])
    if temperature:
        q = q / temperature
    # The neighbours come before the tokens: over the last axis a softmax of so few takes ten times as long on a CPU.
    to_examples = k[:, :, :examples] @ q.transpose(-1, -2)  # (batch, heads, k, tokens)
    to_itself = (q * k).sum(-1)[:, :, None]  # (batch, heads, 1, tokens)
    is_example = torch.arange(u.shape[1], device=u.device) < examples  # (tokens,)
    scores = torch.cat((to_examples, to_itself.masked_fill(is_example, -torch.inf)), -2)
    if causal:
        later = torch.ones(examples, examples, dtype=torch.bool, device=u.device).tril(-1)  # [j, i]: j stands behind i
        scores = scores.masked_fill(F.pad(later, (0, u.shape[1] - examples, 0, 1)), -torch.inf)
    if edit is not None and edit.blocked is not None:
        scores = scores.masked_fill(blocked_neighbours(edit.blocked, examples).T, -torch.inf)
    weights = hardmax(scores.transpose(-1, -2)) if temperature == 0 else scores.softmax(-2).transpose(-1, -2)
    mixed = weights[..., :examples] @ v[:, :, :examples] + weights[..., examples:] * v
    return layer.written(mixed, edit), weights if record else None


def blocked_neighbours(blocked: Tensor, examples: int) -> Tensor:
    """Return which neighbours may not be attended to, (places, k + 1) bool, of blocked (places, places) bool.

    Raises ValueError when a place would be left nothing to attend to.
    """
    is_example = torch.arange(len(blocked), device=blocked.device) < examples
    found = torch.cat((blocked[:, :examples], (blocked.diagonal() | is_example)[:, None]), 1)
    alone = found.all(-1).nonzero().flatten().tolist()
    need(not alone, f"place {alone[:1]} is blocked from all examples; it must be left something to attend to.")
    return found
