"""Loops b, window T and width: small models of a checkpoint's kind, trained here side by side on the same prompts.

2311.12424 trains a loop of b steps of which only the last T have gradients and are asked, and finds that b decides how
far the loop can be run and T what it costs. Here a model is trained for every b and T, and for several widths, each for
the same few steps from the same prompts in the same order; then all are asked the same held-out prompts, after their b
loops and after FARTHER times as many. What is compared is the beginning of training: it is over in a minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.experiments.estimates import Array, apart, counted, number, ratio, side, told
from looped.experiments.form import Result, Step, unknown
from looped.experiments.prompts import check
from looped.model import LoopedModule, registry
from looped.model.seam import is_standard
from looped.training.losses import LOSSES, loss_over_loops
from looped.training.optimisers import learning_rate, make_optimizers, set_learning_rate
from looped.training.recipes.form import Recipe, Stage

PROMPTS = 256
STEPS = 120
BATCH = 32
RATE = 0.02  # of Muon and AdamW, at its peak
TOLD = 25  # steps between two looks at the progress
LOOPS = (2, 4, 8, 16)  # b
WINDOWS = (1, 2, 4, 8)  # T, where it is at most b
WIDTHS = (8, 16, 32, 64)
WIDTH, HEADS = 32, 4  # of the models of the grid
OF_WIDTHS = (8, 4)  # b and T of the models that differ in width
FARTHER = 4  # times the loops of training


@dataclass(frozen=True, eq=False)
class Sweep(Result):
    """Errors after the loops of training, then after FARTHER times as many. NaN where there is no such model yet."""

    checkpoint: str
    steps: int
    batch: int
    prompts: int
    examples: int
    loops: list[int]
    windows: list[int]
    widths: list[int]
    width: int  # of the models of the grid
    of_widths: list[int]  # b and T of the models that differ in width
    farther: int
    parameters: list[int]  # by width
    error: Array  # (loops, windows, 2, 3)
    by_width: Array  # (widths, 2, 3)
    wider: Array  # (3,) error of the widest over that of the narrowest
    window: Array  # (loops, 3) error with the longest window over that with T = 1, both after their own b
    drift: Array  # (loops, windows, 3) error after FARTHER times b over that after b

    def sentence(self) -> str:
        """Say which b and T end lowest, what the window brings, which run on, and what width brings."""
        return " ".join(self.parts())

    def parts(self) -> list[str]:
        """Return what is said of loops and windows, and of widths."""
        return [f"{self._least()} {self._window()} {self._beyond()}", self._widths()]

    def _least(self) -> str:
        own = self.error[:, :, 0, 0]
        row, column = np.unravel_index(np.nanargmin(own), own.shape)
        return (
            f"After {counted(self.steps, 'step')} of {self.batch} prompts, width {self.width}, models like "
            f"{self.checkpoint} have the least error on {self.examples} examples with b = {self.loops[row]} loops "
            f"of which the last T = {self.windows[column]} are trained: {told(self.error[row, column, 0])}."
        )

    def _window(self) -> str:
        which: dict[int, list[str]] = {-1: [], 1: [], 0: []}
        for loops, found in zip(self.loops, self.window, strict=True):
            which[side(found, 1)].append(f"b = {loops} {told(found, 1)}")
        words = {-1: "lower at", 1: "higher at", 0: "not told apart at"}
        parts = [f"{words[way]} {', '.join(names)}" for way, names in which.items() if names]
        return f"The error with the longest window over that with T = 1 is {'; '.join(parts)}."

    def _beyond(self) -> str:
        trained = np.isfinite(self.drift[..., 0])
        flat = self.drift[trained]
        worse = sum(side(one, 1) > 0 for one in flat)
        least = np.where(trained, self.drift[..., 0], np.inf)
        row, column = np.unravel_index(least.argmin(), least.shape)
        return (
            f"After {self.farther} times their loops {worse} of {len(flat)} have a higher error than after b; b = "
            f"{self.loops[row]} with T = {self.windows[column]} bears it best, its error is "
            f"{told(self.drift[row, column], 1)} times that after b."
        )

    def _widths(self) -> str:
        written = apart(number, *self.by_width[:, 0, 0])
        errors = ", ".join(f"{error} at {width}" for error, width in zip(written, self.widths, strict=True))
        words = {-1: "lower than", 0: "not told apart from", 1: "higher than"}[side(self.wider, 1)]
        loops, window = self.of_widths
        return (
            f"By width, with b = {loops} and T = {window}, the error is {errors}: at {self.widths[-1]} it is {words} "
            f"at {self.widths[0]}, {told(self.wider, 1)} times."
        )


def run(
    checkpoint: Checkpoint, seed: int = HELD_OUT_SEED, prompts: int = PROMPTS, steps: int = STEPS
) -> Iterator[Step]:
    """Train and measure all models, the cheapest first; yield what is known. Raises ValueError without a loop."""
    check(checkpoint, prompts)
    if is_standard(checkpoint.model):
        raise ValueError(f"{checkpoint.name} has no loops to train more or fewer of; choose a looped checkpoint.")
    task, most = checkpoint.task, checkpoint.task.sizes()[-1]
    kinds = _kinds()
    known = _unknown(checkpoint, steps, prompts)
    half = range((most + 1) // 2, most + 1)  # numbers of examples, in turn
    pool = [task.sample(BATCH, seed + i, "train", **task.of_size(half[i % len(half)])) for i in range(steps)]
    asked = task.sample(prompts, seed, "held-out", **task.of_size(most))
    off: dict[tuple[int, int, int], Array] = {}
    total, done = sum(loops + window for loops, window, _ in kinds), 0
    for kind in kinds:
        loops, window, _ = kind
        model = small(checkpoint, kind, seed)
        for share in trained(model, checkpoint, kind, pool):
            yield Step(0.99 * (done + share * (loops + window)) / total, known)
        done += loops + window
        off[kind] = measured(model, checkpoint, asked, (loops, FARTHER * loops))
        _fill(known, off, np.square(asked[1][:, task.asked(asked[0][0])].astype(float)).sum(-1))
    yield Step(1.0, known)


def _kinds() -> list[tuple[int, int, int]]:
    """Return (b, T, width) of every model, the cheapest first."""
    grid = {(loops, window, WIDTH) for loops in LOOPS for window in WINDOWS if window <= loops}
    return sorted(grid | {(*OF_WIDTHS, width) for width in WIDTHS}, key=lambda kind: (kind[0] + kind[1], kind))


def _unknown(checkpoint: Checkpoint, steps: int, prompts: int) -> Sweep:
    """Return a result of which nothing is known yet."""
    counts = [small(checkpoint, (*OF_WIDTHS, width), 0).parameters_count for width in WIDTHS]
    return Sweep(
        checkpoint.name,
        steps,
        BATCH,
        prompts,
        checkpoint.task.sizes()[-1],
        list(LOOPS),
        list(WINDOWS),
        list(WIDTHS),
        WIDTH,
        list(OF_WIDTHS),
        FARTHER,
        counts,
        unknown(len(LOOPS), len(WINDOWS), 2, 3),
        unknown(len(WIDTHS), 2, 3),
        unknown(3),
        unknown(len(LOOPS), 3),
        unknown(len(LOOPS), len(WINDOWS), 3),
    )


def small(checkpoint: Checkpoint, kind: tuple[int, int, int], seed: int) -> LoopedModule:
    """Return an untrained model like that of a checkpoint, of (b, T, width); its weights depend on the seed alone.

    Weights are drawn here, not by the model, whose generator is shared by all threads: matrices N(0, 1 / columns),
    biases 0; what a model begins at zero or one stays.
    """
    loops, _, width = kind
    config = replace(cast(Any, checkpoint.model.config), d_model=width, heads=HEADS, trained_loops=loops)
    model = registry.build(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim == 2 and weight.any():
                weight.normal_(std=weight.shape[1] ** -0.5, generator=generator)
            elif name.endswith("bias"):
                weight.zero_()
    return model


def trained(
    model: LoopedModule, checkpoint: Checkpoint, kind: tuple[int, int, int], pool: Sequence[tuple[Any, Any]]
) -> Iterator[float]:
    """Train a model on one batch after the other; yield the share that is done."""
    loops, window, _ = kind
    stage = Stage(len(pool), RATE, ((1, {}),), loops=window, skip=(loops - window,), fresh=True)
    config, warmup = cast(Any, model.config), max(1, len(pool) // 20)
    recipe = Recipe("sweep", checkpoint.task.name, config, (stage,), optimizer="muon", warmup=warmup, weight_decay=0.0)
    optimizers = make_optimizers(recipe, model)
    for step, (inputs, answers) in enumerate(pool):
        targets = torch.as_tensor(checkpoint.task.targets(inputs, answers))
        given = torch.as_tensor(inputs)
        loss, _ = loss_over_loops(model, given, targets, window, loops - window, loss=LOSSES["squared error"])
        set_learning_rate(optimizers, learning_rate(recipe, step))
        model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for one in optimizers:
            one.step()
        if (step + 1) % TOLD == 0 or step + 1 == len(pool):
            yield (step + 1) / len(pool)


@torch.inference_mode()
def measured(
    model: LoopedModule, checkpoint: Checkpoint, prompts: tuple[np.ndarray, np.ndarray], after: tuple[int, int]
) -> Array:
    """Return squared errors summed over the queries, (2, count), after two numbers of loops."""
    inputs, answers = prompts
    places = checkpoint.task.asked(inputs[0])
    truth = answers[:, places].astype(np.float64)
    found: list[Array] = []
    states: Iterator[Any] = model.eval().unroll(torch.as_tensor(inputs), after[-1])
    for loop, state in enumerate(states):
        if loop in after:
            said: Tensor = model.readout(state.hidden)[:, places, 0]
            found.append(np.square(said.double().numpy() - truth).sum(-1))
    return np.stack(found)


def _fill(known: Sweep, off: dict[tuple[int, int, int], Array], size: Array) -> None:
    """Fill in what follows from the squared errors of the models that are measured by now."""
    for (loops, window, width), found in off.items():
        if width == known.width:
            at = known.loops.index(loops), known.windows.index(window)
            known.error[at] = ratio(found, size)
            known.drift[at] = ratio(found[1], found[0])
        if [loops, window] == known.of_widths:
            known.by_width[known.widths.index(width)] = ratio(found, size)
    for row, loops in enumerate(known.loops):
        ends = [(loops, window, known.width) for window in (1, min(loops, known.windows[-1]))]
        if all(end in off for end in ends):
            known.window[row] = ratio(off[ends[1]][0], off[ends[0]][0])
    narrow, wide = ((*OF_WIDTHS, width) for width in (known.widths[0], known.widths[-1]))
    if narrow in off and wide in off:
        known.wider[:] = ratio(off[wide][0], off[narrow][0])
