"""A training run: time-boxed, resumable on any device, its whole state in one folder."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock, Timeout
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm import tqdm

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint, load_checkpoint
from looped.catalogue.evaluate import held_out_score
from looped.model import registry
from looped.model.seam import is_standard, usual_loops
from looped.places import whole
from looped.training.data import (
    Batch,
    Carried,
    as_tensor,
    carry_on,
    draw_batch,
    held_out_inputs,
    led_astray,
    make_pools,
    noisy_start,
    targets,
)
from looped.training.device import compile_loop, half_precision_pays
from looped.training.log import read_log
from looped.training.losses import LOSSES, carrying, loss_over_loops, loss_over_window, loss_to_rest
from looped.training.optimisers import learning_rate, make_optimizers, optimizer_of, set_learning_rate
from looped.training.recipes import Recipe, Stage
from looped.training.state import as_json, binding, differences, read_meta, says_how, settled
from looped.training.together import Together

SAVE_EVERY = 120.0  # seconds between two saves of the whole state
ALONE = Together()
LONG_RUN = 5_000  # steps that half a minute for compiling is worth


def make_folder(folder: Path) -> None:
    """Make the folder of a run. Raises ValueError when it cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"{folder} cannot be made: {error.strerror}; give another --out.") from error
    if not os.access(folder, os.W_OK):
        raise ValueError(f"{folder} cannot be written to; give another --out.")


