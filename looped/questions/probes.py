"""What can linear probes read from the states of this input, loop by loop, and how far can they be trusted?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.probes import Probes, by_kind, fit, hidden_states, hits, read, same_runs
from looped.questions import kept
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed

PROBED = 96  # inputs that probes are fitted to and tried on


def ask_probes(asked: Asked) -> Iterator[Packed]:
    """Fit probes to the labels of the task, or take those kept from an earlier time, and read this input's states.

    Arrays: accuracy and control (kinds, loops + 1) and baseline (kinds,) F32, on inputs that the probes were not fitted
    to; read (loops + 1, positions, labels) U8, the class that is read; truth (positions, labels) I8, the true one, −1
    where nothing is asked or it is not known; hits (kinds, loops + 1, positions) F16, the share of a position's labels
    that is read right, NaN where truth is not known. Nothing is sent before all is fitted.
    Meta: kinds [name, first label, labels], fitted and held_out (inputs), samples (of those held out), data.
    """
    checkpoint = asked.checkpoint
    what = f"labels-{asked.loops}-{PROBED}"
    probes = kept.load(checkpoint, what)
    if probes is None:
        for share, probes in _fitted(asked):
            if probes is None:
                yield step(0.98 * share, {})
        if probes is None:
            raise RuntimeError("a fit of probes ended without them.")
        kept.keep(probes, checkpoint, what)
    yield _told(asked, probes)


def _fitted(asked: Asked) -> Iterator[tuple[float, Probes | None]]:
    """Yield the share of the fit that is done and, at last, the probes."""
    task = asked.checkpoint.task
    tokens, answers = task.sample(PROBED, seed=11, split="train")
    labels = np.concatenate(list(task.probe_labels(tokens, answers).values()), -1)
    states = hidden_states(asked.checkpoint.model, tokens, asked.loops)
    for found in fit(states, labels, groups=same_runs(tokens)):
        yield found.done / found.total, found.probes


def _told(asked: Asked, probes: Probes) -> Packed:
    """Read this input's states with the probes."""
    trace = record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False)
    truth, kinds = _truth(asked)
    parts = [slice(first, first + count) for _, first, count in kinds]
    answers, found = read(probes, trace.hidden).answers, by_kind(probes, parts)
    arrays: dict[str, np.ndarray] = {
        "accuracy": found.accuracy.astype(np.float32),
        "control": found.control.astype(np.float32),
        "baseline": found.baseline.astype(np.float32),
        "read": answers.astype(np.uint8),
        "truth": truth.astype(np.int8),
        "hits": hits(answers, truth, parts).astype(np.float16),
    }
    return step(
        1,
        arrays,
        kinds=kinds,
        fitted=int(probes.runs[0]),
        held_out=int(probes.runs[1]),
        samples=int(probes.samples[1]),
        data=asked.checkpoint.task.usual,
    )


def _truth(asked: Asked) -> tuple[np.ndarray, list[tuple[str, int, int]]]:
    """Return the true labels of this input, (positions, labels), and name, first label and labels of each kind.

    A label is −1 where nothing is asked; without a solution also where it depends on the answer, which two made-up
    answers tell.
    """
    labels_of = asked.checkpoint.task.probe_labels
    tokens = asked.tokens[None]
    if asked.solution is None:
        one, other = (labels_of(tokens, np.full_like(tokens, answer)) for answer in (1, 2))
        labels = {name: np.where(one[name] == other[name], one[name], -1) for name in one}
    else:
        labels = labels_of(tokens, asked.solution[None])
    kinds, first = [], 0
    for name, values in labels.items():
        kinds.append((name, first, values.shape[-1]))
        first += values.shape[-1]
    return np.concatenate(list(labels.values()), -1)[0], kinds
