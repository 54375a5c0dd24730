"""The model against the papers' equations, written again in plain numpy, and against PyTorch's own attention."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from looped.model.family import ARCHITECTURES, Config, Model, hardmax, norm, rotate

Make = Callable[..., Model]
Weights = dict[str, np.ndarray]


# ---------------------------------------------------------------- the equations again (reference/paper.md, sections 1 and 2)


def rms(x: np.ndarray) -> np.ndarray:
    return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-6)


def silu(x: np.ndarray) -> np.ndarray:
    return x / (1 + np.exp(-x))


def gelu(x: np.ndarray) -> np.ndarray:
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def mix_row(scores: np.ndarray, kind: str) -> np.ndarray:
    """One row of scores → how much each position counts."""
    if kind == "hardmax":
        best = [j for j, score in enumerate(scores) if score == max(scores)]
        return np.array([1 / len(best) if j in best else 0.0 for j in range(len(scores))])
    raised = np.exp(scores - max(scores))
    return raised / raised.sum()


def turn(x: np.ndarray, place: int) -> np.ndarray:
    """Rotary code as complex numbers: pair k of position p times exp(i · p · 10000^(-2k/width))."""
    pairs = x[0::2] + 1j * x[1::2]
    pairs = pairs * np.exp(1j * place * 10000.0 ** (-2 * np.arange(len(pairs)) / len(x)))
    return np.stack([pairs.real, pairs.imag], axis=1).ravel()


def attention(
    c: Config, w: Weights, prefix: str, query_key: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    n, d = query_key.shape
    wq, wk, wv = w[prefix + "qkv.weight"][:d], w[prefix + "qkv.weight"][d : 2 * d], w[prefix + "qkv.weight"][2 * d :]
    width = d // c.heads
    mixed, weights = np.zeros((n, d)), np.zeros((c.heads, n, n))
    for head in range(c.heads):
        part = slice(head * width, (head + 1) * width)
        q, k, v = query_key @ wq[part].T, query_key @ wk[part].T, value @ wv[part].T
        if c.positions == "rotary":
            q, k = (np.stack([turn(row, place) for place, row in enumerate(x)]) for x in (q, k))
        for i in range(n):
            seen = i + 1 if c.causal else n
            scores = k[:seen] @ q[i] / math.sqrt(width)
            if c.relations:
                where = [cell(c, j) for j in range(n)]
                for j in range(seen):
                    row, column, box, same = w[prefix + "relation"][head]
                    scores[j] += sum(
                        bias for bias, a, b in zip((row, column, box), where[i], where[j], strict=True) if a == b
                    ) + same * (i == j)
            weights[head, i, :seen] = mix_row(scores, c.attention)
        mixed[:, part] = weights[head] @ v
    return mixed @ w[prefix + "out.weight"].T, weights


def cell(c: Config, i: int) -> tuple[int, int, int]:
    """Row, column and box of a position."""
    assert c.box is not None
    side = c.box[0] * c.box[1]
    row, column = divmod(i, side)
    return row, column, (row // c.box[0]) * (side // c.box[1]) + column // c.box[1]


def scales(c: Config, w: Weights, t: float) -> np.ndarray:
    """alpha1, alpha2, gamma1, gamma2 of loop t for every layer: (layers, 4, d)."""
    f = 10000.0 ** (-np.arange(128) / 128)
    s = np.concatenate([np.cos(t * f), np.sin(t * f)])
    te = w["timestep.w2.weight"] @ silu(w["timestep.w1.weight"] @ s + w["timestep.w1.bias"]) + w["timestep.w2.bias"]
    raw = (w["timestep.w5.weight"] @ silu(te) + w["timestep.w5.bias"]).reshape(c.layers, 4, c.d_model)
    g_a, g_m, c_a, c_m = raw.transpose(1, 0, 2)
    return np.stack([g_a, g_m, 1 + c_a, 1 + c_m], axis=1)


def branches(c: Config, w: Weights, layer: int, x: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
    """x after both branches of one layer in loop t, and the attention weights."""
    prefix = f"layers.{layer}."

    def mlp(u: np.ndarray) -> np.ndarray:
        return gelu(u @ w[prefix + "up.weight"].T) @ w[prefix + "down.weight"].T

    if c.architecture == "tmlt":
        alpha1, alpha2, gamma1, gamma2 = scales(c, w, t)[layer]
        u = rms(x) * gamma1
        branch, weights = attention(c, w, prefix, u, u)
        x = x + alpha1 * branch
        return x + alpha2 * mlp(rms(x) * gamma2), weights
    u = rms(x) * w[prefix + "gain1"]
    if c.values == "as released":  # V = x, and nothing normalises the input of the MLP
        branch, weights = attention(c, w, prefix, u, x)
        x = x + branch
        return x + mlp(x), weights
    branch, weights = attention(c, w, prefix, u, u)
    x = x + branch
    return x + mlp(rms(x) * w[prefix + "gain2"]), weights


def restate(model: Model, tokens: np.ndarray, loops: int) -> tuple[np.ndarray, np.ndarray]:
    """All states (loops + 1, n, d) and all attention (loops, layers, heads, n, n) of one sequence, without the library."""
    c, w = model.config, {name: p.numpy().astype(np.float64) for name, p in model.named_parameters()}
    p = w["token.weight"][tokens]
    for i in range(len(tokens)):
        if c.positions == "learned":
            p[i] += w["place.0.weight"][i]
        if c.positions == "halves":
            p[i] += w["place.0.weight"][2 * i // len(tokens)] + w["place.1.weight"][i % (len(tokens) // 2)]
        if c.positions == "board":
            row, column, box = cell(c, i)
            p[i] += w["place.0.weight"][row] + w["place.1.weight"][column] + w["place.2.weight"][box]
    y = np.zeros_like(p) if c.injection else p
    states, maps = [y], []
    for t in range(loops):
        x = y + p if c.injection else y
        if c.feedback:
            x = (
                x
                + np.array([mix_row(row, "softmax") for row in rms(y) * w["gain"] @ w["head.weight"].T])
                @ w["token.weight"]
            )
        weights = []
        for layer in [t] if c.architecture == "standard" else range(c.layers):
            x, seen = branches(c, w, layer, x, t)
            weights.append(seen)
        y = rms(x) if c.state_norm else x
        states.append(y)
        maps.append(weights)
    return np.array(states), np.array(maps)


# -------------------------------------------------------------------------------------------------------------- parity

MODELS: dict[str, dict[str, Any]] = {
    "looped": {},
    "looped, two layers": {"layers": 2},
    "looped + injection": {"injection": True},
    "looped + injection, state normalised, board": {
        "injection": True,
        "state_norm": True,
        "positions": "board",
        "box": (2, 2),
    },
    "looped + feedback": {"injection": True, "feedback": True, "layers": 2},
    "looped + relations": {"relations": True, "positions": "board", "box": (2, 2)},
    "looped, halves": {"positions": "halves", "length": 10},
    "looped as released": {"values": "as released", "size": 0.3},
    "looped as released, causal, rotary": {"values": "as released", "causal": True, "positions": "rotary", "size": 0.3},
    "looped, wide boxes": {"positions": "board", "box": (1, 4)},
    "standard": {"architecture": "standard", "layers": 3},
    "standard, causal": {"architecture": "standard", "layers": 3, "causal": True, "positions": "none"},
    "tmlt": {"architecture": "tmlt"},
    "tmlt, two layers": {"architecture": "tmlt", "layers": 2},
    "tmlt + injection, state normalised": {"architecture": "tmlt", "injection": True, "state_norm": True},
    "tmlt + feedback, state normalised": {
        "architecture": "tmlt",
        "injection": True,
        "feedback": True,
        "state_norm": True,
    },
    "tmlt, causal, rotary": {"architecture": "tmlt", "causal": True, "positions": "rotary"},
    "tmlt, board of 6 × 6": {"architecture": "tmlt", "positions": "board", "box": (2, 3), "length": 36},
    "tmlt + relations, causal, two layers": {
        "architecture": "tmlt",
        "relations": True,
        "positions": "board",
        "box": (1, 4),
        "causal": True,
        "layers": 2,
    },
    "tmlt + injection, halves": {"architecture": "tmlt", "injection": True, "positions": "halves"},
    "hardmax": {"attention": "hardmax"},
    # With position codes: equal tokens would tie, and then rounding decides in either computation.
    "hardmax, causal tmlt": {"architecture": "tmlt", "attention": "hardmax", "causal": True},
}


def some_tokens(config: Config, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(config.vocab, size=config.length)


@pytest.mark.parametrize("settings", MODELS.values(), ids=MODELS.keys())
def test_every_kind_of_model_follows_the_equations(make_model: Make, settings: dict[str, Any]) -> None:
    model = make_model(dtype=torch.float64, **settings)
    tokens = some_tokens(model.config)
    loops = 3 if model.config.architecture == "standard" else 5  # two more than trained
    states, maps = restate(model, tokens, loops)
    batch = torch.as_tensor(tokens)[None]
    recorded = list(model.unroll(batch, loops, record=True))
    plain = list(model.unroll(batch, loops))
    assert np.abs(states[-1] - states[1]).max() > 0.1, "the comparison would prove nothing: the states do not move"
    # Angles of rotary codes and timesteps are float32 in the library, everything else is float64 on both sides.
    close = {"rtol": 0, "atol": 1e-5 if model.timestep is not None or model.config.positions == "rotary" else 1e-10}
    for t in range(loops + 1):
        np.testing.assert_allclose(recorded[t].hidden[0].numpy(), states[t], **close)
        np.testing.assert_allclose(plain[t].hidden[0].numpy(), states[t], **close)
    for t in range(loops):
        np.testing.assert_allclose(recorded[t + 1].attention[0].numpy(), maps[t], **close)
    w = {name: p.numpy() for name, p in model.named_parameters()}
    logits = rms(states[-1]) * w["gain"] @ w["head.weight"].T
    np.testing.assert_allclose(model(batch, loops)[0].numpy(), logits, **close)


def test_injection_starts_at_zero_and_the_other_models_at_the_embedded_input(make_model: Make) -> None:
    injected, plain = make_model(injection=True), make_model()
    tokens = torch.as_tensor(some_tokens(plain.config))[None]
    assert not next(injected.unroll(tokens)).hidden.any()
    assert torch.equal(next(plain.unroll(tokens)).hidden, plain.embed(tokens))


@pytest.mark.parametrize("t", [0, 1, 7, 0.5, 3.25, 31.75, 400])
def test_the_timestep_encoding_is_defined_for_fractions_and_far_loops(make_model: Make, t: float) -> None:
    model = make_model(architecture="tmlt", layers=2, dtype=torch.float64)
    w = {name: p.numpy() for name, p in model.named_parameters()}
    np.testing.assert_allclose(
        model.timestep(t).numpy(), scales(model.config, w, t), rtol=0, atol=1e-4 if t > 100 else 1e-5
    )
    assert not torch.allclose(model.timestep(t), model.timestep(t + 0.25), atol=1e-3)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("rotary", [False, True])
def test_recorded_attention_is_what_pytorchs_own_attention_computes(
    make_model: Make, causal: bool, rotary: bool
) -> None:
    model = make_model(dtype=torch.float64, causal=causal, positions="rotary" if rotary else "none")
    layer, u = model.layers[0], torch.randn(3, 16, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    output, weights = layer.attend(u, u, record=True)
    q, k, v = (x.unflatten(-1, (2, 4)).transpose(1, 2) for x in layer.qkv(u).chunk(3, -1))
    if rotary:
        q, k = rotate(q), rotate(k)
    fused = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    torch.testing.assert_close(output, layer.out(fused.transpose(1, 2).flatten(2)), rtol=0, atol=1e-12)
    torch.testing.assert_close(weights @ v, fused, rtol=0, atol=1e-12)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 2, 16, dtype=torch.float64), rtol=0, atol=1e-12)
    assert bool(weights.triu(1).any()) is not causal


def test_the_norm_is_the_root_mean_square() -> None:
    x = torch.tensor([[3.0, 4.0, 0.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(norm(x), x / 2.5, rtol=1e-6, atol=0)
    torch.testing.assert_close(
        norm(x, torch.arange(4, dtype=torch.float64)), x / 2.5 * torch.arange(4), rtol=1e-6, atol=0
    )
    assert not norm(torch.zeros(2, 4)).any()


def test_hardmax_puts_all_mass_on_the_largest_scores_and_shares_ties() -> None:
    scores = torch.tensor([[1.0, 3.0, 2.0], [5.0, 5.0, 4.0], [2.0, 2.0, 2.0], [-torch.inf, 0.0, -torch.inf]])
    assert hardmax(scores).tolist() == [[0, 1, 0], [0.5, 0.5, 0], pytest.approx([1 / 3] * 3), [0, 1, 0]]
    assert torch.allclose((1e4 * scores[:2]).softmax(-1), hardmax(scores[:2]))


# ------------------------------------------------------------------------------------------------- properties of models


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


# ---------------------------------------------------------------------------------------------------------- complaints

GOOD: dict[str, Any] = {
    "architecture": "looped",
    "vocab": 5,
    "length": 16,
    "trained_loops": 3,
    "d_model": 8,
    "heads": 2,
}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"architecture": "rnn"}, "architecture is 'rnn'; it must be one of"),
    ({"attention": "linear"}, "attention is 'linear'; it must be one of"),
    ({"positions": "alibi"}, "positions is 'alibi'; it must be one of"),
    ({"init": "zero"}, "init is 'zero'; it must be one of ('released', 'scaled', 'specialised')."),
    ({"init": "specialised"}, "init 'specialised' is of the biases that heads have for relations; it needs relations."),
    ({"activation": "tanh"}, "activation is 'tanh'; it must be one of ('gelu', 'relu')."),
    ({"values": "none"}, "values is 'none'; it must be 'normalised' or 'as released'."),
    *(
        ({name: value}, f"{name} is {value!r}; it must be a whole number from 1 to 100,000.")
        for name in ("vocab", "length", "trained_loops", "d_model", "heads", "layers", "mlp")
        for value in (0, -1, 2.0, True, "8", 10**25)
    ),
    *(
        ({name: "no"}, f"{name} is 'no'; it must be true or false.")
        for name in ("injection", "feedback", "state_norm", "causal", "relations", "held")
    ),
    ({"held": True}, "only a TMLT has timesteps that could be held."),
    ({"d_model": 9}, "d_model = 9 does not divide into 2 heads."),
    ({"relations": True}, "relations are those of cells on a board; they need board positions."),
    ({"length": 15, "positions": "halves"}, "halves positions need an even length, not 15."),
    ({"d_model": 6, "positions": "rotary"}, "rotary positions need an even width per head."),
    ({"box": (2,)}, "box is (2,); it must be (rows, columns), two positive whole numbers."),
    ({"box": 4}, "box is 4; it must be (rows, columns), two positive whole numbers."),
    ({"box": (0.5, 8)}, "box is (0.5, 8); it must be (rows, columns), two positive whole numbers."),
    (
        {"box": (-2, -2), "positions": "board"},
        "box is (-2, -2); it must be (rows, columns), two positive whole numbers.",
    ),
    (
        {"positions": "board"},
        "board positions need box = (rows, columns) with (rows · columns)² = length, not None and 16.",
    ),
    (
        {"positions": "board", "box": (2, 3)},
        "board positions need box = (rows, columns) with (rows · columns)² = length, not (2, 3) and 16.",
    ),
    ({"architecture": "tmlt", "values": "as released"}, "values 'as released' exist for the looped baseline only."),
    (
        {"architecture": "standard", "layers": 3, "injection": True},
        "a standard transformer has no loops, so nothing to inject the input into.",
    ),
    ({"feedback": True}, "feedback joins the input that is injected at every loop; it needs injection."),
    (
        {"architecture": "standard", "layers": 2},
        "a standard transformer applies each layer once: trained_loops must equal layers.",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), BAD, ids=[str(change)[:60] for change, _ in BAD])
def test_a_config_that_makes_no_sense_is_refused_with_one_sentence(change: dict[str, Any], sentence: str) -> None:
    Config(**GOOD)
    with pytest.raises(ValueError, match=r"^[^\n]+\.$") as caught:
        Config(**GOOD | change)
    assert str(caught.value).startswith(sentence)


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
