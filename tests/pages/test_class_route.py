"""POST /class: what a teacher and students send, what each of them hears, and what is refused."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
from starlette.requests import Request

from looped.classes import Classes
from looped.classes.session import Bounds
from looped.ui import classes
from looped.ui.classes import MESSAGE, together
from looped.ui.health import DESKS, Collected, words
from looped.ui.state import engine

VIEW = "/?v=1&checkpoint=sudoku6-looped&lesson=2-fixed-point&step=2"
ROOT = "https://scope.example/lab/"
RUNNER = asyncio.Runner()  # one event loop for all messages: to make and close one takes longer than a message


@pytest.fixture(scope="module", autouse=True)
def runner() -> Iterator[None]:
    with RUNNER:
        yield


@pytest.fixture(autouse=True)
def book(monkeypatch: pytest.MonkeyPatch) -> Classes:
    fresh = Classes(4, Bounds(students=5, rate=100))
    monkeypatch.setattr(classes, "BOOK", fresh)
    return fresh


def request(body: bytes, **headers: str) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": named, "client": ("1.2.3.4", 5)}
    return Request(scope, receive)


def send(message: Any, **headers: str) -> tuple[int, Any]:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    answer = RUNNER.run(together(request(body, **headers)))
    text = bytes(answer.body).decode()
    return answer.status_code, json.loads(text) if answer.media_type == "application/json" else text


@pytest.fixture
def led() -> dict[str, Any]:
    """What the teacher's page sends with every message."""
    status, found = send({"do": "start", "root": ROOT})
    assert status == 200
    assert found["link"] == f"https://scope.example/lab/?class={found['code']}"
    assert set("".join(found["qr"])) == {"0", "1"}
    return {"code": found["code"], "key": found["key"]}


def joined(code: str, key: str | None = None) -> dict[str, Any]:
    status, found = send({"do": "join", "code": code.upper(), "key": key})
    assert status == 200
    return dict(found)


async def heard(who: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The first events that a page hears."""
    answer = await together(request(json.dumps({"do": "listen", **who}).encode()))
    assert answer.media_type == "text/event-stream"
    assert isinstance(answer, classes.Listening)
    events = [json.loads((await anext(answer.events)).removeprefix("data: ")) for _ in range(count)]
    await answer.events.aclose()
    return events


def test_a_question_is_answered_and_then_revealed_to_each(led: dict[str, Any]) -> None:
    ann, ben = joined(led["code"]), joined(led["code"])
    assert send({"do": "show", **led, "view": VIEW})[0] == 204
    assert send({"do": "answer", **ann, "lesson": "2-fixed-point", "step": 2, "guess": 0})[0] == 204
    assert send({"do": "answer", **led, "lesson": "2-fixed-point", "step": 2, "guess": 1})[0] == 410  # is no student
    (before,) = RUNNER.run(heard(ben, 1))
    assert before["view"] == VIEW
    assert before["ask"] == {
        "lesson": "2-fixed-point",
        "step": 2,
        "answered": 1,
        "mine": None,
        "bars": None,
        "told": None,
        "measuring": False,
    }
    assert send({"do": "reveal", **led})[0] == 204
    (after,) = RUNNER.run(heard(ben, 1))
    told = after["ask"]["told"]
    assert (told["result"], told["guess"], told["marks"]["option"]) == ("class", None, 1)
    assert [bar[1] for bar in after["ask"]["bars"]] == [1, 0]
    status, table = send({"do": "counts", **led})
    assert status == 200
    assert (
        "The fixed point in five minutes,2,Does it come to rest?,It goes on moving.,1,2-fixed-point"
        in table.splitlines()
    )
    assert ann["student"] not in table


def test_a_page_of_the_teacher_asks_anew_so_that_one_without_a_connection_is_missed(
    led: dict[str, Any], book: Classes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing tells the server of a connection that is lost: that no page asks anew does."""
    monkeypatch.setattr(classes, "LEADS", 0.3)
    session = book.sessions[led["code"]]
    there = []

    async def listening() -> None:
        for _ in range(2):
            answer = await together(request(json.dumps({"do": "listen", **led}).encode()))
            assert isinstance(answer, classes.Listening)
            async for _ in answer.events:
                there.append(session.teacher.pages)
            there.append(session.teacher.pages)

    before = session.now()
    RUNNER.run(listening())
    assert [pages for pages, _ in groupby(there)] == [1, 0, 1, 0]  # however often it heard something meanwhile
    assert session.teacher.seen >= before + 0.6
    assert session.teacher.held > session.now()
    ann = joined(led["code"])
    assert "student" in joined(led["code"], led["key"])  # it may be back in a moment
    monkeypatch.setattr(session, "now", lambda: before + 60)
    (told,) = RUNNER.run(heard(ann, 1))
    assert told["unled"] is True
    session.show(VIEW)
    assert joined(led["code"], led["key"]) == led
    assert RUNNER.run(heard(led, 1))[0]["unled"] is False


def test_a_page_hears_only_what_has_changed(led: dict[str, Any], book: Classes) -> None:
    async def listening() -> list[dict[str, Any]]:
        student = book.sessions[led["code"]].join()
        answer = await together(request(json.dumps({"do": "listen", "code": led["code"], "student": student}).encode()))
        assert isinstance(answer, classes.Listening)
        found = [await anext(answer.events)]
        assert book.told() == (1, 1)
        book.sessions[led["code"]].let_go(False)
        found.append(await anext(answer.events))
        book.close()  # the server stops
        with pytest.raises(StopAsyncIteration):
            await anext(answer.events)
        return [json.loads(event.removeprefix("data: ")) for event in found]

    first, second = RUNNER.run(listening())
    assert first["here"] == 1
    assert second == {"follows": False}
    assert book.told() == (1, 0)


def test_a_signal_that_stops_the_server_lets_all_pages_go(book: Classes) -> None:
    """Else the server would wait for what they hear."""
    heard: list[int] = []

    async def stopping() -> None:
        classes.end_with_server()
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0)
        assert book.closing

    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        asyncio.run(stopping())
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, interrupt)
    assert heard == [signal.SIGTERM]  # what was done at the signal before is done, too


