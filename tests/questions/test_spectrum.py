"""The spectrum of the loop map: the answer is the lens's."""

from __future__ import annotations

import numpy as np

from looped.lenses.fixed_point import long_run, loop_map, spectral_radius
from looped.questions import Asked
from looped.runs.trace import Trace
from questions.replies import LOOPS, last


def test_spectrum(asked: Asked, trace: Trace) -> None:
    answer = last("spectrum", asked)["arrays"]
    assert answer["at"].tolist() == list(range(LOOPS))
    wanted = spectral_radius(
        [loop_map(asked.checkpoint.model, asked.tokens, loop) for loop in range(LOOPS)], trace.hidden[:-1]
    )
    np.testing.assert_allclose(answer["radius"][0], wanted.value, rtol=1e-4)
    assert (
        answer["radius"][1] >= 0.99 * answer["radius"][0]
    ).all()  # no difference grows more than the most that can be
    assert answer["long_run"].tolist() == long_run(wanted).tolist()
