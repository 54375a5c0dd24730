"""The benchmark of a class does what a class does: its visitors meet the real server, and errors are counted."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from looped.bench import together
from looped.bench.classroom import OFTEN, Seen, Student, Visit, attend, students


def test_a_visitor_does_all_that_the_app_offers(address: str) -> None:
    """Each thing once, over the real websocket; every one takes time, none is an error."""

    async def lesson(seen: Seen) -> None:
        board = np.tile(np.arange(1, 10), 9)
        board[9:] = 0
        with ThreadPoolExecutor(1) as threads:
            visit = Visit(0, address, np.random.default_rng(0), time.monotonic() + 60, 0.0, seen, threads)
            at = Student(visit, board, "sudoku9-tmlt", await visit.comes(), loops=2)
            seen.waits["first"].append(await at.session.open())
            for kind in OFTEN:
                await at.does(kind)
            await visit.leaves()

    seen = Seen()
    asyncio.run(lesson(seen))
    found = seen.summary()
    assert (found["errors"], found["refused"], found["left"]) == (0, 0, 0), seen.errors
    assert {kind: len(waits) for kind, waits in seen.waits.items()} == {
        "first": 1,
        **dict.fromkeys(OFTEN, 1),
        "page": 2,
    }
    assert found["reruns"] == 6  # the question stands apart
    assert 0 < found["rerun_ms_median"] <= found["rerun_ms_p95"] < 60_000


def test_what_goes_wrong_is_counted_and_the_others_go_on(address: str) -> None:
    async def one_falls(visit: Visit) -> None:
        session = await visit.comes()
        visit.seen.waits["first"].append(await session.open())
        if visit.index == 0:
            await session.turn_to("no such page")

    seen = asyncio.run(attend(address, 2, 1, 0.1, one_falls))
    assert (len(seen.waits["first"]), seen.errors.total()) == (2, 1)


def test_a_lesson_ends(address: str) -> None:
    seen = asyncio.run(attend(address, 2, 2, 0.3, students(2)))
    assert not seen.errors
    assert len(seen.waits["first"]) == 2


def test_a_class_together_answers_and_only_then_sees_what_all_answered(address: str) -> None:
    """Six students at once; how long they wait, `python -m looped bench class` measures."""
    held = together.lesson(address, 6, (2,), moment=0.5)
    assert {name: len(times) for name, times in held.waits.items()} == {"answer": 6, "histogram": 6, "reveal": 6}
    for page in (held.teacher, *held.students):
        counts = [ask["answered"] for ask in page.asked]
        assert counts == sorted(counts)  # no answer is forgotten
        assert counts[-1] == 6
    mine = []
    for student in held.students:
        before = [ask for ask in student.asked if ask["told"] is None]
        after = student.asked[len(before) :]
        assert before
        assert after
        assert all(ask["bars"] is None for ask in before)
        assert all(ask["told"] and ask["bars"] for ask in after)
        mine.append(after[-1]["mine"])
    wanted = [mine.count(0), mine.count(1)]
    assert [many for _, many, *_ in held.teacher.asked[-1]["bars"]] == wanted
    assert all([many for _, many, *_ in student.asked[-1]["bars"]] == wanted for student in held.students)
