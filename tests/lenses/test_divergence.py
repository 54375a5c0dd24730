"""Where two runs part and come together: on cases counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.divergence import divergence, prolonged

RUN = np.array([[1, 2, 3]] * 5)


def other(*cells: tuple[int, int]) -> np.ndarray:
    """The same run with another answer in some (row, position)."""
    answers = RUN.copy()
    for cell in cells:
        answers[cell] += 4
    return answers


@pytest.mark.parametrize(
    ("cells", "apart", "first", "recovered"),
    [
        ([], [0, 0, 0, 0, 0], None, None),
        ([(0, 0)], [1, 0, 0, 0, 0], 1, 2),
        ([(1, 0), (1, 2), (2, 1)], [0, 2, 1, 0, 0], 2, 4),
        ([(1, 0), (3, 1)], [0, 1, 0, 1, 0], 2, 5),  # together for one loop is not recovered
        ([(3, 0), (4, 0)], [0, 0, 0, 1, 1], 4, None),
        ([(0, 0), (4, 2)], [1, 0, 0, 0, 1], 1, None),
        ([(4, 1)], [0, 0, 0, 0, 1], 5, None),
    ],
)
def test_first_disagreement_and_recovery(
    cells: list[tuple[int, int]], apart: list[int], first: int | None, recovered: int | None
) -> None:
    found = divergence(RUN, other(*cells))
    assert found.apart.tolist() == apart
    assert (found.first, found.recovered) == (first, recovered)
    assert {tuple(cell) for cell in np.argwhere(found.differ).tolist()} == set(cells)
    assert divergence(other(*cells), RUN).apart.tolist() == apart


def test_runs_of_unequal_size_are_refused() -> None:
    for a, b in ((RUN, RUN[:4]), (RUN, RUN[:, :2]), (RUN[0], RUN[0])):
        with pytest.raises(
            ValueError, match=r"^two runs of as many loops and positions can be compared, not \(.*\) and \(.*\)\.$"
        ):
            divergence(a, b)


def test_a_run_that_has_ended_stays_at_its_end() -> None:
    answers = np.array([[1, 2], [3, 4]])
    assert prolonged(answers, 4).tolist() == [[1, 2], [3, 4], [3, 4], [3, 4]]
    assert prolonged(answers, 2).tolist() == answers.tolist()
    for wrong, loops in ((answers, 1), (answers[:0], 3)):
        with pytest.raises(ValueError, match="cannot be prolonged"):
            prolonged(wrong, loops)
