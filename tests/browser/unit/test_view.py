"""A run as the browser decodes it, against what Python packed: nothing is computed anew, and nothing is lost."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from looped.lenses.attention import strongest
from looped.lenses.timestep import alike, encodings, named, vectors
from looped.runs.trace import Trace, record
from looped.serving.message import Facts, compare, pack, pack_trace, timesteps_compared

Module = Callable[..., Any]
TOKENS = np.random.default_rng(0).integers(5, size=16)
READ = """
const { readMessage } = await import("http://modules.test/core/message.js");
const { meta, runs } = readMessage(Uint8Array.from(atob(x.data), (sign) => sign.charCodeAt(0)));
const geometry = { n: runs[0].asked.values.length, sign: String };
const views = meta.runs.map((run, i) => new m.View(geometry, run, runs[i], runs.length > 1 ? "AB"[i] : ""));
"""


def seen(module: Module, runs: list[dict[str, Any]], body: str) -> Any:
    """Run the body of a function of `views`, which are these packed runs."""
    data = base64.b64encode(pack(runs)).decode()
    return module("core/view.js", READ + body, {"data": data})


@pytest.fixture
def trace(make_model: Callable[..., Any]) -> Trace:
    return record(make_model(architecture="tmlt", layers=2, state_norm=True), TOKENS, 6)


def test_answers_changes_and_confidence_are_those_of_the_run(module: Module, trace: Trace) -> None:
    asked = TOKENS == 0
    body = """
    const [view] = views, all = [...Array(geometry.n).keys()], loops = [1, 2, 3, 4, 5, 6];
    return loops.map((t) => ({ digits: all.map((i) => view.digit(t, i)), changes: [...view.changes[t - 1]],
      changed: view.changed(t), sure: all.map((i) => view.confidence(t, i)) }));
    """
    for t, told in enumerate(seen(module, [pack_trace(trace, Facts(asked=asked))], body)):
        changed = asked & (trace.answers[t] != trace.answers[t - 1]) if t else np.zeros(16, bool)
        assert told["digits"] == np.where(asked, trace.answers[t], TOKENS).tolist()
        assert told["changes"] == changed.astype(int).tolist()
        assert told["changed"] == changed.sum()
        sure = np.where(asked, trace.probabilities[t].max(-1), 1)
        np.testing.assert_allclose(told["sure"], sure, rtol=1e-3)


def test_a_probability_that_16_bits_hold_as_all_or_nothing_is_told_as_nearly_that(module: Module) -> None:
    """A softmax leaves every token something; where candidates are ruled out, one of them can have all."""
    body = """
    const told = (p, arrays, entropy = 0) => m.View.prototype.chance.call(
      { asked: [1], arrays, probability: () => p, confidence: () => p, entry: () => entropy }, 1, 0, 2);
    return [1, 0.999, 0.5, 0.003, 0].map((p) => told(p, {})).concat(told(1, { sets: 1 }), told(1, { sets: 1 }, 0.01));
    """
    most, least = ">\u00a099\u00a0%", "<\u00a01\u00a0%"
    assert module("core/view.js", body) == [most, most, "50\u00a0%", least, least, "100\u00a0%", most]


@pytest.mark.parametrize(
    ("right", "lost", "outcome"),
    [
        ("FTTFTT", [2, 4, 5], "is right{judged} from loop 5"),
        ("FTTFFF", [2, 4, None], "was right{judged} at loop 2 and lost it"),
        ("TTTTTT", None, "is right{judged} from the first loop"),
        ("FFFFFF", None, "is not right{judged} at the end"),
    ],
)
def test_an_answer_that_is_lost_and_found_again(
    module: Module, trace: Trace, right: str, lost: list[int | None] | None, outcome: str
) -> None:
    run = pack_trace(trace, Facts(right=np.array([sign == "T" for sign in right])))
    run["meta"]["label"] = "it"
    body = """
    const { overthinkingWords } = await import("http://modules.test/pages/facewords.js");
    const [view] = views, words = [1, 2, 3, 4, 5, 6].map((t) => overthinkingWords(view, t));
    return { lost: view.lost && [view.lost.reached, view.lost.lost, view.lost.back], outcome: view.outcome(), words };
    """
    told = seen(module, [run], body)
    assert told["lost"] == lost
    assert told["outcome"].startswith(f"it {outcome}")
    said = " It was right{judged} at loop 2 and lost it in loop 4: overthinking."
    if lost is None:
        assert told["words"] == [""] * 6
    else:
        again = f" It is right again from loop {lost[2]} on." if lost[2] else ""
        assert told["words"] == ["", "", "", said, said + again, said + again]
        run["meta"]["overthinking"]["changed"] = True
        words = seen(module, [run], body)["words"]
        assert words[3] == said.replace("overthinking", "after what was changed in the run")


def test_whom_a_position_looks_at_most(module: Module, trace: Trace) -> None:
    body = """
    const { looksMost } = await import("http://modules.test/core/arrays.js");
    const all = [...Array(geometry.n).keys()];
    return [null, 0, 1].map((head) => all.map((i) => looksMost({ view: views[0], t: 3, layer: 1, head }, i)));
    """
    best = strongest(trace.attention)
    own = trace.attention[2, 1]
    for head, told in zip((None, 0, 1), seen(module, [pack_trace(trace)], body), strict=True):
        for i, most in enumerate(told):
            which = int(best.head[2, 1, i]) if head is None else head
            assert (most["head"], most["cell"]) == (which, best.position[2, 1, which, i])
            assert most["weight"] == pytest.approx(own[which, i].max(), abs=0.004)


def test_timesteps_compared_and_none_where_a_vector_is_zero(
    module: Module, make_model: Callable[..., Any], trace: Trace
) -> None:
    model = make_model(architecture="tmlt", layers=2, state_norm=True)
    encoded, used = encodings(model, range(6)), vectors(trace)
    assert encoded is not None
    assert used is not None
    used = used.copy()
    used[2, 1, 0] = 0  # α1 of the second layer in the third loop
    packed = pack_trace(trace)
    packed["arrays"] |= timesteps_compared(encoded, used)
    packed["meta"]["vectors"] = [vector._asdict() for vector in named(model)]
    body = """
    const { alikeLoops, alikeMean } = await import("http://modules.test/core/arrays.js");
    const seen = { view: views[0], layer: 1 }, loops = [1, 2, 3, 4, 5, 6], rows = [0, 1, 2, 3, 4];
    const number = (value) => (Number.isNaN(value) ? null : value);
    return { cosines: rows.map((row) => loops.map((s) => loops.map((u) => number(alikeLoops(seen, row)(s, u))))),
      means: rows.map((row) => loops.map((t) => number(alikeMean(seen, row, t)))) };
    """
    told, found = seen(module, [packed], body), alike(encoded, used)
    rows = [0, 5, 6, 7, 8]
    np.testing.assert_allclose(np.array(told["cosines"], float), found.cosines[rows], atol=1e-3)
    np.testing.assert_allclose(np.array(told["means"], float), found.mean[rows], atol=1e-5)
    assert np.isnan(np.array(told["cosines"], float)[1, 2]).all()


def test_where_two_runs_differ_on_one_clock(module: Module, make_model: Callable[..., Any]) -> None:
    one, two = (record(make_model(seed=seed), TOKENS, loops) for seed, loops in ((1, 4), (2, 6)))
    runs = compare([pack_trace(one), pack_trace(two)])
    body = """
    const all = [...Array(geometry.n).keys()], loops = [0, 1, 2, 3, 4, 5, 6];
    return loops.map((t) => views.map((view) => [view.apart(t), all.filter((i) => view.differs(t, i))]));
    """
    for t, (first, second) in enumerate(seen(module, runs, body)):
        apart = one.answers[min(t, 4) - 1] != two.answers[t - 1] if t else np.zeros(16, bool)
        assert first == second == [apart.sum(), np.flatnonzero(apart).tolist()]


def test_paths_and_scales_come_back_from_whole_steps(module: Module, trace: Trace) -> None:
    packed = pack_trace(trace)
    told = seen(
        module,
        [packed],
        "const { trajectory, scales } = views[0].arrays; return [[...trajectory.values], [...scales.values]];",
    )
    for values, name, step in ((told[0], "trajectory", "trajectory_step"), (told[1], "scales", "scales_step")):
        expected = packed["arrays"][name].ravel() * packed["meta"][step]
        np.testing.assert_allclose(values, expected, rtol=1e-5)
    json.dumps(packed["meta"])
