"""Which inputs does a model answer rightly, and after how many loops? A table of many inputs, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from looped.catalogue.evaluate import by_band, right_by_loop
from looped.catalogue.inputs import splitting
from looped.catalogue.intervals import wilson
from looped.catalogue.sets import Set, batches, choose
from looped.lenses.fixed_point import overthinking
from looped.lenses.readout import outcome
from looped.questions.question import Asked, step
from looped.serving.message import Packed
from looped.tasks import Task

BATCH = 25  # inputs that are run at a time,
WORK = BATCH * 81 * 32  # and positions × loops: so many boards


def ask_inputs(asked: Asked) -> Iterator[Packed]:
    """Run the inputs of the set `asked.source` and say of each after which loops its answer is right.

    Arrays, of the inputs known so far: right (loops, count) bool; since (count,), from which loop on it is right to the
    end, 0 for one that is wrong at the end; lost (count,), in which loop a right answer was lost for good, else 0;
    accuracy (3, loops) F32, the share that is right and its 95 % interval. Meta: data, what the inputs are; total, how
    many; left_out, how many more a file has; names and texts of the inputs; bands and measures by name, of the task;
    notes, of rows; by, the accuracy of each band.
    """
    task, model = asked.checkpoint.task, asked.checkpoint.model
    inputs = choose(task, asked.source, asked.text, **splitting(asked.checkpoint))
    right = np.zeros((asked.loops, 0), bool)
    said: dict[str, Any] = {"names": inputs.names, "texts": [], "bands": {}, "measures": {}}
    for tokens in batches(inputs, asked.loops, WORK, BATCH):
        found = right_by_loop(model, task, tokens, range(1, asked.loops + 1))
        right = np.hstack([right, found])
        said = _told(task, tokens, said)
        yield step(
            right.shape[1] / len(inputs.tokens), _arrays(right), **_about(inputs), **said, by=_by(said["bands"], right)
        )


def _about(inputs: Set) -> dict[str, Any]:
    """Return what is told of the whole set."""
    return {
        "data": inputs.data,
        "total": len(inputs.tokens),
        "left_out": inputs.left_out,
        "notes": inputs.notes,
    }


def _told(task: Task, tokens: np.ndarray, said: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of each input so far, with some more of them (count, positions)."""
    bands = {name: labels.tolist() for name, labels in task.bands(tokens).items()}
    measures = {name: np.asarray(numbers, float).round(2).tolist() for name, numbers in task.measures(tokens).items()}
    return {
        "names": said["names"],
        "texts": said["texts"] + [task.written(row) for row in tokens],
        "bands": {name: said["bands"].get(name, []) + labels for name, labels in bands.items()},
        "measures": {name: said["measures"].get(name, []) + numbers for name, numbers in measures.items()},
    }


def _arrays(right: np.ndarray) -> dict[str, np.ndarray]:
    """Return the arrays of an answer: right (loops, count)."""
    count = right.shape[1]
    since, lost = np.zeros((2, count), np.uint16)
    for row, column in enumerate(right.T):
        since[row] = outcome(column).since or 0
        thought = overthinking(column)
        lost[row] = thought.lost if thought is not None and thought.back is None else 0
    accuracy = np.array([[share, *wilson(share, count)] for share in right.mean(1).tolist()], np.float32).T
    return {"right": right.astype(np.uint8), "since": since, "lost": lost, "accuracy": np.ascontiguousarray(accuracy)}


def _by(bands: dict[str, list[str]], right: np.ndarray) -> dict[str, dict[str, dict[str, Any]]]:
    """Return count, accuracies by loop and their 95 % intervals for every band of every name."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, labels in bands.items():
        found[name] = by_band(np.array(labels), right)
        for band in found[name].values():
            shares = (wilson(share, band["n"]) for share in band["accuracy"])
            band["interval"] = [list(ends) for ends in shares]
    return found
