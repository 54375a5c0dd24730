"""Solve and count: depth-first search over naked and hidden singles.

numba compiles it on first use and caches it on disk.

Inside the search a cell's options are bits: bit d - 1 for the digit d, and PLACED when its digit has been taken from
its peers.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from looped.tasks.streams import below
from looped.tasks.sudoku.geometry import Array, Cells, check_boards, geometry

PLACED = 1 << 10  # above the bits of all digits


@njit(cache=True, nogil=True)
def settle(options: Array, queue: Array, waiting: int, full: int, near: Array, units: Array) -> bool:
    """Place naked and hidden singles until none is left; False when a cell or a digit has no place left.

    `options` is (N,) int16 of digit bits, plus PLACED; queue[:waiting] holds the cells with one option that
    are not placed yet.  A cell enters the queue only when it drops to one option, so N places are enough.
    """
    while True:
        while waiting:
            waiting -= 1
            cell = queue[waiting]
            digit = options[cell]
            options[cell] = digit | PLACED
            for peer in near[cell]:
                value = options[peer]
                if value & digit:
                    value ^= digit
                    if value & full == 0:
                        return False
                    options[peer] = value
                    if value & (value - 1) == 0:
                        queue[waiting] = peer
                        waiting += 1
        for unit in units:
            once = twice = placed = 0
            for cell in unit:
                value = options[cell]
                if value & PLACED:
                    placed |= value
                twice |= once & value
                once |= value
            if once & full != full:
                return False
            single = once & ~twice & ~placed & full
            if single:
                for cell in unit:
                    value = options[cell]
                    digit = value & single
                    if digit and value & PLACED == 0:
                        if digit & (digit - 1):
                            return False  # two digits have this cell as their only place
                        if value != digit:
                            options[cell] = digit
                            queue[waiting] = cell
                            waiting += 1
        if waiting == 0:
            return True


@njit(cache=True, nogil=True)
def begin(givens: Array, size: int, options: Array, queue: Array) -> int:
    """Write the options of a board without its givens' consequences; return how many givens wait in the queue."""
    waiting = 0
    for cell in range(size * size):
        if givens[cell]:
            options[cell] = 1 << (givens[cell] - 1)
            queue[waiting] = cell
            waiting += 1
        else:
            options[cell] = (1 << size) - 1
    return waiting


@njit(cache=True, nogil=True)
def count_bits(value: int) -> int:
    """Return how many bits are set."""
    many = 0
    while value:
        value &= value - 1
        many += 1
    return many


@njit(cache=True, nogil=True)
def _fewest_options(options: Array, size: int, state: Array) -> tuple[int, int]:
    """Return the open cell with the fewest options, and how many; -1 when all are placed.

    Two is the least there can be.
    """
    n = size * size
    chosen, fewest = -1, size + 1
    start = below(state, n) if state[0] else 0
    for step in range(n):
        cell = (start + step) % n
        value = options[cell]
        if value & PLACED == 0:
            many = count_bits(value)
            if many < fewest:
                chosen, fewest = cell, many
                if many == 2:
                    break
    return chosen, fewest


@njit(cache=True, nogil=True)
def _two_places(options: Array, units: Array, full: int) -> tuple[int, int]:
    """Return the second place of a digit that has just two in a unit, and the digit's bit.

    -1 and 0 when there is none.
    """
    for unit in units:
        once = twice = more = 0
        for cell in unit:
            value = options[cell]
            more |= twice & value
            twice |= once & value
            once |= value
        pair = twice & ~more & full
        if pair:
            digit = pair & -pair
            last = -1
            for cell in unit:
                if options[cell] & digit:
                    last = cell
            return last, digit
    return -1, 0


@njit(cache=True, nogil=True)
def _guess(options: Array, size: int, units: Array, state: Array) -> tuple[int, int]:
    """Return the cell and the digit bit to try next; -1 and 0 when the board is full.

    A digit with two places in a unit splits the search better than three options in a cell.
    """
    chosen, fewest = _fewest_options(options, size, state)
    if chosen < 0:
        return -1, 0
    value = options[chosen]
    for _ in range(below(state, fewest) if state[0] else 0):
        value &= value - 1
    digit = value & -value
    if fewest > 2:
        cell, other = _two_places(options, units, (1 << size) - 1)
        if other:
            return cell, other
    return chosen, digit


@njit(cache=True, nogil=True)
def _write(options: Array, cells: Array) -> None:
    """Write the digits of a board on which every cell is placed."""
    for cell in range(len(cells)):
        digit, value = 1, options[cell]
        while value & 1 == 0:
            value >>= 1
            digit += 1
        cells[cell] = digit


@njit(cache=True, nogil=True)
def search(
    givens: Array,
    size: int,
    near: Array,
    units: Array,
    limit: int,
    banned_cell: int,
    banned_digit: int,
    state: Array,
    first: Array,
) -> int:
    """Count solutions, at most `limit`; the first one goes into `first` (N,) int8.

    Solutions with `banned_digit` (0: none) in `banned_cell` do not count.  `state` (1,) uint64: 0 guesses in
    a fixed order, anything else at random.
    """
    n = size * size
    full = (1 << size) - 1
    stack = np.empty((n + 1, n), np.int16)  # every guess places a cell, so n saved boards are enough
    guessed = np.zeros(n + 1, np.int64)
    queue = np.empty(n, np.int64)
    options = stack[0]
    waiting = begin(givens, size, options, queue)
    if banned_digit:
        options[banned_cell] &= ~(1 << (banned_digit - 1))
    depth = found = 0
    alive = settle(options, queue, waiting, full, near, units)
    while True:
        chosen, digit = _guess(options, size, units, state) if alive else (-1, 0)
        if alive and chosen < 0:  # the board is full
            if found == 0:
                _write(options, first)
            found += 1
            if found == limit:
                return found
        if chosen >= 0:
            stack[depth + 1] = options
            options[chosen] &= ~digit
            guessed[depth] = chosen
            depth += 1
            options = stack[depth]
            options[chosen] = digit
            queue[0] = chosen
            alive = settle(options, queue, 1, full, near, units)
            continue
        # Back to the last guess, now ruled out.
        if depth == 0:
            return found
        depth -= 1
        options = stack[depth]
        queue[0] = guessed[depth]
        value = options[guessed[depth]]
        alive = settle(options, queue, 1 if value & (value - 1) == 0 else 0, full, near, units)


def solve(givens: ArrayLike, size: int, limit: int = 2) -> tuple[int, Cells | None]:
    """Return the number of solutions, counted up to `limit`, and the first one found as (N,) int8 (None: no solution).

    `givens` is (N,) integers, 0 for a blank.  Raises ValueError for a wrong shape or value, or limit < 1.
    """
    known = geometry(size)
    board = check_boards(givens, size, "givens").astype(np.int8)
    if board.ndim != 1:
        raise ValueError(f"solve takes one board, not shape {board.shape}")
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    first = np.zeros(size * size, np.int8)
    found = int(search(board, size, known.near, known.units, limit, 0, 0, np.zeros(1, np.uint64), first))
    return found, first if found else None
