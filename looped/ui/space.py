"""A view in space, hidden states or a surface: the address of a view, with /space before its question mark."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from looped.export.charts import View, space, surface
from looped.serving.message import Packed
from looped.serving.packing import packer
from looped.serving.request import number_in, refusal, runs_of, shown_by
from looped.tasks import Task
from looped.ui.doors import QUESTIONS, at
from looped.ui.state import engine

SURFACES = {"surface": False, "error": True}  # figures of a function of two numbers; whether the error is drawn


async def space_states(request: Request) -> Response:
    """Answer as `states` does, in a thread of the desk for questions."""
    return await at(QUESTIONS, request, lambda *_: states(request), turn=False)


def states(request: Request) -> Response:
    """Answer with the Plotly figure, as JSON, of the first run that a link shows, after its loop (0: before the first).

    400 with one sentence for a link that shows nothing. dark=1 asks for the colours of a dark page. figure=surface
    asks for the predicted surface beside the true one in place of the hidden states, figure=error for their difference.
    """
    query, shared = dict(request.query_params), engine()
    shown = shown_by(shared, query)
    wrong = refusal(shown)
    if wrong is not None:
        return PlainTextResponse(wrong, 400)
    name, checkpoint, tokens, loops, beside = runs_of(shared, shown)[0]
    task = checkpoint.task
    try:
        packed = shared.packed(name, tokens, loops, packer(task.name, beside))
    except ValueError as error:  # a change that the model's numbers do not bear
        return PlainTextResponse(str(error), 400)
    loop, cell = number_in(query, "loop", loops), number_in(query, "cell", len(tokens) - 1)
    view = View(
        checkpoint.model.trained_loops, loop, cell, dark=query.get("dark") == "1", one=checkpoint.passes["loop"]
    )
    try:
        drawn = _figure(query.get("figure"), task, tokens, packed, view)
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    return Response(drawn.to_json(), media_type="application/json")


def _figure(asked: str | None, task: Task, tokens: np.ndarray, packed: Packed, view: View) -> Any:
    """Return the figure that is asked for. Raises ValueError with one sentence for a surface that cannot be drawn."""
    if asked in SURFACES:
        arrays = packed["arrays"]
        return surface(task, tokens, arrays.get("predictions"), arrays.get("truth"), view, SURFACES[asked])
    answers = packed["arrays"].get("answers")
    now = None if answers is None or not view.loop else answers[view.loop - 1]
    return space(task, tokens, packed["kept"]["hidden"], now, view)
