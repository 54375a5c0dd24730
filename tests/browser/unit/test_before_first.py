"""What panels say while the clock stands before the first loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from answers import SEEN

from looped.export.bundle import ASSETS

Module = Callable[..., Any]
PANELS = ("calibration", "lengths", "shifts", "sizes", "scaling", "influence", "clues", "linear")


@pytest.mark.parametrize("panel", PANELS)
def test_before_the_first_loop_no_panel_speaks_of_it_as_of_now(module: Module, panel: str) -> None:
    """What is measured of the first loop may be told, but not as what stands where the clock is."""
    source = (ASSETS / "panels" / f"{panel}.js").read_text("utf-8")
    told = source[source.index("  describe(") :]
    assert told.count("${beforeFirst(t)}") == 1
    before, at = module("core/words.js", "return [m.beforeFirst(0), m.beforeFirst(1)]")
    assert (before, at) == ("Before the first loop nothing has been computed; what follows is after it. ", "")


@pytest.mark.parametrize("panel", ["influence", "clues"])
def test_an_answer_of_a_later_loop_is_not_announced_as_of_the_first(module: Module, panel: str) -> None:
    """These panels keep what was asked at another loop, and say it while the clock is before the first."""
    body = """
    const meta = { cell: 0, loop: x, window: x, token: 9, output: 1, baseline: 0, difference: 1, error: 0, best: [0, 0],
      relative: null, same: null, rollout: null };
    const arrays = { clues: array([2, 2], 1, 0, 1, 0), influence: array([2, 2], 1, 0, 1, 0) };
    const geometry = { n: 2, examples: 2, name: () => "it", called: String, sign: String };
    return m.default.describe(about({ arrays, meta }, { t: 0, geometry, chosen: 0 }));"""
    for loop, after in ((1, "it"), (24, "loop 24")):
        told = module(f"panels/{panel}.js", SEEN + body, loop)
        assert told.startswith(f"Before the first loop nothing has been computed; what follows is after {after}. ")
        assert f"after {loop} loop" in told


@pytest.mark.parametrize(
    ("panel", "shown"),
    [
        ("convergence", "the lines show how far every loop will move the state"),
        ("readout", "the squares show what will be read after every loop"),
        ("whole", "the lines show what will be read after every loop"),
        ("rules", "the lines show how much attention every loop will give to each rule"),
        ("timestep", "the lines show what every loop will use"),
        ("encoding", "the squares compare the loops that will"),
        ("descent", "the dots show which step every loop will be nearest to"),
        ("error", "the lines show the error after every loop"),
    ],
)
def test_the_figure_of_a_whole_run_is_not_said_to_show_nothing(module: Module, panel: str, shown: str) -> None:
    """The clock stands before the first loop, and curves or squares to the last are drawn all the same."""
    body = """
    const arrays = { error: array([2], 0.5, 0.4), nearest: array([2], 0, 0), descent_nearest: array([1, 2], 3, 4),
      whole: array([4, 2], 0, 0, 0, 0, 0, 0, 0, 0) };
    const run = { arrays, loops: 2, blanks: 3, at: (t) => t, meta: { descent: [{ label: "gradient descent" }] } };
    return m.default.describe({ view: run, views: [run], t: 0, mode: "error", meta: {}, geometry: {} });"""
    assert module(f"panels/{panel}.js", SEEN + body) == f"No loop has run yet; {shown}."


def test_a_change_has_reached_nothing_before_the_first_loop(module: Module) -> None:
    body = """
    const asked = { arrays: { near: array([2], NaN, 0.5), reach: array([2], 0, 1) },
      meta: { cell: 0, chosen: true, tried: 3, possible: 3, even: 0.2, kind: "group" } };
    const geometry = { name: () => "row 1" };
    return [0, 1].map((t) => m.default.describe(about(asked, { t, geometry })));"""
    before, after = module("panels/locality.js", SEEN + body)
    assert before == ("With 3 other tokens at row 1; before the first loop the change has reached no other {place}.")
    assert after.startswith("With 3 other tokens at row 1, each in a run of its own from the first loop on, compared")
    assert " compared after loop 1: the farthest state " in after
