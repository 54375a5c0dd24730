"""The doors of the app's own routes: who may ask for long work, how much of it, and until when.

A page of another site cannot start work here by an image tag or a script, one client cannot take all that there is, and
what nobody waits for any more is given up.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from looped.serving.desk import Busy, Desk, Ticket
from looped.settings import settings

CORES = max(2, os.cpu_count() or 1)
QUESTIONS = Desk("questions", room=settings().questions, waiting=64, workers=CORES)  # a unit of room: `UNIT`
EXPORTS = Desk("exports", room=settings().exports, waiting=24, workers=settings().exports)
PICTURES = Desk("pictures", room=2, waiting=8, workers=2)
OFTEN = 0.25  # seconds between two looks whether the client is still there
ELSEWHERE = "This address is for the pages of this server; open the page and ask there."

PATIENCE = 60  # seconds that a request may take to arrive, and a part of an answer to be read

Value = TypeVar("Value")
Work = Callable[[Ticket, bytes], Response]


class Body(NamedTuple):
    """How long the body of a request may be, in bytes, and what is said of a longer one."""

    most: int
    said: str


NONE = Body(0, "This request has no body.")


class Stepwise(StreamingResponse):
    """An answer that is made step by step in the threads of a desk.

    waits: what is sent meanwhile of its place among those that wait, from 1, and 0 once it waits no more; "" for
    nothing.
    """

    def __init__(
        self,
        steps: Iterator[str],
        room: int,
        media_type: str,
        headers: dict[str, str],
        waits: Callable[[int], str] = lambda _: "",
    ) -> None:
        super().__init__(iter(()), media_type=media_type, headers=headers)
        self.steps, self.room, self.waits = steps, room, waits
        self.parts: AsyncGenerator[str, None] | None = None
        self.leave: Callable[[], None] = lambda: None

    def through(self, desk: Desk, ticket: Ticket) -> None:
        """Take the steps in the threads of a desk, and give the ticket back at the end."""

        async def body() -> AsyncGenerator[str, None]:
            turn, told = asyncio.ensure_future(desk.turn(ticket, self.room)), 0
            try:
                while not (await asyncio.wait([turn], timeout=OFTEN))[0]:
                    if (place := desk.place(ticket)) not in (0, told):
                        told = place
                        yield self.waits(place)
            finally:
                turn.cancel()
            if told:
                yield self.waits(0)
            while (step := await desk.call(ticket, next, self.steps, None)) is not None:
                yield step

        self.body_iterator = self.parts = body()
        self.leave = lambda: desk.leave(ticket, getattr(self.steps, "close", lambda: None))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; whatever ends it, the ticket is given back. A client that does not read is left after `PATIENCE`."""

        async def patiently(message: Message) -> None:
            await asyncio.wait_for(send(message), PATIENCE)

        try:
            await super().__call__(scope, receive, patiently)
        except (TimeoutError, ClientDisconnect):  # nobody reads it
            pass
        finally:
            if self.parts is not None:
                await self.parts.aclose()  # it may wait for its turn
            self.leave()


async def at(desk: Desk, request: Request, work: Work, turn: bool = True, body: Body = NONE) -> Response:
    """Answer a request with what `work` makes, of its ticket and its body, in a thread of a desk.

    403 for a request that a page of another site makes, 429 and 503 with one sentence where there is too much work, 408
    and 413 for a body that does not arrive or is too long. turn: whether all the work is done here; else it is only
    begun, and a `Stepwise` answer waits for its turn.
    """
    if from_elsewhere(request):
        return PlainTextResponse(ELSEWHERE, 403)
    try:
        ticket = desk.take(client_of(request))
    except Busy as busy:
        return PlainTextResponse(str(busy), 429 if busy.yours else 503, headers={"Retry-After": "5"})
    kept = False
    try:
        data = await asyncio.wait_for(received(request, body), PATIENCE)
        if turn:
            await while_there(request, desk.turn(ticket))
        answer = await while_there(request, desk.call(ticket, work, ticket, data))
        if isinstance(answer, Stepwise):
            answer.through(desk, ticket)
            kept = True
        return answer
    except TooLong:
        return PlainTextResponse(body.said, 413)
    except TimeoutError:
        return PlainTextResponse(f"The request did not arrive within {PATIENCE} seconds; send it again.", 408)
    except (ClientGone, ClientDisconnect):
        return Response(status_code=499)  # nobody reads it
    finally:
        if not kept:
            desk.leave(ticket)


async def received(request: Request, body: Body) -> bytes:
    """Return the body of a request. Raises TooLong for one that is longer than may be."""
    data = bytearray()
    if request.method == "POST":
        async for part in request.stream():
            data += part
            if len(data) > body.most:
                raise TooLong
    return bytes(data)


class TooLong(Exception):
    """A body is longer than may be."""


class ClientGone(Exception):
    """The connection was closed."""


async def while_there(request: Request, work: Coroutine[Any, Any, Value]) -> Value:
    """Wait for work as long as the client waits, too. Raises ClientGone."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([task], timeout=OFTEN))[0]:
            if await request.is_disconnected():
                raise ClientGone
        return task.result()
    finally:
        task.cancel()


def client_of(request: Request) -> str:
    """Return the address that a request comes from; a proxy that the server trusts says whose it is."""
    return request.client.host if request.client else ""


def from_elsewhere(request: Request) -> bool:
    """Say whether a page of another site makes this request. Following a link from there is no such request.

    Browsers say so themselves over HTTPS and on the own machine; else the page's address tells. A program that says
    nothing is none of a visitor's browser.
    """
    headers = request.headers
    site = headers.get("sec-fetch-site")
    if site is None:
        origin = headers.get("origin") or headers.get("referer")
        own = {headers.get("host"), headers.get("x-forwarded-host")}
        followed = request.method == "GET" and "text/html" in headers.get("accept", "")
        return origin is not None and urlsplit(origin).netloc not in own and not followed
    followed = (
        request.method == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
    return site in ("cross-site", "same-site") and not followed


def attached(name: str) -> dict[str, str]:
    """Return the header that gives an answer a file name (RFC 6266): in ASCII, and where it has more, in UTF-8, too.

    >>> attached("k-名.zip")["Content-Disposition"]
    'attachment; filename="k-_.zip"; filename*=UTF-8\\'\\'k-%E5%90%8D.zip'
    """
    plain = re.sub(r"[^A-Za-z0-9._~=@+,-]", "_", name)
    whole = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": f'attachment; filename="{plain}"{whole}'}
