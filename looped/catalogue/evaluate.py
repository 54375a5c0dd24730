"""How often a checkpoint is right, by number of loops."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED, Inputs, evaluated_inputs, splitting
from looped.catalogue.intervals import bootstrap, wilson
from looped.catalogue.spending import ways_to_spend
from looped.lenses.compute import NEEDS as COMPUTE
from looped.lenses.resting import NEEDS as RESTING
from looped.lenses.resting import rests
from looped.model import LoopedModel
from looped.model.interventions import exchanged
from looped.model.seam import OutputKind, is_standard, usual_loops
from looped.runs.numerics import relative_residual
from looped.tasks.protocol import LOOPS_NEEDED, SIZES, Task

USUAL_POSITIONS = 81  # of inputs that are run in whole batches; of longer ones fewer at a time
MOST_LOOPS = 10_000  # that an input is run for
REST = 4  # times the trained loops, after which a run should have come to rest
A_NUMBER = "whole numbers of at least 1, like 16"
METHODS_ON = 200  # prompts on which other methods are measured


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
        pattern = r"([0-9]{1,12})|(?:([0-9]{1,3})\*)?(needed|longest)(?:\+([0-9]{1,6}))?"
        match = re.fullmatch(pattern, str(text).replace(" ", ""))
        if match is None:
            raise ValueError(f"{str(text)[:40]!r} is no number of loops; write {A_NUMBER}.")
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
    # (numbers of loops, count) bool, the model's output holds what is no number; None where nobody looked
    blank: np.ndarray | None = None


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
    blank = np.zeros(wanted.shape, bool)
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
                lost = ~output.isfinite().flatten(1).all(1).cpu().numpy()
                given = exchanged(part, state.loop - 1, model.standing_interventions)
                good, full = task.right(given, said), task.right_everywhere(given, said)
                everywhere = None if full is None else everywhere
                off = None if targets is None else far_off(model.output_kind, output, targets[rows])
                change = None if before is None else relative_residual(before, state.hidden).cpu().numpy()
                for number, row in zip(*np.nonzero(due), strict=True):
                    right[number, rows[row]] = good[row]
                    blank[number, rows[row]] = lost[row]
                    if everywhere is not None and full is not None:
                        everywhere[number, rows[row]] = full[row]
                    if off is not None:
                        missed[:, number, rows[row]] = off[:, row]
                    if change is not None:
                        moved[number, rows[row]] = change[row]
            before = state.hidden if residual else None
    return Measured(right, missed, moved, everywhere, blank)


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
        with np.errstate(over="ignore"):  # a model that is sure of another token: infinite, rightly
            return {"perplexity": [float(f"{value:.4g}") for value in np.exp(off / count)]}
    return {"accuracy": accuracies(found.right)}


def accuracies(right: np.ndarray) -> list[float]:
    """Return the share of inputs that are right at each number of loops: right (numbers of loops, count)."""
    return [round(float(row.mean()), 4) for row in right]


def reliability(task: tasks.Task, found: Measured, tokens: np.ndarray, wanted: np.ndarray) -> dict[str, Any]:
    """Measure how far the accuracies on tokens (count, positions) can be trusted, for `evaluate`.

    wanted (numbers, count) are the loops after which each input was looked at, in any order.

    "distinct", how many different inputs there are, and "classes", of how many classes under symmetries; and at each
    number of loops "interval", the 95 % interval of the accuracy; "lost", how many inputs were right after fewer loops
    and are wrong (overthinking); "everywhere", the accuracy of the model's own answers, also where the input is
    given, for tasks in which that means something.
    """
    had = np.stack([(found.right & (wanted < loops)).any(0) for loops in wanted])
    result = {
        "distinct": len(np.unique(tokens, axis=0)),
        "interval": intervals(found.right),
        "lost": [int(row.sum()) for row in had & ~found.right],
    }
    classes = task.classes(tokens)
    if classes is not None:
        result["classes"] = len(np.unique(classes))
    if found.everywhere is not None:
        result["everywhere"] = accuracies(found.everywhere)
    return result


def largest(residual: np.ndarray) -> list[float]:
    """Return the largest relative residual at each number of loops, (numbers, count); inf for a loop from zero."""
    return [float(f"{row.max():.2g}") for row in np.where(np.isnan(residual), np.inf, residual)]


def intervals(right: np.ndarray) -> list[list[float]]:
    """Return the 95 % interval of the accuracy at each number of loops: right (numbers of loops, count)."""
    return [[round(end, 4) for end in wilson(float(row.mean()), len(row))] for row in right]


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
    if is_standard(checkpoint.model):
        return [usual_loops(checkpoint.model)]
    if LOOPS_NEEDED in checkpoint.task.offers:
        return ["needed+2", "2*needed+4", "2*longest+4"]
    return list(dict.fromkeys([max(1, trained // 2), trained, 2 * trained, 4 * trained]))


def evaluate(
    checkpoint: Checkpoint,
    data: str | None = None,
    loops: Sequence[int | str] | None = None,
    limit: int | None = None,
    detail: bool = False,
    tries: int = 1,
    size: int | None = None,
    test: bool = False,
    rest: bool = False,
    ways: int = 0,
    seed: int | None = None,
    hard: bool = False,
) -> dict[str, Any]:
    """Return the score at each number of loops, as the command line prints it: see `score` for its names.

    **Arguments:**
    data: a file with inputs; without one they are generated on the held-out side of the split by symmetry class.
    loops: numbers, or "needed+2", "2*longest+4" where the task knows how many an input needs; then with "residual": the
        largest relative change of a whole state in the last of these loops.
    limit: how many inputs; by default 1,000 generated ones, 200 where inputs are long.
    detail: also by the task's bands (`Task.bands`), and which inputs are wrong after the last number of loops.
    tries: report, under "with_tries", what so many runs reach and cost by the rules of the task; see `tried_again`.
    ways: report, under "with_ways", what compute brings, with so many runs; see `ways_to_spend`. 0 for nothing.
    size: generate inputs of this length (for Paths: cells along a side).
    test: generate other held-out inputs, of `TEST_SEED`; seed: of another seed; hard: the hardest.
    rest: report, too, under "rest", how many runs come to rest; see `rest_of`.

    Raises ValueError with one sentence for a file, loops or a size that cannot be, and for what `refuse` refuses.
    """
    task, kind = checkpoint.task, checkpoint.model.output_kind
    refuse(checkpoint, data, detail, tries, rest, ways)
    loops = list(loops) if loops else default_loops(checkpoint)
    counts = read_counts(loops, task)
    inputs = evaluated_inputs(checkpoint, data, limit, size, test, seed, hard)
    tokens, targets = inputs.tokens, answered(task, inputs, kind)
    wanted, varies = loops_of(checkpoint, counts, tokens), any(count.factor for count in counts)
    started = time.perf_counter()
    found = measure(checkpoint.model, task, tokens, wanted, residual=varies, targets=targets)
    result = {
        "checkpoint": checkpoint.name,
        "task": task.name,
        **inputs.source,
        "n": len(tokens),
        "loops": loops,
        **score(kind, found),
        **(reliability(task, found, tokens, wanted) if kind == "classes" else {}),
        **(told_intervals(found) if kind == "numbers" and len(tokens) > 1 else {}),
        **({} if data or kind != "classes" else nearness(checkpoint, found, tokens)),
        **({} if found.blank is None or not found.blank.any() else {"blank": found.blank.sum(1).tolist()}),
        **({"residual": largest(found.residual)} if varies else {}),
        "seconds": round(time.perf_counter() - started, 2),
    }
    if detail:
        result |= detailed(task, inputs, found) if kind != "numbers" else by_size(checkpoint, loops, limit, seed)
    if tries > 1:
        result["with_tries"] = tried_again(checkpoint, inputs, wanted, found.right, tries, detail)
    if ways:
        result["with_ways"] = ways_to_spend(checkpoint, tokens, int(wanted[-1].max()), ways)
    return result | ({"rest": rest_of(checkpoint, tokens)} if rest else {})


def rest_of(checkpoint: Checkpoint, tokens: np.ndarray) -> dict[str, Any]:
    """Count the runs that come to rest, by the verdict after four times the trained loops, for `evaluate`.

    "loops", so many; "n", how many inputs are right after one of them; of those "settled", and its "share" with a 95 %
    "interval" (both left out for none); "verdicts", how often each kind; and of all inputs "settled_wrong", how many
    rest on an answer that is wrong.
    """
    started, loops = time.perf_counter(), REST * checkpoint.model.trained_loops
    *_, found = rests(checkpoint.model, tokens, checkpoint.task.right, loops)
    solved = found.right.any(0)
    count, settled = int(solved.sum()), int((solved & found.settled).sum())
    kinds, many = np.unique(found.kind[solved], return_counts=True)
    result: dict[str, Any] = {"loops": loops, "n": count, "settled": settled}
    if count:
        result |= {"share": round(settled / count, 4)}
        result |= {"interval": [round(end, 4) for end in wilson(settled / count, count)]}
    result |= {"verdicts": dict(zip(kinds.tolist(), many.tolist(), strict=True))}
    wrong = int((found.settled & ~found.right[-1]).sum())
    return result | {"settled_wrong": wrong, "seconds": round(time.perf_counter() - started, 2)}


def detailed(task: Task, inputs: Inputs, found: Measured) -> dict[str, Any]:
    """Return how often inputs are right "by" the task's bands, and the numbers of those that are "wrong"."""
    by = {name: by_band(labels, found.right) for name, labels in task.bands(inputs.tokens).items()}
    return {"by": by, "wrong": [inputs.numbers[i] for i in np.flatnonzero(~found.right[-1]).tolist()]}


