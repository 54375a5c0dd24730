"""Symmetries, the classes of boards under them, and the held-out split."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from sudoku_boards import (
    RANGES,
    SIZES,
    cells_of,
    few,
    four_images,
    seeds,
    sizes,
)

from looped.tasks.sudoku.examples import EXAMPLES
from looped.tasks.sudoku.generator import generate
from looped.tasks.sudoku.geometry import peers
from looped.tasks.sudoku.rules import is_solution
from looped.tasks.sudoku.solver import solve
from looped.tasks.sudoku.symmetries import augment, fingerprint, is_held_out


@few
@given(sizes, seeds)
def test_augment_keeps_what_matters(size: int, seed: int) -> None:
    puzzles, solutions = generate(16, size, RANGES[size], seed)
    rng = np.random.default_rng(seed)
    varied, answers = augment(puzzles, solutions, size, rng)
    assert varied.shape == puzzles.shape
    assert varied.dtype == puzzles.dtype == answers.dtype
    assert is_solution(varied, answers, size).all()
    assert (np.count_nonzero(varied, axis=1) == np.count_nonzero(puzzles, axis=1)).all()
    assert all(solve(puzzle, size)[0] == 1 for puzzle in varied)
    assert (fingerprint(varied, size) == fingerprint(puzzles, size)).all()
    assert (varied != puzzles).any(axis=1).sum() > 12


def test_augment_reaches_every_image_and_no_other() -> None:
    puzzle = cells_of("12...3.....4.2.1")
    images = four_images(tuple(puzzle.tolist()))
    assert len(images) == 4 * 3 * 2 * 8 * 8 * 2  # this board has no symmetry of its own
    many = np.tile(puzzle, (60_000, 1))
    varied, same = augment(many, many, 4, np.random.default_rng(0))
    assert (varied == same).all()
    assert {tuple(row) for row in varied.tolist()} == images


def test_augment_varies_each_board_on_its_own() -> None:
    puzzles, solutions = (np.tile(boards, (50, 1)) for boards in generate(1, 9, seed=1))
    varied, _ = augment(puzzles, solutions, 9, np.random.default_rng(1))
    assert len(np.unique(varied, axis=0)) == 50
    again, _ = augment(puzzles, solutions, 9, np.random.default_rng(1))
    assert (varied == again).all()


def test_augment_refuses_wrong_shapes() -> None:
    rng = np.random.default_rng(0)
    for bad in (np.zeros(16, int), np.zeros((2, 15), int), np.zeros((3, 16), int)):
        with pytest.raises(ValueError, match="count, 16"):
            augment(bad, np.zeros((2, 16), int), 4, rng)


@pytest.mark.parametrize("size", SIZES)
def test_fingerprints_of_random_boards_differ(size: int) -> None:
    givens = {4: (6, 9), 6: (12, 20), 9: (24, 50)}[size]
    puzzles = generate(2000, size, givens, seed=6)[0]
    different = len(np.unique(fingerprint(puzzles, size)))
    # 4 x 4 has too few classes for 2,000 puzzles; there the exact count is checked below.
    assert different > 500 if size == 4 else different >= 1999 - 20 * (size == 6)


def test_fingerprint_tells_neighbours_apart() -> None:
    """One clue fewer, or one clue changed: each a class of its own."""
    puzzle = generate(1, 9, 30, seed=4)[0][0]
    boards = [puzzle]
    for cell in np.flatnonzero(puzzle):
        for digit in range(10):
            if digit == 0 or (not (puzzle[peers(9)[cell]] == digit).any() and digit != puzzle[cell]):
                boards.append(puzzle.copy())
                boards[-1][cell] = digit
    assert len(boards) > 60
    assert len(np.unique(fingerprint(np.stack(boards), 9))) == len(boards)


def test_fingerprints_of_four_by_four_boards_are_the_true_classes() -> None:
    puzzles = np.concatenate([generate(60, 4, givens, seed=2)[0] for givens in (4, 5, 6, 7)])
    prints = fingerprint(puzzles, 4)
    classes = [min(four_images(tuple(puzzle.tolist()))) for puzzle in puzzles]
    pairs = set(zip(classes, prints.tolist(), strict=True))
    assert len(pairs) == len(set(classes))  # one class, one fingerprint
    assert len(set(prints.tolist())) == len(set(classes))  # and the other way round
    assert len(set(classes)) > 60


def test_transposing_is_a_symmetry_of_square_boxes_only() -> None:
    for size in SIZES:
        puzzles = generate(50, size, RANGES[size][1], seed=3)[0]
        turned = puzzles.reshape(-1, size, size).transpose(0, 2, 1).reshape(puzzles.shape)
        same = fingerprint(puzzles, size) == fingerprint(turned, size)
        assert same.all() if size != 6 else not same.any()


def test_fingerprint_is_the_same_for_ever() -> None:
    """The split of trained checkpoints hangs on these numbers."""
    found = [int(fingerprint(cells_of(EXAMPLES[size][0][1])[None], size)[0]) for size in SIZES]
    assert found == PINNED
    with pytest.raises(ValueError, match="count, 16"):
        fingerprint(np.zeros(16, int), 4)


PINNED = [2373462594475422848, 9604826011100802592, 5532612273850498896]


@pytest.mark.parametrize("size", SIZES)
def test_about_one_class_in_sixteen_is_held_out(size: int) -> None:
    puzzles = generate(4000, size, {4: (5, 12), 6: (12, 20), 9: (31, 42)}[size], seed=10)[0]
    held = is_held_out(puzzles, size)
    assert 0.04 < held.mean() < 0.085
    assert (held == (fingerprint(puzzles, size) % np.uint64(16) == 0)).all()


def test_the_sides_share_no_class() -> None:
    train, held = (generate(400, 4, (5, 10), seed=0, split=split)[0] for split in ("train", "held-out"))
    varied = augment(train, train, 4, np.random.default_rng(0))[0]
    assert not {tuple(row) for row in varied.tolist()} & {tuple(row) for row in held.tolist()}
    assert not set(fingerprint(train, 4).tolist()) & set(fingerprint(held, 4).tolist())
