"""Figures of what is no board: signs instead of digits, and the table of two words."""

from __future__ import annotations

import numpy as np
import pytest

from looped.figures.attention import draw_attention_matrix
from looped.figures.convergence import draw_convergence
from looped.figures.readout import draw_readout
from looped.figures.saving import to_csv, to_svg
from looped.figures.theme import LIGHT
from looped.figures.words import draw_table
from tests.figures.samples import (
    ALONG,
    FIGURES,
    GIVEN,
    OF_CELL,
    POINTS,
    RELATIVE,
    SIGNS,
    TABLE,
    WEIGHTS,
    columns,
    numbers,
    shapes,
    texts,
)


def test_signs_stand_where_digits_do() -> None:
    chart = FIGURES["trajectory-signs"](title="x")
    assert columns(chart)["sign"] == SIGNS * 6
    assert np.array_equal(np.stack([numbers(chart, "x"), numbers(chart, "y")], -1).reshape(6, 16, 2), POINTS[:6])
    svg = to_svg(chart)
    assert "a sign stands where its position's state is · bold: given · thick path: the seventh place" in texts(svg)
    written = texts(svg, font_size="11px", fill=LIGHT.accent)
    assert written == [sign for place, sign in enumerate(SIGNS) if not GIVEN[place] and place != 6]


def test_the_readout_of_signs_labels_lines_with_them() -> None:
    chart = FIGURES["readout-signs"](title="x")
    assert columns(chart)["sign"] == ['"', "10", "a", "\\"] * 8
    assert np.array_equal(numbers(chart, "probability").reshape(8, 4), ALONG)
    answer = int(ALONG[5].argmax())
    svg = to_svg(chart)
    assert texts(svg, font_weight="bold", fill=LIGHT.accent) == [['"', "10", "a", "\\"][answer]] * int(
        (ALONG[:, answer] >= 0.03).sum()
    )
    assert len(texts(svg, font_weight="bold", fill=LIGHT.muted)) == (np.delete(ALONG, answer, 1) >= 0.03).sum()
    assert len(shapes(svg, stroke=LIGHT.accent, stroke_width="2")) == 1
    assert "a line's signs say whose probability it is · thick: the answer after loop 6" in texts(svg)


@pytest.mark.parametrize("sign", ['"', "\\", "'", "·"])
def test_any_sign_may_be_the_answer(sign: str) -> None:
    svg = to_svg(draw_readout(np.array([[0.9, 0.1]]), 1, 1, signs=[sign, "b"]))
    assert texts(svg, font_weight="bold", fill=LIGHT.accent) == [sign]


def test_signs_stand_along_every_matrix_and_lines_before_its_parts() -> None:
    chart = FIGURES["attention-matrix-signs"](title="x")
    assert np.array_equal(numbers(chart, "weight").reshape(3, 16, 16), WEIGHTS)
    svg = to_svg(chart)
    along = texts(svg, fill=LIGHT.muted, font_size="10px")
    assert along == SIGNS * 6  # the rows of three squares, then their columns
    assert svg.count('stroke-opacity="0.6"') == 3 * 2 * 4  # at 0, 5, 9 and 16
    assert "down: the position that looks · across: the position it looks at" in texts(svg)
    many = to_svg(draw_attention_matrix(np.full((1, 80, 80), 1 / 80), [0], 80, 0, signs=["a"] * 80))
    assert "a" not in texts(many)  # no room


def test_convergence_names_what_is_chosen() -> None:
    assert (
        "chosen position, absolute" in columns(draw_convergence(RELATIVE, OF_CELL, 4, 6, what="position"))["quantity"]
    )


def test_the_table_holds_every_entry_and_the_letters_along_its_sides() -> None:
    chart = FIGURES["table"](title="x")
    assert np.array_equal(numbers(chart, "number").reshape(3, 4), TABLE)
    rows = columns(chart)
    assert [rows["first"][4 * i] for i in range(3)] == ["", "a", "b"]
    assert rows["second"][:4] == ["", "b", "c", "a"]
    assert [k for k, equal in enumerate(rows["equal"]) if equal == "true"] == [7, 9]  # a and a, b and b
    svg = to_svg(chart)
    bold = texts(svg, font_weight="bold")
    assert [text for text in bold if text.isalpha() and len(text) == 1 and text != "x"] == [*"abbca"]
    assert bold.count("1") == 2
    assert sorted(text for text in texts(svg) if text.isdigit()) == sorted(map(str, TABLE.ravel()))
    assert len(shapes(svg, stroke=LIGHT.warm)) == 1  # the answer


def test_the_table_shows_what_a_model_says_and_crosses_out_what_is_wrong() -> None:
    said = np.full(TABLE.shape, -1)
    said[1:, -1], said[-1, 1:] = TABLE[1:, -1], TABLE[-1, 1:]
    said[1, -1], said[-1, -1] = 7, 0
    signs = [*map(str, range(7)), "a"]
    chart = draw_table(TABLE, "ab", "bca", said=said, signs=signs)
    rows = columns(chart)
    assert [k for k, wrong in enumerate(rows["wrong"]) if wrong == "true"] == [7, 11]
    assert (rows["shown"][7], rows["shown"][11]) == ("a", "0")
    assert [k for k, asked in enumerate(rows["asked"]) if asked == "true"] == [7, 9, 10, 11]
    svg = to_svg(chart)
    assert svg.count(f'stroke="{LIGHT.wrong}"') == 2
    shown = sorted(text for text in texts(svg) if text.isdigit())
    assert shown == sorted([*(str(number) for k, number in enumerate(TABLE.ravel()) if k not in (7, 11)), "0"])


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("a" * 16, "b"), ("a" * 100, "ab" * 50)])
def test_tables_of_any_words_can_be_drawn(first: str, second: str) -> None:
    numbers = np.zeros((len(first) + 1, len(second) + 1), int)
    chart = draw_table(numbers, first, second)
    assert to_csv(chart).count("\n") == 1 + numbers.size
    assert "NaN" not in to_svg(chart)
