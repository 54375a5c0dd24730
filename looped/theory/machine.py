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

Tokens of two numbers have a cell of a square, and their IDs follow a snake through it (`looped.theory.tables`): both
numbers are counted at once, the parity of the row is kept, and one loop more makes z of them: D row + column, or
D row + D − 1 − column in the rows that go back. The answer has two numbers, too, each with steps of its own.
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
from looped.theory.tables import Sizes, Table, largest_jump, shared_signs

Weights = Literal["tied", "modulated"]
WEIGHTS: tuple[Weights, ...] = get_args(Weights)
BITS = 22
"""Signs in a channel of the register: with the slope 2^22 of the step that reads them, sums stay exact in float64."""
CHANNELS = ("one", "x", "counter", "z", "found", "used", "s", "v", "context stage", "value stage")
SECOND = ("x 2", "column", "row", "parity", "fold", "v 2")
"""Further channels for tokens of two numbers."""
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
    """The construction for one table. Reads vectors (batch, N, d) in [0, 1], answers numbers (batch, N, d)."""

    input_kind = "vectors"
    output_kind = "numbers"
    interventions: tuple[type[Intervention], ...] = ()
    capabilities = frozenset({seam.ATTENTION})

    def __init__(self, table: Table, settings: Settings = Settings()) -> None:
        super().__init__()
        self.table, self.settings, self.sizes_of = table, settings, table.sizes
        self.config = MachineConfig("construction", self.sizes_of.loops)
        tied, dims = settings.weights == "tied", self.sizes_of.dims
        registers = [_register(table.sizes, column) for column in table.columns] if tied else []
        held = [_registers(register, i) for i, register in enumerate(registers)]
        self.channels = CHANNELS + (SECOND if dims > 1 else ())
        self.channels += tuple(name for i, names in enumerate(held) for name in (_nth("sign", i), *names))
        start = torch.zeros(len(self.channels), dtype=torch.float64)
        start[CHANNELS.index("one")] = 1.0
        for i, column in enumerate(table.columns):
            start[self.channels.index(_nth("v", i))] = float(column[0])
        for names, register in zip(held, registers, strict=True):
            start[self.channels.index(names[0]) :][: len(names)] = torch.as_tensor(register)
        layer = FeedForward(self.channels)
        _count_and_quantise(layer, table, settings.slope)
        _read_context(layer, table)
        for i in range(dims):
            if tied:
                _follow_signs(layer, table, i)
                _shift(layer, _nth("sign", i), held[i])
            else:
                _follow_steps(layer, table, _nth("v", i))
        self.start = nn.Parameter(start, requires_grad=False)
        self.reads = nn.Parameter(torch.stack(layer.reads).T.contiguous(), requires_grad=False)
        self.writes = nn.Parameter(torch.stack(layer.writes), requires_grad=False)
        idle = np.ones((sum(self.sizes_of.stages[:2]), dims))
        steps = np.concatenate([idle, np.diff(np.stack(table.columns, -1), axis=0)])
        self.register_buffer("steps", torch.as_tensor(steps))  # η(t) of v, for t = 1, 2, …; 1 for all other channels
        self.answered = [self.channels.index(_nth("v", i)) for i in range(dims)]

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
        """The numbers d of each token."""
        return self.sizes_of.dims

    @property
    def outputs(self) -> int:
        """As many for each token."""
        return self.sizes_of.dims

    @property
    def most_loops(self) -> int | None:
        """The loops of the three stages: the table has no more steps."""
        return self.sizes_of.loops

    def begin(self, input: Tensor) -> State:
        """Return the embedded input: x in its channel, the constants in theirs, zero elsewhere."""
        hidden = self.start.repeat(*input.shape[:2], 1)
        for i in range(self.inputs):
            hidden[..., self.channels.index(_nth("x", i))] = input[..., i].double()
        return State(0, hidden)

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        """Run attention, then the feed-forward layer, whose output is multiplied by η(t)."""
        hidden = state.hidden.clone()
        z, used = hidden[..., Z], hidden[..., USED]
        scores = z - 2.0 * self.sizes_of.places * used  # the query is the same for every token
        if math.isinf(self.settings.beta):
            largest = scores.argmax(-1, keepdim=True)
            hidden[..., FOUND] += z.gather(-1, largest)
            attended = torch.nn.functional.one_hot(largest[:, 0], self.positions).to(z.dtype) if record else None
        else:
            attended = (self.settings.beta * scores).softmax(-1)
            hidden[..., FOUND] += (attended * z).sum(-1, keepdim=True)
        written = (hidden @ self.reads).relu() @ self.writes
        if self.settings.weights == "modulated":
            written[..., self.answered] *= self.get_buffer("steps")[state.loop]
        shape = (-1, 1, 1, self.positions, -1)
        attention = attended[:, None, None, None].expand(*shape) if record and attended is not None else None
        return self.next_state(state, hidden + written, interventions, attention=attention)

    def readout(self, hidden: Tensor) -> Tensor:
        """Return the channels v (batch, N, d)."""
        return hidden[..., self.answered]

    def run(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return all channels after each loop for inputs x, see `last`: (loops + 1, batch, N, channels)."""
        with torch.inference_mode():
            return torch.stack([state.hidden for state in self.unroll(self._vectors(x))]).numpy()

    def last(self, x: NDArray[np.floating], loops: int | None = None) -> NDArray[np.float64]:
        """Return all channels after the last loop, or after so many: (batch, N, channels).

        x (batch, N) of one number, (batch, N, 2) of two.
        """
        with torch.inference_mode():
            for state in self.unroll(self._vectors(x), loops):
                hidden = state.hidden
            return hidden.numpy()

    def values(self, hidden: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return v of channels (..., channels): (...) of one number, (..., 2) of two."""
        return hidden[..., VALUE] if self.outputs == 1 else hidden[..., self.answered]

    def _vectors(self, x: NDArray[np.floating]) -> Tensor:
        """Return inputs as the model reads them, (batch, N, d)."""
        at = torch.as_tensor(np.asarray(x, np.float64))
        return at[..., None] if self.inputs == 1 else at

    def ids(self, hidden: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the contextual IDs k of channels (..., channels): (...), whole numbers when nothing is blurred."""
        return self.sizes_of.per * hidden[..., CHANNELS.index("s")] + hidden[..., CHANNELS.index("z")]


def _nth(name: str, i: int) -> str:
    """Return the channel of the i-th number of a token: the first has the plain name."""
    return f"{name} {i + 1}" if i else name


def _count_and_quantise(layer: FeedForward, table: Table, slope: float) -> None:
    """Add: counter ← counter + 1; z ← z + [x ≥ (counter + 1) δ] until the next stage begins.

    No token is at or above 1, but a flat step would blur that threshold, too.
    """
    delta = 1.0 / table.sizes.cells
    layer.unit({"one": 1.0}, {"counter": 1.0})
    over = {"context stage": -4.0, "value stage": -4.0}  # times the slope; they are taken from at most the slope
    reads = {"counter": -delta, "one": -delta} | over
    if table.sizes.dims == 1:
        layer.step({"x": 1.0} | reads, {"z": 1.0}, slope)
        return
    reads |= {"fold": -4.0}
    layer.step({"x": 1.0} | reads, {"column": 1.0}, slope)
    layer.step({"x 2": 1.0} | reads, {"row": 1.0}, slope)
    layer.step({"x 2": 1.0, "parity": -4.0} | reads, {"parity": 1.0}, slope)  # 0 → 1
    layer.step({"x 2": 1.0, "parity": 4.0} | reads | {"one": -delta - 4.0}, {"parity": -1.0}, slope)  # 1 → 0
    _fold(layer, table)


def _fold(layer: FeedForward, table: Table) -> None:
    """Add: z ← D row + column where the parity of the row is 0, D row + D − 1 − column where it is 1, in one loop."""
    cells, shut = float(table.sizes.cells), _gate(table, "fold")
    big = shut["fold"]
    layer.clear("fold")
    layer.step({"counter": 1.0, "one": 2.0 - cells}, {"fold": 1.0})
    layer.step({"counter": 1.0, "one": 1.0 - cells}, {"fold": -1.0})
    layer.unit({"row": cells} | shut, {"z": 1.0})
    layer.unit({"column": 1.0, "parity": -big} | shut, {"z": 1.0})
    layer.unit({"column": -1.0, "parity": big} | shut | {"one": cells - 1.0 - 2.0 * big}, {"z": 1.0})


def _read_context(layer: FeedForward, table: Table) -> None:
    """Add the gates of the next loop and what the context stage does.

    s ← D s + found and used ← [z ≥ found] while its gate is open; found ← 0 always.
    """
    quantise, context, _ = table.sizes.stages
    layer.clear("context stage")
    layer.clear("value stage")
    layer.step({"counter": 1.0, "one": 1.0 - quantise}, {"context stage": 1.0})
    layer.step({"counter": 1.0, "one": 1.0 - quantise - context}, {"context stage": -1.0, "value stage": 1.0})
    shut = _gate(table, "context stage")
    layer.unit({"s": table.sizes.places - 1.0, "found": 1.0} | shut, {"s": 1.0})
    layer.step({"z": 1.0, "found": -1.0} | shut, {"used": 1.0})
    layer.unit({"used": 1.0} | shut, {"used": -1.0})
    layer.clear("found")


def _gate(table: Table, name: str) -> dict[str, float]:
    """Return what a unit reads further so that it is below zero while a gate, 0 or 1, is shut."""
    big = 4.0 * table.sizes.ids
    return {name: big, "one": -big}


def _reaches(table: Table) -> dict[str, float]:
    """Return what reads k − j in loop j of the value stage, while its gate is open."""
    first = sum(table.sizes.stages[:2])
    shut = _gate(table, "value stage")
    return shut | {"s": float(table.sizes.per), "z": 1.0, "counter": -1.0, "one": shut["one"] + first - 1.0}


def _follow_steps(layer: FeedForward, table: Table, value: str) -> None:
    """Add v ← v + [k ≥ j], which η(t) multiplies by the step of the table."""
    layer.step(_reaches(table), {value: 1.0})


def _follow_signs(layer: FeedForward, table: Table, i: int) -> None:
    """Add v ← v ± jump where k ≥ j, for the i-th number; up when the sign is 1."""
    reaches, big, jump = _reaches(table), 4.0 * table.sizes.ids, largest_jump(table.columns[i])
    layer.step(reaches, {_nth("v", i): -jump})
    layer.step(reaches | {_nth("sign", i): big, "one": reaches["one"] - big}, {_nth("v", i): 2.0 * jump})


def _shift(layer: FeedForward, sign: str, names: Sequence[str]) -> None:
    """Add the register: each channel is doubled, its leading bit goes to the end of the channel before it.

    The leading bit of the first channel becomes the sign that the next loop reads.
    """
    layer.clear(sign)
    for i, name in enumerate(names):
        layer.unit({name: 1.0}, {name: 1.0})
        before = {names[i - 1]: 2.0**-BITS} if i else {sign: 1.0}
        layer.step({name: 1.0, "one": -0.5}, {name: -1.0} | before, 2.0**BITS)


def _register(sizes: Sizes, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the signs as binary fractions of BITS bits each, behind as many idle bits as loops come before them."""
    idle = np.zeros(sum(sizes.stages[:2]) - 1, bool)
    bits = np.concatenate([idle, shared_signs(values)])
    padded = np.concatenate([bits, np.zeros(-len(bits) % BITS, bool)])
    fractions: NDArray[np.float64] = padded.reshape(-1, BITS) @ 0.5 ** np.arange(1, BITS + 1)
    return fractions


def _registers(register: NDArray[np.float64], i: int) -> tuple[str, ...]:
    """Return the names of the register's channels, of the i-th number."""
    return tuple(f"{_nth('register', i)} {part + 1}" for part in range(len(register)))
