"""Exit rules: how many loops does each cost, and how often is the answer right where it stops?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from looped.catalogue.evaluate import read_puzzles
from looped.lenses.halting import RULES, cheapest, curve, survey
from looped.questions.question import Asked, step
from looped.serving.message import Packed

BOARDS = 64  # held-out inputs of a survey
ASSETS = Path(__file__).resolve().parents[2] / "assets"


def ask_exits(asked: Asked) -> Iterator[Packed]:
    """Try the exit rules on held-out inputs; see `_survey`."""
    task = asked.checkpoint.task
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out")
    return _survey(asked, tokens, task.usual)


def ask_exits_minimal(asked: Asked) -> Iterator[Packed]:
    """Try the exit rules on the hardest held-out inputs: the whole file of the task, or generated ones."""
    task = asked.checkpoint.task
    file = task.hardest_file()
    tokens = task.sample_hardest(BOARDS, seed=7) if file is None else read_puzzles(ASSETS / file, task)
    return _survey(asked, tokens, f"no {task.terms.clue} to spare")


def _survey(asked: Asked, tokens: np.ndarray, data: str) -> Iterator[Packed]:
    """Measure cost and accuracy of every exit rule, and of stopping everywhere after the same number of loops.

    Arrays: fixed (loops,) F32, the share that is right after each loop; rule0, rule1, … (2, thresholds) F32, mean
    loops and accuracy. Meta: runs so far, data (what the inputs are), rules (their names), cheapest: rule, loops and
    plain of `looped.lenses.halting.cheapest`.
    """
    task, model = asked.checkpoint.task, asked.checkpoint.model
    for seen in survey(model, tokens, task.right, asked.loops, task.asked(tokens)):
        done = seen.right.shape[1]
        arrays = {"fixed": seen.right.mean(1).astype(np.float32)}
        curves = [curve(seen.watched[i], seen.right, rule.patience) for i, rule in enumerate(RULES)]
        for i, along in enumerate(curves):
            arrays[f"rule{i}"] = np.stack([along.loops, along.accuracy]).astype(np.float32)
        least = cheapest(curves, seen.right.mean(1))._asdict()
        rules = [rule.name for rule in RULES]
        yield step(done / len(tokens), arrays, runs=done, data=data, rules=rules, cheapest=least)
