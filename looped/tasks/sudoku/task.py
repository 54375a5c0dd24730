"""Sudoku on 4 x 4, 6 x 6 (boxes of 2 rows by 3 columns) and 9 x 9 boards: read, solve, make, vary, judge.

A board is a flat array of ``size * size`` cells, row by row; 0 is a blank and 1 to ``size`` are digits.  The
same numbers are the tokens a model sees.  numba compiles the hot loops on first use and caches them on disk.
"""

from __future__ import annotations

import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Cells = NDArray[np.int8]
Array = NDArray[Any]

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
"""Board size -> rows and columns of one box."""
FEWEST = {4: 4, 6: 8, 9: 22}
"""Board size -> fewest givens that `generate` makes (for 4 and 6 no unique puzzle has fewer)."""
USUAL = {4: (5, 10), 6: (12, 20), 9: (31, 42)}
"""Board size -> range of givens that `Sudoku.sample` draws from by default."""
HELD_OUT_SHARE = 16
"""One symmetry class in this many is held out."""
LONGEST_TEXT = 2000

_PLACED = 1 << 10  # marks a cell whose digit has been taken from its peers; above the bits of all digits
_TRIES = 300_000  # dig attempts for one puzzle before `generate` gives up


class SudokuError(ValueError):
    """Bad input; ``str(error)`` is a sentence for the person who typed: what is wrong, where, what to do."""


# -------------------------------------------------------------------------------------------------- geometry


class _Geometry(NamedTuple):
    places: NDArray[np.int64]  # (N, 3) row, column and box of each cell
    units: NDArray[np.int64]  # (3 * size, size) cells of each row, column, box
    peers: NDArray[np.bool_]  # (N, N)
    near: NDArray[np.int64]  # (N, number of peers) the cells that share a unit


