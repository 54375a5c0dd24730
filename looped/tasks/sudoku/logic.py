"""In which order a person could fill in a Sudoku: rounds of singles, and which kind of single each blank is.

In every round all cells that are single on the board of that moment are filled in together; the next round sees them.

    naked    one digit alone is not yet in the cell's row, column or box
    hidden   one of the cell's units has no other place for a digit

And what can be said of the blanks before anything is filled in: the labels of probes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.sudoku.geometry import check_boards, peers, rows_columns_boxes, units


class Order(NamedTuple):
    """For every cell of boards (..., N): when and why singles fill it in."""

    rounds: NDArray[
        np.int64
    ]  # (..., N) 1, 2, … for the blanks that singles reach; -1 for the other blanks; 0 for the givens
    techniques: NDArray[
        np.str_
    ]  # (..., N) "naked" (also where it is hidden as well) or "hidden"; "" where no single fills in


def order(puzzles: ArrayLike, size: int) -> Order:
    """Fill in singles round by round: puzzles (..., N) of whole numbers, 0 for a blank, each with a solution.

    What singles fill in is in every solution, so a puzzle may have several. Raises ValueError for wrong shapes or
    values.

    >>> found = order([4, 0, 0, 0,  0, 0, 0, 2,  0, 0, 0, 3,  3, 0, 0, 0], size=4)
    >>> found.rounds.reshape(4, 4).tolist()
    [[0, 1, 2, 1], [1, 2, 1, 0], [1, 2, 2, 0], [0, 2, 2, 1]]
    >>> found.techniques[:4].tolist()
    ['', 'hidden', 'naked', 'naked']
    """
    groups = units(size)
    own = rows_columns_boxes(size) + np.arange(3) * size  # (N, 3) the units of a cell
    puzzles = check_boards(puzzles, size, "puzzles")
    board = puzzles.reshape(-1, size * size, 1) == np.arange(1, size + 1)  # (count, N, size) is this digit there?
    blank = ~board.any(-1)
    rounds, techniques = np.where(blank, -1, 0), np.full(blank.shape, "", "<U6")
    number = 0
    while True:
        fits = _fits(board, size)
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


def candidates(puzzles: ArrayLike, size: int) -> NDArray[np.bool_]:
    """Return (..., N, size) bool for puzzles (..., N): which digits a blank may hold; givens have none.

    Entry d − 1 is True where d is not yet in the row, column or box of the blank.
    Raises ValueError for wrong shapes or values.

    >>> (1 + np.flatnonzero(candidates([4, 0, 0, 0,  0, 0, 0, 2,  0, 0, 0, 3,  3, 0, 0, 0], size=4)[1])).tolist()
    [1, 2, 3]
    """
    puzzles = check_boards(puzzles, size, "puzzles")
    return _fits(puzzles[..., None] == np.arange(1, size + 1), size)


def labels(puzzles: ArrayLike, solutions: ArrayLike, size: int) -> dict[str, NDArray[np.int64]]:
    """Return labels that the state of a blank may hold: (..., N, labels) each, classes 0, 1, …, −1 for the givens.

        candidates   size labels: is the digit not yet in the blank's row, column or box? 0 or 1
        count        how many digits are not, 0 to size
        single       does a naked or hidden single fill it in on this board, before any other blank is filled in? 0 or 1
        digit        the solution

    >>> puzzle = [1, 2, 3, 0, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1]
    >>> found = labels(puzzle, [1, 2, 3, 4, *puzzle[4:]], size=4)
    >>> {name: label[3].tolist() for name, label in found.items()}, found["digit"][2].tolist()
    ({'candidates': [0, 0, 0, 1], 'count': [1], 'single': [1], 'digit': [4]}, [-1])
    """
    puzzles, solutions = check_boards(puzzles, size, "puzzles"), check_boards(solutions, size, "solutions")
    fits = candidates(puzzles, size)
    found = {
        "candidates": fits,
        "count": fits.sum(-1)[..., None],
        "single": (order(puzzles, size).rounds == 1)[..., None],
        "digit": solutions[..., None],
    }
    return {name: np.where(puzzles[..., None] == 0, label.astype(np.int64), -1) for name, label in found.items()}


def _fits(board: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Return the candidates of board (..., N, size), one-hot digits."""
    fits: NDArray[np.bool_] = ~board.any(-1, keepdims=True) & (peers(size).astype(np.float32) @ board == 0)
    return fits
