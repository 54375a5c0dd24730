"""How alike are the states after different loops? Linear CKA between every two of them, over one run.

The similarity of representations of Kornblith et al. (arXiv 1905.00414), here between the states of one run: each loop
gives the positions a pattern of likenesses among themselves (the inner products of their states), and two loops are
alike where these patterns are. A rotation of all states, or a common factor, changes nothing. Over the few positions of
a board the usual estimate is far too high: 16 positions with 64 random numbers each have one of 0.8 though they have
nothing in common. So the unbiased estimate of HSIC (Song et al. 2012, as in arXiv 2010.15327) takes its place: there
the mean is zero, and single values may lie below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from looped.runs.needs import ANY

NEEDS = ANY

FEWEST = 4  # positions that the unbiased estimate needs
ALIKE = 0.99  # from here on two states are called alike


class Similarity(NamedTuple):
    """The similarity map of a run. Entry k is about the state after at[k] loops."""

    at: np.ndarray  # (k,) int64, ascending
    cka: np.ndarray  # (k, k) 1 on the diagonal and for states that are alike up to rotation and size; NaN for one in
    # which all positions are equal, as before the first loop of a model with input injection
    end: int | None  # after so many loops the state is as the last one (ALIKE), and stays so; None where only the last


def similarity(hidden: np.ndarray, at: Sequence[int] | None = None) -> Similarity:
    """Compare the states of hidden (loops + 1, positions, width) after `at` loops, all of them when not given.

    Raises ValueError for fewer than four positions.

    >>> rng = np.random.default_rng(0)
    >>> first = rng.normal(size=(16, 8))
    >>> turned = first @ np.linalg.qr(rng.normal(size=(8, 8)))[0]
    >>> similarity(np.stack([np.zeros((16, 8)), first, 3 * turned])).cka.round(2).tolist()
    [[nan, nan, nan], [nan, 1.0, 1.0], [nan, 1.0, 1.0]]
    """
    if hidden.shape[1] < FEWEST:
        raise ValueError(f"a similarity of states needs at least {FEWEST} positions; there are {hidden.shape[1]}.")
    chosen = np.arange(len(hidden)) if at is None else np.array(at)
    likeness = np.stack([_centred(hidden[t].astype(np.float64)).ravel() for t in chosen])
    products = likeness @ likeness.T
    size = np.sqrt(products.diagonal())
    with np.errstate(invalid="ignore", divide="ignore"):
        cka = np.where(np.outer(size, size) > 0, products / np.outer(size, size), np.nan)
    return Similarity(chosen, cka, _end(chosen, cka[-1]))


def _centred(states: np.ndarray) -> np.ndarray:
    """Return inner products (n, n) of states (n, width), centred so that their products estimate HSIC without bias."""
    n = len(states)
    states = states - states.mean(0)  # changes nothing but rounding
    inner: np.ndarray = states @ states.T
    if not inner.any() or np.ptp(states, axis=0).max() <= 1e-12 * np.abs(states).max():
        return np.zeros_like(inner)
    np.fill_diagonal(inner, 0)
    rows = inner.sum(0)
    inner -= (rows[:, None] + rows) / (n - 2) - rows.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(inner, 0)
    return inner


def _end(at: np.ndarray, last: np.ndarray) -> int | None:
    """Return from which of `at` on all states are like the last one; None where none but itself is."""
    apart = np.flatnonzero(~(last >= ALIKE))  # NaN is not alike
    first = int(apart[-1]) + 1 if len(apart) else 0
    return int(at[first]) if first < len(at) - 1 else None
