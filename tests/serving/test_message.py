"""The message to the browser: every array arrives, and within the error that its type is said to have."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from looped.lenses.attention import mass, strongest
from looped.lenses.divergence import divergence
from looped.lenses.fixed_point import steps
from looped.lenses.halting import halting
from looped.lenses.readout import LEAST, certainty, doubtful, readable, readout, whole
from looped.lenses.residual import residual, trend
from looped.lenses.rules import conflicts, most_lift, neighbours, rule_shares
from looped.lenses.timestep import alike, strengths, vectors
from looped.lenses.trajectory import distances, nearer, trajectories, trajectory
from looped.model.interventions import Intervention, Patch, Temperature, shift, stretch
from looped.runs.trace import Trace, record
from looped.serving.message import (
    Facts,
    Letters,
    Ways,
    compare,
    drift,
    order_meta,
    pack,
    pack_trace,
    share_basis,
    timesteps_compared,
    with_solution,
)
from looped.serving.stored import quantise, stepped
from looped.tasks.sudoku.geometry import units
from looped.tasks.sudoku.rules import attention_rules as sudoku_rules

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
        "asked": ((16,), "uint8"),
        "right": ((6,), "uint8"),
        "answers": ((6, 16), "uint8"),
        "runner_up": ((6, 16), "uint8"),
        "probabilities": ((6, 16, 5), "float16"),
        "entropy": ((6, 16), "float16"),
        "ranks": ((6, 16), "uint8"),
        "flips": ((6, 16), "uint8"),
        "settled": ((16,), "uint16"),
        "unsettled": ((16,), "uint8"),
        "doubtful": ((6,), "uint16"),
        "whole": ((4, 6), "float32"),
        "attention": ((6, 2, 2, 16, 16), "uint8"),
        "strongest": ((6, 2, 2, 16), "uint8"),
        "strongest_head": ((6, 2, 16), "uint8"),
        "strongest_ties": ((6, 2, 3, 16), "uint8"),
        "trajectory": ((7, 16, 6), "int16"),
        "distances": ((7, 16), "float16"),
        "nearer": ((7,), "uint16"),
        "steps": ((3, 6), "float32"),
        "trend": ((6,), "uint8"),
        "trend_loop": ((6,), "uint16"),
        "residual_relative": ((6,), "float32"),
        "residual_absolute": ((6,), "float32"),
        "residual_cell": ((6, 16), "float32"),
        "length": ((6,), "float32"),
        "wrote": ((6, 2), "float32"),
        "wrote_share": ((6, 2), "float32"),
        "even": ((16,), "float32"),
        "stops": ((8,), "uint16"),
        "strengths": ((6, 2, 4), "float32"),
        "scales": ((6, 2, 4, 8), "int8"),
    }


def test_what_arrives_is_the_trace_and_what_the_lenses_say_of_it(trace: Trace) -> None:
    (arrays,), meta = read(pack([pack_trace(trace)]))
    (about,) = meta["runs"]
    assert np.array_equal(arrays["tokens"], TOKENS)
    np.testing.assert_allclose((arrays["attention"].astype(float) / 255) ** 2, trace.attention, atol=0.004)
    np.testing.assert_allclose(arrays["probabilities"].astype(float), trace.probabilities, rtol=5e-4, atol=3e-8)
    said, sure = readout(trace.logits), certainty(trace.logits)
    for name, values in {
        "answers": said.answers,
        "settled": said.settled,
        "ranks": sure.rank,
        "runner_up": sure.runner_up,
        "flips": sure.flips,
        "doubtful": doubtful(trace.logits),
        "strongest": strongest(trace.attention).position,
        "strongest_head": strongest(trace.attention).head,
        "strongest_ties": strongest(trace.attention).ties,
        "nearer": nearer(distances(trace.hidden)),
        "trend": trend(residual(trace.hidden)).kind,
        "trend_loop": trend(residual(trace.hidden)).compared,
    }.items():
        assert np.array_equal(arrays[name], values), name
    np.testing.assert_allclose(arrays["entropy"].astype(float), sure.entropy, rtol=5e-4, atol=1e-6)
    points = trajectory(trace.hidden, 6).points
    assert about["trajectory_step"] == pytest.approx(np.abs(points).max() / 32767)
    np.testing.assert_allclose(arrays["trajectory"] * about["trajectory_step"], points, atol=about["trajectory_step"])
    np.testing.assert_allclose(arrays["distances"].astype(float), distances(trace.hidden), rtol=1e-3, atol=1e-3)
    along = steps(trace.hidden)
    np.testing.assert_allclose(arrays["steps"], [along.cosine, along.contraction, along.two_loops], rtol=1e-6)
    np.testing.assert_allclose(arrays["whole"], whole(trace.logits), rtol=1e-6)
    stops = halting(trace.hidden, trace.logits)
    assert arrays["stops"].tolist() == stops.exit.tolist()
    assert [(rule["exit"], rule["stopped"], rule["right"]) for rule in about["halting"]] == [
        (int(at), bool(s), None) for at, s in zip(stops.exit, stops.stopped, strict=True)
    ]
    assert [rule["saved"] for rule in about["halting"]] == (trace.loops - stops.exit).tolist()
    assert (about["halting_best"], about["halting_stops"]) == (None, stops.stopped.sum())
    np.testing.assert_allclose(arrays["residual_relative"], residual(trace.hidden).relative, rtol=1e-6)
    np.testing.assert_allclose(arrays["residual_absolute"], residual(trace.hidden).absolute, rtol=1e-6)
    np.testing.assert_allclose(arrays["residual_cell"], residual(trace.hidden).per_position, rtol=1e-6)
    np.testing.assert_allclose(arrays["length"], np.linalg.norm(trace.hidden[1:], axis=(1, 2)), rtol=1e-6)
    np.testing.assert_allclose(arrays["strengths"], strengths(trace), rtol=1e-6)
    used, step = vectors(trace), about["scales_step"]
    assert used is not None
    assert step == pytest.approx(np.abs(used).max() / 127)
    np.testing.assert_allclose(arrays["scales"] * step, used, atol=0.51 * step)
    assert (about["loops"], about["layers"], about["heads"]) == (6, 2, 2)
    explained = trajectory(trace.hidden, 6).explained
    assert about["explained"] == pytest.approx(explained.tolist(), abs=1e-5)
    assert about["explained_sums"] == pytest.approx(explained.cumsum().tolist(), abs=1e-5)
    assert about["explained_planes"] == pytest.approx(explained.reshape(3, 2).sum(1).tolist(), abs=1e-5)


def test_the_page_is_told_whether_the_run_began_at_zero(make_model: Make) -> None:
    for injection in (True, False):
        packed = pack_trace(record(make_model(injection=injection), TOKENS))
        assert packed["meta"]["zero_start"] is injection
        assert (packed["meta"]["start_length"] == 0) is injection
        assert ("injected" in packed["arrays"]) is injection
        assert np.isnan(packed["arrays"]["residual_relative"]).tolist() == [injection, False, False]


def test_a_model_without_timestep_encoding_sends_no_scales(make_model: Make) -> None:
    packed = pack_trace(record(make_model(), TOKENS))
    assert not {"scales", "strengths"} & packed["arrays"].keys()
    assert "scales_step" not in packed["meta"]
    assert packed["kept"]["scales"] is None


def test_a_task_adds_its_rules_what_is_right_and_what_is_asked(trace: Trace) -> None:
    """Rules and halting are then about the positions asked, and every exit rule says whether its answer is right."""
    rules, right, asked = sudoku_rules(4), np.array([False, True, True, False, True, True]), TOKENS == 0
    packed = pack_trace(trace, Facts(rules, right, asked))
    shares = rule_shares(trace.attention, rules, asked)
    np.testing.assert_allclose(packed["arrays"]["rules"].astype(float), shares.mass, rtol=1e-3)
    np.testing.assert_allclose(packed["arrays"]["rules_even"], shares.even, rtol=1e-6)
    assert packed["meta"]["rules"] == ("row", "column", "box", "self", "non-peers")
    assert np.array_equal(packed["arrays"]["rules_most"], most_lift(shares))
    stops = halting(trace.hidden, trace.logits, right, asked)
    assert [rule["right"] for rule in packed["meta"]["halting"]] == [bool(right[at - 1]) for at in stops.exit]
    surest = int(stops.watched[5].argmin())  # 5: one less the confidence
    assert packed["meta"]["halting_peak"] == {"loop": surest + 1, "right": bool(right[surest]), "equal": 0}
    np.testing.assert_allclose(packed["arrays"]["whole"], whole(trace.logits, asked), rtol=1e-6)
    everything = pack_trace(trace, Facts(asked=np.zeros(16, bool)))["arrays"][
        "whole"
    ]  # nothing is asked: all of them count
    assert np.array_equal(everything, pack_trace(trace)["arrays"]["whole"])


def test_two_runs_that_are_compared_share_one_basis(make_model: Make) -> None:
    one, two = (
        pack_trace(record(make_model(**settings), TOKENS, loops))
        for settings, loops in (({"seed": 1}, 4), ({"architecture": "tmlt"}, 6))
    )
    first, second = share_basis([one, two])
    wanted = trajectories([one["kept"]["hidden"], two["kept"]["hidden"]], 6)
    step = first["meta"]["trajectory_step"]
    assert step == second["meta"]["trajectory_step"]  # equal numbers are equal states
    for run, path in zip((first, second), wanted, strict=True):
        np.testing.assert_allclose(run["arrays"]["trajectory"] * step, path.points, atol=step)
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


def test_steps_hold_every_value_to_half_a_step() -> None:
    values = np.random.default_rng(1).normal(size=1000).astype(np.float32)
    for kind in (np.int8, np.int16):
        whole_numbers, step = stepped(values, kind)
        assert whole_numbers.dtype == kind
        assert np.abs(whole_numbers * step - values).max() <= 0.501 * step
        assert np.abs(whole_numbers).max() == np.iinfo(kind).max
    assert stepped(np.zeros(3), np.int8) == (pytest.approx([0, 0, 0]), 1.0)


@pytest.mark.parametrize(
    ("right", "first", "since", "lost"),
    [
        ("FTTFTT", 2, 5, (2, 4, 5)),
        ("FTTFFF", 2, None, (2, 4, None)),
        ("FFFTTT", 4, 4, None),
        ("FFFFFF", None, None, None),
    ],
)
def test_overthinking_is_what_the_lens_says(
    trace: Trace, right: str, first: int | None, since: int | None, lost: tuple[int, int, int | None] | None
) -> None:
    good = np.array([sign == "T" for sign in right])
    meta = pack_trace(trace, Facts(right=good))["meta"]
    assert (meta["first_right"], meta["right_since"]) == (first, since)
    said = meta["overthinking"]
    assert (said and (said["reached"], said["lost"], said["back"])) == lost
    nothing_asked = pack_trace(trace, Facts(right=good, asked=np.zeros(16, bool)))["meta"]
    assert (nothing_asked["first_right"], nothing_asked["overthinking"]) == (None, None)


def test_answers_count_only_where_something_is_asked(trace: Trace) -> None:
    asked = TOKENS == 0
    packed, read, sure = pack_trace(trace, Facts(asked=asked)), readout(trace.logits), certainty(trace.logits)
    assert np.array_equal(packed["arrays"]["settled"], np.where(asked, read.settled, 1))
    assert np.array_equal(packed["arrays"]["flips"], np.where(asked, sure.flips, 0))
    assert packed["meta"]["settled"] == read.settled[asked].max()
    assert packed["meta"]["quiet"] == max(LEAST, len(read.answers) // 4)
    assert packed["meta"]["moving"] == read.changed[-1][asked].any()
    assert np.array_equal(packed["arrays"]["doubtful"], doubtful(trace.logits, asked))
    solution = np.arange(16) % 5
    wrong = with_solution(packed, solution)["arrays"]["wrong"]
    assert wrong.tolist() == [int((row != solution)[asked].sum()) for row in read.answers]
    ends = with_solution(packed, solution)["arrays"]["ends_wrong"]
    assert ends.tolist() == (asked & (read.answers[-1] != solution)).astype(int).tolist()
    assert "wrong" not in packed["arrays"]  # which is remembered and shared


def test_wrong_answers_are_told_apart_from_blanks_that_are_answered_blank() -> None:
    answers = np.array([[0, 0, 0, 0, 0], [1, 0, 3, 0, 2]])
    arrays = {"order": np.array([0, 1, 1, -1, 1]), "unsettled": np.zeros(5), "settled": np.ones(5), "answers": answers}
    told = order_meta(arrays, np.array([False, True, True, True, False]))
    assert told["ends_on"] == [1, 2]  # one on a digit, two on none
    assert told["order_missed"] == 2


def test_a_blank_that_is_ever_read_is_told_where_tokens_are_numbers(trace: Trace) -> None:
    blank = pack_trace(trace, Facts(board=True))["arrays"]["blank_read"]
    assert blank.tolist() == [int(0 in column) for column in trace.answers.T]
    assert 0 < blank.sum() < 16


def test_groups_tell_conflicts_and_what_stays_near(trace: Trace) -> None:
    asked, groups = TOKENS == 0, units(4)
    arrays = pack_trace(trace, Facts(asked=asked, groups=groups))["arrays"]
    shown = np.where(asked, trace.answers, TOKENS)
    assert np.array_equal(arrays["conflicts"], conflicts(shown, groups))
    near = neighbours(groups, 16)
    np.testing.assert_allclose((arrays["near"] / 255) ** 2, mass(trace.attention, near), atol=0.004)
    np.testing.assert_allclose(arrays["near_even"], near.mean(1))
    assert not {"unseen", "across", "way", "readable"} & arrays.keys()


def test_words_tell_what_goes_across_and_to_padding(trace: Trace) -> None:
    undrawn, letters = np.arange(16) > 13, Letters(np.arange(3), 8 + np.arange(2), np.eye(3, 2, dtype=bool))
    packed = pack_trace(trace, Facts(undrawn=undrawn, letters=letters, many=True))
    arrays = packed["arrays"]
    np.testing.assert_allclose((arrays["unseen"] / 255) ** 2, mass(trace.attention, undrawn), atol=0.004)
    assert (arrays["across"].shape, arrays["across_most"].shape) == ((2, 3, 6, 2, 3), (2, 6, 2, 3, 2))
    assert packed["meta"]["across_even"] == pytest.approx(2 / 6)
    assert np.array_equal(arrays["readable"], readable(trace.logits))
    assert "unseen" not in pack_trace(trace, Facts(undrawn=np.zeros(16, bool)))["arrays"]


def test_ways_are_a_tree_and_the_way_of_every_loop_through_it(trace: Trace) -> None:
    own = [["a", "b"]] * 3 + [["a", "x"]] * 2 + [["x", "b"]]
    packed = pack_trace(trace, Facts(ways=Ways([["a", "b"], ["a", "c"]], own)))
    assert packed["meta"]["tree"] == [[0, "a", False], [1, "b", True], [1, "c", True]]
    assert packed["arrays"]["way"].tolist() == [[0, 1]] * 3 + [[0, -1]] * 2 + [[-1, -1]]


def test_timesteps_travel_as_triangles() -> None:
    rng = np.random.default_rng(2)
    encoded, used = rng.normal(size=(4, 3)), rng.normal(size=(4, 2, 4, 3))
    arrays, found = timesteps_compared(encoded, used), alike(encoded, used)
    for row in range(9):
        for s in range(4):
            for u in range(s + 1):
                value = arrays["alike"][row, s * (s + 1) // 2 + u]
                assert value == pytest.approx(found.cosines[row, s, u], abs=1e-3)
    np.testing.assert_allclose(arrays["alike_mean"], found.mean, rtol=1e-6)
    assert np.array_equal(arrays["turns_most"], found.turns)
    assert (timesteps_compared(encoded, np.zeros((4, 1, 4, 3)))["turns_most"] == 255).all()


def test_a_run_in_which_a_change_does_nothing_is_told_from_one_that_only_answers_alike(make_model: Make) -> None:
    model = make_model(architecture="tmlt")
    plain = record(model, TOKENS, 4)

    def told(*changes: Intervention) -> dict[str, Any]:
        runs = [pack_trace(run) for run in (plain, record(model, TOKENS, 4, interventions=changes))]
        divergence: dict[str, Any] = compare(runs)[1]["meta"]["divergence"]
        return divergence

    for idle in (stretch(1), shift(0), Temperature(1)):
        assert told(idle) == {"first": None, "recovered": None, "states": 0.0, "rounding": True}
    state = plain.states[2, :1]
    assert told(Patch((0,), state + 1e-5, first=2, stop=3))["rounding"]
    moved = told(Patch((0,), state + 0.5, first=2, stop=3))
    assert moved["states"] >= 0.5
    assert not moved["rounding"]


def test_two_runs_are_compared_on_one_clock(make_model: Make) -> None:
    asked = TOKENS == 0
    one, two = (
        pack_trace(record(make_model(seed=seed), TOKENS, loops), Facts(asked=asked)) for seed, loops in ((1, 4), (2, 6))
    )
    first, second = compare([one, two])
    longer = np.concatenate([one["arrays"]["answers"], np.repeat(one["arrays"]["answers"][-1:], 2, axis=0)])
    found = divergence(np.where(asked, longer, 0), np.where(asked, two["arrays"]["answers"], 0))
    for run in (first, second):
        assert np.array_equal(run["arrays"]["differ"], found.differ)
        told = {"first": found.first, "recovered": found.recovered, "states": None, "rounding": False}
        assert run["meta"]["divergence"] == told
        assert run["meta"]["shared_basis"]
    assert compare([one]) == [one]
    assert "differ" not in one["arrays"]


def test_what_is_said_of_two_runs_together_is_their_larger_difference() -> None:
    """The page writes it as it comes: two runs are recorded as computed only when both are."""
    one, other = ({"kept": {"drift": np.array([how, how < 1e-3])}} for how in (2e-6, 5e-3))
    assert drift([one]) == {"difference": 2e-6, "faithful": True}
    assert drift([one, other]) == {"difference": 5e-3, "faithful": False}
    unknown = {"kept": {"drift": np.array([np.nan, 0.0])}}
    assert drift([one, unknown]) == {"difference": None, "faithful": None}  # no run was held against the plain one
