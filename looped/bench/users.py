"""Many visitors on one server, without browsers."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from looped.bench.server import server
from looped.catalogue import checkpoints


def measure(count: int = 30, seconds: float = 20, between: float = 5.0) -> dict[str, Any]:
    """Measure many visitors on one server, without browsers.

    Each changes a cell every `between` seconds on average, and every sixth time switches the page instead. Times are
    from sending to the end of the page's run, for all but the first picture.
    """
    with server() as address:
        waits = asyncio.run(_class_of_users(address.replace("http", "ws") + "/_stcore/stream", count, seconds, between))
    waits.sort()
    return {
        "users": count,
        "reruns": len(waits),
        "reruns_per_s": round(len(waits) / seconds, 1),
        "rerun_ms_median": round(1000 * statistics.median(waits)),
        "rerun_ms_p95": round(1000 * waits[int(0.95 * len(waits))]),
    }


class _Run(NamedTuple):
    """One run of a page's script."""

    seconds: float
    component: str  # the id of the microscope, "" where it is not on the page
    pages: dict[str, str]  # name → code of every page of the app


async def _class_of_users(address: str, count: int, seconds: float, between: float) -> list[float]:
    """Return the seconds of every run that `count` visitors waited for."""
    from websockets.asyncio.client import connect

    from looped.tasks.sudoku.generator import generate

    puzzles, _ = generate(count, 9, seed=0, split="held-out")
    checkpoint = next(name for name in reversed(checkpoints.names()) if name.startswith("sudoku9-tmlt"))

    async def user(index: int) -> list[float]:
        async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
            rng = np.random.default_rng(index)
            return await _visit(socket, rng, puzzles[index].copy(), checkpoint, seconds, between)

    return list(chain.from_iterable(await asyncio.gather(*(user(index) for index in range(count)))))


async def _visit(
    socket: Any, rng: np.random.Generator, board: np.ndarray, checkpoint: str, seconds: float, between: float
) -> list[float]:
    """Return the seconds of every run of one visitor, who empties cells of a board and looks at other pages."""
    first = await _run(socket, _script(query_string=""))
    models = {name.lower() == "models": code for name, code in first.pages.items()}
    waits: list[float] = []
    end, number = time.perf_counter() + seconds, 0
    await asyncio.sleep(rng.uniform(0, between))
    while time.perf_counter() < end:
        number += 1
        if number % 6 == 0:
            messages = [_script(page_script_hash=models[there]) for there in (True, False)]
        else:
            board[rng.choice(np.flatnonzero(board))] = 0
            puzzle = "".join(map(str, board))
            request = {"puzzle": puzzle, "checkpoint": checkpoint, "loops": 32, "number": number}
            messages = [_state(first.component, {"request": request})]
        waits += [(await _run(socket, message)).seconds for message in messages]
        await asyncio.sleep(rng.uniform(0, 2 * between))
    return waits


def _script(**rerun: str) -> Any:
    """Return the message that has the page's script run again."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    message.rerun_script.SetInParent()
    for name, value in rerun.items():
        setattr(message.rerun_script, name, value)
    return message


def _state(component: str, state: dict[str, Any]) -> Any:
    """Return the message that a component has another state."""
    message = _script()
    widget = message.rerun_script.widget_states.widgets.add()
    widget.id, widget.json_value = component, json.dumps(state)
    return message


async def _run(socket: Any, message: Any) -> _Run:
    """Send a message and read what comes until the page's script has ended."""
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    begun, component, pages = time.perf_counter(), "", {}
    await socket.send(message.SerializeToString())
    while True:
        reply = ForwardMsg()
        reply.ParseFromString(await socket.recv())
        kind = reply.WhichOneof("type")
        if kind == "delta" and reply.delta.new_element.HasField("bidi_component"):
            component = reply.delta.new_element.bidi_component.id
        elif kind == "navigation":
            pages = {page.page_name: page.page_script_hash for page in reply.navigation.app_pages}
        elif kind == "script_finished":
            return _Run(time.perf_counter() - begun, component, pages)
