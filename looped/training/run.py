"""The training loop: loss on every loop, time-boxed, resumable on any device.

The data of a step depend on the recipe's seed and the step's number alone, so a run that is stopped and resumed (on
another device, too) meets the same puzzles in the same order as one that was never stopped.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from looped import tasks
from looped.catalogue.checkpoints import load_checkpoint
from looped.catalogue.evaluate import right_by_loop
from looped.model import Model
from looped.tasks.countdown.task import Countdown
from looped.training.recipes import Recipe, Stage

SAVE_EVERY = 120.0  # seconds between two saves of the whole state
LONG_RUN = 5_000  # steps that half a minute for compiling is worth


def pick_device(name: str = "auto") -> torch.device:
    """ "auto" is the GPU when there is one. Raises ValueError when cuda is asked for and there is none."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda was asked for, but PyTorch sees no GPU here; use --device auto or cpu.")
    return torch.device("cuda" if name == "auto" and torch.cuda.is_available() else "cpu" if name == "auto" else name)


def learning_rate(recipe: Recipe, step: int) -> float:
    """In every stage linear warm-up to its peak, then half a cosine down to zero."""
    index, step = recipe.stage(step)
    stage = recipe.stages[index]
    if step < recipe.warmup:
        return stage.lr * (step + 1) / recipe.warmup
    progress = (step - recipe.warmup) / max(1, stage.steps - recipe.warmup)
    return stage.lr * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


BEYOND = ("trained_loops", "clamp_timestep")  # of a config: what decides nothing of a step


def binding(recipe: dict[str, Any], step: int) -> dict[str, Any]:
    """What a resumed run must have in common with the saved one: all that decided its steps so far. Other stages may follow; and no step
    looks at what the model does beyond its trained loops."""
    kept = {
        key: value
        for key, value in recipe.items()
        if key not in ("evaluate_every", "evaluate_count", "average", "also", "measured", "start", "stages")
    }
    begun, first = [], 0
    for stage in recipe["stages"]:
        if first < step:
            begun.append(stage)
        first += stage["steps"]
    model = {key: value for key, value in recipe["model"].items() if key not in BEYOND}
    return kept | {"model": model, "stages": begun}


def says_how(training: Any) -> bool:
    """Whether what a checkpoint tells of its training is what a run can go on from; one from elsewhere may tell anything there."""
    match training:
        case {"steps": int(), "seconds": int() | float(), "recipe": {"model": dict(), "stages": [*stages]}}:
            return all(isinstance(stage, dict) and isinstance(stage.get("steps"), int) for stage in stages)
    return False


@cache  # so that every run of a process goes the same way
def half_precision_pays(device: torch.device) -> bool:
    """Whether bfloat16 is worth it: always on a GPU, and on a CPU that multiplies its matrices at least twice as fast (measured: 20 ms)."""
    if device.type == "cuda":
        return True
    times = []
    for dtype in (torch.float32, torch.bfloat16):
        a, b = torch.ones(1024, 128, dtype=dtype), torch.ones(512, 128, dtype=dtype)
        runs = []
        for _ in range(6):
            started = time.perf_counter()
            F.linear(a, b)
            runs.append(time.perf_counter() - started)
        times.append(min(runs))
    return times[1] * 2 < times[0]


def compile_loop(model: Model) -> bool:
    """Compile one loop and the readout, which all loops share, where there is a compiler for the device's code. Whether it was done.

    One loop and not the whole run: that takes half a minute, whatever the number of loops, and nothing is compiled anew when it varies.
    """
    cuda = next(model.parameters()).device.type == "cuda"
    if not (
        any(map(shutil.which, ("cc", "gcc", "clang"))) if cuda else sys.platform == "linux" and shutil.which("g++")
    ):
        return False
    for shared in ("step", "advance", "readout"):  # what is never called is never compiled
        setattr(model, shared, torch.compile(getattr(model, shared)))
    return True


