"""How far does a change of one place of the input reach, loop by loop?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.inputs import splitting
from looped.lenses.locality import locality, steps_between, steps_on
from looped.questions.question import Asked, step
from looped.serving.message import Arrays, Packed

INPUTS = 64  # among which other tokens for the place are looked for,
IMAGES = 16  # and so many images of each under symmetries: with the inputs alone a token would be missing now and then
SEED = 7  # of these inputs
MOST = 9  # tokens that are tried


def ask_locality(asked: Asked) -> Iterator[Packed]:
    """Put other tokens at the chosen place and tell how much the states of all places change.

    Where nothing else can stand at it, as at the places for an answer, the first place that can change takes its part.
    Arrays: change (loops + 1, places) F32; bands (bands, 2) U16, the smallest and largest distance of each band;
    mean and touched (loops + 1, bands) F32; near (loops + 1,) F32; reach (loops + 1,) I16
    (`looped.lenses.locality`). Meta: cell, the place that was changed; chosen, whether it is the chosen one; tried, how
    many tokens, the first of those that are possible; inputs, where these stand; even; kind, what a step is: "group",
    "grid" or "sequence". Raises ValueError where no place can change.
    """
    task, model, tokens = asked.checkpoint.task, asked.checkpoint.model, asked.tokens
    place, others = _others(asked)
    layout = task.layout(tokens)
    if layout.units:
        kind, distance = "group", steps_between([numbers for _, numbers in layout.units], place)
    else:
        kind = "grid" if layout.grid else "sequence"
        distance = steps_on(layout.rows, len(tokens), place, layout.grid)
    found = locality(model, tokens, place, others[:MOST].tolist(), distance, asked.loops)
    arrays: Arrays = {
        "change": found.change.astype(np.float32),
        "bands": found.bands.astype(np.uint16),
        "mean": found.mean.astype(np.float32),
        "touched": found.touched.astype(np.float32),
        "near": found.near.astype(np.float32),
        "reach": found.reach.astype(np.int16),
    }
    things = asked.checkpoint.task.things
    inputs = (
        f"tokens of {INPUTS} generated held-out {things}, seed {SEED}, and {IMAGES} images of each under symmetries"
    )
    about = {
        "inputs": inputs,
        "cell": place,
        "chosen": place == asked.cell,
        "tried": len(others[:MOST]),
        "possible": len(others),
    }
    yield step(1, arrays, **about, even=found.even, kind=kind)


def _others(asked: Asked) -> tuple[int, np.ndarray]:
    """Return the chosen place, or the first that can change, and the other tokens that other inputs have there.

    Those are held-out inputs and their images under symmetries.
    """
    task, tokens = asked.checkpoint.task, asked.tokens
    made, answers = task.sample(INPUTS, SEED, "held-out", **splitting(asked.checkpoint))
    rng = np.random.default_rng(SEED)
    inputs = np.concatenate([made, *(task.augment(made, answers, rng)[0] for _ in range(IMAGES))])
    clues, can = task.clues(inputs), task.clues(tokens[None])[0]
    if task.layout(tokens).numbered:
        can = can | (tokens == 0)  # a blank, where a clue might stand
    places = np.flatnonzero(can).tolist()
    for place in (asked.cell, *places) if can[asked.cell] else places:
        others = np.unique(inputs[clues[:, place], place])
        others = others[others != tokens[place]]
        if len(others):
            return place, others
    raise ValueError(f"No {task.terms.place} of this {task.terms.input} can change: nothing else ever stands there.")
