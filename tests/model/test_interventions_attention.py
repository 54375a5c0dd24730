"""Interventions on heads and attention, each against a case whose answer is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from looped.model.interventions import (
    Block,
    Cut,
    Temperature,
)
from tests.model.recorded import LOOPS, OTHER, TOKENS, Make, changed, every_model, run, same

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
    state = model.begin(torch.as_tensor(TOKENS)[None])
    for loop in range(LOOPS):
        state = (lesser if loop in (2, 3) else model).step(state)
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
