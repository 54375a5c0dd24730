"""Which entries of a table of dynamic programming can be read from the states, loop by loop?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.intervals import bootstrap_mean, sides
from looped.lenses.probes import without_loops
from looped.lenses.wavefront import Table, Wavefront, hit, hits, wavefront
from looped.questions import kept
from looped.questions.probes import spread
from looped.questions.question import Asked, step
from looped.serving.message import Packed
from looped.tasks.protocol import Task

PAIRS, ENTRIES = 128, 64  # inputs that probes are fitted to and tried on, and entries of the table of each
FRESH = 32  # held-out inputs on which the table's diagonals are tried
SEEDS = (11, 12)  # of these and of those


def entries(task: Task, tokens: np.ndarray, most: int | None = None) -> Table:
    """Return entries of the tables of inputs (count, positions): all, or at most so many of each, as samples."""
    found = task.table_entries(tokens, most)
    return Table(found.tokens, found.places, found.numbers)


def ask_wavefront(asked: Asked) -> Iterator[Packed]:
    """Read the table of this input, and of fresh ones by anti-diagonal; more is known with every few loops.

    Arrays: accuracy and control (loops + 1,) F32 of the probes; diagonals (diagonals, loops + 1) F32, the share of
    entries of fresh inputs that is read right; diagonals_without (diagonals,) F32, that without any loop, the larger of
    place and embedded there; above (diagonals, loops + 1) U8, 1 where the 95 % interval of what a loop knows beyond
    that, over the fresh inputs, is above zero; read (loops + 1, rows, columns) I16, the numbers that are read; hit (the
    same) I16, 1 where one is right and 0 where it is wrong; hits (loops + 1,) I16, how many are right. NaN and −1 where
    not known yet; interval (loops + 1, 2) F32, the 95 % intervals of accuracy (bootstrap over held-out inputs); gain
    (loops + 1,) I8, 1 where that of accuracy − without lies above 0, −1 where it lies below. Meta, in the last step:
    baseline, place, control_baseline, embedded, without (the larger of place and embedded), fitted and held_out
    (inputs), samples, fresh, data and inputs (what they are).
    """
    checkpoint, task = asked.checkpoint, asked.checkpoint.task
    longest = task.trained_length()
    half = longest // 2
    fitted = entries(task, task.sample_length(PAIRS, seed=SEEDS[0], low=half, high=longest, split="train"), ENTRIES)
    fresh = task.table_entries(task.sample_length(FRESH, seed=SEEDS[1], low=longest, high=longest))
    one = entries(task, asked.tokens[None])
    shape = task.table_shape(asked.tokens)
    what = f"table-{asked.loops}-{PAIRS}-{ENTRIES}"
    probes = kept.load(checkpoint, what)
    for found in wavefront(
        checkpoint.model,
        fitted,
        Table(fresh.tokens, fresh.places, fresh.numbers),
        one,
        asked.loops,
        probes,
    ):
        arrays = _arrays(found, fresh.diagonals)
        arrays["read"] = found.read.reshape(-1, *shape).astype(np.int16)
        arrays["hit"] = hit(found.read, one.numbers[0]).reshape(-1, *shape).astype(np.int16)
        arrays["hits"] = hits(found.read, one.numbers[0]).astype(np.int16)
        if found.probes is None:
            unknown = np.full((*found.accuracy.shape, 2), np.nan, np.float32)
            yield step(found.share, arrays | {"interval": unknown, "gain": sides(unknown)})
            continue
        if probes is None:
            kept.keep(found.probes, checkpoint, what)
        interval, beyond = spread(found.probes, slice(None))
        fitted_to, held_out = (int(runs) for runs in found.probes.runs)
        yield step(
            1,
            arrays | {"interval": interval, "gain": sides(beyond)},
            baseline=float(found.probes.baseline[0]),
            place=float(found.probes.place[0]),
            control_baseline=float(found.probes.control_baseline[0]),
            embedded=float(found.probes.embedded[0]),
            without=float(without_loops(found.probes.place, found.probes.embedded)[0]),
            fitted=fitted_to,
            held_out=held_out,
            samples=int(found.probes.samples[1]),
            fresh=FRESH,
            data=f"{half} to {longest} {task.terms.clues}",
            inputs=f"fitted to {fitted_to} generated {task.things} of the training side and tried on {held_out} "
            f"others, seed {SEEDS[0]}; diagonals on {FRESH} others, seed {SEEDS[1]}",
        )


def _arrays(found: Wavefront, diagonals: np.ndarray) -> dict[str, np.ndarray]:
    """Return what is known so far of fresh inputs of one length; `diagonals` (inputs, entries) are theirs."""
    places = [diagonals[0] == each for each in range(int(diagonals.max()) + 1)]  # all fresh inputs are of one length
    right = np.stack([found.right[:, place].mean(1) for place in places], 1)  # (inputs, diagonals, loops + 1)
    alone = np.stack([found.alone[:, :, place].mean(-1) for place in places], -1)  # (2, inputs, diagonals)
    better = alone.mean(1).argmax(0)
    without = np.where(better, alone[1], alone[0])
    beyond = bootstrap_mean(np.nan_to_num(right - without[..., None]))[0]  # the lower ends; 0 where not known yet
    return {
        "accuracy": found.accuracy.astype(np.float32),
        "control": found.control.astype(np.float32),
        "diagonals": right.mean(0).astype(np.float32),
        "diagonals_without": without.mean(0).astype(np.float32),
        "above": (beyond > 0).astype(np.uint8),
    }
