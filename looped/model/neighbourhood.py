"""Attention of a grid's cells to the 3 × 3 cells around them, with a bias for each head and offset and no positions.

    score_o(i) = q_i · k_(i+o) / √width + bias_o        o one of the nine offsets (row, column) in {-1, 0, 1}²
    weights    = softmax over the offsets that lie on the grid
    output(i)  = Σ_o weight_o(i) v_(i+o)

Keys and values are read from nine shifted views of the grid, so that time and memory grow with positions × 9, never
with positions × positions. Nothing depends on where a cell is, and any grid can be given at run time.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

OFFSETS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))
"""Rows down and columns right of each neighbour, in the order of every axis of nine; the fifth is the cell itself."""
NEIGHBOURS = len(OFFSETS)


def neighbour_table(rows: int, columns: int) -> Tensor:
    """Return the position of each cell's neighbours: (rows · columns, 9) int64, -1 where the grid ends.

    >>> neighbour_table(2, 2).tolist()[0]
    [-1, -1, -1, -1, 0, 1, -1, 2, 3]
    """
    offsets = torch.tensor(OFFSETS)
    row = torch.arange(rows)[:, None, None] + offsets[:, 0]  # (rows, 1, 9)
    column = torch.arange(columns)[None, :, None] + offsets[:, 1]  # (1, columns, 9)
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    return torch.where(inside, row * columns + column, -1).reshape(rows * columns, NEIGHBOURS)


def square(positions: int) -> int:
    """Return the side of the square grid of so many positions. Raises ValueError when it is no square number.

    >>> square(49)
    7
    """
    side = math.isqrt(positions)
    if side * side != positions:
        raise ValueError(
            f"{positions} positions do not make a square grid, which attention to the neighbourhood needs."
        )
    return side


def near(blocked: Tensor, table: Tensor) -> Tensor:
    """Return which neighbours a cell may not attend to, (positions, 9) bool, of blocked (positions, positions) bool.

    Raises ValueError when a cell would be left nothing to attend to.
    """
    outside = table < 0
    kept_from = blocked.gather(1, table.clamp(min=0)) | outside
    alone = kept_from.all(-1).nonzero().flatten().tolist()
    if alone:
        raise ValueError(
            f"position {alone[0]} is blocked from its whole neighbourhood; it must be left something to attend to."
        )
    return kept_from


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    bias: Tensor,
    rows: int,
    temperature: float = 1.0,
    blocked: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Let every cell attend to its neighbourhood.

    Arguments: q, k, v (batch, positions, heads, width) of a grid of `rows` rows; bias (heads, 9); temperature of the
    softmax, 0 for hardmax; blocked (positions, 9) bool of neighbours that are not attended to, by default those
    beyond the grid's border.
    Returns: the output (batch, positions, heads, width), and the weights (batch, heads, positions, 9), rows sum to 1.
    """
    batch, positions, heads, width = q.shape
    columns = positions // rows
    if blocked is None:
        blocked = neighbour_table(rows, columns).to(q.device) < 0
    grid = (batch, rows, columns, heads, width)
    border = (0, 0, 0, 0, 1, 1, 1, 1)  # one cell on every side of the grid, none along heads and width
    keys, values = F.pad(k.reshape(grid), border), F.pad(v.reshape(grid), border)
    queries = q.reshape(grid) / math.sqrt(width)
    shifts = [
        (slice(None), slice(1 + down, 1 + down + rows), slice(1 + right, 1 + right + columns))
        for down, right in OFFSETS
    ]
    scores = torch.stack([(queries * keys[shift]).sum(-1) for shift in shifts], -1)  # (batch, rows, columns, heads, 9)
    scores = scores + bias
    if temperature not in (0.0, 1.0):
        scores = scores / temperature
    scores = scores.masked_fill(blocked.view(rows, columns, 1, NEIGHBOURS), -torch.inf)
    if temperature == 0:
        largest = (scores == scores.amax(-1, keepdim=True)).to(scores.dtype)
        weights = largest / largest.sum(-1, keepdim=True)
    else:
        weights = scores.softmax(-1)
    output = weights[..., 0, None] * values[shifts[0]]
    for offset in range(1, NEIGHBOURS):
        output = output + weights[..., offset, None] * values[shifts[offset]]
    by_head = weights.reshape(batch, positions, heads, NEIGHBOURS).transpose(1, 2)
    return output.reshape(batch, positions, heads, width), by_head
