"""The table that the last stage of the construction of 2410.01405 walks through: a value for each contextual token ID.

A token x in [0, 1) has the ID z = floor(x D) in D = 1/δ cells. The tokens of an input, sorted from the largest ID down,
are the digits of the sequence ID s in base D. Together they make the contextual ID

    k = per s + z,    k = 0 … K − 1,    K = per D^N,

with per = D, or 2 D for the filling that walks back. Of these IDs only those are *reached* whose digits are sorted and
whose z is among them; they hold f at the centres of the cells. What the others hold matters for shared weights only,
since their error is the largest jump between neighbours in the table (Lemma 4.1):

    hold            the value of the last ID that is reached: the jump does not shrink with δ
    interpolated    a straight line between the two IDs reached next: no filler lies between a context's last token
                    and the next context's first where the two are neighbours
    walk back       the same with K doubled, which leaves at least D fillers between one context and the next, so that
                    no jump is larger than w_tok(δ√d) + w_cont(δ√(Nd)) for any f

A token of two numbers has a cell of a square. Its ID counts the cells along a snake, row by row and every other row
backwards, so that neighbours in the table are neighbours in the square; D² cells take the place of D above.

Source: the factor 2 of the published loop count 2 δ^{−(N+1)d} − 1 is explained by such fillers; matrices are our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from looped.theory.targets import Target

ROUNDING = 1e-6  # between IDs that are whole numbers: steps of 1/D are added up in floating point, D = 5 is not exact
Filling = Literal["hold", "interpolated", "walk back"]
FILLINGS: tuple[Filling, ...] = get_args(Filling)
MOST_IDS = 1_100_000
"""IDs of the largest table that is made: D = 64 for two tokens, doubled."""


@dataclass(frozen=True)
class Sizes:
    """The sizes of the construction. Raises ValueError with one sentence for sizes that cannot be built."""

    cells: int = 8  # D = 1/δ
    tokens: int = 2  # N
    filling: Filling = "walk back"
    dims: int = 1  # d

    def __post_init__(self) -> None:
        if self.dims not in (1, 2):
            raise ValueError(f"the construction is built for tokens of one or two numbers, not of {self.dims}.")
        if self.filling not in FILLINGS:
            raise ValueError(f"there is no filling {self.filling!r}; fillings: {', '.join(FILLINGS)}.")
        if self.cells < 2 or self.tokens < 1:
            raise ValueError(
                f"{self.cells} cells and {self.tokens} tokens cannot be built: take at least 2 cells and 1 token."
            )
        if self.tokens > 8 or self.ids > MOST_IDS:
            raise ValueError(
                f"{self.cells} cells and {self.tokens} tokens need 2 · {self.places}^{self.tokens + 1} loops or so; "
                f"the largest table that is built has {MOST_IDS:,} IDs: take fewer cells or tokens."
            )

    @property
    def places(self) -> int:
        """The number of token IDs, D^d."""
        return int(self.cells**self.dims)

    @property
    def per(self) -> int:
        """Contextual IDs of one sequence ID."""
        return (2 if self.filling == "walk back" else 1) * self.places

    @property
    def ids(self) -> int:
        """K, the number of contextual IDs."""
        return int(self.per * self.places**self.tokens)

    @property
    def stages(self) -> tuple[int, int, int]:
        """Loops that quantise, read the context, and walk through the table: D − 1, N, K − 1; d = 2: D, N, K − 1."""
        return self.cells - 1 + (self.dims - 1), self.tokens, self.ids - 1

    @property
    def loops(self) -> int:
        """Loops of all three stages."""
        return sum(self.stages)

    @property
    def stated_loops(self) -> int:
        """Loops r that the theorem states for this δ: N + 2 D^{(N+1)d+1}, D times as many as the stages need."""
        return int(self.tokens + 2 * self.cells ** ((self.tokens + 1) * self.dims + 1))


@dataclass(frozen=True)
class Table:
    """The values y_k, (K,) or, for d = 2, (K, 2) float64, and which IDs an input can reach, (K,) bool."""

    sizes: Sizes
    values: NDArray[np.float64]
    reached: NDArray[np.bool_]

    @property
    def columns(self) -> list[NDArray[np.float64]]:
        """The values of each number of the answer: d times (K,)."""
        return list(self.values.reshape(len(self.values), -1).T)

    @property
    def jump(self) -> float:
        """The largest jump between neighbours: the error that shared weights may have in any number."""
        return max(map(largest_jump, self.columns))


def token_ids(x: NDArray[np.floating], cells: int, dims: int = 1) -> NDArray[np.int64]:
    """Return z of tokens x (...) or, for two numbers, (..., 2) in [0, 1]: (...); 1 belongs to the last cell.

    >>> token_ids(np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]), 2, dims=2).tolist()
    [0, 1, 2, 3]
    """
    at = np.minimum(np.floor(np.asarray(x, np.float64) * cells).astype(np.int64), cells - 1)
    return at if dims == 1 else _snake(at, cells)


def _snake(at: NDArray[np.int64], cells: int) -> NDArray[np.int64]:
    """Return the places along the snake of cells (..., 2), column and row: (...)."""
    column, row = at[..., 0], at[..., 1]
    return np.asarray(cells * row + np.where(row % 2, cells - 1 - column, column), np.int64)


def _centres(z: NDArray[np.int64], sizes: Sizes) -> NDArray[np.float64]:
    """Return the centres of the cells of token IDs (...): (...), or (..., 2)."""
    if sizes.dims == 1:
        return np.asarray((z + 0.5) / sizes.cells)
    row, along = np.divmod(z, sizes.cells)
    column = np.where(row % 2, sizes.cells - 1 - along, along)
    return np.asarray((np.stack([column, row], -1) + 0.5) / sizes.cells)


def contextual_ids(x: NDArray[np.floating], sizes: Sizes) -> NDArray[np.int64]:
    """Return k of each token of inputs x (..., N) or, for two numbers, (..., N, 2): (..., N)."""
    z = token_ids(x, sizes.cells, sizes.dims)
    weights = sizes.places ** np.arange(sizes.tokens)
    return sizes.per * (np.sort(z, -1) @ weights)[..., None] + z


def same_ids(found: NDArray[np.float64], true: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether IDs that the machine found are the true ones, but for rounding: both of any one shape."""
    return np.abs(found - true) < ROUNDING


