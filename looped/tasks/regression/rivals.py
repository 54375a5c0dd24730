"""What other methods make of the same prompt, from NumPy and scikit-learn; the best possible one where it is known.

All take the examples (k, d + 1), x then y, and the queries (q, d), and return predictions (q,). None knows the
function; the Bayes-optimal ones know the family that it was drawn from. scikit-learn is imported when it is first used.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from looped.tasks.regression.functions import Array, Form

Method = Callable[[Array, Array, Array], Array]
NEIGHBOURS = 3
RIDGE, LASSO = 0.1, 0.01
"""Weights of the penalties, as in 2311.12424 and in its code."""
KERNEL_LENGTHS = (0.3, 0.5, 0.8, 1.2)
"""Length scales of which a Gaussian process takes the likeliest."""
JITTER = 1e-3
"""Added to the diagonal of a kernel's matrix: the variance that it takes for noise."""


def least_squares(x: Array, y: Array, queries: Array) -> Array:
    """Predict by the weights of least squared error, of these the shortest."""
    found: Array = queries @ np.linalg.lstsq(x, y, rcond=None)[0]
    return found


def ridge(x: Array, y: Array, queries: Array, penalty: float = RIDGE) -> Array:
    """Predict by weights that make squared errors + penalty · ‖w‖² least."""
    found: Array = queries @ np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)
    return found


def averaging(x: Array, y: Array, queries: Array) -> Array:
    """Predict by w = the mean of y x, which is right in the limit of many normally distributed points."""
    found: Array = queries @ (y @ x) / len(x)
    return found


def lasso(x: Array, y: Array, queries: Array) -> Array:
    """Predict by weights that make half the mean squared error + LASSO · ‖w‖₁ least."""
    from sklearn.linear_model import Lasso

    model = Lasso(LASSO, fit_intercept=False, max_iter=2000, tol=1e-3)
    return _predicted(model, x, y, queries)


def neighbours(x: Array, y: Array, queries: Array) -> Array:
    """Predict by the mean y of the NEIGHBOURS nearest examples."""
    far = np.square(queries[:, None] - x[None]).sum(-1)
    nearest = far.argsort(-1, kind="stable")[:, :NEIGHBOURS]
    found: Array = y[nearest].mean(-1)
    return found


def greedy_tree(x: Array, y: Array, queries: Array) -> Array:
    """Predict by a decision tree that is grown test by test until it fits the examples."""
    from sklearn.tree import DecisionTreeRegressor

    return _predicted(DecisionTreeRegressor(random_state=0), x, y, queries)


def boosting(x: Array, y: Array, queries: Array) -> Array:
    """Predict by gradient boosting: fifty trees of depth 3, each fitted to what the ones before left over."""
    from sklearn.ensemble import GradientBoostingRegressor

    model = GradientBoostingRegressor(n_estimators=50, learning_rate=0.2, max_depth=3, random_state=0)
    return _predicted(model, x, y, queries)


def gaussian_process(x: Array, y: Array, queries: Array) -> Array:
    """Predict by a Gaussian process with a squared-exponential kernel of the likeliest of KERNEL_LENGTHS."""
    best, likeliest = np.zeros(len(queries)), -np.inf
    for length in KERNEL_LENGTHS:
        matrix = _kernel(x, x, length) + JITTER * np.eye(len(x))
        factor = np.linalg.cholesky(matrix)
        solved = np.linalg.solve(matrix, y)
        likelihood = -0.5 * y @ solved - np.log(factor.diagonal()).sum()
        if likelihood > likeliest:
            best, likeliest = _kernel(queries, x, length) @ solved, likelihood
    return best


def _kernel(a: Array, b: Array, length: float) -> Array:
    found: Array = np.exp(-0.5 * np.square((a[:, None] - b[None]) / length).sum(-1))
    return found


def _predicted(model: object, x: Array, y: Array, queries: Array) -> Array:
    """Fit a model of scikit-learn and return its predictions."""
    fitted = model.fit(x, y)  # type: ignore[attr-defined]
    return np.asarray(fitted.predict(queries), float)


METHODS: dict[str, tuple[str, Method]] = {
    "least squares": ("least squares", least_squares),
    "ridge": (f"ridge, penalty {RIDGE:g}", ridge),
    "lasso": (f"lasso, penalty {LASSO:g}", lasso),
    "averaging": ("averaging", averaging),
    "neighbours": (f"{NEIGHBOURS} nearest neighbours", neighbours),
    "tree": ("greedy decision tree", greedy_tree),
    "boosting": ("gradient boosting", boosting),
    "process": ("Gaussian process", gaussian_process),
}
"""Label and method, by name."""
OF_A_FAMILY = {
    "linear": ("least squares", "ridge", "lasso", "averaging", "neighbours"),
    "tree": ("tree", "boosting", "neighbours", "ridge"),
    "network": ("least squares", "neighbours", "tree", "boosting", "process"),
    "curve": ("process", "neighbours", "tree"),
}


def labels(form: Form) -> dict[str, str]:
    """Return what the rivals of a task are called, by name, in their order."""
    return {name: METHODS[name][0] for name in OF_A_FAMILY[form.family]}


def predictions(form: Form, examples: Array, queries: Array) -> NDArray[np.float64]:
    """Return what each rival predicts, (rivals, queries), from examples (k, d + 1); zeros where there are none."""
    names = OF_A_FAMILY[form.family]
    if not len(examples):
        return np.zeros((len(names), len(queries)))
    x, y = examples[:, :-1], examples[:, -1]
    return np.stack([METHODS[name][1](x, y, queries) for name in names])
