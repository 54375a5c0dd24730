"""The trace: everything in it is what the model computed, and it cannot be changed or be half right."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import looped
from looped.model import Model
from looped.model.interventions import Cut, Input, freeze, patch
from looped.model.timestep import BLOCK
from looped.runs.together import record_together
from looped.runs.trace import Trace, record, replay

Make = Callable[..., Model]
TOKENS = np.random.default_rng(0).integers(5, size=16)
OTHER = np.random.default_rng(1).integers(5, size=16)


def same(a: Trace, b: Trace) -> bool:
    return a.arrays().keys() == b.arrays().keys() and all(
        np.array_equal(a.arrays()[name], b.arrays()[name]) for name in a.arrays()
    )


def test_a_trace_holds_every_array_of_the_run(make_model: Make) -> None:
    trace = record(make_model(architecture="tmlt", layers=2), TOKENS, 7)
    assert {name: array.shape for name, array in trace.arrays().items()} == {
        "tokens": (16,),
        "hidden": (8, 16, 8),
        "attention": (7, 2, 2, 16, 16),
        "logits": (7, 16, 5),
        "wrote": (7, 2, 2),
        "alpha1": (7, 2, 8),
        "alpha2": (7, 2, 8),
        "gamma1": (7, 2, 8),
        "gamma2": (7, 2, 8),
    }
    assert {array.dtype for name, array in trace.arrays().items() if name != "tokens"} == {np.dtype(np.float32)}
    assert trace.tokens.dtype == np.int64
    assert trace.loops == 7


@pytest.mark.parametrize("settings", [{}, {"injection": True}, {"architecture": "standard", "layers": 3}])
def test_a_model_without_timestep_encoding_has_no_scales(make_model: Make, settings: dict[str, Any]) -> None:
    trace = record(make_model(**settings), TOKENS)
    injected = {"injected"} if settings.get("injection") else set()
    assert set(trace.arrays()) == {"tokens", "hidden", "attention", "logits", "wrote"} | injected
    assert trace.alpha1 is None
    assert trace.loops == 3  # as trained
    assert trace.attention.shape == (3, 1, 2, 16, 16)


def test_the_arrays_are_the_models_own(make_model: Make) -> None:
    model = make_model(architecture="tmlt", layers=2)
    trace = record(model, TOKENS, 5)
    for state in model.unroll(torch.as_tensor(TOKENS)[None], 5, record=True):
        assert np.array_equal(trace.hidden[state.loop], state.hidden[0])
        if state.loop:
            assert np.array_equal(trace.attention[state.loop - 1], state.attention[0])
            for i, name in enumerate(BLOCK):
                assert np.array_equal(getattr(trace, name)[state.loop - 1], state.scales[:, i])


def test_logits_are_the_readout_of_the_state_that_the_loop_made(make_model: Make) -> None:
    model = make_model(injection=True)
    trace = record(model, TOKENS, 6)
    np.testing.assert_allclose(trace.logits, model.readout(torch.tensor(trace.hidden[1:])).numpy(), rtol=0, atol=1e-6)
    np.testing.assert_allclose(trace.logits[-1], model(torch.as_tensor(TOKENS)[None], 6)[0].numpy(), rtol=0, atol=1e-5)
    assert np.array_equal(trace.answers, trace.logits.argmax(-1))
    np.testing.assert_allclose(trace.probabilities, torch.tensor(trace.logits).softmax(-1).numpy(), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "settings", [{}, {"causal": True}, {"attention": "hardmax"}, {"architecture": "tmlt", "positions": "rotary"}]
)
def test_attention_rows_sum_to_one(make_model: Make, settings: dict[str, Any]) -> None:
    attention = record(make_model(**settings), TOKENS).attention
    np.testing.assert_allclose(attention.sum(-1), 1, rtol=0, atol=1e-6)
    assert attention.min() >= 0
    assert bool(np.triu(attention, 1).any()) is not settings.get("causal", False)


# ---------------------------------------------------------------------------------------------- the measured difference


def test_the_recorded_forward_is_the_plain_one(make_model: Make) -> None:
    trace = record(make_model(architecture="tmlt", state_norm=True), TOKENS, 8)
    assert 0 < trace.difference < 1e-4
    assert trace.faithful
    assert record(make_model(attention="hardmax"), TOKENS).difference == 0  # no fused form exists


def test_a_recorder_that_computes_something_else_shows_a_large_difference(
    make_model: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model()
    monkeypatch.setattr(
        "torch.nn.functional.scaled_dot_product_attention", lambda q, k, v, is_causal: v
    )  # everybody attends to themselves
    trace = record(model, TOKENS)
    assert trace.difference > 0.05
    assert not trace.faithful
    plain = torch.stack([state.hidden[0] for state in model.unroll(torch.as_tensor(TOKENS)[None])]).numpy()
    assert trace.difference == pytest.approx(np.abs(trace.hidden - plain).max())


def test_a_difference_in_the_last_loop_alone_is_found(make_model: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    model, true_step = make_model(), Model.step

    def wrong(self: Model, state: Any, record: bool = False, *rest: Any) -> Any:
        after = true_step(self, state, record, *rest)
        return after._replace(hidden=after.hidden + 0.5) if record and after.loop == 3 else after

    monkeypatch.setattr(Model, "step", wrong)
    assert record(model, TOKENS).difference == pytest.approx(0.5, abs=1e-3)


def test_without_verification_the_difference_is_not_a_number(make_model: Make) -> None:
    model = make_model()
    unverified = record(model, TOKENS, verify=False)
    assert np.isnan(unverified.difference)
    assert not unverified.faithful
    assert same(unverified, record(model, TOKENS))


# -------------------------------------------------------------------------------------------------------------- replays


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"architecture": "tmlt", "layers": 2, "injection": True, "state_norm": True},
        {"architecture": "standard", "layers": 5, "trained_loops": 5},
    ],
)
def test_a_replay_without_a_change_is_the_run_itself(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(**settings)
    trace = record(model, TOKENS, 5)
    for loop in range(5):
        assert same(replay(model, trace, loop), trace)


def test_a_replay_goes_on_where_a_shorter_run_ended_or_ends_earlier(make_model: Make) -> None:
    model = make_model(architecture="tmlt", state_norm=True)
    short, long = record(model, TOKENS, 3), record(model, TOKENS, 7)
    assert same(replay(model, short, 3, loops=7), long)
    assert same(replay(model, long, 1, loops=3), short)


def test_a_replay_under_interventions_is_the_run_under_them_from_that_loop_on(make_model: Make) -> None:
    model = make_model(architecture="tmlt", injection=True, state_norm=True)
    trace = record(model, TOKENS, 6)
    for late, early in (
        (Cut((1,), first=2), Cut((1,))),
        (Input(OTHER, first=2), Input(OTHER)),
        (freeze(9, first=2), freeze(9)),
        (patch(2, [5], trace.hidden[4, [5]]),) * 2,
    ):
        wanted = record(model, TOKENS, 6, interventions=[late])
        assert same(replay(model, trace, 2, interventions=[early]), wanted)
        assert not np.allclose(wanted.hidden[-1], trace.hidden[-1], atol=1e-3)
    edited = record(model, TOKENS, 6, interventions=[Cut((1,), stop=2), freeze(9, first=4)])
    assert same(replay(model, edited, 3, interventions=[Cut((1,), stop=2), freeze(9, first=4)]), edited)


def test_a_replay_runs_only_the_loops_it_was_asked_for(make_model: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    model, true_step, run = make_model(), Model.step, []
    trace = record(model, TOKENS, 6)

    def step(self: Model, state: Any, *rest: Any) -> Any:
        run.append(state.loop)
        return true_step(self, state, *rest)

    monkeypatch.setattr(Model, "step", step)
    replay(model, trace, 4, verify=False)
    assert run == [4, 5]


def test_the_difference_of_a_replay_covers_both_parts(make_model: Make) -> None:
    model = make_model()
    trace = record(model, TOKENS, 5)
    assert replay(model, dataclasses.replace(trace, difference=0.25), 2).difference == 0.25
    assert replay(model, dataclasses.replace(trace, difference=0.0), 2).difference > 0
    assert np.isnan(replay(model, record(model, TOKENS, 5, verify=False), 2).difference)
    assert np.isnan(replay(model, trace, 2, verify=False).difference)


@pytest.mark.parametrize(
    ("loop", "loops", "sentence"),
    [
        (-1, None, "this trace has states after 0 to 5 loops, none after -1."),
        (6, 9, "this trace has states after 0 to 5 loops, none after 6."),
        (5, None, "a run of 5 loops cannot start after 5 of them."),
    ],
)
def test_states_that_a_trace_does_not_hold_are_refused(
    make_model: Make, loop: int, loops: int | None, sentence: str
) -> None:
    model = make_model()
    with pytest.raises(ValueError, match="loops") as caught:
        replay(model, record(model, TOKENS, 5), loop, loops)
    assert str(caught.value) == sentence


# --------------------------------------------------------------------------------------------------------- construction


def test_a_trace_cannot_be_changed(make_model: Make) -> None:
    trace = record(make_model(architecture="tmlt"), TOKENS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        trace.hidden = trace.logits  # type: ignore[misc]
    for array in trace.arrays().values():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_recording_leaves_the_callers_tokens_alone(make_model: Make) -> None:
    tokens = TOKENS.copy()
    trace = record(make_model(), tokens)
    tokens[0] += 1
    assert trace.tokens[0] == TOKENS[0]


@pytest.mark.parametrize("tokens", [[], [-1] + [0] * 15, [5] + [0] * 15, [0.5] * 16, [True] * 16, ["1"] * 16])
def test_tokens_outside_the_vocabulary_are_refused(make_model: Make, tokens: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"^tokens must be whole numbers from 0 to 4\.$"):
        record(make_model(), np.array(tokens))


def test_tokens_of_any_whole_type_are_taken(make_model: Make) -> None:
    model = make_model()
    assert same(record(model, TOKENS.astype(np.int8)), record(model, TOKENS))


def test_one_sequence_at_a_time(make_model: Make) -> None:
    with pytest.raises(
        ValueError, match=r"^this model reads one sequence of tokens \(positions,\), not an array of \(2, 8\)\.$"
    ):
        record(make_model(), TOKENS.reshape(2, 8))


def parts(make_model: Make) -> dict[str, Any]:
    return {name: array.copy() for name, array in record(make_model(architecture="tmlt"), TOKENS).arrays().items()}


@pytest.mark.parametrize("name", ["tokens", "hidden", "attention", "logits", *BLOCK])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_arrays_whose_shapes_disagree_are_refused(make_model: Make, name: str, axis: int) -> None:
    arrays = parts(make_model)
    Trace.of(parts(make_model))
    if axis >= arrays[name].ndim or (name, axis) == ("logits", -1):
        axis = 0  # any vocabulary will do
    arrays[name] = np.delete(arrays[name], 0, axis)
    with pytest.raises(ValueError, match=r"^a trace's \w+ has shape"):
        Trace.of(arrays)


@pytest.mark.parametrize("name", ["hidden", "attention", "logits"])
def test_arrays_with_too_few_axes_or_nothing_in_them_are_refused(make_model: Make, name: str) -> None:
    for spoil in (lambda array: array[0], lambda array: array[:0], lambda array: np.float32(1.0) * np.ones(())):
        arrays = parts(make_model)
        arrays[name] = spoil(arrays[name])
        with pytest.raises(ValueError, match=rf"^a trace's {name} has shape .*axes, none of them empty\.$"):
            Trace.of(arrays)


def test_attention_that_is_no_distribution_is_refused(make_model: Make) -> None:
    for value, sentence in (
        (0.9, "rows must sum to one"),
        (np.nan, "in loop 2 the numbers of the model are no longer finite"),
        (-1.0, "must not be negative"),
    ):
        arrays = parts(make_model)
        arrays["attention"][1, 0, 1, 3, :2] = [value, 1 - value] if value < 0 else value
        arrays["attention"][1, 0, 1, 3, 2:] = 0 if value < 0 else arrays["attention"][1, 0, 1, 3, 2:]
        with pytest.raises(ValueError, match=sentence):
            Trace.of(arrays)


def test_a_run_that_overflows_is_refused_with_the_loop_and_what_to_do(make_model: Make) -> None:
    model = make_model(architecture="tmlt")
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1e15)
    said = (
        r"^in loop 1 the numbers of the model are no longer finite: .*an overflow.*; take smaller weights or a smaller"
    )
    with pytest.raises(ValueError, match=said):
        record(model, TOKENS, 4)


@pytest.mark.parametrize(
    ("loop", "said"),
    [(0, "before the first loop .*; take smaller"), (1, "in loop 1 .*; take"), (2, "in loop 2 .*; run 1 loop at most")],
)
def test_states_that_are_no_longer_finite_are_refused(make_model: Make, loop: int, said: str) -> None:
    arrays = parts(make_model)
    arrays["hidden"][loop:] = np.inf
    with pytest.raises(ValueError, match=f"^{said}"):
        Trace.of(arrays)


@pytest.mark.parametrize("name", ["alpha1", "gamma2"])
def test_every_gate_comes_with_its_scale(make_model: Make, name: str) -> None:
    arrays = parts(make_model)
    del arrays[name]
    with pytest.raises(ValueError, match=r"a gate \(alpha\) and a scale \(gamma\) of every branch, or none"):
        Trace.of(arrays)


def test_a_block_has_the_vectors_that_its_timestep_encoding_names(make_model: Make) -> None:
    arrays = parts(make_model)
    for name in ("alpha2", "gamma2"):
        del arrays[name]
    assert Trace.of(arrays).modulations == ("alpha1", "gamma1")


# -------------------------------------------------------------------------------------------------------------- on disk


@pytest.mark.parametrize("architecture", ["looped", "tmlt"])
def test_what_is_saved_is_read_back(make_model: Make, tmp_path: Path, architecture: str) -> None:
    trace = record(make_model(architecture=architecture), TOKENS, 4)
    trace.save(tmp_path / "a trace")  # no .npz is put behind the name that was asked for
    again = Trace.load(tmp_path / "a trace")
    assert [file.name for file in tmp_path.iterdir()] == ["a trace"]
    assert same(again, trace)
    assert again.difference == trace.difference
    assert isinstance(again.difference, float)
    assert not again.hidden.flags.writeable
    with np.load(tmp_path / "a trace", allow_pickle=False) as kept:
        assert set(kept.files) == set(trace.arrays()) | {"difference", "complete"}
    assert again.complete is trace.complete


def test_a_run_is_complete_after_the_last_layer_and_never_of_loops(make_model: Make, tmp_path: Path) -> None:
    standard = make_model(architecture="standard", layers=3, trained_loops=3, injection=False)
    assert [record(standard, TOKENS, loops).complete for loops in (1, 2, 3)] == [False, False, True]
    assert [one.complete for one in record_together(standard, [TOKENS, TOKENS], 3)] == [True, True]
    assert replay(standard, record(standard, TOKENS, 2), 1, 3).complete
    assert not record(make_model(), TOKENS, 3).complete
    record(standard, TOKENS, 3).save(tmp_path / "all layers")
    assert Trace.load(tmp_path / "all layers").complete


class Trap:
    """Unpickled, it leaves a file behind."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return (Path.touch, (self.file,))


