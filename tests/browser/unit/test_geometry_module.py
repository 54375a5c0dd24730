"""Where positions stand, scales of axes, what lies under a pointer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.tasks import get
from looped.tasks.sudoku.rules import conflicts
from looped.tasks.sudoku.task import Sudoku

Module = Callable[..., Any]
BOARD = f"const board = new m.BoardGeometry({json.dumps(Sudoku(6).layout(np.zeros(36, int)).message())});"
WORDS = """const words = new m.SequenceGeometry({
  rows: [[0, 1], [3]], groups: ["one", "two"], names: ["a", "b", "|", "c"], signs: ["", "A"], fixed: [1] });"""


def test_a_board_has_the_units_of_the_message(module: Module) -> None:
    body = BOARD + "return [board.n, board.box, board.units.map(([name, numbers]) => [name, numbers.slice(0, 8)])]"
    assert module("core/geometry.js", body) == [
        36,
        [2, 3],
        [
            ["its row", [0, 0, 0, 0, 0, 0, 1, 1]],
            ["its column", [0, 1, 2, 3, 4, 5, 0, 1]],
            ["its box", [0, 0, 0, 1, 1, 1, 0, 0]],
        ],
    ]


def test_names_and_spots_of_a_board(module: Module) -> None:
    body = BOARD + "return [board.name(7), board.spot(7), board.at(1, 1), ...[0, 4].map((d) => board.sign(d))]"
    assert module("core/geometry.js", body) == ["row 2, column 2", [1, 1], 7, "–", "4"]


@pytest.mark.parametrize(
    ("digits", "clashing"),
    [({}, []), ({0: 1, 5: 1}, [0, 5]), ({0: 1, 30: 1}, [0, 30]), ({0: 1, 8: 1}, [0, 8]), ({0: 1, 21: 1, 35: 2}, [])],
)
def test_equal_digits_in_a_unit_clash(module: Module, digits: dict[int, int], clashing: list[int]) -> None:
    body = BOARD + "return [...board.conflicts(x).keys()].filter((i) => board.conflicts(x)[i])"
    assert module("core/geometry.js", body, [digits.get(i, 0) for i in range(36)]) == clashing


def test_clashes_of_what_is_typed_are_those_of_the_library(module: Module) -> None:
    boards = np.random.default_rng(0).integers(7, size=(30, 36)) * np.random.default_rng(1).integers(2, size=(30, 36))
    body = BOARD + "return x.map((typed) => [...board.conflicts(typed)])"
    assert np.array_equal(module("core/geometry.js", body, boards.tolist()), conflicts(boards, 6))


def test_padding_of_a_sequence_is_not_drawn(module: Module) -> None:
    body = (
        WORDS
        + "return [words.n, words.rows, words.columns, words.spot(2), words.spot(3), words.at(1, 0), words.at(1, 1)]"
    )
    assert module("core/geometry.js", body) == [4, 2, 2, None, [1, 0], 3, None]


def test_a_token_without_a_sign_is_a_question_mark(module: Module) -> None:
    body = WORDS + "return [words.sign(1), words.sign(7), words.shown(1), words.shown(0) === undefined]"
    assert module("core/geometry.js", body) == ["A", "?", "A", True]


def test_answers_of_a_grid_stand_once_and_are_called_by_what_they_mean(module: Module) -> None:
    """Token 0, which a board shows only where it is ever the answer, is one of a grid's two answers."""
    task = get("paths")
    layout = task.layout(task.encode(task.parse("S../.#./..."))).message()
    body = """
      const { GridGeometry } = await import("/pages/gridtext.js");
      const geometry = new GridGeometry(x);
      const view = { geometry, loops: 1, entry: () => 0, arrays: { blank_read: { values: [1], shape: [1] } },
                     probability: () => 0.5 };
      return m.default.table({ view, active: 0, geometry }).columns;
    """
    columns = module("panels/readout.js", body, layout)
    named = [f"probability of “{answer}” in row 1, column 1" for answer in ("not reached", "reached")]
    assert columns == ["loop", *named]


@pytest.mark.parametrize("loops", [1, 2, 32, 1024])
def test_the_pointer_finds_the_loop_that_is_drawn_there(module: Module, loops: int) -> None:
    body = "const at = m.loopX(480, x); return [1, Math.ceil(x / 2), x].map((t) => m.loopAt(at(t), 480, x))"
    if loops > 1:
        assert module("draw/axis.js", body, loops) == [1, -(-loops // 2), loops]
    assert module("draw/axis.js", "return [m.loopAt(-50, 480, x), m.loopAt(9999, 480, x)]", loops) == [1, loops]


def test_ticks_are_few(module: Module) -> None:
    body = "return x.map((loops) => Math.floor(loops / m.tickStep(loops, 9)))"
    assert all(count <= 9 for count in module("draw/axis.js", body, [1, 9, 10, 33, 100, 256]))


def test_a_curve_is_broken_where_there_is_no_number(module: Module) -> None:
    body = """
    const pen = new (await import("http://modules.test/draw/surface.js")).SvgPen(10, 10);
    const y = [1, NaN, 3, Infinity, 5, 6];
    m.curve(pen, 6, (t) => t, (t) => y[t - 1], "#000000");
    return /d="([^"]*)"/.exec(pen.parts[0])[1];
    """
    assert module("draw/axis.js", body) == "M1 1M3 3M5 5L6 6"


def test_the_cell_under_the_pointer_is_the_one_that_is_drawn_there(module: Module) -> None:
    body = """
    const { BoardGeometry } = await import("http://modules.test/core/geometry.js");
    const board = new BoardGeometry(x);
    const [square] = m.drawings(1, 400, 300, board);
    const [left, top, side] = square;
    const step = side / 4;
    return [0, 5, 15]
      .map((i) => m.cellAt(left + (i % 4 + 0.5) * step, top + (Math.floor(i / 4) + 0.5) * step, square, board))
      .concat([m.cellAt(left - 1, top + 1, square, board), m.cellAt(left + 1, top + side + 1, square, board)]);
    """
    layout = Sudoku(4).layout(np.zeros(16, int)).message()
    assert module("draw/board.js", body, layout) == [0, 5, 15, None, None]


def test_an_svg_escapes_its_words(module: Module) -> None:
    body = 'const pen = new m.SvgPen(9, 9); pen.fillText("a<b&c", 1, 2); return pen.text("#ffffff")'
    assert "a&#60;b&#38;c" in module("draw/surface.js", body)
