"""Interventions: what can be done to a run, as small frozen descriptions that `step` applies loop by loop.

The model stays as it is.


    Timesteps     which t a loop of a TMLT is given: freeze, shift, stretch, shuffle, or a list
    Scale         gates and scales of a TMLT (α1, α2, γ1, γ2) multiplied by a factor; a factor of zero closes a gate
    Cut           heads, or the MLP, add nothing to the stream
    Block         positions do not attend to others; the rest of each row is renormalised
    Temperature   of the softmax; 0 is hardmax (2410.01405, appendix)
    Patch         the states of some positions are replaced (activation patching)
    Mute          candidates are told nothing of some contests, or of those in some groups
    Swap          two digits change places: the states of their candidates, and from then on what is given
    Input         other tokens are injected from some loop on, at all positions or at some; the state stays

Each acts in the loops of range(first, stop), counted from 0, where `stop` None means to the end. A tuple of them is
given to `unroll`, `looped.runs.trace.record` or `replay`, and can be the key of a cache. Several act in the order
given. Wrong values raise ValueError with one sentence: on construction, or in `check` when it takes the model to know.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

VECTOR = re.compile(r"(alpha|gamma)[0-9]*")  # what a timestep encoding may call a vector: α a gate, γ a scale
LARGEST = torch.finfo(torch.float32).max  # what models compute in
COLDEST = 1e-6  # the lowest temperature above zero: float32 scores divided by less would overflow


class Sizes(NamedTuple):
    """The sizes of a run, which interventions are checked against."""

    loops: int
    positions: int
    layers: int  # in the block that is looped
    heads: int
    d_model: int  # channels of the hidden state
    vocab: int  # tokens; 0 for a model that reads vectors
    timestep: tuple[str, ...]  # the vectors that a timestep encoding sets, by name; () without one
    injection: bool
    contests: int = 0  # of a net with one position for each candidate
    groups: tuple[str, ...] = ()  # in which these contests are


def modulations(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of some names that are vectors of a timestep encoding: the gates, then the scales, each in order.

    >>> modulations(["hidden", "gamma1", "alpha2", "alpha1"]), modulations(["gamma", "alpha", "alphabet"])
    (('alpha1', 'alpha2', 'gamma1'), ('alpha', 'gamma'))
    """
    return tuple(sorted(name for name in names if VECTOR.fullmatch(name)))


def symbol(name: str) -> str:
    """Return how a vector of a timestep encoding is written.

    >>> symbol("alpha1"), symbol("gamma")
    ('α1', 'γ')
    """
    return name.replace("alpha", "α").replace("gamma", "γ")


def need(holds: bool, sentence: str) -> None:
    """Raise ValueError with the sentence unless the condition holds."""
    if not holds:
        raise ValueError(sentence)


def borne(value: float) -> bool:
    """Say whether a number is finite in float32, too.

    >>> borne(1e38), borne(1e39), borne(math.nan)
    (True, False, False)
    """
    return abs(value) <= LARGEST


@dataclass(frozen=True, kw_only=True)
class Intervention:
    """Something done to a run in the loops of range(first, stop)."""

    said: ClassVar[str] = "a change of the run"  # what a model is given by it, in words

    first: int = 0
    stop: int | None = None

    def __post_init__(self) -> None:
        self._set(first=_whole([self.first], "first")[0])
        if self.stop is not None:
            self._set(stop=_whole([self.stop], "stop")[0])
            need(self.stop > self.first, f"stop is {self.stop}; it must be greater than first, which is {self.first}.")

    def _set(self, **values: Any) -> None:
        """Bring the fields into a form that can be hashed and compared: a caller may give lists and arrays."""
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def acts(self, loop: float) -> bool:
        """Return whether something is done in this loop, counted from 0."""
        return self.first <= loop and (self.stop is None or loop < self.stop)

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a run of these sizes that it cannot be done to."""
        need(
            self.first < run.loops,
            f"{type(self).__name__} begins in loop {self.first}, but the last loop of this run is {run.loops - 1}.",
        )


@dataclass(frozen=True)
class Timesteps(Intervention):
    """Give loop t the timestep `given[t]` where there is one, and else factor · t + shift.

    t may be fractional or beyond the trained loops.

    >>> [Timesteps((2, 0), factor=0.5).t(loop) for loop in range(4)]
    [2.0, 0.0, 1.0, 1.5]
    """

    said: ClassVar[str] = "other timesteps"
    given: tuple[float, ...] = ()
    factor: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(given=_numbers(self.given, "given"), factor=float(self.factor), shift=float(self.shift))
        need(all(map(borne, (*self.given, self.factor, self.shift))), "timesteps must be finite.")

    def t(self, loop: float) -> float:
        """Return the timestep that a loop, counted from 0, is given."""
        return self.given[int(loop)] if 0 <= loop < len(self.given) else self.factor * loop + self.shift

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a model without a timestep encoding."""
        super().check(run)
        need(bool(run.timestep), "this model has no timestep encoding, so no other timestep can be given to it.")


