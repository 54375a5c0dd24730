"""POST /class: a class together. Each message is JSON with "do": one of `DEEDS`, or "listen", answered with events.

What a page hears comes as server-sent events: the parts of `ClassSession.state` that have changed, at most ten times a
second, and {} now and then while nothing happens. Codes and keys travel in bodies alone, so no log has them.

A page that is closed ends its events, one that has lost its connection does not: nothing tells the server. So a
teacher's page asks for its events anew every few seconds; where it no longer does, it has gone.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from looped.classes import ClassError, Classes, ClassSession, quiz
from looped.classes.invitation import link_of, qr
from looped.classes.session import Bounds, State
from looped.classes.speaking import OF_TEACHER, of_answers, of_class
from looped.lessons import Lesson, LessonError, find
from looped.lessons.answering import LOOPS, revealed
from looped.lessons.curves import length, passes
from looped.lessons.form import Question, query_of
from looped.lessons.runs import place_in
from looped.serving.desk import Desk
from looped.serving.request import whole_number
from looped.settings import settings
from looped.ui.doors import Body, at, attached, client_of
from looped.ui.state import engine

DESK = Desk("classes", room=8, waiting=800, workers=2, back=False)
MESSAGE = Body(settings().class_kb * 1024, f"A message of a class has at most {settings().class_kb} KB; send less.")
BOOK = Classes(settings().classes, Bounds(settings().class_students, settings().class_rate))
NEVER_KEPT = {"Cache-Control": "no-store"}
CALM = 0.1  # seconds between two events
PULSE = 10.0  # seconds after which a page hears that it is still heard
AGAIN = 600.0  # seconds after which a page asks anew, so that no connection stands for ever
LEADS = 10.0  # the same of a teacher's page, which is known by it to be there
Sent = dict[str, Any]


async def together(request: Request) -> Response:
    """Answer a message of a class; 4xx with one sentence for what cannot be."""
    address = client_of(request)
    return await at(DESK, request, lambda _, body: answered(body, address), body=MESSAGE)


def answered(body: bytes, address: str) -> Response:
    """Do what a message says."""
    try:
        sent = message_of(body)
        deed = sent.get("do")
        if deed == "start":
            return start(sent, address)
        session = BOOK.find(sent.get("code"), address)
        if deed == "join":
            return JSONResponse(session.comes(sent.get("key")), headers=NEVER_KEPT)
        if deed == "listen":
            teacher = "key" in sent
            return Listening(session, sent.get("key" if teacher else "student"), teacher)
        if deed not in DEEDS:
            raise ClassError(f"There is nothing called {str(deed)[:20]!r} that a class does.")
        of_teacher, do = DEEDS[deed]
        session.speaks(sent.get("key" if of_teacher else "student"), of_teacher)
        return do(session, sent)
    except ClassError as error:
        return PlainTextResponse(str(error), error.status, headers=NEVER_KEPT)
    except ValueError as error:
        return PlainTextResponse(str(error), 400, headers=NEVER_KEPT)


def message_of(body: bytes) -> Sent:
    """Read a message. Raises ClassError."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ClassError("The message did not arrive whole; try again.") from error
    if not isinstance(sent, dict):
        raise ClassError("The message did not arrive whole; try again.")
    return sent


# ── what can be done ──────────────────────────────────────────────────────────────────────────────────────────────────


def start(sent: Sent, address: str) -> Response:
    """Start a class: its code, the teacher's key, its link, and the link as a QR code."""
    link_of(sent.get("root"), "")  # says what is wrong before there is a class
    session = BOOK.start(address)
    link = link_of(sent["root"], session.code)
    return JSONResponse({"code": session.code, "key": session.key, "link": link, "qr": qr(link)}, headers=NEVER_KEPT)


def invite(session: ClassSession, sent: Sent) -> Response:
    """Tell the link and the QR code again."""
    link = link_of(sent.get("root"), session.code)
    return JSONResponse({"link": link, "qr": qr(link)}, headers=NEVER_KEPT)


def show(session: ClassSession, sent: Sent) -> Response:
    """Lead the class to a view; a lesson's step stands in its link."""
    view = sent.get("view")
    lesson, number = step_in(view)
    asks = asked_at(lesson, number)
    session.show(view, lesson, number, curve_of(asks), called_of(asks))
    return done()


def step_in(view: object) -> tuple[Lesson | None, int]:
    """Return the lesson and the number of the step that a link names; (None, 0) where it names none that is there."""
    query = query_of(view) if isinstance(view, str) else {}
    if "lesson" not in query:
        return None, 0
    try:
        return find(query["lesson"]), whole_number(query.get("step", "1")) or 0
    except LessonError:
        return None, 0


def asked_at(lesson: Lesson | None, number: int) -> Question | None:
    """Return what a step asks, None where it asks nothing."""
    return lesson.steps[number - 1].question if lesson is not None and 0 < number <= len(lesson.steps) else None


