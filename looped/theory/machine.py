"""The construction of 2410.01405 as a network that runs: one block, applied again and again, approximates a function.

One layer of hardmax attention with one head of size 1, and a feed-forward layer with ReLU; residual connections, no
normalisation, float64. Three stages follow one another by themselves, since the block counts its loops:

    quantise    D − 1 loops   z counts the thresholds jδ that the token x has passed
    context     N loops       attention finds the largest token ID not used yet; s gains it as a digit in base D
    value       K − 1 loops   v follows the table y_0, y_1, … and stops for good at the token's own ID k = per s + z

With *modulated* weights (Theorem 4.2) the step of loop t is η(t) = y_j − y_{j−1}, and v ends on the table exactly. With
*tied* weights (Lemma 4.1) every step has one size, the largest jump of the table, and its sign is the next bit of a
constant: a shift register of channels that the embedding fills. Its error is at most that jump.

The statements are the paper's; it leaves its matrices to the proof, so those here are our own, with other sizes.
Channels: one, x, counter, z, found, used, s, v, context stage, value stage; tied ones add sign and the register.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from looped.model import LoopedModule, State, seam
from looped.model.interventions import Intervention
from looped.theory.tables import Table, shared_signs

Weights = Literal["tied", "modulated"]
WEIGHTS: tuple[Weights, ...] = get_args(Weights)
BITS = 22
"""Signs in a channel of the register: with the slope 2^22 of the step that reads them, sums stay exact in float64."""
CHANNELS = ("one", "x", "counter", "z", "found", "used", "s", "v", "context stage", "value stage")
Z, FOUND, USED, VALUE = (CHANNELS.index(name) for name in ("z", "found", "used", "v"))
FINE = 2.0**20


@dataclass(frozen=True)
class Settings:
    """How the network departs from the construction's idealisations. Raises ValueError with one sentence."""

    weights: Weights = "modulated"
    slope: float = FINE  # M of the steps that quantise; a threshold is blurred over 1 / M below it
    beta: float = math.inf  # of softmax(β score) in place of hardmax; infinity: hardmax

    def __post_init__(self) -> None:
        if self.weights not in WEIGHTS:
            raise ValueError(f"there are no weights {self.weights!r}; weights are tied or modulated.")
        if not 1 <= self.slope <= 2.0**30:
            raise ValueError(f"the slope is {self.slope}; it is a number from 1 to 2^30.")
        if not self.beta > 0:
            raise ValueError(f"beta is {self.beta}; it is a number above 0, or inf for hardmax.")


@dataclass(frozen=True)
class MachineConfig:
    """What a trace says of this model."""

    architecture: str
    trained_loops: int


class FeedForward:
    """Units of a feed-forward layer, one by one: what each reads, and what it writes when it is above zero."""

    def __init__(self, channels: Sequence[str]) -> None:
        self.at = {name: i for i, name in enumerate(channels)}
        self.reads: list[Tensor] = []
        self.writes: list[Tensor] = []

    def unit(self, reads: Mapping[str, float], writes: Mapping[str, float]) -> None:
        """Add relu(Σ weight · channel), written to channels with these weights; "one" carries the bias."""
        self.reads.append(self._row(reads))
        self.writes.append(self._row(writes))

    def step(self, reads: Mapping[str, float], writes: Mapping[str, float], slope: float = 1.0) -> None:
        """Add two units that write once [reads ≥ 0]: a ramp of this slope that ends at 0."""
        steep = {name: slope * weight for name, weight in reads.items()}
        self.unit(steep | {"one": steep.get("one", 0.0) + 1.0}, writes)
        self.unit(steep, {name: -weight for name, weight in writes.items()})

    def clear(self, name: str) -> None:
        """Add a unit that takes a channel which is never below zero back to zero."""
        self.unit({name: 1.0}, {name: -1.0})

    def _row(self, weights: Mapping[str, float]) -> Tensor:
        row = torch.zeros(len(self.at), dtype=torch.float64)
        for name, weight in weights.items():
            row[self.at[name]] = weight
        return row