@cache
def _geometry(size: int) -> _Geometry:
    if size not in BOXES:
        raise ValueError(f"sudoku size must be 4, 6 or 9, not {size!r}")
    high, wide = BOXES[size]
    cells = np.arange(size * size)
    row, column = cells // size, cells % size
    places = np.stack([row, column, row // high * (size // wide) + column // wide], axis=1)
    units = np.argsort(places, axis=0, kind="stable").T.reshape(3 * size, size).copy()
    peers = (places[:, None] == places[None]).any(-1) & ~np.eye(size * size, dtype=bool)
    near = np.nonzero(peers)[1].reshape(size * size, -1)
    geometry = _Geometry(places, units, peers, near)
    for array in geometry:
        array.setflags(write=False)
    return geometry


def peers(size: int) -> NDArray[np.bool_]:
    """(N, N) bool, read-only: the two cells share a row, column or box; the diagonal is False."""
    return _geometry(size).peers


def units(size: int) -> NDArray[np.int64]:
    """(3 * size, size) cell indices, read-only: the rows, then the columns, then the boxes."""
    return _geometry(size).units


def rows_columns_boxes(size: int) -> NDArray[np.int64]:
    """(N, 3) int, read-only: index of the row, the column and the box of each cell."""
    return _geometry(size).places


def _boards(cells: ArrayLike, size: int, name: str = "cells") -> Array:
    """Integer array (..., N) with values 0 to size, or ValueError."""
    array = np.asarray(cells)
    if array.ndim < 1 or array.shape[-1] != size * size:
        raise ValueError(f"{name} must have {size * size} cells on the last axis, not shape {array.shape}")
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, not {array.dtype}")
    if array.size and (array.min() < 0 or array.max() > size):
        raise ValueError(f"{name} must lie between 0 and {size}")
    return array


# --------------------------------------------------------------------------------------------------- judging


def conflicts(cells: ArrayLike, size: int) -> NDArray[np.bool_]:
    """(..., N) bool: True where a non-zero cell equals another one of its row, column or box.

    `cells` is (..., N) integers from 0 (blank) to size; other values or shapes raise ValueError.
    """
    places = rows_columns_boxes(size)
    array = _boards(cells, size)
    flat = array.reshape(-1, size * size).astype(np.int64)
    # One number for each (board, kind of unit, unit, digit): equal numbers are equal digits in one unit.
    unit = np.arange(len(flat))[:, None, None] * 3 + np.arange(3)
    key = (unit * size + places) * (size + 1) + flat[:, :, None]
    crowded = (np.bincount(key.ravel())[key] > 1).any(-1) if key.size else np.zeros(flat.shape, dtype=bool)
    found: NDArray[np.bool_] = (crowded & (flat != 0)).reshape(array.shape)
    return found


def is_solution(givens: ArrayLike, cells: ArrayLike, size: int) -> NDArray[np.bool_]:
    """(...,) bool: `cells` is complete, legal and agrees with `givens`; both (..., N), broadcast together."""
    given, filled = _boards(givens, size, "givens"), _boards(cells, size)
    legal = (filled != 0).all(-1) & ~conflicts(filled, size).any(-1)
    right: NDArray[np.bool_] = np.asarray(legal & ((given == 0) | (given == filled)).all(-1))
    return right


# --------------------------------------------------------------------------------------------------- solving


@njit(cache=True, nogil=True)
def _mix(x: Any) -> Any:
    """Scramble 64 bits: the finaliser of splitmix64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True)
def _below(state: Array, bound: Any) -> Any:
    """A random integer from 0 to bound - 1; `state` is (1,) uint64 and moves on."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    return np.int64(_mix(state[0]) >> np.uint64(33)) % bound


@njit(cache=True, nogil=True)
def _settle(options: Array, queue: Array, waiting: int, full: int, near: Array, units: Array) -> bool:
    """Place naked and hidden singles until none is left; False when a cell or a digit has no place left.

    `options` is (N,) int16 of digit bits, plus _PLACED; queue[:waiting] holds the cells with one option that
    are not placed yet.  A cell enters the queue only when it drops to one option, so N places are enough.
    """
    while True:
        while waiting:
            waiting -= 1
            cell = queue[waiting]
            digit = options[cell]
            options[cell] = digit | _PLACED
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
                if value & _PLACED:
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
                    if digit and value & _PLACED == 0:
                        if digit & (digit - 1):
                            return False  # two digits have this cell as their only place
                        if value != digit:
                            options[cell] = digit
                            queue[waiting] = cell
                            waiting += 1
        if waiting == 0:
            return True


@njit(cache=True, nogil=True)
def _search(
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
    """Number of solutions, at most `limit`; the first one goes into `first` (N,) int8.

    Solutions with `banned_digit` (0: none) in `banned_cell` do not count.  `state` (1,) uint64: 0 guesses in
    a fixed order, anything else at random.
    """
    n = size * size
    full = (1 << size) - 1
    stack = np.empty((n + 1, n), np.int16)  # every guess places a cell, so n saved boards are enough
    guessed = np.zeros(n + 1, np.int64)
    queue = np.empty(n, np.int64)
    waiting = 0
    options = stack[0]
    for cell in range(n):
        if givens[cell]:
            options[cell] = 1 << (givens[cell] - 1)
            queue[waiting] = cell
            waiting += 1
        else:
            options[cell] = full
    if banned_digit:
        options[banned_cell] &= ~(1 << (banned_digit - 1))
    depth = found = 0
    alive = _settle(options, queue, waiting, full, near, units)
    while True:
        if alive:
            # The open cell with the fewest options; two is the least there can be.
            chosen, fewest = -1, size + 1
            start = _below(state, n) if state[0] else 0
            for step in range(n):
                cell = (start + step) % n
                value = options[cell]
                if value & _PLACED == 0:
                    many = 0
                    while value:
                        value &= value - 1
                        many += 1
                    if many < fewest:
                        chosen, fewest = cell, many
                        if many == 2:
                            break
            if chosen < 0:
                if found == 0:
                    for cell in range(n):
                        digit, value = 1, options[cell]
                        while value & 1 == 0:
                            value >>= 1
                            digit += 1
                        first[cell] = digit
                found += 1
                if found == limit:
                    return found
            else:
                value = options[chosen]
                for _ in range(_below(state, fewest) if state[0] else 0):
                    value &= value - 1
                digit = value & -value
                if fewest > 2:
                    # A digit with two places in a unit splits the search better than three options in a cell.
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
                            for cell in unit:
                                if options[cell] & digit:
                                    chosen = cell
                            break
                stack[depth + 1] = options
                options[chosen] &= ~digit
                guessed[depth] = chosen
                depth += 1
                options = stack[depth]
                options[chosen] = digit
                queue[0] = chosen
                alive = _settle(options, queue, 1, full, near, units)
                continue
        # Back to the last guess, now ruled out.
        if depth == 0:
            return found
        depth -= 1
        options = stack[depth]
        queue[0] = guessed[depth]
        value = options[guessed[depth]]
        alive = _settle(options, queue, 1 if value & (value - 1) == 0 else 0, full, near, units)


def solve(givens: ArrayLike, size: int, limit: int = 2) -> tuple[int, Cells | None]:
    """Number of solutions, counted up to `limit`, and the first one found as (N,) int8 (None: no solution).

    `givens` is (N,) integers, 0 for a blank.  Raises ValueError for a wrong shape or value, or limit < 1.
    """
    _, unit_cells, _, near = _geometry(size)
    board = _boards(givens, size, "givens").astype(np.int8)
    if board.ndim != 1:
        raise ValueError(f"solve takes one board, not shape {board.shape}")
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    first = np.zeros(size * size, np.int8)
    found = int(_search(board, size, near, unit_cells, limit, 0, 0, np.zeros(1, np.uint64), first))
    return found, first if found else None


# ------------------------------------------------------------------------------------- classes and the split


@njit(cache=True, nogil=True)
def _fingerprint(puzzle: Array, size: int, places: Array) -> Any:
    """uint64 that no symmetry of the board changes: colour refinement over rows, columns, boxes, digits."""
    n = size * size
    colour = np.empty(n, np.uint64)
    for cell in range(n):
        colour[cell] = np.uint64(2 if puzzle[cell] else 1)
    salt = np.empty(4, np.uint64)  # tells rows, columns, boxes and digits apart
    for kind in range(4):
        salt[kind] = _mix(np.uint64(11 + kind))
    if size != 6:
        salt[1] = salt[0]  # transposing is a symmetry: rows and columns must look alike
    total = np.empty((4, size + 1), np.uint64)
    for _ in range(4):
        total[:] = np.uint64(0)
        for cell in range(n):  # sums do not depend on the order
            value = _mix(colour[cell])
            for kind in range(3):
                total[kind, places[cell, kind]] += value
            total[3, puzzle[cell]] += value
        for kind in range(4):
            for unit in range(size + 1):
                total[kind, unit] = _mix(total[kind, unit] ^ salt[kind])
        for cell in range(n):
            value = colour[cell] * np.uint64(3)
            for kind in range(3):
                value += total[kind, places[cell, kind]]
            if puzzle[cell]:
                value += total[3, puzzle[cell]]
            colour[cell] = _mix(value)
    # 4 x 4 has few classes: 36 holds out about 1 in 16 puzzles at each number of givens from 4 to 13.
    result = np.uint64(size + 36)
    for cell in range(n):
        result += _mix(colour[cell])
    return _mix(result)


@njit(cache=True, nogil=True)
def _fingerprints(puzzles: Array, size: int, places: Array, out: Array) -> None:
    for i in range(len(puzzles)):
        out[i] = _fingerprint(puzzles[i], size, places)


def fingerprint(puzzles: ArrayLike, size: int) -> NDArray[np.uint64]:
    """(count,) uint64 for (count, N) puzzles: equal for boards that are symmetric images of each other.

    The symmetries are those of `augment`.  Boards of different classes almost always differ.  Full and
    nearly full grids are the exception: colour refinement cannot tell them apart, so they share few values.
    """
    places = rows_columns_boxes(size)
    boards = np.ascontiguousarray(_boards(puzzles, size, "puzzles"), dtype=np.int8)
    if boards.ndim != 2:
        raise ValueError(f"puzzles must be (count, {size * size}), not {boards.shape}")
    out = np.empty(len(boards), np.uint64)
    _fingerprints(boards, size, places, out)
    return out


def is_held_out(puzzles: ArrayLike, size: int) -> NDArray[np.bool_]:
    """(count,) bool: the puzzle's symmetry class is kept out of training.

    The split depends on nothing but the class, so it holds for every seed, size of data set and augmentation.
    """
    held: NDArray[np.bool_] = fingerprint(puzzles, size) % np.uint64(HELD_OUT_SHARE) == 0
    return held


# ---------------------------------------------------------------------------------------------------- making


@njit(cache=True, nogil=True)
def _dig(
    puzzle: Array,
    solution: Array,
    size: int,
    target: int,
    near: Array,
    units: Array,
    order: Array,
    state: Array,
    spare: Array,
) -> int:
    """Blank random cells while the puzzle stays unique, down to `target` givens; how many are left."""
    n = size * size
    full = (1 << size) - 1
    still = np.zeros(1, np.uint64)
    left = 0
    for cell in range(n):
        left += puzzle[cell] != 0
    for i in range(n):
        if left == target:
            break
        j = i + _below(state, n - i)
        cell = order[j]
        order[j] = order[i]
        order[i] = cell
        if puzzle[cell] == 0:
            continue
        puzzle[cell] = 0
        seen = 0
        for peer in near[cell]:
            if puzzle[peer]:
                seen |= 1 << (puzzle[peer] - 1)
        # Nothing but the old digit fits, or no solution has another digit there: still unique.
        lone = seen | (1 << (solution[cell] - 1)) == full
        if lone or _search(puzzle, size, near, units, 1, cell, solution[cell], still, spare) == 0:
            left -= 1
        else:
            puzzle[cell] = solution[cell]
    return left


@njit(cache=True, nogil=True)
def _make(
    puzzles: Array,
    solutions: Array,
    size: int,
    low: int,
    high: int,
    side: int,
    tries: int,
    places: Array,
    near: Array,
    units: Array,
    state: Array,
) -> int:
    """Fill the arrays with unique puzzles and their solutions; how many, before one ran out of tries.

    `low` and `high` bound the givens; low = 0 asks for minimal puzzles.  side: -1 any, 0 train, 1 held out.
    """
    n = size * size
    empty = np.zeros(n, np.int8)
    spare = np.empty(n, np.int8)
    order = np.arange(n)
    for i in range(len(puzzles)):
        puzzle, solution = puzzles[i], solutions[i]
        target = low + _below(state, high - low + 1)
        done = False
        for attempt in range(tries):
            if attempt % 32 == 0:
                _search(empty, size, near, units, 1, 0, 0, state, solution)
                puzzle[:] = solution
            else:
                # Wrong side, or stuck above the target: put clues back and dig elsewhere on the same grid.
                for _ in range(n // 8):
                    cell = _below(state, n)
                    puzzle[cell] = solution[cell]
            left = _dig(puzzle, solution, size, target, near, units, order, state, spare)
            if low and left != target:
                continue
            if side >= 0:
                held = _fingerprint(puzzle, size, places) % np.uint64(HELD_OUT_SHARE) == np.uint64(0)
                if held != (side == 1):
                    continue
            done = True
            break
        if not done:
            return i
    return len(puzzles)


def _produce(
    count: int, size: int, low: int, high: int, seed: int | tuple[int, int], split: str | None
) -> tuple[Cells, Cells]:
    sides: dict[str | None, int] = {None: -1, "train": 0, "held-out": 1}
    if split not in sides:
        raise ValueError(f"split must be None, 'train' or 'held-out', not {split!r}")
    if count < 0:
        raise ValueError(f"count must not be negative, not {count}")
    places, unit_cells, _, near = _geometry(size)
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64)
    puzzles = np.empty((count, size * size), np.int8)
    solutions = np.empty_like(puzzles)
    for at in range(0, count, 100):  # in chunks, so that Ctrl-C gets through
        some, answers = puzzles[at : at + 100], solutions[at : at + 100]
        made = _make(some, answers, size, low, high, sides[split], _TRIES, places, near, unit_cells, state)
        if made < len(some):
            wanted = f"{low} to {high} givens" if low else "minimal"
            raise ValueError(
                f"found no {size} x {size} puzzle ({wanted}, split {split}) in {_TRIES} tries; ask for"
                " another number of givens or split"
            )
    return puzzles, solutions


def generate(
    count: int,
    size: int = 9,
    givens: int | tuple[int, int] = (31, 42),
    seed: int = 0,
    split: str | None = None,
) -> tuple[Cells, Cells]:
    """(count, N) int8 puzzles with a unique solution each, and (count, N) int8 solutions.

    The number of givens is uniform in the closed range `givens` (or exactly it, for an int).  Each puzzle
    comes from its own random full grid by blanking random cells while the solution stays unique.  `split`
    ("train", "held-out", None for both) keeps to one side of `is_held_out`.  A seed gives the same puzzles
    every time, and the first of them for a smaller count.  9 x 9 gets slow below 24 givens.  Raises
    ValueError for a range below `FEWEST` or above the number of cells, for an unknown split, and when no
    puzzle turns up.
    """
    low, high = (givens, givens) if isinstance(givens, int | np.integer) else givens
    _geometry(size)
    if not FEWEST[size] <= low <= high <= size * size:
        raise ValueError(
            f"givens for {size} x {size} must lie between {FEWEST[size]} and {size * size}, smaller first, not {givens}"
        )
    return _produce(count, size, int(low), int(high), seed, split)


def minimal(count: int, size: int = 9, seed: int = 0, split: str | None = None) -> tuple[Cells, Cells]:
    """Like `generate`, but every puzzle is minimal: without any one given it has several solutions."""
    return _produce(count, size, 0, 0, seed, split)


def augment(puzzles: ArrayLike, solutions: ArrayLike, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Apply an independent random symmetry to each board: same shapes and dtypes, (count, N) each.

    Digits are relabelled; rows are shuffled in their band, bands, columns in their stack, stacks; 4 x 4 and
    9 x 9 boards may be transposed (6 x 6 boxes are not square).  Raises ValueError for wrong shapes.
    """
    _geometry(size)
    puzzle, solution = np.asarray(puzzles), np.asarray(solutions)
    if puzzle.ndim != 2 or puzzle.shape[1] != size * size or puzzle.shape != solution.shape:
        raise ValueError(f"puzzles and solutions must both be (count, {size * size})")
    count = len(puzzle)
    high, wide = BOXES[size]

    def shuffled(per_group: int) -> NDArray[np.int64]:
        """(count, size) a new order of rows or columns that keeps groups of `per_group` together."""
        groups = size // per_group
        group = rng.random((count, groups)).argsort(axis=1)
        inside = rng.random((count, groups, per_group)).argsort(axis=2)
        order: NDArray[np.int64] = (group[:, :, None] * per_group + inside).reshape(count, size)
        return order

    source = shuffled(high)[:, :, None] * size + shuffled(wide)[:, None, :]
    if high == wide:
        source = np.where(rng.random((count, 1, 1)) < 0.5, source, source.transpose(0, 2, 1))
    source = source.reshape(count, size * size)
    digits = np.zeros((count, size + 1), np.int64)
    digits[:, 1:] = rng.random((count, size)).argsort(axis=1) + 1
    board = np.arange(count)[:, None]
    return (
        digits[board, puzzle[board, source]].astype(puzzle.dtype),
        digits[board, solution[board, source]].astype(solution.dtype),
    )


# --------------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, eq=False)
class Board:
    """A parsed, legal puzzle that has a solution; two boards are equal when size and givens are."""

    size: int
    """4, 6 or 9."""
    givens: Cells
    """(size * size,) int8, 0 for a blank, read-only."""
    solution: Cells
    """(size * size,) int8, one solution, read-only."""
    unique: bool
    """There is no other solution."""
    warnings: tuple[str, ...]
    """Sentences for the person who typed the puzzle."""

    def __post_init__(self) -> None:
        self.givens.setflags(write=False)
        self.solution.setflags(write=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Board) and (self.size, self.text) == (other.size, other.text)

    def __hash__(self) -> int:
        return hash((self.size, self.text))

    @property
    def text(self) -> str:
        """size * size characters, '.' for a blank."""
        return "".join(str(digit) if digit else "." for digit in self.givens.tolist())


_DIGITS = "123456789"
_BLANKS = ".0*?_"
_QUOTES = "'\"`"
_SEPARATORS = " \t,;|+=[](){}" + _QUOTES
_UPRIGHT = "│┃┆┇┊┋║╎╏╵╷╹╻╽╿"
_FLAT = "─━┄┅┈┉═╌╍╴╶╸╺╼╾"
_DRAWN = dict.fromkeys(range(0x2500, 0x2580), "+")  # all box drawing; corners and crossings stay '+'
_DRAWN |= {ord(sign): "|" for sign in _UPRIGHT} | {ord(sign): "=" for sign in _FLAT} | {0xA0: " "}


def _place(cell: int, size: int) -> str:
    return f"row {cell // size + 1}, column {cell % size + 1}"


def _has(line: str, signs: str) -> bool:
    return any(sign in line for sign in signs)


def _with_spaces(lines: list[str], size: int) -> str | None:
    """The cells of a board that leaves its blanks empty, one text line a row, or None."""
    rows = [line for line in lines if _has(line, _DIGITS) or not _has(line, "-+=")]
    if len(rows) != size:
        return None
    mark = next((sign for sign in "\t;," if any(sign in row for row in rows)), "")

    def fields(line: str) -> list[str]:  # 5,3,,,7,,,, and the same with tabs, as spreadsheets write it
        return line.split(mark) if mark else ["no mark"]

    def close(line: str) -> list[str]:  # 53 | 7 |
        line = line.rstrip().replace("|", "")
        return list(line) if len(line) <= size else ["too wide"]

    def barred(line: str) -> list[str]:  # | 5 | 3 |   |
        cells = line.strip().removeprefix("|").removesuffix("|").split("|")
        return cells if len(cells) == size else ["bars round boxes only"]

    def spaced(line: str) -> list[str]:  # | 5 3   |   7   |
        line = line.removeprefix("| ").rstrip().removesuffix("|").replace(" | ", " ").rstrip()
        return list(line[::2]) if not line[1::2].strip() else ["between"]

    for style in (fields, close, barred, spaced):
        board = [[field.strip() or " " for field in style(row)] for row in rows]
        board = [row[:size] + [" "] * (size - len(row)) for row in board if not "".join(row[size:]).strip()]
        if len(board) == size and all(sign in (*_DIGITS, " ") for row in board for sign in row):
            return "".join(map("".join, board))
    return None


def _rows(lines: list[str], size: int, reading: int) -> list[str]:
    """Rows of cell characters under one meaning of the dash: reading 0 to 3 is (a) to (d) in `parse`."""
    signs = _DIGITS + _BLANKS + ("" if reading == 2 else "-")
    if reading < 3:
        dashes = size if reading == 1 else -1
        lines = [
            line
            for line in lines
            if _has(line, _DIGITS + _BLANKS) or (line.count("-") == dashes and not _has(line, "+="))
        ]
    rows = ["".join(sign for sign in line if sign in signs) for line in lines]
    return [row for row in rows if row]


def _cells(text: str, sizes: tuple[int, ...]) -> tuple[int, str]:
    """Board size and one character a cell, or SudokuError when no reading of the text fits."""
    bare = text.strip()
    if bare[0] in _QUOTES and bare[-1] == bare[0]:
        text = bare.strip(_QUOTES)
    lines = text.split("\n")
    inner = text.strip("\n").split("\n")
    for size in sizes:
        if len(inner) == 1 and len(inner[0]) == size * size and not inner[0].strip(_DIGITS + " "):
            return size, inner[0]
    # An empty first or last line may be a blank row, but only when the other lines are no board.
    for drawn in (inner, lines[:-1] if lines[-1] == "" else lines, lines):
        for size in sizes:
            found = _with_spaces(drawn, size)
            if found is not None and found.strip():
                return size, found
    for square in (True, False):
        for reading in range(4):
            for size in sizes:
                rows = _rows(lines, size, reading)
                whole = "".join(rows)
                if len(whole) == size * size and (not square or [len(row) for row in rows] == [size] * size):
                    return size, whole

    guesses = [(_rows(lines, size, reading), size) for reading in (0, 1) for size in sizes]
    rows, nearest = min(guesses, key=lambda guess: (abs(len("".join(guess[0])) - guess[1] ** 2), -guess[1]))
    count = len("".join(rows))
    needed = f"a {nearest} x {nearest} board needs {nearest * nearest}"
    if count == 0:
        raise SudokuError(f"The text holds no cells, but {needed}; write one digit or '.' for each cell.")
    message = f"Found {count} cell{'s' * (count != 1)}, but {needed}"
    wrong = [number for number, row in enumerate(rows, start=1) if len(row) != nearest]
    if len(rows) == nearest and len(wrong) == 1:
        message += f" and row {wrong[0]} has {len(rows[wrong[0] - 1])} of {nearest}"
    raise SudokuError(f"{message}; write one digit or '.' for each cell.")


def parse(text: str, size: int | None = None) -> Board:
    """Read a puzzle from whatever people paste; `size` fixes the board, None finds 4, 6 or 9 from the text.

    Digits are ASCII 1 to 9, blanks are ``. 0 * ? _``, and a space or a dash where the rules below say so.
    These readings are tried in order, smaller sizes first, and the first that gives a whole board wins:

    1. Blanks are spaces or left out, if the text has no other blank signs: one line of exactly size * size
       digits and spaces; or exactly `size` lines, padded on the right when short, with a comma, semicolon or
       tab between any two cells, or one character a cell, or a bar between any two, or one space between any
       two.  Bars round the boxes may be drawn.
    2. Exactly `size` rows of `size` cells each, between separators (spaces, tabs, ``, ; | + =``, brackets,
       quotes, box drawing).  A line without digits or blank signs is a bar.  Within this, a dash is (a) a
       blank in other lines; (b) also a blank in lines of exactly `size` dashes without ``+ =``; (c) never a
       blank; (d) always a blank.
    3. The same four with cells counted over all lines, however they are broken.

    Raises SudokuError for text that is empty, too long or of the wrong length, for foreign characters, digits
    too large, equal digits in a unit, and boards without a solution, and ValueError for a size other than 4,
    6, 9, None.  Several solutions give a warning on the Board.
    """
    if size is not None:
        _geometry(size)
    if len(text) > LONGEST_TEXT:
        raise SudokuError(
            f"The text has {len(text)} characters, more than the {LONGEST_TEXT} any board needs; paste one puzzle only."
        )
    text = text.removeprefix("\ufeff")  # the mark some editors put at the start of a file
    if not text.strip():
        raise SudokuError("There is no puzzle yet; type one digit or '.' for each cell.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_DRAWN)
    for number, line in enumerate(text.split("\n"), start=1):
        for column, sign in enumerate(line, start=1):
            if sign not in _DIGITS + _BLANKS + _SEPARATORS + "-":
                shown = f"'{sign}'" if sign.isprintable() else "an invisible character"
                if not sign.isascii() or not sign.isprintable():
                    shown += f" ({unicodedata.name(sign, f'U+{ord(sign):04X}')})"
                raise SudokuError(
                    f"Line {number}, column {column} holds {shown}, which is neither a digit nor a blank; use"
                    f" 1 to {size or 9} and '.'."
                )
    size, signs = _cells(text, (size,) if size else tuple(BOXES))
    givens = np.array([int(sign) if sign in _DIGITS else 0 for sign in signs], dtype=np.int8)
    if givens.max() > size:
        cell = int(np.argmax(givens > size))
        raise SudokuError(
            f"{_place(cell, size).capitalize()} holds {givens[cell]}, but a {size} x {size} board takes only"
            f" 1 to {size}; correct this digit."
        )
    if conflicts(givens, size).any():
        raise SudokuError(_clash(givens, size))
    found, solution = solve(givens, size)
    if solution is None:
        raise SudokuError("This board has no solution, although no equal digits meet; check it for a slip.")
    warnings = () if found == 1 else ("This puzzle has several solutions, so there is no single right answer.",)
    return Board(size, givens, solution, found == 1, warnings)


def _clash(givens: Cells, size: int) -> str:
    """The sentence for the first two equal digits in a row, else in a column, else in a box."""
    for number, unit in enumerate(units(size)):
        digits = givens[unit]
        for later in range(1, size):
            earlier = np.flatnonzero(digits[:later] == digits[later])
            if digits[later] and len(earlier):
                kind = ("row", "column", "box")[number // size]
                return (
                    f"Digit {digits[later]} stands twice in {kind} {number % size + 1}, at"
                    f" {_place(int(unit[earlier[0]]), size)} and at {_place(int(unit[later]), size)}; change"
                    " one of them."
                )
    raise AssertionError("no two equal digits meet")


def to_grid(cells: ArrayLike, size: int) -> str:
    """One board, (N,) integers, as lines of digits and '.' with bars between boxes; `parse` reads it back."""
    _geometry(size)
    high, wide = BOXES[size]
    board = _boards(cells, size).reshape(size, size).tolist()
    rows = []
    for row in board:
        signs = [str(digit) if digit else "." for digit in row]
        rows.append(" | ".join(" ".join(signs[at : at + wide]) for at in range(0, size, wide)))
    bar = "".join("+" if sign == "|" else "-" for sign in rows[0])
    return f"\n{bar}\n".join("\n".join(rows[at : at + high]) for at in range(0, size, high))


# -------------------------------------------------------------------------------------------------- the task


class Sudoku:
    """The task for one board size: tokens are cells, 0 a blank and d the digit d."""

    kind = "sudoku"
    things = "boards"
    columns: tuple[str, ...] = ("puzzle",)
    verifiable = True

    def __init__(self, size: int = 9) -> None:
        _geometry(size)
        self.size = size
        self.name = f"sudoku{size}"
        self.length = size * size
        self.vocab = size + 1
        self.usual = "{} to {} givens".format(*USUAL[size])
        self.examples = EXAMPLES[size]

    def parse(self, text: str) -> Board:
        """Read a puzzle of this size; raises SudokuError."""
        return parse(text, self.size)

    def encode(self, board: Board) -> NDArray[np.int64]:
        """(length,) int64 tokens of the givens; ValueError for a board of another size."""
        if board.size != self.size:
            raise ValueError(f"{self.name} takes boards of size {self.size}, not {board.size}")
        return board.givens.astype(np.int64)

    def sample(
        self, count: int, seed: int = 0, split: str | None = None, *, minimal: bool = False, **sampling: Any
    ) -> tuple[Cells, Cells]:
        """(count, length) int8 puzzles and solutions: from `generate` (`givens` is `USUAL` by default), or with
        `minimal=True` such puzzles as `minimal` makes, if asked for only those with low <= `rating` < high (see `rate`).

        A seed gives the same puzzles on any number of cores, and the first of them for a smaller count. Raises ValueError
        when there is no such puzzle, TypeError for another keyword."""
        if minimal:
            return self._minimal(count, seed, split, **sampling)
        return generate(count, self.size, **{"givens": USUAL[self.size], **sampling}, seed=seed, split=split)

    def _minimal(
        self, count: int, seed: int, split: str | None, rating: tuple[float, float] | None = None
    ) -> tuple[Cells, Cells]:
        """Minimal puzzles of a range of ratings, made in chunks on all cores; chunk i has the seed (seed, i)."""
        from looped.tasks.sudoku.rating import rate  # it builds on this module

        def chunk(i: int) -> tuple[Cells, Cells]:
            puzzles, solutions = _produce(500, self.size, 0, 0, (seed, i), split)
            if rating is None:
                return puzzles, solutions
            ratings = rate(puzzles, self.size)
            fits = (ratings >= rating[0]) & (ratings < rating[1])
            return puzzles[fits], solutions[fits]

        workers = os.cpu_count() or 1
        parts: list[tuple[Cells, Cells]] = []
        with ThreadPoolExecutor(workers) as pool:
            while not parts or sum(len(puzzles) for puzzles, _ in parts) < count:
                if len(parts) >= 40 and not any(len(puzzles) for puzzles, _ in parts):
                    raise ValueError(
                        f"found no minimal {self.size} x {self.size} puzzle with a rating from {rating} among {500 * len(parts):,}; ask for another range."
                    )
                parts += pool.map(chunk, range(len(parts), len(parts) + workers))
        puzzles, solutions = (np.concatenate(side)[:count] for side in zip(*parts, strict=True))
        return puzzles, solutions

    def right(self, tokens: ArrayLike, answers: ArrayLike) -> NDArray[np.bool_]:
        """(...,) bool: the whole board is right: `answers` solve the puzzles `tokens`, both (..., length).

        What a model says at a given cell does not matter.  Any full legal board counts, so puzzles with
        several solutions are judged fairly.
        """
        return is_solution(tokens, self.complete(tokens, answers), self.size)

    def complete(self, tokens: ArrayLike, answers: ArrayLike) -> Array:
        """(..., length) the board that an answer stands for: the givens, and the answer at the blanks."""
        return np.where(np.asarray(tokens) > 0, tokens, answers)

    def augment(self, inputs: Cells, answers: Cells, rng: np.random.Generator) -> tuple[Cells, Cells]:
        """An independent random symmetry for each board; see `augment`."""
        return augment(inputs, answers, self.size, rng)

    def sign(self, token: int) -> str:
        """The digit, "·" for a blank."""
        return str(token) if token else "·"

    def place(self, tokens: ArrayLike, position: int) -> str:
        """'row 1, column 9'; which digit stands there makes no difference."""
        return _place(position, self.size)

    def asked(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """(..., length) bool: the blanks."""
        return np.equal(inputs, 0)

    def clues(self, inputs: ArrayLike) -> NDArray[np.bool_]:
        """(..., length) bool: the givens."""
        return np.not_equal(inputs, 0)

    def targets(self, inputs: Cells, answers: Cells) -> NDArray[np.int64]:
        """(count, length) int64: the digit of every blank, -1 at the givens, where nothing is asked."""
        return np.where(self.asked(inputs), answers, -1).astype(np.int64)

    def decode(self, tokens: ArrayLike, answers: ArrayLike) -> str:
        """The answered board as a grid with bars; see `to_grid`."""
        return to_grid(self.complete(tokens, answers), self.size)

    def bands(self, inputs: Cells) -> dict[str, NDArray[np.str_]]:
        """Labels (count,) of puzzles by which scores are broken down: how many givens, and how hard (`rate`)."""
        from looped.tasks.sudoku.rating import rate  # it builds on this module

        rating = rate(inputs, self.size)
        return {
            "givens": np.count_nonzero(inputs, axis=-1).astype(np.str_),
            "rating": np.select([rating == 0, rating < 3], ["0", "above 0, below 3"], "3 and more"),
        }


EXAMPLES: dict[int, tuple[tuple[str, str], ...]] = {
    4: (
        ("Gentle", ".3244..32.3..1.2"),
        ("Medium", "4.3..342......2."),
        ("Hard", "4......2...33..."),
    ),
    6: (
        ("Gentle", "5.64.....563..523.1.365..613.53.2..6"),
        ("Medium", "5..4.221..6......11...5.4..3.53...4."),
        ("Hard", "6...2.........3.5.5....6..1......1.3"),
    ),
    9: (
        ("Gentle", "71.3..2..4.9871.36....42...97...4....842936..6......2....5361421564298.3..3....6."),
        ("Easy", "..6289..37....19..3.147..28.7362...1..4.....2....184...578..........71..489..5..7"),
        ("Medium", "....84...9...3.82.4....7...7...5....81.6...4.563....1.3.67.8.59......2.7..7..5.63"),
        ("Hard", ".8...92...16..3......6....8.9......57.34....9....1...69......5....27.9.4..83....."),
        ("Very hard", "......1....58.2..3.....16..2..9.8...3..2...4...9.......6.......5....39.2.4.7...5."),
    ),
}
"""Board size -> (name, puzzle), easy to hard: own puzzles, unique, on the held-out side.  The last one of
each size and the 9 x 9 "Hard" are minimal; singles alone solve the first three 9 x 9, "Hard" takes one or two
guesses and "Very hard" about eight."""
