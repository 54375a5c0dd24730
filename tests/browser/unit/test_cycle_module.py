"""The drawing of the loop: nothing overlaps, and only what the model has is drawn and said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., Any]
# A pen that keeps the words, and a run of two loops with one layer and two branches.
RUN = """
const written = [];
const pen = new Proxy({}, { get: (held, name) => name in held ? held[name] : (...values) => {
  if (name === "fillText") written.push(values[0]);
  if (name === "measureText") return { width: 6 * String(values[0]).length }; } });
const of = (...values) => ({ values, shape: [2, values.length / 2] });
const arrays = { length: of(30, 400), residual_relative: of(NaN, 0.25), ...x.arrays };
if (x.shares) Object.assign(arrays, { wrote: of(1, 3, 2, 2), wrote_share: of(0.25, 0.75, 0.5, 0.5) });
if (x.added) arrays.injected = of(12, 12);
if (x.scales) arrays.strengths = { values: [0.5, 1, 2, 1, 0.6, 1, 2, 1], shape: [2, 1, 4] };
const branches = x.shares ? ["attention", "MLP"] : x.branches ?? [];
const anatomy = { layers: 1, branches, added: !!x.added, reads: !!x.reads, normed: false, fed: false,
  source: x.source ?? "" };
const vectors = ["α1", "α2", "γ1", "γ2"].map((symbol) => ({ symbol }));
const passes = x.looped === false ? { loop: "layer", loops: "layers" } : undefined;
const meta = { vectors, looped: x.looped ?? true, passes, anatomy, start_length: 0 };
const view = { meta, arrays, loops: 2, numbers: false,
               at: (t) => Math.min(t, 2), changed: () => 0 };
const { told, passesOf } = await import("http://modules.test/core/words.js");
const words = (text) => told(text, { input: "board", ...passesOf(view) });
const seen = { view, t: x.t, colours: {}, font: "serif", words };
m.default.draw(pen, seen, 400, 180);
return { written, said: seen.words(m.default.describe(seen)), table: m.default.table(seen) };
"""


@pytest.mark.parametrize(("width", "height"), [(280, 160), (346, 170), (380, 200), (1290, 540)])
def test_parts_of_the_drawing_stand_apart_and_inside(module: Module, width: int, height: int) -> None:
    found = module("panels/cycle.js", "return m.layout(x[0], x[1]);", [width, height])
    (inner, across), (x, _, radius) = (found["input"][0], found["input"][2]), found["join"]
    block, state = found["block"], found["state"]
    assert 0 < inner < inner + across < x - radius < x + radius < block[0]
    assert block[0] + block[2] < state[0] < state[0] + state[2] <= width
    assert block[1] >= 38
    assert block[1] + block[3] + 38 <= height
    assert block[2] >= 90  # “attention” and its share


def test_a_tmlt_shows_shares_input_state_and_timestep(module: Module) -> None:
    about = {"shares": True, "added": True, "reads": True, "scales": True, "t": 2}
    found = module("panels/cycle.js", RUN, about)
    for words in ("adds 12", "size 400", "moved 25\u00a0%", "no answer changed"):
        assert words in found["written"]
    assert [words for words in found["written"] if words == "50\u00a0%"] == ["50\u00a0%"] * 2
    assert any(words.startswith("t = 1: α1 0.60") for words in found["written"])
    assert found["said"] == (
        "Loop 2 of 2: of what the block adds, 50\u00a0% by attention and 50\u00a0% by MLP. The new state has size 400, "
        "25\u00a0% away from the one before; no answer changed. The board adds 12 to the state. "
        "Timestep 1 set α1 0.60, α2 1.0, γ1 2.0, γ2 1.0."
    )
    assert found["table"]["columns"][3:] == [
        "added by attention",
        "share of attention",
        "added by MLP",
        "share of MLP",
        "added by the {input}",
        "answers changed",
    ]
    assert found["table"]["rows"][0][3:7] == ["1.00000", "0.250000", "3.00000", "0.750000"]


def test_what_a_model_does_not_have_is_not_drawn(module: Module) -> None:
    standard = module("panels/cycle.js", RUN, {"shares": True, "looped": False, "t": 1})
    assert "layer 1 of 2" in standard["written"]
    assert "put in once" in standard["written"]
    assert any("no way back" in words for words in standard["written"])
    assert not any("goes back in" in words or "t =" in words for words in standard["written"])
    assert "added" not in standard["said"]
    bare = module("panels/cycle.js", RUN, {"reads": True, "t": 1})
    assert "read in every loop" in bare["written"]
    assert not any("%" in words or "MLP" in words for words in bare["written"])


def test_what_a_search_reads_in_place_of_the_input_is_named(module: Module) -> None:
    found = module("panels/cycle.js", RUN, {"reads": True, "source": "list of candidates", "t": 1})
    assert {"list", "candidates"} <= set(found["written"])
    assert "board" not in found["written"]
    assert "The list of candidates is read in every loop." in found["said"]
    first = module("panels/cycle.js", RUN, {"reads": True, "source": "list of candidates", "t": 0})
    assert "In every loop the list of candidates is read again" in first["said"]


def test_before_the_first_loop_no_number_is_told_that_no_loop_has_made(module: Module) -> None:
    found = module("panels/cycle.js", RUN, {"shares": True, "added": True, "reads": True, "t": 0})
    assert "state h[0]" in found["written"]
    assert "no answer yet" in found["written"]
    assert not any("%" in words or "moved" in words for words in found["written"])
    assert found["said"].startswith("The state is zero; nothing has run yet. In every loop the board is added again")
