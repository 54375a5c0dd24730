"""How often a checkpoint is right, by number of loops."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.intervals import bootstrap, wilson
from looped.model import LoopedModel
from looped.model.seam import OutputKind
from looped.places import input_file
from looped.tasks.protocol import LENGTHS, LOOPS_NEEDED, SIZES

HELD_OUT_SEED = 2410_01405  # of the generated boards that are evaluated on when no file is given
USUAL_POSITIONS = 81  # of inputs that are run in whole batches; of longer ones fewer at a time
RIVALS_ON = 200  # prompts on which other methods are measured
LONG = 512  # positions of inputs of which fewer are generated


@dataclass(frozen=True)
class LoopCount:
    """A number of loops: a fixed one, or one that follows from what inputs need (`task.loops_needed`).

    "needed" is what each input needs by itself; "longest" is what the input that needs most does, the same for all.
    """

    factor: int  # of the loops that the input needs
    more: int
    longest: bool = False

    @classmethod
    def read(cls, text: str | int) -> LoopCount:
        """Read 16, "needed", "needed+2", "2*needed+4" or "2*longest+4". Raises ValueError for anything else.

        >>> LoopCount.read("2*longest+4")
        LoopCount(factor=2, more=4, longest=True)
        """
        pattern = r"(\d{1,6})|(?:(\d{1,3})\*)?(needed|longest)(?:\+(\d{1,6}))?"
        match = re.fullmatch(pattern, str(text).replace(" ", ""))
        if match is None:
            raise ValueError(
                f"{str(text)!r} is no number of loops; write 16, or needed+2 for as many as an input needs."
            )
        fixed, factor, word, more = match.groups()
        return cls(0, int(fixed)) if fixed else cls(int(factor or 1), int(more or 0), word == "longest")

    def __str__(self) -> str:
        """Return the text that `read` reads."""
        if not self.factor:
            return str(self.more)
        word = "longest" if self.longest else "needed"
        return (f"{self.factor}*" if self.factor > 1 else "") + word + (f"+{self.more}" if self.more else "")

    def of(self, needed: np.ndarray) -> np.ndarray:
        """Return the loops for inputs that need so many, both (count,): at least one where the number varies."""
        if self.longest:
            needed = np.full_like(needed, needed.max(initial=0))
        loops: np.ndarray = self.factor * needed + self.more
        return loops.clip(min=1) if self.factor else loops


@dataclass(frozen=True, eq=False)
class Measured:
    """What became of some inputs after several numbers of loops."""

    right: np.ndarray  # (numbers of loops, count) bool, all that is asked is right
    missed: np.ndarray  # (3, numbers of loops, count) what `far_off` says; NaN where no targets were given
    residual: np.ndarray  # (numbers of loops, count) ‖h[t] − h[t−1]‖ / ‖h[t−1]‖, t the last loop; NaN unless asked for
    # (numbers of loops, count) bool, `right` with what the model says at what is given; None for tasks without
    everywhere: np.ndarray | None = None


@torch.inference_mode()
def measure(
    model: LoopedModel,
    task: tasks.Task,
    tokens: np.ndarray,
    wanted: np.ndarray,
    batch: int = 50,
    residual: bool = False,
    targets: np.ndarray | None = None,
) -> Measured:
    """Run inputs and score each after its own numbers of loops: tokens (count, positions), wanted (numbers, count).

    Inputs may also be vectors (count, positions, inputs). targets, as `Task.targets` makes them, are compared with what
    the model answers. Inputs that need about as many loops are run together, fewer at a time where they are long.
    """
    device = next(model.parameters()).device
    right, moved = np.zeros(wanted.shape, bool), np.full(wanted.shape, np.nan)
    everywhere: np.ndarray | None = np.zeros(wanted.shape, bool)
    missed = np.full((3, *wanted.shape), np.nan)
    batch = max(1, min(batch, batch * USUAL_POSITIONS // tokens.shape[1]))
    order = np.argsort(wanted.max(0), kind="stable")
    for first in range(0, len(tokens), batch):
        rows = order[first : first + batch]
        part = tokens[rows].astype(np.int64 if model.input_kind == "tokens" else np.float32)
        before: torch.Tensor | None = None
        for state in model.unroll(torch.as_tensor(part, device=device), int(wanted[:, rows].max())):
            due = wanted[:, rows] == state.loop  # (numbers, rows)
            if due.any():
                output = model.readout(state.hidden)
                decided = output if model.output_kind == "numbers" else output.argmax(-1)
                said = decided.cpu().numpy()
                good, full = task.right(part, said), task.right_everywhere(part, said)
                everywhere = None if full is None else everywhere
                off = None if targets is None else far_off(model.output_kind, output, targets[rows])
                change = None if before is None else relative_change(before, state.hidden)
                for number, row in zip(*np.nonzero(due), strict=True):
                    right[number, rows[row]] = good[row]
                    if everywhere is not None and full is not None:
                        everywhere[number, rows[row]] = full[row]
                    if off is not None:
                        missed[:, number, rows[row]] = off[:, row]
                    if change is not None:
                        moved[number, rows[row]] = change[row]
            before = state.hidden if residual else None
    return Measured(right, missed, moved, everywhere)


def far_off(kind: OutputKind, output: torch.Tensor, targets: np.ndarray) -> np.ndarray:
    """Return how far outputs (batch, positions, outputs) are from their targets, summed over each input: (3, batch).

    Of numbers: squared errors, the squares of the targets, and how many numbers are asked. Of logits: minus the
    logarithms of the targets' probabilities, zeros, and how many tokens are asked.
    """
    if kind == "numbers":
        wanted = torch.as_tensor(targets, device=output.device, dtype=output.dtype)
        asked = ~wanted.isnan()
        error = torch.where(asked, output - wanted, 0).square().flatten(1).sum(1)
        size = torch.where(asked, wanted, 0).square().flatten(1).sum(1)
        return torch.stack([error, size, asked.flatten(1).sum(1)]).double().cpu().numpy()
    chosen = torch.as_tensor(targets, device=output.device, dtype=torch.int64)
    asked = chosen >= 0
    surprise = -output.double().log_softmax(-1).gather(-1, chosen.clamp(min=0)[..., None])[..., 0]
    total = torch.where(asked, surprise, 0).sum(1)
    return torch.stack([total, torch.zeros_like(total), asked.sum(1).double()]).cpu().numpy()


def score(kind: OutputKind, found: Measured) -> dict[str, list[float]]:
    """Return the measure for a kind of output, at each number of loops, under its name.

    "accuracy", the share of inputs whose whole answer is right; for numbers "error", the squared error divided by the
    squares of the true numbers (0: exact, 1: no better than answering zero); for next tokens "perplexity".
    """
    off, size, count = found.missed.sum(-1)
    if kind == "numbers":
        return {"error": [float(f"{value:.4g}") for value in off / size]}
    if kind == "next token":
        return {"perplexity": [float(f"{value:.4g}") for value in np.exp(off / count)]}
    return {"accuracy": [round(float(row.mean()), 4) for row in found.right]}


def reliability(task: tasks.Task, found: Measured, tokens: np.ndarray, wanted: np.ndarray) -> dict[str, Any]:
    """Return what says how far accuracies can be trusted, for `evaluate`: of tokens (count, positions).

    wanted (numbers, count) are the loops after which each input was looked at, in any order.

    "distinct", how many different inputs there are, and "classes", of how many classes under symmetries; and at each
    number of loops "interval", the 95 % interval of the accuracy; "lost", how many inputs were right after fewer loops
    and are wrong (overthinking); "everywhere", the accuracy of the model's own answers, also where the input is
    given, for tasks in which that means something.
    """
    shares = found.right.mean(-1)
    had = np.stack([(found.right & (wanted < loops)).any(0) for loops in wanted])
    result = {
        "distinct": len(np.unique(tokens, axis=0)),
        "interval": [[round(end, 4) for end in wilson(float(share), len(tokens))] for share in shares],
        "lost": [int(row.sum()) for row in had & ~found.right],
    }
    classes = task.classes(tokens)
    if classes is not None:
        result["classes"] = len(np.unique(classes))
    if found.everywhere is not None:
        result["everywhere"] = [round(float(row.mean()), 4) for row in found.everywhere]
    return result


def relative_change(before: torch.Tensor, after: torch.Tensor) -> np.ndarray:
    """Return ‖after − before‖ / ‖before‖ of whole states (batch, positions, width): (batch,), inf from a zero state."""
    change = (after - before).flatten(1).norm(dim=1) / before.flatten(1).norm(dim=1)
    return np.asarray(change.cpu().numpy())


def right_by_loop(
    model: LoopedModel, task: tasks.Task, tokens: np.ndarray, loops: Sequence[int], batch: int = 50
) -> np.ndarray:
    """Return whether each whole answer is right after each number of loops: (len(loops), count) bool."""
    wanted = np.tile(np.asarray(loops)[:, None], len(tokens))
    return measure(model, task, tokens, wanted, batch).right


def held_out_score(
    model: LoopedModel, task: tasks.Task, parts: Sequence[tuple[np.ndarray, np.ndarray]], loops: Sequence[int]
) -> list[float]:
    """Return the score (see `score`) of several arrays of inputs with their answers, after each number of loops."""
    found = []
    for inputs, answers in parts:
        wanted = np.tile(np.asarray(loops)[:, None], len(inputs))
        targets = None if model.output_kind == "classes" else task.targets(inputs, answers)
        found.append(measure(model, task, inputs, wanted, targets=targets))
    right = np.concatenate([part.right for part in found], axis=-1)
    missed = np.concatenate([part.missed for part in found], axis=-1)
    (values,) = score(model.output_kind, Measured(right, missed, np.full(right.shape, np.nan))).values()
    return values


def default_loops(checkpoint: Checkpoint) -> list[int | str]:
    """Return the loops that a checkpoint is measured at when none are named.

    Half, once, twice and four times the trained loops; where the task knows how many an input needs, two more than
    those and twice as many; the layers of a standard transformer.
    """
    trained = checkpoint.model.trained_loops
    if checkpoint.model.most_loops == trained:
        return [trained]
    if LOOPS_NEEDED in checkpoint.task.offers:
        return ["needed+2", "2*needed+4", "2*longest+4"]
    return [max(1, trained // 2), trained, 2 * trained, 4 * trained]


def evaluate(
    checkpoint: Checkpoint,
    data: str | None = None,
    loops: Sequence[int | str] | None = None,
    limit: int | None = None,
    detail: bool = False,
    tries: int = 1,
    size: int | None = None,
) -> dict[str, Any]:
    """Return the score at each number of loops, as the command line prints it: see `score` for its names.

    **Arguments:**
    data: a file with inputs; without one they are generated on the held-out side of the split by symmetry class.
    loops: numbers, or "needed+2", "2*longest+4" for tasks that know how many loops an input needs; then "residual" is
        reported, too: the largest relative change of a whole state in the last of these loops.
    limit: how many inputs; by default 1,000 generated ones, 200 where inputs are long.
    detail: also by the task's bands (for Sudoku: number of givens, and the rating by `looped.tasks.sudoku.rating`), and
        which inputs are wrong after the last number of loops: the lines of a file, else numbers from 1.
    tries: count an input when one of so many runs is right: of the input itself, then of images under random
        symmetries; for tasks whose rules tell whether an answer is right, so that one can be chosen without knowing the
        solution.
    size: generate inputs of this length (for Paths: cells along a side).

    Raises ValueError with one sentence for a file that cannot be read, loops that cannot be run, a size that the task
    does not have, and for tries of a task without such rules.
    """
    task = checkpoint.task
    if tries > 1 and not task.verifiable:
        raise ValueError(
            f"no rule tells whether an answer of {task.name} is right, so none of several can be chosen; "
            "leave out --tries."
        )
    loops = list(loops) if loops else default_loops(checkpoint)
    counts = [LoopCount.read(count) for count in loops]
    if min(count.factor + count.more for count in counts) < 1:
        raise ValueError("--loops must be whole numbers of at least 1, separated by commas.")
    kind = checkpoint.model.output_kind
    tokens, answers, source, numbers = evaluated_inputs(task, data, limit, size)
    targets = None
    if kind != "classes":
        if answers is None:
            raise ValueError(f"the answers of {task.name} are made with its inputs; leave out --data and --size.")
        targets = task.targets(tokens, answers)
    wanted = loops_of(checkpoint, counts, tokens)
    started = time.perf_counter()
    varies = any(count.factor for count in counts)
    found = measure(checkpoint.model, task, tokens, wanted, residual=varies, targets=targets)
    right = found.right
    rng = np.random.default_rng(HELD_OUT_SEED)
    for _ in range(1, tries):
        left = np.flatnonzero(~right.all(0))
        images, _ = task.augment(tokens[left], tokens[left], rng)
        right[:, left] |= measure(checkpoint.model, task, images, wanted[:, left]).right
    result = {
        "checkpoint": checkpoint.name,
        "task": task.name,
        **source,
        "n": len(tokens),
        "loops": loops,
        **({"tries": tries} if tries > 1 else {}),
        **score(kind, found),
        **(reliability(task, found, tokens, wanted) if kind == "classes" else {}),
        **({"interval": error_intervals(found)} if kind == "numbers" else {}),
        **({"residual": [float(f"{row.max():.2g}") for row in found.residual]} if varies else {}),
        "seconds": round(time.perf_counter() - started, 2),
    }
    if detail and kind == "numbers":
        result["by"] = {task.terms.clues: by_size(checkpoint, loops, limit)} if SIZES in task.offers else {}
    elif detail:
        result["by"] = {name: by_band(labels, right) for name, labels in task.bands(tokens).items()}
        result["wrong"] = [numbers[i] for i in np.flatnonzero(~right[-1]).tolist()]
    return result


def error_intervals(found: Measured) -> list[list[float]]:
    """Return the 95 % interval of the error at each number of loops, drawn over the inputs (`bootstrap`)."""
    off, size, _ = found.missed
    return [[float(f"{end:.4g}") for end in bootstrap(o, s)] for o, s in zip(off, size, strict=True)]


def by_size(checkpoint: Checkpoint, loops: Sequence[int | str], limit: int | None) -> dict[str, dict[str, Any]]:
    """Return the errors on prompts of each of the task's sizes, and of other methods on the first RIVALS_ON of them."""
    task, found = checkpoint.task, {}
    for size in task.sizes():
        part = evaluate(checkpoint, None, loops, limit, size=size)
        inputs, answers = task.sample(min(part["n"], RIVALS_ON), HELD_OUT_SEED, "held-out", **task.of_size(size))
        rivals = {name: float(f"{error:.4g}") for name, error in task.rival_errors(inputs, answers).items()}
        kept = {name: part[name] for name in ("n", "error", "interval")}
        found[str(size)] = kept | {"rivals": rivals, "rivals_on": len(inputs)}
    return found


