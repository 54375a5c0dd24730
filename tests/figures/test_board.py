"""Boards: every digit stands where it belongs, and every mark is where the arrays say."""

from __future__ import annotations

import re

import numpy as np
import pytest

from looped.figures.board import draw_board, draw_candidates
from looped.figures.saving import to_svg
from looped.figures.theme import LIGHT
from looped.tasks.sudoku.generator import generate
from looped.tasks.sudoku.geometry import BOXES
from tests.figures.samples import (
    BOX,
    BREAKS,
    CHANGED,
    CONFIDENCE,
    DIGITS,
    FIGURES,
    GIVEN,
    PROBABILITIES,
    SETTLED,
    SOLUTION,
    columns,
    numbers,
    shapes,
    texts,
)


def places(svg: str, kind: str, **attributes: str) -> set[tuple[int, int]]:
    """(row, column) from 0 of the marks of a kind that have such attributes, on a board of 4×4."""
    wanted = [f'{name.replace("_", "-")}="{value}"' for name, value in attributes.items()]
    marks = [tag for tag in re.findall(rf"<{kind} [^>]*>", svg) if all(attribute in tag for attribute in wanted)]
    side = float(re.findall(r'<path class="background"[^>]*d="M0,0h(\d+)', svg)[0]) / 4
    found = set()
    for mark in marks:
        at = re.search(r"translate\(([-\d.]+),([-\d.]+)\)", mark) or re.search(r'd="M([-\d.]+),([-\d.]+)', mark)
        assert at
        found.add((int(float(at.group(2)) // side), int(float(at.group(1)) // side)))
    return found


def cells(mask: np.ndarray) -> set[tuple[int, int]]:
    return {(int(cell) // 4, int(cell) % 4) for cell in np.flatnonzero(mask)}


def test_the_table_of_a_board_holds_the_arrays() -> None:
    chart = FIGURES["board"]()
    assert numbers(chart, "cell").tolist() == list(range(1, 17))
    assert numbers(chart, "row").tolist() == np.repeat([1, 2, 3, 4], 4).tolist()
    assert numbers(chart, "column").tolist() == [1, 2, 3, 4] * 4
    assert numbers(chart, "digit").tolist() == DIGITS.tolist()
    assert np.array_equal(
        numbers(chart, "confidence"), np.where(GIVEN, np.nan, CONFIDENCE).astype(np.float32), equal_nan=True
    )
    for name, mask in (("given", GIVEN), ("changed", CHANGED & ~GIVEN), ("breaks_rule", BREAKS)):
        assert columns(chart)[name] == [str(bool(value)).lower() for value in mask]


def test_a_board_shows_every_mark_by_shape_as_well_as_colour() -> None:
    svg = to_svg(FIGURES["board"]())
    assert places(svg, "text", font_weight="bold") == cells(GIVEN)
    assert places(svg, "text", fill=LIGHT.wrong) == cells(BREAKS & ~GIVEN)
    assert places(svg, "text", fill=LIGHT.accent) == cells(~BREAKS & ~GIVEN)
    waves = [path for path in shapes(svg, stroke=LIGHT.wrong) if "Q" in path]
    assert len(waves) == BREAKS.sum()  # on givens too: a wrong answer may clash with one
    corners = re.findall(rf'<path transform="[^"]*" d="[^"]*Z" fill="{LIGHT.warm}"', svg)
    assert len(corners) == (CHANGED & ~GIVEN).sum()
    assert places(svg, "path", fill=LIGHT.warm, fill_opacity="0.16") == cells(CHANGED & ~GIVEN)
    assert places(svg, "path", stroke=LIGHT.warm) == {(1, 2)}
    bars = [
        float(width)
        for width in re.findall(rf'h([\d.]+)v[\d.]+h-[\d.]+Z" fill="{LIGHT.accent}" fill-opacity="0.55"', svg)
    ]
    np.testing.assert_allclose(np.array(bars) / 54 / 0.7, CONFIDENCE[~GIVEN], rtol=1e-5)


def test_digits_are_read_row_by_row() -> None:
    svg = to_svg(FIGURES["board"]())
    given, answers = texts(svg, font_weight="bold"), [text for text in texts(svg) if text in "1234"][int(GIVEN.sum()) :]
    assert given == [str(digit) for digit in DIGITS[GIVEN]]
    assert answers == [str(digit) for digit in DIGITS[~GIVEN]]


def test_a_plain_board_has_no_marks_and_blanks_stay_blank() -> None:
    svg = to_svg(draw_board(np.where(GIVEN, DIGITS, 0), GIVEN, BOX, title="x"))
    assert [text for text in texts(svg) if text != "x"] == [*map(str, DIGITS[GIVEN]), "bold: given"]
    assert LIGHT.warm not in svg
    assert LIGHT.wrong not in svg


@pytest.mark.parametrize("size", [4, 6, 9])
def test_boards_of_every_size_have_thick_lines_around_their_boxes(size: int) -> None:
    puzzle, solution = (side[0] for side in generate(1, size, 40 if size == 9 else 12, seed=3))
    svg = to_svg(draw_board(solution, puzzle > 0, BOXES[size]))
    digits = [text for text in texts(svg) if text.isdigit()]
    assert sorted(digits) == sorted(str(digit) for digit in solution)
    lines = re.findall(r'<line [^>]*stroke-width="([\d.]+)"', svg)
    high, wide = BOXES[size]
    assert lines.count("1.8") == size // high + 1 + size // wide + 1
    assert lines.count("0.7") == 2 * (size + 1) - lines.count("1.8")


def test_candidates_hold_every_probability_of_every_blank_and_no_other() -> None:
    chart = FIGURES["candidates"]()
    given = np.array(columns(chart)["given"]) == "true"
    probability, cell, digit = numbers(chart, "probability"), numbers(chart, "cell") - 1, numbers(chart, "digit")
    assert np.array_equal(probability[~given].reshape(-1, 4), PROBABILITIES[~GIVEN])
    assert cell[~given].tolist() == np.repeat(np.flatnonzero(~GIVEN), 4).tolist()
    assert digit[~given].tolist() == [1, 2, 3, 4] * 12
    assert (cell[given].tolist(), digit[given].tolist()) == (np.flatnonzero(GIVEN).tolist(), DIGITS[GIVEN].tolist())


def test_candidates_write_what_is_likely_and_size_it_by_its_probability() -> None:
    svg = to_svg(FIGURES["candidates"]())
    shown = PROBABILITIES[~GIVEN][PROBABILITIES[~GIVEN] >= 0.01]
    squares = [float(side) for side in re.findall(rf'h([\d.]+)v[\d.]+h-[\d.]+Z" fill="{LIGHT.accent}"', svg)]
    assert len(squares) == len(shown) < 48
    np.testing.assert_allclose((np.array(squares) / max(squares)) ** 2, shown / shown.max(), rtol=1e-3)
    assert len(texts(svg)) == len(shown) + GIVEN.sum()


def test_each_candidate_has_its_own_place_in_a_box_of_six() -> None:
    probabilities = np.full((36, 6), 1 / 6, np.float32)
    svg = to_svg(draw_candidates(probabilities, np.zeros(36, int), np.zeros(36, bool), (2, 3)))
    at = [
        (round(float(x), 3), round(float(y), 3))
        for x, y in re.findall(r"<text [^>]*translate\(([\d.]+),([\d.]+)\)", svg)
    ]
    assert len(set(at)) == 216
    (x1, y1), (x2, y2), (x4, y4) = at[0], at[1], at[3]
    assert x1 < x2  # 1 2 3
    assert y1 == y2
    assert x4 == x1  # 4 5 6
    assert y4 > y1


def test_the_settled_loops_are_in_the_table_and_on_the_board() -> None:
    chart = FIGURES["settled"]()
    assert np.array_equal(
        numbers(chart, "settled"), np.where(GIVEN, np.nan, SETTLED).astype(np.float32), equal_nan=True
    )
    assert texts(to_svg(chart))[:12] == [str(loop) for loop in SETTLED[~GIVEN]]


def test_the_difference_strikes_out_what_is_wrong_and_names_what_is_right() -> None:
    chart = FIGURES["difference"](title="x")
    wrong = DIGITS != SOLUTION
    assert columns(chart)["wrong"] == [str(bool(value)).lower() for value in wrong]
    assert numbers(chart, "solution").tolist() == SOLUTION.tolist()
    svg = to_svg(chart)
    assert places(svg, "text", fill=LIGHT.wrong) == cells(wrong) == {(0, 1), (3, 2)}
    assert places(svg, "path", stroke=LIGHT.wrong) == cells(wrong)
    assert texts(svg, font_weight="bold") == [*map(str, DIGITS[GIVEN]), *map(str, SOLUTION[wrong])]
    assert "struck out: wrong, 2 of 12 blanks · small: the solution" in texts(svg)
