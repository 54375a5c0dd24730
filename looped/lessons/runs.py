"""Run the views of a lesson. The engine knows a run that was asked for before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from looped.lessons.form import THEORY, NotMeasured, page_of, query_of
from looped.lessons.machines import Machine
from looped.lessons.measures import AnyRun, Run
from looped.lessons.names import nearest
from looped.lessons.panels import paths
from looped.questions import QUESTIONS, Asked
from looped.serving.engine import Engine
from looped.serving.message import Packed
from looped.serving.request import USUAL, Shown, ShownRun, loops_asked, names_of, refusal, runs_of, shown_by, task_of
from looped.serving.views import run, solved
from looped.theory import lab


class Opened(NamedTuple):
    """A view that can be shown. Of a page with a microscope nothing is run before `runs` is called."""

    page: str  # its slug
    path: str  # of its page
    of: str  # what its runs are of: the input as text
    names: tuple[str, ...]  # of its runs, one or two
    loops: tuple[int, ...]  # of each
    runs: Callable[[], list[AnyRun]]

    def which(self, second: bool) -> int:
        """Return the number of a run, the first where there is no second."""
        return int(second and len(self.names) > 1)


def opened(engine: Engine, view: str) -> Opened:
    """Resolve the link of a view. Raises ValueError with one sentence where it cannot be shown."""
    return OPENING.get(page_of(view), microscope)(engine, view)


def runs_in(engine: Engine, view: str) -> list[AnyRun]:
    """Return the one or two runs of a view. Raises ValueError with one sentence where it cannot be shown."""
    return opened(engine, view).runs()


def machine(engine: Engine, view: str) -> Opened:
    """Resolve a view of the page Theory, which needs no engine."""
    del engine
    asked = lab.read(query_of(view))
    found = Machine(lab.show(asked))
    return Opened(THEORY, f"/{THEORY}", json.dumps(asked.query()), ("machine",), (found.loops,), lambda: [found])


def microscope(engine: Engine, view: str) -> Opened:
    """Resolve a view of a page with a microscope."""
    shown = shown_in(engine, view)
    slug = task_of(engine, shown.checkpoint).page.slug
    path = paths().get(slug, f"/{slug}")
    if (page := page_of(view)) not in ("", slug):
        raise ValueError(f"{shown.checkpoint} is not on a page /{page[:40]}; its views begin with {path}?")
    names = tuple(name for name in (shown.checkpoint, shown.versus) if name)
    loops = tuple(min(shown.loops, engine.most_loops(name)) for name in names)
    return Opened(slug, path, shown.input.text, names, loops, lambda: [*model_runs(engine, shown)])


OPENING: dict[str, Callable[[Engine, str], Opened]] = {THEORY: machine}
"""By the page that a link names, how its view is resolved; every other page has a microscope."""


def shown_in(engine: Engine, view: str) -> Shown:
    """Resolve the link of a view. Raises ValueError with one sentence where it cannot be shown."""
    query = query_of(view)
    known(engine, query["checkpoint"])  # else the home page would take its place
    most, loops = engine.most_loops(query["checkpoint"]), loops_asked(query)
    if loops != USUAL and not (isinstance(loops, int) and 1 <= loops <= most):
        raise ValueError(f"“loops={loops!s:.12}” is no whole number from 1 to {most}, the most that can be run.")
    shown = shown_by(engine, query)
    wrong = refusal(shown)
    if wrong is None and shown.message and shown.message["kind"] == "warning":
        wrong = shown.message["text"]
    if wrong is not None:
        raise ValueError(wrong)
    return shown


def place_in(engine: Engine, view: str, cell: int) -> str:
    """Return what people call a cell of a view, such as "row 2, column 1"; nothing is run for it.

    Raises ValueError with one sentence where the view cannot be shown.
    """
    first = runs_of(engine, shown_in(engine, view))[0]
    return first.checkpoint.task.place(first.tokens, cell)


def known(engine: Engine, name: str) -> None:
    """Raise ValueError with one sentence where there is no such checkpoint."""
    base = name.partition("~")[0]
    names = engine.names()
    if base not in (*names, *engine.broken()):
        raise ValueError(f"there is no checkpoint called {base[:60]!r}; {nearest(base, names)}")
    engine.checkpoint(name)


def model_runs(engine: Engine, shown: Shown) -> list[Run]:
    """Run what a page with a microscope shows."""
    task = task_of(engine, shown.checkpoint)
    names, facts = names_of(task, shown.input), task.facts(shown.input)
    solution = None if facts["solution"] is None else np.array([int(each) for each in facts["solution"]])
    return [
        Run(
            solved(run(engine, one, names, facts["judged"]), one, solution),
            one.checkpoint.model,
            one.checkpoint.task,
            one.tokens,
            facts,
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
