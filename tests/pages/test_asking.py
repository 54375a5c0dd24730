"""Long questions over HTTP.

Progress, an answer that the browser can read, and one sentence for what cannot be asked.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from safetensors.numpy import load
from starlette.requests import Request
from starlette.responses import StreamingResponse

from looped.experiments.rates import precision
from looped.questions import Asked
from looped.serving.desk import Desk
from looped.serving.engine import Engine
from looped.serving.message import Packed
from looped.ui import asking as module
from looped.ui.asking import asking, events

PUZZLE = "1...............".replace("1", "2")


@pytest.fixture
def shared(small: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(module, "engine", lambda: small)
    monkeypatch.setattr(module, "DESK", Desk("test", room=8, waiting=64, workers=2))
    return small


def ask(**query: object) -> Any:
    return asking({name: str(value) for name, value in query.items()})


def posted(body: bytes, **query: object) -> Any:
    """The answer to a request with a list of inputs, as the app gives it."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "query_string": urlencode(query).encode(), "headers": []}
    return asyncio.run(module.ask(Request(scope, receive)))


def read(event: str) -> tuple[dict[str, Any], dict[str, np.ndarray], dict[str, Any]]:
    """An event as the browser reads it: what is told, the arrays of the answer, and what is said of them."""
    assert event.startswith("data: ")
    assert event.endswith("\n\n")
    told = json.loads(event.removeprefix("data: "))
    if "data" not in told:
        return told, {}, {}
    data = base64.b64decode(told["data"])
    length = int.from_bytes(data[:8], "little")
    meta = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["meta"])["runs"][0]
    return told, {name.removeprefix("0/"): array for name, array in load(data).items()}, meta


def answers(shared: Engine, work: Any) -> list[tuple[dict[str, Any], dict[str, np.ndarray], dict[str, Any]]]:
    asked = Asked(shared.checkpoint("sudoku4-tmlt"), np.zeros(16, np.int64), 2, 0, 1)
    return [read(event) for event in events(shared, (object(),), work, asked)]


def test_the_answer_comes_as_events_that_nothing_holds_back(shared: Engine) -> None:
    response = ask(question="temperature", puzzle=PUZZLE, checkpoint="sudoku4-tmlt", loops=3, cell=5)
    assert isinstance(response, StreamingResponse)
    assert response.media_type == "text/event-stream"  # which the compression of answers leaves alone
    assert response.headers["Cache-Control"] == "no-store"


