"""Sweeps: every effect against a run of its own, and cases in which only one place can matter."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from looped.lenses import sweep
from looped.lenses.sweep import Summary, Sweep, summary, sweep_heads, sweep_positions
from looped.model import Model
from looped.model.interventions import Cut, Intervention, freeze, patch
from looped.runs.trace import Trace, record

Make = Callable[..., Any]
TOKENS = np.random.default_rng(0).integers(5, size=16)
OTHER = np.random.default_rng(1).integers(5, size=16)
LOOPS = 4
SETTINGS: list[dict[str, Any]] = [
    {"injection": True, "state_norm": True},
    {"architecture": "tmlt", "layers": 2, "injection": True, "state_norm": True},
    {"architecture": "standard", "layers": LOOPS, "trained_loops": LOOPS},
]


def end(progress: Iterator[Sweep]) -> Sweep:
    *_, last = progress
    assert last.done == last.total
    return last


def effect(trace: Trace, edited: Trace, position: int, contrast: int | None = None) -> list[float]:
    """margin, probability, changed: from two whole runs."""
    answer = int(trace.answers[-1, position])

    def margin(run: Trace) -> float:
        logits = run.logits[-1, position]
        return float(logits[answer] - (max(np.delete(logits, answer)) if contrast is None else logits[contrast]))

    chances = [float(run.probabilities[-1, position, answer]) for run in (edited, trace)]
    return [
        margin(edited) - margin(trace),
        chances[0] - chances[1],
        int((edited.answers[-1] != trace.answers[-1]).sum()),
    ]


def assert_effects(found: Sweep, wanted: dict[tuple[int, ...], list[float]]) -> None:
    assert {array.shape for array in found[2:]} == {tuple(max(place) + 1 for place in zip(*wanted, strict=True))}
    for place, effects in wanted.items():
        np.testing.assert_allclose(
            [array[place] for array in found[2:]], effects, rtol=1e-3, atol=1e-4, err_msg=str(place)
        )
    assert np.abs(found.margin).max() > 0.01


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.get("architecture", "looped"))
def test_every_position_has_the_effect_of_patching_it_in_a_run_of_its_own(
    make_model: Make, settings: dict[str, Any]
) -> None:
    model = make_model(**settings)
    trace, other = record(model, TOKENS, LOOPS), record(model, OTHER, LOOPS)
    contrast = int(np.argsort(trace.logits[-1, 6])[0])
    for source, hidden, against in (
        (None, np.stack([trace.hidden[0]] * 5), None),
        (other.hidden, other.hidden, contrast),
    ):
        wanted = {
            (loop, place): effect(
                trace,
                record(model, TOKENS, LOOPS, interventions=[patch(loop, [place], hidden[loop, [place]])]),
                6,
                against,
            )
            for loop in range(LOOPS)
            for place in range(16)
        }
        assert_effects(end(sweep_positions(model, trace, 6, source, contrast=against)), wanted)


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.get("architecture", "looped"))
def test_every_head_has_the_effect_of_cutting_it_in_a_run_of_its_own(
    make_model: Make, settings: dict[str, Any]
) -> None:
    model = make_model(**settings)
    trace = record(model, TOKENS, LOOPS)
    layers = trace.attention.shape[1]
    wanted = {
        (loop, layer, head): effect(
            trace, record(model, TOKENS, LOOPS, interventions=[Cut((head,), layer=layer, first=loop, stop=loop + 1)]), 6
        )
        for loop in range(LOOPS)
        for layer in range(layers)
        for head in range(2)
    }
    assert_effects(end(sweep_heads(model, trace, 6)), wanted)


def test_a_sweep_of_an_edited_run_changes_one_more_thing(make_model: Make) -> None:
    model = make_model(architecture="tmlt", injection=True, state_norm=True)
    edits: list[Intervention] = [freeze(2), Cut((1,), first=2)]
    trace = record(model, TOKENS, LOOPS, interventions=edits)

    def once_more(change: Intervention) -> Trace:
        return record(model, TOKENS, LOOPS, interventions=[*edits, change])

    wanted = {
        (loop, place): effect(trace, once_more(patch(loop, [place], trace.hidden[0, [place]])), 3)
        for loop in range(LOOPS)
        for place in range(16)
    }
    assert_effects(end(sweep_positions(model, trace, 3, interventions=edits)), wanted)
    heads = {
        (loop, 0, head): effect(trace, once_more(Cut((head,), first=loop, stop=loop + 1)), 3)
        for loop in range(LOOPS)
        for head in range(2)
    }
    found = end(sweep_heads(model, trace, 3, interventions=edits))
    assert_effects(found, heads)
    np.testing.assert_allclose(found.margin[2:, 0, 1], 0, atol=1e-5)  # it is cut already


# ------------------------------------------------------------------------------------------------------- known by hand


def test_the_first_position_of_a_causal_model_depends_on_itself_alone(make_model: Make) -> None:
    model = make_model(causal=True)
    found = end(sweep_positions(model, record(model, TOKENS, LOOPS), 0, record(model, OTHER, LOOPS).hidden))
    assert (np.abs(found.margin[:, 0]) > 1e-3).all()
    np.testing.assert_allclose(found.margin[:, 1:], 0, atol=1e-5)
    np.testing.assert_allclose(found.probability[:, 1:], 0, atol=1e-5)


def test_without_attention_a_cell_depends_on_itself_alone(make_model: Make) -> None:
    model = make_model(injection=True)
    deaf: list[Intervention] = [Cut((0, 1))]
    trace, other = (record(model, tokens, LOOPS, interventions=deaf) for tokens in (TOKENS, OTHER))
    found = end(sweep_positions(model, trace, 9, other.hidden, interventions=deaf))
    differs = (other.hidden[1:LOOPS] != trace.hidden[1:LOOPS]).any(-1)
    assert differs[:, 9].all()
    assert (np.abs(found.margin[1:, 9]) > 1e-3).all()
    np.testing.assert_allclose(np.delete(found.margin, 9, axis=1), 0, atol=1e-5)
    assert found.changed.max() == 1


def test_one_position_alone_can_matter(make_model: Make) -> None:
    """In the one loop every place attends to place 5 alone, so that no other place affects any but itself."""
    model: Model = copy.deepcopy(make_model(size=0.3))
    layer, place = model.layers[0], model.get_submodule("place.0")
    qkv = layer.get_parameter("qkv.weight")
    layer.get_parameter("gain1").fill_(1)
    place.get_parameter("weight")[:, 0] = torch.where(torch.arange(16) == 5, 50.0, 0.0)
    model.token.weight[:, 1] = 5.0
    qkv[:16] = 0
    qkv[[0, 4], 1] = qkv[[8, 12], 0] = 20.0  # in both heads queries read channel 1, which all have, and keys channel 0
    trace = record(model, TOKENS, 1)
    assert (trace.attention[0, 0, :, [i for i in range(16) if i != 5], 5] > 0.999).all()
    found = end(sweep_positions(model, trace, 2, record(model, (TOKENS + 1) % 5, 1).hidden))
    assert np.flatnonzero(np.abs(found.margin[0]) > 1e-4).tolist() == [2, 5]


def test_a_head_that_says_nothing_does_not_matter(make_model: Make) -> None:
    model = copy.deepcopy(make_model(injection=True))
    model.get_parameter("layers.0.out.weight")[:, :4] = 0
    found = end(sweep_heads(model, record(model, TOKENS, LOOPS), 2))
    np.testing.assert_allclose(found.margin[..., 0], 0, atol=1e-5)
    assert (np.abs(found.margin[..., 1]) > 1e-3).all()


def test_a_state_replaced_by_itself_is_not_run(make_model: Make) -> None:
    model = make_model(injection=True)
    trace = record(model, TOKENS, LOOPS)
    (only,) = sweep_positions(model, trace, 0, trace.hidden)
    assert (only.done, only.total) == (0, 0)
    assert not np.stack(only[2:]).any()
    start = next(sweep_positions(model, trace, 0))  # with injection h[0] = 0 for every input
    assert not start.margin[0].any()
    assert np.isnan(start.margin[1:]).all()
    assert start.total == 16 * (3 + 2 + 1)


# ----------------------------------------------------------------------------------------------------- the asking of it


def test_effects_come_bit_by_bit_and_stay(make_model: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_model()
    trace = record(model, TOKENS, LOOPS)
    whole = end(sweep_positions(model, trace, 1))
    monkeypatch.setattr(sweep, "CPU_BYTES", 3 * 16 * 8 * 2 * 4)  # three runs at a time
    parts = list(sweep_positions(model, trace, 1))
    assert [len(part) for part in (parts, list(sweep_heads(model, trace, 1)))] == [
        1 + 4 * 6 - 6,
        1 + 4,
    ]  # h[0] is its own initial value
    assert [part.done for part in parts] == sorted({part.done for part in parts})
    assert {part.total for part in parts} == {16 * (3 + 2 + 1)}
    known = [int(np.isfinite(part.margin).sum()) for part in parts]
    assert known == sorted(set(known))
    assert known[0] == 16
    for part in parts:
        there = np.isfinite(part.margin)
        for one, last in zip(part[2:], whole[2:], strict=True):
            np.testing.assert_allclose(one[there], last[there], rtol=0, atol=1e-5)
            assert np.isnan(one[~there]).all()


def test_nothing_is_run_that_is_not_asked_for(make_model: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    model, true_step, ran = make_model(), Model.step, [0]
    trace = record(model, TOKENS, LOOPS)

    def step(self: Model, state: Any, *rest: Any) -> Any:
        ran[0] += len(state.hidden)
        return true_step(self, state, *rest)

    monkeypatch.setattr(Model, "step", step)
    monkeypatch.setattr(sweep, "CPU_BYTES", 1)  # one run at a time
    for progress in (sweep_positions(model, trace, 0), sweep_heads(model, trace, 0)):
        ran[0] = 0
        for part in progress:
            assert ran[0] == part.done
            assert not torch.is_inference_mode_enabled()
            if part.done > part.total / 2:
                break
        progress.close()  # type: ignore[attr-defined]
        assert 0 < ran[0] < part.total


def test_some_loops_and_positions_are_rows_and_columns_of_the_whole(make_model: Make) -> None:
    model = make_model(architecture="tmlt", layers=2, state_norm=True)
    model.requires_grad_(True)  # as in training: nobody asks for the gradients of a sweep
    trace = record(model, TOKENS, LOOPS)
    whole, some = (
        end(sweep_positions(model, trace, 1)),
        end(sweep_positions(model, trace, 1, loops=[3, 1], positions=[15, 0, 4])),
    )
    heads, late = end(sweep_heads(model, trace, 1)), end(sweep_heads(model, trace, 1, loops=[2]))
    for name in ("margin", "probability", "changed"):
        np.testing.assert_allclose(getattr(some, name), getattr(whole, name)[[3, 1]][:, [15, 0, 4]], rtol=0, atol=1e-5)
        np.testing.assert_allclose(getattr(late, name), getattr(heads, name)[[2]], rtol=0, atol=1e-5)


def test_places_that_do_not_exist_are_refused(make_model: Make) -> None:
    model = make_model()
    trace = record(model, TOKENS, LOOPS)
    answer = int(trace.answers[-1, 0])
    for asked, sentence in (
        ({"position": 16}, "position [16] is not possible: there are 16, counted from 0."),
        ({"position": -1}, "position [-1] is not possible: there are 16, counted from 0."),
        ({"positions": [3, 16]}, "position [3, 16] is not possible: there are 16, counted from 0."),
        ({"positions": []}, "position list is not possible: there are 16, counted from 0."),
        ({"loops": [LOOPS]}, "loop [4] is not possible: there are 4, counted from 0."),
        ({"contrast": 5}, "contrast [5] is not possible: there are 5, counted from 0."),
        ({"contrast": answer}, f"contrast {answer} is the run's own answer at position 0; it must be another token."),
        ({"source": trace.hidden[1:]}, "source has shape (4, 16, 8); the trace's hidden states have (5, 16, 8)."),
    ):
        with pytest.raises(ValueError, match=r"^[^\n]+\.$") as caught:
            next(sweep_positions(model, trace, **{"position": 0} | asked))
        assert str(caught.value) == sentence
    with pytest.raises(ValueError, match=r"^loop \[-1\] is not possible: there are 4, counted from 0\.$"):
        next(sweep_heads(model, trace, 0, loops=[-1]))


def test_a_summary_names_the_change_that_lost_most() -> None:
    margin = np.array([[[0.5, -1.0], [np.nan, 0.0]], [[-4.0, 2.0], [np.nan, np.nan]]])  # loops, layers, heads
    changed = np.array([[[0.0, 3.0], [np.nan, 0.0]], [[1.0, 0.0], [np.nan, np.nan]]])
    assert summary(Sweep(5, 8, margin, margin, changed)) == Summary(worst=(1, 0), tried=5, turned=2)
    nothing = np.full((2, 3), np.nan)
    assert summary(Sweep(0, 6, nothing, nothing, nothing)) == Summary(worst=None, tried=0, turned=0)
