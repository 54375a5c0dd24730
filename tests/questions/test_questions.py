"""All questions, asked of all tasks: progress, refusals in one sentence, and work that stops when nobody waits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from looped.catalogue.checkpoints import load_checkpoint
from looped.experiments import EXPERIMENTS
from looped.questions import QUESTIONS, Asked, spread
from looped.runs.trace import Trace
from questions.replies import LOOPS, TASKS, last

FUNCTIONS = dict.fromkeys(("influence", "multistep", *EXPERIMENTS), "examples of a function")
FUNCTIONS |= dict.fromkeys(("sizes", "shifts"), "sizes of prompts")
FUNCTIONS |= {"weights": "numbers for probes and no sizes of prompts"}
WORDS = {"turns": "symmetries", "probes": "probe labels"}
REFUSED = {
    "sudoku4": {"wavefront": "table and no lengths", "lengths": "lengths"} | FUNCTIONS,
    "lcs6": WORDS | FUNCTIONS,
    "edit_distance6": WORDS | FUNCTIONS,
    "countdown3": {
        "exits_minimal": "hardest inputs",
        "resting_minimal": "hardest inputs",
        "calibration": "one right answer",
        "turns": "symmetries",
        "probes": "probe labels",
        "wavefront": "table and no lengths",
        "lengths": "lengths",
    }
    | FUNCTIONS,
}
ASKED = [(task, name) for task in TASKS for name in QUESTIONS if name not in REFUSED[task]]
every = pytest.mark.parametrize(("task", "name"), ASKED)


@every
def test_progress_only_grows_and_ends_at_one(task: str, name: str, about: dict[str, Asked]) -> None:
    steps = list(QUESTIONS[name].ask(about[task]))
    shares = [step["share"] for step in steps]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] == 1
    shapes = [{key: array.shape for key, array in step["arrays"].items()} for step in steps if step["arrays"]]
    assert all(shape.keys() == shapes[0].keys() for shape in shapes)  # every step that has something can be drawn


@every
def test_the_same_question_has_the_same_answer(task: str, name: str, about: dict[str, Asked]) -> None:
    one, two = last(name, about[task]), last(name, about[task])
    assert one["meta"] == two["meta"]
    assert all(np.array_equal(one["arrays"][key], two["arrays"][key], equal_nan=True) for key in one["arrays"])


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_asked_what_it_offers_and_refuses_the_rest_in_a_sentence(task: str, about: dict[str, Asked]) -> None:
    checkpoint = about[task].checkpoint
    said = {name: question.why_not(checkpoint) for name, question in QUESTIONS.items()}
    one = (
        f"This cannot be asked of {checkpoint.name}: "
        "this question needs several layers in a loop, which this model does not have."
    )
    assert said.pop("layerwise") == one
    assert {name: sentence for name, sentence in said.items() if sentence} == {
        name: f"This cannot be asked of {task}: the task has no {what}." for name, what in REFUSED[task].items()
    }


def test_a_standard_transformer_is_asked_what_needs_no_loop(standard: Asked) -> None:
    said = {name: question.why_not(standard.checkpoint) for name, question in QUESTIONS.items()}
    loop = {name for name, sentence in said.items() if sentence and "has no loop to ask this of" in sentence}
    of_a_loop = {name for name, experiment in EXPERIMENTS.items() if experiment.looped}
    measured = {"lyapunov", "layerwise", "linear", "recovery", "resting", "resting_minimal"}
    assert loop == {"spectrum", "cells", "exits", "exits_minimal", "noise", "compute"} | measured | of_a_loop
    for name, sentence in said.items():
        if sentence is None:
            assert last(name, standard)["share"] == 1, name


class Bare:
    """A looped model of which nothing but its hidden states can be seen."""

    most_loops = None
    input_kind, output_kind = "tokens", "classes"
    capabilities: frozenset[str] = frozenset()
    interventions: tuple[Any, ...] = ()


def test_a_model_says_what_it_lacks(asked: Asked) -> None:
    bare: Any = replace(asked.checkpoint, model=Bare())
    said = {name: question.why_not(bare) for name, question in QUESTIONS.items()}
    assert said["rollout"] == (
        "This cannot be asked of sudoku4-tmlt: "
        "this question needs attention from every position to every position or attention kept for each neighbour, "
        "which this model does not have."
    )
    assert said["temperature"] is not None
    assert "another temperature of the softmax" in said["temperature"]
    assert said["clues"] is not None
    assert "gradients" in said["clues"]
    assert said["scaling"] is said["spectrum"] is said["turns"] is None


@every
def test_who_closes_an_answer_stops_the_work(
    task: str, name: str, about: dict[str, Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first of several steps there is work left, and none of it is done."""
    kind = type(about[task].checkpoint.model)
    loops, original = [], kind.step

    def counted(*arguments: Any, **options: Any) -> Any:
        loops.append(1)
        return original(*arguments, **options)

    monkeypatch.setattr(kind, "step", counted)
    whole = len(list(QUESTIONS[name].ask(about[task])))
    most = len(loops)
    loops.clear()
    answer = QUESTIONS[name].ask(about[task])
    next(answer)
    answer.close()
    stopped = len(loops)
    assert list(answer) == []
    assert len(loops) == stopped
    assert stopped < most if whole > 1 else stopped == most


def test_questions_of_a_board_without_blanks_are_answered(asked: Asked, trace: Trace) -> None:
    full = Asked(asked.checkpoint, trace.answers[-1], LOOPS, 0, 1)
    for name, question in QUESTIONS.items():
        if question.why_not(asked.checkpoint) is None:
            assert last(name, full)["share"] == 1, name


def test_a_changed_model_is_asked_as_it_is(asked: Asked) -> None:
    changed = Asked(load_checkpoint("sudoku4-tmlt~cut=0_1_2_3"), asked.tokens, LOOPS, 0, 4)
    assert not np.allclose(last("spectrum", changed)["arrays"]["radius"], last("spectrum", asked)["arrays"]["radius"])
    assert (last("heads", changed)["arrays"]["margin"] == 0).all()  # they are cut already
    assert (last("heads", asked)["arrays"]["margin"] != 0).any()


def test_loops_are_spread() -> None:
    assert spread(1) == [0]
    assert spread(256)[0] == 0
    assert spread(256)[-1] == 255
    assert len(spread(256)) == 16
