"""The message to the browser: every array arrives, and within the error that its type is said to have."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from looped.lenses.fixed_point import steps
from looped.lenses.halting import halting
from looped.lenses.readout import certainty, readout, whole
from looped.lenses.residual import residual
from looped.lenses.rules import rule_shares, sudoku_rules
from looped.lenses.timestep import strengths
from looped.lenses.trajectory import distances, trajectories, trajectory
from looped.runs.trace import Trace, record
from looped.serving.message import pack, pack_trace, quantise, share_basis

Make = Callable[..., Any]
TOKENS = np.random.default_rng(0).integers(5, size=16)


def read(data: bytes) -> tuple[list[dict[str, np.ndarray]], dict[str, Any]]:
    """As the browser reads it: a length, a JSON header, raw arrays, which belong to the run that begins their name."""
    (length,) = struct.unpack("<Q", data[:8])
    meta = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["meta"])
    runs: list[dict[str, np.ndarray]] = [{} for _ in meta["runs"]]
    for name, array in load(data).items():
        run, _, field = name.partition("/")
        runs[int(run)][field] = array
    return runs, meta


@pytest.fixture
def trace(make_model: Make) -> Trace:
    return record(make_model(architecture="tmlt", layers=2, state_norm=True), TOKENS, 6)


def test_attention_is_back_within_the_error_that_is_promised() -> None:
    weights = np.concatenate([np.linspace(0, 1, 100_001), np.geomspace(1e-9, 1, 10_000)])
    back = (quantise(weights).astype(float) / 255) ** 2
    assert np.abs(back - weights).max() < 0.004
    small = weights < 0.01
    assert np.abs(back - weights)[small].max() < 0.0005  # least for small weights
    assert np.array_equal(quantise((np.arange(256) / 255) ** 2), np.arange(256))
    assert quantise(np.array([-1e-9, 1 + 1e-6])).tolist() == [0, 255]


def test_every_array_of_the_page_is_there_in_its_type(trace: Trace) -> None:
    (arrays,), _ = read(pack([pack_trace(trace)]))
    assert {name: (array.shape, str(array.dtype)) for name, array in arrays.items()} == {
        "tokens": ((16,), "uint8"),
        "probabilities": ((6, 16, 5), "float16"),
        "attention": ((6, 2, 2, 16, 16), "uint8"),
        "trajectory": ((7, 16, 6), "float32"),
        "distances": ((7, 16), "float16"),
        "steps": ((3, 6), "float32"),
        "whole": ((4, 6), "float32"),
        "ranks": ((6, 16), "uint8"),
        "asked": ((16,), "uint8"),
        "right": ((6,), "uint8"),
        "halting": ((6, 6), "float32"),
        "residual_relative": ((6,), "float32"),
        "residual_absolute": ((6,), "float32"),
        "residual_cell": ((6, 16), "float32"),
        "strengths": ((6, 2, 4), "float32"),
        "scales": ((6, 2, 4, 8), "float16"),
        "settled": ((16,), "uint16"),
    }


def test_what_arrives_is_the_trace_and_what_the_lenses_say_of_it(trace: Trace) -> None:
    (arrays,), meta = read(pack([pack_trace(trace)]))
    (about,) = meta["runs"]
    assert np.array_equal(arrays["tokens"], TOKENS)
    np.testing.assert_allclose((arrays["attention"].astype(float) / 255) ** 2, trace.attention, atol=0.004)
    np.testing.assert_allclose(arrays["probabilities"].astype(float), trace.probabilities, rtol=5e-4, atol=3e-8)
    assert np.array_equal(arrays["probabilities"].argmax(-1), trace.answers)
    assert np.array_equal(arrays["settled"], readout(trace.logits).settled)
    assert np.array_equal(arrays["trajectory"], trajectory(trace.hidden, 6).points)
    np.testing.assert_allclose(arrays["distances"].astype(float), distances(trace.hidden), rtol=1e-3, atol=1e-3)
    along = steps(trace.hidden)
    np.testing.assert_allclose(arrays["steps"], [along.cosine, along.contraction, along.two_loops], rtol=1e-6)
    np.testing.assert_allclose(arrays["whole"], whole(trace.logits), rtol=1e-6)
    assert np.array_equal(arrays["ranks"], certainty(trace.logits).rank)
    stops = halting(trace.hidden, trace.logits)
    np.testing.assert_allclose(arrays["halting"], stops.watched, rtol=1e-6)
    assert [(rule["exit"], rule["stopped"], rule["right"]) for rule in about["halting"]] == [
        (int(at), bool(s), None) for at, s in zip(stops.exit, stops.stopped, strict=True)
    ]
    np.testing.assert_allclose(arrays["residual_relative"], residual(trace.hidden).relative, rtol=1e-6)
    np.testing.assert_allclose(arrays["residual_absolute"], residual(trace.hidden).absolute, rtol=1e-6)
    np.testing.assert_allclose(arrays["residual_cell"], residual(trace.hidden).per_position, rtol=1e-6)
    np.testing.assert_allclose(arrays["strengths"], strengths(trace), rtol=1e-6)
    for i, name in enumerate(("alpha1", "alpha2", "gamma1", "gamma2")):
        np.testing.assert_allclose(arrays["scales"][:, :, i].astype(float), getattr(trace, name), rtol=5e-4, atol=1e-6)
    assert (about["loops"], about["layers"], about["heads"]) == (6, 2, 2)
    assert about["difference"] == trace.difference
    assert about["explained"] == pytest.approx(trajectory(trace.hidden, 6).explained.tolist(), abs=1e-5)


def test_the_page_is_told_whether_the_run_began_at_zero(make_model: Make) -> None:
    for injection in (True, False):
        packed = pack_trace(record(make_model(injection=injection), TOKENS))
        assert packed["meta"]["zero_start"] is injection
        assert np.isnan(packed["arrays"]["residual_relative"]).tolist() == [injection, False, False]


def test_a_model_without_timestep_encoding_sends_no_scales(make_model: Make) -> None:
    (arrays,), _ = read(pack([pack_trace(record(make_model(), TOKENS))]))
    assert set(arrays) == {
        "tokens",
        "asked",
        "right",
        "probabilities",
        "attention",
        "settled",
        "trajectory",
        "distances",
        "steps",
        "whole",
        "ranks",
        "halting",
        "residual_relative",
        "residual_absolute",
        "residual_cell",
    }


def test_a_task_adds_its_rules_what_is_right_and_what_is_asked(trace: Trace) -> None:
    """Rules and halting are then about the positions that are asked, and every exit rule is told whether it was right."""
    rules, right, asked = sudoku_rules((2, 2)), np.array([False, True, True, False, True, True]), TOKENS == 0
    packed = pack_trace(trace, rules, right, asked)
    shares = rule_shares(trace.attention, rules, asked)
    np.testing.assert_allclose(packed["arrays"]["rules"].astype(float), shares.mass, rtol=1e-3)
    np.testing.assert_allclose(packed["arrays"]["rules_even"], shares.even, rtol=1e-6)
    assert packed["meta"]["rules"] == ("row", "column", "box", "self", "non-peers")
    stops = halting(trace.hidden, trace.logits, right, asked)
    assert [rule["right"] for rule in packed["meta"]["halting"]] == [bool(right[at - 1]) for at in stops.exit]
    np.testing.assert_allclose(packed["arrays"]["whole"], whole(trace.logits, asked), rtol=1e-6)
    everything = pack_trace(trace, asked=np.zeros(16, bool))["arrays"]["whole"]  # nothing is asked: all of them count
    assert np.array_equal(everything, pack_trace(trace)["arrays"]["whole"])


def test_two_runs_that_are_compared_share_one_basis(make_model: Make) -> None:
    one, two = (
        pack_trace(record(make_model(**settings), TOKENS, loops))
        for settings, loops in (({"seed": 1}, 4), ({"architecture": "tmlt"}, 6))
    )
    first, second = share_basis([one, two])
    wanted = trajectories([one["kept"]["hidden"], two["kept"]["hidden"]], 6)
    assert np.array_equal(first["arrays"]["trajectory"], wanted[0].points)
    assert np.array_equal(second["arrays"]["trajectory"], wanted[1].points)
    assert (
        first["meta"]["explained"]
        == second["meta"]["explained"]
        == pytest.approx(wanted[0].explained.tolist(), abs=1e-5)
    )
    assert first["meta"]["shared_basis"]
    assert "shared_basis" not in one["meta"]  # which is remembered and shared
    assert share_basis([one]) == [one]
    wide = pack_trace(record(make_model(d_model=16), TOKENS, 4))
    assert share_basis([one, wide]) == [one, wide]  # states of other widths have no basis in common


def test_what_is_kept_back_is_not_sent(trace: Trace) -> None:
    packed = pack_trace(trace)
    assert packed["kept"]["hidden"].nbytes > 0
    assert len(pack([packed])) < sum(array.nbytes for array in packed["arrays"].values()) + 8_000


def test_what_the_page_adds_travels_beside_what_was_packed(trace: Trace) -> None:
    packed = pack_trace(trace)
    _, meta = read(pack([packed], puzzle="mine", box=(2, 2), message=None))
    assert (meta["puzzle"], meta["box"], meta["message"], meta["runs"]) == ("mine", [2, 2], None, [packed["meta"]])
    assert "puzzle" not in packed["meta"]  # which is remembered and shared


def test_two_runs_travel_in_one_message_and_stay_apart(make_model: Make) -> None:
    first, second = (
        pack_trace(record(make_model(**settings), TOKENS, loops))
        for settings, loops in (({"seed": 1}, 4), ({"architecture": "tmlt"}, 6))
    )
    runs, meta = read(pack([first, second]))
    assert [about["loops"] for about in meta["runs"]] == [4, 6]
    for run, packed in zip(runs, (first, second), strict=True):
        assert run.keys() == packed["arrays"].keys()
        assert all(np.array_equal(run[name], array, equal_nan=True) for name, array in packed["arrays"].items())
    assert "scales" in runs[1]
    assert "scales" not in runs[0]


def test_a_view_of_an_array_arrives_as_the_view_looks() -> None:
    turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
    (arrays,), _ = read(pack([{"arrays": {"turned": turned}, "meta": {}}]))
    assert np.array_equal(arrays["turned"], turned)


def test_the_metadata_is_json_that_a_browser_can_read(trace: Trace) -> None:
    data = pack([pack_trace(trace)])
    (length,) = struct.unpack("<Q", data[:8])
    text = json.loads(data[8 : 8 + length])["__metadata__"]["meta"]

    def refuse(word: str) -> None:
        raise AssertionError(f"JSON.parse does not know {word}")

    json.loads(text, parse_constant=refuse)  # NaN and Infinity
