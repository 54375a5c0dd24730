"""Attention rollout: products written out, gates that are closed, and attention whose way is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from looped.lenses.rollout import entering, gates, input_rollout, rollout, strongest_source
from looped.lenses.timestep import strengths
from looped.runs.trace import record

RNG = np.random.default_rng(0)
RAISED = RNG.exponential(size=(5, 2, 3, 6, 6))
ATTENTION = RAISED / RAISED.sum(-1, keepdims=True)
ALPHA1 = RNG.normal(size=(5, 2, 8))


def by_hand(first: int, last: int, head: int | None, gated: bool) -> np.ndarray:
    flow = np.eye(6)
    for t in range(first, last):
        for layer in range(2):
            mean = sum(ATTENTION[t, layer, h] for h in range(3)) / 3 if head is None else ATTENTION[t, layer, head]
            gate = (sum(x * x for x in ALPHA1[t, layer].tolist()) / 8) ** 0.5 if gated else 1
            flow = (np.eye(6) + gate * mean) / (1 + gate) @ flow
    return flow


@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("head", [None, 0, 2])
@pytest.mark.parametrize(("first", "last"), [(0, 5), (2, 4), (3, 3), (5, 5)])
def test_a_rollout_is_the_product_over_loops_and_layers(first: int, last: int, head: int | None, gated: bool) -> None:
    flow = rollout(ATTENTION, ALPHA1 if gated else None, head, first, last)
    assert flow.shape == (last - first + 1, 6, 6)
    for k in range(len(flow)):
        np.testing.assert_allclose(flow[k], by_hand(first, first + k, head, gated), atol=1e-12)
    np.testing.assert_allclose(flow.sum(-1), 1)
    assert flow.min() >= 0


def test_a_rollout_to_the_end_is_that_to_the_middle_and_on() -> None:
    np.testing.assert_allclose(rollout(ATTENTION, first=2)[-1] @ rollout(ATTENTION, last=2)[-1], rollout(ATTENTION)[-1])


def test_a_closed_gate_is_the_identity_and_a_wide_one_is_attention_alone() -> None:
    assert (rollout(ATTENTION, np.zeros((5, 2, 8))) == np.eye(6)).all()
    np.testing.assert_allclose(
        rollout(ATTENTION, np.full((5, 2, 8), 1e9), last=1)[-1],
        ATTENTION[0, 1].mean(0) @ ATTENTION[0, 0].mean(0),
        atol=1e-8,
    )


def test_what_is_passed_along_a_ring_arrives_step_by_step() -> None:
    ring = np.roll(np.eye(6), 1, axis=1)  # i looks at i + 1
    flow = rollout(np.broadcast_to(ring, (3, 1, 1, 6, 6)))
    assert flow[1, 0].tolist() == [0.5, 0.5, 0, 0, 0, 0]
    assert flow[3, 0].tolist() == [1 / 8, 3 / 8, 3 / 8, 1 / 8, 0, 0]


def test_the_gate_is_the_strength_that_the_timestep_lens_shows(make_model: Callable[..., Any]) -> None:
    trace = record(make_model(architecture="tmlt", layers=2), np.arange(16) % 5, 4)
    np.testing.assert_allclose(gates(trace.alpha1), strengths(trace)[..., 0], rtol=1e-5)
    assert rollout(trace.attention, trace.alpha1).sum(-1) == pytest.approx(1)


@pytest.mark.parametrize("architecture", ["looped", "tmlt"])
def test_what_is_injected_is_traced_loop_by_loop(make_model: Callable[..., Any], architecture: str) -> None:
    """Against a re-statement in which the input of every loop is a source of its own."""
    model = make_model(architecture=architecture, layers=2, injection=True)
    tokens, loops, n = np.arange(16) % 5, 4, 16
    trace = record(model, tokens, loops)
    embedded = model.embed(torch.as_tensor(tokens)[None])[0].detach().numpy()
    sources = np.zeros((n, loops, n))  # position, loop at which it entered, position of the input
    strength = np.ones((loops, 2)) if trace.alpha1 is None else (trace.alpha1.astype(float) ** 2).mean(-1) ** 0.5
    flow = input_rollout(trace.attention, entering(trace.hidden, embedded), trace.alpha1)
    assert (flow[0] == 0).all()
    for t in range(loops):
        for i in range(n):
            added, state = np.linalg.norm(embedded[i]), np.linalg.norm(trace.hidden[t, i])
            sources[i] *= state / (added + state)
            sources[i, t, i] += added / (added + state)
        for layer in range(2):
            heads = trace.attention[t, layer].astype(float).mean(0)
            read = np.einsum("ij,jsk->isk", heads, sources)
            sources = (sources + strength[t, layer] * read) / (1 + strength[t, layer])
        np.testing.assert_allclose(sources.sum((1, 2)), 1, atol=1e-6)
        np.testing.assert_allclose(flow[t + 1], sources.sum(1), atol=1e-6)
    np.testing.assert_allclose(flow[1:].sum(-1), 1, atol=1e-6)


def test_what_the_rows_lack_came_from_a_start_that_is_not_zero() -> None:
    even = np.full((3, 5), 0.25)
    attention = ATTENTION[:3, :, :, :5, :5] / ATTENTION[:3, :, :, :5, :5].sum(-1, keepdims=True)
    flow = input_rollout(attention, even)
    np.testing.assert_allclose(1 - flow[1:].sum(-1), np.array([0.75, 0.75**2, 0.75**3])[:, None].repeat(5, 1))
    assert entering(np.ones((2, 3, 4)), np.zeros((3, 4))).tolist() == [[0.0] * 3]
    with pytest.raises(ValueError, match=r"entering must be \(loops, positions\), here \(3, 5\), not \(2, 5\)"):
        input_rollout(attention, even[:2])


def test_what_is_not_there_is_refused() -> None:
    for first, last in ((-1, 3), (4, 3), (0, 6)):
        with pytest.raises(ValueError, match="needs 0 ≤ first ≤ last ≤ 5"):
            rollout(ATTENTION, first=first, last=last)
    for head in (-1, 3):
        with pytest.raises(ValueError, match=f"there is no head {head}"):
            rollout(ATTENTION, head=head)
    with pytest.raises(ValueError, match="alpha1 is of 4 loops and 2 layers"):
        rollout(ATTENTION, ALPHA1[:4])


def test_the_strongest_source_is_another_position() -> None:
    flow = RNG.random((3, 5, 5))
    found = strongest_source(flow)
    for t, i in np.ndindex(3, 5):
        others = [(flow[t, i, j], j) for j in range(5) if j != i]
        assert found[t, i] == max(others)[1]
    assert strongest_source(np.ones((1, 1, 1))).tolist() == [[0]]