def make_optimizers(recipe: Recipe, model: Model) -> list[torch.optim.Optimizer]:
    """AdamW; or Muon for the matrices of the layers and AdamW for all else.

    Muon (Jordan et al., 2024) makes the singular values of a step equal, so that no direction of a matrix is left behind. Steps are
    sized as AdamW's are (arXiv 2502.16982), so that one learning rate serves both.
    """
    matrices = [p for p in model.layers.parameters() if p.ndim == 2] if recipe.optimizer == "muon" else []
    taken = set(map(id, matrices))
    rest = [p for p in model.parameters() if id(p) not in taken]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, betas=recipe.betas, weight_decay=recipe.weight_decay, fused=True)
    ]
    if matrices:
        optimizers.append(torch.optim.Muon(matrices, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"))
    return optimizers


def loss_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy on the asked positions (targets ≥ 0): logits (batch, positions, vocab), targets (batch, positions) → a scalar.

    targets (batch, ways, positions) are right answers of which any will do, rows of -1 where there are no more. Then it is -log of the
    probability that what is drawn from the logits, each position by itself, is one of them; per asked position, too.
    """
    if targets.ndim == 2:
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1)
    asked = targets >= 0
    whole = torch.promote_types(logits.dtype, torch.float32)  # as cross_entropy does for the halves of autocast
    each = logits.log_softmax(-1, whole).gather(-1, targets.clamp(min=0).transpose(1, 2)).transpose(1, 2)
    each = each.masked_fill(~asked, 0).sum(-1).masked_fill(~asked.any(-1), -math.inf)
    return -each.logsumexp(1).sum() / asked[:, 0].sum()


def share_right(logits: Tensor, targets: Tensor) -> float:
    """The share of the asked positions that are right, in the answer that each input comes nearest to; shapes as in `loss_of`."""
    ways = targets if targets.ndim == 3 else targets[:, None]
    right = (logits.argmax(-1)[:, None] == ways).sum(-1).amax(1)
    return float(right.sum() / (ways[:, 0] >= 0).sum())


def loss_over_loops(
    model: Model, tokens: Tensor, targets: Tensor, loops: int | None = None, skip: int = 0
) -> tuple[Tensor, Tensor]:
    """Cross-entropy on the asked positions (targets ≥ 0), averaged over `loops` loops; and the last loop's logits.

    tokens, targets (batch, positions) → a scalar, (batch, positions, vocab); targets as in `loss_of`. Every loop is asked for the answer, so
    that each of them is a better guess than the one before (as the authors of 2410.01405 do for Sudoku). The first
    `skip` loops run without gradient and are not asked: deep loops are trained at the price of shallow ones (2311.12424,
    the window T). A standard transformer has no loops: its last layer alone is asked.
    """
    states = model.unroll(tokens, skip + (loops or model.config.trained_loops))
    next(states)  # the embedded input, through which every loop learns
    with torch.no_grad():
        for _ in range(skip):
            next(states)
    losses = []
    for state in states if model.config.architecture != "standard" else [*states][-1:]:
        logits = model.readout(state.hidden)
        losses.append(loss_of(logits, targets))
    return torch.stack(losses).mean(), logits


@dataclass
class Carried:
    """The puzzles of a step, and how far they have come."""

    puzzles: np.ndarray  # (batch, positions)
    answers: np.ndarray
    hidden: Tensor  # (batch, positions, d_model), their states
    done: np.ndarray  # (batch,) loops so far

    def tensors(self) -> dict[str, Tensor]:
        """As a file holds them; `Carried(**tensors)` with arrays for all but the states is the way back."""
        return {
            name: value if isinstance(value, Tensor) else torch.from_numpy(value) for name, value in vars(self).items()
        }


def loss_over_window(
    model: Model, tokens: Tensor, targets: Tensor, hidden: Tensor, done: Tensor, loops: int
) -> tuple[Tensor, Tensor, Tensor]:
    """As `loss_over_loops`, for inputs of which each has done some loops already: loss, the last loop's logits and states.

    hidden (batch, positions, d_model) are the states after done (batch,) loops; where that is none, it does not matter what they are.
    Gradients end there, so that a loop far out is trained at the price of an early one (deep supervision, arXiv 2506.21734).
    """
    embedded = model.embed(tokens)
    hidden = torch.where((done == 0)[:, None, None], model.start(embedded), hidden)
    losses = []
    for loop in range(loops):
        hidden = model.advance(hidden, embedded, done + loop)
        logits = model.readout(hidden)
        losses.append(loss_of(logits, targets))
    return torch.stack(losses).mean(), logits, hidden.detach()


def write_log(file: Path, log: list[dict[str, Any]]) -> None:
    """One row a measurement: step, seconds, running loss, share of asked positions right, held-out inputs right by loops."""
    rows = [
        {
            **{key: value for key, value in row.items() if key != "held_out"},
            **{f"held_out_{loops}": share for loops, share in row["held_out"].items()},
        }
        for row in log
    ]
    columns = list(dict.fromkeys(key for row in rows for key in row)) or [
        "step"
    ]  # a later stage may be measured after more loops
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=columns)
        writer.writeheader()
        writer.writerows(rows)


def read_log(file: Path) -> list[dict[str, Any]]:
    """What `write_log` wrote; nothing where there is no such file."""
    if not file.exists():
        return []
    log = []
    with file.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            given = {key: json.loads(value) for key, value in row.items() if value}
            held_out = {
                key.removeprefix("held_out_"): given.pop(key)
                for key in row
                if key.startswith("held_out_") and key in given
            }
            log.append(given | {"held_out": held_out})
    return log


class Run:
    """One training run and the folder that holds its whole state: weights, moments of the optimiser, log, pool."""

    def __init__(self, recipe: Recipe, folder: Path, device: torch.device, resume: bool) -> None:
        self.recipe, self.folder, self.device = recipe, folder, device
        self.task = tasks.get(recipe.task)
        torch.manual_seed(recipe.seed)
        self.model = Model(recipe.model).to(device)
        self.optimizers = make_optimizers(recipe, self.model)
        self.step, self.seconds = 0, 0.0
        self.carried: Carried | None = None
        self.average: list[Tensor] | None = None
        self.log: list[dict[str, object]] = []
        state = folder / "state.safetensors"
        earlier = os.path.exists(state)  # which is False, too, for a name that no file can have
        if resume and not earlier and not recipe.start:
            raise ValueError(f"nothing to resume: {state} does not exist; leave out --resume to start afresh.")
        if earlier and not resume:
            raise ValueError(f"{state} holds an earlier run; add --resume to go on with it, or give another --out.")
        if earlier and recipe.start:
            raise ValueError(
                f"{state} holds an earlier run, which goes on with its own weights; leave out --from, or give another --out."
            )
        if recipe.start:
            self.begin(recipe.start, resume)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"{folder} cannot be made: {error.strerror}; give another --out.") from error
        if not os.access(folder, os.W_OK):
            raise ValueError(f"{folder} cannot be written to; give another --out.")
        if earlier:
            self.restore(state)
        elif recipe.average:
            self.average = self.weights()
        if recipe.steps >= LONG_RUN:
            compile_loop(self.model)
        self.half = half_precision_pays(device)
        self.enter(recipe.stage(self.step)[0])

    def enter(self, index: int) -> None:
        """Make ready for a stage: its training puzzles and as varied held-out ones."""
        recipe, self.index = self.recipe, index
        self.pool = self.make_pool(recipe.stages[index].mix)
        mix = recipe.stages[index].mix
        total = sum(count for count, _ in mix)
        self.held_out = np.concatenate(
            [
                self.task.sample(
                    math.ceil(recipe.evaluate_count * count / total), seed=recipe.seed + 1, split="held-out", **sampling
                )[0]
                for count, sampling in mix
            ]
        )

    def make_pool(self, mix: tuple[tuple[int, dict[str, Any]], ...]) -> tuple[np.ndarray, np.ndarray]:
        """The training puzzles of a stage, made once and kept beside the state (they follow from the recipe)."""
        recipe = self.recipe
        digest = hashlib.sha256(json.dumps([recipe.task, recipe.seed, mix]).encode()).hexdigest()[:12]
        file = self.folder / f"pool-{digest}.safetensors"
        if file.exists():
            kept = load_file(file)
            return kept["puzzles"].numpy(), kept["answers"].numpy()
        print(f"making {sum(count for count, _ in mix):,} training puzzles …", file=sys.stderr)
        parts = [self.task.sample(count, seed=recipe.seed, split="train", **sampling) for count, sampling in mix]
        puzzles, answers = (np.concatenate(side) for side in zip(*parts, strict=True))
        part = self.folder / "pool.part"
        save_file({"puzzles": torch.from_numpy(puzzles), "answers": torch.from_numpy(answers)}, part)
        part.replace(file)
        return puzzles, answers

    def save(self) -> None:
        """The whole state in one safetensors file, replaced at once so that a kill leaves the old or the new one."""
        tensors = {f"model.{name}": p.detach() for name, p in self.model.named_parameters()}
        for name, p in self.model.named_parameters():
            for key, value in self.optimizer_of(p).state.get(p, {}).items():
                tensors[f"optimizer.{key}.{name}"] = value
        if self.average is not None:
            tensors |= {
                f"average.{name}": mean
                for (name, _), mean in zip(self.model.named_parameters(), self.average, strict=True)
            }
        if self.carried is not None:
            tensors |= {f"carried.{name}": value for name, value in self.carried.tensors().items()}
        meta = {"step": self.step, "seconds": self.seconds, "log": self.log, "recipe": asdict(self.recipe)}
        part = self.folder / "state.part"
        save_file({k: v.contiguous() for k, v in tensors.items()}, part, {"run": json.dumps(meta)})
        part.replace(self.folder / "state.safetensors")

    def begin(self, name: str, resume: bool) -> None:
        """Take the weights of a checkpoint; the recipe holds from now on which those were. Or, to resume, go on with the run that made
        it: its weights as they were rounded, its steps and its log; the moments of the optimiser, which it does not hold, begin at zero."""
        found = load_checkpoint(name, self.device)
        own, its = (
            {key: value for key, value in asdict(config).items() if key not in BEYOND}
            for config in (self.recipe.model, found.config)
        )
        if (found.task.name, its) != (self.recipe.task, own):
            what = [key for key in own if own[key] != its[key]] if found.task.name == self.recipe.task else ["the task"]
            raise ValueError(
                f"{self.recipe.name} cannot begin with the weights of {found.name}: the models differ in {', '.join(what)}."
            )
        self.model.load_state_dict(found.model.state_dict())
        if not resume:
            self.recipe = replace(self.recipe, start=f"{found.name} (sha256 {found.sha256[:16]}…)")
            return
        training = found.info.get("training", {})
        if not says_how(training):
            raise ValueError(
                f"{found.name} does not say how it was trained; leave out --resume to begin with its weights."
            )
        self.agree(
            f"the run of {found.name}",
            training["recipe"],
            training["steps"],
            "leave out --resume to begin with its weights",
        )
        self.step, self.seconds, self.log = training["steps"], training["seconds"], read_log(found.folder / "log.csv")

    def agree(self, run: str, recipe: dict[str, Any], step: int, otherwise: str) -> None:
        """Raise ValueError unless an earlier run's recipe is this one as far as it got. What it began with is its own."""
        saved, asked = (binding(one, step) for one in (recipe, json.loads(json.dumps(asdict(self.recipe)))))
        if saved != asked:
            changed = sorted(key for key in asked.keys() | saved.keys() if saved.get(key) != asked.get(key))
            raise ValueError(f"{run} was made by a recipe that differs in {', '.join(changed)}; {otherwise}.")
        self.recipe = replace(self.recipe, start=recipe.get("start", ""))

    def restore(self, file: Path) -> None:
        try:
            with safe_open(file, "pt") as opened:
                meta = json.loads((opened.metadata() or {}).get("run", "{}"))
        except SafetensorError as error:
            raise ValueError(f"{file} is damaged ({error}); give another --out to start afresh.") from error
        if "recipe" not in meta:
            raise ValueError(f"{file} is not the state of a training run; give another --out to start afresh.")
        self.agree(str(file), meta["recipe"], meta["step"], "give another --out to start afresh")
        tensors = load_file(file, device=str(self.device))
        self.step, self.seconds, self.log = meta["step"], meta["seconds"], meta["log"]
        with torch.no_grad():
            for name, p in self.model.named_parameters():
                p.copy_(tensors[f"model.{name}"])
                moments = {
                    key.split(".")[1]: value
                    for key, value in tensors.items()
                    if key.startswith("optimizer.") and key.split(".", 2)[2] == name
                }
                if moments:
                    self.optimizer_of(p).state[p] = moments
        if self.recipe.average:  # an earlier stage may have had none
            self.average = [
                tensors.get(f"average.{name}", p.detach().clone()) for name, p in self.model.named_parameters()
            ]
        parts = {key.partition(".")[2]: value for key, value in tensors.items() if key.startswith("carried.")}
        if parts and self.recipe.stage(self.step)[1]:  # a stage begins with new ones
            self.carried = Carried(
                hidden=parts.pop("hidden"), **{name: value.cpu().numpy() for name, value in parts.items()}
            )

    def weights(self) -> list[Tensor]:
        return [p.detach().clone() for p in self.model.parameters()]

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The model with the average of its weights, which is what is measured and exported; without one, as it is."""
        if self.average is None:
            yield
            return
        parameters, own = [p.detach() for p in self.model.parameters()], self.weights()
        torch._foreach_copy_(parameters, self.average)
        try:
            yield
        finally:
            torch._foreach_copy_(parameters, own)

    def optimizer_of(self, p: Tensor) -> torch.optim.Optimizer:
        """The one that moves these weights."""
        return next(
            one for one in self.optimizers if any(p is q for group in one.param_groups for q in group["params"])
        )

    def kept(self, stage: Stage, own: int, puzzles: np.ndarray, answers: np.ndarray) -> Carried:
        """The puzzles of the step before, of which those that have had their loops give way to new ones: not all in one step, so that
        early and late loops meet in a batch."""
        old, place = self.carried, np.arange(len(puzzles))
        if old is None:
            return Carried(
                puzzles, answers, torch.zeros(*puzzles.shape, self.recipe.model.d_model, device=self.device), 0 * place
            )
        new = (place + own) % (stage.carry // stage.loops) == 0
        puzzles, answers = np.where(new[:, None], puzzles, old.puzzles), np.where(new[:, None], answers, old.answers)
        return Carried(puzzles, answers, old.hidden, np.where(new, 0, old.done))

    def targets(self, stage: Stage, puzzles: np.ndarray, answers: np.ndarray) -> np.ndarray:
        """What the loss asks for, as in `loss_of`."""
        if stage.ways == 1:
            return self.task.targets(puzzles, answers)
        if not isinstance(self.task, Countdown):
            raise ValueError(f"an input of {self.task.name} has one answer; ways must be 1, not {stage.ways}.")
        return self.task.ways(puzzles, stage.ways)

    def one_step(self) -> tuple[float, float]:
        """Train on one batch; the loss and the share of asked positions right after the last loop."""
        recipe = self.recipe
        index, own = recipe.stage(self.step)
        if index != self.index:
            self.enter(index)
            self.carried = None
        stage = recipe.stages[index]
        rng = np.random.default_rng((recipe.seed, self.step))
        chosen = rng.integers(len(self.pool[0]), size=recipe.batch)
        puzzles, answers = self.task.augment(self.pool[0][chosen], self.pool[1][chosen], rng)
        if stage.carry:
            kept = self.kept(stage, own, puzzles, answers)
            puzzles, answers = kept.puzzles, kept.answers
        tokens = torch.as_tensor(puzzles.astype(np.int64), device=self.device)
        targets = torch.as_tensor(self.targets(stage, puzzles, answers), device=self.device)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(recipe, self.step)
        self.model.train()
        skip = stage.skip[int(rng.integers(len(stage.skip)))]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            if stage.carry:
                done = torch.as_tensor(kept.done, device=self.device)
                loss, logits, hidden = loss_over_window(self.model, tokens, targets, kept.hidden, done, stage.loops)
            else:
                loss, logits = loss_over_loops(self.model, tokens, targets, stage.loops, skip)
        if not torch.isfinite(loss):  # before the weights are touched: what is saved stays good
            raise FloatingPointError(
                f"the loss is {float(loss.detach())} at step {self.step}; the last saved state is good, a smaller learning rate may help."
            )
        self.model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), recipe.clip)
        for optimizer in self.optimizers:
            optimizer.step()
        if self.average is not None:
            torch._foreach_lerp_(self.average, [p.detach() for p in self.model.parameters()], 1 - recipe.average)
        self.step += 1
        if stage.carry:
            self.carried = Carried(puzzles, answers, hidden, kept.done + stage.loops)
        return float(loss.detach()), share_right(logits, targets)

    def measure(self) -> dict[str, float]:
        """Whole held-out answers right at half, once and twice the trained loops."""
        trained = self.recipe.model.trained_loops
        loops = (
            [trained] if self.recipe.model.architecture == "standard" else [max(1, trained // 2), trained, 2 * trained]
        )
        self.model.eval()
        with (
            self.averaged(),
            torch.compiler.set_stance("force_eager"),
        ):  # its batches have other sizes, each of which would be compiled
            right = right_by_loop(self.model, self.task, self.held_out, loops)
        return {str(r): round(float(row.mean()), 4) for r, row in zip(loops, right, strict=True)}

    def train(self, minutes: float | None = None) -> bool:
        """Go on until the recipe's last step, for `minutes`, or until Ctrl-C; True when the recipe is finished. State is saved."""
        recipe, started, before = self.recipe, time.monotonic(), self.seconds
        saved, loss_mean, right_mean = started, 0.0, 0.0
        boards = ""
        with tqdm(total=recipe.steps, initial=self.step, desc=recipe.name, unit="step", mininterval=2.0) as bar:
            try:
                while self.step < recipe.steps:
                    loss, right = self.one_step()
                    now = time.monotonic()
                    self.seconds = before + now - started
                    weight = 0.02 if loss_mean else 1.0
                    loss_mean += weight * (loss - loss_mean)
                    right_mean += weight * (right - right_mean)
                    bar.update()
                    bar.set_postfix_str(f"loss {loss_mean:.3f} asked {right_mean:.1%}{boards}", refresh=False)
                    if self.step % recipe.evaluate_every == 0 or self.step == recipe.steps:
                        held_out = self.measure()
                        boards = " held-out " + " ".join(f"{a:.1%}@{r}" for r, a in held_out.items())
                        self.log.append(
                            {
                                "step": self.step,
                                "seconds": round(self.seconds, 1),
                                "loss": round(loss_mean, 4),
                                "asked": round(right_mean, 4),
                                "held_out": held_out,
                            }
                        )
                    if now - saved > SAVE_EVERY:
                        self.save()
                        saved = now
                    if minutes is not None and now - started > 60 * minutes:
                        break
            except KeyboardInterrupt:
                bar.write("stopped by the keyboard; the state is saved", file=sys.stderr)
        self.save()
        return self.step >= recipe.steps
