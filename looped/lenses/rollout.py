"""Attention rollout across loops, gates included: from which positions of an earlier state does a later one come?

Abnar and Zuidema (arXiv 2005.00928) multiply (I + Ā) over layers, rows normalised to sum to one: the identity stands
for the stream that goes on, Ā for attention, the mean over heads. In a TMLT the branch is added through α1(t), x ← x
+ α1(t) · Attention(…) (arXiv 2410.01405, section 4), so here it is (I + gate · Ā), with a gate of one for models that
have none.

It is an estimate: it takes what attention reads to be as large as the stream it is added to, and leaves out the value
and output maps and the MLP, which moves nothing between positions.

With input injection the state before the first loop is zero, so that tracing back to it traces back to nothing. There
`input_rollout` traces back to the embedded input, which every loop adds to the state: position i of what a loop reads
is taken to be ‖P[i]‖ / (‖P[i]‖ + ‖h[t, i]‖) embedded input and the rest state (`entering`), and what is state is traced
on to the loops before. That lengths say how much each is of the sum is a convention, as the identity above is one.
"""

from __future__ import annotations

import numpy as np
import torch

from looped.model import LoopedModel
from looped.model.seam import INJECTION
from looped.runs.needs import EITHER_ATTENTION, Needs
from looped.runs.numerics import spread_over_positions
from looped.runs.trace import Trace

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
    gate = _checked_gates(alpha1, loops, layers)
    flow = np.empty((last - first + 1, n, n))
    flow[0] = np.eye(n)
    for t in range(first, last):
        flow[t - first + 1] = _moved(flow[t - first], attention[t], gate[t], head, neighbours)
    return flow


def _moved(
    shares: np.ndarray, attention: np.ndarray, gate: np.ndarray, head: int | None, neighbours: np.ndarray | None
) -> np.ndarray:
    """Move shares (positions, sources) through the layers of one loop, attention (layers, heads, positions, …)."""
    for layer, strength in enumerate(gate):
        mean = attention[layer].mean(0, dtype=np.float64) if head is None else attention[layer, head]
        if neighbours is not None:
            mean = spread_over_positions(mean, neighbours)
        mixed = np.eye(len(mean)) + strength * mean
        shares = mixed / mixed.sum(-1, keepdims=True) @ shares
    return shares


def input_rollout(
    attention: np.ndarray,
    entering: np.ndarray,
    alpha1: np.ndarray | None = None,
    neighbours: np.ndarray | None = None,
) -> np.ndarray:
    """Roll out attention from the input that is injected in every loop: (loops + 1, positions, positions).

    Entry t is F[t]: row i says how much of position i after t loops came from the embedded input of each position j,
    in whichever loop it entered. F[0] = 0, and with e the share of what loop t reads that is embedded input, `entering`
    (loops, positions), and M[t] the gated attention of that loop as in `rollout`, the mean over heads,

        F[t + 1] = M[t] · (diag(1 − e[t]) · F[t] + diag(e[t]))

    Rows sum to one from the first loop on where the run began at zero, that is where e[0] = 1. What they lack is the
    share of the state before the first loop. The arguments `alpha1` and `neighbours` are those of `rollout`.
    Raises ValueError for shares of other loops or positions.

    >>> even = np.full((2, 1, 1, 2, 2), 0.5)
    >>> input_rollout(even, np.array([[1.0, 1.0], [0.5, 0.5]]))[:, 0].tolist()
    [[0.0, 0.0], [0.75, 0.25], [0.6875, 0.3125]]
    """
    loops, layers, _, n, _ = attention.shape
    if entering.shape != (loops, n):
        raise ValueError(f"entering must be (loops, positions), here {(loops, n)}, not {entering.shape}.")
    gate = _checked_gates(alpha1, loops, layers)
    flow = np.zeros((loops + 1, n, n))
    for t in range(loops):
        read = (1 - entering[t])[:, None] * flow[t] + np.diag(entering[t])
        flow[t + 1] = _moved(read, attention[t], gate[t], None, neighbours)
    return flow


def entering(hidden: np.ndarray, embedded: np.ndarray) -> np.ndarray:
    """Return how much of what each loop reads is the embedded input, by length: (loops, positions), 0 to 1.

    hidden (loops + 1, positions, width), embedded (positions, width). One in the first loop of a run that begins at
    zero. An answer that is fed back counts as state.

    >>> entering(np.array([[[0.0, 0.0]], [[3.0, 4.0]], [[9.0, 9.0]]]), np.array([[5.0, 0.0]])).tolist()
    [[1.0], [0.5]]
    """
    state = np.linalg.norm(hidden[:-1].astype(np.float64), axis=-1)
    added = np.linalg.norm(embedded.astype(np.float64), axis=-1)
    both = state + added
    share: np.ndarray = np.divide(added, both, out=np.ones_like(both), where=both > 0)
    return share


def _checked_gates(alpha1: np.ndarray | None, loops: int, layers: int) -> np.ndarray:
    """Return the gates (loops, layers), one without a TMLT's. Raises ValueError for those of another run."""
    gate = np.ones((loops, layers)) if alpha1 is None else gates(alpha1)
    if gate.shape != (loops, layers):
        raise ValueError(
            f"alpha1 is of {gate.shape[0]} loops and {gate.shape[1]} layers, attention of {loops} and {layers}."
        )
    return gate


def gates(alpha1: np.ndarray) -> np.ndarray:
    """Return the root mean square over channels of alpha1 (loops, layers, d_model): (loops, layers).

    One number for d_model of them is a convention: it keeps how large the gates are and drops their signs and how
    they differ.

    >>> gates(np.array([[[3.0, -4.0, 0.0, 0.0]]])).tolist()
    [[2.5]]
    """
    strength: np.ndarray = np.sqrt(np.square(alpha1, dtype=np.float64).mean(-1))
    return strength


def traced(model: LoopedModel, trace: Trace) -> tuple[np.ndarray, str]:
    """Return the rollout (loops + 1, positions, positions) of a run of a model, and what it traces back to.

    "input", the embedded input that enters in every loop, in models with input injection; else "start", the state
    before the first loop.
    """
    if INJECTION not in model.capabilities:
        return rollout(trace.attention, trace.alpha1, neighbours=trace.neighbours), "start"
    device = next(model.parameters()).device
    with torch.inference_mode():
        embedded = model.begin(torch.tensor(trace.input, device=device)[None]).input[0][0]
    shares = entering(trace.hidden, embedded.float().cpu().numpy())
    return input_rollout(trace.attention, shares, trace.alpha1, trace.neighbours), "input"


def strongest_source(flow: np.ndarray) -> np.ndarray:
    """Find the other position that most of each position came from: flow (…, positions, positions) → (…, positions).

    Of a single position it is that one.

    >>> strongest_source(np.array([[0.6, 0.1, 0.3], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])).tolist()
    [2, 0, 0]
    """
    n = flow.shape[-1]
    found: np.ndarray = np.where(np.eye(n, dtype=bool), -1, flow).argmax(-1)
    return found