class Machine(LoopedModule):
    """The construction for one table. Reads vectors (batch, N, 1) in [0, 1], answers numbers (batch, N, 1)."""

    input_kind = "vectors"
    output_kind = "numbers"
    interventions: tuple[type[Intervention], ...] = ()
    capabilities = frozenset({seam.ATTENTION})

    def __init__(self, table: Table, settings: Settings = Settings()) -> None:
        super().__init__()
        self.table, self.settings, self.sizes_of = table, settings, table.sizes
        self.config = MachineConfig("construction", self.sizes_of.loops)
        tied = settings.weights == "tied"
        register = _register(table) if tied else np.empty(0)
        self.channels = CHANNELS + (("sign", *_registers(register)) if tied else ())
        start = torch.zeros(len(self.channels), dtype=torch.float64)
        start[CHANNELS.index("one")] = 1.0
        start[CHANNELS.index("v")] = float(table.values[0])
        start[len(self.channels) - len(register) :] = torch.as_tensor(register)
        layer = FeedForward(self.channels)
        _count_and_quantise(layer, table, settings.slope)
        _read_context(layer, table)
        if tied:
            _follow_signs(layer, table)
            _shift(layer, _registers(register))
        else:
            _follow_steps(layer, table)
        self.start = nn.Parameter(start, requires_grad=False)
        self.reads = nn.Parameter(torch.stack(layer.reads).T.contiguous(), requires_grad=False)
        self.writes = nn.Parameter(torch.stack(layer.writes), requires_grad=False)
        steps = np.concatenate([np.ones(sum(self.sizes_of.stages[:2])), np.diff(table.values)])
        self.register_buffer("steps", torch.as_tensor(steps))  # η(t) of v, for t = 1, 2, …; 1 for all other channels

    @property
    def width(self) -> int:
        """Channels."""
        return len(self.channels)

    @property
    def positions(self) -> int:
        """N."""
        return self.sizes_of.tokens

    @property
    def inputs(self) -> int:
        """One number for each token."""
        return 1

    @property
    def outputs(self) -> int:
        """One number for each token."""
        return 1

    @property
    def most_loops(self) -> int | None:
        """The loops of the three stages: the table has no more steps."""
        return self.sizes_of.loops

    def begin(self, input: Tensor) -> State:
        """Return the embedded input: x in its channel, the constants in theirs, zero elsewhere."""
        hidden = self.start.repeat(*input.shape[:2], 1)
        hidden[..., CHANNELS.index("x")] = input[..., 0].double()
        return State(0, hidden)

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        """Run attention, then the feed-forward layer, whose output is multiplied by η(t)."""
        hidden = state.hidden.clone()
        z, used = hidden[..., Z], hidden[..., USED]
        scores = z - 2.0 * self.sizes_of.cells * used  # the query is the same for every token
        if math.isinf(self.settings.beta):
            largest = scores.argmax(-1, keepdim=True)
            hidden[..., FOUND] += z.gather(-1, largest)
            attended = torch.nn.functional.one_hot(largest[:, 0], self.positions).to(z.dtype) if record else None
        else:
            attended = (self.settings.beta * scores).softmax(-1)
            hidden[..., FOUND] += (attended * z).sum(-1, keepdim=True)
        written = (hidden @ self.reads).relu() @ self.writes
        if self.settings.weights == "modulated":
            written[..., VALUE] *= self.get_buffer("steps")[state.loop]
        shape = (-1, 1, 1, self.positions, -1)
        attention = attended[:, None, None, None].expand(*shape) if record and attended is not None else None
        return self.next_state(state, hidden + written, interventions, attention=attention)

    def readout(self, hidden: Tensor) -> Tensor:
        """Return the channel v (batch, N, 1)."""
        return hidden[..., CHANNELS.index("v"), None]

    def run(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return all channels after each loop for inputs x (batch, N): (loops + 1, batch, N, channels)."""
        with torch.inference_mode():
            states = self.unroll(torch.as_tensor(np.asarray(x, np.float64))[..., None])
            return torch.stack([state.hidden for state in states]).numpy()

    def last(self, x: NDArray[np.floating], loops: int | None = None) -> NDArray[np.float64]:
        """Return all channels after the last loop, or after so many, for inputs x (batch, N): (batch, N, channels)."""
        with torch.inference_mode():
            for state in self.unroll(torch.as_tensor(np.asarray(x, np.float64))[..., None], loops):
                hidden = state.hidden
            return hidden.numpy()

    def ids(self, hidden: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the contextual IDs k of channels (..., channels): (...), whole numbers when nothing is blurred."""
        return self.sizes_of.per * hidden[..., CHANNELS.index("s")] + hidden[..., CHANNELS.index("z")]


def _count_and_quantise(layer: FeedForward, table: Table, slope: float) -> None:
    """Add: counter ← counter + 1; z ← z + [x ≥ (counter + 1) δ] until the context stage begins.

    No token is at or above 1, but a flat step would blur that threshold, too.
    """
    delta = 1.0 / table.sizes.cells
    layer.unit({"one": 1.0}, {"counter": 1.0})
    over = {
        "context stage": -4.0,
        "value stage": -4.0,
    }  # times the slope; what they are taken from is at most the slope
    layer.step({"x": 1.0, "counter": -delta, "one": -delta} | over, {"z": 1.0}, slope)


def _read_context(layer: FeedForward, table: Table) -> None:
    """Add the gates of the next loop and what the context stage does.

    s ← D s + found and used ← [z ≥ found] while its gate is open; found ← 0 always.
    """
    cells, tokens = table.sizes.cells, table.sizes.tokens
    layer.clear("context stage")
    layer.clear("value stage")
    layer.step({"counter": 1.0, "one": 2.0 - cells}, {"context stage": 1.0})
    layer.step({"counter": 1.0, "one": 2.0 - cells - tokens}, {"context stage": -1.0, "value stage": 1.0})
    shut = _gate(table, "context stage")
    layer.unit({"s": cells - 1.0, "found": 1.0} | shut, {"s": 1.0})
    layer.step({"z": 1.0, "found": -1.0} | shut, {"used": 1.0})
    layer.unit({"used": 1.0} | shut, {"used": -1.0})
    layer.clear("found")


def _gate(table: Table, name: str) -> dict[str, float]:
    """Return what a unit reads further so that it is below zero while a gate, 0 or 1, is shut."""
    big = 4.0 * table.sizes.ids
    return {name: big, "one": -big}


def _reaches(table: Table) -> dict[str, float]:
    """Return what reads k − j in loop j of the value stage, while its gate is open."""
    first = table.sizes.cells - 1 + table.sizes.tokens
    shut = _gate(table, "value stage")
    return shut | {"s": float(table.sizes.per), "z": 1.0, "counter": -1.0, "one": shut["one"] + first - 1.0}


def _follow_steps(layer: FeedForward, table: Table) -> None:
    """Add v ← v + [k ≥ j], which η(t) multiplies by the step of the table."""
    layer.step(_reaches(table), {"v": 1.0})


def _follow_signs(layer: FeedForward, table: Table) -> None:
    """Add v ← v ± jump where k ≥ j; up when the sign is 1."""
    reaches, big = _reaches(table), 4.0 * table.sizes.ids
    layer.step(reaches, {"v": -table.jump})
    layer.step(reaches | {"sign": big, "one": reaches["one"] - big}, {"v": 2.0 * table.jump})


def _shift(layer: FeedForward, names: Sequence[str]) -> None:
    """Add the register: each channel is doubled, its leading bit goes to the end of the channel before it.

    The leading bit of the first channel becomes the sign that the next loop reads.
    """
    layer.clear("sign")
    for i, name in enumerate(names):
        layer.unit({name: 1.0}, {name: 1.0})
        before = {names[i - 1]: 2.0**-BITS} if i else {"sign": 1.0}
        layer.step({name: 1.0, "one": -0.5}, {name: -1.0} | before, 2.0**BITS)


def _register(table: Table) -> NDArray[np.float64]:
    """Return the signs as binary fractions of BITS bits each, behind as many idle bits as loops come before them."""
    idle = np.zeros(sum(table.sizes.stages[:2]) - 1, bool)
    bits = np.concatenate([idle, shared_signs(table.values)])
    padded = np.concatenate([bits, np.zeros(-len(bits) % BITS, bool)])
    fractions: NDArray[np.float64] = padded.reshape(-1, BITS) @ 0.5 ** np.arange(1, BITS + 1)
    return fractions


def _registers(register: NDArray[np.float64]) -> tuple[str, ...]:
    """Return the names of the register's channels."""
    return tuple(f"register {i + 1}" for i in range(len(register)))
