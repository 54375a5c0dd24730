"""Hidden states in space: paths are the points, the chosen one is marked, and the view does not depend on the loop."""

from __future__ import annotations

import numpy as np
import pytest

from looped.figures.space import draw_space
from looped.figures.theme import DARK, LIGHT

RNG = np.random.default_rng(0)
POINTS = RNG.standard_normal((6, 4, 3)).astype(np.float32)
EXPLAINED = np.array([0.5, 0.25, 0.125])
DIGITS = np.array([3, 0, 1, 2])


def coordinates(trace: dict) -> np.ndarray:
    return np.stack([np.asarray(trace[axis], float) for axis in "xyz"], 1)


def test_paths_are_the_points_up_to_the_loop() -> None:
    others, chosen, ends = draw_space(POINTS, EXPLAINED, 3, 2, DIGITS).data
    np.testing.assert_array_equal(coordinates(chosen)[:-1], POINTS[:4, 2])
    found = coordinates(others)
    gaps = np.flatnonzero(np.isnan(found[:, 0]))
    assert gaps.tolist() == [4, 9, 14]  # a path of four states each, then a gap
    for number, position in enumerate((0, 1, 3)):
        np.testing.assert_array_equal(found[5 * number : 5 * number + 4], POINTS[:4, position])
    np.testing.assert_array_equal(coordinates(ends), POINTS[3])
    assert list(ends.text) == ["3", "·", "1", "2"]
    assert ends.textfont.color[2] != ends.textfont.color[0]
    assert chosen.line.width > others.line.width


def test_the_axes_hold_the_whole_run_and_say_what_they_explain() -> None:
    first, last = (draw_space(POINTS, EXPLAINED, loop, 0, DIGITS).layout.scene for loop in (1, 5))
    assert first.to_plotly_json() == last.to_plotly_json()
    for axis, low, high in zip(
        (first.xaxis, first.yaxis, first.zaxis), POINTS.min((0, 1)), POINTS.max((0, 1)), strict=True
    ):
        assert axis.range[0] < low < high < axis.range[1]
    assert [axis.title.text for axis in (first.xaxis, first.yaxis, first.zaxis)] == [
        "component 1 (50 %)",
        "component 2 (25 %)",
        "component 3 (12 %)",
    ]
    assert first.aspectmode == "data"  # one scale for all three


def test_signs_may_be_text_and_the_look_is_light_or_dark() -> None:
    for dark, colours in ((False, LIGHT), (True, DARK)):
        figure = draw_space(POINTS, EXPLAINED, 5, 0, np.array(["a", "=", "10", "b"]), title="Seen", dark=dark)
        assert list(figure.data[2].text) == ["a", "=", "10", "b"]
        assert figure.layout.paper_bgcolor == colours.background
        assert figure.layout.title.text == "Seen"


def test_points_of_a_plane_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(6, 4, 2\); \(loops \+ 1, positions, 3\) is needed"):
        draw_space(POINTS[..., :2], EXPLAINED, 3, 0, DIGITS)