def freeze(t: float = 0.0, **when: Any) -> Timesteps:
    """Give every loop the same t."""
    return Timesteps(factor=0.0, shift=t, **when)


def shift(by: float, **when: Any) -> Timesteps:
    """Give loop t the timestep t + by. With `by` at least the trained loops, training saw none of these timesteps."""
    return Timesteps(shift=by, **when)


def stretch(factor: float, **when: Any) -> Timesteps:
    """Give loop t the timestep factor · t. Below 1 it moves more slowly, between the timesteps of training."""
    return Timesteps(factor=factor, **when)


def shuffle(loops: int, seed: int = 0, **when: Any) -> Timesteps:
    """Shuffle the t of the first `loops` loops in an order drawn with `seed`; later loops keep theirs."""
    return Timesteps(tuple(torch.randperm(loops, generator=torch.Generator().manual_seed(seed)).tolist()), **when)


@dataclass(frozen=True, kw_only=True)
class LayerIntervention(Intervention):
    """Something done to one layer of the block, counted from 0, or with None to all of them."""

    layer: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layer is not None:
            self._set(layer=_whole([self.layer], "layer")[0])

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a layer that the block does not have."""
        super().check(run)
        need(
            self.layer is None or self.layer < run.layers,
            f"layer is {self.layer}; the block of this model has layers 0 to {run.layers - 1}.",
        )


@dataclass(frozen=True)
class Scale(LayerIntervention):
    """Replace each of `vectors` by factor · vector + plus; None: all that the model's timestep encoding sets.

    Scale(("alpha1",)) closes the gate of attention; Scale(plus=1) sets all vectors to one.
    """

    said: ClassVar[str] = "other gates and scales"
    vectors: tuple[str, ...] | None = None
    factor: float = 0.0
    plus: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(factor=float(self.factor), plus=float(self.plus))
        if self.vectors is not None:
            self._set(vectors=tuple(self.vectors))
            need(
                bool(self.vectors) and set(self.vectors) == set(modulations(self.vectors)),
                f"vectors are {self.vectors}; they must be names of gates and scales, such as alpha1 and gamma1.",
            )
        need(borne(self.factor) and borne(self.plus), "factor and plus must be finite.")

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a model without a timestep encoding, or for vectors that it does not set."""
        super().check(run)
        need(
            bool(run.timestep),
            "this model has no timestep encoding, so it has no scales to change; "
            "Cut cuts heads and the MLP of any model.",
        )
        need(
            set(self.vectors or ()) <= set(run.timestep),
            f"vectors are {self.vectors}; those of this model are {run.timestep}.",
        )


@dataclass(frozen=True)
class Cut(LayerIntervention):
    """Do not add to the stream what these heads read, or what the MLP computes.

    A cut head's attention is still recorded.
    """

    said: ClassVar[str] = "a cut head or MLP"
    heads: tuple[int, ...] = ()
    mlp: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(heads=_whole(self.heads, "heads"))
        need(isinstance(self.mlp, bool) and bool(self.heads or self.mlp), "Cut must be given heads, or mlp=True.")

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a head that the model does not have."""
        super().check(run)
        need(
            max(self.heads, default=0) < run.heads,
            f"head {max(self.heads, default=0)} does not exist: this model has heads 0 to {run.heads - 1}.",
        )


@dataclass(frozen=True)
class Block(LayerIntervention):
    """Let none of `positions` attend to any of `to`, in every head; the rest of each row sums to one again."""

    said: ClassVar[str] = "positions kept from attending to others"
    positions: tuple[int, ...]
    to: tuple[int, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(positions=_whole(self.positions, "positions"), to=_whole(self.to, "to"))
        need(bool(self.positions and self.to), "Block must be given positions and what they may not attend to.")

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a position that the run does not have."""
        super().check(run)
        _check_positions((*self.positions, *self.to), run)


@dataclass(frozen=True)
class Temperature(LayerIntervention):
    """Take softmax(scores / temperature) in place of the model's own attention.

    1 is the softmax, 0 hardmax (2410.01405, appendix), math.inf uniform attention.
    """

    said: ClassVar[str] = "another temperature of the softmax"
    temperature: float

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(temperature=float(self.temperature))
        need(
            self.temperature == 0 or self.temperature >= COLDEST,
            f"temperature is {self.temperature:g}; it must be 0, or at least {COLDEST:g}.",
        )


