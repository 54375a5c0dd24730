"""The trace: everything one run of a model computed, loop by loop, as plain arrays; and runs that go on from one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from looped.model.interventions import Intervention, exchanged, modulations
from looped.model.seam import OUTPUT_KINDS, LoopedModel, OutputKind, State, check_input
from looped.places import whole
from looped.runs.numerics import softmax

INPUT_NAMES = ("tokens", "vectors")
FAITHFUL = 1e-3  # a larger difference between two equal runs is rounding that the loops have amplified
OUTPUT_NAMES: dict[OutputKind, str] = {"classes": "logits", "next token": "next_logits", "numbers": "predictions"}
OF_THE_RUN = ("mask", "neighbours", "places")  # observed once for the whole run: they have no axis for the loop


@dataclass(frozen=True, eq=False)
class Trace:
    """One recorded run of `loops` loops: read-only arrays on the CPU, float32 where not said otherwise.

    input        (places,) int64 tokens, or (places, inputs) real vectors in the task's units
    hidden       (loops + 1, positions, width): hidden[t] is the state after t loops, hidden[0] that before the first
    output       (loops, places, outputs): what the readout gives of hidden[t + 1]. Logits, before the softmax, for
                 the output kinds "classes" and "next token"; predictions in the task's units for "numbers"
    output_kind  "classes", "next token" (row i is about the token at i + 1) or "numbers"
    observed     what else was observed, by name:
        attention        (loops, layers, heads, positions, positions): [..., i, j] is how much i attends to j, rows sum
                         to one; with `neighbours` (loops, layers, heads, positions, K), the same to the K neighbours
        neighbours       (positions, K) int64: the positions that i attends to, -1 for none
        places           (places, K) int64: the positions of each place, each position once; without it places are the
                         positions, in their order
        mask             (positions, positions) bool: [i, j] says that i may attend to j; without it everywhere
        alpha1, alpha2   (loops, layers, width): multiply the outputs of attention and of the MLP (TMLT), no unit
        gamma1, gamma2   (loops, layers, width): multiply the normalised inputs of attention and of the MLP (TMLT)
                         another block has other ones: gates alpha…, then scales gamma… (`modulations`)
        wrote            (loops, layers, branches): ‖what each branch of a layer adds to the stream‖ over all positions
        injected         (loops,): ‖the embedded input that is added to the state‖ over all positions
        round            (loops,): the round of each loop, from 1, of a model whose rounds begin with a state of zero
        any other name   (loops, …) of the step, or (loops + 1, …) of a further state tensor: what that model observes
    difference   max |Δ| over all loops and positions between the hidden states of the recorded and the plain forward;
                 NaN when it was not measured. `faithful` says whether it is rounding alone
    complete     whether no loop can follow the last: a standard transformer that has applied all of its layers

    The first axis of every array but the input, neighbours, places and mask is the loop. What belongs to a step, such
    as attention[t], is of the loop that turns hidden[t] into hidden[t + 1]. Properties give the arrays by their names,
    and raise ValueError with one sentence for one that this run does not have. Construction raises ValueError when
    shapes disagree or when attention is not a distribution.
    """

    input: np.ndarray
    hidden: np.ndarray
    output: np.ndarray
    output_kind: OutputKind = "classes"
    observed: Mapping[str, np.ndarray] = field(default_factory=dict)
    difference: float = 0.0
    complete: bool = False

    def __post_init__(self) -> None:
        _check_kind(self)
        for name, array, axes in (
            (self.input_name, self.input, self.input.ndim),
            ("hidden", self.hidden, 3),
            (OUTPUT_NAMES[self.output_kind], self.output, 3),
        ):
            _check_axes(name, array, (axes,))
        loops, (n, width) = self.loops, self.hidden.shape[1:]
        if "places" in self.observed:
            _check_places(self.observed["places"], n)
            n = len(self.observed["places"])
        _check_shape(self.input_name, self.input, (n, *self.input.shape[1:]))
        _check_shape("hidden", self.hidden, (loops + 1, self.hidden.shape[1], width))
        _check_shape(OUTPUT_NAMES[self.output_kind], self.output, (loops, n, self.output.shape[-1]))
        _check_finite(self.hidden, 0)
        _check_observed(self)
        for array in self.arrays().values():
            array.flags.writeable = False

    @property
    def loops(self) -> int:
        """How many loops were run."""
        return len(self.output)

    @property
    def positions(self) -> int:
        """How many positions the hidden state has."""
        return int(self.hidden.shape[1])

    @property
    def places(self) -> np.ndarray | None:
        """The positions of each place, (places, K) int64; None where places and positions are the same."""
        return self.observed.get("places")

    @property
    def states(self) -> np.ndarray:
        """The state of each place, those of its positions joined: (loops + 1, places, K · width).

        The hidden state itself where places and positions are the same.
        """
        table = self.places
        return self.hidden if table is None else self.hidden[:, table].reshape(self.loops + 1, len(table), -1)

    @property
    def answered(self) -> np.ndarray:
        """What the model answers after each loop: tokens (loops, positions), or numbers (loops, positions, outputs)."""
        return self.predictions if self.output_kind == "numbers" else self.answers

    @property
    def faithful(self) -> bool:
        """Whether the recorded and the plain forward differ by rounding alone; False where it was not measured."""
        return self.difference < FAITHFUL

    @property
    def input_name(self) -> str:
        """The name of the input among the arrays: "tokens" or "vectors"."""
        return INPUT_NAMES[self.input.ndim - 1]

    @property
    def tokens(self) -> np.ndarray:
        """The input of a run on tokens: (positions,) int64."""
        if self.input_name != "tokens":
            raise ValueError("this run has no tokens: its model reads real vectors.")
        return self.input

    @property
    def vectors(self) -> np.ndarray:
        """The input of a run on real vectors: (positions, inputs)."""
        if self.input_name != "vectors":
            raise ValueError("this run has no input vectors: its model reads tokens.")
        return self.input

    @property
    def logits(self) -> np.ndarray:
        """Logits of a run whose outputs are classes or next tokens: (loops, positions, outputs), before the softmax."""
        if self.output_kind == "numbers":
            raise ValueError("this run has no logits, probabilities or answers: its model's outputs are real numbers.")
        return self.output

    @property
    def predictions(self) -> np.ndarray:
        """Outputs of a run that are real numbers: (loops, positions, outputs)."""
        if self.output_kind != "numbers":
            raise ValueError(
                f"this run has no predicted numbers: its model's outputs are of kind {self.output_kind!r}."
            )
        return self.output

    @property
    def probabilities(self) -> np.ndarray:
        """Probabilities, the softmax of the logits: (loops, positions, outputs), rows sum to one."""
        return softmax(self.logits)

    @property
    def answers(self) -> np.ndarray:
        """The class or token with the largest logit after each loop: (loops, positions) int64."""
        best: np.ndarray = self.logits.argmax(-1)
        return best

    @property
    def attention(self) -> np.ndarray:
        """Attention of every loop: (loops, layers, heads, positions, positions or neighbours)."""
        if "attention" not in self.observed:
            raise ValueError("this run has no attention: none was observed in its model.")
        return self.observed["attention"]

    @property
    def neighbours(self) -> np.ndarray | None:
        """Whom each position attends to, (positions, K) int64, -1 for none; None where it is all positions."""
        return self.observed.get("neighbours")

    @property
    def mask(self) -> np.ndarray | None:
        """What may be attended to at all, (positions, positions) bool; None for everything."""
        return self.observed.get("mask")

    @property
    def modulations(self) -> tuple[str, ...]:
        """The names of the vectors of a timestep encoding, gates before scales; () for a model without one."""
        return modulations(self.observed)

    @property
    def rounds(self) -> np.ndarray | None:
        """Which loops are the first of a round of a search: (loops,) bool; None without rounds."""
        rounds = self.observed.get("round")
        return None if rounds is None else np.diff(rounds, prepend=0) > 0

    @property
    def anew(self) -> np.ndarray | None:
        """Which loops begin with a state of zero in place of the one before: (loops,) bool; None without rounds."""
        anew = self.observed.get("anew")
        return None if anew is None else anew > 0

    @property
    def alpha1(self) -> np.ndarray | None:
        """(loops, layers, width), multiplies the output of the attention branch; None without timestep encoding."""
        return self.observed.get("alpha1")

    @property
    def alpha2(self) -> np.ndarray | None:
        """(loops, layers, width), multiplies the output of the MLP branch; None without timestep encoding."""
        return self.observed.get("alpha2")

    @property
    def gamma1(self) -> np.ndarray | None:
        """(loops, layers, width), multiplies the normalised input of attention; None without timestep encoding."""
        return self.observed.get("gamma1")

    @property
    def gamma2(self) -> np.ndarray | None:
        """(loops, layers, width), multiplies the normalised input of the MLP; None without timestep encoding."""
        return self.observed.get("gamma2")

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all arrays by name; the input and the output under the names of their kinds."""
        found = {self.input_name: self.input, "hidden": self.hidden}
        if "attention" in self.observed:
            found["attention"] = self.observed["attention"]
        found[OUTPUT_NAMES[self.output_kind]] = self.output
        return found | dict(self.observed)

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray], difference: float = 0.0, complete: bool = False) -> Trace:
        """Make a trace of arrays by name: the way back from `arrays`. Raises ValueError when one is missing."""
        left = dict(arrays)
        inputs = [name for name in INPUT_NAMES if name in left]
        kinds = [kind for kind in OUTPUT_KINDS if OUTPUT_NAMES[kind] in left]
        if len(inputs) != 1 or len(kinds) != 1 or "hidden" not in left:
            raise ValueError(
                f"a trace needs one of {', '.join(INPUT_NAMES)}, hidden, "
                f"and one of {', '.join(OUTPUT_NAMES.values())}; there are {', '.join(left) or 'none'}."
            )
        input, hidden, output = (left.pop(name) for name in (inputs[0], "hidden", OUTPUT_NAMES[kinds[0]]))
        if input.ndim != 1 + INPUT_NAMES.index(inputs[0]):
            raise ValueError(f"a trace's {inputs[0]} has shape {input.shape}; it has the wrong number of axes.")
        return cls(input, hidden, output, kinds[0], left, difference, complete)

    def save(self, file: str | Path) -> None:
        """Write the arrays to an .npz under their names, `difference` and `complete`.

        Not compressed: that would take longer than the run. A file that was there stays when this cannot be written.
        """
        with whole(Path(file)) as part, part.open("wb") as out:  # np.savez would add .npz to a name without it
            about = {"difference": np.float64(self.difference), "complete": np.bool_(self.complete)}
            np.savez(out, **about, **self.arrays())  # type: ignore[arg-type]

    @classmethod
    def load(cls, file: str | Path) -> Trace:
        """Read what `save` wrote; never unpickles."""
        with np.load(file, allow_pickle=False) as kept:
            values = {name: kept[name] for name in kept.files}
        difference = float(values.pop("difference"))
        complete = bool(values.pop("complete", False))  # a file that was saved before has none
        return cls.of(values, difference, complete)


