"""Which step of gradient descent, of momentum or of Newton's method each loop's predictions are nearest to.

The methods make the squared error on the examples small, from zero on: ‖y − X w‖² of a linear function w, or of a
function f = Σ a_i κ(x_i, ·) with a kernel κ (the linear case is κ(x, x') = x · x'). All are written in the eigenvectors
of the examples' matrix K = κ(x_i, x_j) with eigenvalues s; what is left of y in the direction of s after n steps is

    gradient   r_n = (1 − η s)^n                              η = 2 / (L + μ), the best constant step
    momentum   r_{n+1} = (1 + β − η s) r_n − β r_{n−1}        η = 4 / (√L + √μ)², β = ((√L − √μ) / (√L + √μ))²
    newton     r_{n+1} = r_n²,  r_1 = 1 − (s / L)²            iterates M ← 2 M − M S M to the inverse of S = X'X

L is the largest eigenvalue and μ the least of those above a hundredth of it: with the least of all, a direction that
nearly no example points to would decide the step. Models are compared with them in the space of predictions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from looped.runs.needs import Needs

NEEDS = Needs(inputs=("vectors",), outputs=("numbers",))
METHODS = {
    "gradient": "gradient descent",
    "momentum": "gradient descent with momentum",
    "newton": "Newton's method",
}
"""What the methods are called, by name, in the order of every axis of methods."""
STEPS = 100
SMALL = 0.01  # of the largest eigenvalue: smaller ones do not decide the step
NONE = 1e-10  # of the largest eigenvalue: smaller ones are rounding


class Descent(NamedTuple):
    """How far each loop's predictions are from each step of each method. Step 0 predicts zero."""

    distance: np.ndarray  # (methods, loops, steps + 1) root mean square over the queries, in the units of y
    nearest: np.ndarray  # (methods, loops) int64, the step of least distance, the first of equals; -1 without examples


def kernel(a: np.ndarray, b: np.ndarray, length: float = 0.0) -> np.ndarray:
    """Return κ(a_i, b_j) of points (n, d) and (m, d): (n, m).

    The inner product for length 0, else the squared exponential exp(−‖a − b‖² / 2 length²).

    >>> kernel(np.array([[1.0, 2.0]]), np.array([[3.0, 1.0]])).tolist()
    [[5.0]]
    """
    if not length:
        inner: np.ndarray = a @ b.T
        return inner
    nearness: np.ndarray = np.exp(-np.square((a[:, None] - b[None]) / length).sum(-1) / 2)
    return nearness


def left_over(eigenvalues: np.ndarray, steps: int) -> np.ndarray:
    """Return r_n for each method, step from 0 and eigenvalue (n,), all above 0: (methods, steps + 1, n).

    >>> left_over(np.array([4.0, 1.0]), 1)[0, 1].round(3).tolist()  # η = 2 / (4 + 1)
    [-0.6, 0.6]
    """
    largest = eigenvalues.max(initial=0)
    least = eigenvalues[eigenvalues >= SMALL * largest].min(initial=largest)
    high, low = np.sqrt(largest), np.sqrt(least)
    left = np.ones((len(METHODS), steps + 1, len(eigenvalues)))
    if not steps or not len(eigenvalues):
        return left
    left[0] = (1 - 2 / (largest + least) * eigenvalues) ** np.arange(steps + 1)[:, None]
    rate, memory = 4 / (high + low) ** 2, ((high - low) / (high + low)) ** 2
    left[1, 1], left[2, 1] = 1 - rate * eigenvalues, 1 - (eigenvalues / largest) ** 2
    for n in range(1, steps):
        left[1, n + 1] = (1 + memory - rate * eigenvalues) * left[1, n] - memory * left[1, n - 1]
        left[2, n + 1] = left[2, n] ** 2
    return left


def predictions_by_step(
    examples: np.ndarray, queries: np.ndarray, length: float = 0.0, steps: int = STEPS
) -> np.ndarray:
    """Return what each method predicts at the queries after each step: (methods, steps + 1, q).

    examples (k, d + 1) are x, then y; queries (q, d); length is that of `kernel`.
    """
    x, y = np.asarray(examples, float)[:, :-1], np.asarray(examples, float)[:, -1]
    eigenvalues, vectors = np.linalg.eigh(kernel(x, x, length))
    kept = eigenvalues > NONE * eigenvalues.max(initial=0)
    eigenvalues, vectors = eigenvalues[kept], vectors[:, kept]
    reached = (1 - left_over(eigenvalues, steps)) / eigenvalues * (y @ vectors)  # (methods, steps + 1, kept)
    predicted: np.ndarray = reached @ (kernel(np.asarray(queries, float), x, length) @ vectors).T
    return predicted


def descent(
    examples: np.ndarray, queries: np.ndarray, predictions: np.ndarray, length: float = 0.0, steps: int = STEPS
) -> Descent:
    """Compare predictions (loops, q) of a model with every step of every method on the same examples.

    examples (k, d + 1) are x, then y; queries (q, d); length 0 for linear functions, else that of a kernel. Raises
    ValueError for predictions that are not one for each query.

    >>> examples, queries = np.array([[1.0, 2.0]]), np.array([[3.0]])
    >>> found = descent(examples, queries, np.array([[0.5], [5.9]]))  # w = 2 predicts 6 from the first step on
    >>> found.nearest[0].tolist(), found.distance[0, :, :2].round(2).tolist()
    ([0, 1], [[0.5, 5.5], [5.9, 0.1]])
    """
    if predictions.ndim != 2 or predictions.shape[1] != len(queries):
        raise ValueError(f"predictions must be (loops, {len(queries)}), one for each query, not {predictions.shape}.")
    methods = predictions_by_step(examples, queries, length, steps)
    # Loop by loop: all differences at once take a hundred times the memory of what is returned.
    distance = np.stack([np.sqrt(np.square(said - methods).mean(-1)) for said in predictions], axis=1)
    nearest = distance.argmin(-1) if len(examples) else np.full(distance.shape[:2], -1)
    return Descent(distance, nearest)
