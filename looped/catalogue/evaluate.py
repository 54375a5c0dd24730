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
from looped.model import Model
from looped.places import input_file

HELD_OUT_SEED = 2410_01405  # of the generated boards that are evaluated on when no file is given


@torch.inference_mode()
def right_by_loop(
    model: Model, task: tasks.Task, tokens: np.ndarray, loops: Sequence[int], batch: int = 50
) -> np.ndarray:
    """Whether each whole answer is right after each number of loops: tokens (count, length) → (len(loops), count) bool."""
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
    """Half, once, twice and four times the trained loops; the layers of a standard transformer."""
    trained = checkpoint.config.trained_loops
    return (
        [trained]
        if checkpoint.config.architecture == "standard"
        else [max(1, trained // 2), trained, 2 * trained, 4 * trained]
    )


def evaluate(
    checkpoint: Checkpoint,
    data: str | None = None,
    loops: Sequence[int] | None = None,
    limit: int | None = None,
    detail: bool = False,
    tries: int = 1,
) -> dict[str, Any]:
    """Whole-answer accuracy at each number of loops, as the command line prints it.

    With `detail` also by the task's bands (for Sudoku: number of givens, and the rating by `looped.tasks.sudoku.rating`), and which inputs are wrong after the last
    number of loops, counted from 1 as they came. Without `data`, on inputs generated on the held-out side of the split by symmetry class (1,000 of them, or `limit`).
    With `tries` an input counts when one of so many runs is right: of the input itself, then of images under random symmetries of
    the task, which mean the same; for tasks whose rules alone tell a right answer, so that nobody has to know one to choose it.
    Raises ValueError with one sentence for a file that cannot be read, loops that cannot be run, and tries that nobody could choose from.
    """
    if tries > 1 and not checkpoint.task.verifiable:
        raise ValueError(
            f"no rule tells whether an answer of {checkpoint.task.name} is right, so nobody could choose among several; leave out --tries."
        )
    loops = list(loops) if loops else default_loops(checkpoint)
    if min(loops) < 1:
        raise ValueError("--loops must be whole numbers of at least 1, separated by commas.")
    if checkpoint.config.architecture == "standard" and max(loops) > checkpoint.config.layers:
        raise ValueError(
            f"{checkpoint.name} is a standard transformer with {checkpoint.config.layers} layers; it cannot be run for {max(loops)} loops."
        )
    if data is None:
        tokens, _ = checkpoint.task.sample(limit or 1000, seed=HELD_OUT_SEED, split="held-out")
        source = {"data": f"generated held-out {checkpoint.task.things}, {checkpoint.task.usual}, seed {HELD_OUT_SEED}"}
    else:
        tokens = read_puzzles(input_file(data), checkpoint.task, limit)
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
        result["by"] = {
            name: {
                str(band): {"n": int(chosen.sum()), "accuracy": [round(float(row[chosen].mean()), 4) for row in right]}
                for band in sorted(
                    np.unique(labels), key=lambda band: (float(band) if band.isdigit() else np.inf, band)
                )
                for chosen in [labels == band]
            }
            for name, labels in checkpoint.task.bands(tokens).items()
        }
        result["wrong"] = [int(i) + 1 for i in np.flatnonzero(~right[-1])]
    return result


def read_puzzles(file: Path, task: tasks.Task, limit: int | None = None) -> np.ndarray:
    """Inputs of a file as tokens (count, length): CSV with the task's columns, or one input a line (# and empty lines skipped).

    Raises ValueError that names the line of the first input that is not one.
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
