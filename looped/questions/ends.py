"""Do runs of one input end alike when they start with noise, or read the input written in another way?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.basins import Basins, Symmetries, basins, endpoints, equivariance
from looped.model.interventions import exchanged
from looped.questions.question import Asked, step
from looped.serving.message import Packed

RUNS = 32  # the plain one among them


def ask_turns(asked: Asked) -> Iterator[Packed]:
    """Ask the same input under symmetries of its task; see `_ends`."""
    symmetries = Symmetries(*asked.checkpoint.task.symmetries(RUNS - 1, seed=0))
    return _ends(asked, noise=0.0, symmetries=symmetries)


def ask_noise(asked: Asked) -> Iterator[Packed]:
    """Start from states with noise as large as the state; see `_ends`."""
    return _ends(asked, noise=1.0, symmetries=None)


def _ends(asked: Asked, noise: float, symmetries: Symmetries | None) -> Iterator[Packed]:
    """Run the input `RUNS` times and compare where the runs end."""
    task, model = asked.checkpoint.task, asked.checkpoint.model
    counted = task.asked(asked.tokens)
    if not counted.any():
        counted = np.ones(len(asked.tokens), bool)
    for found in basins(model, asked.tokens, task.right, RUNS, asked.loops, noise, symmetries=symmetries):
        yield _compared(asked, found, counted)


def _compared(asked: Asked, found: Basins, counted: np.ndarray) -> Packed:
    """Return what is known of the runs so far; `counted` (positions,) bool are the positions that tell ends apart.

    Arrays: sizes (ends,) U16, runs that end there, most first; ends (ends, positions) and vote (positions,), tokens;
    ends_right (ends,); agreement (positions,) F32, the share of runs that answer as the vote does; same (runs,) F32,
    the share of answers that are those of the plain run. Meta: runs, right (how many of them), plain_right,
    plain_end (index of the plain run's end), vote_right, distance (mean total variation distance to the plain run).
    """
    task = asked.checkpoint.task
    small = np.min_scalar_type(task.vocab - 1)
    ends, like = endpoints(found.answers, counted), equivariance(found, counted)
    given = exchanged(asked.tokens, asked.loops - 1, asked.checkpoint.model.standing_interventions)
    first = [int((ends.which == end).argmax()) for end in range(len(ends.sizes))]  # a run of each end
    arrays: dict[str, np.ndarray] = {
        "sizes": ends.sizes.astype(np.uint16),
        "ends": ends.distinct.astype(small),
        "ends_right": found.right[first].astype(np.uint8),
        "vote": ends.vote.astype(small),
        "agreement": ends.agreement.astype(np.float32),
        "same": like.same.astype(np.float32),
    }
    return step(
        len(found.right) / RUNS,
        arrays,
        runs=len(found.right),
        right=int(found.right.sum()),
        plain_right=bool(found.right[0]),
        plain_end=int(ends.which[0]),
        vote_right=bool(task.right(given[None], ends.vote[None])[0]),
        distance=float(like.distance[1:].mean()) if len(like.distance) > 1 else 0.0,
    )
