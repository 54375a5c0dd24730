"""Many visitors on one server, without browsers."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from typing import Any

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


async def _class_of_users(address: str, count: int, seconds: float, between: float) -> list[float]:
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import connect

    from looped.tasks.sudoku.generator import generate

    puzzles, _ = generate(count, 9, seed=0, split="held-out")
    name = next(name for name in reversed(checkpoints.names()) if name.startswith("sudoku9-tmlt"))
    waits: list[float] = []

    async def run(socket: Any, message: BackMsg) -> tuple[float, str | None, dict[str, str]]:
        begun, component, pages = time.perf_counter(), None, {}
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
                return time.perf_counter() - begun, component, pages

    async def user(index: int) -> None:
        rng = np.random.default_rng(index)
        board = puzzles[index].copy()
        async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
            first = BackMsg()
            first.rerun_script.query_string = ""
            _, component, pages = await run(socket, first)
            end, number = time.perf_counter() + seconds, 0
            await asyncio.sleep(rng.uniform(0, between))
            while time.perf_counter() < end:
                number += 1
                message = BackMsg()
                if number % 6 == 0:
                    message.rerun_script.page_script_hash = next(
                        code for page, code in pages.items() if page.lower() == "models"
                    )
                    waits.append((await run(socket, message))[0])
                    message = BackMsg()
                    message.rerun_script.page_script_hash = next(
                        code for page, code in pages.items() if page.lower() != "models"
                    )
                else:
                    board[rng.choice(np.flatnonzero(board))] = 0
                    state = message.rerun_script.widget_states.widgets.add()
                    state.id = component
                    state.json_value = json.dumps(
                        {
                            "request": {
                                "puzzle": "".join(map(str, board)),
                                "checkpoint": name,
                                "loops": 32,
                                "number": number,
                            }
                        }
                    )
                waits.append((await run(socket, message))[0])
                await asyncio.sleep(rng.uniform(0, 2 * between))

    await asyncio.gather(*(user(index) for index in range(count)))
    return waits