def error_intervals(found: Measured) -> list[list[float]]:
    """Return the 95 % interval of the error at each number of loops, drawn over the inputs (`bootstrap`).

    Its ends are no numbers where there are few inputs, of which some have only zeros as true numbers.
    """
    off, size, _ = found.missed
    return [[float(f"{end:.4g}") for end in bootstrap(o, s)] for o, s in zip(off, size, strict=True)]


def told_intervals(found: Measured) -> dict[str, list[list[float]]]:
    """Return "interval", `error_intervals`; nothing where an end is no number."""
    ends = error_intervals(found)
    return {"interval": ends} if np.isfinite(ends).all() else {}


def answered(task: Task, inputs: Inputs, kind: OutputKind) -> np.ndarray | None:
    """Return what `far_off` compares answers with, None for classes. Raises ValueError where no error can be told."""
    if kind == "classes":
        return None
    wanted = true_numbers(task, inputs)
    if kind == "numbers" and not np.nansum(np.square(wanted)) > 0:
        raise ValueError(
            f"every true answer of {inputs.source['data']} is 0, and errors are told over that of answering zero, "
            "which has none; give prompts with other answers."
        )
    return wanted


def by_size(
    checkpoint: Checkpoint, loops: Sequence[int | str], limit: int | None, seed: int | None = None
) -> dict[str, dict[str, Any]]:
    """Return "by": the errors on prompts of each of the task's sizes, and of known methods on the first METHODS_ON."""
    task, found = checkpoint.task, {}
    for size in task.sizes() if SIZES in task.offers else ():
        part = evaluate(checkpoint, None, loops, limit, size=size, seed=seed)
        few, drawn = min(part["n"], METHODS_ON), HELD_OUT_SEED if seed is None else seed
        inputs, answers = task.sample(few, drawn, "held-out", **task.of_size(size))
        errors = {name: float(f"{error:.4g}") for name, error in task.method_errors(inputs, answers).items()}
        kept = {name: part[name] for name in ("n", "error", "interval") if name in part}  # one prompt has no interval
        found[str(size)] = kept | {"methods": errors, "methods_on": len(inputs)}
    return {"by": {task.terms.clues: found} if found else {}}


