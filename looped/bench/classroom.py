"""A class on one server, without browsers: what thirty listeners wait for when all of them try things at once.

Each visitor does one thing every few seconds: empties a cell, changes the checkpoint, switches the page and comes back,
opens a link in a new connection, asks a long question. Stepping is not among them: it sends the server nothing
(`frames_sent_while_stepping` of `python -m looped bench interface`). The load comes from the same cores as the server.
Before it, the same number of visitors has the script of a page run that computes nothing: that is the floor.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import threading
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import numpy as np

from looped.bench.replicas import kill_one, replicas
from looped.bench.server import Served, running
from looped.bench.wire import Session, connected
from looped.catalogue import checkpoints

USERS, SECONDS, BETWEEN = 30, 60.0, 5.0
PAGES = {"models", "sequences", "paths", "in-context", "lessons"}
# What a visitor does next: how often of twenty times.
OFTEN = {"edit": 12, "checkpoint": 2, "page": 3, "link": 2, "question": 1}
FLOOR = 'import streamlit as st\n\nst.write("nothing to compute")\n'
# As the app is set.
CALM: Any = {"STREAMLIT_RUNNER_POST_SCRIPT_GC": "false", "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none"}
IMAGE: Any = {"MALLOC_ARENA_MAX": "1"}  # as the Dockerfile sets it
EXPORTS, QUESTIONS = 40, 50  # of the hostile ones, who ask for all at once, again and again
REST = 10.0  # seconds between the end of the lesson and the last look at the memory
GONE = 1.0  # seconds after which they close the connection
LOOPED = "sudoku9-tmlt"  # what is shown first, and what is asked


@dataclass
class Seen:
    """What visitors met: seconds of what they waited for, by what they did; errors.

    refused: questions that were too many; left: those that were given up when the lesson ended.
    """

    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    left: int = 0

    def summary(self) -> dict[str, Any]:
        """Return counts and percentiles, of all reruns together and by what was done; questions stand apart."""
        reruns = [wait for kind, waits in self.waits.items() if kind != "question" for wait in waits]
        found: dict[str, Any] = {"reruns": len(reruns), **percentiles("rerun", reruns)}
        for kind, waits in sorted(self.waits.items()):
            found |= percentiles(kind, waits)
        return found | {"errors": self.errors.total(), "refused": self.refused, "left": self.left}


def percentiles(name: str, waits: list[float]) -> dict[str, Any]:
    """Return the median and the 95th percentile in whole milliseconds.

    >>> percentiles("edit", [0.1, 0.2, 0.3])
    {'edit_ms_median': 200, 'edit_ms_p95': 290}
    """
    if not waits:
        return {}
    return {
        f"{name}_ms_{said}": round(1000 * float(np.quantile(waits, q))) for said, q in [("median", 0.5), ("p95", 0.95)]
    }


def measure(
    users: int = USERS, seconds: float = SECONDS, hostile: bool = False, serve: int = 0, kill: bool = False
) -> dict[str, Any]:
    """Measure a class on one server, after as many visitors on a server that computes nothing.

    hostile: others meanwhile ask for forty exports and fifty long questions and go away after a second, all the time.
    serve: so many replicas on Ray Serve compute, on the same cores; kill: one of them is killed halfway.
    Returns milliseconds, errors and the server's memory in MB (where the system tells it).
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(FLOOR, "utf-8")
        with running(root=Path(folder), **CALM) as served:
            floor = asyncio.run(attend(served.address, users, min(seconds, 20.0), BETWEEN, idle))
    with contextlib.ExitStack() as around:
        address = around.enter_context(replicas(serve)) if serve else ""
        served = around.enter_context(running(LOOPSCOPE_SERVE=address, LOOPSCOPE_STATUS="on", **IMAGE))
        found = asyncio.run(_watched(served, users, seconds, hostile, address if kill else ""))
        if serve:
            found["replicas"] = told_of_replicas(served.address)
    floor_waits = [wait for waits in floor.waits.values() for wait in waits]
    return {"users": users, "seconds": round(seconds), **percentiles("floor", floor_waits), **found}


