"""Where two errors change their order: between which values, on which side, and where they never do."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.crossing import crossing

VALUES = np.array([0.0, 1.0, 2.0, 3.0])


def test_a_crossing_lies_where_straight_lines_of_the_logarithms_meet() -> None:
    found = crossing(VALUES, np.array([1e-3, 1e-2, 1e-1, 1.0]), np.full(4, 10**-1.5), usual=0)
    assert found == (pytest.approx(1.5), True)


def test_it_says_who_is_better_at_the_usual_value() -> None:
    rising, level = np.array([1e-3, 1e-2, 1e-1, 1.0]), np.full(4, 10**-1.5)
    assert crossing(VALUES, rising, level, usual=3) == (pytest.approx(1.5), False)
    assert crossing(VALUES, level, rising, usual=3) == (pytest.approx(1.5), True)


def test_of_several_crossings_the_one_nearest_to_the_usual_value_counts() -> None:
    waves, level = np.array([0.1, 10.0, 0.1, 10.0]), np.ones(4)
    assert crossing(VALUES, waves, level, usual=0).at == pytest.approx(0.5)
    assert crossing(VALUES, waves, level, usual=3).at == pytest.approx(2.5)


def test_where_the_order_stays_there_is_no_crossing() -> None:
    found = crossing(VALUES, np.full(4, 0.2), np.full(4, 0.1), usual=0)
    assert (np.isnan(found.at), found.ahead) == (True, False)


def test_unknown_errors_are_left_out_and_exact_ones_count_as_rounding() -> None:
    error, other = np.array([np.nan, 0.1, np.nan, 1.0]), np.array([0.0, 1.0, 5.0, 0.1])
    assert crossing(VALUES, error, other, usual=0) == (pytest.approx(2.0), True)
    assert crossing(VALUES, np.zeros(4), np.full(4, 1e-30), usual=0) == (pytest.approx(np.nan, nan_ok=True), False)
    with pytest.raises(ValueError, match="nothing can be compared"):
        crossing(VALUES, np.full(4, np.nan), other, usual=0)
