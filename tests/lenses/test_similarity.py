"""The similarity of states: what is equal but for rotation and size, what has nothing in common, and where it ends."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.similarity import similarity

RNG = np.random.default_rng(0)


def test_states_that_are_turned_moved_and_stretched_are_alike() -> None:
    first, other = RNG.normal(size=(2, 20, 6))
    turn = np.linalg.qr(RNG.normal(size=(6, 6)))[0]
    found = similarity(np.stack([first, 5 * first @ turn + 3, other]))
    assert found.cka[0, 1] == pytest.approx(1)
    assert abs(found.cka[0, 2]) < 0.3
    np.testing.assert_allclose(found.cka, found.cka.T)
    np.testing.assert_allclose(found.cka.diagonal(), 1)
    assert found.end is None


def test_few_positions_with_many_channels_have_nothing_in_common_where_the_plain_estimate_says_most() -> None:
    states = RNG.normal(size=(40, 16, 64))
    pairs = similarity(states).cka[np.triu_indices(40, 1)]
    assert abs(pairs.mean()) < 0.02

    def plain(x: np.ndarray, y: np.ndarray) -> float:
        x, y = x - x.mean(0), y - y.mean(0)
        return float((np.linalg.norm(x.T @ y) ** 2) / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y))

    assert plain(states[0], states[1]) > 0.7


def test_it_is_the_estimate_that_was_published() -> None:
    """Song et al. 2012, term by term."""
    states = RNG.normal(size=(2, 9, 3))
    states[1, :, 0] += states[0, :, 0]

    def hsic(k: np.ndarray, m: np.ndarray) -> float:
        k, m, n = k - np.diag(k.diagonal()), m - np.diag(m.diagonal()), len(k)
        terms = np.trace(k @ m) + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 * (k @ m).sum() / (n - 2)
        return float(terms / (n * (n - 3)))

    k, m = (one @ one.T for one in states)
    wanted = hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))
    assert similarity(states).cka[0, 1] == pytest.approx(wanted)


def test_a_swing_is_told_from_an_end() -> None:
    one, other = RNG.normal(size=(2, 12, 5))
    swing = similarity(np.stack([one, other] * 4))
    assert (swing.cka[0, 2], swing.end) == (pytest.approx(1), None)
    rest = similarity(np.stack([np.zeros_like(one), other, one, one, one]), at=[0, 1, 3, 4])
    assert np.isnan(rest.cka[0]).all()  # before the first loop there is nothing
    assert rest.end == 3


def test_all_alike_from_the_start_end_there_and_too_few_positions_are_refused() -> None:
    assert similarity(np.stack([RNG.normal(size=(6, 4))] * 3)).end == 0
    assert similarity(RNG.normal(size=(1, 6, 4))).end is None
    with pytest.raises(ValueError, match="at least 4 positions; there are 3"):
        similarity(np.ones((2, 3, 4)))