def curve_of(asks: Question | None) -> int:
    """Return over how many loops a curve is asked for; 0 where none is."""
    return length(engine(), asks) if asks is not None and asks.kind == "curve" else 0


def called_of(asks: Question | None) -> str:
    """Return what the loops are called that a question is about."""
    return passes(engine(), asks)["loops"] if asks is not None and asks.kind == "loop" else LOOPS["loops"]


def away(session: ClassSession, sent: Sent) -> Response:
    """Tell that the teacher is on a page to which the class does not follow."""
    session.leave_pages()
    return done()


def follow(session: ClassSession, sent: Sent) -> Response:
    """Have pages follow, or let them go."""
    session.let_go(sent.get("on"))
    return done()


def answer(session: ClassSession, sent: Sent) -> Response:
    """Take an answer."""
    session.answer(sent["student"], (sent.get("lesson"), sent.get("step")), sent.get("guess"))
    return done()


def reveal(session: ClassSession, sent: Sent) -> Response:
    """Reveal to all what was measured, beside the answer in the middle of the class or that of the teacher."""
    where = session.at
    own = sent.get("guess")
    guess, others = session.typical(own)
    if where is None:
        raise ClassError("The class is at no question now.", 409)
    lesson, number = find(where[0]), where[1]
    asks = lesson.steps[number - 1].question
    said = OF_TEACHER
    with session.measuring(where):
        told = revealed(engine(), lesson, number, guess, median=own is None)
        if own is None and asks is not None:
            said = of_answers(asks, others, passes(engine(), asks))
        session.reveal(where, of_class(told, said))
    return done()


def give_quiz(session: ClassSession, sent: Sent) -> Response:
    """Give the quiz, before or after, or take it away."""
    session.give_quiz(sent.get("round"))
    return done()


def called(view: str, cell: int) -> str:
    """Return what a cell of a view is called; its number, from 1, where its lesson can no longer be shown."""
    try:
        return place_in(engine(), view, cell)
    except ValueError:
        return f"cell {cell + 1}"


def counts(session: ClassSession, sent: Sent) -> Response:
    """Return all counts as CSV."""
    headers = NEVER_KEPT | attached(f"loopscope-class-{session.code}.csv")
    return Response(session.counts(quiz.questions, called), media_type="text/csv", headers=headers)


def end(session: ClassSession, sent: Sent) -> Response:
    """End a class."""
    BOOK.end(session)
    return done()


def leave(session: ClassSession, sent: Sent) -> Response:
    """Let a student go."""
    session.leave(sent["student"])
    return done()


def done() -> Response:
    """Answer that a message was taken."""
    return Response(status_code=204, headers=NEVER_KEPT)


Deed = Callable[[ClassSession, Sent], Response]
DEEDS: dict[str, tuple[bool, Deed]] = {  # whether it is the teacher's, by its key, or a student's, by its word
    "invite": (True, invite),
    "show": (True, show),
    "away": (True, away),
    "follow": (True, follow),
    "reveal": (True, reveal),
    "quiz": (True, give_quiz),
    "counts": (True, counts),
    "end": (True, end),
    "answer": (False, answer),
    "leave": (False, leave),
}


# ── listening ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Listening(StreamingResponse):
    """What one page hears of its class, as events."""

    def __init__(self, session: ClassSession, word: object, teacher: bool) -> None:
        session.person(word, teacher)  # a stranger is told so before anything is sent
        self.events = events(session, word, teacher)
        super().__init__(self.events, media_type="text/event-stream", headers=NEVER_KEPT | {"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the page goes or the class ends."""
        try:
            await super().__call__(scope, receive, send)
        except ClientDisconnect:  # nobody listens
            pass
        finally:
            await self.events.aclose()


async def events(session: ClassSession, word: object, teacher: bool) -> AsyncGenerator[str, None]:
    """Yield what has changed, as it changes."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        loop.call_soon_threadsafe(changed.set)

    try:
        leave = session.listen(word, teacher, tell)
    except ClassError as error:
        yield event({"error": str(error)})
        return
    ends = time.monotonic() + (LEADS if teacher else AGAIN)
    known: State = {}
    anew = False
    try:
        while time.monotonic() < ends:
            changed.clear()
            state = session.state(word, teacher)
            yield event({name: part for name, part in state.items() if name not in known or known[name] != part})
            known = state
            if state["ended"] or BOOK.closing:
                return
            await asyncio.sleep(CALM)
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), min(PULSE, max(0.0, ends - time.monotonic())))
            BOOK.sweep()
        anew = True
    finally:
        leave(anew)


def end_with_server() -> None:
    """Have a signal that stops the server end what pages hear, for which it would wait."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, partial(_stopped, before, loop))


def _stopped(before: Callable[..., Any], loop: asyncio.AbstractEventLoop, number: int, frame: Any) -> None:
    """Close the classes, then do what was done at this signal before."""
    loop.call_soon_threadsafe(BOOK.close)
    before(number, frame)


def event(told: dict[str, Any]) -> str:
    """Return a server-sent event."""
    return f"data: {json.dumps(told)}\n\n"