def test_loading_never_unpickles(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    np.savez(tmp_path / "trace.npz", tokens=np.array([Trap(sprung)], object))
    pickle_file = tmp_path / "trace.pkl"
    pickle_file.write_bytes(pickle.dumps(Trap(sprung)))
    for file in ("trace.npz", "trace.pkl"):
        with pytest.raises(ValueError, match="pickle"):
            Trace.load(tmp_path / file)
    assert not sprung.exists()


# ----------------------------------------------------------------------------------------------------------- many users


def test_threads_that_record_at_once_do_not_disturb_each_other(make_model: Make) -> None:
    model = make_model(architecture="tmlt", layers=2, injection=True)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    inputs = [np.random.default_rng(seed).integers(5, size=16) for seed in range(48)]
    alone = [record(model, tokens, 1 + i % 5) for i, tokens in enumerate(inputs)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda pair: record(model, pair[1], 1 + pair[0] % 5), enumerate(inputs)))
    for one, other in zip(alone, together, strict=True):
        assert one.arrays().keys() == other.arrays().keys()
        for name, array in one.arrays().items():
            np.testing.assert_allclose(other.arrays()[name], array, rtol=0, atol=1e-6)
    for module in model.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    assert model.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not model.training


def test_a_trace_that_was_saved_before_more_was_observed_goes_on(make_model: Make) -> None:
    model = make_model(injection=True)
    known = record(model, TOKENS, 2)
    fewer = {name: array for name, array in known.observed.items() if name not in ("wrote", "injected")}
    before = Trace(known.input, known.hidden, known.output, known.output_kind, fewer)
    after = replay(model, before, 2, 5)
    assert np.array_equal(after.hidden, record(model, TOKENS, 5).hidden)
    assert after.observed.keys() == fewer.keys()


