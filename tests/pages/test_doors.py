"""The app's own routes against what is hostile: other sites, too much, those who go away, names that are no file's."""

from __future__ import annotations

import asyncio
import io
import math
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.requests import Request
from starlette.responses import Response

from looped.export import animation
from looped.serving.desk import Desk, Ticket
from looped.serving.engine import Engine
from looped.ui import download
from looped.ui.doors import Stepwise, at, attached, from_elsewhere

GOOD = {"host": "scope.example"}


def request(method: str = "GET", gone: threading.Event | None = None, **headers: str) -> Request:
    """A request as a server hands it over; `gone` is set when the connection is closed."""

    async def receive() -> dict[str, Any]:
        if gone is not None and gone.is_set():
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"", "more_body": False}

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in (GOOD | headers).items()]
    scope = {"type": "http", "method": method, "query_string": b"", "headers": named, "client": ("1.2.3.4", 5)}
    return Request(scope, receive)


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),  # a program, or an address that was typed
        ({"sec_fetch_site": "same-origin", "sec_fetch_mode": "cors"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"}, True),
        ({"sec_fetch_site": "same-site", "sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"}, True),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"}, True),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}, False),
        ({"origin": "http://scope.example"}, False),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"referer": "http://scope.example/sequences?x=1"}, False),
        ({"referer": "http://evil.example/", "accept": "image/png,*/*;q=0.8"}, True),
        ({"referer": "http://course.example/", "accept": "text/html,*/*"}, False),  # a link that was followed
        ({"host": "inner:8501", "x_forwarded_host": "scope.example", "origin": "http://scope.example"}, False),
    ],
)
def test_a_page_of_another_site_starts_no_work(headers: dict[str, str], elsewhere: bool) -> None:
    assert from_elsewhere(request(**headers)) == elsewhere
    answer = asyncio.run(at(Desk("test", 1, 2, 1), request(**headers), lambda *_: Response("done")))
    assert answer.status_code == (403 if elsewhere else 200)


def test_too_much_is_said_at_once_and_the_place_is_free_again_afterwards() -> None:
    desk = Desk("test", room=4, waiting=4, workers=2)
    begun, go_on = threading.Event(), threading.Event()

    def slow(ticket: Ticket, body: bytes) -> Response:
        begun.set()
        go_on.wait(60)
        return Response("done")

    async def work() -> list[Response]:
        tasks = [asyncio.create_task(at(desk, request(), slow)) for _ in range(4)]
        while not begun.is_set() or sum(task.done() for task in tasks) < 2:
            await asyncio.sleep(0.01)
        refused = [task for task in tasks if task.done()]
        assert [task.result().status_code for task in refused] == [429, 429]  # half of the places for one client
        assert refused[0].result().headers["Retry-After"] == "5"
        go_on.set()
        return [await task for task in tasks]

    assert sorted(answer.status_code for answer in asyncio.run(work())) == [200, 200, 429, 429]
    assert desk.tickets == []


def test_who_goes_away_leaves_nothing_behind() -> None:
    desk, gone = Desk("test", room=1, waiting=8, workers=1), threading.Event()
    stopped = threading.Event()

    def slow(ticket: Ticket, body: bytes) -> Response:
        gone.set()  # the connection is closed as soon as the work has begun
        if ticket.gone.wait(60):
            stopped.set()
        return Response("too late")

    async def work() -> None:
        answer = await at(desk, request(gone=gone), slow)
        assert answer.status_code == 499
        while desk.tickets:
            await asyncio.sleep(0.01)

    asyncio.run(work())
    assert stopped.is_set()


