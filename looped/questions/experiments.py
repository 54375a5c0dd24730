"""The experiments of `looped.experiments`, asked of a checkpoint from a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from looped.experiments import EXPERIMENTS
from looped.questions.question import Asked, step
from looped.serving.message import Packed


def ask_experiment(name: str) -> Callable[[Asked], Iterator[Packed]]:
    """Return what asks an experiment.

    Arrays F32 and meta are the fields of its result, estimates as [value, low, high] of a 95 % interval; NaN where
    nothing is known yet. "inputs" in the meta is the command that gives the same; "told", in that of the last step, is
    the sentence by what it is about; before, it is empty.
    """

    def ask(asked: Asked) -> Iterator[Packed]:
        command = f"those of python -m looped experiment {name} --checkpoint {asked.checkpoint.name}"
        for share, result in EXPERIMENTS[name].run(asked.checkpoint):
            arrays = {key: array.astype(np.float32) for key, array in result.arrays().items()}
            told = result.parts() if share == 1 else []
            yield step(share, arrays, **result.about(), inputs=command, told=told)

    return ask