def refuse(
    checkpoint: Checkpoint, data: str | None, detail: bool, tries: int, rest: bool = False, ways: int = 0
) -> None:
    """Raise ValueError with one sentence for what a checkpoint cannot be measured by."""
    if ways and is_standard(checkpoint.model):
        raise ValueError(f"{checkpoint.name} has no loop of which more could be run; leave out --compute.")
    lacking = COMPUTE.missing(checkpoint.model) if ways else None
    if lacking is not None:
        raise ValueError(f"{checkpoint.name} cannot be asked what more compute brings, for {lacking}")
    if tries > 1 and not checkpoint.task.verifiable:
        raise ValueError(
            f"no rule tells whether an answer of {checkpoint.task.name} is right, so none of several can be chosen; "
            "leave out --tries."
        )
    if rest and is_standard(checkpoint.model):
        raise ValueError(f"{checkpoint.name} has no loop that could come to rest; leave out --rest.")
    if rest and checkpoint.model.output_kind == "numbers":
        raise ValueError(
            f"{checkpoint.name} predicts numbers, which are near or far but never right, and --rest counts runs that "
            "rest on a right answer; leave out --rest."
        )
    lacking = RESTING.missing(checkpoint.model) if rest else None
    if lacking is not None:
        raise ValueError(f"{checkpoint.name} cannot be asked what comes to rest, for {lacking}")
    if detail and data is not None and checkpoint.model.output_kind == "numbers":
        raise ValueError("--detail generates inputs of every size; leave it out, or --data.")


