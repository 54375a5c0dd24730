"""How far attention reaches in the space of inputs."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.reach import reach

POINTS = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
TABLE = np.array([[0, 1, -1], [0, 1, -1], [0, 1, 2]])
EXAMPLES = np.array([True, True, False])


def attention(*rows: list[float]) -> np.ndarray:
    """One loop, one layer and one head for each entry of `rows`, the weights of the query; examples look evenly."""
    heads = [[[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], row] for row in rows]
    return np.array(heads)[None, None]


def test_all_attention_to_one_example_is_as_far_as_that_example() -> None:
    found = reach(attention([0.0, 1.0, 0.0], [1.0, 0.0, 0.0]), TABLE, POINTS, EXAMPLES)
    far = float(np.hypot(3, 3))
    assert found.mean[0, 0, :, 2].tolist() == pytest.approx([far, 1.0, (far + 1) / 2])
    assert found.even.tolist() == pytest.approx([2.5, 2.5, (far + 1) / 2])
    assert found.equal.tolist() == [0.5, 0.5, 0.5]


def test_what_stays_at_the_query_counts_for_the_share_and_not_for_the_distance() -> None:
    found = reach(attention([0.25, 0.0, 0.75]), TABLE, POINTS, EXAMPLES)
    assert found.share[0, 0, 0].tolist() == [1.0, 1.0, 0.25]
    assert found.mean[0, 0, 0, 2] == 1.0


def test_a_query_that_looks_at_no_example_has_no_distance() -> None:
    found = reach(attention([0.0, 0.0, 1.0]), TABLE, POINTS, EXAMPLES)
    assert np.isnan(found.mean[0, 0, 0, 2])
    assert np.isnan(found.distance[0, 2])
    assert np.isnan(reach(attention([0.0, 0.0, 1.0]), TABLE, POINTS, np.zeros(3, bool)).even).all()
    assert np.isnan(reach(attention([0.0, 0.0, 1.0]), TABLE, POINTS, np.zeros(3, bool)).equal).all()
