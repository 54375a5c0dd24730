"""What causes the answer? Change one thing in one loop, run on to the end, and compare; for every place in turn.

Both sweeps are generators: they yield after every batch of runs, with all effects known so far, and stop when the
caller asks for no more. Effects are differences from the unchanged run, so 0 means that the change did not matter.
Effects no larger than rounding (`Trace.difference`, which every further loop may amplify) mean nothing. A patched or
cut part is removed for one loop only: what it wrote before, or writes again afterwards, still counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from looped.model import LoopedModel, State
from looped.model.interventions import Cut, Intervention, Patch
from looped.model.seam import ROUNDS, SEVERAL_STATES
from looped.runs.needs import CLASSES, Needs
from looped.runs.trace import Trace

NEEDS = Needs(none_of=(ROUNDS, SEVERAL_STATES), inputs=("tokens",), outputs=CLASSES, interventions=(Patch,))

# Size of the widest activation of a batch. A larger one no longer fits into the cache of a CPU, and its memory is
# allocated anew in every loop; a GPU needs a large one to be busy.
CPU_BYTES, GPU_BYTES = 3 * 2**19, 2**28


class Sweep(NamedTuple):
    """Effects on the last answer; NaN where not run yet. Row i is the loop `loops[i]` of the sweep."""

    done: int  # loops of single runs so far: `done / total` is the share of the time, too
    total: int
    margin: np.ndarray  # change of the final answer's logit at the position, less that of the contrast token; float32
    probability: np.ndarray  # change of that answer's probability
    changed: np.ndarray  # at how many positions the last answer is another one


@torch.inference_mode()
def sweep_positions(
    model: LoopedModel,
    trace: Trace,
    position: int,
    source: np.ndarray | None = None,
    loops: Sequence[int] | None = None,
    positions: Sequence[int] | None = None,
    contrast: int | None = None,
    interventions: Sequence[Intervention] = (),
) -> Iterator[Sweep]:
    """Replace the state of one position after one loop, for each of `loops` × `positions` (default: all).

    The effects are of that shape.

    The state comes from `source`, the `hidden` (loops + 1, positions, d_model) of a run on another input (activation
    patching); without `source` it is reset to its own initial value hidden[0]. Effects are on the answer of `trace`
    after its last loop at `position`. `contrast` is the token whose logit is subtracted, such as the answer of the
    other run; by default the one with the largest other logit. `interventions` are those that the trace was recorded
    under. A state that is replaced by itself has effect 0 and is not run. Raises ValueError for loops, positions and
    shapes that the trace does not have.
    """
    loops = _within(loops, trace.loops, "loop")
    positions = _within(positions, len(trace.tokens), "position")
    source = np.broadcast_to(trace.hidden[:1], trace.hidden.shape) if source is None else source
    if source.shape != trace.hidden.shape:
        raise ValueError(f"source has shape {source.shape}; the trace's hidden states have {trace.hidden.shape}.")
    base = _Base(model, trace, position, contrast, interventions)
    differs = (source != trace.hidden).any(-1)
    effects = np.full((3, len(loops), len(positions)), np.nan, np.float32)
    effects[:, ~differs[np.ix_(loops, positions)]] = 0
    work = [
        (row, [column for column, place in enumerate(positions) if differs[loop, place]])
        for row, loop in enumerate(loops)
    ]
    total, done = sum(len(columns) * (trace.loops - loops[row]) for row, columns in work), 0
    yield Sweep(done, total, *effects.copy())
    for row, columns in work:
        loop = loops[row]
        for first in range(0, len(columns), base.batch):
            part = columns[first : first + base.batch]
            places = [positions[column] for column in part]
            states = np.repeat(trace.hidden[loop][None], len(part), axis=0)
            states[np.arange(len(part)), places] = source[loop, places]
            effects[:, row, part] = base.effects(base.state(loop, base.tensor(states)))
            done += len(part) * (trace.loops - loop)
            yield Sweep(done, total, *effects.copy())


@torch.inference_mode()
def sweep_heads(
    model: LoopedModel,
    trace: Trace,
    position: int,
    loops: Sequence[int] | None = None,
    contrast: int | None = None,
    interventions: Sequence[Intervention] = (),
) -> Iterator[Sweep]:
    """Cut one head in one loop, for each of `loops` × layers × heads: effects of that shape, see `sweep_positions`."""
    loops = _within(loops, trace.loops, "loop")
    base = _Base(model, trace, position, contrast, interventions)
    layers, heads = trace.attention.shape[1:3]
    effects = np.full((3, len(loops), layers, heads), np.nan, np.float32)
    total, done = sum(layers * heads * (trace.loops - loop) for loop in loops), 0
    yield Sweep(done, total, *effects.copy())
    for row, loop in enumerate(loops):
        before = base.state(loop, base.tensor(trace.hidden[loop][None]))
        for layer in range(layers):
            cut = [
                model.step(before, False, (*interventions, Cut((head,), layer=layer))).hidden for head in range(heads)
            ]
            effects[:, row, layer] = base.effects(base.state(loop + 1, torch.cat(cut)))
            done += heads * (trace.loops - loop)
            yield Sweep(done, total, *effects.copy())


class _Base:
    """The unchanged run, and what becomes of changed ones."""

    def __init__(
        self,
        model: LoopedModel,
        trace: Trace,
        position: int,
        contrast: int | None,
        interventions: Sequence[Intervention],
    ) -> None:
        (self.position,) = _within([position], len(trace.tokens), "position")
        if contrast is not None:
            _within([contrast], trace.logits.shape[-1], "contrast")
        self.model, self.loops, self.contrast, self.interventions = model, trace.loops, contrast, interventions
        self.weight = next(model.parameters())
        self.begun = model.begin(torch.tensor(trace.tokens, device=self.weight.device)[None])
        self.answers = torch.tensor(trace.answers[-1], device=self.weight.device)
        self.answer = int(self.answers[position])
        if contrast == self.answer:
            raise ValueError(
                f"contrast {contrast} is the run's own answer at position {position}; it must be another token."
            )
        run = self.weight.element_size() * len(trace.tokens) * model.widest
        self.batch = max(1, (CPU_BYTES if self.weight.device.type == "cpu" else GPU_BYTES) // run)
        self.margin, self.probability, _ = self.measure(self.tensor(trace.logits[-1:]))

    def state(self, loop: int, hidden: Tensor) -> State:
        return self.begun._replace(loop=loop, hidden=hidden)

    def tensor(self, array: np.ndarray) -> Tensor:
        return torch.tensor(array, device=self.weight.device, dtype=self.weight.dtype)

    def measure(self, logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return margin, probability and changed, (batch,) each, of logits (batch, positions, vocab)."""
        here, own = logits[:, self.position], logits[:, self.position, self.answer]
        if self.contrast is None:
            others = here.index_fill(-1, torch.tensor([self.answer], device=here.device), -torch.inf).amax(-1)
        else:
            others = here[:, self.contrast]
        return own - others, here.softmax(-1)[:, self.answer], (logits.argmax(-1) != self.answers).sum(-1)

    def effects(self, state: State) -> np.ndarray:
        """Run changed states to the end: (3, batch)."""
        while state.loop < self.loops:
            state = self.model.step(state, False, self.interventions)
        margin, probability, changed = self.measure(self.model.readout(state.hidden))
        found: np.ndarray = (
            torch.stack((margin - self.margin, probability - self.probability, changed.to(margin.dtype)))
            .float()
            .cpu()
            .numpy()
        )
        return found


