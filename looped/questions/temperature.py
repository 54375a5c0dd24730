"""Temperature: what becomes of the answers when attention is softmax(scores / temperature)?"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from looped.lenses.temperature import summary, temperatures
from looped.questions.question import Asked, step
from looped.runs.trace import record
from looped.serving.message import Packed

TEMPERATURES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.5, 2.0, 4.0)


def ask_temperature(asked: Asked) -> Iterator[Packed]:
    """Run the same weights at other temperatures, those nearest to 1 first.

    Arrays: same (temperatures, loops) F32, the share of asked answers that are those at temperature 1, NaN where not
    run yet; right (temperatures, loops) U8, whether the whole answer is right. Meta: temperatures; right_at, those at
    which the last answer is right; hard, first and agree of hardmax, None where it is not run yet.
    """
    task = asked.checkpoint.task
    counted = task.asked(asked.tokens)
    plain = record(asked.checkpoint.model, asked.tokens, asked.loops, verify=False).answers
    same = np.full((len(TEMPERATURES), asked.loops), np.nan, np.float32)
    right = np.zeros((len(TEMPERATURES), asked.loops), np.uint8)
    order = sorted(range(len(TEMPERATURES)), key=lambda i: abs(math.log(TEMPERATURES[i] or 0.1)))
    for done, i in enumerate(order, 1):
        answers = temperatures(asked.checkpoint.model, asked.tokens, asked.loops, (TEMPERATURES[i],)).answers[0]
        same[i] = (answers == plain)[:, counted].mean(-1) if counted.any() else 1
        right[i] = task.right(np.broadcast_to(asked.tokens, answers.shape), answers)
        found = summary(TEMPERATURES, same, right.astype(bool))
        yield step(
            done / len(order),
            {"same": same.copy(), "right": right.copy()},
            temperatures=TEMPERATURES,
            right_at=found.right_at,
            hard=None if found.hard is None else found.hard._asdict(),
        )
