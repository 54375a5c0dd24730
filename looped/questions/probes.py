"""What can linear probes read from the states of this input, loop by loop, and how far can they be trusted?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.inputs import splitting
from looped.catalogue.intervals import bootstrap_mean, sides
from looped.lenses.probes import Probes, by_kind, by_place, embedded_input, fit, hidden_states, hits, read, same_runs
from looped.questions import kept
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed

PROBED, SEED = 96, 11  # inputs that probes are fitted to and tried on


def ask_probes(asked: Asked) -> Iterator[Packed]:
    """Fit probes to the labels of the task, or take those kept from an earlier time, and read this input's states.

    Labels are of several kinds, such as candidates or the solution. Arrays: accuracy and control (kinds, loops + 1)
    and baseline, place, control_baseline, embedded and without, the larger of place and embedded, (kinds,) F32, on
    inputs that the probes were not fitted to; interval (kinds, loops + 1, 2) F32, the 95 % intervals of accuracy
    (bootstrap over those inputs); gain (kinds, loops + 1) I8, 1 where that of accuracy − without lies above 0, −1 where
    it lies below. These count labels. Of the asked positions with all labels of a kind right: whole (kinds, loops + 1),
    whole_interval (kinds, loops + 1, 2), whole_place and whole_embedded (kinds,) F32. Of this input: read (loops + 1,
    positions, labels) U8, the class that is read; truth (positions, labels) I8, the true one, −1 where nothing is asked
    or known; hits (kinds, loops + 1, positions) F16, the share of a position's labels that is read right, NaN where one
    is not known. Nothing is sent before all is fitted. Meta: kinds, [name,
    first label, how many] of each; fitted and held_out (inputs), samples (of those held out), data and inputs.
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
    tokens, answers = task.sample(PROBED, seed=SEED, split="train", **splitting(asked.checkpoint))
    named = task.probe_labels(tokens, answers)
    labels = np.concatenate(list(named.values()), -1)
    states = hidden_states(asked.checkpoint.model, tokens, asked.loops)
    embedded = embedded_input(asked.checkpoint.model, tokens)
    for found in fit(states, labels, groups=same_runs(tokens), embedded=embedded, kinds=_slices(named)):
        yield found.done / found.total, found.probes


def _slices(named: dict[str, np.ndarray]) -> list[slice]:
    """Return where the labels of each kind are among all."""
    ends = np.cumsum([labels.shape[-1] for labels in named.values()]).tolist()
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def spread(probes: Probes, kind: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % intervals of the accuracy on one kind of labels, and of what it is above that without any loop.

    (loops + 1, 2) F32 both: bootstrap over held-out runs, difference run by run.
    """
    there = probes.asked > 0
    right, alone = (
        probes.right[there, kind].mean(1),
        probes.alone[:, there, kind].mean(2),
    )  # (runs, loops + 1), (2, runs)
    better = int(np.argmax(alone @ probes.asked[there]))
    found = np.stack([right, right - alone[better][:, None]], -1)
    ends = bootstrap_mean(found, probes.asked[there]).astype(np.float32)  # (2, loops + 1, which)
    return np.moveaxis(ends[..., 0], 0, -1), np.moveaxis(ends[..., 1], 0, -1)


def _wholes(probes: Probes) -> dict[str, np.ndarray]:
    """Return how many of the held-out positions have all labels of a kind right, with what place and input tell."""
    there = probes.asked > 0
    asked, whole = probes.asked[there], probes.whole[there]
    place, embedded = np.average(probes.whole_alone[:, there], axis=1, weights=asked)
    found = {
        "whole": np.average(whole, axis=0, weights=asked),
        "whole_interval": np.moveaxis(bootstrap_mean(whole, asked), 0, -1),
        "whole_place": place,
        "whole_embedded": embedded,
    }
    return {name: array.astype(np.float32) for name, array in found.items()}


def _told(asked: Asked, probes: Probes) -> Packed:
    """Read this input's states with the probes."""
    trace, things = (
        record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False),
        asked.checkpoint.task.things,
    )
    true = asked.checkpoint.task.probe_truth(asked.tokens)
    kinds = _slices(true)
    truth = np.concatenate(list(true.values()), -1)
    answers = read(probes, by_place(trace.hidden, trace.places)).answers
    general = by_kind(probes, kinds)
    ends = [spread(probes, kind) for kind in kinds]
    fitted, held_out = (int(runs) for runs in probes.runs)
    arrays: dict[str, np.ndarray] = {
        "interval": np.stack([interval for interval, _ in ends]),
        "gain": sides(np.stack([beyond for _, beyond in ends])),
        "accuracy": general.accuracy.astype(np.float32),
        "control": general.control.astype(np.float32),
        "baseline": general.baseline.astype(np.float32),
        "place": general.place.astype(np.float32),
        "control_baseline": general.control_baseline.astype(np.float32),
        "embedded": general.embedded.astype(np.float32),
        "without": general.without.astype(np.float32),
        **_wholes(probes),
        "read": answers.astype(np.uint8),
        "truth": truth.astype(np.int8),
        "hits": hits(answers, truth, kinds).astype(np.float16),
    }
    return step(
        1,
        arrays,
        kinds=[[name, kind.start, kind.stop - kind.start] for name, kind in zip(true, kinds, strict=True)],
        fitted=fitted,
        held_out=held_out,
        samples=int(probes.samples[1]),
        data=asked.checkpoint.task.usual,
        inputs=f"fitted to {fitted} generated {things} of the training side and tried on {held_out} others, "
        f"seed {SEED}",
    )
