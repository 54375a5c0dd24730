"""Rank correlation against its definition, and where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from looped.lenses.correlation import ranks, spearman

RNG = np.random.default_rng(0)


def by_definition(a: list[int], b: list[int]) -> float:
    """By definition: Pearson's correlation of how many are smaller, half of those that are equal counted."""
    x, y = ([sum((other < value) + (other == value) / 2 for other in values) for value in values] for values in (a, b))
    n, mean_x, mean_y = len(a), sum(x) / len(a), sum(y) / len(a)
    covariance = sum((p - mean_x) * (q - mean_y) for p, q in zip(x, y, strict=True)) / n
    return covariance / math.sqrt(sum((p - mean_x) ** 2 for p in x) / n * sum((q - mean_y) ** 2 for q in y) / n)


def test_it_is_the_correlation_of_ranks_with_ties_shared() -> None:
    for _ in range(20):
        first, second = RNG.integers(0, 5, size=40), RNG.integers(0, 9, size=40)
        assert spearman(first, second) == pytest.approx(by_definition(first.tolist(), second.tolist()))
        assert spearman(first**3, 10.0 * second) == pytest.approx(spearman(first, second))  # only the order counts


def test_without_any_order_there_is_no_correlation() -> None:
    for first, second in (([], []), ([3], [4]), ([1, 2], [5, 5]), ([0, 0], [1, 2])):
        assert math.isnan(spearman(np.array(first), np.array(second)))


def test_lists_that_do_not_fit_are_refused() -> None:
    for first, second in ((np.ones(2), np.ones(3)), (np.ones((2, 2)), np.ones((2, 2)))):
        with pytest.raises(ValueError, match="two lists of one length"):
            spearman(first, second)


def test_equal_values_share_their_rank() -> None:
    assert ranks(np.array([5, 1, 5, 5, 2])).tolist() == [4, 1, 4, 4, 2]


def test_what_is_not_known_has_no_rank() -> None:
    assert math.isnan(spearman(np.array([1.0, math.nan, 2.0]), np.array([1.0, 2.0, 3.0])))