def given(model: LoopedModel, tokens: np.ndarray, loop: int) -> np.ndarray:
    """Return tokens (..., positions) as a model that is changed (`sudoku9-strong~swap=3_4@8`) is given them in a loop.

    loop: counted from 0. By these its answer after that loop is judged.
    """
    return exchanged(tokens, loop, model.standing_interventions)


def record(
    model: LoopedModel,
    input: np.ndarray,
    loops: int | None = None,
    verify: bool = True,
    interventions: Sequence[Intervention] = (),
) -> Trace:
    """Run `model` on one input for `loops` loops (default: as trained) and keep everything it observes.

    input: tokens (positions,) or vectors (positions, inputs), as the model reads them. With `verify` the plain forward,
    with PyTorch's fused attention, is run beside it and `Trace.difference` is the largest absolute difference between
    the two runs' hidden states; without, it is NaN: not measured. Both runs are under the same interventions. The model
    is only read, so any number of threads may record from it at once. Raises ValueError for an input that the model
    cannot read, for weights that are NaN and for interventions that this run cannot have.
    """
    input = check_input(model, input)
    if any(bool(weight.isnan().any()) for weight in model.parameters()):
        raise ValueError("weights of this model are NaN, so that a run of it says nothing.")
    return _run(model, input, loops, verify, interventions)


