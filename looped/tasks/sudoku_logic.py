"""In which order a person could fill in a Sudoku: rounds of singles, and which kind of single each blank is.

In every round all cells that are single on the board of that moment are filled in together; the next round sees them.

    naked    one digit alone is not yet in the cell's row, column or box
    hidden   one of the cell's units has no other place for a digit
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.sudoku import _boards, peers, rows_columns_boxes, units


class Order(NamedTuple):
    """For every cell of boards (..., N): when and why singles fill it in."""

    rounds: NDArray[np.int64]  # (..., N) 1, 2, … for the blanks that singles reach; -1 for the other blanks; 0 for the givens
    techniques: NDArray[np.str_]  # (..., N) "naked" (also where it is hidden as well) or "hidden"; "" where no single fills in


def order(puzzles: ArrayLike, size: int) -> Order:
    """Rounds of singles on puzzles (..., N) of whole numbers, 0 for a blank, each of which has a solution.

    What singles fill in is in every solution, so a puzzle may have several. Raises ValueError for wrong shapes or values.

    >>> found = order([4, 0, 0, 0,  0, 0, 0, 2,  0, 0, 0, 3,  3, 0, 0, 0], size=4)
    >>> found.rounds.reshape(4, 4).tolist()
    [[0, 1, 2, 1], [1, 2, 1, 0], [1, 2, 2, 0], [0, 2, 2, 1]]
    >>> found.techniques[:4].tolist()
    ['', 'hidden', 'naked', 'naked']
    """
    near, groups = peers(size).astype(np.float32), units(size)
    own = rows_columns_boxes(size) + np.arange(3) * size  # (N, 3) the units of a cell
    puzzles = _boards(puzzles, size, "puzzles")
    board = puzzles.reshape(-1, size * size, 1) == np.arange(1, size + 1)  # (count, N, size) is this digit there?
    blank = ~board.any(-1)
    rounds, techniques = np.where(blank, -1, 0), np.full(blank.shape, "", "<U6")
    number = 0
    while True:
        fits = ~board.any(-1, keepdims=True) & (near @ board == 0)
        naked = fits.sum(-1) == 1
        lonely = fits[:, groups].sum(2) == 1  # (count, units, size) has the digit one place left?
        hidden = fits & lonely[:, own].any(2)
        now = naked | hidden.any(-1)
        if not now.any():
            return Order(rounds.reshape(puzzles.shape), techniques.reshape(puzzles.shape))
        number += 1
        rounds[now] = number
        techniques[now] = np.where(naked[now], "naked", "hidden")
        board |= np.where(naked[..., None], fits, hidden)
