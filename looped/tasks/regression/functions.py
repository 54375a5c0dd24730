"""The functions that prompts are made of: drawn many at a time, and evaluated at points.

Each family draws parameters for `count` functions of d numbers and computes their values. At the family's own points,
values have mean 0 and variance 1 over the functions, so that a squared error of 1 is that of answering zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Parameters = dict[str, NDArray[Any]]

WAVES = 128
"""Cosines of one smooth curve: their sum is close to a Gaussian process with a squared-exponential kernel."""
LENGTHS = (0.3, 1.5)
"""Length scales of smooth curves, drawn evenly on a logarithmic scale."""
CURVES = ("smooth", "sines", "steps")
SINES, STEPS = 3, 5
"""Sines of one sum, and jumps of one step function, at most."""
WIDEST = 2.0
"""Points of one and two dimensions are drawn evenly from -WIDEST to WIDEST."""


@dataclass(frozen=True)
class Form:
    """A family of functions with its sizes, as one task has it."""

    family: str
    """A key of FAMILIES."""
    dims: int
    most: int
    """Examples of the longest prompts of training."""
    points: str = "gaussian"
    """How x is drawn: "gaussian", "signs" (each number +1 or -1) or "even" (from -WIDEST to WIDEST)."""
    size: int = 0
    """Of the family: non-zero weights, depth of the tree, hidden units."""


def draw_weights(rng: np.random.Generator, count: int, form: Form) -> Parameters:
    """Draw the weights w (count, d) of linear functions; of sparse ones all but `form.size` are zero."""
    weights = rng.standard_normal((count, form.dims))
    order = rng.random((count, form.dims)).argsort(-1)
    kept = form.size or form.dims
    weights = np.where(order < kept, weights, 0.0) / np.sqrt(kept)
    return {"weights": weights}


def linear(x: Array, parameters: Parameters) -> Array:
    """Return w · x for x (count, n, d): (count, n)."""
    values: Array = np.einsum("cnd,cd->cn", x, parameters["weights"])
    return values


def draw_tree(rng: np.random.Generator, count: int, form: Form) -> Parameters:
    """Draw complete binary trees of depth `form.size`: each inner node tests one number of x, each leaf has a value."""
    inner = 2**form.size - 1
    return {
        "tested": rng.integers(form.dims, size=(count, inner)),
        "leaves": rng.standard_normal((count, inner + 1)),
    }


def tree(x: Array, parameters: Parameters) -> Array:
    """Return the leaf that x (count, n, d) comes to, going right where the tested number is above 0: (count, n)."""
    tested, leaves = parameters["tested"], parameters["leaves"]
    rows = np.arange(len(x))[:, None]
    node = np.zeros(x.shape[:2], np.int64)
    for _ in range(int(np.log2(leaves.shape[1]))):
        above = np.take_along_axis(x, tested[rows, node][..., None].astype(np.int64), -1)[..., 0] > 0
        node = 2 * node + 1 + above
    values: Array = leaves[rows, node - tested.shape[1]]
    return values


def draw_network(rng: np.random.Generator, count: int, form: Form) -> Parameters:
    """Draw two-layer ReLU networks with `form.size` hidden units; those of one or two dimensions have biases, too.

    Without biases the function is the same along every ray from the origin, which would be a dull surface.
    """
    d, hidden = form.dims, form.size
    spread = WIDEST**2 / 3 if form.points == "even" else 1.0  # variance of each number of x
    biased = d <= 2
    scale = np.sqrt(spread * d + biased)
    return {
        "inner": rng.standard_normal((count, d, hidden)) / scale,
        "bias": rng.standard_normal((count, 1, hidden)) * biased / scale,
        "outer": rng.standard_normal((count, hidden)) * np.sqrt(2 / hidden),
    }


def network(x: Array, parameters: Parameters) -> Array:
    """Return a · relu(V x + b) for x (count, n, d): (count, n)."""
    inner = np.einsum("cnd,cdh->cnh", x, parameters["inner"]) + parameters["bias"]
    values: Array = np.einsum("cnh,ch->cn", np.maximum(inner, 0), parameters["outer"])
    return values


def draw_curve(rng: np.random.Generator, count: int, form: Form) -> Parameters:
    """Draw curves of one number: smooth ones of random length scales, sums of sines, and step functions."""
    low, high = np.log(LENGTHS)
    smooth = {
        "frequency": rng.standard_normal((count, WAVES)) / np.exp(rng.uniform(low, high, (count, 1))),
        "phase": rng.uniform(0, 2 * np.pi, (count, WAVES)),
    }
    size = rng.standard_normal((count, SINES)) * (np.arange(SINES) < rng.integers(1, SINES + 1, (count, 1)))
    sines = {
        "sine_frequency": rng.uniform(0.5, 4.0, (count, SINES)),
        "sine_phase": rng.uniform(0, 2 * np.pi, (count, SINES)),
        "sine_size": size * np.sqrt(2) / np.linalg.norm(size, axis=-1, keepdims=True),
    }
    jumps = rng.uniform(-WIDEST, WIDEST, (count, STEPS))
    steps = {
        "jumps": np.where(np.arange(STEPS) < rng.integers(1, STEPS + 1, (count, 1)), jumps, np.inf),
        "heights": rng.standard_normal((count, STEPS + 1)),
    }
    return {"kind": rng.integers(len(CURVES), size=count)} | smooth | sines | steps


def curve(x: Array, parameters: Parameters) -> Array:
    """Return the heights of curves at x (count, n, 1): (count, n)."""
    x = x[..., 0]
    waves = np.cos(x[..., None] * parameters["frequency"][:, None] + parameters["phase"][:, None])
    smooth = waves.sum(-1) * np.sqrt(2 / WAVES)
    each = np.sin(x[..., None] * parameters["sine_frequency"][:, None] + parameters["sine_phase"][:, None])
    sines = (each * parameters["sine_size"][:, None]).sum(-1)
    passed = (x[..., None] > parameters["jumps"][:, None]).sum(-1)
    steps = np.take_along_axis(parameters["heights"], passed, -1)
    values: Array = np.choose(parameters["kind"][:, None], [smooth, sines, steps])
    return values


@dataclass(frozen=True)
class Family:
    """How functions are drawn and computed."""

    draw: Callable[[np.random.Generator, int, Form], Parameters]
    value: Callable[[Array, Parameters], Array]


FAMILIES = {
    "linear": Family(draw_weights, linear),
    "tree": Family(draw_tree, tree),
    "network": Family(draw_network, network),
    "curve": Family(draw_curve, curve),
}

FORMS = {
    "linear5": Form("linear", 5, 20),
    "linear20": Form("linear", 20, 40),
    "sparse20": Form("linear", 20, 20, size=3),
    "tree5": Form("tree", 5, 40, points="signs", size=3),
    "tree4": Form("tree", 4, 40, size=2),
    "tree20": Form("tree", 20, 100, size=4),
    "relu20": Form("network", 20, 100, size=100),
    "relu5": Form("network", 5, 40, size=20),
    "relu2": Form("network", 2, 40, points="even", size=20),
    "curves1": Form("curve", 1, 30, points="even"),
}
"""The tasks of this room, by name."""