def replay(
    model: LoopedModel,
    trace: Trace,
    loop: int,
    loops: int | None = None,
    verify: bool = True,
    interventions: Sequence[Intervention] = (),
) -> Trace:
    """Run again from the state after `loop` loops, up to `loops` loops in all (default: as many as before).

    Only the loops from `loop` on are run, under the interventions; what came before is taken from the trace, so that
    the two runs can be compared on one clock. Without interventions the result is the run that was recorded, or more
    loops of it. For a trace that was recorded under interventions give them again. `difference` is the larger one of
    the two parts. Raises ValueError for a state that the trace does not hold.
    """
    if not hasattr(loop, "__index__") or not 0 <= loop <= trace.loops:
        raise ValueError(f"this trace has states after 0 to {trace.loops} loops, none after {loop}.")
    return _run(model, trace.input, trace.loops if loops is None else loops, verify, interventions, trace, loop)


@torch.inference_mode()
def _run(
    model: LoopedModel,
    input: np.ndarray,
    loops: int | None,
    verify: bool,
    interventions: Sequence[Intervention],
    before: Trace | None = None,
    done: int = 0,
) -> Trace:
    """Record the loops from `done` on and put them behind the first `done` loops of `before`."""
    weight = next(iter(model.parameters()))
    batch = torch.tensor(input, device=weight.device)[None]
    if batch.is_floating_point():
        batch = batch.to(weight.dtype)
    start = None if before is None else _state_of(model, before, done, batch, weight)
    states = list(model.unroll(batch, loops, True, interventions, start))
    hidden = torch.stack([state.hidden[0] for state in states])  # (loops + 1 - done, positions, width)
    difference = float("nan")
    if verify:
        difference = float((hidden - _hidden(model, batch, loops, interventions, start)).abs().max())
    arrays = stacked([model.observe(state) for state in states])
    if before is not None:
        difference = float(np.maximum(difference, before.difference))  # NaN where either was not measured
        earlier = before.arrays()
        known = earlier.keys() & arrays.keys()  # a trace that was saved before may lack what is observed by now
        arrays = {name: np.concatenate([earlier[name][:done], arrays[name]]) for name in arrays if name in known}
        hidden = torch.tensor(arrays["hidden"], device=weight.device, dtype=weight.dtype)
    output = array_of(model.readout(hidden[1:]))
    hidden_states, observed = arrays.pop("hidden"), arrays | of_the_run(model, states[0])
    complete = len(output) == model.most_loops
    return Trace(input, hidden_states, output, model.output_kind, observed, difference, complete)


