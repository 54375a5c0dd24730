"""How much of a loop of this run is one and the same linear map?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from looped.catalogue.inputs import held_out
from looped.lenses.linear import fit, linear
from looped.model.seam import device_of
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed

INPUTS = 16  # whose runs the map is fitted to
SEED = 5  # of these inputs


def ask_linear(asked: Asked) -> Iterator[Packed]:
    """Fit a linear map to the runs of other inputs, and measure it on this run; see `looped.lenses.linear`.

    Arrays F32: error and still (loops,), of the map and of saying that nothing changes, one loop ahead; ahead and
    ahead_still (most,), the same 1, 2, … loops ahead; eigenvalues (width, 2), real and imaginary parts, the largest
    modulus first. Meta: fitted, to how many inputs, and inputs,
    which; explained, the share of the squared steps that the map accounts
    for, None for a run without a step; modulus, the largest of an eigenvalue, to six decimals; side, where that lies:
    "below" 1, "at" 1 or "above" 1; good, up to how many loops ahead its error is the smaller one, 0 for none.
    """
    model, drawn = asked.checkpoint.model, held_out(asked.checkpoint, INPUTS, SEED)
    found = fit(_steps(asked, drawn.tokens))
    measured = linear(found, record(model, asked.tokens, asked.loops, verify=False).hidden)
    values = found.eigenvalues
    worse = np.flatnonzero(~(measured.ahead < measured.ahead_still))
    arrays = {
        "error": measured.error,
        "still": measured.still,
        "ahead": measured.ahead,
        "ahead_still": measured.ahead_still,
        "eigenvalues": np.column_stack([values.real, values.imag]),
    }
    yield step(
        1,
        {name: array.astype(np.float32) for name, array in arrays.items()},
        fitted=len(drawn.tokens),
        inputs=f"fitted to {drawn.inputs}",
        explained=None if np.isnan(measured.explained) else measured.explained,
        modulus=found.modulus,
        side="below" if found.modulus < 1 else "above" if found.modulus > 1 else "at",
        good=int(worse[0]) if len(worse) else len(measured.ahead),
    )


@torch.inference_mode()
def _steps(asked: Asked, inputs: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the states of all positions of all inputs before and after every loop, (count, width) each."""
    model, before = asked.checkpoint.model, None
    kind = np.int64 if model.input_kind == "tokens" else np.float32
    for state in model.unroll(torch.tensor(inputs.astype(kind), device=device_of(model)), asked.loops):
        after = state.hidden.float().flatten(0, 1).cpu().numpy()
        if before is not None:
            yield before, after
        before = after
