"""Trajectory, convergence, timestep scales, readout: every number is in the table and drawn where it is."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from looped.figures.convergence import draw_convergence
from looped.figures.readout import draw_readout
from looped.figures.saving import to_svg
from looped.figures.theme import LIGHT
from looped.figures.timestep import draw_timestep
from looped.figures.trajectory import draw_trajectory
from tests.figures.samples import (
    ALONG,
    DIGITS,
    FIGURES,
    GIVEN,
    OF_CELL,
    POINTS,
    RELATIVE,
    STRENGTHS,
    VECTORS,
    columns,
    numbers,
    shapes,
    texts,
)
from tests.figures.test_heat import pixels_of


def points(path: str) -> np.ndarray:
    """(points, 2) pixels of a line of an SVG."""
    return np.array([[float(x), float(y)] for x, y in re.findall(r"[ML]([-\d.]+),([-\d.]+)", path)])


def straight(a: np.ndarray, b: np.ndarray) -> bool:
    """One is the other, scaled and moved."""
    return bool(abs(np.corrcoef(a, b)[0, 1]) > 1 - 1e-6)


def test_the_trajectory_holds_all_states_up_to_the_loop() -> None:
    chart = FIGURES["trajectory"]()
    assert np.array_equal(np.stack([numbers(chart, "x"), numbers(chart, "y")], -1).reshape(6, 16, 2), POINTS[:6])
    assert numbers(chart, "loop").tolist() == np.repeat(np.arange(6), 16).tolist()
    assert numbers(chart, "cell").tolist() == list(range(1, 17)) * 6


def test_the_path_of_the_chosen_cell_is_the_thick_one_and_all_axes_have_one_scale() -> None:
    svg = to_svg(FIGURES["trajectory"](title="x"))
    (thick,) = [points(path) for path in shapes(svg, stroke=LIGHT.warm)]
    assert straight(thick[:, 0], POINTS[:6, 6, 0])
    assert straight(thick[:, 1], POINTS[:6, 6, 1])
    units = [np.ptp(thick[:, i]) / np.ptp(POINTS[:6, 6, i]) for i in (0, 1)]
    assert units[0] == pytest.approx(units[1], rel=1e-2)
    assert np.argmax(thick[:, 1]) == np.argmin(POINTS[:6, 6, 1])  # up is more
    assert "principal component 1 (50 % of the variance)" in texts(svg)
    assert "a digit stands where its cell's state is · bold: given · thick path: the chosen one" in texts(svg)
    digits = [text for text in texts(svg, font_size="11px", fill=LIGHT.accent) if text.isdigit()]
    assert digits == [str(digit) for cell, digit in enumerate(DIGITS) if not GIVEN[cell] and cell != 6]


def test_a_cell_without_an_answer_ends_in_a_dot_and_a_still_run_can_be_drawn() -> None:
    still = np.zeros((3, 16, 2), np.float32)
    svg = to_svg(draw_trajectory(still, np.zeros(2), 0, 0, np.zeros(16, int), GIVEN))
    assert texts(svg).count("·") == 17  # the chosen one is cleared around and drawn


def test_convergence_holds_both_residuals() -> None:
    chart = FIGURES["convergence"]()
    found = numbers(chart, "residual").reshape(2, 8)
    assert np.array_equal(found, np.stack([RELATIVE, OF_CELL]), equal_nan=True)
    assert (
        columns(chart)["quantity"]
        == ["whole state, relative (from loop 2 on: it starts at zero)"] * 8 + ["chosen cell, absolute"] * 8
    )


def test_convergence_is_logarithmic_and_leaves_a_gap_where_there_is_nothing() -> None:
    svg = to_svg(FIGURES["convergence"]())
    (whole,) = [points(path) for path in shapes(svg, stroke=LIGHT.accent, stroke_width="2") if path.count("L") > 2]
    assert straight(whole[:, 1], np.log(RELATIVE[1:]))
    (cell,) = [
        path for path in shapes(svg, stroke=LIGHT.warm, stroke_width="2", stroke_dasharray="2,3") if path.count("L") > 2
    ]
    assert cell.count("M") == 2  # loop 4 moved the cell by nothing
    assert straight(points(cell)[:, 1], np.log(np.delete(OF_CELL, 3)))


@pytest.mark.parametrize("values", [[np.nan], [0.0, 0.0], [0.5], [1e-7, 3e4], [1.0, 1.0]])
def test_convergence_of_any_run_can_be_drawn(values: list[float]) -> None:
    array = np.array(values, np.float32)
    svg = to_svg(draw_convergence(array, array, 1, 1, title="x"))
    assert "step (residual)" in texts(svg)
    assert "NaN" not in svg


def test_strengths_are_in_the_table_and_the_lines() -> None:
    chart = FIGURES["timestep"]()
    assert np.array_equal(numbers(chart, "strength").reshape(8, 4), STRENGTHS)
    assert columns(chart)["vector"][:5] == ["α1", "α2", "γ1", "γ2", "α1"]
    svg = to_svg(chart)
    for i, (colour, dash) in enumerate(
        [(LIGHT.accent, "1,0"), (LIGHT.warm, "6,3"), (LIGHT.cool, "2,3"), (LIGHT.text, "8,3,2,3")]
    ):
        (line,) = [points(path) for path in shapes(svg, stroke=colour, stroke_dasharray=dash) if path.count("L") > 2]
        assert straight(line[:, 1], STRENGTHS[:, i])
    assert [text for text in texts(svg) if text[0] in "αγ"] == [
        "α1, attention is added",
        "α2, the MLP is added",
        "γ1, input of attention",
        "γ2, input of the MLP",
    ]


def test_channels_are_in_the_table_and_the_pictures() -> None:
    chart = FIGURES["timestep-channels"]()
    assert np.array_equal(numbers(chart, "value").reshape(4, 8, 5), VECTORS)
    assert columns(chart)["vector"][::40] == ["α1", "α2", "γ1", "γ2"]
    pictures = [pixels_of(url) for url in re.findall(r'href="(data:[^"]*)"', to_svg(chart))]
    for picture, values in zip(pictures, VECTORS, strict=True):
        assert picture.shape == (8, 5, 3)
        assert np.array_equal(
            picture[..., 0] > picture[..., 2], np.rint(255 * values) > 0
        )  # orange above zero, teal below


def test_the_readout_holds_every_probability_and_labels_lines_with_their_digits() -> None:
    chart = FIGURES["readout"](title="x")
    assert np.array_equal(numbers(chart, "probability").reshape(8, 4), ALONG)
    assert numbers(chart, "digit").tolist() == [1, 2, 3, 4] * 8
    svg = to_svg(chart)
    answer = int(ALONG[5].argmax())
    (thick,) = [points(path) for path in shapes(svg, stroke=LIGHT.accent, stroke_width="2")]
    assert straight(thick[:, 1], ALONG[:, answer])
    signs = texts(svg, font_weight="bold", fill=LIGHT.accent)
    assert signs == [str(answer + 1)] * int((ALONG[:, answer] >= 0.03).sum())
    others = texts(svg, font_weight="bold", fill=LIGHT.muted)
    assert len(others) == (np.delete(ALONG, answer, 1) >= 0.03).sum()


@pytest.mark.parametrize("draw", [
    lambda loops: draw_timestep(np.ones((loops, 4), np.float32), 4, loops),
    lambda loops: draw_readout(np.full((loops, 4), 0.25, np.float32), 4, loops),
    lambda loops: draw_convergence(np.ones(loops, np.float32), np.ones(loops, np.float32), 4, loops),
])  # fmt: skip
@pytest.mark.parametrize("loops", [1, 2, 100])
def test_runs_of_any_length_can_be_drawn(draw: Any, loops: int) -> None:
    svg = to_svg(draw(loops))
    assert f"loop {loops}" in texts(svg)
    assert ("trained" in texts(svg)) is (loops >= 4)
    assert "NaN" not in svg