@dataclass(frozen=True)
class Mute(LayerIntervention):
    """Tell the candidates nothing of these `contests` in these `groups`; () for all. Shares are still recorded."""

    said: ClassVar[str] = "muted contests"
    contests: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(contests=_whole(self.contests, "contests"), groups=tuple(self.groups))
        need(bool(self.contests or self.groups), "Mute must be given contests or groups.")

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a model without contests, and for contests and groups that it does not have."""
        super().check(run)
        need(run.contests > 0, "this model has no contests, so none can be muted.")
        need(
            max(self.contests, default=0) < run.contests,
            f"contest {max(self.contests, default=0)} does not exist: this model has contests 0 to {run.contests - 1}.",
        )
        need(set(self.groups) <= set(run.groups), f"groups are {self.groups}; those of this model are {run.groups}.")


@dataclass(frozen=True)
class Swap(Intervention):
    """Exchange two digits before loop `first`: the states of all their candidates; and what is given, in every loop.

    To a model that knows no digit this is the same board with other names, so that its answer must be exchanged, too.
    """

    said: ClassVar[str] = "exchanged digits"
    digits: tuple[int, int]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(digits=_whole(self.digits, "digits"))
        need(len(set(self.digits)) == 2 == len(self.digits), "Swap must be given two different digits.")

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a model without candidates of digits, and for digits that it does not have."""
        super().check(run)
        need(run.contests > 0, "this model has no states of single digits, so two cannot be exchanged.")
        need(
            min(self.digits) >= 1 and max(self.digits) < run.vocab,
            f"digits are {self.digits}; those of this model are 1 to {run.vocab - 1}.",
        )


def exchanged(tokens: np.ndarray, loop: int, changes: Sequence[Intervention]) -> np.ndarray:
    """Return tokens (..., places) as a loop is given them, counted from 0: with the digits of each `Swap` exchanged.

    >>> exchanged(np.array([0, 1, 2]), 1, [Swap((1, 2), first=1)]).tolist()
    [0, 2, 1]
    """
    for change in changes:
        if isinstance(change, Swap) and change.acts(loop):
            one, other = change.digits
            tokens = np.where(tokens == one, other, np.where(tokens == other, one, tokens))
    return tokens


