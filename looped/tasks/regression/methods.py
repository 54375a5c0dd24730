"""What other methods make of the same prompt, from NumPy and scikit-learn; the best possible one where it is known.

All take x (k, d) and y (k,) of the examples, the queries (q, d), and the standard deviation of the noise in y over that
of the function, and return predictions (q,). None knows the function. The Bayes-optimal one knows how it was drawn, and
it and the Gaussian process know the noise. scikit-learn is imported when it is first used.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from looped.tasks.regression.functions import Array, Form

Method = Callable[[Array, Array, Array, float], Array]
NEIGHBOURS = 3
RIDGE, LASSO = 0.1, 0.01
"""Weights of the penalties, as in 2311.12424 and in its code."""
KERNEL_LENGTHS = (0.3, 0.5, 0.8, 1.2)
"""Length scales of which a Gaussian process takes the likeliest."""
JITTER = 1e-3
"""Added to the diagonal of a kernel's matrix, so that it can be inverted."""


def least_squares(x: Array, y: Array, queries: Array, noise: float = 0.0) -> Array:
    """Predict by the weights of least squared error, of these the shortest."""
    found: Array = queries @ np.linalg.lstsq(x, y, rcond=None)[0]
    return found


def ridge(x: Array, y: Array, queries: Array, noise: float = 0.0) -> Array:
    """Predict by weights that make squared errors + RIDGE · ‖w‖² least."""
    return _penalised(x, y, queries, RIDGE)


def bayes(x: Array, y: Array, queries: Array, noise: float = 0.0) -> Array:
    """Predict by the mean of all linear functions of normally distributed weights, given the examples and their noise.

    That is ridge regression with penalty noise² · d, and without noise the shortest weights of least squared error.
    """
    return _penalised(x, y, queries, noise**2 * x.shape[1]) if noise else least_squares(x, y, queries)


def _penalised(x: Array, y: Array, queries: Array, penalty: float) -> Array:
    found: Array = queries @ np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)
    return found


def averaging(x: Array, y: Array, queries: Array, noise: float = 0.0) -> Array:
    """Predict by w = the mean of y x, which is right in the limit of many normally distributed points."""
    found: Array = queries @ (y @ x) / len(x)
    return found


def lasso(x: Array, y: Array, queries: Array, noise: float = 0.0) -> Array:
    """Predict by weights that make half the mean squared error + LASSO · ‖w‖₁ least."""
    from sklearn.linear_model import Lasso

    model = Lasso(LASSO, fit_intercept=False, max_iter=2000, tol=1e-3)
    return _predicted(model, x, y, queries)


def neighbours(x: Array, y: Array, queries: Array, noise: float = 0.0) -> Array:
    """Predict by the mean y of the NEIGHBOURS nearest examples."""
    far = np.square(queries[:, None] - x[None]).sum(-1)
    nearest = far.argsort(-1, kind="stable")[:, :NEIGHBOURS]
    found: Array = y[nearest].mean(-1)
    return found


def greedy_tree(x: Array, y: Array, queries: Array, noise: float = 0.0) -> Array:
    """Predict by a decision tree that is grown test by test until it fits the examples."""
    from sklearn.tree import DecisionTreeRegressor

    return _predicted(DecisionTreeRegressor(random_state=0), x, y, queries)


def boosting(x: Array, y: Array, queries: Array, noise: float = 0.0) -> Array:
    """Predict by gradient boosting: fifty trees of depth 3, each fitted to what the ones before left over."""
    from sklearn.ensemble import GradientBoostingRegressor

    model = GradientBoostingRegressor(n_estimators=50, learning_rate=0.2, max_depth=3, random_state=0)
    return _predicted(model, x, y, queries)


def gaussian_process(x: Array, y: Array, queries: Array, noise: float = 0.0) -> Array:
    """Predict by a Gaussian process with a squared-exponential kernel of the likeliest of KERNEL_LENGTHS."""
    best, likeliest = np.zeros(len(queries)), -np.inf
    for length in KERNEL_LENGTHS:
        matrix = _kernel(x, x, length) + (JITTER + noise**2) * np.eye(len(x))
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
    """Fit a model of scikit-learn and return its predictions.

    Its checks of numbers and parameters, which are ours, would take a third of the time.
    """
    from sklearn import config_context

    with config_context(assume_finite=True, skip_parameter_validation=True):
        fitted = model.fit(x, y)  # type: ignore[attr-defined]
        return np.asarray(fitted.predict(queries), float)


METHODS: dict[str, tuple[str, Method]] = {
    "bayes": ("Bayes-optimal", bayes),
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


def names(form: Form) -> tuple[str, ...]:
    """Return the names of the methods for a task, in their order; of dense linear functions the optimum is known."""
    optimum = ("bayes",) if form.family == "linear" and not form.size else ()
    return optimum + OF_A_FAMILY[form.family]


def labels(form: Form) -> dict[str, str]:
    """Return what the methods for a task are called, by name, in their order."""
    return {name: METHODS[name][0] for name in names(form)}


def predictions(form: Form, examples: Array, queries: Array, noise: float = 0.0) -> NDArray[np.float64]:
    """Return what each method predicts, (methods, queries), from examples (k, d + 1); zeros where there are none.

    noise: its standard deviation in y over that of the function.
    """
    if not len(examples):
        return np.zeros((len(names(form)), len(queries)))
    x, y = examples[:, :-1], examples[:, -1]
    return np.stack([METHODS[name][1](x, y, queries, noise) for name in names(form)])
