"""Geometry: peers, units, boxes."""

from __future__ import annotations

import pytest
from sudoku_boards import (
    sees,
)

from looped.tasks.sudoku.generator import generate
from looped.tasks.sudoku.geometry import peers, rows_columns_boxes, units
from looped.tasks.sudoku.task import Sudoku
from looped.tasks.sudoku.text import parse


@pytest.mark.parametrize(("size", "near"), [(4, 7), (6, 12), (9, 20)])
def test_geometry(size: int, near: int) -> None:
    n = size * size
    expected = [[sees(a, b, size) for b in range(n)] for a in range(n)]
    assert (peers(size) == expected).all()
    assert (peers(size).sum(1) == near).all()
    assert units(size).shape == (3 * size, size)
    for kind in range(3):
        for unit in range(size):
            members = units(size)[kind * size + unit]
            assert (rows_columns_boxes(size)[members, kind] == unit).all()
        assert sorted(units(size)[kind * size : (kind + 1) * size].ravel()) == list(range(n))


def test_boxes_of_six_are_two_rows_by_three_columns() -> None:
    assert units(6)[12].tolist() == [0, 1, 2, 6, 7, 8]


def test_geometry_is_shared_so_it_cannot_be_written_to() -> None:
    for array in (peers(4), units(4), rows_columns_boxes(4)):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


@pytest.mark.parametrize("size", [0, 5, 16])
def test_other_sizes_are_refused(size: int) -> None:
    for call in (peers, units, Sudoku, lambda size: parse("1", size), lambda size: generate(1, size, 5)):
        with pytest.raises(ValueError, match="4, 6 or 9"):
            call(size)
