"""The Sequences page without a browser: whatever arrives, and what is asked over HTTP."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs import (
    FIRST,
    FOUR,
    LONG,
    LONGEST,
    OTHER,
    OTHER_PROBLEM,
    PROBLEM,
    WORDS,
    Open,
    shown,
    view,
)
from messages import ask
from starlette.requests import Request as Http

from looped.experiments import EXPERIMENTS
from looped.questions import QUESTIONS, Asked
from looped.runs.trace import Trace, record
from looped.serving.engine import Engine
from looped.serving.request import Request, Shown, answer, from_link, shown_by
from looped.tasks import get
from looped.tasks.sequences import PAGE
from looped.ui import asking as asking_module
from looped.ui import download as download_module
from looped.ui.asking import asking
from looped.ui.download import download

# ─── whatever arrives ────────────────────────────────────────────────────────────────────────────────────────────


MALFORMED: list[Any] = [
    None,
    0,
    True,
    "text",
    "x" * 100_000,
    [],
    {},
    {"number": 1},
    {"puzzle": OTHER, "number": "one"},
    {"puzzle": OTHER, "checkpoint": "lcs6-tmlt", "number": 1, "versus": {}},
    {"puzzle": {"a": 1}, "checkpoint": ["lcs6-tmlt"], "loops": None, "number": [3]},
    {"puzzle": 81, "checkpoint": {}, "loops": float("inf"), "number": float("nan")},
    {"puzzle": OTHER, "checkpoint": "../lcs6-tmlt", "loops": 5, "number": 10**20},
]


def test_malformed_requests_never_raise(page: Open) -> None:
    """Whatever arrives in the component's state: no exception, something to draw, and the next good request works."""
    here = page()
    for request in MALFORMED:
        here.ask(request)
        assert here.view[1] in (FIRST[1], "lcs6-tmlt"), request
        assert len(json.dumps(here.meta["message"])) < 400, request
    assert here.ask({"puzzle": PROBLEM, "checkpoint": "countdown3-looped", "loops": 3, "number": 77}).view == (
        PROBLEM,
        "countdown3-looped",
        3,
    )


def test_both_pages_keep_their_view(page: Open, sequences: Engine) -> None:
    """To Sudoku, to the Models, and back: input, checkpoint and loops of each page are still there."""
    here = ask(page(), puzzle=PROBLEM, checkpoint="countdown3-looped", loops=4)
    here.open("sudoku")
    board = here.view
    here = ask(here, loops=3)
    here.open("models").open("sequences")
    assert here.view == (PROBLEM, "countdown3-looped", 4)
    assert here.meta["request"] == 1
    assert ask(here, loops=6).view == (PROBLEM, "countdown3-looped", 6)
    assert here.open("sudoku").view == (*board[:2], 3)


usual = [WORDS, LONG, LONGEST, PROBLEM, FOUR, "hello", "1", "256", "257", "²", "lcs6-tmlt", "countdown3-standard"]
seconds = [
    "",
    "lcs6-looped",
    "countdown3-standard",
    "lcs6-tmlt~hardmax",
    "countdown3-tmlt~frozen",
    "lcs8-tmlt~~",
    "~",
    "lcs6-tmlt~set=0_5",
    "countdown3-tmlt~patch=13_3|5|7|22",
]
texts = st.one_of(st.text(max_size=20), st.sampled_from(usual), st.text("ab=|, 0123456789", max_size=14))
values = st.one_of(
    texts, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.integers(), max_size=2), st.just({"a": 1})
)
names = st.sampled_from(
    ["lcs6-tmlt", "edit_distance6-looped", "countdown3-tmlt", "countdown4-standard", "sudoku4-tmlt", "nobody"]
)


def sound(shared: Engine, now: Shown) -> bool:
    """It can be drawn.

    An input that its checkpoint and what it is compared with read, loops within bounds, a message that fits.
    """
    checkpoint = shared.checkpoint(now.checkpoint)
    assert checkpoint.task.encode(now.input).shape == (checkpoint.config.length,)
    assert now.versus == "" or (
        shared.checkpoint(now.versus).task.name == checkpoint.task.name and now.versus != now.checkpoint
    )
    return 1 <= now.loops <= shared.most_loops(now.checkpoint) and len(json.dumps(now.message)) < 1200


