"""One layer of linear attention, looped: learned multi-step gradient descent, beside its closed form.

A prompt has n pairs (x_i, y_i) with y_i = w*·x_i. One layer with one query token w, keys and values x_i and a learned
matrix A is a step of preconditioned gradient descent on the squared error (arXiv 2502.21212):

    w ← w − A · (1/n) Σ_i (w·x_i − y_i) x_i

Loops repeat the layer with the same A; a layer with timesteps (TMLT) has a matrix for each loop; a chain of thought
writes every w as a new token and reads the last one, which is the same arithmetic. With C = XᵀX/n the error of r loops
that start at w = 0 is |(I − A C)^r w*|², so that everything that training finds can be checked.

No direction of x is special, so that one expects a multiple of the identity, the best constant step. For one loop that
is what is learned. For more, training also finds a rotation: the skew part of A gives the step sizes an imaginary part,
and the error of what was learned is larger when it is taken away (`without_rotation`).

Shapes: X (prompts, n, d), y (prompts, n), w (prompts, d), matrices (1, d, d) of a loop or (r, d, d) with timesteps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

FRESH = 2_048  # prompts that errors are measured on
STEPS = 600  # of Adam
BATCH = 128
TELL = 100  # steps between two results


@dataclass(frozen=True)
class Setting:
    """What is trained. Raises ValueError with one sentence for sizes that make no sense."""

    dims: int = 5  # d
    examples: int = 20  # n
    loops: int = 4  # r
    timesteps: bool = False  # a matrix for each loop, in place of one for all

    def __post_init__(self) -> None:
        for name, value, most in (("dims", self.dims, 50), ("examples", self.examples, 500), ("loops", self.loops, 64)):
            if not 1 <= value <= most:
                raise ValueError(f"{name} is {value}; it must be from 1 to {most}.")


class Learned(NamedTuple):
    """What is known after `steps` steps of training."""

    steps: int
    matrices: np.ndarray  # (1 or r, d, d) float64
    losses: np.ndarray  # (steps,) |w_r − w*|² / d, mean over each batch


def prompts(count: int, setting: Setting, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw inputs X (count, n, d) and weights w* (count, d), all entries N(0, 1)."""
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((count, setting.examples, setting.dims))
    return inputs, rng.standard_normal((count, setting.dims))


def layer(w: Tensor, matrix: Tensor, inputs: Tensor, values: Tensor) -> Tensor:
    """Apply one layer of linear attention to the query tokens w (prompts, d): see the head of this file."""
    scores = torch.einsum("pnd,pd->pn", inputs, w) - values  # how far each example is from what w says
    gradient = torch.einsum("pn,pnd->pd", scores, inputs) / inputs.shape[1]
    return w - gradient @ matrix.T