def test_a_stream_takes_its_turn_and_is_closed_when_the_client_goes_away() -> None:
    desk = Desk("test", room=1, waiting=8, workers=1)
    closed: list[bool] = []

    def steps() -> Iterator[str]:
        try:
            for number in range(1000):
                time.sleep(0.001)
                yield f"{number};"
        finally:
            closed.append(True)

    async def work() -> None:
        sent: list[bytes] = []
        left = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))
            if len(sent) == 4:
                left.set()

        answer = await at(
            desk, request(), lambda *_: Stepwise(steps(), 1, media_type="text/event-stream", headers={}), turn=False
        )
        assert len(desk.tickets) == 1
        await answer({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
        while desk.tickets:
            await asyncio.sleep(0.01)
        assert sent[1:4] == [b"0;", b"1;", b"2;"]
        assert len(sent) < 500

    asyncio.run(work())
    assert closed == [True]
    assert desk.used() == 0


def test_who_waits_hears_its_place_and_gives_it_up_by_leaving(monkeypatch: pytest.MonkeyPatch) -> None:
    """One is under way, one waits and leaves, so that the one behind it moves up, and comes in when the first ends."""
    monkeypatch.setattr("looped.ui.doors.OFTEN", 0.01)
    desk = Desk("test", room=1, waiting=8, workers=1)

    async def work() -> None:
        def asks(left: asyncio.Event, *steps: str) -> tuple[asyncio.Task[None], list[str]]:
            said: list[str] = []

            async def receive() -> dict[str, Any]:
                await left.wait()
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                said.append(message.get("body", b"").decode())

            answer = Stepwise(iter(steps), 1, "text/event-stream", {}, lambda place: f"place {place}")
            answer.through(desk, desk.take("somebody"))
            return asyncio.create_task(answer({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)), said

        async def hears(said: list[str], word: str) -> None:
            while word not in said:
                await asyncio.sleep(0.005)

        first = desk.take("the first")
        await desk.turn(first)
        (gone, stays) = asyncio.Event(), asyncio.Event()
        leaves, heard = asks(gone)
        await hears(heard, "place 1")
        waits, said = asks(stays, "done")
        await hears(said, "place 2")
        gone.set()
        await leaves
        await hears(said, "place 1")
        desk.leave(first)
        await waits
        assert [word for word in said if word] == ["place 2", "place 1", "place 0", "done"]
        assert (desk.queue, desk.tickets) == ([], [])

    asyncio.run(asyncio.wait_for(work(), 60))


@pytest.mark.parametrize("version", ["2.3", "2.4"])
def test_a_client_that_reads_nothing_does_not_keep_its_place(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays connected, and what is sent to it fills what lies between."""
    monkeypatch.setattr("looped.ui.doors.PATIENCE", 0.05)
    desk = Desk("test", room=1, waiting=8, workers=1)

    async def work() -> None:
        async def never(*_: Any) -> Any:
            await asyncio.sleep(60)

        answer = await at(
            desk, request(), lambda *_: Stepwise(iter(["step"]), 1, "text/event-stream", headers={}), turn=False
        )
        await answer({"type": "http", "asgi": {"spec_version": version}}, never, never)
        while desk.tickets:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(work(), 120))
    assert desk.used() == 0


def test_an_export_that_nobody_waits_for_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PATIENCE", math.inf)
    gone = threading.Event()
    threading.Timer(0.3, gone.set).start()
    with pytest.raises(download.ExportError):
        download.run(["sleep", "infinity"], gone)


@pytest.mark.parametrize("name", ['a"b', "a\r\nSet-Cookie: x=1", "a┃b", "k-名前ü", "..", "a/../../b", "a;b\\c"])
def test_every_name_becomes_a_header_and_a_folder(name: str) -> None:
    (folder,) = download.folder_names([name])
    assert not {"/", "\\", "\r", "\n", '"', ";"} & set(folder)
    assert not folder.startswith(".")
    header = attached(f"loopscope-{folder}.zip")
    answer = Response(b"", headers=header)  # which raises for what is no header
    said = answer.headers["Content-Disposition"]
    assert said.isascii()
    named = said.rpartition("''")[2] if "''" in said else said.partition('"')[2].rstrip('"')
    assert unquote(named) == f"loopscope-{folder}.zip"


def test_long_names_fit_into_a_file_system() -> None:
    for name in ("a" * 300, "名" * 100 + "~frozen", "a~" + "cut=0@1-2," * 40):
        folders = download.folder_names([name, name])
        assert len(set(folders)) == len(folders) or "~" not in name
        assert all(len(folder.encode()) < 100 for folder in folders)


def test_a_view_of_a_folder_of_ones_own_is_exported_whatever_it_is_called(
    tmp_path: Path, make_checkpoint: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_checkpoint(tmp_path / 'k-名前ü"┃')
    monkeypatch.setattr(download, "engine", lambda: Engine(tmp_path, "cpu"))
    asked = request()
    asked.scope["query_string"] = b"figures=none&loops=2&checkpoint=k-%E5%90%8D%E5%89%8D%C3%BC%22%E2%94%83"
    answer = asyncio.run(download.export(asked))
    assert answer.status_code == 200, answer.body
    with zipfile.ZipFile(io.BytesIO(bytes(answer.body))) as packed:
        assert {name.partition("/")[0] for name in packed.namelist()} == {"k-名前ü"}


def test_pictures_that_are_too_many_for_the_memory_are_refused_before_they_are_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(animation, "size_of", lambda _: (2000, 2000))
    with pytest.raises(ValueError, match="choose fewer loops"):
        animation.gif([b""] * 101)
