"""Interventions: each against a case whose answer is known, and never a trace of one outside the run that asked for it."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
import torch

from looped.model import Model, State
from looped.model.interventions import (
    SCALES,
    Block,
    Cut,
    Input,
    Intervention,
    Patch,
    Scale,
    Temperature,
    Timesteps,
    edited_scales,
    freeze,
    patch,
    shift,
    shuffle,
    stretch,
)
from looped.runs.trace import Trace, record

Make = Callable[..., Model]
TOKENS = np.random.default_rng(0).integers(5, size=16)
OTHER = np.random.default_rng(1).integers(5, size=16)
LOOPS = 6

MODELS: dict[str, dict[str, Any]] = {
    "looped": {},
    "looped + injection, two layers": {"injection": True, "layers": 2, "state_norm": True},
    "looped + feedback": {"injection": True, "feedback": True, "state_norm": True},
    "looped + relations": {"relations": True, "positions": "board", "box": (2, 2)},
    "looped as released": {"values": "as released", "size": 0.3},
    "causal, rotary": {"causal": True, "positions": "rotary"},
    "tmlt": {"architecture": "tmlt"},
    "tmlt + injection, two layers": {"architecture": "tmlt", "injection": True, "layers": 2, "state_norm": True},
}
every_model = pytest.mark.parametrize("settings", MODELS.values(), ids=MODELS.keys())


def same(a: Trace, b: Trace) -> bool:
    return a.arrays().keys() == b.arrays().keys() and all(
        np.array_equal(a.arrays()[name], b.arrays()[name]) for name in a.arrays()
    )


def run(model: Model, *interventions: Intervention, loops: int = LOOPS, tokens: np.ndarray = TOKENS) -> Trace:
    """Recorded; and the plain forward under the same interventions agrees, or the test fails."""
    trace = record(model, tokens, loops, interventions=interventions)
    assert trace.difference < 1e-4 * max(1, float(np.abs(trace.hidden).max()))
    return trace


def changed(model: Model, **parameters: Callable[[torch.Tensor], torch.Tensor]) -> Model:
    """A copy with some parameters computed from their old values; dots in names are written __."""
    other = copy.deepcopy(model)
    for name, change in parameters.items():
        parameter = other.get_parameter(name.replace("__", "."))
        parameter.copy_(change(parameter))
    return other


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
    (lambda: Scale(()), "vectors are (); they must be some of ('alpha1', 'alpha2', 'gamma1', 'gamma2')."),
    (lambda: Scale(("beta",)), "vectors are ('beta',); they must be some of ('alpha1', 'alpha2', 'gamma1', 'gamma2')."),
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
    ({"injection": True}, Input(OTHER[:15]), "Input needs 16 tokens from 0 to 4, as many as the run has positions."),
    ({"injection": True}, Input(OTHER + 1), "Input needs 16 tokens from 0 to 4, as many as the run has positions."),
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


# ------------------------------------------------------------------------------------------------------------ timesteps


def given(model: Model, trace: Trace) -> list[float]:
    """The t of each loop, found among quarters from 0 to 12 by the scales that the run recorded."""
    assert model.timestep is not None
    quarters = [quarter / 4 for quarter in range(49)]
    known = {model.timestep(t).numpy().tobytes(): t for t in quarters}
    assert len(known) == 49
    recorded = np.stack([getattr(trace, name) for name in SCALES], axis=2)
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
    model = make_model(architecture="tmlt", layers=2, state_norm=True, trained_loops=3, held=True)
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
    for name in SCALES:
        wanted = getattr(plain, name).copy()
        if name in ("alpha2", "gamma1"):
            wanted[2:4, 1] = 2 * wanted[2:4, 1] + 0.5
        np.testing.assert_allclose(getattr(edited, name), wanted, rtol=1e-6)
    assert np.array_equal(edited.hidden[:3], plain.hidden[:3])
    assert not np.allclose(edited.hidden[3], plain.hidden[3], atol=1e-3)
    ones = run(model, Scale(plus=1))
    assert all((getattr(ones, name) == 1).all() for name in SCALES)


def test_no_gate_without_its_branch(make_model: Make) -> None:
    """Cutting all heads is α1 = 0, cutting the MLP α2 = 0, to the last bit."""
    model = make_model(architecture="tmlt", layers=2, injection=True)
    for cut, gate in ((Cut((0, 1)), "alpha1"), (Cut(mlp=True), "alpha2")):
        one, other = run(model, cut), run(model, Scale((gate,)))
        assert np.array_equal(one.hidden, other.hidden)
        assert np.array_equal(one.attention, other.attention)
        assert not np.allclose(one.hidden, run(model).hidden, atol=0.1)


# ----------------------------------------------------------------------------------------------------------------- cuts


@every_model
def test_a_cut_head_is_a_head_whose_output_weights_are_zero(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(**settings)

    def without(part: slice) -> Callable[[torch.Tensor], torch.Tensor]:
        return lambda weight: torch.cat([weight[:, : part.start], 0 * weight[:, part], weight[:, part.stop :]], 1)

    layers = model.config.layers
    for heads, part in (((0,), slice(0, 4)), ((1,), slice(4, 8)), ((1, 0), slice(0, 8))):
        lesser = changed(model, **{f"layers__{i}__out__weight": without(part) for i in range(layers)})
        close = {"rtol": 1e-5, "atol": 1e-4}
        np.testing.assert_allclose(run(model, Cut(heads)).hidden, run(lesser).hidden, **close)
        one = changed(model, **{f"layers__{layers - 1}__out__weight": without(part)})
        np.testing.assert_allclose(run(model, Cut(heads, layer=layers - 1)).hidden, run(one).hidden, **close)
    silent = changed(model, **{f"layers__{i}__down__weight": torch.zeros_like for i in range(layers)})
    np.testing.assert_allclose(run(model, Cut(mlp=True)).hidden, run(silent).hidden, **close)
    both = run(model, Cut((0, 1), mlp=True)).hidden
    assert np.array_equal(run(model, Cut((0,)), Cut((1,), mlp=True)).hidden, both)
    assert np.array_equal(run(model, Cut((1,), mlp=True), Cut((0,))).hidden, both)
    assert not np.allclose(run(model, Cut((0,))).hidden, run(model, Cut((1,))).hidden, atol=1e-2)


def test_a_cut_head_is_cut_in_its_loops_only(make_model: Make) -> None:
    model = make_model(injection=True)
    lesser = changed(model, layers__0__out__weight=lambda weight: torch.cat([0 * weight[:, :4], weight[:, 4:]], 1))
    embedded = model.embed(torch.as_tensor(TOKENS)[None])
    state = State(0, model.start(embedded))
    for loop in range(LOOPS):
        state = (lesser if loop in (2, 3) else model).step(state, embedded)
    np.testing.assert_allclose(
        run(model, Cut((0,), first=2, stop=4)).hidden[-1], state.hidden[0].numpy(), rtol=1e-5, atol=1e-5
    )


def test_a_layer_of_a_standard_transformer_is_cut_by_its_loop(make_model: Make) -> None:
    model = make_model(architecture="standard", layers=3)
    silent = changed(model, layers__1__down__weight=torch.zeros_like)
    np.testing.assert_allclose(
        run(model, Cut(mlp=True, first=1, stop=2), loops=3).hidden, run(silent, loops=3).hidden, rtol=0, atol=1e-5
    )


# ------------------------------------------------------------------------------------------------------------ attention


@every_model
def test_blocked_positions_get_nothing_and_the_others_share_it(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(**settings)
    plain, blocked = run(model), run(model, Block((7, 9), (3, 7)))
    wanted = plain.attention[0, 0].copy()  # the first layer of the first loop asks the same question in both runs
    for row in (7, 9):
        wanted[:, row, [3, 7]] = 0
        wanted[:, row] /= wanted[:, row].sum(-1, keepdims=True)
    np.testing.assert_allclose(blocked.attention[0, 0], wanted, rtol=1e-4, atol=1e-6)
    assert not blocked.attention[:, :, :, [[7], [9]], [3, 7]].any()
    assert (plain.attention[:, :, :, [[7], [9]], [3, 7]] > 0).all()


def test_who_may_look_at_nobody_else_is_alone(make_model: Make) -> None:
    """Position 5 sees only itself: the tokens of the others cannot reach it; and in the loops where it sees them, they do."""
    model = make_model()
    others = [i for i in range(16) if i != 5]
    tokens = np.where(np.arange(16) == 5, TOKENS, OTHER)
    ends = [
        [run(model, *changes, tokens=some).hidden[:, 5] for some in (TOKENS, tokens)]
        for changes in (
            [Block((5,), others)],
            [Block((5,), others, stop=3)],
            [Block((5,), others[:8]), Block((5,), others[8:])],
        )
    ]
    assert np.array_equal(*ends[0])
    assert np.array_equal(ends[1][0][:4], ends[1][1][:4])
    assert not np.allclose(ends[1][0][4], ends[1][1][4], atol=1e-3)
    assert np.array_equal(*ends[2])


def test_only_the_layer_that_was_asked_for_is_blocked_or_cooled(make_model: Make) -> None:
    model = make_model(layers=2)
    trace = run(model, Block((0,), (1,), layer=1), Temperature(0, layer=0))
    assert not trace.attention[:, 1, :, 0, 1].any()
    assert set(np.unique(trace.attention[:, 0])) == {0, 1}
    assert len(np.unique(trace.attention[:, 1])) > 100


@every_model
def test_temperature_zero_is_the_hardmax_model_and_one_the_softmax_model(
    make_model: Make, settings: dict[str, Any]
) -> None:
    soft, hard = make_model(**settings), make_model(**settings, attention="hardmax")
    assert same(run(soft, Temperature(0)), run(hard))
    assert same(run(hard, Temperature(1)), run(soft))
    assert not np.allclose(run(soft).hidden, run(hard).hidden, atol=0.1)


@every_model
def test_scores_are_divided_by_the_temperature(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(**settings)
    plain = run(model).attention[0, 0]
    for temperature in (0.5, 2.0):
        raised = plain.astype(np.float64) ** (1 / temperature)
        wanted = raised / raised.sum(-1, keepdims=True)
        found = run(model, Temperature(temperature))
        np.testing.assert_allclose(found.attention[0, 0], wanted, rtol=1e-3, atol=1e-6)
        assert found.difference > 0  # the plain forward is the fused one here too
    uniform = run(model, Temperature(math.inf)).attention
    seen = np.tril(np.ones((16, 16))) if model.config.causal else np.ones((16, 16))
    np.testing.assert_allclose(uniform, np.broadcast_to(seen / seen.sum(-1, keepdims=True), uniform.shape), rtol=1e-6)
    assert np.isfinite(run(model, Temperature(1e-6)).hidden).all()


def test_a_cold_softmax_is_nearly_hardmax(make_model: Make) -> None:
    model = make_model()
    np.testing.assert_allclose(
        run(model, Temperature(1e-5), loops=1).hidden, run(model, Temperature(0), loops=1).hidden, rtol=0, atol=1e-4
    )


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
    embedded = model.embed(torch.as_tensor(TOKENS)[None])
    assert np.array_equal(
        trace.hidden[3], model.step(State(2, torch.tensor(wanted[2])[None]), embedded, record=True).hidden[0]
    )
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
    state = State(0, model.start(mine))
    wanted = [state.hidden[0].numpy()]
    for loop in range(LOOPS):
        state = model.step(state, others if 2 <= loop < 4 else mine, record=True)
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
    assert not edited_scales(lambda t: scales, 0, [Scale()]).any()
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
