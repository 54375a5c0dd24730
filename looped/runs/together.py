"""Several inputs of one shape recorded as one batch: what a device does at once costs little more than one of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from looped.model.seam import LoopedModel, check_input
from looped.runs.trace import Trace, array_of, of_the_run, stacked

CLOSE = 1e-3
"""How far the hidden states of a batch may be from those of the same inputs alone, relative to the largest: products
of another shape are added up in another order, and the loops amplify that. `Trace.faithful` has the same bound."""


@torch.inference_mode()
def record_together(model: LoopedModel, inputs: Sequence[np.ndarray], loops: int, verify: bool = True) -> list[Trace]:
    """Run `model` on several inputs of one shape for `loops` loops; return the trace of each.

    They are what `looped.runs.trace.record` gives of each but for rounding (`CLOSE`), with `verify` held against the
    plain forward of the same batch. One input alone gives the same to the bit. Raises ValueError as `record` does.
    """
    weight = next(iter(model.parameters()))
    checked = [check_input(model, one) for one in inputs]
    batch = torch.tensor(np.stack(checked), device=weight.device)
    if batch.is_floating_point():
        batch = batch.to(weight.dtype)
    states = list(model.unroll(batch, loops, True))
    hidden = torch.stack([state.hidden for state in states])  # (loops + 1, batch, positions, width)
    plain = torch.stack([state.hidden for state in model.unroll(batch, loops, False)]) if verify else None
    seen = [model.observe(state) for state in states]
    found = []
    for at, own in enumerate(checked):
        arrays = stacked(seen, at) | of_the_run(model, states[0], at)
        output = array_of(model.readout(hidden[1:, at]))
        difference = float("nan") if plain is None else float((hidden[:, at] - plain[:, at]).abs().max())
        complete = loops == model.most_loops
        found.append(Trace(own, arrays.pop("hidden"), output, model.output_kind, arrays, difference, complete))
    return found
