"""Real data: does what was learned from drawn functions hold on small tables?

The tables are those that scikit-learn ships. Of each, all columns are standardised and projected onto as many principal
components as the model reads numbers (zeros where a table has fewer columns), each of variance 1; what is to be
predicted is standardised, too. Every prompt takes its examples and its queries from rows drawn without replacement.
Errors are held against those of least squares, of minimum norm, on the same prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.experiments.comparisons import RIDGE, ridge, siblings
from looped.experiments.estimates import Array, ratio, side, sides, told
from looped.experiments.form import Result, Step, unknown
from looped.experiments.prompts import Told, check, tell
from looped.model.seam import is_standard, usual_loops

PROMPTS = 256
QUERIES = 8
TABLES = ("diabetes", "iris", "wine", "breast cancer")


@dataclass(frozen=True, eq=False)
class Tables(Result):
    """Errors of models, then of ridge with the best penalty and of least squares. NaN where not measured yet."""

    checkpoint: str
    other: str | None  # a standard transformer beside a looped model, a looped one beside a standard one
    methods: list[str]
    tables: list[str]
    rows: list[int]
    columns: list[int]
    dims: int
    examples: int
    prompts: int
    error: Array  # (methods, tables, 3) squared error over that of answering zero
    relative: Array  # (methods, tables, 3) the same over that of least squares
    beside: Array  # (tables, 3) this error over that of `other`; NaN without one

    def sentence(self) -> str:
        """Say on which tables the model is better than least squares, and on which worse."""
        which: dict[int, list[str]] = {-1: [], 1: [], 0: []}
        for table, found in zip(self.tables, self.relative[0], strict=True):
            which[side(found, 1)].append(f"{table} {told(found, 1)}")
        words = {-1: "lower on", 1: "higher on", 0: "not told apart on"}
        parts = [f"{words[way]} {', '.join(names)}" for way, names in which.items() if names]
        most = "at most " if self.dims > min(self.columns) else ""
        x = f"{most}{self.dims} principal component{'' if self.dims == 1 else 's'} as x"
        return (
            f"With {self.examples} rows of a table as examples and {x}, the error of {self.checkpoint} over that of "
            f"least squares is {'; '.join(parts)}.{self._beside()}"
        )

    def _beside(self) -> str:
        if self.other is None:
            return ""
        lower, even, higher = sides(self.beside, 1)
        return f" It is lower than that of {self.other} on {lower}, higher on {higher} and not told apart on {even}."


def run(checkpoint: Checkpoint, seed: int = HELD_OUT_SEED, prompts: int = PROMPTS) -> Iterator[Step]:
    """Measure a checkpoint and the others of its task on each table; yield what is known."""
    check(checkpoint, prompts)
    models = [checkpoint, *siblings(checkpoint)]
    dims, examples = checkpoint.task.vocab - 2, checkpoint.task.sizes()[-1]
    shapes = [table(name)[0].shape for name in TABLES]
    methods = [*(one.name for one in models), "best ridge", "least squares"]
    standard = is_standard(checkpoint.model)
    other = next((row for row, one in enumerate(models) if is_standard(one.model) != standard), None)
    known = Tables(
        checkpoint.name,
        None if other is None else methods[other],
        methods,
        list(TABLES),
        [shape[0] for shape in shapes],
        [shape[1] for shape in shapes],
        dims,
        examples,
        prompts,
        unknown(len(methods), len(TABLES), 3),
        unknown(len(methods), len(TABLES), 3),
        unknown(len(TABLES), 3),
    )
    for column, name in enumerate(TABLES):
        inputs, answers = drawn(*projected(*table(name), dims), examples, prompts, seed)
        off, size = [], np.empty(0)
        for row, model in enumerate(models):
            for part in tell(model, inputs, answers, usual_loops(model.model)):
                if isinstance(part, Told):
                    off.append(part.off[-1])
                    size = part.size
                else:
                    yield Step((column + (row + part) / len(models)) / len(TABLES) * 0.99, known)
        off += regressions(inputs, answers, examples)
        errors = np.stack(off)
        known.error[:, column] = ratio(errors, size)
        if other is not None:
            known.beside[column] = ratio(errors[0], errors[other])
        known.relative[:, column] = ratio(errors, np.broadcast_to(errors[-1], errors.shape))
    yield Step(1.0, known)


def table(name: str) -> tuple[Array, Array]:
    """Return the columns (rows, columns) and the target (rows,) of a table that scikit-learn ships."""
    from sklearn import datasets

    loaders: dict[str, Callable[..., Any]] = {
        "diabetes": datasets.load_diabetes,
        "iris": datasets.load_iris,
        "wine": datasets.load_wine,
        "breast cancer": datasets.load_breast_cancer,
    }
    x, y = loaders[name](return_X_y=True)
    return np.asarray(x, float), np.asarray(y, float)


def projected(x: Array, y: Array, dims: int) -> tuple[Array, Array]:
    """Standardise a table and project it: (rows, dims) of variance 1, zeros where it has fewer columns; (rows,).

    >>> x, y = projected(*table("iris"), dims=5)
    >>> x.std(0).round(6).tolist(), float(y.var().round(6))
    ([1.0, 1.0, 1.0, 1.0, 0.0], 1.0)
    """
    x, y = ((one - one.mean(0)) / one.std(0) for one in (x, y))
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    kept = min(dims, int((s > 1e-9 * s[0]).sum()))
    components = np.zeros((len(x), dims))
    components[:, :kept] = u[:, :kept] * np.sqrt(len(x))
    return components, y


def drawn(x: Array, y: Array, examples: int, prompts: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw prompts of rows without replacement, as a model reads them (prompts, places, dims + 2), and the true y."""
    rng = np.random.default_rng(seed)
    rows = np.stack([rng.permutation(len(x))[: examples + QUERIES] for _ in range(prompts)])
    truth = y[rows]
    asked = np.broadcast_to(np.arange(rows.shape[1]) >= examples, rows.shape)
    inputs = np.concatenate([x[rows], np.where(asked, 0, truth)[..., None], asked[..., None]], -1)
    return inputs.astype(np.float32), truth.astype(np.float32)


def regressions(inputs: np.ndarray, answers: np.ndarray, examples: int) -> list[Array]:
    """Return squared errors (prompts,) of ridge with the penalty that is best on these prompts, of least squares."""
    given = inputs.astype(float)
    x, y, queries = given[:, :examples, :-2], given[:, :examples, -2], given[:, examples:, :-2]
    paths = np.stack([ridge(*one) for one in zip(x, y, queries, strict=True)], 1)  # (penalties, prompts, queries)
    off = np.square(paths - answers[:, examples:]).sum(-1)
    return [off[off.sum(-1).argmin()], off[RIDGE.index(0.0)]]
