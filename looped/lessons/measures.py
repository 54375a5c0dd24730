"""What a lesson may ask of a run, by name. Each is read off the arrays and words that lenses made of the run."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from looped.lenses.fixed_point import AT_REST, Verdict, verdict
from looped.lessons.form import NotMeasured
from looped.lessons.machines import MACHINE_NUMBERS, Machine
from looped.lessons.names import nearest
from looped.model import LoopedModel
from looped.model.seam import pass_terms
from looped.serving.message import Packed
from looped.tasks import Task
from looped.tasks.protocol import LOOPS_NEEDED


@dataclass(frozen=True)
class Curve:
    """A number for each loop, from loop 1; None where a loop has none."""

    values: tuple[float | None, ...]


Value = float | None | tuple[int, ...] | Curve
"""A number; None where what is asked never happens; the positions of cells; or a number for each loop."""


OF_NUMBERS = ("error", "method_errors", "descent_nearest", "vectors")
OF_SOLVED = ("wrong", "ends_wrong")
OF_ANSWERS = (*OF_SOLVED, "whole", "flips", "settled", "stops")
"""Arrays of a run that only predicted numbers have, only inputs with one solution, only answers that are no numbers."""


@dataclass(frozen=True)
class Run:
    """One run of a view."""

    packed: Packed  # with what follows from the one solution, `looped.serving.message.with_solution`
    model: LoopedModel
    task: Task
    tokens: np.ndarray
    facts: dict[str, Any]  # of its input: `looped.tasks.protocol.Task.facts`
    ask: Callable[[str], Packed]  # a long question of `looped.questions` about this run

    @property
    def loops(self) -> int:
        """Return how many loops were run."""
        return int(self.packed["meta"]["loops"])

    @property
    def places(self) -> int:
        """Return how many cells its input has."""
        return len(self.tokens)

    @property
    def one(self) -> str:
        """Return what one pass is called: loop, or layer where each has weights of its own."""
        return pass_terms(self.model)["loop"]

    @property
    def several(self) -> str:
        """Return what several passes are called."""
        return pass_terms(self.model)["loops"]

    def array(self, name: str) -> np.ndarray:
        """Return an array of the message. Raises NotMeasured."""
        if name not in self.packed["arrays"]:
            raise NotMeasured(self.lacking(name))
        found: np.ndarray = self.packed["arrays"][name]
        return found

    def lacking(self, name: str) -> str:
        """Return why an array is not known, and what is, as the end of a sentence."""
        if name in OF_NUMBERS:
            return "is known of predicted numbers only; of other answers take “wrong after 3”"
        if name in OF_ANSWERS and "predictions" in self.packed["arrays"]:
            return "is known of answers that are right or wrong; of predicted numbers take “error after 3”"
        if name in OF_SOLVED:
            return "is known of inputs with one solution only; take “last change”, which needs none"
        return "is not known of this run"

    def judge(self) -> None:
        """Raise NotMeasured where nobody knows which answers are right."""
        if not self.facts["judged"]:
            raise NotMeasured(self.lacking("wrong"))

    def verdict(self) -> Verdict:
        """Return how the run ends (`looped.lenses.fixed_point.verdict`). Raises NotMeasured."""
        if not self.packed["meta"]["looped"]:
            raise NotMeasured("is known of loops only; a standard transformer applies each layer once")
        if self.model.round is not None:
            raise NotMeasured("is known of one map only; here the rounds of a search change what it reads")
        return verdict(self.packed["kept"]["hidden"], self.model.trained_loops)

    def at(self, loop: int) -> int:
        """Return where a loop from 1 stands in an array. Raises NotMeasured."""
        if not 1 <= loop <= self.loops:
            raise NotMeasured(f"needs a loop from 1 to {self.loops}")
        return loop - 1


AnyRun = Run | Machine


def _known(run: Run, key: str) -> float | None:
    meta = run.packed["meta"]
    if key not in meta:
        raise NotMeasured(run.lacking(key))
    return None if meta[key] is None else float(meta[key])


def _right(run: Run, key: str) -> float | None:
    run.judge()
    return _known(run, key)


def _lost(run: Run) -> float | None:
    run.judge()
    found = run.packed["meta"].get("overthinking")
    return float(found["lost"]) if found else None


def _back(run: Run) -> float | None:
    run.judge()
    found = run.packed["meta"].get("overthinking")
    return float(found["back"]) if found and found["back"] else None


def _since(run: Run) -> float | None:
    since = run.verdict().since
    return None if since is None else float(since)


def _small_steps(run: Run) -> float | None:
    """Return the first loop of those at the end that move the state by less than AT_REST of its length."""
    moving = np.flatnonzero(~(run.array("residual_relative") < AT_REST))  # the first loop has no length to compare with
    since = int(moving[-1]) + 2 if len(moving) else 1
    return float(since) if since <= run.loops else None


def _period(run: Run) -> float | None:
    period = run.verdict().period
    return None if period is None else float(period)


def _needed(run: Run) -> float:
    if LOOPS_NEEDED not in run.task.offers:
        raise NotMeasured("is known of grids only")
    return float(run.task.loops_needed(run.tokens[None])[0])


def _block_parameters(run: Run) -> float:
    if not run.packed["meta"]["looped"]:
        raise NotMeasured("is known of loops only; a standard transformer has no block that is used again")
    learned = run.model.anatomy.learned
    if learned is None:
        raise NotMeasured("is not known: this model does not say what one loop applies")
    return float(learned)


def _logic(run: Run) -> float | None:
    return _known(run, "order_correlation")


def _still(run: Run) -> int | None:
    """Return the first loop that changes no answer."""
    changed = run.array("whole")[2]
    still = np.flatnonzero(changed[1:] == 0) + 2  # the first loop has no answer before it to change
    return int(still[0]) if len(still) else None


def _wrong_when_still(run: Run) -> float | None:
    loop = _still(run)
    return None if loop is None else float(run.array("wrong")[loop - 1])


def _best_rule(run: Run) -> float | None:
    best = _right(run, "halting_best")
    return None if best is None else best + 1


def _stop(run: Run, rule: int) -> float:
    stops = run.array("stops")
    if not 1 <= rule <= len(stops):
        raise NotMeasured(f"needs a rule from 1 to {len(stops)}")
    return float(stops[rule - 1])


def _head(run: Run, head: int) -> np.ndarray:
    """Return how much more of its attention a head gives to each rule than attention spread evenly would."""
    mass, even = run.array("rules"), run.array("rules_even")  # (rules, loops, layers, heads), (rules, loops)
    if not 1 <= head <= mass.shape[-1]:
        raise NotMeasured(f"needs a head from 1 to {mass.shape[-1]}")
    lift: np.ndarray = mass[..., head - 1].astype(float).mean((1, 2)) - even.astype(float).mean(1)
    return lift


def _error(run: Run) -> np.ndarray:
    """Return the error of predicted numbers after every loop, in percent of the variance of y. Raises NotMeasured."""
    error = run.array("error")
    if not np.isfinite(error).all():
        raise NotMeasured("needs the true function, which is not known of these points")
    percent: np.ndarray = 100 * error.astype(float)
    return percent


def _below(run: Run, percent: int) -> float | None:
    """Return the loop from which on the error stays below so many percent."""
    high = np.flatnonzero(_error(run) >= percent)
    since = int(high[-1]) + 2 if len(high) else 1
    return float(since) if since <= run.loops else None


def _least_error(run: Run) -> float:
    return float(_error(run).argmin() + 1)


def _best_method(run: Run) -> float:
    _error(run)  # where the truth is not known, no method has an error either
    return float(100 * run.array("method_errors").min())


def _gradient_step(run: Run, loop: int) -> float:
    step = float(run.array("descent_nearest")[0, run.at(loop)])
    if step < 0:
        raise NotMeasured("needs examples, and this prompt has none")
    return step


def _sizes(run: Run) -> np.ndarray:
    sizes: np.ndarray = run.ask("turns")["arrays"]["sizes"]
    return sizes


def _wrong_ends(run: Run) -> float:
    found = run.ask("turns")["arrays"]
    wrong = found["sizes"][found["ends_right"] == 0]
    return float(wrong.max()) if len(wrong) else 0.0


def _where(chosen: np.ndarray) -> tuple[int, ...]:
    return tuple(int(at) for at in np.flatnonzero(chosen))


def _most(run: Run, values: np.ndarray) -> tuple[int, ...]:
    asked = run.array("asked").astype(bool)
    return _where(asked & (values == values[asked].max()))


def _all_right(run: Run) -> float | None:
    run.judge()
    whole = np.flatnonzero(run.array("wrong") == 0)
    return float(whole[0] + 1) if len(whole) else None


def _wrong_cells(run: Run) -> tuple[int, ...]:
    return _where(run.array("ends_wrong").astype(bool))


NUMBERS: dict[str, tuple[Callable[[Run], float | None], str]] = {
    "first right": (
        lambda run: _right(run, "first_right"),
        "the loop after which the answer is right for the first time (of two words: the number behind “=”)",
    ),
    "all right": (_all_right, "the loop after which no answer is wrong, for the first time"),
    "right since": (lambda run: _right(run, "right_since"), "the loop from which on it is right to the end"),
    "last change": (lambda run: _known(run, "settled"), "the loop in which an answer changes for the last time"),
    "lost": (_lost, "the loop after which an answer that was right is right no longer"),
    "right again": (_back, "the loop from which on an answer that was lost is right again to the end"),
    "wrong at the end": (lambda run: float(run.array("wrong")[-1]), "how many answers are wrong after the last loop"),
    "comes to rest": (lambda run: float(run.verdict().settled), "1 where the state comes to rest, 0 where not"),
    "rests after": (_since, "the loop after which the state rests"),
    "small steps from": (
        _small_steps,
        "the first loop from which on each moves the state by less than a thousandth of its length",
    ),
    "period": (_period, "after how many loops a state that swings is back"),
    "most changes": (
        lambda run: float(run.array("flips")[-1].max()),
        "how often the answer that changes most often changes",
    ),
    "asked": (lambda run: float(run.array("asked").sum()), "how many answers are asked"),
    "loops": (lambda run: float(run.loops), "how many loops are run"),
    "trained loops": (lambda run: float(run.model.trained_loops), "how many loops training used"),
    "parameters": (lambda run: float(run.packed["meta"]["parameters"]), "how many numbers the model has learned"),
    "block parameters": (
        _block_parameters,
        "how many of them are of the block that every loop applies, without embedding and readout",
    ),
    "agreement with logic": (
        _logic,
        "how alike the order of the answers is to that of logic: 1 the same, 0 not at all",
    ),
    "first still": (
        lambda run: None if _still(run) is None else float(_still(run) or 0),
        "the first loop that changes no answer",
    ),
    "wrong when still": (_wrong_when_still, "how many answers are wrong after that loop"),
    "best rule": (_best_rule, "which exit rule, by its number, stops first of those that stop rightly"),
    "right in other clothes": (
        lambda run: float(run.ask("turns")["meta"]["right"]),
        "how many of 32 runs end right, the input written in other ways (takes seconds)",
    ),
    "different ends": (lambda run: float(len(_sizes(run))), "in how many different answers these 32 runs end"),
    "alike and wrong": (_wrong_ends, "how many of them end in the most frequent wrong answer"),
    "vote is right": (
        lambda run: float(run.ask("turns")["meta"]["vote_right"]),
        "1 where their vote, place by place, is right, 0 where not",
    ),
    "loops needed": (_needed, "of a grid: steps to the farthest cell that can be reached"),
    "examples": (
        lambda run: float(len(run.array("vectors")) - run.array("asked").sum()),
        "of predicted numbers: how many examples the model was shown",
    ),
    "least error": (_least_error, "of predicted numbers: the loop after which their error is least"),
    "error of the best method": (
        _best_method,
        "what the best known method makes of the same examples, in percent of the variance of y",
    ),
}
AT_LOOP: dict[str, tuple[Callable[[Run, int], float | None], str]] = {
    "wrong after": (lambda run, loop: float(run.array("wrong")[run.at(loop)]), "answers that are wrong after loop 3"),
    "changed in": (lambda run, loop: float(run.array("whole")[2, run.at(loop)]), "answers that loop 3 changes"),
    "settled after": (
        lambda run, loop: float(run.array("whole")[3, run.at(loop)]),
        "answers that no loop after loop 3 changes",
    ),
    "step of": (
        lambda run, loop: float(100 * run.array("residual_relative")[run.at(loop)]),
        "how far loop 3 moves the state, in percent of its length",
    ),
    "stop of rule": (_stop, "the loop at which exit rule 3 stops"),
    "rule of head": (
        lambda run, head: float(_head(run, head).argmax() + 1),
        "which rule head 3 attends by most, as the panel *Rules* counts them",
    ),
    "error after": (
        lambda run, loop: float(_error(run)[run.at(loop)]),
        "of predicted numbers: their squared error after loop 3, in percent of the variance of y",
    ),
    "error below": (_below, "the loop from which on that error stays below 3 %"),
    "gradient step of": (_gradient_step, "which step of gradient descent the predictions of loop 3 are nearest to"),
}
CELLS: dict[str, tuple[Callable[[Run], tuple[int, ...]], str]] = {
    "cells that settle last": (lambda run: _most(run, run.array("settled")), "whose answer changes last"),
    "cells that change most": (lambda run: _most(run, run.array("flips")[-1]), "whose answer changes most often"),
    "cells wrong at the end": (_wrong_cells, "whose answer is wrong after the last loop"),
}
EVERY = " every loop"
CURVES: dict[str, tuple[str, bool, str]] = {
    "wrong after": ("wrong answers", True, "answers that are wrong, after each loop"),
    "changed in": ("changed answers", True, "answers that change, in each loop"),
    "settled after": ("settled answers", False, "answers that no later loop changes, after each loop"),
    "step of": ("step, % of the state", True, "how far each loop moves the state, in percent of its length"),
    "error after": ("error, % of the variance", True, "the squared error of predicted numbers after each loop"),
}
"""What a curve over the loops is of, by the name of `AT_LOOP`: the words of its axis; whether its beginning is the same
in a shorter run; what it is."""


def parts(name: str) -> tuple[bool, str, int | None]:
    """Split the name of a measure: whether it is of the second run, the name alone, and its loop, if it names one.

    >>> parts("B wrong after 3"), parts("first right")
    ((True, 'wrong after', 3), (False, 'first right', None))
    """
    second = name.startswith("B ")
    own = name.removeprefix("B ")
    found = re.fullmatch(r"([a-z ]+) ([0-9]{1,4})", own)
    return (second, found[1], int(found[2])) if found else (second, own, None)


def curve_of(name: str) -> str | None:
    """Return the name in `CURVES` of a measure that is a curve, None of another.

    >>> curve_of("B wrong after every loop"), curve_of("wrong after 3")
    ('wrong after', None)
    """
    own = parts(name)[1]
    return own.removesuffix(EVERY) if own.endswith(EVERY) and own.removesuffix(EVERY) in CURVES else None


LOOPS = (
    "first right",
    "all right",
    "right since",
    "last change",
    "lost",
    "right again",
    "rests after",
    "small steps from",
    "first still",
    "least error",
    "stop of rule",
    "error below",
    "quantised after",
    "context after",
)
"""Measures that are a loop, so that one can be chosen on the clock; other numbers count or weigh something."""


def names_for(kind: str) -> list[str]:
    """Return the measures that a kind of question asks, `3` standing for any loop, rule or head; "text": in a text.

    >>> names_for("loop")[:2], names_for("cells")[0]
    (['first right', 'all right'], 'cells that settle last')
    """
    numbers = [*NUMBERS, *(f"{one} 3" for one in AT_LOOP), *(one for one in MACHINE_NUMBERS if one not in NUMBERS)]
    known = {
        "cells": list(CELLS),
        "curve": [one + EVERY for one in CURVES],
        "loop": [one for one in numbers if one.removesuffix(" 3") in LOOPS],
        "text": [*numbers, *CELLS],
    }
    return known.get(kind, numbers)


IS = {"loop": "is a loop", "number": "is a number", "cells": "are cells", "curve": "is a curve"}


def wrong_name(name: str, kind: str) -> str | None:
    """Return what is wrong with a measure for a kind of question, or in a "text", in a sentence; None: nothing.

    >>> wrong_name("first right", "number")
    >>> wrong_name("last changes", "loop")
    "'last changes' cannot be measured; did you mean “last change”?"
    >>> wrong_name("last change", "cells")
    '“last change” is a loop, not cells; write “ask: loop”, or measure “cells that settle last”.'
    """
    _, own, loop = parts(name)
    asked, fits = own if loop is None else f"{own} 3", names_for(kind)
    if asked in fits:
        return None
    other = next((one for one in ("loop", "number", "cells", "curve") if asked in names_for(one)), None)
    if other is None:
        return f"{name[:40]!r} cannot be measured; {nearest(own if loop is None else name.removeprefix('B '), fits)}"
    if kind == "text":
        return f"“{name}” {IS[other]}, which a text cannot hold; take a number, such as “{fits[0]}”."
    wanted = IS.get(kind, IS["number"]).partition(" ")[2]
    ask = f"“ask: {other}”" + (" or “ask: choice”" if other == "number" else "")
    return f"“{name}” {IS[other]}, not {wanted}; write {ask}, or measure “{fits[0]}”."


def measured(name: str, runs: Sequence[AnyRun]) -> Value:
    """Measure a run of a view, the second where the name begins with B. Raises NotMeasured."""
    second, own, loop = parts(name)
    if second and len(runs) < 2:
        raise NotMeasured("is asked of a second run, and this view compares none")
    run = runs[second]
    if isinstance(run, Machine):
        if own not in MACHINE_NUMBERS or loop is not None:
            raise NotMeasured("is known of models, not of the machine of the page Theory")
        return MACHINE_NUMBERS[own][0](run)
    along = curve_of(name)
    if along is not None:
        found = [AT_LOOP[along][0](run, each) for each in range(1, run.loops + 1)]
        return Curve(tuple(value if value is not None and math.isfinite(value) else None for value in found))
    if loop is not None:
        return AT_LOOP[own][0](run, loop)
    if own in CELLS:
        return CELLS[own][0](run)
    if own not in NUMBERS:
        raise NotMeasured("is known of the machine of the page Theory only")
    return NUMBERS[own][0](run)


def table() -> str:
    """Return the table of all measures, as it stands in `assets/docs/writing-lessons.md`."""
    rows = ["| measure | what it is |", "|---|---|"]
    rows += [f"| `{name}` | {says} |" for name, (_, says) in NUMBERS.items()]
    rows += [f"| `{name} 3` | {says} |" for name, (_, says) in AT_LOOP.items()]
    rows += [f"| `{name}` | {says} |" for name, (_, says) in CELLS.items()]
    rows += [f"| `{name}{EVERY}` | {says} |" for name, (*_, says) in CURVES.items()]
    rows += ["", "On the page *Theory*, of the machine with weights written by hand:", "", *rows[:2]]
    rows += [f"| `{name}` | {says} |" for name, (_, says) in MACHINE_NUMBERS.items()]
    return "\n".join(rows)
