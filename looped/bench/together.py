"""A class together at a question: thirty students on one server answer, see the reveal, and the teacher sees the bars.

Each student has a page that listens, and each waits a random moment of two seconds before it answers, as people do. The
load comes from the same cores as the server. `answer`: from the press to the server's word that it has the answer.
`histogram`: from the press until the teacher's page has bars in which that answer is counted. `reveal`: from the
teacher's press until a student's page has what is revealed to its own guess.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from looped.bench.classroom import percentiles
from looped.bench.server import running

USERS = 30
MOMENT = 2.0  # seconds within which all of them answer
PATIENCE = 60.0
LESSON, STEPS = "2-fixed-point", (2, 4)  # both ask a choice of two
VIEW = "/?v=1&lesson={}&step={}"
Told = dict[str, Any]


def sent(address: str, message: Told, path: str = "class") -> Told:
    """Send one message in a connection of its own, as a browser may; return the answer."""
    body = json.dumps(message).encode()
    asking = urllib.request.Request(f"{address}/{path}", data=body, method="POST")
    with urllib.request.urlopen(asking, timeout=PATIENCE) as reply:
        text = reply.read()
    return dict(json.loads(text)) if text else {}


@dataclass
class Listener:
    """A page that listens: what it was told last and of its question all the time, and when it saw how many answers."""

    address: str
    who: Told
    told: Told = field(default_factory=dict)
    asked: list[Told] = field(default_factory=list)
    counts: list[tuple[float, int]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        """Hear until the class ends; the server has a page ask anew now and then."""
        while not self.told.get("ended") and self.hears():
            pass

    def hears(self) -> bool:
        """Hear until the server ends the events; return whether it had any."""
        parts = urlsplit(self.address)
        with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)) as connection:
            connection.request("POST", f"{parts.path}/class", json.dumps({"do": "listen", **self.who}))
            reply = connection.getresponse()
            for news in told_by(reply):
                with self.changed:
                    self.told |= news
                    ask = self.told["ask"] or {}
                    if ask:
                        self.asked.append(ask)
                    if bars := ask.get("bars"):
                        self.counts.append((time.perf_counter(), sum(bar[1] for bar in bars)))
                    self.changed.notify_all()
            return reply.status == HTTPStatus.OK

    def wait(self, step: int, answered: int = 0, revealed: bool = False) -> None:
        """Wait until so many answers to a step have been told. Raises TimeoutError."""

        def there() -> bool:
            ask = self.told.get("ask") or {}
            known = ask.get("step") == step and ask["answered"] >= answered
            return known and (not revealed or ask["told"] is not None)

        with self.changed:
            if not self.changed.wait_for(there, PATIENCE):
                raise TimeoutError(f"a page was not told of step {step} within {PATIENCE:.0f} seconds.")


def told_by(reply: HTTPResponse) -> Iterator[Told]:
    """Yield the events of a stream."""
    while line := reply.readline():
        if line.startswith(b"data: "):
            yield json.loads(line[6:])


@dataclass
class Lesson:
    """A class at its questions, and the seconds that its people waited."""

    address: str
    teacher: Listener
    students: list[Listener]
    threads: ThreadPoolExecutor
    moment: float  # seconds within which all of them answer
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    waits: dict[str, list[float]] = field(default_factory=lambda: {"answer": [], "histogram": [], "reveal": []})

    def ask(self, step: int) -> None:
        """Have all answer a question, and reveal it."""
        sent(self.address, {"do": "show", **self.teacher.who, "view": VIEW.format(LESSON, step)})
        for one in (self.teacher, *self.students):
            one.wait(step)
        self.teacher.counts.clear()
        moments = self.rng.uniform(0, self.moment, len(self.students))
        pressed = sorted(self.threads.map(lambda one, moment: self.answer(one, step, moment), self.students, moments))
        self.teacher.wait(step, len(self.students))
        for number, began in enumerate(pressed, 1):
            seen = next(at for at, count in self.teacher.counts if count >= number)
            self.waits["histogram"].append(max(0.0, seen - began))
        began = time.perf_counter()
        revealing = self.threads.submit(sent, self.address, {"do": "reveal", **self.teacher.who})
        list(self.threads.map(lambda one: self.see(one, step, began), self.students))
        revealing.result()

    def answer(self, student: Listener, step: int, moment: float) -> float:
        """Answer after a moment; return when the button was pressed."""
        time.sleep(moment)
        began = time.perf_counter()
        guess = int(1000 * moment) % 2
        sent(self.address, {"do": "answer", **student.who, "lesson": LESSON, "step": step, "guess": guess})
        self.waits["answer"].append(time.perf_counter() - began)
        return began

    def see(self, student: Listener, step: int, began: float) -> None:
        """Wait for the reveal, and fetch what is revealed to the own guess."""
        student.wait(step, revealed=True)
        sent(self.address, {"name": LESSON, "step": step, "guess": student.told["ask"]["mine"]}, "lesson")
        self.waits["reveal"].append(time.perf_counter() - began)


def lesson(address: str, users: int, steps: tuple[int, ...] = STEPS, moment: float = MOMENT) -> Lesson:
    """Hold a class of so many students on a server; return what its people were told and how long they waited."""
    started = sent(address, {"do": "start", "root": f"{address}/"})
    teacher = Listener(address, {"code": started["code"], "key": started["key"]})
    students = [Listener(address, sent(address, {"do": "join", "code": started["code"]})) for _ in range(users)]
    with ThreadPoolExecutor(2 * users + 2) as threads:
        heard = [threads.submit(one.listen) for one in (teacher, *students)]
        held = Lesson(address, teacher, students, threads, moment)
        try:
            for step in steps:
                held.ask(step)
        finally:
            sent(address, {"do": "end", **teacher.who})
        for one in heard:
            one.result()
    return held


def measure(users: int = USERS) -> dict[str, Any]:
    """Measure a class on one server, after one that warmed it up. Returns milliseconds."""
    with running() as served:
        lesson(served.address, 2)
        before = served.megabytes()
        waits = lesson(served.address, users).waits
        after = served.megabytes()
    found: dict[str, Any] = {"users": users, "questions": len(STEPS)}
    for name, times in waits.items():
        found |= percentiles(name, times)
    if before is None or after is None:
        return found
    return found | {"memory_mb_more": round(after - before, 1)}
