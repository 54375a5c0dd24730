"""Exit rules: how many loops does each cost, and how often is the answer right where it stops?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from looped.catalogue.inputs import read_puzzles
from looped.lenses.halting import RULES, cheapest, curve, survey
from looped.places import resource
from looped.questions.question import Asked, step
from looped.serving.message import Packed

BOARDS = 64  # held-out inputs of a survey


def ask_exits(asked: Asked) -> Iterator[Packed]:
    """Try the exit rules on held-out inputs; see `_survey`."""
    task = asked.checkpoint.task
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out")
    return _survey(asked, tokens, task.usual)


def ask_exits_minimal(asked: Asked) -> Iterator[Packed]:
    """Try the exit rules on the hardest held-out inputs: the whole file of the task, or generated ones."""
    task = asked.checkpoint.task
    file = task.hardest_file()
    tokens = task.sample_hardest(BOARDS, seed=7) if file is None else read_puzzles(resource(f"assets/{file}"), task)
    return _survey(asked, tokens, f"no {task.terms.clue} to spare")


def _survey(asked: Asked, tokens: np.ndarray, data: str) -> Iterator[Packed]:
    """Measure cost and accuracy of every exit rule, and of stopping everywhere after the same number of loops.

    Arrays: fixed (loops,) F32, the share that is right after each loop; rule0, rule1, … (2, thresholds) F32, mean
    loops and accuracy. Meta: runs so far, data (what the inputs are), rules (their names), and cheapest: the rule
    that is as often right as the whole run with the fewest loops, those loops on average, and plain, the loops after
    which stopping everywhere is as often right.
    """
    task, model = asked.checkpoint.task, asked.checkpoint.model
    for seen in survey(model, tokens, task.right, asked.loops, task.asked(tokens)):
        done = seen.right.shape[1]
        fixed = seen.right.mean(1)
        curves = [curve(watched, seen.right, rule.patience) for watched, rule in zip(seen.watched, RULES, strict=True)]
        arrays = {"fixed": fixed.astype(np.float32)}
        for i, along in enumerate(curves):
            arrays[f"rule{i}"] = np.stack([along.loops, along.accuracy]).astype(np.float32)
        names = [rule.name for rule in RULES]
        best = cheapest(curves, fixed)._asdict()
        yield step(done / len(tokens), arrays, runs=done, data=data, rules=names, cheapest=best)
