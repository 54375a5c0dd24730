"""Does a run come back when its state is disturbed, and how fast? The return test.

The state after some loops is moved in a random direction, or corrupted: places that are to be answered get the states
of each other, so that each holds what the model uses for an answer, but a wrong one. Then the run goes on, beside the
same run left alone. A model that has learned to correct itself comes back; where right answers come back and wrong ones
do not, the test verifies an answer without knowing it (arXiv 2606.29150). That depends on the size of the change: from
one that is small enough wrong answers come back, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from looped.model import LoopedModel, State
from looped.model.interventions import exchanged
from looped.model.seam import ROUNDS, device_of
from looped.runs.needs import CLASSES, Needs

NEEDS = Needs(none_of=(ROUNDS,), inputs=("tokens",), outputs=CLASSES)

NOISE = (0.01, 0.1, 1.0, 3.0)  # lengths of a random change, in lengths of the state; wrong answers get lost first
CORRUPTED = (0.1, 0.25, 0.5, 1.0)  # shares of the places to answer whose states change places with each other
DRAWS = 8


class Recovery(NamedTuple):
    """What became of disturbed runs. Rows: first each length of a random change, then each number of `exchanged`.

    Entry s of `distance` and `same` is about the state s loops after the disturbance, beside the undisturbed run at the
    same loop.
    """

    distance: np.ndarray  # (rows, draws, after + 1) ‖h' − h‖ over ‖h‖; NaN where not run yet
    same: np.ndarray  # (rows, draws, after + 1) share of the counted places with the same answer; NaN as above
    right: np.ndarray  # (rows, draws) bool, the answer after the last loop
    plain_right: bool  # and that of the undisturbed run
    done: int  # rows so far
    exchanged: tuple[int, ...]  # how many places each of the last rows exchanges

    @property
    def back(self) -> np.ndarray:
        """Return which runs end in the undisturbed run's answer at every counted place: (rows, draws) bool."""
        found: np.ndarray = self.same[..., -1] == 1
        return found


@torch.inference_mode()
def recovery(
    model: LoopedModel,
    tokens: np.ndarray,
    right: Callable[[np.ndarray, np.ndarray], np.ndarray],
    counted: np.ndarray,
    at: int,
    after: int,
    noise: tuple[float, ...] = NOISE,
    corrupted: tuple[float, ...] = CORRUPTED,
    draws: int = DRAWS,
    seed: int = 0,
) -> Iterator[Recovery]:
    """Disturb the state of tokens (places,) after `at` loops and run on for `after` loops; yield after every row.

    counted (places,) bool are the places whose answers tell runs apart, and whose states are exchanged. `right` takes
    tokens and answers, (count, places) both, as a task's does. At least two places are exchanged, and a share that
    exchanges as many as a smaller one is left out (`Recovery.exchanged`). Raises ValueError for no place to count, for
    states to exchange where only one place counts, and for loops that are not positive.
    """
    if not counted.any() or at < 1 or after < 1:
        raise ValueError(
            f"{int(counted.sum())} places, {at} loops and {after} loops after them make no return test; "
            "each must be at least one."
        )
    numbers = exchanges(int(counted.sum()), corrupted)
    device = device_of(model)
    inputs = torch.tensor(np.repeat(tokens[None].astype(np.int64), draws + 1, axis=0), device=device)
    *_, before = model.unroll(inputs[:1], at)
    groups = _groups(model, before.hidden.shape[1])[counted]
    rows = [(size, False) for size in noise] + [(count, True) for count in numbers]
    distance, same = np.full((2, len(rows), draws, after + 1), np.nan)
    good, plain_good = np.zeros((len(rows), draws), bool), False
    for row, (size, corrupting) in enumerate(rows):
        rng = np.random.default_rng((seed, row))
        changed = [
            _exchanged(before, groups, int(size), rng) if corrupting else _moved(before, size, rng)
            for _ in range(draws)
        ]
        start = _many(before, torch.cat([before.hidden, *changed]))
        for s, state in enumerate(model.unroll(inputs, at + after, start=start)):
            answers = model.readout(state.hidden).argmax(-1).cpu().numpy()
            distance[row, :, s] = _apart(state.hidden)
            same[row, :, s] = (answers[1:, counted] == answers[0, counted]).mean(-1)
        given = exchanged(inputs.cpu().numpy(), at + after - 1, model.standing_interventions)
        verdicts = right(given, answers)
        good[row], plain_good = verdicts[1:], bool(verdicts[0])
        yield Recovery(distance.copy(), same.copy(), good.copy(), plain_good, row + 1, numbers)


def exchanges(places: int, shares: tuple[float, ...]) -> tuple[int, ...]:
    """Return how many of so many places each share exchanges: at least two, and each number once.

    Raises ValueError for shares of fewer than two places.

    >>> exchanges(30, (0.1, 0.5)), exchanges(3, (0.1, 0.25, 0.5, 1.0))
    ((3, 15), (2, 3))
    """
    if shares and places < 2:
        raise ValueError(f"states are exchanged between two places or more; {places} counts here.")
    return tuple(sorted({min(places, max(2, round(share * places))) for share in shares}))


def loops_back(same: np.ndarray) -> np.ndarray:
    """Return from how many loops after the disturbance on each run answers as the undisturbed one, to the end.

    same (…, after + 1). Returns (…,), 0 where the answer never changed, NaN where it is another one at the end.

    >>> loops_back(np.array([[0.5, 0.75, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.5, 1.0, 1.0, 0.75]])).tolist()
    [2.0, 0.0, nan]
    """
    away = ~(same == 1)
    last = same.shape[-1] - np.argmax(away[..., ::-1], axis=-1)
    found: np.ndarray = np.where(away[..., -1], np.nan, np.where(away.any(-1), last, 0.0))
    return found


def _groups(model: LoopedModel, positions: int) -> np.ndarray:
    """Return the positions of every place: (places, K)."""
    table = model.places(positions)
    return np.arange(positions)[:, None] if table is None else table


def _many(state: State, hidden: Tensor) -> State:
    """Return a batch of states that differ in `hidden` alone."""
    others = {name: tensor.expand(len(hidden), *tensor.shape[1:]) for name, tensor in state.others.items()}
    return state._replace(hidden=hidden, others=others)


def _moved(state: State, size: float, rng: np.random.Generator) -> Tensor:
    """Move a state (1, positions, width) in a random direction, so many times its own length."""
    hidden = state.hidden
    direction = torch.tensor(rng.standard_normal(hidden.shape)).to(hidden)
    moved: Tensor = hidden + size * hidden.norm() / direction.norm() * direction
    return moved


def _exchanged(state: State, groups: np.ndarray, count: int, rng: np.random.Generator) -> Tensor:
    """Hand the states of so many of the places, groups (places, K) of positions, around in a circle."""
    chosen = groups[rng.permutation(len(groups))[:count]]
    hidden = state.hidden.clone()
    hidden[:, chosen.ravel()] = state.hidden[:, np.roll(chosen, 1, axis=0).ravel()]
    return hidden


def _apart(hidden: Tensor) -> np.ndarray:
    """Return how far all states but the first are from it, over its length: (draws + 1, n, width) → (draws,)."""
    flat = hidden.float().flatten(1)
    found: np.ndarray = ((flat[1:] - flat[0]).norm(dim=1) / flat[0].norm()).cpu().numpy()
    return found
