"""Losses: what is asked of an answer, and after which loops.

A recipe names the loss of one answer, a key of `LOSSES`; a stage says after which loops it is asked. Shapes used here:

    outputs  (batch, positions, vocab) logits, or (batch, positions, numbers) real predictions: what the readout gives
    targets  (batch, positions) whole numbers, -1 where nothing is asked; or (batch, positions, numbers) reals, NaN
    there
             (batch, ways, positions): right answers of which any will do, rows of -1 where there are no more
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn import functional as F

from looped.model import LoopedModel
from looped.model.seam import State, is_standard


class Loss(NamedTuple):
    """How one answer is judged: both take outputs and targets."""

    of: Callable[[Tensor, Tensor], Tensor]  # the scalar that training makes small
    share: Callable[[Tensor, Tensor], float]  # how good the answer is, 1 at best, for people to read


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy on the asked positions.

    Where targets hold several right answers it is -log of the probability that an answer drawn from the logits, each
    position by itself, is one of them; per asked position, too.
    """
    if targets.ndim == 2:
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1)
    asked = targets >= 0
    whole = torch.promote_types(logits.dtype, torch.float32)  # as cross_entropy does for the halves of autocast
    each = logits.log_softmax(-1, whole).gather(-1, targets.clamp(min=0).transpose(1, 2)).transpose(1, 2)
    each = each.masked_fill(~asked, 0).sum(-1).masked_fill(~asked.any(-1), -math.inf)
    return -each.logsumexp(1).sum() / asked[:, 0].sum()


def share_right(logits: Tensor, targets: Tensor) -> float:
    """Return the share of the asked positions that are right, in the answer that each input comes nearest to."""
    ways = targets if targets.ndim == 3 else targets[:, None]
    right = (logits.argmax(-1)[:, None] == ways).sum(-1).amax(1)
    return float(right.sum() / (ways[:, 0] >= 0).sum())


def squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the mean squared error over the numbers that are asked."""
    asked = ~targets.isnan()
    return (outputs[asked] - targets[asked]).square().mean()


def share_explained(outputs: Tensor, targets: Tensor) -> float:
    """Return the share of the asked numbers' variance that is explained; negative when their mean would do better."""
    asked = ~targets.isnan()
    variance = targets[asked].var(correction=0)
    return float(1 - squared_error(outputs.detach(), targets) / variance)


LOSSES = {"cross-entropy": Loss(cross_entropy, share_right), "squared error": Loss(squared_error, share_explained)}


@runtime_checkable
class Carrying(Protocol):
    """A model whose inputs can be at different loops, as training carries them on from step to step."""

    def embed(self, tokens: Tensor) -> Tensor:
        """Embed inputs (batch, positions): (batch, positions, width)."""

    def start(self, embedded: Tensor) -> Tensor:
        """Return the states before the first loop (batch, positions, width)."""

    def advance(self, h: Tensor, embedded: Tensor, t: Tensor) -> Tensor:
        """Run one loop of states (batch, positions, width) that have done t (batch,) loops."""

    def readout(self, hidden: Tensor) -> Tensor:
        """Return the outputs of states."""