def read_counts(loops: Sequence[int | str], task: tasks.Task) -> list[LoopCount]:
    """Read numbers of loops. Raises ValueError for one that is none, below 1, or more than are run."""
    counts = []
    for text in loops:
        try:
            count = LoopCount.read(text)
        except ValueError:
            count = LoopCount(0, 0)
        if count.factor + count.more < 1:
            more = ", or needed+2 for as many as an input needs" if LOOPS_NEEDED in task.offers else ""
            raise ValueError(f"{str(text)[:40]!r} is no number of loops; write {A_NUMBER}{more}.")
        counts.append(count)
    return counts


def true_numbers(task: tasks.Task, inputs: Inputs) -> np.ndarray:
    """Return what `far_off` compares a model with. Raises ValueError where no answers came with the inputs."""
    if inputs.untold is not None and task.answer_column:
        raise ValueError(
            f"{inputs.source['file']}, line {inputs.untold}: nothing tells the true answers; name them in a CSV column "
            f"called {task.answer_column}, beside {task.columns[0]}."
        )
    if inputs.answers is None or inputs.untold is not None:
        raise ValueError(f"the answers of {task.name} are made with its inputs; leave out --data and --size.")
    return task.targets(inputs.tokens, inputs.answers)


def tried_again(
    checkpoint: Checkpoint, inputs: Inputs, wanted: np.ndarray, once: np.ndarray, tries: int, detail: bool
) -> dict[str, Any]:
    """Run inputs that are answered wrongly again, up to `tries` runs each, until the rules say that one is right.

    Further runs are of images under random symmetries, whose answers mean the same. once (numbers of loops, count) says
    which inputs are right in the run of the input itself, after wanted (numbers of loops, count) loops.

    Returns "tries"; and at each number of loops "accuracy" and its "interval", "runs", how many runs that took in all,
    and "loops_run", the loops of those; "seconds", of the further runs; with `detail` "by" and "wrong" as `evaluate`.
    """
    started = time.perf_counter()
    task, tokens, right = checkpoint.task, inputs.tokens, once.copy()
    runs, loops_run = np.full(len(wanted), right.shape[1]), wanted.sum(1)
    rng = np.random.default_rng(HELD_OUT_SEED)
    for _ in range(1, tries):
        left = np.flatnonzero(~right.all(0))
        images, _ = task.augment(tokens[left], tokens[left], rng)
        runs += (~right).sum(1)
        loops_run += (wanted * ~right).sum(1)
        right[:, left] |= measure(checkpoint.model, task, images, wanted[:, left]).right
    result: dict[str, Any] = {
        "tries": tries,
        "accuracy": accuracies(right),
        "interval": intervals(right),
        "runs": runs.tolist(),
        "loops_run": loops_run.tolist(),
        "seconds": round(time.perf_counter() - started, 2),
    }
    if detail:
        result["by"] = {name: by_band(labels, right) for name, labels in task.bands(tokens).items()}
        result["wrong"] = [inputs.numbers[i] for i in np.flatnonzero(~right[-1]).tolist()]
    return result


def nearness(checkpoint: Checkpoint, found: Measured, tokens: np.ndarray) -> dict[str, Any]:
    """Count the held-out inputs that are nearly like a possible training input, for `evaluate`; {} where unknown.

    "near" holds the words of `Task.near_training`, and how many such inputs there are; "apart" how many others, and
    the accuracies on those. A checkpoint whose weights were carried over from another task met no input of this one.
    """
    task, trained = checkpoint.task, checkpoint.info.get("training", {}).get("recipe", {}).get("task")
    known = task.near_training(tokens, **splitting(checkpoint)) if trained in (None, task.name) else None
    if known is None:
        return {}
    apart = found.right[:, ~known.near]
    return {
        "near": {"words": known.words, "n": int(known.near.sum())},
        "apart": {"n": apart.shape[1], "accuracy": accuracies(apart) if apart.size else []},
    }


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
    if asked > MOST_LOOPS:
        raise ValueError(f"{asked:,} loops would take too long; at most {MOST_LOOPS:,} are run.")
    if most is not None and asked > most:
        raise ValueError(
            f"{checkpoint.name} is a standard transformer with {most} layers; it cannot be run for {asked} loops."
        )
    return wanted


def by_band(labels: np.ndarray, right: np.ndarray) -> dict[str, dict[str, Any]]:
    """Return the count and the accuracies of each band, in the order of the numbers in their labels.

    labels (count,), right (numbers of loops, count).
    """
    found = {}
    for band in sorted(np.unique(labels), key=lambda band: ([int(part) for part in re.findall("[0-9]+", band)], band)):
        chosen = labels == band
        found[str(band)] = {"n": int(chosen.sum()), "accuracy": accuracies(right[:, chosen])}
    return found
