"""Small models that are unlike the family in what the seam allows to differ, with random weights.

Regression      real vectors in, numbers out, no attention
Causal          next tokens out, and a mask that differs per input: nobody attends to padding
TwoStates       an answer and a latent state, several inner steps a loop: the shape of TRM (arXiv 2510.04871)
Ring            attention to the neighbours in a row, kept for each neighbour
Candidates      one position for each candidate of a place; shares over groups in place of attention
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from looped.model import LoopedModule, State, registry, seam
from looped.model.interventions import Intervention

PADDING = 0  # the token of the causal toy that nobody attends to


@dataclass(frozen=True)
class ToyConfig:
    """What all toys share."""

    architecture: str
    trained_loops: int = 4
    channels: int = 6
    length: int = 9
    tokens: int = 5  # or numbers in an input vector
    answers: int = 5  # classes, or numbers in an output
    inner: int = 3

    def __post_init__(self) -> None:
        if self.trained_loops < 1:
            raise ValueError(f"trained_loops is {self.trained_loops}; a toy runs at least one loop.")


class Toy(LoopedModule):
    """What all toys share: sizes of the config, and a linear readout."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.config = config
        self.head = nn.Linear(config.channels, config.answers)

    @property
    def width(self) -> int:
        return self.config.channels

    @property
    def positions(self) -> int:
        return self.config.length

    @property
    def inputs(self) -> int:
        return self.config.tokens

    @property
    def outputs(self) -> int:
        return self.config.answers

    def readout(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self.head(hidden)
        return logits


class Regression(Toy):
    """h[t + 1] = tanh(A h[t] + B mean over positions of h[t] + C x), h[0] = 0."""

    input_kind = "vectors"
    output_kind = "numbers"
    capabilities = frozenset({seam.INJECTION})

    def __init__(self, config: ToyConfig) -> None:
        super().__init__(config)
        self.own = nn.Linear(config.channels, config.channels)
        self.mean = nn.Linear(config.channels, config.channels)
        self.read = nn.Linear(config.tokens, config.channels)

    def begin(self, input: Tensor) -> State:
        embedded = self.read(input)
        return State(0, torch.zeros_like(embedded), input=(embedded,))

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        h = state.hidden
        hidden = torch.tanh(self.own(h) + self.mean(h.mean(1, keepdim=True)) + state.input[0])
        return self.next_state(state, hidden, interventions)


class Causal(Toy):
    """One head of attention to the past and not to padding; a token that is padding attends to itself alone."""

    output_kind = "next token"
    capabilities = frozenset({seam.ATTENTION})

    def __init__(self, config: ToyConfig) -> None:
        super().__init__(config)
        self.token = nn.Embedding(config.tokens, config.channels)
        self.qkv = nn.Linear(config.channels, 3 * config.channels)

    def begin(self, input: Tensor) -> State:
        embedded = self.token(input)
        past = torch.ones(input.shape[1], input.shape[1], dtype=torch.bool, device=input.device).tril()
        itself = torch.eye(input.shape[1], dtype=torch.bool, device=input.device)
        mask = past & (input != PADDING)[:, None, :] & (input != PADDING)[:, :, None] | itself
        return State(0, embedded, input=(embedded,), mask=mask)

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        assert state.mask is not None
        q, k, v = self.qkv(state.hidden).chunk(3, -1)
        scores = q @ k.mT / math.sqrt(self.width)
        weights = scores.masked_fill(~state.mask, -torch.inf).softmax(-1)
        hidden = torch.tanh(state.hidden + weights @ v)
        attention = weights[:, None, None] if record else None
        return self.next_state(state, hidden, interventions, attention=attention)


class TwoStates(Toy):
    """z ← tanh(A (x + y + z)) several times, then y ← tanh(B (y + z)): `hidden` is y, `latent` is z."""

    capabilities = frozenset({seam.INJECTION, seam.SEVERAL_STATES, seam.INNER_STEPS})

    def __init__(self, config: ToyConfig) -> None:
        super().__init__(config)
        self.token = nn.Embedding(config.tokens, config.channels)
        self.think = nn.Linear(config.channels, config.channels)
        self.answer = nn.Linear(config.channels, config.channels)

    def begin(self, input: Tensor) -> State:
        embedded = self.token(input)
        return State(0, torch.zeros_like(embedded), input=(embedded,), others={"latent": torch.zeros_like(embedded)})

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        y, z, inner = state.hidden, state.others["latent"], []
        for _ in range(self.config.inner):
            z = torch.tanh(self.think(state.input[0] + y + z))
            inner.append(z)
        hidden = torch.tanh(self.answer(y + z))
        observed = {"inner": torch.stack(inner, 1)} if record else {}
        return self.next_state(state, hidden, interventions, others={"latent": z}, observed=observed)


class Ring(Toy):
    """Positions in a row; each attends to the one before, itself, and the one after."""

    capabilities = frozenset({seam.NEIGHBOUR_ATTENTION, seam.INJECTION})

    def __init__(self, config: ToyConfig) -> None:
        super().__init__(config)
        self.token = nn.Embedding(config.tokens, config.channels)
        self.qkv = nn.Linear(config.channels, 3 * config.channels)

    def neighbours(self, state: State) -> np.ndarray:
        positions = state.hidden.shape[1]
        table = np.arange(positions)[:, None] + np.array([-1, 0, 1])
        table[table >= positions] = -1
        return table

    def begin(self, input: Tensor) -> State:
        embedded = self.token(input)
        return State(0, torch.zeros_like(embedded), input=(embedded,))

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        x = state.hidden + state.input[0]
        table = torch.tensor(self.neighbours(state))
        q, k, v = self.qkv(x).chunk(3, -1)
        scores = torch.einsum("bnd,bnkd->bnk", q, k[:, table]) / math.sqrt(self.width)
        weights = scores.masked_fill(table < 0, -torch.inf).softmax(-1)
        hidden = torch.tanh(x + torch.einsum("bnk,bnkd->bnd", weights, v[:, table]))
        return self.next_state(state, hidden, interventions, attention=weights[:, None, None] if record else None)


class Candidates(Toy):
    """One position for each place and token: the shape of a Sudoku net with one token for each candidate.

    There are two kinds of groups, all tokens of a place and all places of a token. In each a candidate gets a share by
    softmax, which is read in place of attention.
    """

    capabilities = frozenset({seam.INJECTION, seam.CANDIDATES})

    def __init__(self, config: ToyConfig) -> None:
        super().__init__(config)
        self.given = nn.Embedding(2, config.channels)
        self.contest = nn.Linear(config.channels, 1)
        self.told = nn.Linear(config.channels + 2, config.channels)
        self.head = nn.Linear(config.channels, 1)

    def places(self, positions: int) -> np.ndarray:
        return np.arange(positions).reshape(-1, self.config.tokens)

    def begin(self, input: Tensor) -> State:
        candidates = input[..., None] == torch.arange(self.config.tokens)  # (batch, places, tokens)
        embedded = self.given(candidates.long()).flatten(1, 2)
        return State(0, torch.zeros_like(embedded), input=(embedded,))

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        x = state.hidden + state.input[0]
        scores = self.contest(x).unflatten(1, (-1, self.config.tokens))  # (batch, places, tokens, 1)
        shares = torch.cat((scores.softmax(2), scores.softmax(1)), -1).flatten(1, 2)  # (batch, positions, 2)
        hidden = torch.tanh(self.told(torch.cat((x, shares), -1)))
        return self.next_state(state, hidden, interventions, observed={"pencil": shares} if record else {})

    def readout(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self.head(hidden).squeeze(-1).unflatten(-1, (-1, self.config.tokens))
        return logits


TOYS: dict[str, type[Toy]] = {
    "regression": Regression,
    "causal": Causal,
    "two states": TwoStates,
    "ring": Ring,
    "pencil marks": Candidates,
}


@contextmanager
def registered() -> Iterator[None]:
    """Put the toys into the registry of architectures for a while."""
    for name, toy in TOYS.items():
        registry.register(name, ToyConfig, toy)
    try:
        yield
    finally:
        for name in TOYS:
            registry.unregister(name)


def make_toy(name: str, seed: int = 0) -> Toy:
    """A toy in which every parameter is random."""
    toy = TOYS[name](ToyConfig(name))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in toy.parameters():
            parameter.copy_(0.6 * torch.randn(parameter.shape, generator=generator))
    return toy.eval().requires_grad_(False)


def some_input(name: str, seed: int = 1) -> np.ndarray:
    """An input of a toy: tokens (9,), the last ones of the causal toy padding; or vectors (9, 5)."""
    rng = np.random.default_rng(seed)
    if name == "regression":
        return rng.normal(size=(9, 5))
    tokens = rng.integers(1, 5, size=9)
    if name == "causal":
        tokens[6 + seed % 2 :] = PADDING
    return tokens
