"""The clock and the state of a page, without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., Any]
CLOCK = "let told = 0; const clock = new m.LoopClock(() => { told++; }); clock.setLoops(8);"
STATE = """const state = new m.State(["a"], {});
const run = (n, runs) => {
  const views = runs.map((meta) => ({ meta }));
  state.setRun({ meta: { puzzle: "p", runs }, views, geometry: { n }, bytes: null });
  state.fit(); };
run(16, [{ heads: 4, layers: 2 }]);"""


def test_the_clock_stays_within_the_run(module: Module) -> None:
    body = (
        CLOCK
        + "const at = []; for (const t of [3, -1, 99, 2.6]) { clock.go(t); at.push(clock.loop); } return [at, told]"
    )
    assert module("core/clock.js", body) == [[3, 0, 8, 3], 4]


def test_going_where_it_stands_tells_nobody(module: Module) -> None:
    assert module("core/clock.js", CLOCK + "clock.go(3); clock.go(3); return told") == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [([2, 5], [2, 5]), ([5, 2], None), ([3, 3], None), ([0, 8], None), (None, None)],
)
def test_a_range_goes_forward_and_is_not_the_whole_run(
    module: Module, given: list[int] | None, kept: list[int] | None
) -> None:
    assert module("core/clock.js", CLOCK + "clock.setRange(x); return clock.range", given) == kept


def test_an_end_of_the_range_that_passes_the_other_pushes_it_away(module: Module) -> None:
    body = CLOCK + "clock.setRange([2, 4]); clock.go(6); clock.bound(0); return clock.range"
    assert module("core/clock.js", body) == [6, 8]
    body = CLOCK + "clock.setRange([4, 6]); clock.go(2); clock.bound(1); return clock.range"
    assert module("core/clock.js", body) == [0, 2]


def test_a_shorter_run_takes_loop_and_range_back(module: Module) -> None:
    body = CLOCK + "clock.go(7); clock.setRange([5, 7]); clock.setLoops(6); return [clock.loop, clock.range]"
    assert module("core/clock.js", body) == [6, None]


def test_playing_goes_round_in_a_range(module: Module) -> None:
    body = CLOCK + "clock.setRange([2, 4]); return [2, 3, 4, 9].map((t) => { clock.loop = t; return clock.next(); })"
    assert module("core/clock.js", body) == [3, 4, 2, 2]


# Frames at times of our own: `frames(at)` has one painted at each; returns the loop after each.
FRAMES = """
const real = { ask: window.requestAnimationFrame, forget: window.cancelAnimationFrame, now: performance.now };
let due = null, now = 0;
window.requestAnimationFrame = (frame) => (due = frame, 1);
window.cancelAnimationFrame = () => { due = null; };
performance.now = () => now;
const frames = (at) => at.map((time) => {
  const frame = due;
  [due, now] = [null, time];
  frame?.(time);
  return clock.loop; });
const restore = () => { [window.requestAnimationFrame, window.cancelAnimationFrame] = [real.ask, real.forget];
  performance.now = real.now; };
"""


@pytest.mark.parametrize("speed", [1, 2, 4, 8, 16])
def test_a_loop_lasts_as_long_as_the_speed_says(module: Module, speed: int) -> None:
    """Sixty frames a second: a loop is due after 1/speed of a second; a late frame moves one loop, no more."""
    body = (
        CLOCK
        + FRAMES
        + """clock.setSpeed(x); clock.play();
    const second = Array.from({ length: 61 }, (_, i) => (1000 * i) / 60);
    const seen = frames(second);
    const moved = seen.map((loop, i) => [loop, second[i]]).filter(([loop], i) => i && loop !== seen[i - 1]);
    const late = [clock.loop, ...frames([9000])];
    restore();
    return [moved, late];"""
    )
    moved, late = module("core/clock.js", body, speed)
    reached = {1: 1, 2: 2, 4: 4, 8: 7, 16: 8}[speed]  # 125 ms are eight whole frames; the run has eight loops
    assert [loop for loop, _ in moved] == list(range(1, reached + 1))
    for (loop, at), (_, before) in zip(moved, [(0, 0.0), *moved], strict=False):
        assert 1000 / speed - 4 <= at - before < 1000 / speed + 1000 / 60, (loop, at)
    assert late == [reached, min(reached + 1, 8)]


def test_another_speed_counts_at_once_and_a_pause_stops_at_once(module: Module) -> None:
    body = (
        CLOCK
        + FRAMES
        + """clock.setSpeed(1); clock.play();
    const slow = frames([0, 900]);
    clock.setSpeed(8);
    const fast = frames([1000, 1030]);
    clock.pause();
    const paused = frames([2000, 3000]);
    restore();
    return [slow, fast, paused, clock.playing];"""
    )
    assert module("core/clock.js", body) == [[0, 0], [0, 1], [1, 1], None]


def test_playing_ends_with_the_run(module: Module) -> None:
    body = CLOCK + FRAMES + "clock.play(); const seen = frames([...Array(12).keys()].map((i) => 250 * i)); restore(); "
    assert module("core/clock.js", body + "return [seen, clock.playing]") == [[*range(9), 8, 8, 8], None]


def test_cells_are_chosen_added_and_taken_back(module: Module) -> None:
    body = (
        STATE
        + """
    const told = [];
    for (const [cell, how] of [[3, "only"], [4, "add"], [3, "toggle"], [4, "toggle"]]) {
      state.select(cell, how);
      told.push([state.choice.cell, [...state.choice.selected]]);
    }
    return told;"""
    )
    assert module("core/state.js", body) == [[3, [3]], [4, [3, 4]], [4, [4]], [4, [4]]]


def test_what_is_held_is_not_previewed_away(module: Module) -> None:
    body = (
        STATE
        + """
    const first = [state.preview(5), state.active, state.preview(5)];
    state.select(7);
    return [...first, state.preview(5), state.active, (state.release(), state.preview(5)), state.active];"""
    )
    assert module("core/state.js", body) == [True, 5, False, False, 7, True, 5]


def test_heads_layers_and_a_comparison_that_are_gone_are_not_chosen(module: Module) -> None:
    body = (
        STATE
        + """
    Object.assign(state.look, { head: 3, layer: 1, show: "versus" });
    run(4, [{ heads: 2, layers: 1 }]);
    state.choose(15);
    return [state.look.head, state.look.layer, state.look.show, state.choice.cell];"""
    )
    assert module("core/state.js", body) == [None, 0, "answer", 3]
