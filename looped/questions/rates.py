"""The rate experiments of `looped.experiments.rates`, asked from the page Theory: they are about no checkpoint."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.experiments.form import Step
from looped.experiments.rates import find
from looped.questions.question import step
from looped.serving.message import Packed


def ask_rate(name: str) -> Iterator[Packed]:
    """Make an experiment as the page has it. Raises ValueError, at once, where there is none of that name.

    Arrays F32 and meta are the fields of its result, estimates as [value, low, high] of a 95 % interval; NaN where
    nothing is known yet. "told" in the meta of the last step is the sentence by what it is about; before, it is empty.
    """
    return _steps(name, find(name).run())


def _steps(name: str, steps: Iterator[Step]) -> Iterator[Packed]:
    for share, result in steps:
        arrays = {key: array.astype(np.float32) for key, array in result.arrays().items()}
        yield step(share, arrays, **result.about(), rate=name, told=result.parts() if share == 1 else [])
