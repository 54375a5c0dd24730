"""Means over lengths."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.lengths import means


def test_every_length_that_is_measured_counts_the_same() -> None:
    right = np.array([[0.0, 1.0], [0.5, 1.0], [np.nan, np.nan], [0.25, 0.75], [0.75, 0.25]])
    found = means(right, np.array([2, 3, 4, 5, 6]), trained=4)
    assert found.inside.tolist() == [0.25, 1.0]
    assert found.beyond.tolist() == [0.5, 0.5]


def test_what_is_not_known_is_nan() -> None:
    found = means(np.full((2, 3), np.nan), np.array([2, 9]), trained=4)
    assert np.isnan(found.inside).all()
    assert np.isnan(found.beyond).all()
    assert np.isnan(means(np.ones((1, 2)), np.array([2]), trained=4).beyond).all()  # no longer ones


def test_rows_must_be_lengths() -> None:
    with pytest.raises(ValueError, match="must have a row for each"):
        means(np.ones((2, 3)), np.array([1, 2, 3]), trained=2)
