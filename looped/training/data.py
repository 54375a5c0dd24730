"""The inputs of a run: pools of generated inputs, the batch of each step, and inputs that go on from step to step.

The data of a step depend on the recipe and the step's number alone, so a run that is stopped and resumed (on another
device, too) meets the same inputs in the same order as one that was never stopped.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from looped.model import LoopedModel
from looped.model.seam import State
from looped.places import whole
from looped.tasks import Task
from looped.training.recipes import Recipe, Stage
from looped.training.recipes.form import Mix


class Pool(NamedTuple):
    """Generated inputs and their answers, (count, positions) each."""

    inputs: np.ndarray
    answers: np.ndarray


class Batch(NamedTuple):
    """What a step trains on."""

    inputs: np.ndarray  # (batch, positions) tokens, or (batch, positions, numbers) reals
    answers: np.ndarray
    loops: int  # with gradient
    skip: int  # before them, without gradient
    needed: np.ndarray | None = None  # (batch,) loops that each input needs; None where they decide nothing


@dataclass
class Carried:
    """Inputs that go on in the next step, and how far they have come. The names are those of the saved state."""

    puzzles: np.ndarray  # (batch, places)
    answers: np.ndarray
    hidden: Tensor  # (batch, positions, width), their states
    done: np.ndarray  # (batch,) loops so far
    solved: np.ndarray  # (batch,) whether the answer after them is right
    others: dict[str, Tensor] = field(default_factory=dict)  # what a model inside a search carries besides, batch first

    @property
    def fresh(self) -> np.ndarray:
        """Whether an input begins with the model's own state: (batch,). A random one is not zero anywhere."""
        drawn: np.ndarray = self.hidden.flatten(1).any(1).cpu().numpy()
        fresh: np.ndarray = np.equal(self.done, 0) & ~drawn
        return fresh

    def tensors(self) -> dict[str, Tensor]:
        """Return all fields as a file holds them; `restored` is the way back."""
        own = {name: value for name, value in vars(self).items() if name != "others"}
        found = {name: value if isinstance(value, Tensor) else torch.from_numpy(value) for name, value in own.items()}
        return found | {f"others.{name}": value for name, value in self.others.items()}

    @classmethod
    def restored(cls, tensors: dict[str, Tensor]) -> Carried:
        """Return what `tensors` was made from."""
        others = {name.partition(".")[2]: value for name, value in tensors.items() if name.startswith("others.")}
        own = tensors.keys() - {"hidden"} - {f"others.{name}" for name in others}
        arrays = {name: tensors[name].cpu().numpy() for name in own}
        arrays.setdefault("solved", np.zeros(len(arrays["done"]), bool))  # older states do not say
        return cls(hidden=tensors["hidden"], others=others, **arrays)


def as_tensor(array: np.ndarray, device: torch.device) -> Tensor:
    """Return inputs or targets as a model and a loss read them: whole numbers as int64, reals as float32."""
    dtype = np.float32 if array.dtype.kind == "f" else np.int64
    return torch.as_tensor(array.astype(dtype), device=device)


def make_pool(task: Task, mix: Mix, seed: int, folder: Path) -> Pool:
    """Return the training inputs of a mix: generated once, then kept in the folder (they follow from the recipe)."""
    digest = hashlib.sha256(json.dumps([task.name, seed, mix]).encode()).hexdigest()[:12]
    file = folder / f"pool-{digest}.safetensors"
    if file.exists():
        kept = load_file(file)
        return Pool(kept["puzzles"].numpy(), kept["answers"].numpy())
    print(f"making {sum(count for count, _ in mix):,} training {task.things} …", file=sys.stderr)
    pool = joined([Pool(*task.sample(count, seed=seed, split="train", **sampling)) for count, sampling in mix])
    with whole(file) as part:
        save_file({"puzzles": torch.from_numpy(pool.inputs), "answers": torch.from_numpy(pool.answers)}, part)
    return pool


def make_pools(task: Task, stage: Stage, seed: int, folder: Path) -> list[Pool]:
    """Return the pools of a stage, one of which each step draws from: one for each part of the mix, or one for all."""
    if stage.fresh:
        return []
    mixes = [(part,) for part in stage.mix] if stage.apart else [stage.mix]
    return [make_pool(task, mix, seed, folder) for mix in mixes]


def held_out_inputs(task: Task, stage: Stage, recipe: Recipe) -> list[Pool]:
    """Return held-out inputs as varied as those of the stage, a pool for each of its own; of a fresh one the usual."""
    seed = recipe.seed + 1
    if stage.fresh:
        return [Pool(*task.sample(recipe.evaluate_count, seed=seed, split="held-out"))]
    total = sum(count for count, _ in stage.mix)
    parts = []
    for count, sampling in stage.mix:
        wanted = math.ceil(recipe.evaluate_count * count / total)
        parts.append(Pool(*task.sample(wanted, seed=seed, split="held-out", **sampling)))
    return parts if stage.apart else [joined(parts)]


def joined(parts: Sequence[Pool]) -> Pool:
    """Return the inputs of several pools as one."""
    return Pool(*(np.concatenate(side) for side in zip(*parts, strict=True)))


