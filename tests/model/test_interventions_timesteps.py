"""Interventions on the timestep encoding of a TMLT, each against a case whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from looped.model import Model
from looped.model.interventions import (
    Cut,
    Intervention,
    Scale,
    Timesteps,
    freeze,
    shift,
    shuffle,
    stretch,
)
from looped.model.timestep import BLOCK
from looped.runs.trace import Trace
from tests.model.recorded import Make, changed, run


def given(model: Model, trace: Trace) -> list[float]:
    """The t of each loop, found among quarters from 0 to 12 by the scales that the run recorded."""
    assert model.timestep is not None
    quarters = [quarter / 4 for quarter in range(49)]
    known = {model.timestep(t).numpy().tobytes(): t for t in quarters}
    assert len(known) == 49
    recorded = np.stack([getattr(trace, name) for name in BLOCK], axis=2)
    return [known[np.ascontiguousarray(scales).tobytes()] for scales in recorded]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ([], [0, 1, 2, 3, 4, 5]),
        ([freeze()], [0] * 6),
        ([freeze(2.5)], [2.5] * 6),
        ([freeze(2, first=1, stop=3)], [0, 2, 2, 3, 4, 5]),
        ([shift(3)], [3, 4, 5, 6, 7, 8]),
        ([stretch(0.5)], [0, 0.5, 1, 1.5, 2, 2.5]),
        ([stretch(2)], [0, 2, 4, 6, 8, 10]),
        ([Timesteps((3, 0.25))], [3, 0.25, 2, 3, 4, 5]),
        ([Timesteps((5, 4, 3), shift=1)], [5, 4, 3, 4, 5, 6]),
        ([shift(1), stretch(0.5)], [0.5, 1, 1.5, 2, 2.5, 3]),  # one after the other
        ([stretch(0.5), shift(1)], [1, 1.5, 2, 2.5, 3, 3.5]),
    ],
)
def test_each_loop_is_given_the_timestep_that_was_asked_for(
    make_model: Make, changes: list[Intervention], wanted: list[float]
) -> None:
    model = make_model(architecture="tmlt", layers=2, state_norm=True)
    assert given(model, run(model, *changes)) == wanted


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ([], [0, 1, 2, 2, 2, 2]),
        ([freeze(4, first=1, stop=2)], [0, 4, 2, 2, 2, 2]),
        ([shift(3, first=4)], [0, 1, 2, 2, 7, 8]),  # a loop that is given another t is given just that
        ([stretch(1)], [0, 1, 2, 3, 4, 5]),
        ([Cut((0,))], [0, 1, 2, 2, 2, 2]),
    ],
)
def test_a_held_timestep_stays_at_the_last_trained_one_unless_another_is_asked_for(
    make_model: Make, changes: list[Intervention], wanted: list[float]
) -> None:
    model = make_model(architecture="tmlt", layers=2, state_norm=True, trained_loops=3, clamp_timestep=True)
    assert given(model, run(model, *changes)) == wanted


def test_shuffling_gives_every_loop_the_timestep_of_another_place_and_is_repeatable(make_model: Make) -> None:
    model = make_model(architecture="tmlt", state_norm=True)
    found = given(model, run(model, shuffle(4)))
    assert sorted(found[:4]) == [0, 1, 2, 3]
    assert found[:4] != [0, 1, 2, 3]
    assert found[4:] == [4, 5]
    assert shuffle(4) == shuffle(4) != shuffle(4, seed=1)


def test_freezing_is_a_model_whose_scales_do_not_depend_on_the_timestep(make_model: Make) -> None:
    model = make_model(architecture="tmlt", layers=2, state_norm=True)
    assert model.timestep is not None
    constant = (model.timestep(3.5) - torch.tensor([0.0, 0.0, 1.0, 1.0])[:, None]).flatten()
    rigid = changed(model, timestep__w5__weight=torch.zeros_like, timestep__w5__bias=lambda _: constant)
    frozen, plain = run(model, freeze(3.5)), run(model)
    np.testing.assert_allclose(frozen.hidden, run(rigid).hidden, rtol=0, atol=1e-4)
    assert not np.allclose(frozen.hidden, plain.hidden, atol=0.1)


# --------------------------------------------------------------------------------------------------------------- scales


def test_closed_gates_leave_the_state_as_it_is(make_model: Make) -> None:
    closed = run(make_model(architecture="tmlt", layers=2), Scale(("alpha1", "alpha2")))
    assert all(np.array_equal(state, closed.hidden[0]) for state in closed.hidden)
    assert closed.alpha1 is not None
    assert not closed.alpha1.any()


def test_a_scale_is_changed_where_it_was_asked_for_and_nowhere_else(make_model: Make) -> None:
    model = make_model(architecture="tmlt", layers=2, state_norm=True)
    plain, edited = run(model), run(model, Scale(("alpha2", "gamma1"), factor=2, plus=0.5, layer=1, first=2, stop=4))
    for name in BLOCK:
        wanted = getattr(plain, name).copy()
        if name in ("alpha2", "gamma1"):
            wanted[2:4, 1] = 2 * wanted[2:4, 1] + 0.5
        np.testing.assert_allclose(getattr(edited, name), wanted, rtol=1e-6)
    assert np.array_equal(edited.hidden[:3], plain.hidden[:3])
    assert not np.allclose(edited.hidden[3], plain.hidden[3], atol=1e-3)
    ones = run(model, Scale(plus=1))
    assert all((getattr(ones, name) == 1).all() for name in BLOCK)


def test_no_gate_without_its_branch(make_model: Make) -> None:
    """Cutting all heads is α1 = 0, cutting the MLP α2 = 0, to the last bit."""
    model = make_model(architecture="tmlt", layers=2, injection=True)
    for cut, gate in ((Cut((0, 1)), "alpha1"), (Cut(mlp=True), "alpha2")):
        one, other = run(model, cut), run(model, Scale((gate,)))
        assert np.array_equal(one.hidden, other.hidden)
        assert np.array_equal(one.attention, other.attention)
        assert not np.allclose(one.hidden, run(model).hidden, atol=0.1)
