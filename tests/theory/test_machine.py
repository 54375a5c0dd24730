"""The construction runs as the theorem says: loops, IDs, errors, and what happens where its assumptions are dropped."""

from __future__ import annotations

import math

import numpy as np
import pytest

from looped.runs.trace import record
from looped.theory.machine import CHANNELS, Machine, Settings
from looped.theory.measures import measure
from looped.theory.tables import Sizes, contextual_ids, make_table, shared_signs, token_ids
from looped.theory.targets import Target, Wave

TARGET = Target()  # sin 3x_n + 0.5 cos(2 Σx)
TABLE = make_table(TARGET, Sizes(8, 2))
INPUTS = np.random.default_rng(0).random((2_000, 2))


def ids_after(machine: Machine, x: np.ndarray) -> np.ndarray:
    """The contextual IDs, which are found before the last stage begins."""
    return machine.ids(machine.last(x, sum(machine.sizes_of.stages[:2])))


@pytest.mark.parametrize(("weights", "error", "l2"), [("modulated", 1e-15, 0.109), ("tied", 0.347, 0.309)])
def test_the_machine_of_eight_cells_and_two_tokens(weights: str, error: float, l2: float) -> None:
    found = measure(Machine(TABLE, Settings(weights)), TARGET)  # type: ignore[arg-type]
    assert found.loops == 7 + 2 + 1023 == 1032
    assert found.ids_right == 1
    assert found.table_error <= error
    assert found.jump == pytest.approx(0.347, abs=5e-4)
    assert found.l2 == pytest.approx(l2, rel=0.02)
    if weights == "tied":
        assert found.table_error > 0.3  # shared weights do not end on the table


def test_what_is_measured_of_some_inputs_is_what_all_of_them_do() -> None:
    table = make_table(TARGET, Sizes(4, 2))
    machine, x = Machine(table), np.random.default_rng(5).random((60, 2))
    told = machine.last(x)[..., CHANNELS.index("v")]
    by_hand = np.sqrt(((told - TARGET(x)) ** 2).sum(1).mean())
    assert measure(machine, TARGET, 60, seed=5).l2 == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize(
    ("cells", "hold", "interpolated", "walk"),
    [
        (4, 0.588, 0.536, 0.536),
        (8, 0.807, 0.347, 0.347),
        (16, 0.906, 0.184, 0.184),
        (32, 0.953, 0.093, 0.093),
        (64, 0.977, 0.054, 0.047),
    ],
)
def test_fillers_make_the_jump_shrink(cells: int, hold: float, interpolated: float, walk: float) -> None:
    """Where IDs that no input reaches hold the last value, the largest jump grows with the number of cells."""
    jumps = [make_table(TARGET, Sizes(cells, 2, filling)).jump for filling in ("hold", "interpolated", "walk back")]
    assert jumps == pytest.approx([hold, interpolated, walk], abs=6e-4)


def test_a_table_holds_the_function_at_the_centres_of_cells() -> None:
    x = np.array([[0.70, 0.20]])  # cells 5 and 1 of 8
    (ids,) = contextual_ids(x, TABLE.sizes)
    assert ids.tolist() == [16 * (5 * 8 + 1) + 5, 16 * (5 * 8 + 1) + 1]
    assert TABLE.reached[ids].all()
    np.testing.assert_allclose(TABLE.values[ids], TARGET([5.5 / 8, 1.5 / 8]), atol=1e-15)
    assert TABLE.reached.sum() == 8 * 7 + 8  # two tokens of each pair of cells, one of each pair that is the same


def test_signs_of_one_size_stay_within_the_largest_jump() -> None:
    steps = np.where(shared_signs(TABLE.values), TABLE.jump, -TABLE.jump)
    walked = TABLE.values[0] + np.concatenate([[0.0], np.cumsum(steps)])
    assert np.abs(walked - TABLE.values).max() <= TABLE.jump + 1e-12


