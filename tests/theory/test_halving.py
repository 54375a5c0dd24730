"""Loops logarithmic in precision: binary search in a network, and what counting forbids."""

from __future__ import annotations

import math

import numpy as np
import pytest

from looped.theory.capacity import capacity
from looped.theory.halving import found_ids, least_loops, squares, swept_ids
from looped.theory.machine import Machine, Settings
from looped.theory.tables import Sizes, make_table, token_ids
from looped.theory.targets import Target

X = np.random.default_rng(0).random(4_000)


@pytest.mark.parametrize("bits", [1, 3, 10, 20])
def test_binary_search_finds_the_cell_in_as_many_loops_as_bits(bits: int) -> None:
    assert (found_ids(X, bits) == token_ids(X, 2**bits)).all()


def test_thresholds_find_what_the_machine_finds() -> None:
    machine = Machine(make_table(Target(), Sizes(8, 2)), Settings(slope=16.0))
    pairs = X[:200].reshape(100, 2)
    z = machine.last(pairs, 7)[..., machine.channels.index("z")]
    np.testing.assert_allclose(swept_ids(pairs, 8, 16.0), z)


def test_a_flat_threshold_blurs_as_many_ids_as_there_are_loops() -> None:
    slope = 256.0
    wrong = [(found(X, 32) != token_ids(X, 32)).mean() for found in (by_half, by_threshold)]
    assert wrong[0] == pytest.approx(5 / slope, rel=0.3)
    assert wrong[1] == pytest.approx(31 / slope, rel=0.15)


def by_half(x: np.ndarray, cells: int) -> np.ndarray:
    return found_ids(x, int(math.log2(cells)), 256.0)


def by_threshold(x: np.ndarray, cells: int) -> np.ndarray:
    return swept_ids(x, cells, 256.0)


@pytest.mark.parametrize("loops", [1, 4, 9])
def test_a_square_is_followed_to_a_quarter_of_the_error_with_every_loop(loops: int) -> None:
    x = np.linspace(0, 1, 2**12 + 1)
    off = squares(x, loops) - x**2
    assert off.min() >= 0
    assert off.max() == pytest.approx(4.0 ** -(loops + 1), rel=1e-9)


def test_a_table_needs_loops_in_proportion_to_its_values() -> None:
    size = capacity(2, 2)
    least = [least_loops(2 ** (3 * bits), size.parameters, size.hidden, 2) for bits in (4, 8, 10, 12)]
    assert least == sorted(least)
    assert least[1] == 125  # the figure of assets/docs
    assert least[3] / least[2] == pytest.approx(64, rel=0.25)  # 64 times the values
    assert all(low > bits for low, bits in zip(least[1:], (8, 10, 12), strict=True))


def test_steps_of_their_own_need_the_root_of_that_and_no_more_than_tied_weights() -> None:
    size = capacity(2, 2)
    own = 4 * size.embedding
    few, many = (least_loops(entries, size.parameters, size.hidden, 2, own=own) for entries in (2**30, 2**36))
    assert many / few == pytest.approx(8, rel=0.25)
    assert few < least_loops(2**30, size.parameters, size.hidden, 2)


def test_the_count_holds_for_the_machine_that_has_them_all() -> None:
    machine = Machine(make_table(Target(), Sizes(4, 2)))
    weights = sum(int((part != 0).sum()) for part in (machine.start, machine.reads, machine.writes))
    assert least_loops(64, weights, machine.reads.shape[1], 2, heads=1, own=1) <= machine.sizes_of.loops