def evaluated_inputs(
    task: tasks.Task, data: str | None, limit: int | None, size: int | None
) -> tuple[np.ndarray, np.ndarray | None, dict[str, Any], Sequence[int]]:
    """Return inputs, their answers where they are known, the entries of the result that say where they are from.

    And what each input is called: its line in a file, else its number from 1.
    """
    if data is not None:
        if size is not None:
            raise ValueError("a file brings inputs of its own sizes; leave out --size, or --data.")
        read = read_inputs(input_file(data), task, limit)
        source = {"data": Path(data).name, "file": Path(data).as_posix()}
        return read.tokens, None, source | ({"notes": read.notes} if read.notes else {}), read.lines
    count = limit or (1000 if task.length <= LONG else 200)
    if size is None:
        tokens, answers = task.sample(count, seed=HELD_OUT_SEED, split="held-out")
        source = {"data": f"generated held-out {task.things}, {task.usual}, seed {HELD_OUT_SEED}"}
        return tokens, answers, source, range(1, count + 1)
    if SIZES in task.offers:
        tokens, answers = task.sample(count, seed=HELD_OUT_SEED, split="held-out", **task.of_size(size))
        words = f"generated held-out {task.things}, {task.describe_sampling(task.of_size(size))}, seed {HELD_OUT_SEED}"
        return tokens, answers, {"data": words, "size": size}, range(1, count + 1)
    if LENGTHS not in task.offers:
        raise ValueError(f"the {task.things} of {task.name} have one size; leave out --size.")
    tokens = task.sample_length(count, HELD_OUT_SEED, size, size)
    return (
        tokens,
        None,
        {"data": f"generated held-out {task.things} of size {size}, seed {HELD_OUT_SEED}", "size": size},
        range(1, count + 1),
    )


