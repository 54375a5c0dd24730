"""The rating of a Sudoku: guesses of a random search."""

import numpy as np
import pytest

from looped.tasks.sudoku import EXAMPLES, Sudoku, generate, minimal, parse
from looped.tasks.sudoku_rating import rate


def boards(*texts: str) -> np.ndarray:
    return np.array([[0 if sign == "." else int(sign) for sign in text] for text in texts], np.int8)


def test_puzzles_that_singles_solve_are_rated_zero_and_the_examples_get_harder() -> None:
    ratings = dict(zip([name for name, _ in EXAMPLES[9]], rate(boards(*(text for _, text in EXAMPLES[9])), runs=50), strict=True))
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
