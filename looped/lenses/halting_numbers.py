"""When would exit rules have stopped a model that predicts numbers, and what cost and error does each have?

As `looped.lenses.halting`, whose rules watch a distribution over answers; here there is none, and what is watched is
how far a loop moved the predictions or the state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from looped.lenses.halting import Cheapest, Curve, Halting, Rule, curve, exits, least
from looped.model import LoopedModel
from looped.model.seam import device_of
from looped.runs.needs import Needs
from looped.runs.numerics import relative_residual

NEEDS = Needs(outputs=("numbers",))
RULES = (
    Rule("prediction change", "root mean square of ŷ[t] − ŷ[t−1], in the units of the answers", 0.01),
    Rule("steady predictions", "the same", 0.01, 4),
    Rule("latent change", "‖h[t] − h[t−1]‖ / ‖h[t−1]‖", 0.03),
    Rule("cosine", "1 − cosine of h[t] and h[t−1]", 5e-4),
)
SLACK = 0.05  # an error is as good as that of the whole run when it is larger by no more than this share of it


class ErrorSurvey(NamedTuple):
    """What the rules watch in many runs: those that are done so far."""

    watched: np.ndarray  # (rules, loops, runs) float32, in the order of RULES
    error: np.ndarray  # (loops, runs), whose mean over the runs is squared error over that of answering zero


def halting_numbers(
    hidden: np.ndarray, predictions: np.ndarray, asked: np.ndarray | None = None, rules: Sequence[Rule] = RULES
) -> Halting:
    """Apply each rule to a run of hidden (loops + 1, positions, d_model) and predictions (loops, places, numbers).

    `asked`, a mask or indices of places, are those whose predictions count (all when not given). `rules` are some of
    RULES, with any threshold and patience. What is right is not known of numbers: `Halting.right` is None.

    >>> hidden, said = np.array([1.0, 2.0, 2.0, 2.0])[:, None, None], np.array([1.0, 1.5, 1.5])[:, None, None]
    >>> halting_numbers(hidden, said, rules=RULES[:2]).exit.tolist()
    [3, 3]
    >>> halting_numbers(hidden, said, rules=RULES[:2]).stopped.tolist()
    [True, False]
    """
    read = torch.tensor(predictions[:, slice(None) if asked is None else asked]).flatten(1)
    states = torch.tensor(hidden).flatten(1)
    nothing = torch.full_like(read[:1], torch.nan)  # the readout of h[0] is not part of a run
    every = _watch(states[:-1], states[1:], torch.cat([nothing, read[:-1]]), read).numpy()
    names = [rule.name for rule in RULES]
    watched = np.stack([every[names.index(rule.name)] for rule in rules])
    stops = zip(watched, rules, strict=True)
    exit = np.array([exits(values[:, None], rule.threshold, rule.patience)[0] for values, rule in stops])
    loops = len(predictions)
    return Halting(watched, exit <= loops, exit.clip(max=loops), loops - exit.clip(max=loops), None)


@torch.inference_mode()
def survey_numbers(
    model: LoopedModel, inputs: np.ndarray, targets: np.ndarray, loops: int | None = None, batch: int = 16
) -> Iterator[ErrorSurvey]:
    """Run inputs (runs, places, inputs) and keep what the rules watch: yield all runs so far after each batch.

    targets (runs, places, numbers) are the true numbers, NaN where nothing is asked; each run asks for as many.
    """
    device, size = device_of(model), float(np.nansum(np.square(targets), axis=(1, 2)).mean())
    parts: list[ErrorSurvey] = []
    for first in range(0, len(inputs), batch):
        part = torch.as_tensor(inputs[first : first + batch].astype(np.float32), device=device)
        true = torch.as_tensor(targets[first : first + batch].astype(np.float32), device=device)
        asked = ~true.isnan()
        watched, off, before = [], [], None
        for state in model.unroll(part, loops):
            said = model.readout(state.hidden)
            read, h = said[asked].view(len(part), -1), state.hidden.flatten(1)
            if before is None:
                read = torch.full_like(read, torch.nan)
            else:
                watched.append(_watch(before[0], h, before[1], read).float().cpu().numpy())
                missed = torch.where(asked, said - true, 0).square().flatten(1).sum(-1)
                off.append(missed.double().cpu().numpy() / size)
            before = h, read
        parts.append(ErrorSurvey(np.stack(watched, 1), np.stack(off)))
        yield ErrorSurvey(*(np.concatenate(kept, -1) for kept in zip(*parts, strict=True)))


def error_curves(seen: ErrorSurvey, rules: Sequence[Rule] = RULES) -> list[Curve]:
    """Compute cost and error of each rule as its threshold varies; `Curve.accuracy` holds the error."""
    return [curve(watched, seen.error, rule.patience) for watched, rule in zip(seen.watched, rules, strict=True)]


def cheapest_error(curves: Sequence[Curve], fixed: np.ndarray) -> Cheapest:
    """Find the least mean number of loops at which a rule has the error of the whole run, or SLACK more.

    `fixed` (loops,) is the error of stopping everywhere after each number of loops.

    >>> curves = [Curve(np.array([-np.inf, 1]), np.array([4.0, 2.0]), np.array([0.1, 0.102]))]
    >>> cheapest_error(curves, np.array([1.0, 0.2, 0.11, 0.1]))
    Cheapest(rule=0, loops=2.0, everywhere=4, threshold=1.0)
    """
    limit = (1 + SLACK) * fixed[-1]
    return least(curves, [one.accuracy <= limit for one in curves], fixed <= limit)


def _watch(h0: Tensor, h1: Tensor, said0: Tensor, said1: Tensor) -> Tensor:
    """Return what RULES watch between two loops: (rules, batch); states and predictions (batch, numbers)."""
    moved = (said1 - said0).float().square().mean(-1).sqrt()
    before, after = h0.float(), h1.float()
    turned = 1 - (before * after).sum(-1) / (before.norm(dim=-1) * after.norm(dim=-1))
    return torch.stack([moved, moved, relative_residual(before, after), turned])
