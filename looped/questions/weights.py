"""Do the states hold the weights of the function, or what they are computed from?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.intervals import percentiles, resamples, sides
from looped.lenses.numeric_probes import NumericProbes, fit, pooled_input, pooled_states, read
from looped.questions.question import Asked, step
from looped.serving.message import Packed

PROMPTS, SEED = 384, 11  # that probes are fitted to and tried on


def ask_weights(asked: Asked) -> Iterator[Packed]:
    """Fit linear probes to prompts of as many examples as this one, and read this prompt with them.

    Arrays: explained and control (kinds, loops + 1), embedded (kinds) F32, shares of the variance explained on held-out
    prompts; interval (kinds, loops + 1, 2) F32, the 95 % interval of explained over the held-out prompts; gain (kinds,
    loops + 1) I8, 1 where that of its difference from the control is above zero, −1 below, 0 around; read (kinds,
    loops + 1, numbers) and truth (kinds, numbers) F32, of this prompt; off (kinds, loops + 1) F32, the root mean square
    by which they differ. Nothing is sent before all is fitted. Meta: kinds (names), fitted and held_out (prompts),
    examples (of each), inputs (what they are). Raises ValueError for a prompt without examples.
    """
    task, model = asked.checkpoint.task, asked.checkpoint.model
    known = task.clues(asked.tokens)
    size = int(known.sum())
    if not size:
        raise ValueError(f"This {task.terms.input} has no {task.terms.clue} that a function could be learned from.")
    inputs, _ = task.sample(PROMPTS, seed=SEED, split="train", **task.of_size(size))
    true, control = task.probe_numbers(inputs), task.probe_numbers(inputs, control=True)
    places = task.clues(inputs[0])
    states, embedded = pooled_states(model, inputs, places, asked.loops), pooled_input(model, inputs, places)
    for found in fit(states, list(true.values()), list(control.values()), embedded):
        if found.probes is None:
            yield step(0.98 * found.done / found.total, {})
        else:
            yield _told(asked, found.probes, size)


def _told(asked: Asked, probes: NumericProbes, size: int) -> Packed:
    """Read this prompt with the probes."""
    task, model = asked.checkpoint.task, asked.checkpoint.model
    own = asked.tokens[None]
    true = task.probe_numbers(own)
    truth = np.stack([numbers[0] for numbers in true.values()])
    states = pooled_states(model, own, task.clues(asked.tokens), asked.loops)(np.array([0]))[0]
    said = np.stack(read(probes, states))
    arrays: dict[str, np.ndarray] = {
        "explained": probes.explained,
        "control": probes.control,
        "embedded": probes.embedded,
        **_intervals(probes),
        "read": said,
        "truth": truth,
        "off": np.sqrt(np.square(said - truth[:, None]).mean(-1)),
    }
    fitted, held_out = probes.prompts
    arrays = {name: array if name == "gain" else array.astype(np.float32) for name, array in arrays.items()}
    inputs = (
        f"fitted to {fitted} generated {task.things} of the training side and tried on {held_out} others, {size} "
        f"{task.terms.clues}"
    )
    about = {"inputs": f"{inputs}, seed {SEED}", "fitted": fitted, "held_out": held_out, "examples": size}
    return step(1, arrays, kinds=list(true), **about)


def _intervals(probes: NumericProbes) -> dict[str, np.ndarray]:
    """Return the intervals of the message: probe and control are computed anew on the same resampled prompts."""
    _, held_out = probes.prompts
    drawn = np.stack([np.bincount(row, minlength=held_out) for row in resamples(held_out)])
    missed, spread = probes.missed @ drawn.T, probes.spread @ drawn.T  # (2, kinds, loops + 1, draws), (2, kinds, draws)
    of_probe, of_control = 1 - missed / spread[:, :, None]
    interval, beyond = (
        np.stack(percentiles(np.moveaxis(found, -1, 0)), -1) for found in (of_probe, of_probe - of_control)
    )
    return {"interval": interval, "gain": sides(beyond)}
