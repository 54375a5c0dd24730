"""Numerical functions that several rooms need; each exists once in the library, here."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

EQUAL = 1e-6  # of the largest number: one that is below it by no more is less by rounding of float32


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities over the last axis; rows sum to one.

    >>> softmax(np.array([1000.0, 1000.0])).tolist()
    [0.5, 0.5]
    """
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    probabilities: np.ndarray = raised / raised.sum(-1, keepdims=True)
    return probabilities


def largest(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """Mark the largest numbers along an axis: bool, of the shape of values.

    Several are where rounding is all that tells them apart, so that none of them is called the largest alone.

    >>> largest(np.array([0.2, 0.4, 0.4 - 1e-8])).tolist()
    [False, True, True]
    """
    most = values.max(axis, keepdims=True)
    found: np.ndarray = values >= most - EQUAL * np.abs(most)
    return found


def spread_over_positions(weights: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    """Write weights to neighbours (positions, K) as weights to all positions: (positions, positions).

    neighbours (positions, K) int64 are the positions that the weights are of, -1 for none.

    >>> spread_over_positions(np.array([[0.25, 0.75], [1.0, 0.0]]), np.array([[0, 1], [1, -1]])).tolist()
    [[0.25, 0.75], [0.0, 1.0]]
    """
    whole = np.zeros((len(weights), len(weights)), weights.dtype)
    row, slot = np.nonzero(neighbours >= 0)
    np.add.at(whole, (row, neighbours[row, slot]), weights[row, slot])
    return whole


def relative_residual(before: Tensor, after: Tensor) -> Tensor:
    """Return ‖after − before‖ / ‖before‖ of whole states: (batch, …) both → (batch,), NaN where a state was zero.

    >>> relative_residual(torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([[3.0, 3.0], [1.0, 0.0]])).tolist()
    [0.20000000298023224, nan]
    """
    length = before.flatten(1).norm(dim=1)
    return torch.where(length > 0, (after - before).flatten(1).norm(dim=1) / length, torch.nan)
