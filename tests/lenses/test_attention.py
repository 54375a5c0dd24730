"""Where attention goes: against plain loops over positions."""

from __future__ import annotations

import numpy as np
import pytest

from looped.lenses.attention import across, evenly, mass, strongest

RNG = np.random.default_rng(3)


def attention_of(loops: int, layers: int, heads: int, positions: int) -> np.ndarray:
    weights = RNG.random((loops, layers, heads, positions, positions)).astype(np.float32)
    return weights / weights.sum(-1, keepdims=True)


def test_the_strongest_weight_of_each_head_and_of_all() -> None:
    attention = attention_of(3, 2, 4, 5)
    found = strongest(attention)
    for t, layer, i in np.ndindex(3, 2, 5):
        rows = attention[t, layer, :, i]
        assert found.position[t, layer, :, i].tolist() == [row.tolist().index(row.max()) for row in rows]
        assert rows[found.head[t, layer, i]].max() == rows.max()


def test_mass_sums_what_goes_to_some_positions_and_ends_with_the_mean_of_the_heads() -> None:
    attention, to = attention_of(2, 2, 3, 6), RNG.random((6, 6)) < 0.4
    found = mass(attention, to)
    assert found.shape == (2, 2, 4, 6)
    for t, layer, head, i in np.ndindex(2, 2, 3, 6):
        assert found[t, layer, head, i] == pytest.approx(attention[t, layer, head, i, to[i]].sum(), abs=1e-6)
    np.testing.assert_allclose(found[:, :, 3], found[:, :, :3].mean(2), rtol=1e-6)
    same = np.array([True, False, True, False, False, False])
    np.testing.assert_allclose(mass(attention, same)[:, :, :3], attention[..., same].sum(-1), rtol=1e-5)
    np.testing.assert_allclose(mass(attention, np.ones(6, bool)), 1, rtol=1e-5)
    assert not mass(attention, np.zeros(6, bool)).any()


def test_an_even_share_is_one_of_all_that_may_be_attended_to() -> None:
    around = np.array([[0, 1, -1], [0, 1, 2], [1, 2, -1]])
    causal = np.tril(np.ones((3, 3), bool))
    np.testing.assert_allclose(evenly(3), 1 / 3)
    np.testing.assert_allclose(evenly(3, around), [1 / 2, 1 / 3, 1 / 2])
    np.testing.assert_allclose(evenly(3, None, causal), [1, 1 / 2, 1 / 3])
    np.testing.assert_allclose(evenly(3, around, causal), [1, 1 / 2, 1 / 2])


def test_mass_of_positions_that_do_not_fit_is_refused() -> None:
    for to in (np.ones(5, bool), np.ones((6, 6)), np.ones((2, 6), bool)):
        with pytest.raises(ValueError, match="must be bool of shape"):
            mass(attention_of(1, 1, 1, 6), to)


def test_attention_across_two_words() -> None:
    attention = attention_of(2, 2, 3, 7)
    first, second = np.array([0, 1, 2]), np.array([4, 5])
    equal = np.array([[True, False], [False, False], [False, True]])
    found = across(attention, first, second, equal)
    heads = np.concatenate([attention, attention.mean(2, keepdims=True)], axis=2)
    assert found.even == pytest.approx(2 / 6)
    for t, layer, head in np.ndindex(2, 2, 4):
        weights = heads[t, layer, head]
        for way, block in enumerate((weights[np.ix_(first, second)], weights[np.ix_(second, first)].T)):
            entry = (way, t, layer, head)
            assert found.share[entry] == pytest.approx(block.sum() / (3, 2)[way], rel=1e-5)
            assert found.equal[entry] == pytest.approx(block[equal].sum() / block.sum(), rel=1e-5)
            assert found.weight[entry] == pytest.approx(block.max(), rel=1e-5)
            assert block[tuple(found.pair[entry])] == pytest.approx(block.max(), rel=1e-5)


def test_where_nothing_goes_across_no_share_of_it_joins_equal_letters() -> None:
    attention = np.eye(3).reshape(1, 1, 1, 3, 3)
    found = across(attention, np.array([0]), np.array([1, 2]), np.array([[True, False]]))
    assert not found.share.any()
    assert np.isnan(found.equal).all()


def test_letters_that_do_not_fit_are_refused() -> None:
    attention = attention_of(1, 1, 1, 4)
    for first, second, equal in ((2, 1, np.ones((1, 2), bool)), (0, 1, np.ones((0, 1), bool))):
        with pytest.raises(ValueError, match="do not fit"):
            across(attention, np.arange(first), 2 + np.arange(second), equal)


def test_mass_of_attention_that_is_kept_by_neighbour() -> None:
    neighbours = np.array([[0, 1, -1], [0, 1, 2], [1, 2, -1]])
    kept = RNG.random((2, 1, 2, 3, 3)) * (neighbours >= 0)
    whole = np.zeros((2, 1, 2, 3, 3))
    for i, k in np.ndindex(3, 3):
        if neighbours[i, k] >= 0:
            whole[..., i, neighbours[i, k]] = kept[..., i, k]
    to = RNG.random((3, 3)) < 0.5
    np.testing.assert_allclose(mass(kept, to, neighbours), mass(whole, to), rtol=1e-6)
