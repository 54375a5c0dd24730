"""Sets of inputs to try a checkpoint on, by name: generated ones, the hardest, of every length, examples, one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from looped.catalogue.inputs import HELD_OUT_SEED, LONG, FileInputs, generated_words, read_inputs, read_lines
from looped.places import resource
from looped.tasks import Task
from looped.tasks.protocol import HARDEST, LENGTHS

MOST = 200  # inputs of a set
HELD_OUT, HARD, EVERY_LENGTH, EXAMPLES, OWN = "usual", "hardest", "lengths", "examples", "own"


@dataclass(frozen=True, eq=False)
class Set:
    """Inputs of a task with their names."""

    tokens: list[np.ndarray]  # of each input (positions,); lengths may differ
    names: list[str]
    data: str  # what they are, in words
    notes: dict[str, list[int]]  # sentences about inputs, such as that a board has several solutions, and their rows
    left_out: int = 0  # how many more there were


def sources(task: Task) -> tuple[str, ...]:
    """Return the names of the sets that a task has.

    >>> from looped import tasks
    >>> sources(tasks.get("sudoku4")), sources(tasks.get("lcs12"))
    (('usual', 'hardest', 'examples', 'own'), ('usual', 'hardest', 'lengths', 'examples', 'own'))
    """
    lacking = {HARD: HARDEST, EVERY_LENGTH: LENGTHS}
    every = (HELD_OUT, HARD, EVERY_LENGTH, EXAMPLES, OWN)
    return tuple(name for name in every if name not in lacking or lacking[name] in task.offers)


def choose(task: Task, source: str, text: str = "", **splits: Any) -> Set:
    """Return at most `MOST` inputs of the set called `source`.

    "usual": the first that `evaluate` measures; "hardest": the task's file of hardest inputs, or generated ones;
    "lengths": as many of each length; "examples": those of the page; "own": `text`, as a file for `evaluate` holds it.
    `splits` are the keywords of `sample` that say how training split inputs (`looped.catalogue.inputs.splitting`).
    Raises ValueError with one sentence for a set that the task does not have and for a text that cannot be read.
    """
    if source not in sources(task):
        raise ValueError(f"{task.name} has no inputs called {source[:40]!r}; there are {', '.join(sources(task))}.")
    if source == HELD_OUT:
        return _held_out(task, splits)
    made = {HARD: _hardest, EVERY_LENGTH: _of_every_length, EXAMPLES: _examples}
    return _own(task, text) if source == OWN else made[source](task)


def _held_out(task: Task, splits: Mapping[str, Any]) -> Set:
    tokens, _ = task.sample(MOST, seed=HELD_OUT_SEED, split="held-out", **splits)
    return _numbered(tokens, generated_words(task, splits, HELD_OUT_SEED))


def _hardest(task: Task) -> Set:
    file = task.hardest_file()
    spare = task.terms.hardest
    if file is None:
        hard = task.sample_hardest(MOST, seed=HELD_OUT_SEED)
        return _numbered(hard, f"generated held-out {task.things}, {spare}, seed {HELD_OUT_SEED}")
    return _read(read_inputs(resource(f"assets/{file}"), task), f"held-out {task.things} of {file}, {spare}")


def _of_every_length(task: Task) -> Set:
    lengths = task.lengths()
    each = MOST // len(lengths) // (1 if task.length <= LONG else 2)
    tokens = [row for size in lengths for row in task.sample_length(each, HELD_OUT_SEED, size, size)]
    return _numbered(
        tokens, f"generated {task.things}, {each} of each size from {lengths[0]} to {lengths[-1]}, seed {HELD_OUT_SEED}"
    )


def _examples(task: Task) -> Set:
    tokens = [task.encode(task.parse(text)) for _, text in task.examples]
    return Set(tokens, [name for name, _ in task.examples], f"the examples of {task.name}", {})


def _own(task: Task, text: str) -> Set:
    return _read(read_lines(text.lstrip("\ufeff").splitlines(), task, "Your list"), f"your own {task.things}")


def _read(file: FileInputs, data: str) -> Set:
    rows = {line: row for row, line in enumerate(file.lines[:MOST])}
    notes = {said: [rows[line] for line in lines if line in rows] for said, lines in file.notes.items()}
    names = [name or f"line {line}" for line, name in zip(rows, file.names, strict=False)]
    return Set(list(file.tokens[:MOST]), names, data, notes, max(0, len(file.lines) - MOST))


def _numbered(tokens: np.ndarray | list[np.ndarray], data: str) -> Set:
    return Set(list(tokens), [str(number + 1) for number in range(len(tokens))], data, {})


def batches(inputs: Set, loops: int, work: int, most: int) -> Iterator[np.ndarray]:
    """Yield the inputs in order, (count, positions) each, of one length.

    At most `most` at a time, and so many that positions × loops of all together stay within `work`, at least one.
    """
    part: list[np.ndarray] = []
    for tokens in inputs.tokens:
        room = min(most, work // (len(tokens) * loops))
        if part and (len(tokens) != len(part[0]) or len(part) >= room):
            yield np.stack(part)
            part = []
        part.append(tokens)
    if part:
        yield np.stack(part)
