"""The Sequences page: two words or a Countdown problem, checked; what the browser is sent."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from looped.runs.changes import position
from looped.serving.engine import Engine
from looped.serving.message import Packed, pack, with_solution
from looped.tasks import Task
from looped.tasks.countdown import task as countdown
from looped.tasks.words import strings
from looped.ui import view
from looped.ui.state import MOST_WAYS
from looped.ui.view import (
    LINK_VERSION,
    OTHER_VERSION,
    Place,
    Request,
    Shown,
    bounded,
    default_loops,
    loops_of,
    refused,
    rival,
)

KINDS = ("words", "countdown")
FIRST = ("lcs12-tmlt", "edit_distance12-tmlt", "countdown3-tmlt")  # what a newcomer sees, where there is one
WELCOME = {
    "kind": "info",
    "text": "The model reads two words, or some numbers and a target, all tokens at once, and applies one and the same block again and again. "
    "Press play and watch its answer change; click a token to follow it, or type an input of your own.",
}


def trouble(shared: Engine, name: Any) -> str | None:
    """Why this is not the name of a checkpoint, or of a variant of one, that this page can show; None when it is."""
    return view.trouble(shared, name, KINDS)


def task_of(shared: Engine, checkpoint: str) -> Any:
    return shared.checkpoint(checkpoint).task


def places(task: Task, parsed: Any) -> Place:
    """What the positions and tokens of an input are called."""
    tokens = task.encode(parsed)
    return Place(lambda at: task.place(tokens, at) if at < len(tokens) else position(at), task.sign)


def first_view(shared: Engine) -> Shown:
    """The picture of somebody who comes without a link. Raises ValueError when there is no checkpoint to show."""
    names = view.names(shared, KINDS)
    if not names:
        raise ValueError("There is no checkpoint for sequences; make one with: python -m looped train lcs12-tmlt")
    checkpoint = next((name for name in FIRST if name in names), names[-1])
    return opening(shared, checkpoint, WELCOME)


def opening(shared: Engine, checkpoint: str, message: dict[str, str] | None = None) -> Shown:
    """The first example of a checkpoint's task."""
    task = task_of(shared, checkpoint)
    parsed = task.parse(task.examples[0][1])
    return Shown(parsed, checkpoint, default_loops(shared, checkpoint), message=message, entry=parsed.text)


def reader(shared: Engine, text: str, like: str) -> tuple[str, Any] | None:
    """Another checkpoint, of the same architecture if there is one, whose task reads this text, and what it reads."""
    kind = like.partition("~")[0].partition("-")[2]
    for name in sorted(view.names(shared, KINDS), key=lambda name: name.partition("-")[2] != kind):
        if (parsed := read(task_of(shared, name), text)) is not None:
            return name, parsed
    return None


def read(task: Task, text: str) -> Any:
    """What a task makes of a text, None where it cannot read it."""
    try:
        return task.parse(text)
    except ValueError:
        return None


def answer(shared: Engine, before: Shown, request: Request) -> Shown:
    """What to show after a request. Bad input keeps the last good picture and says in a sentence what is wrong."""
    now = replace(before, number=request.number, message=None, entry=None)
    checkpoint, text, notes, wrong = request.checkpoint, request.puzzle, [], None
    if (why := trouble(shared, checkpoint)) is not None:
        return refused(now, why)
    if not isinstance(text, str):
        return refused(now, "The input did not arrive as text; reload the page.")
    task = task_of(shared, checkpoint)
    try:
        parsed = task.parse(text)
    except ValueError as error:
        chosen = task.name != task_of(shared, before.checkpoint).name
        if not chosen and (other := reader(shared, text, checkpoint)):
            checkpoint, parsed = other
            notes.append(f"{task.name} does not read this, so {checkpoint} was chosen.")
        elif (
            last := read(task, before.input.text)
        ) is not None:  # the last good input goes on, with the checkpoint and the loops that were asked for
            parsed, wrong = last, str(error)
        else:  # a checkpoint was chosen, and the text is from before
            parsed = task.parse(task.examples[0][1])
            notes.append(f"{checkpoint} reads other inputs, so here is one.")
    task = task_of(shared, checkpoint)
    place = places(task, parsed)
    loops, said_of_loops = bounded(shared, checkpoint, request.loops, before.loops)
    versus, said_of_versus = rival(
        shared,
        request.versus or "",
        checkpoint,
        KINDS,
        place,
        lambda name: (
            None
            if task_of(shared, name).name == task.name
            else f"{view.label(name, place)} does another task, so nothing is compared."
        ),
    )
    said = wrong or " ".join([*notes, *parsed.warnings, *said_of_loops, *said_of_versus])
    message = {"kind": "error" if wrong else "warning", "text": said} if said else None
    return replace(
        now,
        input=parsed,
        checkpoint=checkpoint,
        loops=loops,
        versus=versus,
        message=message,
        entry=None if wrong else parsed.text,
    )