@settings(max_examples=150, deadline=None)
@given(
    puzzle=values,
    checkpoint=st.one_of(names, values),
    loops=values,
    versus=st.one_of(st.sampled_from(seconds), values),
    begin=st.sampled_from(["lcs6-tmlt", "countdown3-tmlt"]),
)
def test_any_request_gives_something_to_draw(
    sequences: Engine, puzzle: Any, checkpoint: Any, loops: Any, versus: Any, begin: str
) -> None:
    before = shown(sequences, begin)
    now = answer(sequences, PAGE, before, Request(puzzle, checkpoint, loops, versus, 1))
    assert sound(sequences, now)
    if now.message and now.message["kind"] == "error":
        assert (now.input.text, now.entry) == (before.input.text, None)
    else:
        assert now.entry == now.input.text


@settings(max_examples=150, deadline=None)
@given(
    query=st.dictionaries(
        st.sampled_from(["puzzle", "checkpoint", "versus", "loops", "v", "other"]),
        st.one_of(names, st.sampled_from(seconds), texts),
    )
)
def test_any_link_gives_something_to_draw(sequences: Engine, query: dict[str, str]) -> None:
    now = from_link(sequences, PAGE, query)
    assert sound(sequences, now)
    assert now.entry == now.input.text or (
        now.message and now.message["kind"] == "error" and now.entry == query["puzzle"]
    )
    assert sound(sequences, shown_by(sequences, query))


# ─── over HTTP ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def shared(sequences: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    for module in (asking_module, download_module):
        monkeypatch.setattr(module, "engine", lambda: sequences)
    return sequences


def http(**query: object) -> Http:
    return Http({"type": "http", "query_string": urlencode(query).encode(), "headers": []})


def test_a_link_is_of_the_page_that_its_checkpoint_belongs_to(shared: Engine) -> None:
    assert view(shown_by(shared, {"checkpoint": "lcs6-looped~hardmax", "puzzle": OTHER, "loops": "2"})) == (
        OTHER,
        "lcs6-looped~hardmax",
        2,
    )
    board = shown_by(shared, {"checkpoint": "sudoku4-tmlt", "puzzle": "1" + "." * 15, "loops": "2"})
    assert view(board) == ("1" + "." * 15, "sudoku4-tmlt", 2)
    for query in ({}, {"checkpoint": "nobody"}, {"puzzle": "1" + "." * 15}):
        assert shown_by(shared, query).checkpoint == "sudoku4-tmlt"


