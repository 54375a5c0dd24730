"""The hidden states of a view in space: the address of a view, with /space before its question mark."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from looped.export.charts import View, space
from looped.serving.packing import packer
from looped.serving.request import number_in, refusal, runs_of, shown_by
from looped.ui.doors import QUESTIONS, at
from looped.ui.state import engine


async def space_states(request: Request) -> Response:
    """Answer as `states` does, in a thread of the desk for questions."""
    return await at(QUESTIONS, request, lambda *_: states(request), turn=False)


def states(request: Request) -> Response:
    """Answer with the Plotly figure, as JSON, of the first run that a link shows, after its loop (0: before the first).

    400 with one sentence for a link that shows nothing. dark=1 asks for the colours of a dark page.
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
    loop, answers = number_in(query, "loop", loops), packed["arrays"].get("answers")
    cell, dark = number_in(query, "cell", len(tokens) - 1), query.get("dark") == "1"
    view = View(checkpoint.model.trained_loops, loop, cell, dark=dark)
    now = None if answers is None or not loop else answers[loop - 1]
    figure = space(task, tokens, packed["kept"]["hidden"], now, view)
    return Response(figure.to_json(), media_type="application/json")