def told_of_replicas(address: str) -> str:
    """Return what /status says of the replicas: how many runs they were asked for, and how many they lost."""
    with urllib.request.urlopen(f"{address}/status", timeout=30) as reply:
        lines = reply.read().decode().splitlines()
    return "; ".join(line.partition(": ")[2] for line in lines if line.startswith("replicas: "))


async def _watched(served: Served, users: int, seconds: float, hostile: bool, killed: str) -> dict[str, Any]:
    """Let a class visit a server; return what it met and how the server's memory went.

    killed: the address of replicas one of which is killed halfway; "": none.
    """
    before, memory, seen = served.megabytes(), [], Seen()

    async def look() -> None:
        while True:
            await asyncio.sleep(1)
            memory.append(served.megabytes())

    around = [asyncio.create_task(look())]
    if hostile:
        around.append(asyncio.create_task(besiege(served.address)))
    if killed:
        asyncio.get_running_loop().call_later(seconds / 2, threading.Thread(target=kill_one, args=(killed,)).start)
    try:
        seen = await attend(served.address, users, seconds, BETWEEN, students(users))
    finally:
        for task in around:
            task.cancel()
    for said, times in seen.errors.items():
        print(f"{times} × {said}")
    await asyncio.sleep(REST)
    memory.append(served.megabytes())
    known = [value for value in memory if value is not None]
    if before is None or not known:
        return seen.summary()
    return seen.summary() | {
        "memory_mb_fresh": round(before),
        "memory_mb_halfway": round(known[len(known) // 2]),
        "memory_mb_end": round(known[-2]),
        "memory_mb_after": round(known[-1]),
        "memory_mb_most": round(max(known)),
        "memory_mb_per_user": round((known[-2] - before) / users, 1),
    }


Visitor = Callable[["Visit"], Awaitable[None]]


@dataclass
class Visit:
    """One visitor: a number, the way in, the chance that decides, how long to stay, and what was met."""

    index: int
    address: str
    rng: np.random.Generator
    end: float  # on the clock of `time.monotonic`
    between: float
    seen: Seen
    threads: ThreadPoolExecutor
    sessions: list[Session] = field(default_factory=list)  # all that were opened

    async def comes(self) -> Session:
        """Connect anew."""
        self.sessions.append(await connected(self.address))
        return self.sessions[-1]

    async def leaves(self) -> None:
        """Close whatever is open."""
        for session in self.sessions:
            await session.socket.close()
        self.sessions.clear()

    async def thinks(self) -> bool:
        """Wait a while; say whether there is time for something more."""
        await asyncio.sleep(self.rng.uniform(0, 2 * self.between))
        return time.monotonic() < self.end


async def attend(address: str, users: int, seconds: float, between: float, visitor: Visitor) -> Seen:
    """Let so many visitors come at once and stay for some seconds; return what they met."""
    seen = Seen()
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(users) as threads:

        async def one(index: int) -> None:
            visit = Visit(index, address, np.random.default_rng(index), end, between, seen, threads)
            try:
                await visitor(visit)
            except Exception as error:  # noqa: BLE001 (whatever a visitor meets is counted, and the others go on)
                seen.errors[f"{type(error).__name__}: {error}"[:200]] += 1
            finally:
                await visit.leaves()

        await asyncio.gather(*(one(index) for index in range(users)))
    return seen


async def idle(visit: Visit) -> None:
    """Have a page run again and again that computes nothing."""
    session = await visit.comes()
    await session.open()
    while await visit.thinks():
        visit.seen.waits["floor"].append(await session.open())


def students(users: int) -> Visitor:
    """Return what a student does: try out all that the app offers, one thing after the other, with an own board."""
    from looped.tasks.sudoku.generator import generate

    boards, _ = generate(users, 9, seed=0, split="held-out")
    names = [name for name in checkpoints.names() if name.startswith("sudoku9-")]

    async def student(visit: Visit) -> None:
        at = Student(visit, boards[visit.index].copy(), LOOPED, await visit.comes())
        visit.seen.waits["first"].append(await at.session.open())
        while await visit.thinks():
            kind = str(visit.rng.choice(list(OFTEN), p=np.array([*OFTEN.values()]) / sum(OFTEN.values())))
            if kind == "checkpoint":
                at.checkpoint = str(visit.rng.choice(names))
            await at.does(kind)

    return student


@dataclass
class Student:
    """A visitor with a board."""

    visit: Visit
    board: np.ndarray  # (81,)
    checkpoint: str
    session: Session
    loops: int = 32
    number: int = 0  # of the last request

    @property
    def shown(self) -> dict[str, Any]:
        """What the page shows, as a link says it."""
        return {"puzzle": "".join(map(str, self.board)), "checkpoint": self.checkpoint, "loops": self.loops}

    async def does(self, kind: str) -> None:
        """Do one thing of `OFTEN` and note how long it took."""
        waits, rng = self.visit.seen.waits[kind], self.visit.rng
        if kind == "link":
            await self.visit.leaves()
            self.session = await self.visit.comes()
            waits.append(await self.session.open(urlencode(self.shown)))
        elif kind == "page":
            waits.append(await self.session.turn_to(str(rng.choice(sorted(PAGES & self.session.pages.keys())))))
            waits.append(await self.session.turn_to("sudoku"))
        elif kind == "question":
            await question(self.visit, self.shown | {"question": "cells", "checkpoint": LOOPED})
        else:
            if kind == "edit" and self.board.any():
                self.board[rng.choice(np.flatnonzero(self.board))] = 0
            self.number += 1
            waits.append(await self.session.ask(**self.shown, number=self.number))
            if self.shown["puzzle"].replace("0", ".").encode() not in self.session.shown:
                self.visit.seen.errors["what was typed is not what is shown"] += 1


async def question(visit: Visit, query: dict[str, Any]) -> None:
    """Ask a long question and wait for its end, or for that of the lesson."""
    begun = time.perf_counter()
    status, said = await asyncio.get_running_loop().run_in_executor(
        visit.threads, fetched, f"{visit.address}/ask?{urlencode(query)}", max(1.0, visit.end - time.monotonic())
    )
    if status in (429, 503):
        visit.seen.refused += 1
    elif status == 0 and time.monotonic() >= visit.end:
        visit.seen.left += 1
    elif status != 200:
        visit.seen.errors[f"a question was answered with {status}: {said}"] += 1
    else:
        visit.seen.waits["question"].append(time.perf_counter() - begun)


def fetched(address: str, seconds: float) -> tuple[int, str]:
    """Read an answer to its end; return its status, 0 where it did not come within the time, and what was wrong."""
    end = time.monotonic() + seconds
    try:
        with urllib.request.urlopen(address, timeout=seconds) as reply:
            while reply.read1(2**16):
                if time.monotonic() > end:
                    return 0, "it took too long"
            return int(reply.status), ""
    except HTTPError as error:
        with error:
            return error.code, error.read(200).decode(errors="replace")
    except (OSError, HTTPException) as error:
        return 0, str(error)


async def besiege(address: str) -> None:
    """Ask for many exports and long questions at once and go away after a second, until cancelled."""
    exports = [f"{address}/export?{urlencode({'loops': 64, 'loop': number})}" for number in range(1, EXPORTS + 1)]
    asked = {"question": "cells", "checkpoint": "sudoku9-strong"}
    questions = [f"{address}/ask?{urlencode(asked | {'loops': 64 + number})}" for number in range(QUESTIONS)]
    with ThreadPoolExecutor(EXPORTS + QUESTIONS) as threads:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.gather(*(loop.run_in_executor(threads, fetched, one, GONE) for one in exports + questions))
            await asyncio.sleep(1)