@runtime_checkable
class Searching(Carrying, Protocol):
    """A model inside a search, which carries tensors of its own from loop to loop and knows what is asked of them."""

    own_loss_words: str  # what its loss holds beside that of the answer, for model cards

    def begin_search(self, embedded: Tensor) -> dict[str, Tensor]:
        """Return what the search carries before the first loop of embedded inputs, batch first, by name."""

    def proceed(
        self, hidden: Tensor, embedded: Tensor, done: Tensor, search: Mapping[str, Tensor], astray: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Run one loop of inputs that have done `done` (batch,) loops, and return their states and what they carry.

        astray (batch,) from 0 to 1: which guess is made in any case, where one can be; below 0: none.
        """

    def own_loss(self, hidden: Tensor, outputs: Tensor, search: Mapping[str, Tensor], targets: Tensor) -> Tensor:
        """Return the loss of states, their outputs and what the search carries, in place of that of a recipe."""


def carrying(model: LoopedModel) -> Carrying:
    """Return the model as one whose inputs can be at different loops. Raises ValueError when they cannot."""
    if not isinstance(model, Carrying):
        raise ValueError("inputs of this model cannot be at different loops; leave out carry.")
    return model


def loss_over_loops(
    model: LoopedModel,
    inputs: Tensor,
    targets: Tensor,
    loops: int | None = None,
    skip: int = 0,
    last_only: bool = False,
    loss: Loss = LOSSES["cross-entropy"],
    start: State | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the mean loss over `loops` loops (default: as trained), and the outputs of the last one.

    The loss is taken after every loop, so that each guess is better than the one before (as the authors of 2410.01405
    do for Sudoku). With `last_only` it is taken after the last loop alone, and an answer may take as many loops as it
    needs. The first `skip` loops run without gradient and are not asked: deep loops are trained at the price of shallow
    ones (2311.12424, the window T). `start` takes the place of the state before the
    first loop. A standard transformer has no loops: its last layer alone is asked.
    """
    states = model.unroll(inputs, skip + (loops or model.trained_loops), start=start)
    next(states)  # the embedded input, through which every loop learns
    with torch.no_grad():
        for _ in range(skip):
            next(states)
    if last_only or is_standard(model):
        for state in states:
            last = state.hidden
        outputs = model.readout(last)
        return loss.of(outputs, targets), outputs
    losses = []
    for state in states:
        outputs = model.readout(state.hidden)
        losses.append(loss.of(outputs, targets))
    return torch.stack(losses).mean(), outputs


def loss_to_rest(
    model: LoopedModel,
    inputs: Tensor,
    targets: Tensor,
    loops: int,
    needed: Tensor,
    rest: float,
    loss: Loss = LOSSES["cross-entropy"],
) -> tuple[Tensor, Tensor]:
    """Return the loss of answers that should be there as soon as they can be and then stay, and the last outputs.

    needed (batch,) are the loops that each input needs. It is asked after those, when a front that moves one place a
    loop has just arrived, and again after the last loop. `rest` times the mean logarithm of the relative change
    ‖h[t] − h[t−1]‖ / ‖h[t−1]‖ pulls the state to a fixed point: at the last loop for inputs that have had eight loops
    to spare, and with half the weight at loop 2 · needed + 4. The logarithm asks for the same factor at every size, so
    that the change falls to the rounding of float32.
    """
    states = torch.stack([state.hidden for state in model.unroll(inputs, loops)])  # (loops + 1, batch, positions, d)
    rows = torch.arange(len(inputs), device=inputs.device)
    first, last = states[needed.clamp(1, loops), rows], states[-1]
    outputs = model.readout(last)
    asked = (loss.of(outputs, targets) + loss.of(model.readout(first), targets)) / 2
    moved = (states[1:] - states[:-1]).flatten(2).norm(dim=2)  # (loops, batch)
    moved = (moved / states[:-1].flatten(2).norm(dim=2).clamp(min=1e-9).detach() + 1e-6).log()
    twice = 2 * needed + 4
    at_twice = torch.where(twice <= loops, moved[twice.clamp(max=loops) - 1, rows], 0).mean()
    at_last = torch.where(needed + 8 <= loops, moved[-1], 0).mean()
    return asked + rest * (at_last + at_twice / 2), outputs


def loss_over_window(
    model: Carrying,
    inputs: Tensor,
    targets: Tensor,
    hidden: Tensor,
    done: Tensor,
    fresh: Tensor,
    loops: int,
    loss: Loss = LOSSES["cross-entropy"],
    others: Mapping[str, Tensor] | None = None,
    astray: Tensor | None = None,
    last_only: bool = False,
) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]:
    """Return the mean loss over the next loops of inputs that have done some; the last outputs, states and others.

    With `last_only` the loss is taken after the last of these loops alone.

    hidden (batch, positions, width) are the states after done (batch,) loops; where fresh (batch,) is true the model's
    own first state is taken. Gradients end there, so that a loop far out is trained at the price of an early one (deep
    supervision, arXiv 2506.21734). A model inside a search also carries `others`, None before the first step; `astray`
    as in `Searching`, None for none.
    """
    embedded = model.embed(inputs)
    hidden = torch.where(fresh[:, None, None], model.start(embedded), hidden)
    carried, losses = dict(others or {}), []
    search = model if isinstance(model, Searching) else None
    if search is not None:
        carried = carried or search.begin_search(embedded)
    for loop in range(loops):
        asked = not last_only or loop == loops - 1
        if search is not None:
            led = hidden.new_full((len(hidden),), -1) if astray is None else astray
            hidden, carried = search.proceed(hidden, embedded, done + loop, carried, led)
        else:
            hidden = model.advance(hidden, embedded, done + loop)
        if not asked:
            continue
        outputs = model.readout(hidden)
        losses.append(
            search.own_loss(hidden, outputs, carried, targets) if search is not None else loss.of(outputs, targets)
        )
    return torch.stack(losses).mean(), outputs, hidden.detach(), carried
