"""Models unlike the family behind the same seam: recorded, replayed, asked through every lens that applies, kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from looped import tasks
from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from looped.model import State
from looped.model.interventions import Cut, patch
from looped.runs.trace import Trace, record, replay
from looped.runs.variants import variants, varied
from tests.model.toys import PADDING, TOYS, Toy, make_toy, registered, some_input

LOOPS = 7
every_toy = pytest.mark.parametrize("name", TOYS)


@pytest.fixture
def toys_registered() -> Iterator[None]:
    with registered():
        yield


def run(name: str, **settings: Any) -> tuple[Toy, Trace]:
    toy = make_toy(name)
    return toy, record(toy, some_input(name), LOOPS, **settings)


def same(a: Trace, b: Trace) -> bool:
    return a.arrays().keys() == b.arrays().keys() and all(
        np.array_equal(a.arrays()[name], b.arrays()[name]) for name in a.arrays()
    )


# ------------------------------------------------------------------------------------------------------------- recorded

SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "regression": {"vectors": (9, 5), "hidden": (8, 9, 6), "predictions": (7, 9, 5)},
    "causal": {
        "tokens": (9,),
        "hidden": (8, 9, 6),
        "attention": (7, 1, 1, 9, 9),
        "next_logits": (7, 9, 5),
        "mask": (9, 9),
    },
    "two states": {
        "tokens": (9,),
        "hidden": (8, 9, 6),
        "logits": (7, 9, 5),
        "latent": (8, 9, 6),
        "inner": (7, 3, 9, 6),
    },
    "ring": {
        "tokens": (9,),
        "hidden": (8, 9, 6),
        "attention": (7, 1, 1, 9, 3),
        "logits": (7, 9, 5),
        "neighbours": (9, 3),
    },
    "pencil marks": {
        "tokens": (9,),
        "hidden": (8, 45, 6),
        "logits": (7, 9, 5),
        "pencil": (7, 45, 2),
        "places": (9, 5),
    },
}


@every_toy
def test_a_trace_holds_what_the_model_observed_and_no_more(name: str) -> None:
    _, trace = run(name)
    assert {key: array.shape for key, array in trace.arrays().items()} == SHAPES[name]
    assert trace.difference < 1e-6
    assert trace.loops == LOOPS
    assert trace.positions == trace.hidden.shape[1]


@every_toy
def test_a_trace_holds_the_models_own_states(name: str) -> None:
    toy, trace = run(name)
    batch = torch.tensor(trace.input)[None]
    for state in toy.unroll(batch, LOOPS, record=True):
        assert np.array_equal(trace.hidden[state.loop], state.hidden[0])
        for key, tensor in {**state.others, **state.observed}.items():
            row = state.loop if key in state.others else state.loop - 1
            assert np.array_equal(trace.observed[key][row], tensor[0])
    np.testing.assert_allclose(trace.output[-1], toy(batch, LOOPS)[0].numpy(), rtol=0, atol=1e-6)


def test_the_mask_is_that_of_the_input_and_nobody_attends_to_padding() -> None:
    toy = make_toy("causal")
    one, other = (record(toy, some_input("causal", seed), LOOPS) for seed in (1, 2))
    assert one.mask is not None
    assert other.mask is not None
    assert not np.array_equal(one.mask, other.mask)
    for trace in (one, other):
        padding = trace.tokens == PADDING
        assert not trace.attention[..., ~padding, :][..., padding].any()
        assert not trace.attention[..., ~trace.mask].any()


def test_a_model_with_two_states_goes_on_from_both() -> None:
    toy, trace = run("two states")
    later = replay(toy, trace, 3, 12)
    assert later.loops == 12
    np.testing.assert_allclose(later.hidden, record(toy, trace.input, 12).hidden, rtol=0, atol=1e-6)
    kept = {key: array for key, array in trace.arrays().items() if key != "latent"}
    with pytest.raises(
        ValueError, match=r"^this trace does not hold the state 'latent', so its run cannot go on from it\.$"
    ):
        replay(toy, Trace.of(kept), 3)


@every_toy
def test_a_replay_without_changes_is_the_run(name: str) -> None:
    toy, trace = run(name)
    again = replay(toy, trace, 3)
    assert again.arrays().keys() == trace.arrays().keys()
    for key, array in trace.arrays().items():
        np.testing.assert_allclose(again.arrays()[key], array, rtol=0, atol=1e-6, err_msg=key)


@every_toy
def test_a_patched_state_is_the_one_given(name: str) -> None:
    toy, trace = run(name)
    wanted = np.full((2, 6), 0.25, np.float32)
    changed = record(toy, some_input(name), LOOPS, interventions=[patch(3, [1, 4], wanted)])
    assert np.array_equal(changed.hidden[3, [1, 4]], wanted)
    assert np.array_equal(changed.hidden[:3], trace.hidden[:3])
    assert not np.allclose(changed.hidden[4], trace.hidden[4])


@every_toy
def test_an_intervention_that_a_model_cannot_be_given_is_refused(name: str) -> None:
    with pytest.raises(
        ValueError,
        match=r"^this model cannot be given a cut head or MLP \(Cut\); it can be given replaced states \(Patch\)\.$",
    ):
        record(make_toy(name), some_input(name), interventions=[Cut((0,))])


@pytest.mark.parametrize(
    ("name", "input", "sentence"),
    [
        ("regression", np.zeros(9, int), "this model reads vectors (positions, 5), not an array of (9,)."),
        ("regression", np.zeros((9, 4)), "this model reads vectors (positions, 5), not an array of (9, 4)."),
        ("regression", np.full((9, 5), np.inf), "the numbers of an input must be finite."),
        ("causal", np.full(9, 5), "tokens must be whole numbers from 0 to 4."),
        (
            "ring",
            np.zeros((2, 9), int),
            "this model reads one sequence of tokens (positions,), not an array of (2, 9).",
        ),
    ],
)
def test_an_input_of_another_kind_is_refused(name: str, input: np.ndarray, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        record(make_toy(name), input)


def test_what_a_run_does_not_have_is_named_in_one_sentence() -> None:
    _, numbers = run("regression")
    _, classes = run("two states")
    asked: list[tuple[Callable[[], object], str]] = [
        (lambda: numbers.tokens, "this run has no tokens: its model reads real vectors."),
        (
            lambda: numbers.answers,
            "this run has no logits, probabilities or answers: its model's outputs are real numbers.",
        ),
        (lambda: numbers.attention, "this run has no attention: none was observed in its model."),
        (lambda: classes.vectors, "this run has no input vectors: its model reads tokens."),
        (lambda: classes.predictions, "this run has no predicted numbers: its model's outputs are of kind 'classes'."),
    ]
    for ask, sentence in asked:
        with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
            ask()


# -------------------------------------------------------------------------------------------------------------- on disk


@every_toy
def test_what_is_saved_is_read_back(name: str, tmp_path: Path) -> None:
    _, trace = run(name)
    trace.save(tmp_path / "trace.npz")
    again = Trace.load(tmp_path / "trace.npz")
    assert same(again, trace)
    assert (again.output_kind, again.difference) == (trace.output_kind, trace.difference)


@pytest.mark.parametrize("name", ["two states", "ring"])
@pytest.mark.usefixtures("toys_registered")
def test_a_checkpoint_of_another_architecture_is_read_back(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = make_toy(name)

    class Task:
        name, length, vocab, input_kind = "toy", 9, 5, "tokens"

        def trained_on(self, samplings: object) -> Task:
            return self

    monkeypatch.setattr(tasks, "get", lambda _: Task())
    save_checkpoint(tmp_path / "toy", toy, "toy", {}, [], torch.float32)
    found = load_checkpoint(str(tmp_path / "toy"))
    assert found.config == toy.config
    assert same(record(found.model, some_input(name)), record(toy, some_input(name)))
    assert variants(found.model) == ["untrained"]
    fresh = varied(found.model, "untrained", torch.tensor)
    assert not same(record(fresh, some_input(name)), record(toy, some_input(name)))


def test_an_architecture_that_nobody_registered_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "toy", make_toy("ring"), "sudoku4", {}, [])
    with pytest.raises(CheckpointError) as caught:
        checkpoints.load_checkpoint(str(tmp_path / "toy"))
    assert str(caught.value) == (
        f"{tmp_path / 'toy' / 'config.json'}: architecture is 'ring'; "
        "it must be one of ('standard', 'looped', 'tmlt', 'candidates', 'lattice', 'in-context')."
    )


def test_the_positions_of_a_place_are_each_there_once() -> None:
    _, trace = run("pencil marks")
    arrays = trace.arrays() | {"places": np.zeros((9, 5), int)}
    with pytest.raises(ValueError, match=r"^a trace's places must hold each of the 45 positions once\.$"):
        Trace.of(arrays)
    assert trace.places is not None
    assert trace.places[2].tolist() == [10, 11, 12, 13, 14]


def test_a_state_needs_no_more_than_its_loop_and_its_tensor() -> None:
    toy, trace = run("ring")
    start = State(2, torch.tensor(trace.hidden[2])[None])
    *_, last = toy.unroll(torch.tensor(trace.input)[None], LOOPS, start=start)
    np.testing.assert_allclose(last.hidden[0].numpy(), trace.hidden[-1], rtol=0, atol=1e-6)