def make_table(target: Target, sizes: Sizes) -> Table:
    """Evaluate the target at the centres of all sorted cells and fill the IDs that no input reaches."""
    digits = np.indices((sizes.places,) * sizes.tokens).reshape(sizes.tokens, -1).T  # every combination, (D^dN, N)
    centres = _centres(digits[(np.diff(digits) >= 0).all(1)], sizes)
    ids, at = np.unique(contextual_ids(centres, sizes), return_index=True)
    known = target.answers(centres, sizes.dims).reshape(-1, sizes.dims)[at]
    every = np.arange(sizes.ids)
    reached = np.zeros(sizes.ids, bool)
    reached[ids] = True
    if sizes.filling == "hold":
        values = known[np.searchsorted(ids, every, side="right") - 1]
    else:
        values = np.stack([np.interp(every, ids, column) for column in known.T], -1)
    return Table(sizes, values[:, 0] if sizes.dims == 1 else values, reached)


def shared_signs(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which steps go up when every step has the size of the largest jump: (K − 1,) bool.

    A step goes towards the value that follows; the error then never exceeds the jump (Lemma 4.1).
    """
    found = np.zeros(len(values) - 1, bool)
    at, step = float(values[0]), largest_jump(values)
    for i, wanted in enumerate(values[1:].tolist()):
        found[i] = at <= wanted
        at += step if found[i] else -step
    return found


def largest_jump(values: NDArray[np.float64]) -> float:
    """Return the largest difference of neighbours; 0 of a single value."""
    return float(np.abs(np.diff(values)).max(initial=0.0))


def walk(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where steps of one size stand at each of the values of a sequence (K,): Lemma 4.1 alone.

    |walk − values| ≤ the largest jump. Steps η_k = y_k − y_{k−1} of their own (Theorem 4.2) stand on the values.

    >>> walk(np.array([0.0, 0.1, 0.3, 0.2])).round(1).tolist()
    [0.0, 0.2, 0.4, 0.2]
    """
    steps = np.where(shared_signs(values), 1.0, -1.0) * largest_jump(values)
    found: NDArray[np.float64] = values[0] + np.concatenate([[0.0], np.cumsum(steps)])
    return found
