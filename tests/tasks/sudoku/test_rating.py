"""The rating of a Sudoku: guesses of a random search."""

import numpy as np
import pytest

from looped.tasks.sudoku.examples import EXAMPLES
from looped.tasks.sudoku.generator import generate, minimal
from looped.tasks.sudoku.rating import rate
from looped.tasks.sudoku.solver import solve
from looped.tasks.sudoku.symmetries import is_held_out
from looped.tasks.sudoku.task import Sudoku
from looped.tasks.sudoku.text import parse


def boards(*texts: str) -> np.ndarray:
    return np.array([[0 if sign == "." else int(sign) for sign in text] for text in texts], np.int8)


def test_puzzles_that_singles_solve_are_rated_zero_and_the_examples_get_harder() -> None:
    ratings = dict(
        zip([name for name, _ in EXAMPLES[9]], rate(boards(*(text for _, text in EXAMPLES[9])), runs=50), strict=True)
    )
    assert ratings["Gentle"] == ratings["Easy"] == 0
    assert 0 < ratings["Hard"] < 4 < ratings["Very hard"]


def test_the_fewest_alternatives_are_guessed_first() -> None:
    # Two digits are left and every cell that is open takes both of them: one guess is enough, whichever it is.
    solution = parse(EXAMPLES[9][0][1]).solution
    deadly = np.where(np.isin(solution, (1, 2)), 0, solution)
    rating = rate(deadly[None], runs=30)[0]
    assert 1 <= rating <= 4  # 1 and 2 form at most four separate loops, each of which is one guess


def test_a_board_without_solution_is_rated_below_zero() -> None:
    solution = parse(EXAMPLES[9][0][1]).solution.copy()
    impossible = np.zeros(81, np.int8)
    impossible[:8] = [1, 2, 3, 4, 5, 6, 7, 8]
    impossible[17] = 9  # the ninth cell of the first row has no digit left
    assert rate(np.stack([impossible, solution])).tolist() == [-1, 0]


def test_ratings_follow_from_the_seed_and_agree_with_other_seeds() -> None:
    puzzles, _ = minimal(300, seed=4)
    first, again, other = rate(puzzles, seed=1), rate(puzzles, seed=1), rate(puzzles, seed=2)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first == 0, other == 0)  # whether a guess is needed is no matter of luck
    assert np.corrcoef(first, other)[0, 1] > 0.9
    assert 0.3 < (first == 0).mean() < 0.55  # random minimal puzzles: 42 to 43 % need no guess


def test_more_givens_are_easier() -> None:
    easy, hard = generate(60, givens=36, seed=0)[0], minimal(60, seed=0)[0]
    assert rate(easy).mean() < rate(hard).mean()


@pytest.mark.parametrize(("puzzles", "runs"), [(np.zeros(81), 10), (np.zeros((2, 80)), 10), (np.zeros((1, 81)), 0)])
def test_wrong_shapes_are_refused(puzzles: np.ndarray, runs: int) -> None:
    with pytest.raises(ValueError, match=r"shape|81|runs"):
        rate(puzzles.astype(np.int8), runs=runs)


def test_bands_name_the_givens_and_the_rating() -> None:
    puzzles = boards(*(text for _, text in EXAMPLES[9]))
    bands = Sudoku(9).bands(puzzles)
    assert bands["givens"].tolist() == ["40", "34", "30", "24", "22"]
    assert bands["rating"].tolist()[:2] == ["0", "0"]
    assert bands["rating"].tolist()[3:] == ["above 0, below 3", "3 and more"]


# -------------------------------------------------------------------------------------------- minimal puzzles by rating


@pytest.mark.parametrize(
    ("size", "split", "rating"), [(9, "train", (1.5, 3)), (6, "held-out", (0, 0.05)), (6, None, (0.05, 100))]
)
def test_minimal_puzzles_of_a_range_of_ratings(size: int, split: str | None, rating: tuple[float, float]) -> None:
    task = Sudoku(size)
    puzzles, solutions = task.sample(20, seed=3, split=split, minimal=True, rating=rating)
    assert puzzles.shape == solutions.shape == (20, size * size)
    assert puzzles.dtype == solutions.dtype == np.int8
    assert task.right(puzzles, solutions).all()
    assert len(np.unique(puzzles, axis=0)) == 20
    if split:
        assert (is_held_out(puzzles, size) == (split == "held-out")).all()
    again = rate(puzzles, size, seed=1, runs=200)  # another search that is less a matter of luck
    assert rating[0] / 2 <= again.min() <= again.max() < 2 * rating[1]
    for puzzle in puzzles[:3]:
        assert all(
            solve(np.where(np.arange(size * size) == cell, 0, puzzle), size)[0] == 2 for cell in np.flatnonzero(puzzle)
        )


def test_the_ratings_asked_for_are_those_that_rate_gives() -> None:
    """Against everything that one seed makes, taken apart by hand."""
    task = Sudoku(6)
    everything = task.sample(500, seed=5, minimal=True)[0]
    ratings = rate(everything, 6)
    for low, high in ((0, 0.05), (0.05, 1.1), (1.1, 100)):
        wanted = everything[(ratings >= low) & (ratings < high)]
        assert len(wanted) > 0
        found, _ = task.sample(len(wanted), seed=5, minimal=True, rating=(low, high))
        np.testing.assert_array_equal(found, wanted)


def test_minimal_puzzles_follow_from_the_seed_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Sudoku(4)
    samples = {}
    for cores in (1, 3, None):
        monkeypatch.setattr("looped.tasks.sudoku.generator.os.cpu_count", lambda cores=cores: cores)
        samples[cores] = task.sample(1200, seed=7, split="train", minimal=True, rating=(0, 0.5))
    for puzzles, solutions in samples.values():
        np.testing.assert_array_equal(puzzles, samples[1][0])
        np.testing.assert_array_equal(solutions, samples[1][1])
    np.testing.assert_array_equal(
        task.sample(30, seed=7, split="train", minimal=True, rating=(0, 0.5))[0], samples[1][0][:30]
    )
    assert not np.array_equal(
        task.sample(30, seed=8, split="train", minimal=True, rating=(0, 0.5))[0], samples[1][0][:30]
    )
    assert task.sample(0, seed=7, minimal=True)[0].shape == (0, 16)


def test_ratings_that_no_puzzle_has_are_refused_with_a_sentence() -> None:
    with pytest.raises(
        ValueError,
        match=r"^found no minimal 4×4 puzzle with a rating from \(50, 60\) among [\d,]+; ask for another range\.$",
    ):
        Sudoku(4).sample(1, minimal=True, rating=(50, 60))


def test_minimal_puzzles_take_no_number_of_givens() -> None:
    with pytest.raises(TypeError, match="givens"):
        Sudoku(4).sample(1, minimal=True, givens=5)
    with pytest.raises(TypeError, match="rating"):
        Sudoku(4).sample(1, rating=(0, 1))
