"""The model seam: what every looped model offers, whatever it reads, computes and answers.

    begin(input) → State            the state before the first loop
    step(state) → State             one loop
    readout(hidden) → numbers       what the output head gives for the hidden state of any loop
    observe(state) → named tensors  what can be seen of a state and of the step that produced it

Records, lenses, variants, checkpoints and the app use these verbs and the properties of `LoopedModel`, and no class of
a model. `unroll` is the core verb, written once on top of `begin` and `step`: a generator that yields the state after
every loop.

Positions are not places. An input and an answer have one row for each place, such as a cell of a board; the hidden
state has one for each position. In most models they are the same. A Sudoku net with one token for each candidate digit
has 81 places and 729 positions: `begin` lays the input out over the positions, `readout` gives logits for the places,
and the table `places` says which positions belong to which place. How places lie on a screen is said by the task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, get_args

import numpy as np
import torch
from torch import Tensor, nn

from looped.model.interventions import Intervention, Sizes, check, need, patched

InputKind = Literal["tokens", "vectors"]
OutputKind = Literal["classes", "numbers", "next token"]
OUTPUT_KINDS: tuple[OutputKind, ...] = get_args(OutputKind)

# Capabilities. A model names those it has; a lens names those it needs (`looped.lenses.missing`).
ATTENTION = "attention"  # observes `attention`, every position to every position
NEIGHBOUR_ATTENTION = "neighbour attention"  # observes `attention` to a few neighbours, in the table `neighbours`
SCALES = "scales"  # has a timestep encoding and observes its vectors by name, such as `alpha1` and `gamma1`
INJECTION = "injection"  # every loop reads the embedded input again, so that it can be changed between two loops
EMBEDDING = "embedding"  # offers `embed` and `begin_embedded`, so that gradients of the embedded input can be taken
SEVERAL_STATES = "several states"  # carries more tensors from loop to loop than the hidden state: `State.others`
ROUNDS = "rounds"  # its loops are grouped in rounds, each of which reads other sets; some begin anew
CANDIDATES = "candidates"  # has several positions for each place of the input, in the table `places`
CONTESTS = "contests"  # observes `shares`, of every position in its groups (`looped.model.candidates`)
LAYERS = "layers"  # has several layers in a loop, and offers `layer_states`
INNER_STEPS = "inner steps"  # a loop consists of several steps of its own, observed as `inner`

CAPABILITIES = {
    ATTENTION: "attention from every position to every position",
    NEIGHBOUR_ATTENTION: "attention kept for each neighbour",
    SCALES: "a timestep encoding with its scales",
    INJECTION: "input injection in every loop",
    EMBEDDING: "an embedding of tokens that gradients can be taken of",
    SEVERAL_STATES: "several state tensors",
    ROUNDS: "rounds of a search",
    CANDIDATES: "several positions for each place",
    CONTESTS: "contests within groups",
    LAYERS: "several layers in a loop",
    INNER_STEPS: "inner steps in every loop",
}


class State(NamedTuple):
    """What is known after `loop` loops. What is observed belongs to the step that *produced* this state."""

    loop: int  # 0 is the state before the first loop
    hidden: Tensor  # (batch, positions, width), what the readout reads
    attention: Tensor | None = (
        None  # (batch, layers, heads, positions, positions or neighbours), rows sum to one; when recorded
    )
    scales: Tensor | None = None  # (layers, vectors, width), those of `Timestep.names`; with a timestep encoding only
    input: tuple[Tensor, ...] = ()  # what every step reads of the input, batch first; the embedded input is the first
    mask: Tensor | None = (
        None  # (batch, positions, positions) bool, True where row may attend to column; None: everywhere
    )
    others: Mapping[str, Tensor] = {}  # further tensors carried to the next loop, batch first, by name
    observed: Mapping[str, Tensor] = {}  # further tensors seen during the step, batch first, by name; when recorded


class Anatomy(NamedTuple):
    """What one loop consists of, for a drawing of it."""

    layers: int = 1  # that a loop applies, one behind the other
    branches: tuple[str, ...] = ()  # what each layer adds to the stream, in turn; () where the model does not say
    added: bool = False  # the embedded input is added to the state in every loop
    normed: bool = False  # the state is normalised after every loop
    fed: bool = False  # the answer of the loop before is fed back, too
    source: str = ""  # what every loop reads in place of the input, in words; "" for the input itself
    learned: int | None = None  # numbers of one loop's layers that training adjusts; None where the model does not say


class ModelConfig(Protocol):
    """What the config of every architecture says; it is a frozen dataclass that checks itself on construction."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def architecture(self) -> str:
        """The name under which the architecture is registered (`looped.model.registry`)."""

    @property
    def trained_loops(self) -> int:
        """How many loops training used."""