@torch.inference_mode()
def _hidden(
    model: LoopedModel, batch: Tensor, loops: int | None, interventions: Sequence[Intervention], start: State | None
) -> Tensor:
    """Run the plain forward on a batch of one; return its hidden states (loops + 1 - done, positions, width)."""
    return torch.stack([state.hidden[0] for state in model.unroll(batch, loops, False, interventions, start)])


def _state_of(model: LoopedModel, trace: Trace, loop: int, batch: Tensor, weight: Tensor) -> State:
    """Return the state that a trace holds after `loop` loops, with every tensor that the model carries."""

    def tensor(array: np.ndarray) -> Tensor:
        return torch.tensor(array[loop], device=weight.device, dtype=weight.dtype)[None]

    carried = model.begin(batch).others
    lacking = [name for name in carried if len(trace.observed.get(name, ())) != trace.loops + 1]
    if lacking:
        raise ValueError(f"this trace does not hold the state {lacking[0]!r}, so its run cannot go on from it.")
    return State(loop, tensor(trace.hidden), others={name: tensor(trace.observed[name]) for name in carried})


def stacked(seen: Sequence[Mapping[str, Tensor]], at: int = 0) -> dict[str, np.ndarray]:
    """Return what is observed of the states of one input of a batch, with an axis for the loop in front.

    seen: what the model observes of every state. States have a row for every state, what belongs to a step has none for
    the first. What is the same for the whole batch has one row there.
    """
    return {
        name: array_of(torch.stack([row(each[name], at) for each in (seen if name in seen[0] else seen[1:])]))
        for name in seen[-1]
    }


def of_the_run(model: LoopedModel, state: State, at: int = 0) -> dict[str, np.ndarray]:
    """Return what is observed once of an input of a batch: the mask, and the tables of neighbours and of places."""
    found = {}
    if state.mask is not None:
        found["mask"] = row(state.mask, at).cpu().numpy()
    positions = state.hidden.shape[1]
    for name, table in (("neighbours", model.neighbours(state)), ("places", model.places(positions))):
        if table is not None:
            found[name] = table
    return found


def row(tensor: Tensor, at: int) -> Tensor:
    """Return the row of an input of a batch, or the one row that all inputs share."""
    return tensor[at if len(tensor) > 1 else 0]


def array_of(tensor: Tensor) -> np.ndarray:
    """Return a tensor as an array in float32."""
    array: np.ndarray = tensor.float().cpu().numpy()
    return array


# --------------------------------------------------------------------------------------------------- checks of a trace


