"""The family against the papers' equations, written again in plain numpy, and against PyTorch's own attention."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from looped.model import Config, Model
from looped.model.layers import hardmax, norm, rotate

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
