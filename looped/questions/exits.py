"""Exit rules: how many loops does each cost, and how often is the answer right where it stops?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from looped.catalogue.inputs import Drawn, hardest_known, held_out
from looped.catalogue.intervals import bootstrap_mean, sides, wilson
from looped.lenses.halting import RULES, Cheapest, Curve, Rule, cheapest, curve, peak, saved, survey
from looped.lenses.halting_numbers import RULES as NUMBER_RULES
from looped.lenses.halting_numbers import cheapest_error, error_curves, survey_numbers
from looped.questions.question import Asked, step
from looped.serving.message import Arrays, Packed

BOARDS, SEED = 64, 7  # held-out inputs of a survey


def ask_exits(asked: Asked) -> Iterator[Packed]:
    """Try the exit rules on held-out inputs; see `_survey`, of numbers `_survey_numbers`."""
    task = asked.checkpoint.task
    drawn = held_out(asked.checkpoint, BOARDS, SEED)
    if asked.checkpoint.model.output_kind == "numbers":
        assert drawn.answers is not None  # of generated inputs they are known
        return _survey_numbers(asked, drawn, task.targets(drawn.tokens, drawn.answers))
    return _survey(asked, drawn)


def ask_exits_minimal(asked: Asked) -> Iterator[Packed]:
    """Try the exit rules on the hardest held-out inputs: the whole file of the task, or generated ones."""
    return _survey(asked, hardest_known(asked.checkpoint.task, BOARDS, SEED))


def _survey(asked: Asked, drawn: Drawn) -> Iterator[Packed]:
    """Measure cost and accuracy of every exit rule, and of stopping everywhere after the same number of loops.

    Arrays: fixed (loops,) F32, the share that is right after each loop; rule0, rule1, … (2, thresholds) F32, mean
    loops and accuracy. Meta: runs so far, data and inputs (what they are; `Drawn`), rules (their names), and cheapest:
    the rule that is as often right as the whole run with the fewest loops, those loops on average, everywhere, the
    loops after which stopping everywhere is as often right, saves, whether it surely saves loops against that, and
    whole, the 95 % interval of the whole run's accuracy; and peak, the share that is right where each run is most
    confident, which costs the whole run, with peak_interval.
    """
    task, model, names = asked.checkpoint.task, asked.checkpoint.model, [rule.name for rule in RULES]
    tokens, about = drawn.tokens, {"data": drawn.data, "inputs": drawn.inputs, "rules": names}
    for seen in survey(model, tokens, task.right, asked.loops, task.asked(tokens)):
        done = seen.right.shape[1]
        fixed = seen.right.mean(1)
        curves = [curve(watched, seen.right, rule.patience) for watched, rule in zip(seen.watched, RULES, strict=True)]
        best = _best(cheapest(curves, fixed), seen.watched, RULES) | {"whole": wilson(float(fixed[-1]), done)}
        surest = peak(seen.watched[names.index("confidence")])
        at_peak = float(seen.right[surest - 1, np.arange(done)].mean())
        best |= {"peak": at_peak, "peak_interval": wilson(at_peak, done)}
        yield step(done / len(tokens), _packed(fixed, curves), runs=done, **about, cheapest=best)


def _survey_numbers(asked: Asked, drawn: Drawn, targets: np.ndarray) -> Iterator[Packed]:
    """Measure cost and error of every exit rule for numbers; as `_survey`, with the error in place of the accuracy.

    cheapest is the rule that has the error of the whole run, or 5 % more, with the fewest loops.
    """
    model, names = asked.checkpoint.model, [rule.name for rule in NUMBER_RULES]
    inputs, about = drawn.tokens, {"data": drawn.data, "inputs": drawn.inputs, "rules": names}
    for seen in survey_numbers(model, inputs, targets, asked.loops):
        done = seen.error.shape[1]
        fixed, curves = seen.error.mean(1), error_curves(seen)
        whole = bootstrap_mean(seen.error[-1]).tolist()
        best = _best(cheapest_error(curves, fixed), seen.watched, NUMBER_RULES) | {"whole": whole}
        yield step(done / len(inputs), _packed(fixed, curves), runs=done, **about, cheapest=best)


def _best(found: Cheapest, watched: np.ndarray, rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the cheapest rule for the message; watched (rules, loops, runs).

    It saves loops where the 95 % interval of what it saves lies above zero. The rule and its threshold were chosen on
    the same runs, so the interval is rather too good.
    """
    fewer = saved(watched[found.rule], rules[found.rule], found)
    saves = bool(sides(bootstrap_mean(fewer.astype(np.float64))) > 0)
    return {"rule": found.rule, "loops": found.loops, "everywhere": found.everywhere, "saves": saves}


def _packed(fixed: np.ndarray, curves: Sequence[Curve]) -> Arrays:
    """Return the arrays of an answer."""
    arrays = {"fixed": fixed.astype(np.float32)}
    for i, along in enumerate(curves):
        arrays[f"rule{i}"] = np.stack([along.loops, along.accuracy]).astype(np.float32)
    return arrays
