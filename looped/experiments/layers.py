"""How many layers is a loop worth? One layer that is looped against distinct layers, each applied once.

2311.12424 finds one looped layer at about 20 loops as good as 8 layers. Both are read out after every loop and every
layer, on the same prompts. A standard transformer was trained to be read after its last layer only, so that every loop
and every layer gets a linear readout of its own, fitted by least squares to other prompts. A number of loops is worth
as many layers as have the same error, which is interpolated between layers on a logarithmic scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.experiments.comparisons import standard_sibling
from looped.experiments.estimates import Array, apart, counted, estimate, number, ratio, ratios, told
from looped.experiments.form import Result, Step, unknown
from looped.experiments.prompts import BATCH, check
from looped.model.seam import device_of, is_standard, usual_loops

PROMPTS = 256  # that errors are measured on
FITTED = 512  # prompts, that readouts are fitted to
PENALTY = 1e-6  # of the mean square of the features: a fit is then unique
BEYOND = 2  # times the trained loops are run


@dataclass(frozen=True, eq=False)
class Layers(Result):
    """Errors by loop and by layer, and the number of one that reaches the error of the other; inf: more than all."""

    checkpoint: str
    parameters: int
    standard: str
    standard_parameters: int
    layers: int
    loops: int
    prompts: int
    fitted: int
    examples: int
    loop_error: Array  # (loops, 3) by readouts that were fitted
    layer_error: Array  # (layers, 3)
    own_loop_error: Array  # (loops, 3) by the model's own readout
    own_layer_error: Array  # (layers, 3)
    worth: Array  # (loops, 3) so many layers have the error of so many loops
    needed: Array  # (layers, 3) so many loops have the error of so many layers

    def sentence(self) -> str:
        """Say how many layers some loops are worth, and how many loops all layers."""
        half = max(1, self.layers // 2)
        return (
            f"One layer of {self.checkpoint} ({self.parameters:,} parameters) against the {self.layers} of "
            f"{self.standard} ({self.standard_parameters:,}), on {self.prompts} prompts of {self.examples} examples: "
            f"{counted(half, 'loop')} {'is' if half == 1 else 'are'} worth {_count(self.worth[half - 1])} layers, "
            f"{counted(self.layers, 'loop')} {_count(self.worth[self.layers - 1])}. {self._whole()}"
        )

    def _whole(self) -> str:
        as_good, error = f"as good as all {self.layers} layers", self.layer_error[-1, 0]
        value, low, _ = self.needed[-1]
        if np.isfinite(value):
            return f"To be {as_good} (error {number(error)}) it takes {_count(self.needed[-1])} loops."
        least = int(self.loop_error[:, 0].argmin())
        level, _ = apart(number, error, self.loop_error[least, 0])
        maybe = f" (at the edge of the interval after {_one(low)})" if np.isfinite(low) else ""
        return (
            f"In {self.loops} loops it does not become {as_good} (error {level}){maybe}: its least error is "
            f"{told(self.loop_error[least], error)}, after {counted(least + 1, 'loop')}."
        )


def _count(found: Array) -> str:
    """Write how many layers or loops, with the interval; one that is open above has no upper end."""
    value, low, high = found
    if not np.isfinite(value):
        return f"more than all (at least {_one(low)})" if np.isfinite(low) else "more than all"
    if not np.isfinite(high):
        return f"{_one(value)} (at least {_one(low)})"
    ends = apart(_one, low, high)
    return f"{_one(value)} ({ends[0]} to {ends[1]})"


def _one(count: float, more: int = 0) -> str:
    return f"{count:.{more + (count < 10)}f}"


def reached(errors: Array, level: Array) -> Array:
    """Return after how many steps errors (…, steps) first are as low as a level (…,): (…,), inf where they never are.

    Interpolated on the logarithms between the step before and that one; 1 where the first is low enough.

    >>> reached(np.array([[1.0, 0.1, 0.01]]), np.array([0.0316])).round(2).tolist()
    [2.5]
    """
    low = errors <= level[..., None]
    at = low.argmax(-1)
    errors, level = np.broadcast_arrays(errors, level[..., None])
    there = np.take_along_axis(errors, at[..., None], -1)[..., 0]
    before = np.take_along_axis(errors, np.maximum(at - 1, 0)[..., None], -1)[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.log(before / level[..., 0]) / np.log(before / there)
    return np.where(low.any(-1), np.where(at > 0, at + part, 1.0), np.inf)


def run(
    checkpoint: Checkpoint, seed: int = HELD_OUT_SEED, prompts: int = PROMPTS, fitted: int = FITTED
) -> Iterator[Step]:
    """Read out every loop of a looped checkpoint, and every layer of the standard one of its task."""
    known, standard = _unknown(checkpoint, prompts, fitted)
    task = checkpoint.task
    fit_on, measure_on = task.sample(fitted, seed, "train"), task.sample(prompts, seed, "held-out")
    total = known.layers + known.loops
    found, done = [], 0
    for one, steps in ((standard, known.layers), (checkpoint, known.loops)):
        heads = np.empty(0)
        for part in fit(one, *fit_on, steps):
            if isinstance(part, float):
                yield Step((done + 0.6 * part * steps) / total, known)
            else:
                heads = part
        for errors in measured(one, *measure_on, steps, heads):
            if isinstance(errors, float):
                yield Step((done + (0.6 + 0.39 * errors) * steps) / total, known)
            else:
                off, own, size = errors
                fitted_error, own_error = (
                    (known.layer_error, known.own_layer_error)
                    if one is standard
                    else (known.loop_error, known.own_loop_error)
                )
                fitted_error[:], own_error[:] = ratio(off, size), ratio(own, size)
                found.append(ratios(off, np.broadcast_to(size, off.shape)))
        done += steps
    of_layers, of_loops = found  # (resamples, layers) and (resamples, loops)
    known.worth[:] = estimate(reached(of_layers[:, None], of_loops))
    known.needed[:] = estimate(reached(of_loops[:, None], of_layers))
    yield Step(1.0, known)


def _unknown(checkpoint: Checkpoint, prompts: int, fitted: int) -> tuple[Layers, Checkpoint]:
    """Return a result of which nothing is known yet, and the standard transformer. Raises ValueError without one."""
    check(checkpoint, prompts)
    if is_standard(checkpoint.model):
        raise ValueError(f"{checkpoint.name} has no loop to be held against layers; choose a looped checkpoint.")
    standard = standard_sibling(checkpoint)
    if standard is None:
        raise ValueError(
            f"{checkpoint.name} needs a standard transformer of {checkpoint.task.name} beside it; "
            f"train one with: python -m looped train {checkpoint.task.name}-standard"
        )
    loops, layers = BEYOND * usual_loops(checkpoint.model), usual_loops(standard.model)
    known = Layers(
        checkpoint.name,
        checkpoint.model.parameters_count,
        standard.name,
        standard.model.parameters_count,
        layers,
        loops,
        prompts,
        fitted,
        checkpoint.task.sizes()[-1],
        *(unknown(steps, 3) for steps in (loops, layers, loops, layers, loops, layers)),
    )
    return known, standard


@torch.inference_mode()
def _read(checkpoint: Checkpoint, inputs: np.ndarray, steps: int, asked: np.ndarray) -> Iterator[tuple[Array, Array]]:
    """Yield after each loop the features of the queries (count · queries, width + 1) and the model's own predictions.

    Features are the states, each divided by its root mean square, and a one.
    """
    model = checkpoint.model
    states = model.unroll(torch.as_tensor(inputs, device=device_of(model)), steps)
    next(states)
    for state in states:
        table = model.places(state.hidden.shape[1])
        at = np.flatnonzero(asked) if table is None else table[asked, 0]
        hidden = state.hidden[:, torch.as_tensor(at, device=state.hidden.device)].double().cpu().numpy()
        hidden = hidden.reshape(-1, hidden.shape[-1])
        scaled = hidden / np.sqrt(np.square(hidden).mean(-1, keepdims=True))
        said = model.readout(state.hidden)[:, asked, 0].double().cpu().numpy()
        yield np.concatenate([scaled, np.ones((len(scaled), 1))], -1), said


def fit(checkpoint: Checkpoint, inputs: np.ndarray, answers: np.ndarray, steps: int) -> Iterator[Array | float]:
    """Yield the share of prompts that are run and, at last, a linear readout of each step, (steps, width + 1)."""
    asked = checkpoint.task.asked(inputs[0])
    width = checkpoint.model.width + 1
    squares, products = np.zeros((steps, width, width)), np.zeros((steps, width))
    for first in range(0, len(inputs), BATCH):
        some = slice(first, first + BATCH)
        truth = answers[some][:, asked].astype(np.float64).ravel()
        for i, (features, _) in enumerate(_read(checkpoint, inputs[some], steps, asked)):
            squares[i] += features.T @ features
            products[i] += features.T @ truth
        yield min(1.0, (first + BATCH) / len(inputs))
    penalty = PENALTY * squares.trace(axis1=1, axis2=2) / width
    found: Array = np.linalg.solve(squares + penalty[:, None, None] * np.eye(width), products[..., None])[..., 0]
    yield found


def measured(
    checkpoint: Checkpoint, inputs: np.ndarray, answers: np.ndarray, steps: int, heads: Array
) -> Iterator[tuple[Array, Array, Array] | float]:
    """Yield the share of prompts that are run and, at last, squared errors by readouts that were fitted.

    (steps, count) by `heads` (steps, width + 1), the same by the model's own readout, and (count,) of answering zero.
    """
    asked = checkpoint.task.asked(inputs[0])
    truth = answers[:, asked].astype(np.float64)
    off, own = np.empty((2, steps, len(inputs)))
    for first in range(0, len(inputs), BATCH):
        some = slice(first, first + BATCH)
        for i, (features, said) in enumerate(_read(checkpoint, inputs[some], steps, asked)):
            fitted = (features @ heads[i]).reshape(said.shape)
            off[i, some], own[i, some] = (np.square(one - truth[some]).sum(-1) for one in (fitted, said))
        yield min(1.0, (first + BATCH) / len(inputs))
    yield off, own, np.square(truth).sum(-1)
