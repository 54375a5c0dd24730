"""Numbers in the smallest type that does not change what is seen; see `looped.serving.message`."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np


def quantise(weights: np.ndarray) -> np.ndarray:
    """Round numbers between 0 and 1 to square-root steps: uint8.

    >>> quantise(np.array([0.0, 0.01, 0.25, 1.0])).tolist()
    [0, 26, 128, 255]
    """
    found = weights.clip(0, 1)  # the one copy: weights of attention are the largest array of a run
    for change in (np.sqrt, partial(np.multiply, 255), np.rint):
        change(found, out=found)
    steps: np.ndarray = found.astype(np.uint8)
    return steps


def below_one(shares: np.ndarray) -> np.ndarray:
    """Store shares as float16, what is less than one as less than one: "100 %" is said of what is all there is.

    >>> below_one(np.array([0.25, 0.9999, 1.0])).tolist()
    [0.25, 0.99951171875, 1.0]
    """
    stored = shares.astype(np.float16)
    stored[(stored == 1) & (shares < 1)] = np.nextafter(np.float16(1), np.float16(0))
    return stored


def stepped(values: np.ndarray, kind: type[np.signedinteger[Any]]) -> tuple[np.ndarray, float]:
    """Round values to whole multiples of a step, the smallest with which all fit into the type; that step.

    >>> stepped(np.array([0.5, -1.27]), np.int8)[0].tolist(), round(stepped(np.array([0.5, -1.27]), np.int8)[1], 6)
    ([50, -127], 0.01)
    """
    step = float(np.abs(values).max(initial=0)) / np.iinfo(kind).max or 1.0
    return np.rint(values / step).astype(kind), step


def as_bits(marks: np.ndarray, axis: int) -> np.ndarray:
    """Store the marks along an axis, at most 16, as the bits of one number: uint16.

    >>> as_bits(np.array([[True, False, True], [False, True, False]]), 1).tolist()
    [5, 2]
    """
    weights = 1 << np.arange(marks.shape[axis])
    return np.moveaxis(marks, axis, -1).astype(np.uint16) @ weights.astype(np.uint16)


def least(numbers: np.ndarray) -> np.ndarray:
    """Store whole numbers from 0 on in as few bytes as hold them: uint8 or uint16."""
    return numbers.astype(np.uint8 if numbers.max(initial=0) < 256 else np.uint16)
