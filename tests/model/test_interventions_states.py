"""Interventions on states and input, and runs that start later, each against a case whose answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from looped.model import State
from looped.model.interventions import (
    Input,
    Intervention,
    Patch,
    Scale,
    edited_scales,
    patch,
)
from looped.model.timestep import TimestepEncoding
from tests.model.recorded import LOOPS, OTHER, TOKENS, Make, every_model, run

# ----------------------------------------------------------------------------------------------------- states and input


@every_model
def test_a_patched_state_is_the_one_given_and_the_future_follows_from_it(
    make_model: Make, settings: dict[str, Any]
) -> None:
    model = make_model(**settings)
    plain, other = run(model), run(model, tokens=OTHER)
    trace = run(model, patch(2, [4, 11], other.hidden[2, [4, 11]]))
    wanted = plain.hidden[:3].copy()
    wanted[2, [4, 11]] = other.hidden[2, [4, 11]]
    assert np.array_equal(trace.hidden[:3], wanted)
    np.testing.assert_allclose(trace.logits[1], model.readout(torch.tensor(trace.hidden[2])).numpy(), rtol=0, atol=1e-5)
    before = model.begin(torch.as_tensor(TOKENS)[None])._replace(loop=2, hidden=torch.tensor(wanted[2])[None])
    assert np.array_equal(trace.hidden[3], model.step(before, record=True).hidden[0])
    assert not np.allclose(trace.hidden[3], plain.hidden[3], atol=1e-3)


@every_model
def test_all_states_of_another_run_and_its_input_are_its_future(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(**settings)
    other = run(model, tokens=OTHER)
    for loop in (0, 3, LOOPS):
        changes: list[Intervention] = [patch(loop, range(16), other.hidden[loop])]
        if model.config.injection and loop < LOOPS:
            assert loop == 0 or not np.allclose(
                run(model, *changes).hidden[loop + 1], other.hidden[loop + 1], atol=1e-3
            )  # the old input is still read
            changes.append(Input(OTHER, first=loop))
        trace = run(model, *changes)
        assert np.array_equal(trace.hidden[loop:], other.hidden[loop:])
        assert np.array_equal(trace.attention[loop:], other.attention[loop:])
        assert np.array_equal(trace.logits[max(0, loop - 1) :], other.logits[max(0, loop - 1) :])


def test_a_state_can_be_held(make_model: Make) -> None:
    model = make_model(injection=True)
    trace = run(model, Patch((3,), ((0.5,) * 8,), first=1, stop=4))
    assert (trace.hidden[1:4, 3] == 0.5).all()
    assert not (trace.hidden[4, 3] == 0.5).any()


@pytest.mark.parametrize("architecture", ["looped", "tmlt"])
def test_other_tokens_are_read_from_their_loop_on(make_model: Make, architecture: str) -> None:
    model = make_model(architecture=architecture, injection=True, state_norm=True)
    assert np.array_equal(run(model, Input(OTHER)).hidden, run(model, tokens=OTHER).hidden)
    mine, others = (model.embed(torch.as_tensor(tokens)[None]) for tokens in (TOKENS, OTHER))
    state = model.begin_embedded(mine)
    wanted = [state.hidden[0].numpy()]
    for loop in range(LOOPS):
        state = model.step(state._replace(input=(others if 2 <= loop < 4 else mine,)), record=True)
        wanted.append(state.hidden[0].numpy())
    assert np.array_equal(run(model, Input(OTHER, first=2, stop=4)).hidden, np.stack(wanted))


# ------------------------------------------------------------------------------------------------------- starting later


def test_a_run_can_start_from_any_state_of_a_batch(make_model: Make) -> None:
    model = make_model(architecture="tmlt", injection=True, state_norm=True)
    batch = torch.as_tensor(np.stack([TOKENS, OTHER]))
    whole = list(model.unroll(batch, LOOPS))
    rest = list(model.unroll(batch, LOOPS, start=whole[2]))
    assert [state.loop for state in rest] == [2, 3, 4, 5, 6]
    assert all(torch.equal(one.hidden, other.hidden) for one, other in zip(rest, whole[2:], strict=True))


def test_what_is_edited_is_a_copy(make_model: Make) -> None:
    model, batch = make_model(), torch.as_tensor(TOKENS)[None]
    start, scales = State(1, torch.ones(1, 16, 8)), torch.ones(1, 4, 8)
    assert (
        not next(model.unroll(batch, 2, interventions=[patch(1, [3], np.zeros((1, 8)))], start=start))
        .hidden[0, 3]
        .any()
    )
    assert start.hidden.all()
    timestep = TimestepEncoding(8, 1)
    timestep.cached = {0: (scales[0, 0], scales)}
    assert not edited_scales(timestep, 0, [Scale()]).any()
    assert scales.all()


def test_starts_that_do_not_fit_are_refused(make_model: Make) -> None:
    model, batch = make_model(), torch.as_tensor(TOKENS)[None]
    state = State(4, torch.zeros(1, 16, 8))
    for start, loops, sentence in (
        (state, 4, "a run of 4 loops cannot start after 4 of them."),
        (State(-1, state.hidden), 4, "a run of 4 loops cannot start after -1 of them."),
        (
            State(0, torch.zeros(2, 16, 8)),
            4,
            "the run starts from a state of shape (2, 16, 8); (1, 16, 8) was expected.",
        ),
    ):
        with pytest.raises(ValueError, match="start") as caught:
            next(model.unroll(batch, loops, start=start))
        assert str(caught.value) == sentence