@pytest.mark.parametrize(
    ("name", "places"),
    [("sudoku4-tmlt", 16), ("sudoku4-candidates-looped", 16), ("lcs12-looped", 34), ("countdown3-standard", 14)],
)
def test_fewer_places_than_a_model_has_codes_for_are_refused(name: str, places: int) -> None:
    model = looped.load(name).model
    for count in (1, 3, places - 1):
        with pytest.raises(ValueError, match=rf"^{count} places are too few: an input of this model has {places}\.$"):
            looped.record(model, np.ones(count, int), loops=2)
    for count in (places + 1, 2000):
        with pytest.raises(ValueError, match=rf"^{count} (tokens are too many|cells are no board)"):
            looped.record(model, np.ones(count, int), loops=2)


def test_a_model_whose_places_have_no_codes_reads_any_number_of_them() -> None:
    assert looped.record(looped.load("paths-looped").model, np.ones(9, int), loops=2).positions == 9
    assert looped.record(looped.load("linear5-looped").model, np.ones((3, 7)), loops=2).positions == 3


@pytest.mark.parametrize("loops", [2.5, 2.0, "4"])
def test_a_number_of_loops_that_is_not_whole_is_refused(loops: Any) -> None:
    model, tokens = looped.load("sudoku4-tmlt").model, np.zeros(16, int)
    with pytest.raises(ValueError, match=rf"^loops is {loops!r}; it must be a whole number\.$"):
        looped.record(model, tokens, loops)
    with pytest.raises(ValueError, match=r"has states after 0 to 2 loops, none after"):
        replay(model, looped.record(model, tokens, 2), 1.5)  # type: ignore[arg-type]