def _within(asked: Sequence[int] | None, count: int, what: str) -> list[int]:
    chosen = list(range(count)) if asked is None else [int(one) for one in asked]
    if not chosen or min(chosen) < 0 or max(chosen) >= count:
        raise ValueError(f"{what} {chosen or 'list'} is not possible: there are {count}, counted from 0.")
    return chosen


class Summary(NamedTuple):
    """The result of a sweep so far."""

    worst: tuple[int, int] | None  # row and column of the change that lost the most margin; None: none was tried
    tried: int  # changes so far
    turned: int  # changes that left another answer at some position


def summary(found: Sweep) -> Summary:
    """Find the change that lost the most margin; the axes of a sweep behind the first count as one.

    >>> margin = np.array([[np.nan, -1.0], [-3.0, 0.0]])
    >>> summary(Sweep(3, 4, margin, margin, np.array([[np.nan, 0.0], [2.0, 0.0]])))
    Summary(worst=(1, 0), tried=3, turned=1)
    """
    margin, changed = (values.reshape(len(values), -1) for values in (found.margin, found.changed))
    known = np.isfinite(margin)
    if not known.any():
        return Summary(None, 0, 0)
    row, column = divmod(int(np.where(known, margin, np.inf).argmin()), margin.shape[1])
    return Summary((row, column), int(known.sum()), int((changed[known] > 0).sum()))
