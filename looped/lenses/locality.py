"""How far does a change of one place of the input reach, loop by loop? Locality of influence.

One token is replaced by others that may stand there, and the runs go on beside the true one. How much the state of
every other place has changed is told by its distance from the changed one: in steps from a place to another that shares
a group with it (row, column or box of a Sudoku), in steps of a king on a grid, in places of a sequence. Local reading
adds up: what a loop passes on to neighbours, the next ones pass further (arXiv 2605.20784).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from looped.model import LoopedModel
from looped.model.seam import check_input, device_of
from looped.runs.needs import Needs

NEEDS = Needs(inputs=("tokens",))

TOUCHED = 0.1  # of the mean length of a place's state: a larger change counts as having reached a place
BANDS = (0, 1, 2, 4, 8)  # the largest distance of each band of distances but the last


class Locality(NamedTuple):
    """How far a change reaches. Row t is about the state after t loops; bands go from near to far."""

    change: np.ndarray  # (loops + 1, places) ‖h'ᵢ − hᵢ‖ over the root mean square of ‖hⱼ‖ over all places; root mean
    # square over the replacements; NaN where all states are zero
    bands: np.ndarray  # (bands, 2) int64, the smallest and the largest distance of each
    band: np.ndarray  # (places,) int64, the band of each place; −1 for a place without a distance
    mean: np.ndarray  # (loops + 1, bands) root mean square of `change` over the places of a band
    touched: np.ndarray  # (loops + 1, bands) share of them that are changed by more than TOUCHED
    near: np.ndarray  # (loops + 1,) share of the squared change outside of the place itself that is one step away
    even: float  # what that would be if every other place changed alike
    reach: (
        np.ndarray
    )  # (loops + 1,) int64, the largest distance at which a place is changed by more than TOUCHED, or −1


def steps_between(units: Sequence[Sequence[int]], place: int) -> np.ndarray:
    """Count the steps from a place to all others, where a step leads to a place that shares a group with it.

    units: for each kind of groups the group of every place. Returns (places,) int64, −1 for what no steps lead to.

    >>> steps_between([[0, 0, 1, 1, 2], [0, 1, 1, 2, 3]], 0).tolist()
    [0, 1, 2, 3, -1]
    """
    groups = np.array(units)
    shares = (groups[:, :, None] == groups[:, None, :]).any(0)
    steps = np.full(groups.shape[1], -1)
    steps[place], reached = 0, 0
    while (steps == reached).any():
        steps[shares[steps == reached].any(0) & (steps < 0)] = reached + 1
        reached += 1
    return steps


def steps_on(rows: Sequence[Sequence[int]], places: int, place: int, grid: bool) -> np.ndarray:
    """Count the steps from a place to those of rows: of a king on a grid, else along the sequence of all rows.

    Returns (places,) int64, −1 for a place in no row, and everywhere if the place itself is in none.

    >>> steps_on([[0, 1], [2, 3]], 5, 0, grid=True).tolist(), steps_on([[0, 1], [2, 3]], 5, 0, grid=False).tolist()
    ([0, 1, 1, 1, -1], [0, 1, 2, 3, -1])
    """
    steps = np.full(places, -1)
    lines = rows if grid else [[one for row in rows for one in row]]
    spots = {one: (r, c) for r, row in enumerate(lines) for c, one in enumerate(row)}
    if place in spots:
        row, column = spots[place]
        for one, (r, c) in spots.items():
            steps[one] = max(abs(r - row), abs(c - column))
    return steps


@torch.inference_mode()
def locality(
    model: LoopedModel, tokens: np.ndarray, place: int, others: Sequence[int], distance: np.ndarray, loops: int
) -> Locality:
    """Put each of `others` at one place of tokens (places,), and compare the states by their distance from it.

    distance (places,) int64, 0 for the place itself and −1 for places that do not count. Raises ValueError without
    another token, for tokens outside the vocabulary, and where no other place counts.
    """
    if not len(others) or not (distance > 0).any():
        raise ValueError("there must be another token for the place, and another place to reach.")
    inputs = np.repeat(tokens[None].astype(np.int64), len(others) + 1, axis=0)
    inputs[1:, place] = others
    for one in inputs:
        check_input(model, one)
    rows = []
    for state in model.unroll(torch.tensor(inputs, device=device_of(model)), loops):
        rows.append(_changes(model, state.hidden.float().cpu().numpy()))
    return _arranged(np.stack(rows), np.asarray(distance))


def _changes(model: LoopedModel, hidden: np.ndarray) -> np.ndarray:
    """Return how far each place is from that of the first run: (runs, positions, width) → (places,)."""
    table = model.places(hidden.shape[1])
    if table is not None:
        hidden = hidden[:, table].reshape(len(hidden), len(table), -1)
    size = np.sqrt((hidden[0] ** 2).sum(-1).mean())
    change = np.sqrt(((hidden[1:] - hidden[0]) ** 2).sum(-1).mean(0))
    found: np.ndarray = np.divide(change, size, out=np.full(len(change), np.nan), where=size > 0)
    return found


def _arranged(change: np.ndarray, distance: np.ndarray) -> Locality:
    """Sort changes (loops + 1, places) by distance."""
    bands, band = _bands(distance)
    with np.errstate(invalid="ignore"):
        over = change > TOUCHED
        squares = change**2
        mean = np.stack([np.sqrt(squares[:, band == k].mean(1)) for k in range(len(bands))], 1)
        touched = np.stack([over[:, band == k].mean(1) for k in range(len(bands))], 1)
        outside = squares[:, distance > 0].sum(1)
        near = np.divide(squares[:, distance == 1].sum(1), outside, out=np.full(len(change), np.nan), where=outside > 0)
    even = float((distance == 1).sum() / (distance > 0).sum())
    reach = np.where(over & (distance >= 0), distance, -1).max(1)
    return Locality(change, bands, band, mean, touched, near, even, reach)


def _bands(distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bands that occur, (bands, 2), and the band of every place."""
    ends = np.array([*BANDS, max(int(distance.max()), BANDS[-1] + 1)])
    index = np.where(distance < 0, -1, np.searchsorted(ends, distance))
    present = np.unique(index[index >= 0])
    low = np.concatenate([[0], ends[:-1] + 1])
    bands = np.column_stack([low[present], np.minimum(ends[present], distance.max())])
    return bands, np.where(index < 0, -1, np.searchsorted(present, index))