def check_start(state: Path, resume: bool, start: str) -> None:
    """Raise ValueError when what is asked for does not fit what the folder holds."""
    earlier = os.path.exists(state)  # which is False, too, for a name that no file can have
    if resume and not earlier and not start:
        raise ValueError(f"nothing to resume: {state} does not exist; leave out --resume to start afresh.")
    if earlier and not resume:
        raise ValueError(f"{state} holds an earlier run; add --resume to go on with it, or give another --out.")
    if earlier and start:
        raise ValueError(
            f"{state} holds an earlier run, which goes on with its own weights; "
            "leave out --from, or give another --out."
        )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from training in a folder. Raises ValueError where one does; a kill ends that, too."""
    lock = FileLock(folder / ".lock", timeout=0, is_singleton=True)  # one a folder: held twice by the same thread
    try:
        lock.acquire()
    except Timeout as error:
        raise ValueError(
            f"another run trains in {folder} at this moment; wait for its end, or give another --out."
        ) from error
    try:
        yield
    finally:
        lock.release()


class Running:
    """A mean of the last fifty or so numbers, and of the first ones as they come."""

    def __init__(self) -> None:
        self.mean = 0.0

    def add(self, value: float) -> None:
        """Take in the next number."""
        self.mean += (0.02 if self.mean else 1.0) * (value - self.mean)


class Run:
    """One training run and the folder that holds its whole state: weights, moments of the optimiser, log, pools."""

    def __init__(
        self, recipe: Recipe, folder: Path, device: torch.device, resume: bool, together: Together = ALONE
    ) -> None:
        """Begin a run, or go on with the one in the folder, in one process or in one of several.

        Raises ValueError with one sentence when that cannot be.
        """
        self.recipe, self.folder, self.device, self.together = recipe, folder, device, together
        self.rows = together.rows(recipe.batch)
        self.task = tasks.get(recipe.task)
        self.loss = LOSSES[recipe.loss]
        torch.manual_seed(recipe.seed)
        self.model = registry.build(recipe.model).to(device)
        self.optimizers = make_optimizers(recipe, self.model)
        self.step, self.seconds = 0, 0.0
        self.carried: Carried | None = None
        self.average: list[Tensor] | None = None
        self.log: list[dict[str, Any]] = []
        state = folder / "state.safetensors"
        check_start(state, resume, recipe.start)
        if recipe.start:
            self.begin(recipe.start, resume)
        make_folder(folder)
        if state.exists():
            self.restore(state)
        elif recipe.average:
            self.average = self.weights()
        if recipe.steps >= LONG_RUN and not any(stage.fresh for stage in recipe.stages):  # whose sizes vary
            compile_loop(self.model)
        self.half = together.agreed(recipe.half and half_precision_pays(device))
        self.shared = together.sharing(self.model)
        self.enter(recipe.stage(self.step)[0])

    def enter(self, index: int) -> None:
        """Prepare a stage: its training inputs and held-out inputs of the same kinds."""
        stage, self.index = self.recipe.stages[index], index
        if stage.carry:
            carrying(self.model)  # or it is said now that they cannot be carried on
        for name, p in self.model.named_parameters():
            p.requires_grad_(not stage.added_only or name in self.recipe.adds)
        with self.together.first_before_others():
            self.pools = make_pools(self.task, stage, self.recipe.seed, self.folder)
        self.held_out = held_out_inputs(self.task, stage, self.recipe)

    # --------------------------------------------------------------------------------------------- what is kept on disk

    def save(self) -> None:
        """Write the whole state to one file, which is replaced at once; of several processes the first does it.

        A kill or a full disk leaves the old one or the new one. Raises OSError.
        """
        if not self.together.first:
            return
        tensors = {f"model.{name}": p.detach() for name, p in self.model.named_parameters()}
        for name, p in self.model.named_parameters():
            for key, value in self.optimizer_of(p).state.get(p, {}).items():
                tensors[f"optimizer.{key}.{name}"] = value
        if self.average is not None:
            for (name, _), mean in zip(self.model.named_parameters(), self.average, strict=True):
                tensors[f"average.{name}"] = mean
        if self.carried is not None:
            tensors |= {f"carried.{name}": value for name, value in self.carried.tensors().items()}
        meta = {"step": self.step, "seconds": self.seconds, "log": self.log, "recipe": as_json(self.recipe)}
        with whole(self.folder / "state.safetensors") as part:
            save_file({key: value.contiguous() for key, value in tensors.items()}, part, {"run": json.dumps(meta)})

    def restore(self, file: Path) -> None:
        """Go on with the state that `save` wrote. Raises ValueError for another file, or a state of another recipe."""
        meta = read_meta(file)
        self.agree(str(file), meta["recipe"], meta["step"], "give another --out to start afresh")
        tensors = load_file(file, device=str(self.device))
        self.step, self.seconds, self.log = meta["step"], meta["seconds"], meta["log"]
        with torch.no_grad():
            for name, p in self.model.named_parameters():
                p.copy_(tensors[f"model.{name}"])
                moments = moments_of(name, tensors)
                if moments:
                    self.optimizer_of(p).state[p] = moments
        if self.recipe.average:  # an earlier stage may have had none
            self.average = [
                tensors.get(f"average.{name}", p.detach().clone()) for name, p in self.model.named_parameters()
            ]
        carried = {key.partition(".")[2]: value for key, value in tensors.items() if key.startswith("carried.")}
        if carried and self.recipe.stage(self.step)[1]:  # a stage begins with new ones
            self.carried = Carried.restored(carried)

    def begin(self, name: str, resume: bool) -> None:
        """Begin with the weights of a checkpoint, whose hash is then part of the recipe.

        Or, to resume, go on with the run that made it: its weights as they were rounded, its steps and its log. The
        moments of the optimiser, which a checkpoint does not hold, begin at zero.
        """
        found = load_checkpoint(name, self.device)
        self.check_model(found)
        own = self.model.state_dict()
        self.model.load_state_dict({name: own[name] for name in self.recipe.adds} | found.model.weights())
        if not resume:
            self.recipe = replace(self.recipe, start=f"{found.name} (sha256 {found.sha256[:16]}…)")
            return
        training = found.info.get("training", {})
        otherwise = "leave out --resume to begin with its weights"
        if not says_how(training):
            raise ValueError(f"{found.name} does not say how it was trained; {otherwise}.")
        self.agree(f"the run of {found.name}", training["recipe"], training["steps"], otherwise)
        self.step, self.seconds, self.log = training["steps"], training["seconds"], read_log(found.folder / "log.csv")

    def check_model(self, found: Checkpoint) -> None:
        """Raise ValueError unless a checkpoint has the recipe's task and model."""
        its = settled(json.loads(json.dumps(asdict(found.config))))
        own = settled(as_json(self.recipe)["model"])
        what = [key for key in own if own[key] != its.get(key)]
        if self.recipe.adds and own["architecture"] != its["architecture"]:
            what = [key for key in what if key in its and key != "architecture"]
            if set(self.recipe.adds) | found.model.weights().keys() != self.model.state_dict().keys():
                what = ["the names of their weights"]
        if found.task.name != self.recipe.task:
            what = ["the task"]
        if what:
            raise ValueError(
                f"{self.recipe.name} cannot begin with the weights of {found.name}: "
                f"the models differ in {', '.join(what)}."
            )

    def agree(self, run: str, recipe: dict[str, Any], step: int, otherwise: str) -> None:
        """Raise ValueError unless an earlier run's recipe is this one as far as it got; what it began with is kept."""
        changed = differences(binding(recipe, step), binding(as_json(self.recipe), step))
        if changed:
            raise ValueError(f"{run} was made by a recipe that differs in {', '.join(changed)}; {otherwise}.")
        self.recipe = replace(self.recipe, start=recipe.get("start", ""))

    # ---------------------------------------------------------------------------------------------------------- weights

    def weights(self) -> list[Tensor]:
        """Return a copy of the weights as they are."""
        return [p.detach().clone() for p in self.model.parameters()]

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Give the model the average of its weights, which is what is measured and exported; without one, leave it."""
        if self.average is None:
            yield
            return
        parameters, own = [p.detach() for p in self.model.parameters()], self.weights()
        torch._foreach_copy_(parameters, self.average)
        try:
            yield
        finally:
            torch._foreach_copy_(parameters, own)

    def update_average(self) -> None:
        """Let the weights of the step that was just made join the average."""
        if self.average is None:
            return
        keep = self.recipe.average
        if self.recipe.average_warmup:
            keep = min(keep, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(self.average, [p.detach() for p in self.model.parameters()], 1 - keep)

    def optimizer_of(self, p: Tensor) -> torch.optim.Optimizer:
        """Return the optimiser that moves these weights."""
        return optimizer_of(self.optimizers, p)

    # --------------------------------------------------------------------------------------------------------- training

    def one_step(self) -> tuple[float, float]:
        """Train on one batch; return the loss and the share of the answer that is right after the last loop."""
        recipe = self.recipe
        index, own = recipe.stage(self.step)
        if index != self.index:
            self.enter(index)
            self.carried = None
        stage = recipe.stages[index]
        batch = draw_batch(self.task, stage, recipe, self.pools, self.step)
        carried = None
        if stage.carry:
            table = self.model.places(self.model.positions)
            positions = batch.inputs.shape[1] if table is None else table.size
            rng = np.random.default_rng((recipe.seed, self.step, 1))
            carried = carry_on(self.carried, batch, stage, own, (positions, self.model.width), rng)
            batch = batch._replace(inputs=carried.puzzles, answers=carried.answers)
        rows = self.rows
        inputs = as_tensor(batch.inputs[rows], self.device)
        wanted = as_tensor(targets(self.task, stage, batch.inputs[rows], batch.answers[rows]), self.device)
        weight = self.together.weight(wanted)
        loss, outputs, hidden, others = self.shared(lambda: self.forward(stage, batch, carried, inputs, wanted, weight))
        told, share = self.together.summed(float(loss.detach()), weight * self.loss.share(outputs.detach(), wanted))
        self.descend(loss, told / self.together.count)
        if carried is not None:
            solved = carried.solved
            if stage.leave:
                answers = self.together.gathered(outputs.detach().argmax(-1))
                solved = self.task.right(carried.puzzles, answers.cpu().numpy())
            states = self.together.gathered(hidden)
            found = {name: self.together.gathered(value) for name, value in others.items()}
            self.carried = Carried(carried.puzzles, carried.answers, states, carried.done + batch.loops, solved, found)
        return told / self.together.count, share / self.together.count

    def forward(
        self, stage: Stage, batch: Batch, carried: Carried | None, inputs: Tensor, wanted: Tensor, weight: float
    ) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]:
        """Return the loss of this process's rows of a batch, the outputs, and the last states and others carried on.

        weight: what a mean over its asked numbers counts.
        """
        self.model.train()
        rows, rng = self.rows, np.random.default_rng((self.recipe.seed, self.step, 1))
        last_only = stage.asked == "last loop"
        loss = self.loss if weight == 1 else self.loss._replace(of=lambda *one: weight * self.loss.of(*one))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            if carried is not None:
                done, fresh = (
                    torch.as_tensor(part[rows], device=self.device) for part in (carried.done, carried.fresh)
                )
                state = carried.hidden[rows].to(self.device)
                others = {name: value[rows].to(self.device) for name, value in carried.others.items()}
                astray = as_tensor(led_astray(stage, self.recipe, self.step)[rows], self.device)
                return loss_over_window(
                    carrying(self.model),
                    inputs,
                    wanted,
                    state,
                    done,
                    fresh,
                    batch.loops,
                    loss,
                    others,
                    astray,
                    last_only,
                )
            if stage.rest and batch.needed is not None:
                needed = torch.as_tensor(batch.needed[rows], device=self.device)
                found = loss_to_rest(self.model, inputs, wanted, batch.loops, needed, stage.rest, loss=loss)
            else:
                start = None
                if stage.noise:
                    start = noisy_start(self.model, as_tensor(batch.inputs, self.device), stage.noise, rng)
                    start = start._replace(hidden=start.hidden[rows])
                found = loss_over_loops(
                    self.model, inputs, wanted, batch.loops, batch.skip, last_only, loss=loss, start=start
                )
        return *found, inputs.new_empty(0), {}

    def descend(self, loss: Tensor, value: float) -> None:
        """Take a step of the optimisers down the gradient of a loss, whose value over all processes is given.

        Raises FloatingPointError for one that is not finite, before the weights are touched: what is saved stays
        good.
        """
        if not math.isfinite(value):
            raise FloatingPointError(
                f"the loss is {value} at step {self.step}; the last saved state is good, "
                "a smaller learning rate may help."
            )
        set_learning_rate(self.optimizers, learning_rate(self.recipe, self.step))
        self.model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        for optimizer in self.optimizers:
            optimizer.step()
        self.update_average()
        self.step += 1

    def measure(self) -> dict[str, float]:
        """Return the score of held-out inputs after half, once and twice the trained loops.

        The share of whole answers that are right; of a model that answers with numbers their error (`evaluate.score`).
        """
        usual = usual_loops(self.model)
        loops = [usual] if is_standard(self.model) else [max(1, usual // 2), usual, 2 * usual]
        self.model.eval()
        # Batches here have other sizes than those of training, each of which would be compiled.
        with self.averaged(), torch.compiler.set_stance("force_eager"):
            values = held_out_score(self.model, self.task, self.held_out, loops)
        return {str(r): value for r, value in zip(loops, values, strict=True)}

    def train(self, minutes: float | None = None) -> bool:
        """Go on until the recipe's last step, for `minutes`, or until Ctrl-C; return whether the recipe is finished.

        The state is saved in between and at the end. Raises ValueError when another process trains in the folder.
        """
        with alone(self.folder) if self.together.first else nullcontext():
            return self._train(minutes)

    def _train(self, minutes: float | None) -> bool:
        recipe, started, before = self.recipe, time.monotonic(), self.seconds
        saved, loss_mean, right_mean, told = started, Running(), Running(), ""
        first, options = self.together.first, {"desc": recipe.name, "unit": "step", "mininterval": 2.0}
        with tqdm(total=recipe.steps, initial=self.step, disable=not first, **options) as bar:
            try:
                while self.step < recipe.steps:
                    loss, right = self.one_step()
                    now = time.monotonic()
                    self.seconds = before + now - started
                    loss_mean.add(loss)
                    right_mean.add(right)
                    bar.update()
                    bar.set_postfix_str(f"loss {loss_mean.mean:.3f} asked {right_mean.mean:.1%}{told}", refresh=False)
                    if first and (self.step % recipe.evaluate_every == 0 or self.step == recipe.steps):
                        row = self.measured_row(loss_mean.mean, right_mean.mean)
                        self.log.append(row)
                        told = " held-out " + " ".join(f"{value:.4g}@{r}" for r, value in row["held_out"].items())
                    if now - saved > SAVE_EVERY:
                        self.save()
                        saved = now
                    if minutes is not None and self.together.agreed(now - started > 60 * minutes):
                        break
            except KeyboardInterrupt:
                bar.write("stopped by the keyboard; the state is saved", file=sys.stderr)
        self.save()
        return self.step >= recipe.steps

    def measured_row(self, loss: float, right: float) -> dict[str, Any]:
        """Measure the model and return the row of the log."""
        return {
            "step": self.step,
            "seconds": round(self.seconds, 1),
            "loss": round(loss, 4),
            "asked": round(right, 4),
            "held_out": self.measure(),
        }


def moments_of(name: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return what a saved state holds of the optimiser of one parameter, by the optimiser's own names."""
    moments = {}
    for key, value in tensors.items():
        kind, _, rest = key.partition(".")
        moment, _, parameter = rest.partition(".")
        if kind == "optimizer" and parameter == name:
            moments[moment] = value
    return moments