def from_link(shared: Engine, query: dict[str, str]) -> Shown:
    """The picture that a link asks for; what it leaves out is as a newcomer sees it."""
    first = first_view(shared)
    if not query.keys() & {"puzzle", "checkpoint", "versus", "loops"}:
        return first
    if query.get("v", LINK_VERSION) != LINK_VERSION:
        return replace(first, message={"kind": "error", "text": OTHER_VERSION.format("input")})
    checkpoint = query.get("checkpoint", first.checkpoint)
    base = first if trouble(shared, checkpoint) else opening(shared, checkpoint)
    shown = answer(
        shared,
        base,
        Request(query.get("puzzle", base.input.text), checkpoint, loops_of(query, base.loops), query.get("versus", "")),
    )
    if shown.message and shown.message["kind"] == "error":
        typed = query.get("puzzle", "")[: strings.LONGEST_TEXT]
        return replace(
            base, message=shown.message, entry=typed or base.input.text
        )  # what was typed is not lost: it can be mended
    if "loops" not in query and shown.checkpoint != base.checkpoint:
        shown = replace(shown, loops=default_loops(shared, shown.checkpoint))
    return replace(shown, entry=shown.input.text)


def layout(task: Any, tokens: np.ndarray) -> dict[str, Any]:
    """Where the tokens stand and what they are called; padding stands nowhere."""
    if task.kind == "words":
        half = task.length // 2
        first, second = task.words(tokens)
        rows = [list(range(len(first) + 1)), list(range(half, half + len(second) + 1))]
        fixed = [strings.PAD, strings.BAR, *range(strings.LETTER, strings.NUMBER)]
        groups = ["the first word", "the second word"]
        settable, cell = range(strings.LETTER, strings.NUMBER), rows[1][-1]
    else:
        begin = task.count + 1
        rows = [list(range(begin)), *(list(range(at, at + 5)) for at in range(begin, task.length, 5))]
        groups = ["the numbers and the target", *(f"equation {number}" for number in range(1, len(rows)))]
        fixed, settable, cell = [], range(countdown.NUMBER + 1, countdown.NUMBER + task.high + 1), task.length - 1
    return {
        "rows": rows,
        "groups": groups,
        "names": [task.place(tokens, position) for position in range(task.length)],
        "signs": [task.sign(token) for token in range(task.vocab)],
        "fixed": list(fixed),
        "settable": list(settable),
        "cell": cell,
    }


def what(task: Any, parsed: Any, tokens: np.ndarray) -> dict[str, Any]:
    """What is true of the input, whatever the model says."""
    if task.kind == "words":
        answers = task.answers(tokens[None])[0]
        return {
            "words": [parsed.first, parsed.second],
            "answer": int(task.table(parsed.first, parsed.second)[-1, -1]),
            "solution": answers.tolist(),
            "beyond": max(len(parsed.first), len(parsed.second)) > task.size,
            "typed": "Words",
        }
    ways = countdown.solutions(parsed.numbers, parsed.target)
    return {
        "problem": ", ".join(map(str, parsed.numbers)),
        "answer": parsed.target,
        "solution": None,
        "typed": "Numbers = target",
        "solutions": [[str(step) for step in way] for way in islice(ways, MOST_WAYS)],
        "solution_count": len(ways),
    }


def message_bytes(shared: Engine, shown: Shown) -> bytes:
    """Everything the browser needs to draw what is shown."""
    task, names = task_of(shared, shown.checkpoint), view.names(shared, KINDS)
    tokens, place = task.encode(shown.input), places(task, shown.input)
    true = what(task, shown.input, tokens)

    def run(name: str) -> Packed:
        packed = view.run(shared, name, shown, place)
        return packed if true["solution"] is None else with_solution(packed, np.array(true["solution"]))

    return pack(
        view.runs(shared, shown, run),
        page="sequences",
        kind=task.kind,
        task=task.name,
        layout=layout(task, tokens),
        judged=True,
        **true,
        examples=[{"name": name, "text": text} for name, text in task.examples],
        **view.about(shared, shown, [name for name in names if task_of(shared, name).name == task.name], names, place),
    )


def page() -> None:
    view.page("sequences", from_link, answer, message_bytes)
