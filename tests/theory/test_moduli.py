"""Moduli that are found by search, against closed forms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from looped.theory.moduli import KINDS, Effort, Kind, bound, search
from looped.theory.targets import Target

WEIGHTS = torch.tensor([[1.0, -2.0]], dtype=torch.float64)


def linear(x: Tensor) -> Tensor:
    """f(X)_n = (1, −2) · x_n + 0.5 Σ of all numbers."""
    return (WEIGHTS * x).sum(-1, keepdim=True) + 0.5 * x.sum((1, 2))[:, None, None]


def jacobian(tokens: int) -> np.ndarray:
    """That of `linear`, (tokens, 2 tokens)."""
    found = np.full((tokens, 2 * tokens), 0.5)
    for n in range(tokens):
        found[n, 2 * n : 2 * n + 2] += WEIGHTS.numpy()[0]
    return found


def check(
    function: Callable[[Tensor], Tensor],
    closed: tuple[float, float, float],
    dims: int,
    tokens: int,
    effort: Effort | None = None,
) -> None:
    for kind, wanted in zip(KINDS, closed, strict=True):
        found = search(function, kind, 0.2, tokens, dims, effort=effort or Effort())
        assert found.value <= wanted * (1 + 1e-9) + 1e-12, kind  # a lower bound
        assert found.value == pytest.approx(wanted, rel=0.01, abs=1e-9), kind
        x, other = (torch.as_tensor(part)[None] for part in (found.input, found.other))
        assert float((x - other).norm()) <= 0.2 + 1e-12
        assert 0 <= min(float(x.min()), float(other.min())) <= max(float(x.max()), float(other.max())) <= 1
        change = (function(x) - function(other))[0]
        assert float((change if found.position is None else change[found.position]).norm()) == pytest.approx(
            found.value
        )
        if kind == "contextual":
            assert (found.input[found.position] == found.other[found.position]).all()


def test_a_linear_function() -> None:
    whole = jacobian(3)
    check(
        linear,
        (0.2 * np.linalg.norm(whole, 2), 0.2 * np.linalg.norm(whole[0, 2:]), 0.2 * np.linalg.norm(whole[0, :2])),
        2,
        3,
    )


def test_distance_from_the_middle() -> None:
    check(lambda x: (x - 0.5).abs(), (0.2, 0.0, 0.2), 1, 4)


def test_the_sum_of_all_tokens() -> None:
    check(lambda x: x.sum(1, keepdim=True).expand_as(x), (0.2 * 4, 0.2 * 3**0.5, 0.2), 1, 4)


def test_a_step() -> None:
    check(lambda x: (x >= 0.5).double() + 0 * x, (4**0.5, 0.0, 1.0), 1, 4, Effort(256, 120))


def test_the_function_of_the_machine_has_the_moduli_of_a_dense_grid() -> None:
    target, delta = Target(), 1 / 8
    here, there = np.meshgrid(np.linspace(0, 1, 201), np.linspace(0, 1, 201))
    pair = np.stack([here, there], -1)
    moved = pair + np.array([delta, 0.0])
    inside = here <= 1 - delta
    change = np.abs(target(moved) - target(pair))[inside]
    token, contextual = change.max(0)
    for kind, wanted in (("token", token), ("contextual", contextual)):
        found = search(lambda x: target.of(x[..., 0])[..., None], kind, delta, 2)  # type: ignore[arg-type]
        assert found.value == pytest.approx(wanted, rel=2e-3)


def test_the_terms_of_the_bound() -> None:
    found = bound(linear, cells=5, tokens=3, slope=100.0, dims=2)
    near, far, whole = 0.2 * 2**0.5, 0.2 * 6**0.5, jacobian(3)
    assert found.token == pytest.approx(6**0.5 * near * np.linalg.norm(whole[0, :2]), rel=0.01)
    assert found.contextual == pytest.approx(6**0.5 * far * np.linalg.norm(whole[0, 2:]), rel=0.01)
    assert found.sequence == pytest.approx(far * np.linalg.norm(whole, 2), rel=0.01)
    assert found.moduli == found.token + found.contextual + found.sequence
    assert found.collision == pytest.approx(3 * 0.2)
    assert found.slope == pytest.approx((6 / (100 * 0.2)) ** 0.5)
    assert bound(lambda x: x, 5, 1, 100.0).contextual == 0  # one token has no context


@pytest.mark.parametrize(
    ("kind", "delta", "tokens", "says"),
    [("both", 0.1, 2, "no modulus 'both'"), ("token", 0.0, 2, "above 0"), ("contextual", 0.1, 1, "at least 2 tokens")],
)
def test_what_cannot_be_searched(kind: Kind, delta: float, tokens: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        search(linear, kind, delta, tokens, 2)
    with pytest.raises(ValueError, match="at least one start"):
        Effort(starts=0)
