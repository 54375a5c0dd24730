"""Attention: every weight is in the table, a head is scaled by its largest, the matrix is a picture of the numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from looped.figures.attention import draw_attention, draw_attention_matrix
from looped.figures.saving import to_svg
from looped.figures.theme import LIGHT, percent
from tests.figures.samples import BOX, DIGITS, FIGURES, WEIGHTS, numbers, texts
from tests.figures.test_heat import pixels_of


def test_the_tables_hold_every_weight() -> None:
    chart = FIGURES["attention"]()
    assert np.array_equal(numbers(chart, "weight").reshape(3, 16), WEIGHTS[:, 6])
    assert numbers(chart, "head").tolist() == np.repeat([1, 2, 3], 16).tolist()
    assert numbers(chart, "digit").tolist() == DIGITS.tolist() * 3
    chart = FIGURES["attention-matrix"]()
    assert np.array_equal(numbers(chart, "weight").reshape(3, 16, 16), WEIGHTS)
    assert np.array_equal(numbers(chart, "from").reshape(3, 16, 16)[0], np.indices((16, 16))[0] + 1)
    assert np.array_equal(numbers(chart, "to").reshape(3, 16, 16)[0], np.indices((16, 16))[1] + 1)


def test_each_head_prints_its_own_largest_weight_which_has_the_strongest_colour() -> None:
    svg = to_svg(FIGURES["attention"]())
    assert [text for text in texts(svg) if text.startswith("head")] == [
        f"head {i + 1} · {percent(float(WEIGHTS[i, 6].max()))}" for i in range(3)
    ]
    opacity = np.array(
        [float(value) for value in re.findall(rf'fill="{LIGHT.accent}" fill-opacity="([\d.e-]+)"', svg)]
    ).reshape(3, 16)
    np.testing.assert_allclose(opacity, 0.75 * np.sqrt(WEIGHTS[:, 6] / WEIGHTS[:, 6].max(-1, keepdims=True)), rtol=1e-4)
    assert svg.count(f'stroke="{LIGHT.warm}"') == 3  # the chosen cell of each board


def test_a_head_keeps_its_number_when_it_is_drawn_alone() -> None:
    chart = draw_attention(WEIGHTS[2:, 6], [2], BOX, 6)
    assert set(numbers(chart, "head")) == {3}
    svg = to_svg(chart)
    assert [text for text in texts(svg) if text.startswith("head")] == [
        f"head 3 · {percent(float(WEIGHTS[2, 6].max()))}"
    ]
    assert len(texts(svg)) == 1  # no digits were given
    assert 'd="M0,20h40v40h-40Z"' in svg  # in the first place


def test_the_matrix_is_a_picture_of_the_weights_on_one_scale() -> None:
    svg = to_svg(FIGURES["attention-matrix"]())
    pictures = [pixels_of(url) for url in re.findall(r'href="(data:[^"]*)"', svg)]
    assert len(pictures) == 3
    red = {"ground": 0xFF, "accent": int(LIGHT.accent[1:3], 16)}
    shares = np.sqrt(WEIGHTS / WEIGHTS.max())
    for picture, share in zip(pictures, shares, strict=True):
        np.testing.assert_allclose(picture[..., 0], red["ground"] + share * (red["accent"] - red["ground"]), atol=0.51)


@pytest.mark.parametrize("heads", [1, 4, 5, 8])
def test_heads_stand_four_in_a_row(heads: int) -> None:
    weights = np.full((heads, 16, 16), 1 / 16, np.float32)
    for svg in (
        to_svg(draw_attention(weights[:, 0], range(heads), BOX, 0)),
        to_svg(draw_attention_matrix(weights, range(heads), 4)),
    ):
        at = re.findall(r'<text text-anchor="start" transform="translate\(([\d.]+),([\d.]+)\)"[^>]*>head \d', svg)
        assert len(at) == len(set(at)) == heads
        assert len({y for _, y in at}) == -(-heads // 4)
        assert len({x for x, _ in at}) == min(heads, 4)


def test_digits_stand_along_the_matrix_of_a_board_with_room_for_them() -> None:
    """Of a 4 × 4 board; 81 of them would overprint. It stays a board, with a line after every row."""
    signs = [str(digit) for digit in DIGITS]
    plain, svg = (
        to_svg(draw_attention_matrix(WEIGHTS, [0, 1, 2], 4, 6, title="x", signs=given)) for given in (None, signs)
    )
    assert [text for text in texts(plain) if text.isdigit()] == []
    assert [text for text in texts(svg) if text.isdigit()] == signs * 6  # along two sides of each head
    assert "after every row of the board" in svg
    many = to_svg(draw_attention_matrix(np.full((1, 81, 81), 1 / 81), [0], 9, 0, signs=["5"] * 81))
    assert "5" not in texts(many)