@pytest.mark.parametrize("weights", ["modulated", "tied"])
def test_a_token_climbs_to_its_id_and_its_value_stops_there(weights: str) -> None:
    table = make_table(TARGET, Sizes(4, 2))
    machine = Machine(table, Settings(weights))  # type: ignore[arg-type]
    x = np.array([[0.70, 0.20]])
    run = machine.run(x)[:, 0]
    z, s, v = (run[..., CHANNELS.index(name)] for name in ("z", "s", "v"))
    assert z[: 4 + 1, 0].tolist() == [0, 1, 2, 2, 2]  # the thresholds 1/4 and 1/2 are passed, 3/4 is not
    assert s[3 : 6 + 1, 0].tolist() == [0, 2, 8, 8]  # the largest ID first: 2, then 2 · 4 + 0
    (ids,) = contextual_ids(x, table.sizes)
    for token, k in enumerate(ids):
        assert (np.diff(v[5 : 5 + k + 1, token]) != 0).any()
        assert (v[5 + k :, token] == v[5 + k, token]).all()
    if weights == "modulated":
        np.testing.assert_allclose(v[5 : 5 + ids[0] + 1, 0], table.values[: ids[0] + 1], atol=1e-15)


@pytest.mark.parametrize("slope", [16.0, 64.0, 256.0, 1024.0, 2.0**20])
def test_a_flatter_step_blurs_as_many_ids_as_the_theorem_s_order_says(slope: float) -> None:
    """An ID is wrong when one of the N tokens is within 1 / M below one of D − 1 thresholds: (D − 1) N / M."""
    found = ids_after(Machine(TABLE, Settings(slope=slope)), INPUTS)
    wrong = (found != contextual_ids(INPUTS, TABLE.sizes)).mean()
    expected = 1 - (1 - 7 / slope) ** 2
    assert wrong == pytest.approx(expected, abs=3.5 * math.sqrt(expected / 2_000))


@pytest.mark.parametrize(("beta", "least", "most"), [(1, 0.5, 200), (10, 0, 0.01), (40, 0, 0)])
def test_softmax_in_place_of_hardmax(beta: float, least: float, most: float) -> None:
    apart = np.abs(ids_after(Machine(TABLE, Settings(beta=beta)), INPUTS) - contextual_ids(INPUTS, TABLE.sizes)).max()
    assert least <= apart <= most


def test_two_of_three_tokens_in_one_cell_are_taken_for_one() -> None:
    sizes = Sizes(4, 3)
    x = np.random.default_rng(1).random((400, 3))
    right = (ids_after(Machine(make_table(TARGET, sizes)), x) == contextual_ids(x, sizes)).all(1)
    repeated = np.array([len(set(row)) < 3 for row in token_ids(x, 4)])
    assert right[~repeated].all()
    assert right[repeated].mean() < 0.15  # only where the largest is repeated and zero is left


def test_two_tokens_in_one_cell_are_no_harm() -> None:
    x = np.repeat(np.random.default_rng(2).random((50, 1)), 2, axis=1)
    assert (ids_after(Machine(TABLE), x) == contextual_ids(x, TABLE.sizes)).all()


@pytest.mark.parametrize("weights", ["modulated", "tied"])
def test_tokens_of_two_numbers(weights: str) -> None:
    table = make_table(TARGET, Sizes(3, 2, dims=2))
    found = measure(Machine(table, Settings(weights)), TARGET, 500)  # type: ignore[arg-type]
    assert found.loops == 3 + 2 + 2 * 9**3 - 1 == 1462
    assert found.ids_right == 1
    assert found.jump == pytest.approx(0.518, abs=5e-4)
    assert found.table_error <= (1e-15 if weights == "modulated" else found.jump)
    if weights == "tied":
        assert found.table_error > 0.4


