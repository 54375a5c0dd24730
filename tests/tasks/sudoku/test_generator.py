"""Making puzzles from a seed."""

from __future__ import annotations

import numpy as np
import pytest
from sudoku_boards import (
    RANGES,
    SIZES,
)

from looped.tasks.sudoku.generator import FEWEST, generate, minimal
from looped.tasks.sudoku.rules import is_solution
from looped.tasks.sudoku.solver import solve
from looped.tasks.sudoku.symmetries import is_held_out


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("split", [None, "train", "held-out"])
def test_generate(size: int, split: str | None) -> None:
    low, high = RANGES[size]
    puzzles, solutions = generate(150, size, (low, high), seed=5, split=split)
    assert puzzles.shape == solutions.shape == (150, size * size)
    assert puzzles.dtype == solutions.dtype == np.int8
    assert is_solution(puzzles, solutions, size).all()
    many = np.count_nonzero(puzzles, axis=1)
    assert many.min() >= low
    assert many.max() <= high
    assert len(set(many.tolist())) > (high - low) // 2
    for puzzle, solution in zip(puzzles, solutions, strict=True):
        found, first = solve(puzzle, size)
        assert found == 1
        assert (first == solution).all()
    held = is_held_out(puzzles, size)
    if split is not None:
        assert (held == (split == "held-out")).all()


@pytest.mark.parametrize("size", SIZES)
def test_a_seed_fixes_the_puzzles(size: int) -> None:
    first, again, other = (generate(20, size, RANGES[size], seed=seed) for seed in (3, 3, 4))
    assert (first[0] == again[0]).all()
    assert (first[1] == again[1]).all()
    assert (first[0] != other[0]).any(axis=1).mean() > 0.9
    assert (generate(7, size, RANGES[size], seed=3)[0] == first[0][:7]).all()
    assert generate(0, size, RANGES[size])[0].shape == (0, size * size)


def test_givens_are_uniform_in_the_closed_range() -> None:
    many = np.count_nonzero(generate(1200, 9, (31, 42), seed=8)[0], axis=1)
    counts = np.bincount(many, minlength=43)[31:]
    assert counts.sum() == 1200
    assert counts.min() > 60
    assert counts.max() < 145


@pytest.mark.parametrize(("size", "count"), [(4, 20), (6, 2), (9, 3)])
def test_the_fewest_givens_can_be_reached(size: int, count: int) -> None:
    puzzles, solutions = generate(count, size, FEWEST[size], seed=1)
    assert (np.count_nonzero(puzzles, axis=1) == FEWEST[size]).all()
    assert is_solution(puzzles, solutions, size).all()
    assert all(solve(puzzle, size)[0] == 1 for puzzle in puzzles)


def test_full_grids_differ_and_cover_the_four_by_four_ones() -> None:
    assert len(np.unique(generate(4000, 4, 16, seed=2)[1], axis=0)) == 288
    first_cells = generate(900, 9, 81, seed=2)[1][:, 40]
    assert np.bincount(first_cells, minlength=10)[1:].min() > 60


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("split", [None, "train", "held-out"])
def test_minimal(size: int, split: str | None) -> None:
    puzzles, solutions = minimal(12, size, seed=9, split=split)
    assert is_solution(puzzles, solutions, size).all()
    if split is not None:
        assert (is_held_out(puzzles, size) == (split == "held-out")).all()
    for puzzle in puzzles:
        assert solve(puzzle, size)[0] == 1
        for cell in np.flatnonzero(puzzle):
            fewer = puzzle.copy()
            fewer[cell] = 0
            assert solve(fewer, size)[0] == 2


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: generate(1, 9, 21), "between 22 and 81"),
        (lambda: generate(1, 4, 3), "between 4 and 16"),
        (lambda: generate(1, 6, (7, 20)), "between 8 and 36"),
        (lambda: generate(1, 9, (30, 82)), "between 22 and 81"),
        (lambda: generate(1, 9, (40, 30)), "smaller first"),
        (lambda: generate(-1), "count"),
        (lambda: generate(1, split="test"), "split"),
        (lambda: minimal(1, split="test"), "split"),
        (lambda: generate(1, 4, 16, split="held-out"), "4×4 puzzle .16 to 16 givens, split held-out"),
    ],
)
def test_generate_refuses(call: object, problem: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=problem):
        call()
