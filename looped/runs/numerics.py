"""Numerical functions that several rooms need; each exists once in the library, here."""

from __future__ import annotations

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities over the last axis; rows sum to one.

    >>> softmax(np.array([1000.0, 1000.0])).tolist()
    [0.5, 0.5]
    """
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    probabilities: np.ndarray = raised / raised.sum(-1, keepdims=True)
    return probabilities
