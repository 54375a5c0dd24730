"""Make prompts from a seed: a function, examples of it and queries, as they were trained on or outside of that.

A prompt is (places, d + 2) numbers: x, y (0 at a query), and a flag (1 at a query); examples stand first. The function,
the examples, their noise and the queries come from streams of their own. So a prompt with more examples, or noisier
ones, is about the same function, and begins with the same examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from looped.tasks.regression.functions import CURVES, FAMILIES, WIDEST, Array, Form
from looped.tasks.streams import check_count, side_of

QUERIES = 8
"""Queries of a prompt where they are not a grid."""
GRID = {1: 61, 2: 15}
"""Queries along each dimension of a grid, by number of dimensions."""
MOST_EXAMPLES = 250
"""Examples of a prompt, at most: with the queries of the largest grid they fit into 512 places."""
WHERE = ("", "orthogonal", "example")
"""Where queries may lie: as the examples do, orthogonal to all examples, or on one of them."""


@dataclass(frozen=True)
class Settings:
    """What a sampled prompt may be told. Raises ValueError with one sentence for what makes no sense."""

    examples: int
    noise: float = 0.0
    """Standard deviation of what is added to the y of examples; the truth at queries has none."""
    scale: float = 1.0
    """Every x is multiplied by it."""
    wscale: float = 1.0
    """Every y is multiplied by it."""
    skew: float = 0.0
    """Number i of x, from 1, is multiplied by i^-skew; all then so that the mean square stays the same."""
    nonzero: int = 0
    """Weights of a linear function that are not zero; 0: as the task has it."""
    active: int = 0
    """Numbers of x that are not zero, the first ones; 0: all of them."""
    quadrant: int = 0
    """1: the x of the examples have the signs of one random quadrant, those of the queries of another."""
    query: str = ""
    """Where queries lie, one of WHERE."""
    curve: str = ""
    """One of CURVES; "": any of them."""

    def checked(self, form: Form) -> Settings:
        """Return these settings, checked for a task. Raises ValueError with one sentence."""
        if not 0 <= self.examples <= MOST_EXAMPLES:
            raise ValueError(f"examples is {self.examples}; a prompt has from 0 to {MOST_EXAMPLES}.")
        for name, least, most in (("noise", 0, 10), ("scale", 0.01, 10), ("wscale", 0.01, 10), ("skew", 0, 5)):
            if not least <= getattr(self, name) <= most:  # errors are told in the variance of y, which must be there
                raise ValueError(f"{name} is {getattr(self, name):g}; it must be from {least:g} to {most}.")
        if not 0 <= self.active <= form.dims:
            raise ValueError(f"active is {self.active}; it must be from 1 to {form.dims}, the dimensions.")
        if self.nonzero and (form.family != "linear" or not 0 < self.nonzero <= form.dims):
            raise ValueError(f"nonzero is for linear functions, from 1 to their {form.dims} dimensions; leave it out.")
        if self.query not in WHERE:
            raise ValueError(f"query is {self.query!r}; it must be one of {WHERE[1:]}.")
        if self.query and form.dims in GRID:
            raise ValueError("The queries of one or two dimensions are a grid; leave out query.")
        if self.query == "orthogonal" and self.examples >= form.dims:
            raise ValueError(
                f"Nothing is orthogonal to {self.examples} examples of {form.dims} dimensions; take fewer."
            )
        if self.query == "example" and not self.examples:
            raise ValueError("There is no example that a query could lie on; give examples.")
        if self.curve and (form.family != "curve" or self.curve not in CURVES):
            raise ValueError(f"curve is {self.curve!r}; it is for curves, one of {CURVES}.")
        return self

    def written(self) -> str:
        """Return the settings as text, those that are usual left out.

        >>> Settings(20, noise=0.3, query="example").written()
        'examples=20 noise=0.3 query=example'
        """
        parts = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "examples" or value != field.default:
                parts.append(f"{field.name}={value:g}" if isinstance(value, float) else f"{field.name}={value}")
        return " ".join(parts)

    @classmethod
    def of(cls, form: Form, given: Mapping[str, Any]) -> Settings:
        """Return the settings with these values, for a task: by default as many examples as training had at most."""
        return cls(**({"examples": form.most} | dict(given))).checked(form)

    @property
    def relative_noise(self) -> float:
        """The standard deviation of the noise over what y is multiplied by."""
        return self.noise / self.wscale

    def variance(self, form: Form) -> float:
        """Return the variance of y over functions and points, without noise; 1 for what was trained on.

        Exact for linear functions and for trees; of networks with biases and of curves at scaled points an estimate.
        """
        grows = form.family in ("linear", "network")
        return self.wscale**2 * (self.scale**2 if grows else 1.0)


@dataclass(frozen=True, eq=False)
class Sampled:
    """Prompts about functions that are known."""

    prompts: NDArray[np.float32]  # (count, places, d + 2), as the model reads them
    truth: NDArray[np.float32]  # (count, places), y without noise


def sample(
    form: Form,
    settings: Settings,
    count: int,
    seed: int,
    split: str | None = None,
    grid: bool = False,
    queries: Sequence[Sequence[float]] = (),
) -> Sampled:
    """Make `count` prompts. `grid`: queries of one and two dimensions are a grid, not drawn as the examples are.

    queries (q, d) are asked as they are, in place of any others.
    """
    check_count(count)
    side = side_of(split) + 1

    def stream(number: int) -> np.random.Generator:
        return np.random.default_rng([side, number, seed])

    family = FAMILIES[form.family]
    form = replace(form, size=settings.nonzero or form.size)
    parameters = family.draw(stream(0), count, form)
    if settings.curve:
        parameters["kind"] = np.full(count, CURVES.index(settings.curve))
    shown = points(stream(1), form, count, settings.examples)
    if grid and form.dims in GRID:
        asked = np.broadcast_to(grid_of(form.dims), (count, GRID[form.dims] ** form.dims, form.dims))
    else:
        asked = points(stream(2), form, count, QUERIES)
    shown, asked = moved(shown, settings, stream(3)), moved(asked, settings, stream(4))
    if queries:
        asked = np.broadcast_to(np.array(queries, float), (count, len(queries), form.dims))
    elif settings.query == "example":
        chosen = stream(5).integers(settings.examples, size=(count, asked.shape[1]))
        asked = np.take_along_axis(shown, chosen[..., None], 1)
    elif settings.query == "orthogonal":
        asked = orthogonal(asked, shown)
    x = np.concatenate([shown, asked], 1)
    truth = settings.wscale * family.value(x, parameters)
    k = settings.examples
    y = truth.copy()
    y[:, :k] += settings.noise * stream(6).standard_normal((count, k))
    y[:, k:] = 0
    flag = np.broadcast_to(np.arange(x.shape[1]) >= k, y.shape)
    prompts = np.concatenate([x, y[..., None], flag[..., None]], -1)
    return Sampled(prompts.astype(np.float32), truth.astype(np.float32))


def points(rng: np.random.Generator, form: Form, count: int, many: int) -> Array:
    """Draw x (count, many, d) as the task has them. Of one prompt the first points do not depend on how many follow."""
    size = (count, many, form.dims)
    if form.points == "signs":
        return np.where(rng.random(size) < 0.5, -1.0, 1.0)
    if form.points == "even":
        return rng.uniform(-WIDEST, WIDEST, size)
    return rng.standard_normal(size)


def grid_of(dims: int, low: float = -WIDEST, high: float = WIDEST) -> Array:
    """Return the queries of one or two dimensions, each from `low` to `high`: (n, 1) ascending, or (n², 2) row by row.

    >>> grid_of(1)[[0, 30, 60], 0].tolist(), grid_of(2).shape
    ([-2.0, 0.0, 2.0], (225, 2))
    """
    line = np.linspace(low, high, GRID[dims])
    return np.stack(np.meshgrid(*[line] * dims, indexing="ij"), -1).reshape(-1, dims)


def moved(x: Array, settings: Settings, rng: np.random.Generator) -> Array:
    """Return points (count, n, d) as the settings have them: in one quadrant of each prompt, skewed, scaled."""
    d = x.shape[-1]
    if settings.active:
        x = np.where(np.arange(d) < settings.active, x, 0.0)
    if settings.quadrant:
        x = np.abs(x) * np.where(rng.random((len(x), 1, d)) < 0.5, -1.0, 1.0)
    if settings.skew:
        sizes = np.arange(1, d + 1) ** -settings.skew
        x = x * sizes * np.sqrt(d / np.square(sizes).sum())
    return settings.scale * x


def orthogonal(asked: Array, shown: Array) -> Array:
    """Return the parts of queries (count, q, d) orthogonal to all examples (count, k, d), as long as before."""
    onto = np.linalg.pinv(shown) @ shown  # (count, d, d), the projection onto what the examples span
    left = asked - np.einsum("cqd,cde->cqe", asked, onto)
    longer = np.linalg.norm(asked, axis=-1, keepdims=True) / np.linalg.norm(left, axis=-1, keepdims=True)
    parts: Array = left * longer
    return parts
