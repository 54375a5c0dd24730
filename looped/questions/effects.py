"""What does one position's state, or one head, do for the answer? One is changed in one loop, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from looped.lenses.sweep import Sweep, summary, sweep_heads, sweep_positions
from looped.questions.question import Asked, spread, step
from looped.runs.trace import record
from looped.serving.message import Packed


def ask_cells(asked: Asked) -> Iterator[Packed]:
    """Put each position's state back to its start after each loop; see `_effects`."""
    return _effects(asked, sweep_positions)


def ask_heads(asked: Asked) -> Iterator[Packed]:
    """Cut each head in each loop; see `_effects`."""
    return _effects(asked, sweep_heads)


def _effects(asked: Asked, sweep: Callable[..., Iterator[Sweep]]) -> Iterator[Packed]:
    """Measure how the answer at the chosen position changes.

    Arrays: at (rows,), the loops; margin, probability and changed (rows, things) F32, NaN where not run yet.
    Meta: answer, the token that the unchanged run answers; worst, [row, thing] of the change that lost the most
    margin, None where none is known; tried, how many are known, and turned, how many of them change the answer.
    """
    model = asked.checkpoint.model
    trace = record(model, asked.tokens, asked.loops, verify=False)
    loops = spread(asked.loops)
    for found in sweep(model, trace, asked.cell, loops=loops):
        arrays = {"at": np.array(loops, np.uint16)}
        for name, effect in (
            ("margin", found.margin),
            ("probability", found.probability),
            ("changed", found.changed),
        ):
            arrays[name] = effect.reshape(len(loops), -1).astype(np.float32)
        share = found.done / found.total if found.total else 1
        said = summary(found)
        yield step(
            share,
            arrays,
            answer=int(trace.answers[-1, asked.cell]),
            worst=None if said.worst is None else list(said.worst),
            tried=said.tried,
            turned=said.turned,
        )