class Timestep(Protocol):
    """A timestep encoding: gates and scales as functions of the loop."""

    names: tuple[str, ...]  # of the vectors: gates `alpha…`, then scales `gamma…` (`interventions.modulations`)
    cached: dict[float, tuple[Tensor, Tensor]] | None  # TE(t) and scales of each t; None: nothing is cached

    def encode(self, t: float) -> Tensor:
        """Return TE(t), (width,)."""

    def __call__(self, t: float) -> Tensor:
        """Return the scales of loop t: (layers, vectors, width) in the order of `names`."""

    def cache_scales(self) -> None:
        """Cache the scales of each t. Use for inference only: cached tensors carry no gradient."""


class LoopedModel(Protocol):
    """A model that applies a block again and again. All tensors have the batch as their first axis.

    `looped.model.base.LoopedModule` is a base class with the usual answers, for a model made of PyTorch modules.
    """

    @property
    def config(self) -> ModelConfig:
        """The config that this model was built of; the registry builds another one of it with fresh weights."""

    @property
    def hardmax(self) -> ModelConfig | None:
        """The config of the same model with hardmax attention; None for a model that has no softmax to replace."""

    @property
    def description(self) -> tuple[str, list[str]]:
        """What this model is, as the subject of a sentence, and what belongs to it, for model cards."""

    @property
    def input_kind(self) -> InputKind:
        """What an input is: "tokens", whole numbers (batch, positions), or "vectors", (batch, positions, inputs)."""

    @property
    def output_kind(self) -> OutputKind:
        """What the readout gives.

        "classes": logits over the classes of each position; "next token": logits over the vocabulary, those at
        position i for the token at i + 1; "numbers": real predictions at each position.
        """

    @property
    def capabilities(self) -> frozenset[str]:
        """Which of `CAPABILITIES` this model has."""

    @property
    def anatomy(self) -> Anatomy:
        """What one loop consists of. A model that names branches observes their sizes as `wrote`, if it can."""

    @property
    def interventions(self) -> tuple[type[Intervention], ...]:
        """The kinds of interventions that `step` can apply."""

    @property
    def standing_interventions(self) -> tuple[Intervention, ...]:
        """Interventions that are part of this model: applied in every run, before those that a run is asked for."""

    @property
    def trained_loops(self) -> int:
        """How many loops training used; a run has as many unless it is asked for another number."""

    @property
    def most_loops(self) -> int | None:
        """The largest number of loops that can be run; None for any. A standard transformer has only its layers."""

    @property
    def round(self) -> int | None:
        """How many loops make a round, of a model with the capability "rounds"; None for others."""

    @property
    def width(self) -> int:
        """Channels of the hidden state."""

    @property
    def positions(self) -> int:
        """The largest number of positions of an input."""

    @property
    def fewest_places(self) -> int:
        """The smallest number of places of an input; as many as there can be where places have a table of their own."""

    @property
    def inputs(self) -> int:
        """How many tokens there are, or how many numbers each position of an input has."""

    @property
    def outputs(self) -> int:
        """Classes, tokens, or numbers that the readout gives for each position."""

    @property
    def widest(self) -> int:
        """Numbers in the largest activation of a step at one position; for estimates of memory."""

    @property
    def parameters_count(self) -> int:
        """How many numbers training adjusts."""

    @property
    def timestep(self) -> Timestep | None:
        """The timestep encoding of a model with the capability "scales"; None for others."""

    @property
    def last_t(self) -> float:
        """The largest timestep that a loop is given unless a run is asked for another one."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """Return the weights; the first one says on which device and in which precision the model computes."""

    def weights(self) -> dict[str, Tensor]:
        """Return the weights by name, as a file of them holds them."""

    def cache_constants(self) -> None:
        """Cache what follows from the weights alone. Use for inference only: cached tensors carry no gradient."""

    def shared(self, config: ModelConfig | None = None, standing: Sequence[Intervention] = ()) -> LoopedModel:
        """Return another model with the same weights, so that what is changed of it leaves this one as it is.

        With another config it is built of that. `standing` are done in every run, behind the standing interventions
        of this model.
        """

    def untrained(self) -> LoopedModel:
        """Return the model with the weights that training starts from, drawn with seed 0."""

    def begin(self, input: Tensor) -> State:
        """Return the state before the first loop, with everything that `step` will read of the input.

        The same input gives the same state: a random start is drawn with a fixed seed. A mask that differs per input
        is computed here, from the input, and kept in `State.mask`.
        """

    def embed(self, tokens: Tensor) -> Tensor:
        """Return the embedded input (batch, positions, width) of tokens (batch, positions). Needs "embedding"."""

    def begin_embedded(self, embedded: Tensor) -> State:
        """Return the state before the first loop of an embedded input. Needs "embedding"."""

    def step(self, state: State, record: bool = False, interventions: Sequence[Intervention] = ()) -> State:
        """Run one loop under the interventions that act in it. With `record` the result carries what was observed."""

    def layer_states(self, state: State) -> Tensor:
        """Return the stream behind each layer of the loop that follows a state. Needs "layers".

        (batch, layers, positions, width), divided by the root mean square of each position, as the next layer reads it.
        """

    def readout(self, hidden: Tensor) -> Tensor:
        """Return what the output head gives for hidden (batch, positions, width): (batch, places, outputs)."""

    def observe(self, state: State) -> dict[str, Tensor]:
        """Return what can be seen of a state and of the step that produced it, batch first, by name.

        `hidden`, and what the capabilities promise. In the state before the first loop only what is a state.
        """

    def neighbours(self, state: State) -> np.ndarray | None:
        """Return whom each position of a run attends to: (positions, K) int64, -1 for none.

        None for a model without neighbour attention.
        """

    def places(self, positions: int) -> np.ndarray | None:
        """Return the positions of each place: (places, K) int64, each position once; None where they are the same."""

    def sizes(self, loops: int, positions: int) -> Sizes:
        """Return the sizes of a run that interventions are checked against."""

    def unroll(
        self,
        input: Tensor,
        loops: int | None = None,
        record: bool = False,
        interventions: Sequence[Intervention] = (),
        start: State | None = None,
    ) -> Iterator[State]:
        """Yield the state after every loop: `unroll` of this module."""


def unroll(
    model: LoopedModel,
    input: Tensor,
    loops: int | None = None,
    record: bool = False,
    interventions: Sequence[Intervention] = (),
    start: State | None = None,
) -> Iterator[State]:
    """Yield the state before the first loop, then the state after each of `loops` loops (default: as trained).

    input: tokens (batch, positions) or vectors (batch, positions, inputs). With `record` every state carries what was
    observed in the step that produced it. With `start` the run goes on from that state, which is yielded first, up to
    `loops` loops in all. Raises ValueError for loops, a start or an intervention that the model cannot have.
    """
    loops, done = model.trained_loops if loops is None else loops, start.loop if start else 0
    check_loops(model, loops, done)
    state = model.begin(input)
    if start is not None:
        need(
            start.hidden.shape == state.hidden.shape,
            f"the run starts from a state of shape {tuple(start.hidden.shape)}; "
            f"{tuple(state.hidden.shape)} was expected.",
        )
        state = start._replace(input=state.input, mask=state.mask, others=dict(state.others) | dict(start.others))
    check_interventions(model, interventions, loops, state.hidden.shape[1])
    hidden = patched(state.hidden, done, (*model.standing_interventions, *interventions))
    state = state._replace(hidden=hidden)
    yield state
    for _ in range(done, loops):
        state = model.step(state, record, interventions)
        yield state


def forward(model: LoopedModel, input: Tensor, loops: int | None = None) -> Tensor:
    """Return the readout after the last loop, with nothing recorded: (batch, places, outputs)."""
    for state in model.unroll(input, loops):
        last = state.hidden
    return model.readout(last)


def check_loops(model: LoopedModel, loops: int, done: int = 0) -> None:
    """Raise ValueError when the model cannot be run for `loops` loops, of which `done` have been run already."""
    need(hasattr(loops, "__index__"), f"loops is {loops!r}; it must be a whole number.")
    need(loops >= 1, f"loops is {loops}; at least one loop must be run.")
    need(0 <= done < loops, f"a run of {loops} loops cannot start after {done} of them.")
    most = model.most_loops
    need(
        most is None or loops <= most,
        f"a standard transformer cannot be run for {loops} loops: it has {most} layers, each applied once.",
    )


def check_interventions(model: LoopedModel, interventions: Sequence[Intervention], loops: int, positions: int) -> None:
    """Raise ValueError for an intervention that a run of so many loops and positions cannot have."""
    for change in interventions:
        known = " and ".join(f"{kind.said} ({kind.__name__})" for kind in model.interventions) or "nothing of the kind"
        need(
            isinstance(change, model.interventions),
            f"this model cannot be given {change.said} ({type(change).__name__}); it can be given {known}.",
        )
    check(interventions, model.sizes(loops, positions))


def check_input(model: LoopedModel, input: np.ndarray) -> np.ndarray:
    """Return one input as the model reads it: tokens (positions,) int64, or vectors (positions, inputs) float32.

    Raises ValueError for another shape, for fewer places than the model can read, for tokens outside the vocabulary and
    for numbers that are not finite.
    """
    input = np.asarray(input)
    few = f"{len(input) if input.ndim else 0} places are too few: an input of this model has {model.fewest_places}."
    if model.input_kind == "tokens":
        need(input.ndim == 1, f"this model reads one sequence of tokens (positions,), not an array of {input.shape}.")
        whole = input.size > 0 and input.dtype.kind in "iu" and input.min() >= 0 and input.max() < model.inputs
        need(whole, f"tokens must be whole numbers from 0 to {model.inputs - 1}.")
        need(len(input) >= model.fewest_places, few)
        return input.astype(np.int64)
    need(
        input.ndim == 2 and input.size > 0 and input.shape[1] == model.inputs and input.dtype.kind in "iuf",
        f"this model reads vectors (positions, {model.inputs}), not an array of {input.shape}.",
    )
    need(len(input) >= model.fewest_places, few)
    need(bool(np.isfinite(input).all()), "the numbers of an input must be finite.")
    return input.astype(np.float32)


def most_loops_within(model: LoopedModel, limit: int) -> int:
    """Return the largest number of loops that the model can be run for, at most `limit`."""
    return limit if model.most_loops is None else min(limit, model.most_loops)


def usual_loops(model: LoopedModel) -> int:
    """Return the trained loops, for which cards are measured; of a standard transformer its layers."""
    return model.trained_loops if model.most_loops is None else model.most_loops


def is_standard(model: LoopedModel) -> bool:
    """Return whether a model is a standard transformer: each of its layers is applied once, so that it has no loops."""
    return model.most_loops is not None


def passes_of(model: LoopedModel) -> str:
    """Return what the passes of a model are called: layers if each is applied once, loops otherwise."""
    return "layers" if is_standard(model) else "loops"


def pass_terms(model: LoopedModel) -> dict[str, str]:
    """Return what the passes of a model are called, as terms of a sentence: `loop` for one, `loops` for several."""
    passes = passes_of(model)
    return {"loop": passes.removesuffix("s"), "loops": passes}


def device_of(model: LoopedModel) -> torch.device:
    """Return the device that the model computes on."""
    return next(iter(model.parameters())).device