@pytest.mark.parametrize(
    ("question", "checkpoint"),
    [
        ("wavefront", "lcs6-tmlt"),
        ("lengths", "edit_distance6-looped"),
        ("scaling", "countdown3-tmlt"),
        ("clues", "lcs6-looped"),
        ("clues", "countdown3-tmlt"),
        ("scaling", "lcs6-standard"),
        ("temperature", "countdown4-looped"),
    ],
)
def test_questions_are_asked_of_the_run_that_the_link_shows(
    shared: Engine, monkeypatch: pytest.MonkeyPatch, question: str, checkpoint: str
) -> None:
    seen: list[Asked] = []
    monkeypatch.setattr(asking_module, "events", lambda shared, key, work, asked: seen.append(asked) or iter(()))
    text = (
        OTHER_PROBLEM if checkpoint.startswith("countdown3") else FOUR if checkpoint.startswith("countdown4") else OTHER
    )
    response = asking(asked_by(question=question, puzzle=text, checkpoint=checkpoint, loops=3, cell=4, loop=2))
    assert response.status_code == 200
    (asked,) = seen
    task = shared.checkpoint(checkpoint).task
    assert (asked.checkpoint.name, asked.loops, asked.cell, asked.loop) == (checkpoint, 3, 4, 2)
    assert asked.tokens.tolist() == task.encode(task.parse(text)).tolist()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"question": "probes"}, "cannot be asked of lcs6"),
        ({"question": "turns"}, "cannot be asked of lcs6"),
        (
            {"question": "wavefront", "checkpoint": "countdown3-tmlt", "puzzle": PROBLEM},
            "cannot be asked of countdown3",
        ),
        ({"question": "lengths", "checkpoint": "countdown3-tmlt", "puzzle": PROBLEM}, "cannot be asked of countdown3"),
        (
            {"question": "wavefront", "checkpoint": "sudoku4-tmlt", "puzzle": "1" + "." * 15},
            "cannot be asked of sudoku4",
        ),
        ({"question": "cells", "checkpoint": "lcs6-standard"}, "no loop"),
        ({"question": "rollout", "puzzle": "c4t dog"}, "'4'"),
        ({"question": "rollout", "v": 9}, "another version"),
        ({"question": "rollout", "checkpoint": "lcs6-looped~freeze=1"}, "no timestep encoding"),
        ({"question": "nonsense"}, "no question called"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(shared: Engine, query: dict[str, object], says: str) -> None:
    response = asking(asked_by(**{"puzzle": OTHER, "checkpoint": "lcs6-tmlt", "loops": 2} | query))
    assert response.status_code == 400
    assert says in bytes(response.body).decode()
    assert len(bytes(response.body).decode().splitlines()) == 1


# Questions about examples of a function.
FUNCTIONS = ("influence", "multistep", "sizes", "shifts", "weights", *EXPERIMENTS)


def asked_by(**query: object) -> dict[str, str]:
    """The parameters of a link, as they arrive."""
    return {name: str(value) for name, value in query.items()}


def cannot_be_asked_of(task: str) -> set[str]:
    """The questions that need what the task does not offer."""
    return {name for name, question in QUESTIONS.items() if not set(question.offers) <= get(task).offers}


def test_every_question_knows_which_tasks_it_can_be_asked_of() -> None:
    assert cannot_be_asked_of("lcs6") == {"probes", "turns", *FUNCTIONS}
    of_words = {"calibration", "wavefront", "lengths"}
    minimal = {"exits_minimal", "resting_minimal"}
    assert cannot_be_asked_of("countdown3") == {"probes", "turns", *minimal, *of_words, *FUNCTIONS}


@pytest.mark.parametrize(
    ("name", "text", "figures"), [("lcs6-tmlt", OTHER, "none"), ("countdown3-looped~hardmax", PROBLEM, "all")]
)
def test_a_view_is_exported_with_the_trace_of_the_link(shared: Engine, name: str, text: str, figures: str) -> None:
    response = download(http(puzzle=text, checkpoint=name, loops=3, loop=0, cell=2, figures=figures))
    assert response.status_code == 200, response.body
    with zipfile.ZipFile(io.BytesIO(bytes(response.body))) as packed:
        (top,) = {one.partition("/")[0] for one in packed.namelist()}
        about = json.loads(packed.read(f"{top}/view.json"))
        trace = Trace.load(io.BytesIO(packed.read(f"{top}/trace.npz")))  # type: ignore[arg-type]
    assert re.fullmatch(name.replace("~hardmax", r"-[a-z-]+") + "-loop1", top)  # the change in words
    assert (about["input"], about["loops"], about["loop"], about["cell"]) == (text, 3, 1, 2)
    of = shared.checkpoint(name)
    np.testing.assert_allclose(
        trace.hidden, record(of.model, of.task.encode(of.task.parse(text)), 3).hidden, rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize(
    "query", [{"puzzle": "c4t dog"}, {"puzzle": OTHER, "v": "9"}, {"checkpoint": "lcs6-looped~freeze=1"}], ids=str
)
def test_what_cannot_be_exported_is_refused_in_a_sentence(shared: Engine, query: dict[str, str]) -> None:
    response = download(http(**{"checkpoint": "lcs6-tmlt"} | query))
    assert response.status_code == 400
    assert len(bytes(response.body).decode().splitlines()) == 1
