"""GET /lesson?name=…&step=… tells a step as it is before a guess, and with paper=… the whole as a page to print.

paper=questions leaves the answers out; anything else prints them, too, on a page of their own.

POST /lesson is a guess, and reveals what happens.

A class asks at the same moment, often from one address: the desk of lessons is long and its work is short, for the
engine knows the run of a view after the first who asked.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from looped.export.handout import handout
from looped.lessons import find
from looped.lessons.answering import revealed, told
from looped.serving.desk import Desk
from looped.serving.request import whole_number
from looped.ui.doors import EXPORTS, Body, at
from looped.ui.state import engine

LESSONS = Desk("lessons", room=8, waiting=400, workers=2, back=False)
GUESS = Body(16_000, "A guess is shorter than this; choose fewer cells.")
NEVER_KEPT = {"Cache-Control": "no-store"}


async def lesson(request: Request) -> Response:
    """Answer with a step or with what is revealed; 400 with one sentence for what is no lesson, step or guess."""
    query = dict(request.query_params)
    if request.method == "GET" and "paper" in query:
        return await at(EXPORTS, request, lambda _, __: on_paper(query))
    if request.method == "GET":
        return await at(LESSONS, request, lambda _, __: before(query))
    return await at(LESSONS, request, lambda _, body: after(body), body=GUESS)


def before(query: dict[str, str]) -> Response:
    """Tell a step; the first where the address names none."""
    try:
        found = told(engine(), find(query.get("name", "")), whole_number(query.get("step", "1")) or 0)
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    return JSONResponse(found, headers=NEVER_KEPT)


def on_paper(query: dict[str, str]) -> Response:
    """Answer with a lesson as a page to print."""
    try:
        found = handout(engine(), find(query.get("name", "")), answers=query["paper"] != "questions")
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    return HTMLResponse(found, headers=NEVER_KEPT)


def after(body: bytes) -> Response:
    """Reveal a step to a guess: {"name", "step", "guess"}."""
    try:
        sent = guess_of(body)
        found = revealed(engine(), find(str(sent.get("name", ""))), sent.get("step", 0), sent.get("guess"))
    except ValueError as error:
        return PlainTextResponse(str(error), 400)
    return JSONResponse(found, headers=NEVER_KEPT)


def guess_of(body: bytes) -> dict[str, Any]:
    """Read what was sent. Raises ValueError with one sentence."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("The guess did not arrive whole; send it again.") from error
    if not isinstance(sent, dict):
        raise ValueError("The guess did not arrive whole; send it again.")
    return sent
