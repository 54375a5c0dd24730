"""Long questions: the address of a view, with /ask before its question mark, is answered with progress, then arrays.

The answer is a stream of server-sent events (which no proxy holds back, and the compression of other answers leaves
alone). Each is JSON: {"share": 0 … 1, "data": a message of `looped.serving.message.pack` in base64}, {"place": its
place in the line, from 1} while it waits and {"place": 0} once it is its turn, or {"error": one sentence}. A list of
inputs of one's own is the body of the request. Closing the connection stops the work. It waits at a desk of its own
(`looped.ui.doors`) and takes its turn at the device step by step, so other visitors do not wait for it.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from looped.catalogue.sets import HELD_OUT
from looped.questions import QUESTIONS, Asked
from looped.questions.rates import ask_rate
from looped.serving.engine import Engine
from looped.serving.message import Packed, pack
from looped.serving.request import number_in, refusal, runs_of, shown_by
from looped.ui.doors import QUESTIONS as DESK
from looped.ui.doors import Body, Stepwise, at
from looped.ui.state import engine

RATE = "rate"  # the question that is about no view
OFTEN = 0.25  # seconds between two pictures of what is known so far
LIST = Body(2**20, "The list is longer than 1 MiB; give its first inputs alone.")
UNIT = 64 * 81  # loops × positions of a run that takes one more unit of the desk's room, some 50 MB


async def ask(request: Request) -> Response:
    """Answer a long question; see `asking`. 413 with one sentence for a list of inputs that is too long."""
    query = dict(request.query_params)
    return await at(DESK, request, lambda _, body: asking(query, body), turn=False, body=LIST)


def asking(query: dict[str, str], body: bytes = b"") -> Response:
    """Answer a long question. 400 with one sentence for a question or a link that nothing can be asked of."""
    shared = engine()
    name = query.get("question", "")
    if name == RATE:
        return rate(shared, query.get("rate", ""))
    if name not in QUESTIONS:
        return PlainTextResponse(f"There is no question called {name[:40]!r}; there are {', '.join(QUESTIONS)}.", 400)
    question, shown = QUESTIONS[name], shown_by(shared, query)
    wrong = refusal(shown)
    if wrong is not None:
        return PlainTextResponse(wrong, 400)
    _, checkpoint, tokens, loops, _ = runs_of(shared, shown)[0]
    problem = question.why_not(checkpoint)
    if problem is not None:
        return PlainTextResponse(problem, 400)
    cell, loop = number_in(query, "cell", len(tokens) - 1), max(1, number_in(query, "loop", loops))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return PlainTextResponse("The list is no text in UTF-8; save it so, or paste it.", 400)
    asked = Asked(checkpoint, tokens, loops, cell, loop, query.get("source", HELD_OUT), text)
    key = question.key(name, shown.checkpoint, shown.input.text, asked)
    return streamed(events(shared, key, question.ask, asked), room=1 + loops * len(tokens) // UNIT)


def rate(shared: Engine, name: str) -> Response:
    """Answer a rate experiment, which is about no view. 400 with one sentence where there is none of that name."""
    try:
        steps = ask_rate(name)
    except ValueError as error:
        return PlainTextResponse(str(error)[:1].upper() + str(error)[1:], 400)
    return streamed(told(shared, (RATE, name), lambda: steps), room=1)


def streamed(steps: Iterator[str], room: int) -> Stepwise:
    """Return the answer that is made of events."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stepwise(
        steps, room, "text/event-stream", headers, lambda place: f"data: {json.dumps({'place': place})}\n\n"
    )


def events(
    shared: Engine, key: tuple[object, ...], ask: Callable[[Asked], Iterator[Packed]], asked: Asked
) -> Iterator[str]:
    """Yield what is known of a question about a view; see `told`."""
    return told(shared, key, lambda: ask(asked))


def told(shared: Engine, key: tuple[object, ...], work: Callable[[], Iterator[Packed]]) -> Iterator[str]:
    """Yield what is known, at most four times a second, and all of it at the end."""
    last: Packed | None = None
    before = 0.0
    try:
        for last in shared.answers(key, work):
            if last["share"] < 1 and time.monotonic() - before > OFTEN:
                before = time.monotonic()
                yield event(last)
    except ValueError as error:  # a lens says in a sentence what it cannot be asked
        yield f"data: {json.dumps({'error': str(error)})}\n\n"
        return
    if last is not None:
        yield event(last | {"share": 1})


def event(step: Packed) -> str:
    """Return one step of an answer as a server-sent event: its share, and its message in base 64."""
    data = base64.b64encode(pack([{"arrays": step["arrays"], "meta": step["meta"]}])).decode()
    return f"data: {json.dumps({'share': step['share'], 'data': data})}\n\n"