def test_a_class_that_ends_is_told_so_and_cannot_be_found(led: dict[str, Any]) -> None:
    ann = joined(led["code"])
    assert send({"do": "end", **ann})[0] == 403
    assert send({"do": "end", **led})[0] == 204
    for who in ({"do": "listen", **ann}, {"do": "join", "code": led["code"]}):
        assert send(who) == (410, "This class has ended: it takes and counts nothing any more.")


@pytest.mark.parametrize(
    ("message", "status", "says"),
    [
        (b"{", 400, "did not arrive whole"),
        (b"[" * 5000, 400, "did not arrive whole"),
        (b"[]", 400, "did not arrive whole"),
        ({"do": "join", "code": "222222"}, 404, "no class with this code"),
        ({"do": "join", "code": {"a": 1}}, 404, "no code of a class: it has six letters and digits"),
        ({"do": "join", "code": ""}, 404, "no code of a class: it has six letters and digits"),
        ({"do": "start", "root": "javascript:alert(1)"}, 400, "address of this page"),
        ({"do": "start", "root": "https://a.example/?x=1"}, 400, "address of this page"),
        (b" " * (MESSAGE.most + 1), 413, "at most 16 KB"),
    ],
)
def test_what_is_no_message_is_told_in_a_sentence(message: Any, status: int, says: str) -> None:
    found, text = send(message)
    assert (found, "\n" in text) == (status, False)
    assert says in text


@pytest.mark.parametrize("what", ["show", "follow", "reveal", "quiz", "counts", "end", "invite"])
def test_a_student_cannot_lead(led: dict[str, Any], what: str) -> None:
    ann = joined(led["code"])
    for who in (ann, {"code": led["code"]}, {"code": led["code"], "key": ann["student"]}):
        assert send({"do": what, **who, "view": VIEW, "root": ROOT})[0] == 403
    assert send({"do": "dance", **led})[0] == 400


def test_a_page_of_another_site_starts_no_class(book: Classes) -> None:
    assert send({"do": "start", "root": ROOT}, sec_fetch_site="cross-site")[0] == 403
    assert book.told() == (0, 0)


def test_how_many_classes_there_are_is_told_with_the_other_desks(
    led: dict[str, Any], book: Classes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("looped.ui.health.BOOK", book)
    joined(led["code"])
    assert "classes together: 1, with 0 students" in words(engine(), DESKS)
    told = {family.name: family for family in Collected(engine(), DESKS).collect()}
    assert told["loopscope_classes"].samples[0].value == 1
    assert {sample.labels["desk"] for sample in told["loopscope_desk_room"].samples} >= {"classes", "exports"}
