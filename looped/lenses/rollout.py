"""Attention rollout across loops, gates included: from which positions of an earlier state does a later one come?

Abnar and Zuidema (arXiv 2005.00928) multiply (I + Ā) over layers, rows normalised to sum to one: the identity stands
for the stream that goes on, Ā for attention, the mean over heads. In a TMLT the branch is added through α1(t), x ← x
+ α1(t) · Attention(…) (arXiv 2410.01405, section 4), so here it is (I + gate · Ā), with a gate of one for models that
have none.

It is an estimate: it takes what attention reads to be as large as the stream it is added to, and leaves out the value
and output maps and the MLP, which moves nothing between positions. Input injection and feedback do not either: they add
to each position its own input and answer.
"""

from __future__ import annotations

import numpy as np

from looped.runs.needs import EITHER_ATTENTION, Needs
from looped.runs.numerics import spread_over_positions

NEEDS = Needs(any_of=EITHER_ATTENTION)


def rollout(
    attention: np.ndarray,
    alpha1: np.ndarray | None = None,
    head: int | None = None,
    first: int = 0,
    last: int | None = None,
    neighbours: np.ndarray | None = None,
) -> np.ndarray:
    """Roll out attention (loops, layers, heads, positions, positions): (last − first + 1, positions, positions).

    The result is float64, and its rows sum to one.

    Entry k is the rollout from the state after `first` loops to that after first + k: row i says how much of position
    i came from each position of hidden[first]. Entry 0 is the identity; `last` is the last loop when not given.
    `alpha1` (loops, layers, d_model) of a TMLT gives the gates (`gates`); `head` takes one head instead of the mean
    of all. Attention to neighbours, (loops, layers, heads, positions, K), also needs the table `neighbours` (positions,
    K). Raises ValueError for loops or a head that are not there.

    >>> even = np.full((2, 1, 1, 2, 2), 0.5)
    >>> rollout(even)[:, 0].tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.625, 0.375]]
    >>> rollout(even, alpha1=np.zeros((2, 1, 8)))[-1].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    loops, layers, heads, n, _ = attention.shape
    last = loops if last is None else last
    if not 0 <= first <= last <= loops:
        raise ValueError(f"a rollout from loop {first} to {last} needs 0 ≤ first ≤ last ≤ {loops}.")
    if head is not None and not 0 <= head < heads:
        raise ValueError(f"there is no head {head}: attention has the heads 0 to {heads - 1}.")
    gate = np.ones((loops, layers)) if alpha1 is None else gates(alpha1)
    if gate.shape != (loops, layers):
        raise ValueError(
            f"alpha1 is of {gate.shape[0]} loops and {gate.shape[1]} layers, attention of {loops} and {layers}."
        )
    flow = np.empty((last - first + 1, n, n))
    flow[0] = np.eye(n)
    for t in range(first, last):
        so_far = flow[t - first]
        for layer in range(layers):
            mean = attention[t, layer].mean(0, dtype=np.float64) if head is None else attention[t, layer, head]
            if neighbours is not None:
                mean = spread_over_positions(mean, neighbours)
            mixed = np.eye(n) + gate[t, layer] * mean
            so_far = mixed / mixed.sum(-1, keepdims=True) @ so_far
        flow[t - first + 1] = so_far
    return flow


def gates(alpha1: np.ndarray) -> np.ndarray:
    """Return the root mean square over channels of alpha1 (loops, layers, d_model): (loops, layers).

    One number for d_model of them is a convention: it keeps how large the gates are and drops their signs and how
    they differ.

    >>> gates(np.array([[[3.0, -4.0, 0.0, 0.0]]])).tolist()
    [[2.5]]
    """
    strength: np.ndarray = np.sqrt(np.square(alpha1, dtype=np.float64).mean(-1))
    return strength


def strongest_source(flow: np.ndarray) -> np.ndarray:
    """Find the other position that most of each position came from: flow (…, positions, positions) → (…, positions).

    Of a single position it is that one.

    >>> strongest_source(np.array([[0.6, 0.1, 0.3], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])).tolist()
    [2, 0, 0]
    """
    n = flow.shape[-1]
    found: np.ndarray = np.where(np.eye(n, dtype=bool), -1, flow).argmax(-1)
    return found
