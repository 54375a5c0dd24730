"""Properties of the family: what a new model is, how it is unrolled, what depends on what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from looped.model import Config, Model
from looped.model.config import ARCHITECTURES

Make = Callable[..., Model]
Weights = dict[str, np.ndarray]


def some_tokens(config: Config, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(config.vocab, size=config.length)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("init", ["released", "scaled"])
def test_a_new_tmlt_is_the_identity_map(layers: int, init: str) -> None:
    torch.manual_seed(3)
    model = Model(Config("tmlt", vocab=5, length=16, trained_loops=6, d_model=8, heads=2, layers=layers, init=init))
    with torch.no_grad():
        model.token.weight.normal_(std=3)
        states = list(model.unroll(torch.as_tensor(some_tokens(model.config))[None], record=True))
    for state in states[1:]:
        assert torch.equal(state.hidden, states[0].hidden)
        assert not state.scales[:, :2].any()  # α1, α2
        assert torch.equal(state.scales[:, 2:], torch.ones(layers, 2, 8))  # γ1, γ2


def test_a_new_tmlt_can_learn_to_leave_the_identity() -> None:
    """α is zero but its gradient is not: zero weights in W5 are a start, not a trap."""
    torch.manual_seed(3)
    model = Model(Config("tmlt", vocab=5, length=16, trained_loops=2, d_model=8, heads=2))
    tokens = torch.as_tensor(some_tokens(model.config))[None]
    F.cross_entropy(model(tokens).flatten(0, 1), tokens.flatten()).backward()
    assert model.timestep.w5.weight.grad.view(4, -1)[:2].abs().amax(1).min() > 0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("init", ["released", "scaled"])
def test_a_new_looped_or_standard_model_is_not_the_identity_and_finite(architecture: str, init: str) -> None:
    torch.manual_seed(4)
    model = Model(Config(architecture, vocab=5, length=16, trained_loops=2, d_model=32, layers=2, init=init))
    stds = {
        name: float(p.detach().std())
        for name, p in model.named_parameters()
        if p.ndim == 2 and not name.startswith("timestep")
    }
    expected = {
        "released": {
            "token.weight": 0.02,
            "layers.0.qkv.weight": 0.02,
            "layers.1.out.weight": 0.01,
            "layers.0.down.weight": 0.01,
        },
        "scaled": {
            "token.weight": 0.5,
            "place.0.weight": 0.5,
            "layers.0.qkv.weight": 0.125,
            "layers.1.out.weight": 0.125,
        },
    }[init]
    assert {name: stds[name] for name in expected} == pytest.approx(expected, rel=0.15)
    with torch.no_grad():
        first, *_, last = model.unroll(torch.as_tensor(some_tokens(model.config))[None])
    assert torch.isfinite(last.hidden).all()
    assert torch.equal(first.hidden, last.hidden) is (architecture == "tmlt")


BOARD: dict[str, Any] = {
    "vocab": 5,
    "length": 16,
    "trained_loops": 2,
    "d_model": 32,
    "positions": "board",
    "box": (2, 2),
    "relations": True,
}


def test_heads_may_begin_specialised_with_codes_of_places_near_zero() -> None:
    torch.manual_seed(4)
    model = Model(Config("looped", **BOARD, heads=4, layers=2, init="specialised"))
    for layer in model.layers:
        bias = layer.relation.detach()  # of each head: same row, column, box, cell
        assert bias[0].tolist() == pytest.approx([5 / 3, 5 / 3, 0, -1])
        assert bias[1:].tolist() == [[5, 0, 0, -1], [0, 0, 5, -1], [0, 5, 0, -1]]
    stds = {name: float(p.detach().std()) for name, p in model.named_parameters() if p.ndim == 2}
    assert stds["token.weight"] == pytest.approx(0.5, rel=0.15)
    assert stds["layers.0.qkv.weight"] == pytest.approx(0.125, rel=0.15)
    for table in range(3):
        assert stds[f"place.{table}.weight"] == pytest.approx(0.02, rel=0.25)
    assert Model(Config("looped", **BOARD, heads=2, init="specialised")).layers[0].relation[1].tolist() == [5, 0, 0, -1]
    assert not Model(Config("looped", **BOARD, init="scaled")).layers[0].relation.any()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_relu_is_the_same_function_in_training_and_after_it(architecture: str) -> None:
    torch.manual_seed(4)
    model = Model(Config(architecture, vocab=5, length=16, trained_loops=2, d_model=8, layers=2, activation="relu"))
    if model.timestep is not None:
        torch.nn.init.normal_(model.timestep.w5.weight)  # its MLP would not be used otherwise
    tokens = torch.as_tensor(some_tokens(model.config))[None]
    x, gradients = torch.randn(4, 7), []
    for training in (True, False):
        model.train(training)
        leaf = x.clone().requires_grad_(True)
        active = model.layers[0].activate(leaf)
        assert torch.equal(active, x.clamp(min=0))
        active.square().sum().backward()
        gradients.append(leaf.grad)
    torch.testing.assert_close(gradients[0], gradients[1])
    with torch.no_grad():
        evaluated = model.eval()(tokens)
        torch.testing.assert_close(model.train()(tokens), evaluated)
        gelu = Model(replace(model.config, activation="gelu")).eval()
        gelu.load_state_dict(model.state_dict())
        assert not torch.allclose(gelu(tokens), evaluated)


def test_unroll_is_lazy(make_model: Make) -> None:
    model = make_model()
    states = model.unroll(torch.zeros(1, 16, dtype=torch.int64), 10**6)
    assert [state.loop for state in islice(states, 2)] == [0, 1]
    assert next(states).loop == 2


def test_unroll_yields_the_start_and_one_state_a_loop_as_many_as_trained_by_default(make_model: Make) -> None:
    model, tokens = make_model(architecture="tmlt", layers=2), torch.zeros(2, 16, dtype=torch.int64)
    states = list(model.unroll(tokens))
    assert [state.loop for state in states] == [0, 1, 2, 3]
    assert {state.hidden.shape for state in states} == {(2, 16, 8)}
    assert states[0].scales is None
    assert {state.scales.shape for state in states[1:]} == {(2, 4, 8)}
    assert all(state.attention is None for state in states)
    recorded = list(model.unroll(tokens, record=True))
    assert recorded[0].attention is None
    assert {state.attention.shape for state in recorded[1:]} == {(2, 2, 2, 16, 16)}
    assert model(tokens).shape == (2, 16, 5)


@pytest.mark.parametrize("architecture", ["looped", "tmlt"])
def test_more_loops_than_trained_go_on_from_where_the_shorter_run_was(make_model: Make, architecture: str) -> None:
    model = make_model(architecture=architecture, injection=True)
    tokens = torch.as_tensor(some_tokens(model.config))[None]
    shorter, longer = list(model.unroll(tokens)), list(model.unroll(tokens, 12))
    assert len(longer) == 13
    for short, long in zip(shorter, longer, strict=False):
        assert torch.equal(short.hidden, long.hidden)
    assert not torch.equal(longer[3].hidden, longer[12].hidden)


@pytest.mark.parametrize(
    "settings", [{}, {"architecture": "tmlt", "positions": "rotary"}, {"attention": "hardmax", "layers": 2}]
)
@pytest.mark.parametrize("record", [False, True])
def test_later_tokens_do_not_change_earlier_positions_of_a_causal_model(
    make_model: Make, settings: dict[str, Any], record: bool
) -> None:
    model = make_model(dtype=torch.float64, causal=True, **settings)
    tokens = torch.as_tensor(some_tokens(model.config))[None]
    other = tokens.clone()
    other[:, 10:] = (other[:, 10:] + 1) % 5
    for a, b in zip(model.unroll(tokens, 4, record), model.unroll(other, 4, record), strict=True):
        torch.testing.assert_close(a.hidden[:, :10], b.hidden[:, :10], rtol=0, atol=1e-12)
        assert (a.hidden[:, 10:] - b.hidden[:, 10:]).abs().max() > 0.01


def test_every_position_of_a_bidirectional_model_sees_every_other(make_model: Make) -> None:
    model = make_model(dtype=torch.float64)
    tokens = torch.as_tensor(some_tokens(model.config))[None]
    other = tokens.clone()
    other[:, -1] = (other[:, -1] + 1) % 5
    *_, a = model.unroll(tokens, 2)
    *_, b = model.unroll(other, 2)
    assert (a.hidden - b.hidden).abs().amax(-1).min() > 1e-9


@pytest.mark.parametrize("architecture", ["looped", "tmlt"])
def test_without_positions_a_bidirectional_model_is_permutation_equivariant(
    make_model: Make, architecture: str
) -> None:
    order = torch.as_tensor(np.random.default_rng(0).permutation(16))
    for positions, holds in (("none", True), ("learned", False)):
        model = make_model(dtype=torch.float64, architecture=architecture, positions=positions)
        tokens = torch.as_tensor(some_tokens(model.config))[None]
        *_, straight = model.unroll(tokens)
        *_, permuted = model.unroll(tokens[:, order])
        assert torch.allclose(straight.hidden[:, order], permuted.hidden, rtol=0, atol=1e-10) is holds


def test_a_batch_is_its_boards_one_by_one(make_model: Make) -> None:
    model = make_model(dtype=torch.float64, architecture="tmlt", injection=True)
    batch = torch.as_tensor(np.random.default_rng(2).integers(5, size=(4, 16)))
    together = model(batch)
    for i in range(4):
        torch.testing.assert_close(model(batch[i : i + 1])[0], together[i], rtol=0, atol=1e-12)


def test_shorter_sequences_than_the_models_length_are_run(make_model: Make) -> None:
    model = make_model(causal=True, dtype=torch.float64)
    tokens = torch.as_tensor(some_tokens(model.config))[None]
    torch.testing.assert_close(model(tokens[:, :6]), model(tokens)[:, :6], rtol=0, atol=1e-12)


def test_the_number_of_parameters_is_counted(make_model: Make) -> None:
    # tokens and places 5·8 + 16·8, qkv 3·8·8, out 8·8, MLP 2·(8·16), gains 8 + 8, readout 8 + 5·8
    assert make_model().parameters_count == 40 + 128 + 192 + 64 + 256 + 16 + 48
    # the gains of the layer go, W1 8·256 + 8, W2 8·8 + 8 and W5 32·8 + 32 come
    assert make_model(architecture="tmlt").parameters_count == 744 - 16 + 2056 + 72 + 288


def test_the_numbers_of_what_one_loop_applies_are_counted_alone(make_model: Make) -> None:
    block = 192 + 64 + 256 + 16
    assert make_model().anatomy.learned == block
    assert make_model(architecture="standard", layers=3, trained_loops=3).anatomy.learned == block


@pytest.mark.parametrize(
    ("settings", "loops", "sentence"),
    [
        ({}, 0, "loops is 0; at least one loop must be run."),
        ({}, -3, "loops is -3; at least one loop must be run."),
        (
            {"architecture": "standard", "layers": 3},
            4,
            "a standard transformer cannot be run for 4 loops: it has 3 layers, each applied once.",
        ),
    ],
)
def test_loops_that_cannot_be_run_are_refused(
    make_model: Make, settings: dict[str, Any], loops: int, sentence: str
) -> None:
    with pytest.raises(ValueError, match="loop") as caught:
        next(make_model(**settings).unroll(torch.zeros(1, 16, dtype=torch.int64), loops))
    assert str(caught.value) == sentence


def test_more_tokens_than_positions_are_refused(make_model: Make) -> None:
    with pytest.raises(ValueError, match=r"^17 tokens are too many: this model has 16 positions\.$"):
        make_model().embed(torch.zeros(1, 17, dtype=torch.int64))


def test_what_follows_from_the_weights_alone_is_cached_and_changes_nothing(make_model: Make) -> None:
    """Made in inference mode, the biases serve gradients with respect to the input, too."""
    model = make_model(architecture="tmlt", relations=True, positions="board", box=(2, 2)).requires_grad_(False)
    tokens = torch.as_tensor(some_tokens(model.config))[None]
    plain = [state.hidden for state in model.unroll(tokens)]
    model.cache_constants()
    with torch.inference_mode():
        cached = [state.hidden for state in model.unroll(tokens)]
    assert all(torch.equal(one, other) for one, other in zip(plain, cached, strict=True))
    assert [sorted(layer.biases) for layer in model.layers] == [[model.config.length]] * len(model.layers)
    embedded = model.embed(tokens).requires_grad_()
    state = model.step(model.begin_embedded(embedded))
    state.hidden.sum().backward()
    assert embedded.grad.abs().sum() > 0
    assert model.untrained().layers[0].biases is None
