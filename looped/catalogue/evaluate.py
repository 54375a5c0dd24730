"""How often a checkpoint is right, by number of loops."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint
from looped.model import LoopedModel

HELD_OUT_SEED = 2410_01405  # of the generated boards that are evaluated on when no file is given


@torch.inference_mode()
def right_by_loop(
    model: LoopedModel, task: tasks.Task, tokens: np.ndarray, loops: Sequence[int], batch: int = 50
) -> np.ndarray:
    """Say whether each whole answer is right after each number of loops.

    tokens (count, length) → (len(loops), count) bool.
    """
    device = next(model.parameters()).device
    right = np.zeros((len(loops), len(tokens)), bool)
    for first in range(0, len(tokens), batch):
        part = tokens[first : first + batch].astype(np.int64)
        for state in model.unroll(torch.as_tensor(part, device=device), max(loops)):
            if state.loop in loops:
                answers = model.readout(state.hidden).argmax(-1).cpu().numpy()
                for i in np.flatnonzero(np.asarray(loops) == state.loop):
                    right[i, first : first + batch] = task.right(part, answers)
    return right


def default_loops(checkpoint: Checkpoint) -> list[int]:
    """Return half, once, twice and four times the trained loops; the layers of a standard transformer."""
    trained = checkpoint.model.trained_loops
    if checkpoint.model.most_loops == trained:
        return [trained]
    return [max(1, trained // 2), trained, 2 * trained, 4 * trained]


def evaluate(
    checkpoint: Checkpoint,
    data: str | None = None,
    loops: Sequence[int] | None = None,
    limit: int | None = None,
    detail: bool = False,
    tries: int = 1,
) -> dict[str, Any]:
    """Measure whole-answer accuracy at each number of loops, as the command line prints it.

    With `detail` also by the task's bands (for Sudoku: number of givens, and the rating by
    `looped.tasks.sudoku.rating`), and which inputs are wrong after the last number of loops, counted from 1 in their
    order. Without `data`, on inputs generated on the held-out side of the split by symmetry class: 1,000, or `limit`.
    With `tries` an input counts when one of so many runs is right: of the input itself, then of images under random
    symmetries of the task. This needs a task whose rules alone tell a right answer, so that a user could choose it too.
    Raises ValueError with one sentence for a file that cannot be read, loops that cannot be run, and tries for a task
    whose rules cannot tell a right answer.
    """
    if tries > 1 and not checkpoint.task.verifiable:
        raise ValueError(
            f"no rule tells whether an answer of {checkpoint.task.name} is right, "
            "so nobody could choose among several; leave out --tries."
        )
    loops = list(loops) if loops else default_loops(checkpoint)
    if min(loops) < 1:
        raise ValueError("--loops must be whole numbers of at least 1, separated by commas.")
    most = checkpoint.model.most_loops
    if most is not None and max(loops) > most:
        raise ValueError(
            f"{checkpoint.name} is a standard transformer with {most} layers; it cannot be run for {max(loops)} loops."
        )
    if data is None:
        tokens, _ = checkpoint.task.sample(limit or 1000, seed=HELD_OUT_SEED, split="held-out")
        source = {"data": f"generated held-out {checkpoint.task.things}, {checkpoint.task.usual}, seed {HELD_OUT_SEED}"}
    else:
        tokens = read_puzzles(Path(data), checkpoint.task, limit)
        source = {"data": Path(data).name, "file": Path(data).as_posix()}
    started = time.perf_counter()
    right = right_by_loop(checkpoint.model, checkpoint.task, tokens, loops)
    rng = np.random.default_rng(HELD_OUT_SEED)
    for _ in range(1, tries):
        left = np.flatnonzero(~right.all(0))
        images, _ = checkpoint.task.augment(tokens[left], tokens[left], rng)
        right[:, left] |= right_by_loop(checkpoint.model, checkpoint.task, images, loops)
    result = {
        "checkpoint": checkpoint.name,
        "task": checkpoint.task.name,
        **source,
        "n": len(tokens),
        "loops": loops,
        **({"tries": tries} if tries > 1 else {}),
        "accuracy": [round(float(row.mean()), 4) for row in right],
        "seconds": round(time.perf_counter() - started, 2),
    }
    if detail:
        result["by"] = {name: _by_band(right, labels) for name, labels in checkpoint.task.bands(tokens).items()}
        result["wrong"] = [int(i) + 1 for i in np.flatnonzero(~right[-1])]
    return result


def _by_band(right: np.ndarray, labels: np.ndarray) -> dict[str, dict[str, Any]]:
    """Break right (loops, count) down by labels (count,): the number of inputs and the accuracies of each band.

    Bands that are numbers come first, in their order.
    """

    def order(band: str) -> tuple[float, str]:
        return (float(band) if band.isdigit() else np.inf), band

    found = {}
    for band in sorted(np.unique(labels), key=order):
        chosen = labels == band
        accuracy = [round(float(row[chosen].mean()), 4) for row in right]
        found[str(band)] = {"n": int(chosen.sum()), "accuracy": accuracy}
    return found


def read_puzzles(file: Path, task: tasks.Task, limit: int | None = None) -> np.ndarray:
    """Read the inputs of a file as tokens (count, length).

    The file is CSV with the task's columns, or has one input a line; # and empty lines are skipped. Raises ValueError
    that names the line of the first input that is not one.
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
        skip = ("#", task.columns[0])
        inputs = [
            (i, line) for i, line in enumerate(lines, 1) if line.strip() and not line.strip().lower().startswith(skip)
        ]
        if len(columns) > 1 and not more:  # a comma is no part of an input that has one column
            hint = f" With several columns the first line of a file must name them; it needs {named}."
    if not inputs:
        raise ValueError(
            f"{file} holds no {'input' if more else one}; it needs {named}, or one {'input' if more else one} a line."
        )
    tokens = []
    for number, text in inputs[:limit]:
        try:
            tokens.append(task.encode(task.parse(text)))
        except ValueError as error:
            raise ValueError(f"{file}, line {number}: {error}{hint}") from error
    return np.stack(tokens)