@dataclass(frozen=True)
class Patch(Intervention):
    """Replace hidden[loop] of `positions` by `states`, for every loop of range(first, stop)."""

    said: ClassVar[str] = "replaced states"
    positions: tuple[int, ...]
    states: tuple[tuple[float, ...], ...] = field(repr=False)  # (len(positions), d_model)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(
            positions=_whole(self.positions, "positions"), states=tuple(_numbers(row, "states") for row in self.states)
        )
        need(len(set(self.positions)) == len(self.positions) > 0, "Patch must be given positions, each once.")
        need(
            len(self.states) == len(self.positions) and len({len(row) for row in self.states}) == 1,
            f"Patch needs one state for each of {len(self.positions)} positions, all of the same width.",
        )

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a loop or a position that the run does not have, and for states of another width."""
        need(
            self.first <= run.loops,
            f"Patch begins with the state after {self.first} loops, but this run ends after {run.loops}.",
        )
        _check_positions(self.positions, run)
        need(
            len(self.states[0]) == run.d_model,
            f"Patch has states of width {len(self.states[0])}; those of this model have {run.d_model}.",
        )


def patch(loop: int, positions: Sequence[int], states: Any) -> Patch:
    """Replace the states of `positions` after `loop` loops, once.

    states (len(positions), d_model), such as other.hidden[loop][positions].
    """
    return Patch(tuple(positions), states, first=loop, stop=loop + 1)


@dataclass(frozen=True)
class Input(Intervention):
    """Inject other tokens, at all positions or at the given ones.

    What the state already holds of the first tokens stays.
    """

    said: ClassVar[str] = "another input in the middle of a run"
    tokens: tuple[int, ...]
    positions: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set(tokens=_whole(self.tokens, "tokens"))
        if self.positions is not None:
            self._set(positions=_whole(self.positions, "positions"))
            need(len(self.positions) == len(self.tokens) > 0, "Input needs one token for each position.")

    def check(self, run: Sizes) -> None:
        """Raise ValueError for a model without input injection, and for tokens that do not fit the input."""
        super().check(run)
        need(
            run.injection,
            "this model reads its tokens before the first loop only; "
            "without input injection they cannot be changed later.",
        )
        positions = range(run.positions) if self.positions is None else self.positions
        need(
            len(self.tokens) == len(positions),
            f"Input has {len(self.tokens)} tokens; it needs {len(positions)}, one for each position of the run.",
        )
        largest = max(self.tokens)
        need(largest < run.vocab, f"there is no token {largest}: this model has tokens from 0 to {run.vocab - 1}.")
        _check_positions(positions, run)


def check(interventions: Iterable[Intervention], run: Sizes) -> None:
    """Raise ValueError for an intervention that this run cannot have, or that would begin after its end.

    One that ends before a replay begins is no mistake: the state that is replayed from holds what it did.
    """
    for change in interventions:
        change.check(run)


# ------------------------------------------------------------------------------------- what they come to in one loop


class Edit(NamedTuple):
    """What is done to one layer in one loop."""

    heads: tuple[int, ...] = ()  # cut
    mlp: bool = True  # False: cut
    # (positions, positions) bool: row i may not attend to the columns that are True; a causal mask is among them
    blocked: Tensor | None = None
    temperature: float | None = None  # None: the model's own attention


def edit_of(
    acting: Sequence[Intervention], layer: int, positions: int, causal: bool, device: torch.device
) -> Edit | None:
    """Return what the interventions that act in a loop do to one layer; None when they leave it alone."""
    changes = [
        change for change in acting if isinstance(change, (Cut, Block, Temperature)) and change.layer in (None, layer)
    ]
    if not changes:
        return None
    heads: set[int] = set()
    mlp, temperature = True, None
    for change in changes:
        if isinstance(change, Cut):
            heads.update(change.heads)
            mlp = mlp and not change.mlp
        elif isinstance(change, Temperature):
            temperature = change.temperature
    blocks = [change for change in changes if isinstance(change, Block)]
    blocked = _blocked(blocks, positions, causal, device) if blocks else None
    return Edit(tuple(sorted(heads)), mlp, blocked, temperature)


def _blocked(blocks: Sequence[Block], positions: int, causal: bool, device: torch.device) -> Tensor:
    """Return what blocks, and a causal mask with them, leave out: (positions, positions) bool.

    Raises ValueError for a position that would be left nothing to attend to.
    """
    blocked = torch.zeros(positions, positions, dtype=torch.bool, device=device)
    if causal:
        blocked = torch.ones_like(blocked).triu(1)
    for block in blocks:
        rows, columns = torch.tensor(block.positions, device=device), torch.tensor(block.to, device=device)
        blocked[rows[:, None], columns] = True
    alone = blocked.all(-1).nonzero().flatten().tolist()
    if alone:
        raise ValueError(f"position {alone[0]} is blocked from everything; it must be left something to attend to.")
    return blocked


def given_t(loop: float, acting: Iterable[Intervention], last: float = math.inf) -> float:
    """Return the t that the timestep encoding is asked for in `loop`.

    It is what the interventions say; without any, the loop's own number, at most `last`.

    >>> given_t(40, []), given_t(40, [], last=31), given_t(40, [stretch(1)], last=31)
    (40, 31, 40.0)
    >>> given_t(40, [shift(2), stretch(0.5)], last=31)
    21.0
    """
    changes = [change for change in acting if isinstance(change, Timesteps)]
    if not changes:
        return min(loop, last)
    for change in changes:
        loop = change.t(loop)
    return loop


class Modulated(Protocol):
    """What `edited_scales` asks of a timestep encoding."""

    names: tuple[str, ...]

    def __call__(self, t: float) -> Tensor:
        """Return the scales of loop t."""


def edited_scales(timestep: Modulated, loop: float, acting: Sequence[Intervention], last: float = math.inf) -> Tensor:
    """Return the scales (layers, vectors, d_model) of `loop` under what acts in it; `last` as in `given_t`."""
    scales = timestep(given_t(loop, acting, last))
    for change in acting:
        if isinstance(change, Scale):
            rows = slice(None) if change.layer is None else slice(change.layer, change.layer + 1)
            columns = [timestep.names.index(name) for name in change.vectors or timestep.names]
            scales = scales.clone()
            scales[rows, columns] = change.factor * scales[rows, columns] + change.plus
    return scales


def patched(hidden: Tensor, loop: int, interventions: Iterable[Intervention]) -> Tensor:
    """Return the state (batch, positions, d_model) after `loop` loops, with what patches replace in it."""
    for change in interventions:
        if isinstance(change, Patch) and change.acts(loop):
            hidden = hidden.clone()
            hidden[:, list(change.positions)] = torch.tensor(change.states, device=hidden.device, dtype=hidden.dtype)
    return hidden


# --------------------------------------------------------------------------------------------------- checks of values


def _whole(values: Iterable[int], name: str) -> tuple[int, ...]:
    try:
        found = tuple(operator.index(value) for value in values)
    except TypeError:
        found = (-1,)
    need(min(found, default=0) >= 0, f"{name} must be whole numbers from 0 up.")
    return found


def _numbers(values: Iterable[float], name: str) -> tuple[float, ...]:
    try:
        found = tuple(map(float, values))
    except (TypeError, ValueError):
        found = (math.nan,)
    need(all(map(borne, found)), f"{name} must be finite numbers.")
    return found


def _check_positions(positions: Iterable[int], run: Sizes) -> None:
    need(
        max(positions) < run.positions,
        f"position {max(positions)} does not exist: this run has positions 0 to {run.positions - 1}.",
    )