def loops_of(checkpoint: Checkpoint, counts: Sequence[LoopCount], tokens: np.ndarray) -> np.ndarray:
    """Return after how many loops each input is scored, (len(counts), inputs).

    Raises ValueError when a model cannot run so many loops.
    """
    needed = np.zeros(len(tokens), np.int64)
    if any(count.factor for count in counts):
        if LOOPS_NEEDED not in checkpoint.task.offers:
            raise ValueError(
                f"{checkpoint.task.name} does not say how many loops an input needs; give --loops numbers."
            )
        needed = checkpoint.task.loops_needed(tokens)
    wanted = np.stack([count.of(needed) for count in counts])
    asked, most = int(wanted.max()), checkpoint.model.most_loops
    if most is not None and asked > most:
        raise ValueError(
            f"{checkpoint.name} is a standard transformer with {most} layers; it cannot be run for {asked} loops."
        )
    return wanted


def by_band(labels: np.ndarray, right: np.ndarray) -> dict[str, dict[str, Any]]:
    """Return the count and the accuracies of each band: labels (count,), right (numbers of loops, count)."""
    found = {}
    for band in sorted(np.unique(labels), key=lambda band: (float(band) if band.isdigit() else np.inf, band)):
        chosen = labels == band
        accuracy = [round(float(row[chosen].mean()), 4) for row in right]
        found[str(band)] = {"n": int(chosen.sum()), "accuracy": accuracy}
    return found


