"""A desk for long work: a bounded queue with threads of its own, so that what serves pages never waits for it.

Each request is a ticket. `take` gives one or says at once that there are too many, `turn` waits until there is room for
what the work keeps in memory, `call` does a step of it in one of the desk's threads, `leave` gives everything back as
soon as no thread works on it any more. Room goes to the client who has least of it, and none may have all of it: long
work of one visitor never makes another wait for its end. All of it runs on one event loop, so nothing is locked.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from looped.serving.memory import give_memory_back

Value = TypeVar("Value")
FULL = "The server has as much long work as it takes at once; try again in a moment."
STEP_BACK = 10  # added to the niceness of a thread of long work, of the processes that it starts, too
YOURS = "From your address there is as much long work already as one may ask for at once; try again in a moment."


class Busy(Exception):
    """There is no room in the queue; the message is one sentence. yours: the client's own share is used up."""

    def __init__(self, yours: bool) -> None:
        super().__init__(YOURS if yours else FULL)
        self.yours = yours


@dataclass(eq=False)
class Ticket:
    """One request at a desk."""

    client: str
    gone: threading.Event = field(default_factory=threading.Event)  # nobody waits for the answer any more
    room: int = 0  # what it takes of the desk's room
    running: asyncio.Future[Any] | None = None  # the step that a thread works on


class Desk:
    """A queue for long work; see the head of this file.

    room     how much may be under way at once, in units that callers choose; one client may have three quarters of it
    waiting  how many requests may be there at once, under way or not; of one client half as many
    workers  threads
    back     whether its threads stand back for those that serve pages; not where somebody waits for a page's part
    """

    def __init__(self, name: str, room: int, waiting: int, workers: int, back: bool = True) -> None:
        self.room, self.waiting = room, waiting
        self.share = max(1, room * 3 // 4)
        self.pool = ThreadPoolExecutor(
            workers, thread_name_prefix=f"desk-{name}", initializer=stand_back if back else None
        )
        self.tickets: list[Ticket] = []
        self.refused = 0  # so far
        self.queue: list[tuple[Ticket, int, asyncio.Future[None]]] = []

    def take(self, client: str) -> Ticket:
        """Return a ticket. Raises Busy where there are too many already."""
        yours = sum(one.client == client for one in self.tickets) >= max(1, self.waiting // 2)
        if yours or len(self.tickets) >= self.waiting:
            self.refused += 1
            raise Busy(yours)
        ticket = Ticket(client)
        self.tickets.append(ticket)
        return ticket

    async def turn(self, ticket: Ticket, room: int = 1) -> None:
        """Wait until there is so much room, at most a client's share."""
        waits: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (ticket, max(1, min(room, self.share)), waits)
        self.queue.append(entry)
        self._admit()
        try:
            await waits
        finally:
            if entry in self.queue:
                self.queue.remove(entry)

    def place(self, ticket: Ticket) -> int:
        """Return where a ticket stands among those that wait for room, from 1 in the order of coming; 0: it is in."""
        return next((place for place, entry in enumerate(self.queue, start=1) if entry[0] is ticket), 0)

    async def call(self, ticket: Ticket, work: Callable[..., Value], *arguments: Any) -> Value:
        """Do a step of the work in a thread of the desk; when nobody waits any more, it is not waited for."""
        ticket.running = running = asyncio.get_running_loop().run_in_executor(self.pool, work, *arguments)
        return await asyncio.shield(running)

    def leave(self, ticket: Ticket, close: Callable[[], None] = lambda: None) -> None:
        """Give a ticket back, now or when the thread that works on it is done; `close` is called before that."""
        ticket.gone.set()
        if ticket.running is not None and not ticket.running.done():
            ticket.running.add_done_callback(lambda done: self._left(ticket, close, done))
        else:
            self._left(ticket, close)

    def used(self, client: str | None = None) -> int:
        """Return how much room is in use, by one client or by all."""
        return sum(one.room for one in self.tickets if client in (None, one.client))

    def _left(self, ticket: Ticket, close: Callable[[], None], done: asyncio.Future[Any] | None = None) -> None:
        if done is not None and not done.cancelled():
            done.exception()  # nobody waits for it any more, so nobody else takes it
        close()
        if ticket in self.tickets:
            self.tickets.remove(ticket)
        if ticket.room and not self.used():
            self.pool.submit(give_memory_back)
        ticket.room = 0
        self._admit()

    def _admit(self) -> None:
        """Let in whom there is room for: always one of those whose client has least, in the order of coming."""
        while True:
            fits = [
                entry
                for entry in self.queue
                if self.used() + entry[1] <= self.room and self.used(entry[0].client) + entry[1] <= self.share
            ]
            if not fits:
                return
            entry = min(fits, key=lambda entry: self.used(entry[0].client))
            self.queue.remove(entry)
            entry[0].room = entry[1]
            if not entry[2].done():
                entry[2].set_result(None)


def stand_back() -> None:
    """Have the system run what serves pages before this thread. Elsewhere than on Linux nothing is done.

    Threads have a niceness of their own on Linux alone.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + STEP_BACK)
