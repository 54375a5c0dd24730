"""Attention to the 3 × 3 neighbourhood: against dense masked attention, on any grid, under interventions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from looped.model import Model
from looped.model.interventions import Block, Cut, Temperature
from looped.model.neighbourhood import NEIGHBOURS, OFFSETS, attend, near, neighbour_table, square

Make = Callable[..., Model]
NEAR: dict[str, Any] = {"positions": "none", "attention_to": "neighbourhood", "length": 1024}


def dense(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, rows: int, temperature: float = 1.0) -> tuple[Tensor, Tensor]:
    """Attend to all positions with all but the neighbourhood masked; weights (batch, heads, positions, positions)."""
    positions, width = q.shape[1], q.shape[3]
    columns = positions // rows
    scores = torch.einsum("bihw,bjhw->bhij", q, k) / math.sqrt(width)
    mask = torch.full((positions, positions), True)
    for i in range(positions):
        for j in range(positions):
            offset = (j // columns - i // columns, j % columns - i % columns)
            if offset in OFFSETS:
                mask[i, j] = False
                scores[:, :, i, j] += bias[:, OFFSETS.index(offset)]
    weights = (scores / temperature).masked_fill(mask, -torch.inf).softmax(-1)
    return torch.einsum("bhij,bjhw->bihw", weights, v), weights


def random_heads(positions: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    q, k, v = (torch.randn(2, positions, 3, 4, generator=generator, dtype=torch.float64) for _ in range(3))
    return q, k, v, torch.randn(3, NEIGHBOURS, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 5), (2, 2), (3, 4), (6, 6)])
@pytest.mark.parametrize("temperature", [1.0, 0.25])
def test_it_is_dense_attention_with_all_but_the_neighbourhood_masked(
    rows: int, columns: int, temperature: float
) -> None:
    q, k, v, bias = random_heads(rows * columns)
    output, weights = attend(q, k, v, bias, rows, temperature)
    expected, dense_weights = dense(q, k, v, bias, rows, temperature)
    assert torch.allclose(output, expected, rtol=0, atol=1e-13)
    table = neighbour_table(rows, columns)
    gathered = dense_weights.gather(-1, table.clamp(min=0).expand(2, 3, -1, -1)).masked_fill(table < 0, 0)
    assert torch.allclose(weights, gathered, rtol=0, atol=1e-13)
    assert torch.allclose(weights.sum(-1), torch.ones(()).double(), rtol=0, atol=1e-12)


def test_gradients_are_those_of_dense_attention() -> None:
    inputs = [tensor.requires_grad_() for tensor in random_heads(9)]
    ours = torch.autograd.grad(attend(*inputs, rows=3)[0].square().sum(), inputs)
    theirs = torch.autograd.grad(dense(*inputs, rows=3)[0].square().sum(), inputs)
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.allclose(mine, other, rtol=0, atol=1e-12)


def test_at_temperature_zero_the_largest_score_takes_all_and_ties_share() -> None:
    q, k, v, bias = random_heads(9)
    _, weights = attend(q, k, v, bias, 3, temperature=0)
    assert set(weights.unique().tolist()) == {0.0, 1.0}
    _, even = attend(0 * q, k, v, 0 * bias, 3, temperature=0)
    assert even[0, 0, 4].tolist() == pytest.approx([1 / 9] * 9)
    assert even[0, 0, 0].tolist() == pytest.approx([0, 0, 0, 0, 0.25, 0.25, 0, 0.25, 0.25])


def test_the_table_names_the_neighbours_of_every_cell() -> None:
    table = neighbour_table(3, 4)
    assert table.shape == (12, NEIGHBOURS)
    assert table[5].tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert table[11].tolist() == [6, 7, -1, 10, 11, -1, -1, -1, -1]
    assert torch.equal(table[:, 4], torch.arange(12))


def test_positions_that_make_no_square_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^50 positions do not make a square grid"):
        square(50)


@pytest.mark.parametrize("architecture", ["looped", "tmlt", "standard"])
def test_a_change_travels_one_ring_a_loop(make_model: Make, architecture: str) -> None:
    layers = 3 if architecture == "standard" else 1
    model = make_model(architecture=architecture, layers=layers, trained_loops=3, **NEAR)
    tokens = torch.zeros(1, 81, dtype=torch.long)
    other = tokens.clone()
    other[0, 40] = 1  # the middle of 9 × 9
    runs = [[state.hidden.view(9, 9, -1) for state in model.unroll(one, 3)] for one in (tokens, other)]
    for loop, (a, b) in enumerate(zip(*runs, strict=True)):
        row, column = torch.nonzero((a != b).any(-1), as_tuple=True)
        assert row.numel() > 0
        assert max((row - 4).abs().max(), (column - 4).abs().max()) == loop


@pytest.mark.parametrize("architecture", ["looped", "tmlt", "standard"])
def test_grids_of_any_size_are_run_and_their_attention_is_kept_by_neighbour(
    make_model: Make, architecture: str
) -> None:
    layers = 2 if architecture == "standard" else 1
    model = make_model(architecture=architecture, layers=layers, trained_loops=2, **NEAR)
    for size in (2, 5, 32):
        tokens = torch.randint(0, 3, (1, size * size), generator=torch.Generator().manual_seed(size))
        recorded = [*model.unroll(tokens, 2, record=True)]
        plain = [*model.unroll(tokens, 2)]
        assert torch.equal(recorded[-1].hidden, plain[-1].hidden)
        assert recorded[-1].attention is not None
        assert recorded[-1].attention.shape == (1, 1, model.config.heads, size * size, NEIGHBOURS)
        assert plain[-1].attention is None


def test_it_moves_with_the_grid_as_it_has_no_positions(make_model: Make) -> None:
    model = make_model(**NEAR)
    inner = torch.randint(0, 3, (1, 3, 3), generator=torch.Generator().manual_seed(1))
    here, there = torch.zeros(2, 1, 9, 9, dtype=torch.long)
    here[:, 2:5, 2:5], there[:, 4:7, 3:6] = inner, inner
    a, b = ([*model.unroll(one.flatten(1), 1)][-1].hidden.view(9, 9, -1) for one in (here, there))
    assert torch.equal(a[1:6, 1:6], b[3:8, 2:7])


def test_a_batch_is_its_grids_one_by_one(make_model: Make) -> None:
    model = make_model(**NEAR)
    tokens = torch.randint(0, 3, (3, 25), generator=torch.Generator().manual_seed(2))
    together = model(tokens, 3)
    assert torch.allclose(together, torch.cat([model(one[None], 3) for one in tokens]), rtol=0, atol=1e-6)


# -------------------------------------------------------------------------------------------------------- interventions


def attention(model: Model, tokens: Tensor, *changes: Any) -> Tensor:
    last = [*model.unroll(tokens, 2, record=True, interventions=changes)][-1].attention
    assert last is not None
    return last[0, 0]


def test_blocked_neighbours_get_nothing_and_the_others_sum_to_one(make_model: Make) -> None:
    model, tokens = make_model(**NEAR), torch.zeros(1, 9, dtype=torch.long)
    weights = attention(model, tokens, Block((4,), (1, 4, 8)))
    assert (weights[:, 4, [1, 4, 8]] == 0).all()
    assert torch.allclose(weights.sum(-1), torch.ones(()))


def test_a_cell_must_be_left_something_to_attend_to(make_model: Make) -> None:
    model, tokens = make_model(**NEAR), torch.zeros(1, 16, dtype=torch.long)
    with pytest.raises(ValueError, match=r"^position 0 is blocked from its whole neighbourhood"):
        attention(model, tokens, Block((0,), (0, 1, 4, 5)))
    blocked = torch.zeros(16, 16, dtype=torch.bool)
    blocked[0, 1] = True
    assert near(blocked, neighbour_table(4, 4))[0].tolist() == [True] * 4 + [False, True, True, False, False]


def test_a_cut_head_writes_nothing_and_temperature_sharpens(make_model: Make) -> None:
    model, tokens = make_model(**NEAR), torch.randint(0, 3, (1, 16), generator=torch.Generator().manual_seed(3))
    heads = tuple(range(model.config.heads))
    cut = [*model.unroll(tokens, 1, interventions=(Cut(heads=heads),))][-1].hidden
    none = [*model.unroll(tokens, 1, interventions=(Cut(heads=heads), Temperature(0.5)))][-1].hidden
    assert torch.equal(cut, none)
    own, cold = attention(model, tokens), attention(model, tokens, Temperature(0))
    assert cold.amax(-1).mean() > own.amax(-1).mean()


@pytest.mark.parametrize("change", [{"positions": "learned"}, {"causal": True}])
def test_a_config_with_positions_or_a_causal_mask_is_refused(make_model: Make, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^attention to the neighbourhood needs positions 'none' and no causal mask"):
        make_model(**NEAR | change)
