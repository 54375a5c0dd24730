"""The rules of Sudoku: which cells clash, whether a board is a solution, and the rules that attention may follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from looped.tasks.protocol import Rules
from looped.tasks.sudoku.geometry import check_boards, peers, rows_columns_boxes

RULE_WORDS = {  # rule of attention → what its positions are called
    "row": "the own row",
    "column": "the own column",
    "box": "the own box",
    "same digit": "{places} with the same {token}",
    "violated": "other {places} that break a rule",
    "self": "the {place} itself",
    "non-peers": "{places} that share no row, column or box",
}


def conflicts(cells: ArrayLike, size: int) -> NDArray[np.bool_]:
    """Return (..., N) bool: True where a non-zero cell equals another one of its row, column or box.

    `cells` is (..., N) integers from 0 (blank) to size; other values or shapes raise ValueError.
    """
    places = rows_columns_boxes(size)
    array = check_boards(cells, size)
    flat = array.reshape(-1, size * size).astype(np.int64)
    # One number for each (board, kind of unit, unit, digit): equal numbers are equal digits in one unit.
    unit = np.arange(len(flat))[:, None, None] * 3 + np.arange(3)
    key = (unit * size + places) * (size + 1) + flat[:, :, None]
    crowded = (np.bincount(key.ravel())[key] > 1).any(-1) if key.size else np.zeros(flat.shape, dtype=bool)
    found: NDArray[np.bool_] = (crowded & (flat != 0)).reshape(array.shape)
    return found


def is_solution(givens: ArrayLike, cells: ArrayLike, size: int) -> NDArray[np.bool_]:
    """Return (...,) bool: `cells` is complete, legal and agrees with `givens`; both (..., N), broadcast together."""
    given, filled = check_boards(givens, size, "givens"), check_boards(cells, size)
    legal = (filled != 0).all(-1) & ~conflicts(filled, size).any(-1)
    right: NDArray[np.bool_] = np.asarray(legal & ((given == 0) | (given == filled)).all(-1))
    return right


def attention_rules(size: int, digits: NDArray[np.integer] | None = None) -> Rules:
    """Return the rules that attention between the cells of a board may follow, for `looped.lenses.rules`.

    row, column, box: the other cells of it; self; non-peers: cells that share none of the three. With `digits` (N,) or
    (loops, N), 0 for a blank, also same digit: the other cells that hold the same one, given or answered. With (loops,
    N), also violated: the other cells whose digit stands twice in a unit in the state that a loop reads, which are the
    digits after the loop before; before the first there are none.

    >>> {name: int(rule[0].sum()) for name, rule in attention_rules(9).items()}
    {'row': 8, 'column': 8, 'box': 8, 'self': 1, 'non-peers': 60}
    """
    own = np.eye(size * size, dtype=bool)
    rules: Rules = {}
    for name, place in zip(("row", "column", "box"), rows_columns_boxes(size).T, strict=True):
        rules[name] = (place[:, None] == place) & ~own
    if digits is not None:
        rules["same digit"] = (digits[..., :, None] == digits[..., None, :]) & (digits[..., None] > 0) & ~own
        if digits.ndim == 2:
            read = np.concatenate([np.zeros_like(digits[:1]), digits[:-1]])
            rules["violated"] = conflicts(read, size)[:, None, :] & ~own
    return rules | {"self": own, "non-peers": ~peers(size) & ~own}