@dataclass(frozen=True, eq=False)
class FileInputs:
    """The inputs of a file."""

    tokens: np.ndarray  # (count, length)
    lines: list[int]  # where each stands in the file, from 1
    notes: dict[str, list[int]]  # sentences about inputs, such as that a board has several solutions, and their lines


def read_puzzles(file: Path, task: tasks.Task, limit: int | None = None) -> np.ndarray:
    """Read the inputs of a file as tokens (count, length); see `read_inputs`."""
    return read_inputs(file, task, limit).tokens


def read_inputs(file: Path, task: tasks.Task, limit: int | None = None) -> FileInputs:
    """Read the inputs of a file.

    The file is CSV with the task's columns, or has one input a line; empty lines and those that begin with
    `task.comment` are skipped. Raises ValueError that names the line of the first input that is not one.
    """
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} cannot be read as text: {getattr(error, 'strerror', None) or error}.") from error
    columns = [name.strip(' "').lower() for name in lines[0].split(",")] if lines else []
    one, *more = task.columns
    named = f"CSV columns called {', '.join(task.columns)}" if more else f"a CSV column called {one}"
    hint = ""
    if len(columns) > 1 and {*task.columns} <= {*columns}:
        try:
            rows = csv.DictReader(lines[1:], columns)
            inputs = [(rows.line_num + 1, ", ".join(row[name] or "" for name in task.columns)) for row in rows]
        except csv.Error as error:
            raise ValueError(f"{file} cannot be read as CSV: {error}.") from error
    else:
        skip = (task.comment, task.columns[0])
        inputs = [
            (i, line) for i, line in enumerate(lines, 1) if line.strip() and not line.strip().lower().startswith(skip)
        ]
        if len(columns) > 1 and not more:  # a comma is no part of an input that has one column
            hint = f" With several columns the first line of a file must name them; it needs {named}."
    if not inputs:
        raise ValueError(
            f"{file} holds no {'input' if more else one}; it needs {named}, or one {'input' if more else one} a line."
        )
    tokens: list[np.ndarray] = []
    notes: dict[str, list[int]] = {}
    for number, text in inputs[:limit]:
        try:
            parsed = task.parse(text)
            tokens.append(task.encode(parsed))
        except ValueError as error:
            raise ValueError(f"{file}, line {number}: {error}{hint}") from error
        if len(tokens[-1]) != len(tokens[0]):
            raise ValueError(
                f"{file}, line {number}: the input has another size than the first; give each size its own file."
            )
        for sentence in getattr(parsed, "warnings", ()):
            notes.setdefault(sentence, []).append(number)
    return FileInputs(np.stack(tokens), [number for number, _ in inputs[:limit]], notes)