def _check_kind(trace: Trace) -> None:
    if trace.output_kind not in OUTPUT_KINDS:
        raise ValueError(f"output_kind is {trace.output_kind!r}; it must be one of {OUTPUT_KINDS}.")
    taken = {*INPUT_NAMES, "hidden", *OUTPUT_NAMES.values(), "difference", "complete"} & trace.observed.keys()
    if taken:
        raise ValueError(f"{sorted(taken)[0]!r} is a trace's own array; something observed needs another name.")
    if trace.input.ndim not in (1, 2):
        raise ValueError(f"a trace's input has shape {trace.input.shape}; it needs 1 or 2 axes, none of them empty.")


def _check_axes(name: str, array: np.ndarray, axes: tuple[int, ...]) -> None:
    if array.ndim not in axes or array.size == 0:
        wanted = " or ".join(map(str, axes))
        raise ValueError(f"a trace's {name} has shape {array.shape}; it needs {wanted} axes, none of them empty.")


def _check_shape(name: str, array: np.ndarray, expected: tuple[int, ...]) -> None:
    if array.shape != expected:
        raise ValueError(f"a trace's {name} has shape {array.shape}; {expected} was expected.")


def _check_finite(array: np.ndarray, first: int) -> None:
    """Refuse what has overflowed, of which nothing could be shown rightly; `first` is the loop of the first entry."""
    lost = ~np.isfinite(array).reshape(len(array), -1).all(1)
    if not lost.any():
        return
    loop = int(lost.argmax()) + first
    where = f"in loop {loop}" if loop else "before the first loop"
    less = f"run {loop - 1} loop{'s' if loop > 2 else ''} at most, or take" if loop > 1 else "take"
    raise ValueError(
        f"{where} the numbers of the model are no longer finite: they have grown beyond what it can hold (an overflow),"
        f" and nothing after that can be shown; {less} smaller weights or a smaller change of the model."
    )


def _check_observed(trace: Trace) -> None:
    """Check the shapes of everything that was observed, and that attention is a distribution."""
    loops, (n, width), observed = trace.loops, trace.hidden.shape[1:], trace.observed
    if "mask" in observed:
        _check_shape("mask", observed["mask"], (n, n))
    if "neighbours" in observed:
        _check_axes("neighbours", observed["neighbours"], (2,))
        _check_neighbours(observed["neighbours"], n)
    if "attention" in observed:
        _check_attention(trace)
    if len({name.replace("alpha", "gamma") for name in trace.modulations}) * 2 != len(trace.modulations):
        raise ValueError("a trace has a gate (alpha) and a scale (gamma) of every branch, or none of them.")
    for name in trace.modulations:
        layers = observed["attention" if "attention" in observed else trace.modulations[0]].shape[1]
        _check_shape(name, observed[name], (loops, layers, width))
    for name in observed.keys() - {"attention", *OF_THE_RUN, *trace.modulations}:
        array = observed[name]
        if array.ndim == 0 or array.size == 0 or len(array) not in (loops, loops + 1):
            raise ValueError(
                f"a trace's {name} has shape {array.shape}; "
                f"its first axis must be the loop, {loops} or {loops + 1} of them."
            )


def _check_attention(trace: Trace) -> None:
    attention, n, table = trace.observed["attention"], trace.positions, trace.neighbours
    _check_axes("attention", attention, (5,))
    _check_shape(
        "attention", attention, (trace.loops, *attention.shape[1:3], n, n if table is None else table.shape[1])
    )
    _check_finite(attention, 1)
    if attention.min() < 0:
        raise ValueError("attention weights must not be negative.")
    off = float(np.abs(attention.sum(-1) - 1).max())
    if not off < 1e-4:
        raise ValueError(f"attention rows must sum to one; one is off by {off:.2g}.")
    if table is not None and attention[..., table < 0].any():
        raise ValueError("attention to a neighbour that is not there must be zero.")


def _check_places(table: np.ndarray, positions: int) -> None:
    _check_axes("places", table, (2,))
    if not np.array_equal(np.sort(table, axis=None), np.arange(positions)):
        raise ValueError(f"a trace's places must hold each of the {positions} positions once.")


def _check_neighbours(table: np.ndarray, positions: int) -> None:
    _check_shape("neighbours", table, (positions, table.shape[-1]))
    if table.dtype.kind not in "iu" or table.min() < -1 or table.max() >= positions:
        raise ValueError(f"a trace's neighbours must be positions from 0 to {positions - 1}, or -1 for none.")
