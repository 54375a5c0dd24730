"""Run the views of a lesson. The engine knows a run that was asked for before."""

from __future__ import annotations

import numpy as np

from looped import tasks
from looped.lessons.form import query_of
from looped.lessons.measures import NotMeasured, Run
from looped.questions import QUESTIONS, Asked
from looped.serving.engine import Engine
from looped.serving.message import Packed, with_solution
from looped.serving.request import Shown, ShownRun, names_of, refusal, runs_of, shown_by, task_of
from looped.serving.views import run


def shown_in(engine: Engine, view: str) -> Shown:
    """Resolve the link of a view. Raises ValueError with one sentence where it cannot be shown."""
    query = query_of(view)
    engine.checkpoint(query["checkpoint"])  # else the home page would take its place
    shown = shown_by(engine, query)
    wrong = refusal(shown)
    if wrong is None and shown.message and shown.message["kind"] == "warning":
        wrong = shown.message["text"]
    if wrong is not None:
        raise ValueError(wrong)
    return shown


def runs_in(engine: Engine, view: str) -> list[Run]:
    """Return the one or two runs of a view. Raises ValueError with one sentence where it cannot be shown."""
    shown = shown_in(engine, view)
    task = task_of(engine, shown.checkpoint)
    names, facts = names_of(task, shown.input), task.facts(shown.input)
    solution = None if facts["solution"] is None else np.array([int(each) for each in facts["solution"]])
    return [
        Run(
            with_solution(run(engine, one, names, facts["judged"]), solution),
            one.checkpoint.model,
            one.checkpoint.task,
            one.tokens,
            lambda question, one=one: answered(engine, question, one, shown.input.text),  # type: ignore[misc]
        )
        for one in runs_of(engine, shown)
    ]


def answered(engine: Engine, name: str, one: ShownRun, text: str) -> Packed:
    """Return the whole answer to a long question about a run; the panel that asks it knows it from then on.

    Raises NotMeasured where it cannot be asked of this model.
    """
    question = QUESTIONS[name]
    if question.why_not(one.checkpoint) is not None:
        raise NotMeasured(f"cannot be asked of {one.name}")
    asked = Asked(one.checkpoint, one.tokens, one.loops, 0, 1)
    *_, last = engine.answers(question.key(name, one.name, text, asked), lambda: question.ask(asked))
    return last


def path_of(engine: Engine, shown: Shown) -> str:
    """Return the address of the page that a view is on."""
    page = task_of(engine, shown.checkpoint).page.slug
    return "/" if page == tasks.get(tasks.HOME).page.slug else f"/{page}"