def draw_batch(task: Task, stage: Stage, recipe: Recipe, pools: list[Pool], step: int) -> Batch:
    """Return the batch of a step: inputs of a pool under random symmetries or fresh ones, and the loops run for it."""
    rng = np.random.default_rng((recipe.seed, step))
    grown = stage.ramped(recipe.stage(step)[1])
    inputs, answers = (
        fresh_inputs(task, stage, recipe, rng, {name: value for name, value in grown.items() if name != "loops"})
        if stage.fresh
        else drawn(task, stage, recipe, pools, rng)
    )
    if stage.depths or "loops" in grown:
        low, high = stage.depths or (grown["loops"],) * 2
        depth = int(rng.integers(low, high + 1))
        return Batch(inputs, answers, min(stage.loops, depth), max(0, depth - stage.loops))
    skip = stage.skip[int(rng.integers(len(stage.skip)))]
    if not stage.spare:
        return Batch(inputs, answers, stage.loops, skip)
    more = stage.spare[int(rng.integers(len(stage.spare)))]
    needed = task.loops_needed(inputs)
    return Batch(inputs, answers, min(stage.loops, int(needed.max()) + more), skip, needed)


def noisy_start(model: LoopedModel, inputs: Tensor, share: float, rng: np.random.Generator) -> State:
    """Return the state before the first loop, for a share of the inputs a normalised random one."""
    with torch.no_grad():
        state = model.begin(inputs)
    noise = torch.as_tensor(rng.standard_normal(tuple(state.hidden.shape), np.float32), device=inputs.device)
    noisy = torch.as_tensor(rng.random(len(inputs)) < share, device=inputs.device)
    return State(0, torch.where(noisy[:, None, None], F.rms_norm(noise, noise.shape[-1:]), state.hidden))


def drawn(task: Task, stage: Stage, recipe: Recipe, pools: list[Pool], rng: np.random.Generator) -> Pool:
    """Return inputs of a pool under random symmetries."""
    pool = pools[int(rng.integers(len(pools)))] if stage.apart else pools[0]
    chosen = rng.integers(len(pool.inputs), size=recipe.batch)
    return Pool(*task.augment(pool.inputs[chosen], pool.answers[chosen], rng))


def fresh_inputs(
    task: Task, stage: Stage, recipe: Recipe, rng: np.random.Generator, grown: Mapping[str, int] | None = None
) -> Pool:
    """Return inputs that no other step has, of one part of the mix; `grown` are keywords that go before the mix's."""
    weights = np.array([count for count, _ in stage.mix], float)
    _, sampling = stage.mix[int(rng.choice(len(weights), p=weights / weights.sum()))]
    return Pool(
        *task.sample(recipe.batch, seed=int(rng.integers(2**62)), split="train", **{**sampling, **(grown or {})})
    )


def targets(task: Task, stage: Stage, inputs: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Return what the loss asks for, with the shapes of `looped.training.losses`.

    Raises ValueError when several right answers are to be taken and the task knows one.
    """
    if stage.prefixes:
        everywhere: np.ndarray = answers[..., None].astype(np.float32)
        return everywhere
    if stage.ways == 1:
        return task.targets(inputs, answers)
    return task.ways(inputs, stage.ways)


def led_astray(stage: Stage, recipe: Recipe, step: int) -> np.ndarray:
    """Return for each input of a step which guess a search makes in any case, from 0 to 1; -1 for none: (batch,)."""
    rng = np.random.default_rng((recipe.seed, step, 2))
    which, share = rng.random((2, recipe.batch))
    drawn: np.ndarray = np.where(share < stage.astray, which, -1)
    return drawn


def carry_on(
    old: Carried | None, batch: Batch, stage: Stage, own: int, shape: tuple[int, int], rng: np.random.Generator
) -> Carried:
    """Return the inputs of the step before, of which those that have had their loops give way to new ones.

    Not all do so in one step, so that early and late loops meet in a batch. `own` is the step's number in its stage;
    shape (positions, width) is that of a state.
    """
    place = np.arange(len(batch.inputs))
    limit = next((loops for share, loops in stage.growth if own < share * stage.steps), stage.carry)
    if old is None:
        new = place >= 0
    elif stage.leave and 4 * own >= stage.steps:
        new = (old.done >= limit) | (old.solved & (rng.random(len(place)) < stage.leave))
    else:
        new = (place + own) % (limit // stage.loops) == 0
    states = torch.zeros(len(place), *shape) if old is None else old.hidden
    if new.any():
        begun = torch.zeros(int(new.sum()), *shape)
        noisy = torch.as_tensor(rng.random(len(begun)) < stage.noise)
        drawn = torch.as_tensor(rng.standard_normal((int(noisy.sum()), *shape), np.float32))
        begun[noisy] = F.rms_norm(drawn, drawn.shape[-1:])
        states = states.clone()
        states[torch.as_tensor(new)] = begun.to(states.device)
    if old is None:
        return Carried(batch.inputs, batch.answers, states, 0 * place, new & False)
    return Carried(
        np.where(new[:, None], batch.inputs, old.puzzles),
        np.where(new[:, None], batch.answers, old.answers),
        states,
        np.where(new, 0, old.done),
        old.solved & ~new,
        old.others,  # which a model begins again where no loop is done
    )
