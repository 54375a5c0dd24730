"""A predicted function of two numbers in space: heights stand where the queries are, on an axis that stays."""

from __future__ import annotations

import numpy as np
import pytest

from looped.figures.surface import draw_surface, grid_of
from looped.figures.theme import DARK

RNG = np.random.default_rng(0)
QUERIES = np.array([[x, y] for x in (-1.0, 0.0, 2.0) for y in (0.0, 1.0)])[RNG.permutation(6)]
PREDICTIONS = RNG.standard_normal((4, 6))
TRUTH = QUERIES @ [1.0, 10.0]
EXAMPLES = np.array([[0.5, 0.5, 3.0], [1.0, 1.0, -25.0]])


def height(sheet: object, query: np.ndarray) -> float:
    """The height of a surface over a point."""
    column, row = list(sheet.x).index(query[0]), list(sheet.y).index(query[1])  # type: ignore[attr-defined]
    return float(sheet.z[row][column])  # type: ignore[attr-defined]


def test_each_height_stands_over_its_query() -> None:
    sheet, net, dots = draw_surface(QUERIES, PREDICTIONS, TRUTH, EXAMPLES, 3, dark=True).data
    for query, wanted in zip(QUERIES, PREDICTIONS[2], strict=True):
        assert height(sheet, query) == wanted
    drawn = {point for point in zip(net.x, net.y, net.z, strict=True) if np.isfinite(point).all()}
    assert drawn == {(x, y, x + 10 * y) for x, y in QUERIES}
    assert list(zip(dots.x, dots.y, dots.z, strict=True)) == [tuple(row) for row in EXAMPLES]
    assert net.line.color == DARK.text


def test_the_error_is_what_is_predicted_less_what_is_true() -> None:
    (sheet,) = draw_surface(QUERIES, PREDICTIONS, TRUTH, EXAMPLES, 4, error=True).data
    for query, wanted, true in zip(QUERIES, PREDICTIONS[3], TRUTH, strict=True):
        assert height(sheet, query) == pytest.approx(wanted - true)


def test_the_axis_holds_the_whole_run_and_before_the_first_loop_nothing_is_predicted() -> None:
    first, last = (draw_surface(QUERIES, PREDICTIONS, TRUTH, EXAMPLES, loop) for loop in (0, 4))
    assert [trace.name for trace in first.data] == ["true", "examples"]
    assert first.layout.scene.zaxis.range == last.layout.scene.zaxis.range
    assert first.layout.scene.zaxis.range[1] > 25


def test_what_is_unknown_is_not_drawn() -> None:
    unknown = np.full(6, np.nan)
    assert [one.name for one in draw_surface(QUERIES, PREDICTIONS, unknown, EXAMPLES[:0], 1).data] == ["predicted"]
    with pytest.raises(ValueError, match="true function of these points is not known"):
        draw_surface(QUERIES, PREDICTIONS, unknown, EXAMPLES, 1, error=True)
    with pytest.raises(ValueError, match="needs queries on a grid"):
        grid_of(QUERIES[:5])
