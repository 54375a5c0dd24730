"""What strangers send to a server, or give to a command as a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image
from safetensors.numpy import save

from looped import tasks
from looped.catalogue.inputs import read_inputs
from looped.catalogue.upload import add
from looped.export.animation import gif
from looped.lessons.answering import read_guess, step_at
from looped.lessons.reading import read_file, read_lesson
from looped.lessons.shelf import folders
from looped.serving.engine import Engine
from looped.serving.parcel import wrapped
from looped.serving.remote import request_of
from looped.serving.request import Request, answer, first_view
from looped.ui import classes
from looped.ui.animation import pictures
from looped.ui.lesson import guess_of
from tests.fuzz.made import CORPUS, JSON, Target, damaged, nearly

MOST = 2**20  # bytes of an upload
LISTS = [b"puzzle,solution\n.3244..32.3..1.2,1324423132413142\n", b"# a board\n.3244..32.3..1.2\n", b"puzzle\n"]
REQUESTS = ["puzzle", "checkpoint", "loops", "versus", "number", "link"]


def of_lessons() -> dict[str, Target]:
    """Lesson files, guesses as they are sent, and guesses as they are read."""
    files = [file for folder in folders() for file in sorted(folder.glob("*.md"))]
    asked = [step.question for file in files for step in read_file(file).steps if step.question]
    guess = json.dumps({"name": "1-what-a-loop-is", "step": 1, "guess": [1, 2]}).encode()
    first = read_file(files[0])
    return {
        "lesson file": Target(nearly([file.read_text("utf-8") for file in files]), read_lesson, CORPUS),
        "step of a lesson": Target(JSON, lambda number: step_at(first, number), ("\x1e", [1] * 9999)),
        "sent guess": Target(damaged(guess), guess_of, (b"", b"[" * 100_000, b"\xff", b"9" * 5000)),
        "guess": Target(st.tuples(st.sampled_from(asked), JSON), lambda pair: read_guess(*pair)),
    }


def of_uploads(shelf: Path, folder: Path) -> dict[str, Target]:
    """A checkpoint that is sent, of which one file is damaged or another one; its folder is away afterwards."""
    good = {name: (shelf / "good" / name).read_bytes() for name in ("config.json", "model.safetensors")}
    good["config.json"] = good["config.json"].replace(b'"good"', b'"sent"')
    texts = st.sampled_from(sorted(good)).flatmap(
        lambda name: damaged(good[name]).map(lambda data: good | {name: data})
    )
    more = st.sampled_from(["README.md", "log.csv", "../x", "a.py", "."]).flatmap(
        lambda name: st.binary(max_size=30).map(lambda data: good | {name: data})
    )

    def send(files: dict[str, bytes]) -> None:
        folder.mkdir(exist_ok=True)
        try:
            added = add(files, folder, MOST)
            shutil.rmtree(folder / added)
        finally:
            left = [entry.name for entry in folder.iterdir()]
            assert left == [], f"left behind: {left}"

    return {"upload": Target(texts | more, send, ({}, {"config.json": b""}, good | {"log.csv": b"9" * MOST}))}


def of_files(folder: Path) -> dict[str, Target]:
    """A file of inputs, as `evaluate --data` reads it, in any encoding."""
    task = tasks.get("sudoku4")

    def read(data: bytes) -> object:
        file = folder / "list.csv"
        folder.mkdir(exist_ok=True)
        file.write_bytes(data)
        return read_inputs(file, task)

    lists = st.sampled_from(LISTS).flatmap(damaged)
    return {"file of inputs": Target(lists, read, (b"", b"\xff\xfep\0", b"\0", b"\xef\xbb\xbf", b'"' * 9999))}


def of_pictures() -> dict[str, Target]:
    """Pictures of an animation, each after its length."""
    made = BytesIO()
    Image.new("RGB", (4, 3)).save(made, "PNG")
    png = made.getvalue()
    sent = (len(png).to_bytes(4, "little") + png) * 2
    return {"animation": Target(damaged(sent), lambda data: gif(pictures(data)), (b"", b"\xff" * 9, b"\0" * 4000))}


def of_requests(engine: Engine) -> dict[str, Target]:
    """What a page's component asks for, over the websocket."""
    page = tasks.get("sudoku4").page
    before = first_view(engine, page)
    asked = Request(before.input.text, "good", 3)
    values = JSON | nearly(["good", "good~frozen", "3", before.input.text])
    fields = st.dictionaries(st.sampled_from(REQUESTS[:4]), values, max_size=4)

    def read(more: dict[str, Any]) -> object:
        return answer(engine, page, before, replace(asked, **more))

    return {"request of a page": Target(fields, read, tuple({name: text} for name in REQUESTS[:4] for text in CORPUS))}


def of_replicas() -> dict[str, Target]:
    """What a replica is sent: a parcel of arrays and JSON, damaged, or whole with another word in it."""
    meta = {"checkpoint": "good", "sha256": "0", "loops": 3, "pack": None}
    tokens = np.arange(16)
    right = wrapped({"arrays": {"input": tokens}, "meta": meta}, device="cpu")
    others = st.dictionaries(st.sampled_from([*meta, "more"]), JSON, max_size=3).map(lambda more: meta | more) | JSON
    whole = others.map(lambda said: wrapped({"arrays": {"input": tokens}, "meta": said}))
    heads = (b"{}", b"[]", b"[" * 9999)
    bad = [len(head).to_bytes(8, "little") + head for head in heads] + [save({}, {"head": "[" * 100_000})]
    return {"parcel": Target(damaged(right) | whole, request_of, (b"", b"\xff" * 9, b"\0" * 8, *bad))}


def of_classes() -> dict[str, Target]:
    """Messages to a class, a few after each other, of its teacher, of a student or of neither."""
    book, words = classes.BOOK, ["key", "student", "neither"]
    deeds = st.sampled_from([*classes.DEEDS, "start", "join"]) | st.text(max_size=3)
    views = nearly(["/lessons?lesson=1-what-a-loop-is&step=1", "/?puzzle=1", "/"])
    fields = st.dictionaries(st.sampled_from(["lesson", "step", "guess", "round", "on", "root"]), JSON, max_size=3)
    message = st.tuples(deeds, st.sampled_from(words), views | JSON, fields)

    def says(body: bytes) -> None:
        reply = classes.answered(body, "fuzz")
        if reply.status_code >= 400:
            assert reply.status_code < 500 or reply.status_code == 503, reply.status_code
            raise ValueError(bytes(reply.body).decode())

    def in_class(read: Callable[[dict[str, str], Any], None]) -> Callable[[Any], None]:
        def within(given: Any) -> None:
            book.wrong.clear()
            session = book.start("a school")
            try:
                read({"code": session.code, "key": session.key, "student": session.join()}, given)
            finally:
                for one in list(book.sessions.values()):
                    book.end(one)

        return within

    def all_of(known: dict[str, str], messages: list[tuple[str, str, Any, dict[str, Any]]]) -> None:
        wrong = None
        for deed, word, view, more in messages:
            own = {name: known[name] for name in ("code", word) if name in known}
            try:
                says(json.dumps({**more, "view": view, "do": deed, **own}).encode())
            except ValueError as error:
                wrong = error
        if wrong is not None:
            raise wrong

    right = json.dumps({"do": "show", "code": "AAAAAA", "key": "k", "view": "/?puzzle=1"}).encode()
    return {
        "messages of a class": Target(st.lists(message, min_size=1, max_size=4), in_class(all_of)),
        "message of a class": Target(damaged(right), says, (b"", b"[]", b"[" * 100_000, b"\xff", b'{"do":1e999}')),
    }
