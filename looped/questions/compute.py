"""What does more compute bring: an earlier stop, more runs, and which of them is chosen?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.inputs import hardest, held_out
from looped.catalogue.intervals import wilson
from looped.catalogue.results import way_name, way_words
from looped.catalogue.spending import ways_of
from looped.questions.question import Asked, step
from looped.serving.message import Packed
from looped.tasks.protocol import HARDEST

INPUTS, RUNS = 24, 4
SEED = 11  # of inputs on which no checkpoint is measured elsewhere


def ask_compute(asked: Asked) -> Iterator[Packed]:
    """Answer the hardest held-out inputs that the task can make in every way of `looped.lenses.compute`.

    Arrays F32: accuracy (ways, 3), the share that is right and its 95 % interval; loops (ways,), those that are run of
    an input on the mean. Meta: runs (inputs so far), data (what they are), inputs (all of them, and the command that
    gives the same numbers), of_each (runs of each input), words (what each way is), names (the same in few words),
    cheapest, the way with the most right answers, of equally good ones the one that costs least, and more, whether
    those are more than one run to its end has.
    """
    hard = HARDEST in asked.checkpoint.task.offers
    drawn = hardest(asked.checkpoint.task, INPUTS, SEED) if hard else held_out(asked.checkpoint, INPUTS, SEED)
    command = (
        f"python -m looped evaluate {asked.checkpoint.name} {'--hardest ' if hard else ''}--seed {SEED} "
        f"--limit {INPUTS} --loops {asked.loops} --compute {RUNS}"
    )
    about = {"data": drawn.data, "inputs": f"{drawn.inputs}: {command}", "of_each": RUNS}
    for ways in ways_of(asked.checkpoint, drawn.tokens, asked.loops, RUNS):
        done, shares = len(ways[0].right), [float(way.right.mean()) for way in ways]
        loops = [float(way.loops.mean()) for way in ways]
        arrays = {
            "accuracy": np.array([[share, *wilson(share, done)] for share in shares], np.float32),
            "loops": np.array(loops, np.float32),
        }
        best = min(range(len(ways)), key=lambda i: (-shares[i], loops[i]))
        said = {
            "words": [way_words(way._asdict(), RUNS) for way in ways],
            "names": [way_name(way._asdict(), RUNS) for way in ways],
            "cheapest": best,
            "more": shares[best] > shares[0],
        }
        yield step(done / len(drawn.tokens), arrays, runs=done, **about, **said)
