"""Which example decided a prediction? Integrated gradients of the examples' values, and each example taken away alone.

For models that read a prompt: vectors (places, d + 2), of each place x, then a value y, then a flag, and predict one
number at each place that asks. The examples may be any number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from looped.model.seam import LoopedModel, device_of, forward
from looped.runs.needs import Needs

NEEDS = Needs(inputs=("vectors",), outputs=("numbers",))
STEPS = 32
"""Points of the midpoint rule on the way from values of zero to the true ones."""
AT_ONCE = 16
"""Prompts that are run together."""
VALUE = -2  # column of the vectors where y stands


class Gradients(NamedTuple):
    """How the prediction at one place is shared out among the values of the examples."""

    scores: np.ndarray  # (examples,) in the units of y; they add up to output - baseline, but for `error`
    output: float  # the prediction
    baseline: float  # the prediction where every example has the value 0
    error: float  # sum of the scores - (output - baseline)


class Away(NamedTuple):
    """What taking each example away alone changes; a prompt is run anew for each."""

    scores: np.ndarray  # (examples,) prediction with all examples - prediction without this one; NaN: not known yet
    done: int
    total: int


def predict(model: LoopedModel, prompts: Tensor, place: int, loop: int) -> Tensor:
    """Return the prediction at one place after `loop` loops, of prompts (batch, places, d + 2): (batch,)."""
    return forward(model, prompts, loop)[:, place, 0]


def gradients(model: LoopedModel, vectors: np.ndarray, known: np.ndarray, place: int, loop: int) -> Gradients:
    """Integrate the gradient of the prediction at `place` after `loop` loops, along values that grow from 0 together.

    vectors (places, d + 2); known (places,) bool says where the examples are. Source: arXiv 1703.01365.
    """
    prompt = torch.tensor(vectors, dtype=torch.float32, device=device_of(model))
    rows = torch.tensor(np.flatnonzero(known), device=prompt.device)
    values = prompt[rows, VALUE]

    def scaled(shares: Tensor) -> Tensor:
        prompts = prompt.repeat(len(shares), 1, 1)
        prompts[:, rows, VALUE] = shares[:, None] * values
        return prompts

    along = scaled((torch.arange(STEPS, device=prompt.device) + 0.5) / STEPS).requires_grad_()
    with torch.enable_grad():
        said = predict(model, along, place, loop)
        (slope,) = torch.autograd.grad(said.sum(), along)
    scores = (slope[:, rows, VALUE].mean(0) * values).detach().cpu().numpy()
    with torch.no_grad():
        ends = predict(model, scaled(torch.tensor([0.0, 1.0], device=prompt.device)), place, loop)
    baseline, output = (float(end) for end in ends)
    return Gradients(scores, output, baseline, float(scores.sum()) - (output - baseline))


def taken_away(model: LoopedModel, vectors: np.ndarray, known: np.ndarray, place: int, loop: int) -> Iterator[Away]:
    """Yield, after every few examples, what taking each of them away changes in the prediction at `place`.

    Arguments are those of `gradients`; `place` is no example.
    """
    rows = np.flatnonzero(known)
    scores = np.full(len(rows), np.nan)
    device = device_of(model)

    def said(prompts: np.ndarray, at: int) -> np.ndarray:
        with torch.no_grad():
            found: np.ndarray = predict(model, torch.tensor(prompts, device=device), at, loop).cpu().numpy()
        return found

    whole = said(vectors[None].astype(np.float32), place)[0]
    for begin in range(0, len(rows), AT_ONCE):
        part = rows[begin : begin + AT_ONCE]
        prompts = np.stack([np.delete(vectors, row, 0) for row in part]).astype(np.float32)
        scores[begin : begin + len(part)] = whole - said(prompts, place - 1)  # the examples stand before the place
        yield Away(scores.copy(), begin + len(part), len(rows))