def test_neighbours_in_the_table_of_a_square_are_neighbours_in_the_square() -> None:
    """Along a snake the largest jump shrinks as cells do, as the theorem needs it; row by row it would not."""
    centres = (np.stack(np.meshgrid(np.arange(4), np.arange(4)), -1).reshape(-1, 2) + 0.5) / 4
    order = token_ids(centres, 4, dims=2).argsort()
    assert np.abs(np.diff(centres[order], axis=0)).sum(1).tolist() == [0.25] * 15
    jumps = [make_table(TARGET, Sizes(cells, 2, dims=2)).jump for cells in (4, 6, 8)]
    assert jumps == pytest.approx([0.536, 0.434, 0.347], abs=5e-4)


def test_a_token_of_two_numbers_climbs_to_the_place_of_its_cell() -> None:
    machine = Machine(make_table(TARGET, Sizes(3, 2, dims=2)))
    x = np.array([[[0.1, 0.5], [0.9, 0.9]]])  # columns 0 and 2 of rows 1 and 2; row 1 goes back
    run = machine.run(x)[:, 0]
    z, s = (run[..., CHANNELS.index(name)] for name in ("z", "s"))
    assert z[:4].tolist() == [[0, 0], [0, 0], [0, 0], [3 + 2, 6 + 2]]
    assert s[5].tolist() == [8 * 9 + 5] * 2
    (ids,) = contextual_ids(x, machine.sizes_of)
    np.testing.assert_allclose(machine.values(run[-1]), machine.table.values[ids], atol=1e-15)
    np.testing.assert_allclose(machine.table.values[ids], TARGET.answers([[[1 / 6, 0.5], [5 / 6, 5 / 6]]], 2)[0])


def test_f_of_two_numbers_is_f_of_one_where_the_other_is_none() -> None:
    own, both = Target(Wave("sin", 3, 1), Wave("sin", 2, 1)), [[[0.2, 0.0], [0.7, 0.0]]]
    np.testing.assert_allclose(own.answers(both, 2)[..., 0], own([[0.2, 0.7]]), atol=1e-15)
    np.testing.assert_allclose(own.answers(both, 2)[..., 1], np.sin([[1.8, 1.8]]), atol=1e-15)


def test_it_is_recorded_like_every_other_model() -> None:
    machine = Machine(make_table(TARGET, Sizes(4, 2)))
    x = np.array([[0.7], [0.2]], np.float32)
    trace = record(machine, x, 132)
    assert trace.hidden.shape == (133, 2, len(CHANNELS))
    assert trace.attention[3, 0, 0].tolist() == [[1, 0], [1, 0]]  # loop 4 reads the context: the larger token
    assert trace.attention[4, 0, 0].tolist() == [[0, 1], [0, 1]]
    np.testing.assert_allclose(trace.predictions[-1, :, 0], machine.last(x.T)[0, :, CHANNELS.index("v")], atol=1e-6)
    with pytest.raises(ValueError, match="132"):
        machine.last(x.T, 133)


def test_sizes_of_the_paper_and_what_cannot_be_built() -> None:
    assert (Sizes(8, 2).loops, Sizes(8, 2).stated_loops, Sizes(8, 2).ids) == (1032, 8194, 1024)
    for make, says in (
        (lambda: Sizes(1, 2), "at least 2 cells"),
        (lambda: Sizes(64, 4), "take fewer cells or tokens"),
        (lambda: Sizes(8, 2, "none"), "there is no filling 'none'"),  # type: ignore[arg-type]
        (lambda: Sizes(2, 2, dims=3), "of one or two numbers, not of 3"),
        (lambda: Settings(slope=0), "from 1 to 2^30"),
        (lambda: Settings(beta=-1), "above 0"),
        (lambda: Settings("free"), "tied or modulated"),  # type: ignore[arg-type]
        (lambda: Wave("sin", math.inf), "from -1000 to 1000"),
    ):
        with pytest.raises(ValueError, match=says.replace("^", r"\^")):
            make()
