"""The app beside replicas that answer, die, or are not there: nothing is lost, and whoever waited is told."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from looped import tasks
from looped.runs.trace import record
from looped.serving.engine import Engine
from looped.serving.message import pack_trace
from looped.serving.packing import packer
from looped.serving.remote import AGAIN, HERE, OTHERS, Replicas
from looped.serving.replica import Answer, Replica
from looped.serving.request import first_view
from looped.serving.views import message_bytes
from looped.ui import health
from tests.pages.messages import read_meta

TOKENS = np.random.default_rng(0).integers(5, size=16)
CUT = Answer(200, b"half a parcel")
Reply = Answer | None  # None: what the replica computes


class Served:
    """Replicas behind an address: one real one, and what is answered before it."""

    def __init__(self, replica: Replica) -> None:
        self.replica, self.before, self.asked = replica, list[Reply](), 0
        served = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply(Answer(200, b'{"device": "cpu"}'))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                served.asked += 1
                first = served.before.pop(0) if served.before else None
                self.reply(first or served.replica.answer_all([body])[0])

            def reply(self, answer: Answer) -> None:
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def served(tmp_path: Path, make_checkpoint: Callable[..., Path]) -> Iterator[Served]:
    make_checkpoint(tmp_path / "sudoku4-tmlt", architecture="tmlt", injection=True)
    with threadpool_limits(os.cpu_count(), "blas"):  # a replica leaves NumPy one core
        found = Served(Replica(str(tmp_path), "cpu", 64))
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def app(served: Served, address: str = "") -> Engine:
    """The engine of an app that asks them."""
    return Engine(served.replica.engine.catalogue, "cpu", backend=Replicas(address or served.address, patience=5))


def said(packed: dict[str, Any]) -> str:
    found: str = packed["kept"].get("said", "")
    return found


def ask(engine: Engine, loops: int = 4) -> dict[str, Any]:
    return engine.packed("sudoku4-tmlt", TOKENS, loops, packer("sudoku4"))


def test_a_run_of_a_replica_is_that_of_the_app_to_the_bit_and_is_asked_for_once(served: Served) -> None:
    engine = app(served)
    found, own = ask(engine), ask(Engine(engine.catalogue, "cpu"))
    assert list(found["arrays"]) == list(own["arrays"])
    assert all(found["arrays"][name].tobytes() == array.tobytes() for name, array in own["arrays"].items())
    assert ask(engine) is found
    assert served.asked == 1
    trace, alone = engine.trace("sudoku4-tmlt", TOKENS, 4), record(engine.checkpoint("sudoku4-tmlt").model, TOKENS, 4)
    assert all(np.array_equal(trace.arrays()[name], array) for name, array in alone.arrays().items())
    own_packer = engine.packed("sudoku4-tmlt", TOKENS, 3, pack_trace)  # which no replica knows
    assert own_packer["meta"]["loops"] == 3
    assert engine.backend.told() == ["replicas: 3 runs asked of them, 0 sent twice, 0 computed here"]


@pytest.mark.parametrize("death", [Answer(500, b"Internal Server Error"), Answer(503, b""), CUT])
def test_a_replica_that_dies_in_a_run_is_replaced_once_and_whoever_waited_is_told(
    served: Served, death: Answer
) -> None:
    engine, own = app(served), ask(Engine(served.replica.engine.catalogue, "cpu"))
    served.before = [death]
    found = ask(engine)
    assert said(found) == AGAIN
    assert all(found["arrays"][name].tobytes() == array.tobytes() for name, array in own["arrays"].items())
    assert said(ask(engine)) == ""  # who comes later did not wait for it
    served.before = [death, death]
    assert said(ask(engine, 5)) == HERE
    served.before = [Answer(408, b"")]  # it took too long, and would again
    assert said(ask(engine, 6)) == HERE
    assert served.asked == 5
    assert engine.backend.told()[0] == "replicas: 3 runs asked of them, 2 sent twice, 2 computed here"


def test_where_nobody_is_the_app_computes_by_itself_and_says_so(served: Served) -> None:
    engine = app(served, "http://127.0.0.1:9")
    assert said(ask(engine)) == HERE
    assert said(ask(engine, 5)) == HERE
    assert engine.trace("sudoku4-tmlt", TOKENS, 6).loops == 6
    told = engine.backend.told()
    assert told[0] == "replicas: 3 runs asked of them, 0 sent twice, 3 computed here"
    assert "do not answer" in told[1]
    assert app(served).backend.trouble() is None


def test_a_wrong_request_is_told_as_by_the_app_and_other_weights_are_not_mixed_up(served: Served) -> None:
    engine = app(served)
    with pytest.raises(ValueError, match=r"^sudoku4-tmlt can be run for 1 to 64 loops here, not 65\.$"):
        ask(engine, 65)
    with pytest.raises(ValueError, match="tokens"):
        engine.packed("sudoku4-tmlt", np.full(16, 9), 4, packer("sudoku4"))
    served.before = [Answer(409, b"")]
    assert said(ask(engine)) == OTHERS.format(name="sudoku4-tmlt")


def test_the_status_of_a_server_counts_what_its_replicas_lost(served: Served) -> None:
    engine = app(served)
    served.before = [Answer(500, b"")]
    ask(engine)
    assert "replicas: 1 runs asked of them, 1 sent twice, 0 computed here\n" in health.words(engine, {})


def test_the_page_shows_what_was_typed_and_says_what_happened(served: Served) -> None:
    engine = app(served)
    shown = first_view(engine, tasks.get("sudoku4").page)
    served.before = [Answer(500, b"")]
    first, later = (read_meta(message_bytes(engine, shown)) for _ in range(2))
    assert first["message"] == {"kind": "warning", "text": AGAIN}
    assert first["puzzle"] == later["puzzle"] == shown.input.text
    assert later["message"]["kind"] == "info"  # the welcome
    assert first["device"] == "cpu"
