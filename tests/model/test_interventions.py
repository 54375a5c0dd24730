"""Interventions: what they are, what is refused, and never a trace of one outside the run that asked for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
import torch

from looped.model.interventions import (
    Block,
    Cut,
    Input,
    Intervention,
    Patch,
    Scale,
    Temperature,
    Timesteps,
    freeze,
    patch,
    shift,
    stretch,
)
from looped.runs.trace import record
from tests.model.recorded import LOOPS, OTHER, TOKENS, Make, every_model, same

# -------------------------------------------------------------------------------------------------------- descriptions


def test_interventions_are_frozen_and_equal_when_they_say_the_same() -> None:
    ones = [
        Timesteps((1, 2), factor=2),
        Scale(("alpha1",)),
        Cut((0,), layer=1),
        Block((1,), (2,)),
        Temperature(0.5),
        patch(2, [3], [[1, 2]]),
        Input((1, 2)),
    ]
    others = [
        Timesteps([1.0, 2.0], factor=2.0),
        Scale(["alpha1"]),
        Cut(np.array([0]), layer=np.int64(1)),
        Block([1], range(2, 3)),
        Temperature(np.float32(0.5)),
        patch(2, np.array([3]), np.array([[1, 2]], np.float32)),
        Input(np.array([1, 2])),
    ]
    assert ones == others
    assert len({*ones, *others}) == len(ones)
    assert len({*ones, *(replace(one, first=1) for one in ones)}) == 2 * len(ones)
    for one in ones:
        with pytest.raises(FrozenInstanceError):
            one.first = 4  # type: ignore[misc]
    assert "states" not in repr(ones[5])  # thousands of numbers


def test_an_intervention_acts_from_first_up_to_stop() -> None:
    assert [loop for loop in range(6) if Cut((0,), first=2, stop=4).acts(loop)] == [2, 3]
    assert [loop for loop in range(6) if Cut((0,), first=4).acts(loop)] == [4, 5]


WRONG: list[tuple[Callable[[], Intervention], str]] = [
    (lambda: Cut((0,), first=-1), "first must be whole numbers from 0 up."),
    (lambda: Cut((0,), first=0.5), "first must be whole numbers from 0 up."),  # type: ignore[arg-type]
    (lambda: Cut((0,), first=3, stop=3), "stop is 3; it must be greater than first, which is 3."),
    (lambda: Cut((0,), layer=-1), "layer must be whole numbers from 0 up."),
    (lambda: Cut(("a",)), "heads must be whole numbers from 0 up."),  # type: ignore[arg-type]
    (lambda: Cut(), "Cut must be given heads, or mlp=True."),
    (lambda: Timesteps((1, math.nan)), "given must be finite numbers."),
    (lambda: Timesteps(("x",)), "given must be finite numbers."),  # type: ignore[arg-type]
    (lambda: freeze(math.inf), "timesteps must be finite."),
    (lambda: freeze(1e39), "timesteps must be finite."),  # in float32, which models compute in
    (lambda: Scale(plus=-1e39), "factor and plus must be finite."),
    (lambda: patch(1, [1], [[1e39]]), "states must be finite numbers."),
    (lambda: Scale(()), "vectors are (); they must be names of gates and scales, such as alpha1 and gamma1."),
    (
        lambda: Scale(("beta",)),
        "vectors are ('beta',); they must be names of gates and scales, such as alpha1 and gamma1.",
    ),
    (lambda: Scale(factor=math.nan), "factor and plus must be finite."),
    (lambda: Block((), (1,)), "Block must be given positions and what they may not attend to."),
    (lambda: Temperature(-1), "temperature is -1; it must be 0, or at least 1e-06."),
    (lambda: Temperature(1e-9), "temperature is 1e-09; it must be 0, or at least 1e-06."),
    (lambda: Temperature(math.nan), "temperature is nan; it must be 0, or at least 1e-06."),
    (lambda: patch(1, [], []), "Patch must be given positions, each once."),
    (lambda: patch(1, [2, 2], [[1.0], [2.0]]), "Patch must be given positions, each once."),
    (lambda: patch(1, [1, 2], [[1.0]]), "Patch needs one state for each of 2 positions, all of the same width."),
    (
        lambda: patch(1, [1, 2], [[1.0], [1.0, 2.0]]),
        "Patch needs one state for each of 2 positions, all of the same width.",
    ),
    (lambda: patch(1, [1], [[math.nan]]), "states must be finite numbers."),
    (lambda: Input((1, -2)), "tokens must be whole numbers from 0 up."),
]


@pytest.mark.parametrize(("make", "sentence"), WRONG)
def test_nonsense_is_refused_with_one_sentence(make: Callable[[], Intervention], sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+\.$") as caught:
        make()
    assert str(caught.value) == sentence


IMPOSSIBLE: list[tuple[dict[str, Any], Intervention, str]] = [
    ({}, freeze(), "this model has no timestep encoding, so no other timestep can be given to it."),
    (
        {},
        Scale(),
        "this model has no timestep encoding, so it has no scales to change; Cut cuts heads and the MLP of any model.",
    ),
    (
        {"architecture": "tmlt"},
        Scale(("alpha1", "gamma3")),
        "vectors are ('alpha1', 'gamma3'); those of this model are ('alpha1', 'alpha2', 'gamma1', 'gamma2').",
    ),
    ({}, Cut((2,)), "head 2 does not exist: this model has heads 0 to 1."),
    ({}, Cut((1,), layer=1), "layer is 1; the block of this model has layers 0 to 0."),
    (
        {"architecture": "standard", "layers": 6, "trained_loops": 6},
        Cut((1,), layer=1),
        "layer is 1; the block of this model has layers 0 to 0.",
    ),
    ({}, Cut((1,), first=LOOPS), "Cut begins in loop 6, but the last loop of this run is 5."),
    ({}, Block((0,), (16,)), "position 16 does not exist: this run has positions 0 to 15."),
    ({}, Block((16,), (0,)), "position 16 does not exist: this run has positions 0 to 15."),
    (
        {},
        Block((3,), tuple(range(16))),
        "position 3 is blocked from everything; it must be left something to attend to.",
    ),
    (
        {"causal": True},
        Block((2,), (0, 1, 2)),
        "position 2 is blocked from everything; it must be left something to attend to.",
    ),
    ({}, patch(1, [16], np.zeros((1, 8))), "position 16 does not exist: this run has positions 0 to 15."),
    ({}, patch(1, [0], np.zeros((1, 9))), "Patch has states of width 9; those of this model have 8."),
    (
        {},
        patch(LOOPS + 1, [0], np.zeros((1, 8))),
        "Patch begins with the state after 7 loops, but this run ends after 6.",
    ),
    (
        {},
        Input(OTHER),
        "this model reads its tokens before the first loop only; without input injection they cannot be changed later.",
    ),
    ({"injection": True}, Input(OTHER[:15]), "Input has 15 tokens; it needs 16, one for each position of the run."),
    ({"injection": True}, Input(OTHER + 1), "there is no token 5: this model has tokens from 0 to 4."),
]


@pytest.mark.parametrize(("settings", "change", "sentence"), IMPOSSIBLE)
def test_what_a_run_cannot_have_is_refused_with_one_sentence(
    make_model: Make, settings: dict[str, Any], change: Intervention, sentence: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+\.$") as caught:
        record(make_model(**settings), TOKENS, LOOPS, interventions=[change])
    assert str(caught.value) == sentence


# ------------------------------------------------------------------------------------------------------ nothing is done


@every_model
def test_what_changes_nothing_changes_no_bit(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(**settings)
    plain = record(model, TOKENS, LOOPS)
    nothing: list[Intervention] = [
        Temperature(1),
        patch(3, range(16), plain.hidden[3]),
        patch(0, [5], plain.hidden[0, [5]]),
    ]
    if model.timestep is not None:
        nothing += [Timesteps(), stretch(1), shift(0), Timesteps(tuple(range(4))), Scale(factor=1)]
    if model.config.injection:
        nothing += [Input(TOKENS)]
    for change in nothing:
        again = record(model, TOKENS, LOOPS, interventions=[change])
        assert same(again, plain), change
        # A patch of recorded states takes the plain forward to where the recorded one is, bit by bit.
        assert again.difference == plain.difference or isinstance(change, Patch)
    assert same(record(model, TOKENS, LOOPS, interventions=nothing), plain)


@every_model
def test_before_it_begins_an_intervention_changes_no_bit(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(**settings)
    plain, late = record(model, TOKENS, LOOPS), record(model, TOKENS, LOOPS, interventions=[Cut((1,), first=4)])
    assert np.array_equal(late.hidden[:5], plain.hidden[:5])
    assert not np.allclose(late.hidden[5], plain.hidden[5], atol=1e-3)


def test_users_of_one_model_do_not_disturb_each_other(make_model: Make) -> None:
    model = make_model(architecture="tmlt", injection=True, state_norm=True)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    asked: list[list[Intervention]] = [
        [],
        [Cut((0,))],
        [freeze(2)],
        [Block((1,), (2, 3))],
        [Temperature(0)],
        [Input(OTHER, first=2)],
        [Scale(("alpha2",))],
    ] * 5
    alone = [record(model, TOKENS, LOOPS, interventions=some) for some in asked]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda some: record(model, TOKENS, LOOPS, interventions=some), asked))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one.hidden, other.hidden, rtol=0, atol=1e-5)
    assert len({trace.hidden.tobytes() for trace in alone}) == 7
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