def learn(setting: Setting, seed: int = 0, steps: int = STEPS) -> Iterator[Learned]:
    """Train the matrices by Adam on fresh prompts, from a step of zero; yield what is known every few steps.

    The learning rate falls linearly to zero. Thousands of loops a second: with 4 loops it takes about a second.
    """
    generator = torch.Generator().manual_seed(seed)
    count = setting.loops if setting.timesteps else 1
    matrices = torch.zeros(count, setting.dims, setting.dims, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([matrices], lr=0.02)
    losses: list[float] = []
    for done in range(1, steps + 1):
        inputs = torch.randn(BATCH, setting.examples, setting.dims, generator=generator, dtype=torch.float64)
        wanted = torch.randn(BATCH, setting.dims, generator=generator, dtype=torch.float64)
        values = torch.einsum("pnd,pd->pn", inputs, wanted)
        w = torch.zeros_like(wanted)
        for loop in range(setting.loops):
            w = layer(w, matrices[loop % count], inputs, values)
        loss = (w - wanted).square().sum(-1).mean() / setting.dims
        for group in optimizer.param_groups:
            group["lr"] = 0.02 * (1 - (done - 1) / steps)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
        if done % TELL == 0 or done == steps:
            yield Learned(done, matrices.detach().numpy().copy(), np.array(losses))


def moments(inputs: np.ndarray) -> np.ndarray:
    """Return C = XᵀX/n of each prompt: (prompts, d, d)."""
    found: np.ndarray = np.einsum("pni,pnj->pij", inputs, inputs) / inputs.shape[1]
    return found


def errors(matrices: np.ndarray, second: np.ndarray, loops: int) -> np.ndarray:
    """Return the error after 0 … `loops` loops by the closed form, the mean over w* ~ N(0, I) and over prompts.

    second (prompts, d, d) are the moments C. With timesteps the last matrix is used beyond the trained loops. Returns
    (loops + 1,): tr(MᵀM)/d of M = Π (I − A C), which is 1 before the first loop.
    """
    one = np.eye(second.shape[-1])
    product = np.broadcast_to(one, second.shape)
    found = [1.0]
    for loop in range(loops):
        product = (one - matrices[min(loop, len(matrices) - 1)] @ second) @ product
        found.append(float((product**2).sum((-2, -1)).mean() / second.shape[-1]))
    return np.array(found)


def diverging(matrix: np.ndarray, second: np.ndarray) -> float:
    """Return the share of prompts on which the loop runs away: the spectral radius of I − A C is above one."""
    radius = np.abs(np.linalg.eigvals(np.eye(len(matrix)) - matrix @ second)).max(-1)
    return float((radius > 1).mean())


def without_rotation(matrices: np.ndarray) -> np.ndarray:
    """Return the symmetric part (A + Aᵀ)/2 of each matrix: what is left without the rotation."""
    found: np.ndarray = (matrices + matrices.swapaxes(-1, -2)) / 2
    return found


def best_step(second: np.ndarray, loops: int) -> float:
    """Return the constant step a that makes the error of `loops` loops least: the minimum of E (1 − a λ)^(2r).

    λ are the eigenvalues of all moments. The error is convex in a, so that its slope is bisected. With many loops it
    hangs on the largest eigenvalue among these prompts, so that other prompts have another best step.
    """
    eigenvalues = np.linalg.eigvalsh(second).ravel()
    low, high = 0.0, 2 / float(eigenvalues.mean())

    def slope(a: float) -> float:
        return float((-eigenvalues * (1 - a * eigenvalues) ** (2 * loops - 1)).mean())

    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return (low + high) / 2


def one_loop_step(setting: Setting) -> float:
    """Return the step a of the best matrix a I of one loop, over all prompts: n / (n + d + 1).

    The error E|(I − A C) w*|² is least for A = E[C] E[C²]⁻¹; of x ~ N(0, I), E[C] = I and E[C²] = (n + d + 1)/n · I.

    >>> round(one_loop_step(Setting(dims=5, examples=20)), 3)
    0.769
    """
    return setting.examples / (setting.examples + setting.dims + 1)


def floor(second: np.ndarray, loops: int) -> float:
    """Return the least error that any steps, one for each loop, can reach on these moments.

    After r loops a direction of eigenvalue λ is left with p(λ), a polynomial of degree r with p(0) = 1 whose roots are
    one over the steps. The least mean of p² is a least-squares problem; roots that are not real are no steps, so the
    error of real ones may be above this.
    """
    eigenvalues = np.linalg.eigvalsh(second).ravel()
    largest = float(eigenvalues.max())
    basis = np.polynomial.chebyshev.chebvander(2 * eigenvalues / largest - 1, loops - 1) * eigenvalues[:, None]
    weights, *_ = np.linalg.lstsq(basis, np.ones(len(eigenvalues)), rcond=None)
    return float(((1 - basis @ weights) ** 2).mean())


def path(matrices: np.ndarray, inputs: np.ndarray, wanted: np.ndarray, loops: int) -> np.ndarray:
    """Return the query token w after 0 … `loops` loops on one prompt: X (n, d), w* (d,) → (loops + 1, d)."""
    values = torch.tensor(inputs @ wanted)[None]
    pairs, w = torch.tensor(inputs)[None], torch.zeros(1, len(wanted), dtype=torch.float64)
    found = [w]
    for loop in range(loops):
        found.append(layer(found[-1], torch.tensor(matrices[min(loop, len(matrices) - 1)]), pairs, values))
    return torch.cat(found).numpy()


def chain_of_thought(matrix: np.ndarray, inputs: np.ndarray, wanted: np.ndarray, steps: int) -> np.ndarray:
    """Return the tokens w_0 … w_steps that a chain of thought writes: each is made from the sequence so far.

    The sequence holds the pairs (x_i, y_i), then every w. The layer's query is the last token; pairs are its keys and
    values, earlier w are masked out. (steps + 1, d), the same numbers as `path` with one matrix.
    """
    sequence = [*zip(inputs, inputs @ wanted, strict=True)]
    written = [np.zeros(len(wanted))]
    for _ in range(steps):
        last = written[-1]
        gradient = sum((float(last @ x) - y) * x for x, y in sequence) / len(sequence)
        written.append(last - matrix @ gradient)
    return np.array(written)
