"""What can linear probes read from the states of this input, loop by loop, and how far can they be trusted?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.lenses.probes import Probes, fit, hidden_states, read, same_runs
from looped.questions import kept
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed

PROBED = 96  # inputs that probes are fitted to and tried on


def ask_probes(asked: Asked) -> Iterator[Packed]:
    """Fit probes to the labels of the task, or take those kept from an earlier time, and read this input's states.

    Arrays: accuracy and control (labels, loops + 1) and baseline (labels,) F32, on inputs that the probes were not
    fitted to; read (loops + 1, positions, labels) U8, the class that is read. Nothing is sent before all is fitted.
    Meta: fitted and held_out (inputs), samples (of those held out), data.
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
    arrays: dict[str, np.ndarray] = {
        "accuracy": probes.accuracy.astype(np.float32),
        "control": probes.control.astype(np.float32),
        "baseline": probes.baseline.astype(np.float32),
        "read": read(probes, trace.hidden).answers.astype(np.uint8),
    }
    return step(
        1,
        arrays,
        fitted=int(probes.runs[0]),
        held_out=int(probes.runs[1]),
        samples=int(probes.samples[1]),
        data=asked.checkpoint.task.usual,
    )