def test_what_is_known_is_told_now_and_then_and_everything_at_the_end(
    shared: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(asked: Asked) -> Iterator[Packed]:
        for step in range(1, 101):
            yield {"share": step / 100, "arrays": {"step": np.array([step], np.uint8)}, "meta": {"cell": asked.cell}}

    told = answers(shared, work)
    assert 1 <= len(told) < 50  # not a hundred pictures in a moment
    assert (told[-1][0]["share"], told[-1][1]["step"].tolist(), told[-1][2]) == (1, [100], {"cell": 0})
    monkeypatch.setattr(module, "OFTEN", 0)
    assert [one[1]["step"].item() for one in answers(shared, work)] == list(range(1, 101))


def test_a_lens_that_refuses_says_why(shared: Engine) -> None:
    def work(asked: Asked) -> Iterator[Packed]:
        yield {"share": 0.5, "arrays": {"step": np.zeros(1, np.uint8)}, "meta": {}}
        raise ValueError("This cannot be asked.")

    assert answers(shared, work)[-1][0] == {"error": "This cannot be asked."}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"question": "nonsense"}, "There is no question called 'nonsense'; there are rollout, "),
        ({}, "There is no question called ''"),
        ({"question": "rollout", "checkpoint": "nobody"}, "no checkpoint called 'nobody'"),
        ({"question": "rollout", "puzzle": "12"}, "Found 2 cells"),
        (
            {"question": "spectrum", "checkpoint": "sudoku4-standard", "puzzle": PUZZLE, "loops": 2},
            "no loop to ask this of",
        ),
        ({"question": "rollout", "checkpoint": "sudoku4-looped~freeze=1", "puzzle": PUZZLE}, "no timestep encoding"),
        ({"question": "rollout", "v": 9, "puzzle": PUZZLE}, "another version"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(shared: Engine, query: dict[str, object], says: str) -> None:
    response = ask(**query)
    assert response.status_code == 400
    assert says in response.body.decode()
    assert len(response.body.decode().splitlines()) == 1


@pytest.mark.parametrize("rubbish", ["", "x", "-1", "1e9", "99999999", "²"])
def test_cells_and_loops_that_are_rubbish_are_the_last_ones(
    shared: Engine, monkeypatch: pytest.MonkeyPatch, rubbish: str
) -> None:
    seen: list[Asked] = []
    monkeypatch.setattr(module, "events", lambda shared, key, work, asked: seen.append(asked) or iter(()))
    ask(question="cells", puzzle=PUZZLE, checkpoint="sudoku4-tmlt", loops=3, cell=rubbish, loop=rubbish)
    assert (seen[0].cell, seen[0].loop, seen[0].loops) == (15, 3, 3)


def test_answers_about_other_cells_and_models_are_kept_apart(shared: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[Any] = []
    monkeypatch.setattr(module, "events", lambda shared, key, work, asked: keys.append(key) or iter(()))
    base = {"question": "cells", "puzzle": PUZZLE, "checkpoint": "sudoku4-tmlt", "loops": 3, "cell": 1, "loop": 2}
    for change in (
        {},
        {"cell": 2},
        {"checkpoint": "sudoku4-looped"},
        {"checkpoint": "sudoku4-tmlt~freeze=1"},
        {"loops": 2},
        {"question": "heads"},
        {"puzzle": "3" + "." * 15},
    ):
        ask(**base | change)
    assert len(set(keys)) == len(keys) == 7
    ask(**base | {"loop": 1})  # which this question does not depend on
    assert keys[-1] == keys[0]


def test_a_list_of_inputs_is_the_body_of_the_request(shared: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Any, Asked]] = []
    monkeypatch.setattr(module, "events", lambda shared, key, work, asked: seen.append((key, asked)) or iter(()))
    base = {"question": "inputs", "checkpoint": "sudoku4-tmlt", "loops": 3}
    for body, source in ((PUZZLE.encode(), "own"), (b"other", "own"), (b"", "hardest"), (b"", "usual")):
        posted(body, **base, source=source)
    assert [(asked.source, asked.text) for _, asked in seen] == [
        ("own", PUZZLE),
        ("own", "other"),
        ("hardest", ""),
        ("usual", ""),
    ]
    assert len({key for key, _ in seen}) == 4
    posted(b"", **base, source="usual", puzzle="3" + "." * 15, cell=2)  # of which this question does not depend
    assert seen[-1][0] == seen[-2][0]


@pytest.mark.parametrize(
    ("body", "status", "says"), [(b"\xff\xfe\xff", 400, "no text in UTF-8"), (b"x" * (2**20 + 1), 413, "1 MiB")]
)
def test_a_list_that_cannot_be_read_is_refused_in_a_sentence(
    shared: Engine, body: bytes, status: int, says: str
) -> None:
    response = posted(body, question="inputs", checkpoint="sudoku4-tmlt", loops=3, source="own")
    assert response.status_code == status
    assert says in response.body.decode()


def test_a_rate_experiment_is_about_no_view(shared: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "BITS", (2, 3))
    reply = ask(question="rate", rate="precision")
    *_, last = reply.steps
    told, arrays, meta = read(last)
    assert (told["share"], meta["xs"]) == (1, ["2", "3"])
    assert arrays["values"].shape == (3, 3, 2, 3)
    wrong = ask(question="rate", rate="speed")
    assert wrong.status_code == 400
    assert wrong.body.decode().startswith("There is no rate experiment 'speed'; there are modulus")
