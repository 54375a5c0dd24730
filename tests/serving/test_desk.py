"""Long work at a desk: bounded, fair between clients, given up when nobody waits, and its memory given back."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from looped.serving import desk as module
from looped.serving.desk import FULL, YOURS, Busy, Desk


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 120))


def test_there_is_an_end_of_what_is_taken_and_one_client_gets_half_of_it() -> None:
    desk = Desk("test", room=1, waiting=4, workers=1)
    first = [desk.take("one"), desk.take("one")]
    with pytest.raises(Busy, match=YOURS[:20]):
        desk.take("one")
    others = [desk.take("two"), desk.take("three")]
    with pytest.raises(Busy, match=FULL[:20]):
        desk.take("four")
    for ticket in first + others:
        desk.leave(ticket)
    assert desk.tickets == []
    assert desk.take("one")


def test_one_client_never_has_all_the_room_and_the_one_with_least_is_next() -> None:
    async def work() -> None:
        desk = Desk("test", room=4, waiting=40, workers=1)
        order: list[str] = []

        async def come(client: str) -> None:
            ticket = desk.take(client)
            await desk.turn(ticket)
            order.append(client)
            under_way.append(ticket)

        under_way: list[module.Ticket] = []
        waits = [asyncio.create_task(come("many")) for _ in range(10)]
        await asyncio.sleep(0)
        waits.append(asyncio.create_task(come("other")))
        for _ in range(3):
            await asyncio.sleep(0)
        assert order == ["many", "many", "many", "other"]  # three quarters of four
        waits.append(asyncio.create_task(come("other")))
        await asyncio.sleep(0)
        desk.leave(under_way.pop(0))  # one of many: the other has less
        for _ in range(3):
            await asyncio.sleep(0)
        assert order[4:] == ["other"]
        assert desk.used() == 4
        while under_way:
            desk.leave(under_way.pop())
            for _ in range(3):
                await asyncio.sleep(0)
        await asyncio.gather(*waits)

    run(work())


def test_what_is_larger_than_a_share_takes_the_share() -> None:
    async def work() -> None:
        desk = Desk("test", room=8, waiting=8, workers=1)
        ticket = desk.take("one")
        await desk.turn(ticket, 1000)
        assert desk.used("one") == 6
        desk.leave(ticket)
        assert desk.used() == 0

    run(work())


def test_who_goes_away_while_waiting_is_forgotten_and_while_working_frees_the_room_when_the_step_is_done() -> None:
    async def work() -> None:
        desk = Desk("test", room=1, waiting=8, workers=1)
        begun, go_on, closed = threading.Event(), threading.Event(), threading.Event()

        def step() -> None:
            begun.set()
            go_on.wait(60)

        one, two = desk.take("one"), desk.take("two")
        await desk.turn(one)
        waiting = asyncio.create_task(desk.turn(two))
        working = asyncio.create_task(desk.call(one, step))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        waiting.cancel()
        working.cancel()
        await asyncio.gather(waiting, working, return_exceptions=True)
        desk.leave(two)
        desk.leave(one, closed.set)
        assert desk.queue == []
        assert one.gone.is_set()
        assert desk.tickets == [one]  # a thread is still at it: its room is not given to another
        assert not closed.is_set()
        go_on.set()
        while desk.tickets:
            await asyncio.sleep(0.01)
        assert closed.is_set()

    run(work())


def test_memory_is_given_back_when_nothing_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    given = threading.Event()
    monkeypatch.setattr(module, "give_memory_back", given.set)

    async def work() -> None:
        desk = Desk("test", room=4, waiting=8, workers=1)
        one, two = desk.take("one"), desk.take("two")
        await desk.turn(one)
        await desk.turn(two)
        desk.leave(one)
        assert not given.wait(0.1)
        desk.leave(two)
        assert given.wait(60)

    run(work())


def test_pages_are_served_before_long_work_and_what_that_starts() -> None:
    desk = Desk("test", room=1, waiting=1, workers=1)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    asked = [sys.executable, "-c", "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"]
    began = desk.pool.submit(subprocess.run, asked, capture_output=True, text=True, check=True).result(120)
    back = module.STEP_BACK if sys.platform == "linux" else 0
    assert int(began.stdout) == min(own + back, 19)
    assert os.getpriority(os.PRIO_PROCESS, 0) == own
    desk.pool.shutdown()
