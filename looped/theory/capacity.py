"""What the theorem of 2410.01405 asks for, counted: loops, parameters and bits for d numbers in each of N tokens.

The paper's counts are as reported; those of the network of `looped.theory.machine` are counted in it.
"""

from __future__ import annotations

from typing import NamedTuple

from looped.theory.machine import Machine


class Capacity(NamedTuple):
    """The paper's counts for cells of width δ = 1/D. Counts of loops are exact integers, however large."""

    loops: int  # the three stages: D − 1, N and 2 D^((N+1)d) − 1
    stated: int  # r = N + 2 D^((N+1)d+1)
    ids: int  # D^((N+1)d): the order of the bits
    embedding: int  # 17 d + 9
    hidden: int  # 49 d + 25, the width of the feed-forward layer
    parameters: int  # of one layer: attention with 2 heads of size 1, and the feed-forward layer


def capacity(cells: int, tokens: int, dims: int = 1) -> Capacity:
    """Count for D cells along each axis of a token.

    >>> capacity(8, 2)[:3]
    (1032, 8194, 512)
    >>> f"{float(capacity(9, 81).loops):.1e}"  # a board of Sudoku, one number a cell
    '3.5e+78'
    """
    ids = cells ** ((tokens + 1) * dims)
    embedding, hidden = 17 * dims + 9, 49 * dims + 25
    attention = 2 * 4 * embedding  # query, key, value and output of two heads of size 1
    layer = 2 * embedding * hidden + embedding + hidden
    stages = (cells - 1) + tokens + (2 * ids - 1)
    return Capacity(stages, tokens + 2 * cells * ids, ids, embedding, hidden, attention + layer)


class Counted(NamedTuple):
    """What a machine that was built holds."""

    channels: int
    units: int  # of its feed-forward layer
    parameters: int  # numbers in its matrices and its embedding
    used: int  # of these, not zero
    bits: int  # of what differs with f: the steps of the table in float64, or a sign for every step and the jump


def counted(machine: Machine) -> Counted:
    """Count what a machine holds."""
    matrices = (machine.start, machine.reads, machine.writes)
    steps = machine.sizes_of.ids - 1
    return Counted(
        machine.width,
        machine.reads.shape[1],
        sum(part.numel() for part in matrices),
        sum(int((part != 0).sum()) for part in matrices),
        64 * steps if machine.settings.weights == "modulated" else steps + 64,
    )
