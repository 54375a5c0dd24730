"""The browser's modules as the app serves them: addresses, hashes, headers."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Message

from looped.export.bundle import bundle, read
from looped.ui.modules import JOINED, Modules, Preload, digest, entry, modules

FILES = {"main.js": b'import "./core/a.js";\n', "core/a.js": b"let a;\n", "page.html": b"<!doctype html>"}


def ask(served: Modules, name: str, found: str | None = None, accept: str = "") -> Response:
    scope = {
        "type": "http",
        "headers": [(b"accept-encoding", accept.encode())],
        "path_params": {"hash": found or served.hash, "name": name},
    }
    return served.respond(Request(scope))


def test_a_module_comes_with_its_type_and_may_be_kept_for_ever() -> None:
    answer = ask(Modules(FILES), "core/a.js")
    assert (answer.status_code, answer.body) == (200, b"let a;\n")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in answer.headers


def test_a_module_is_compressed_for_those_who_read_it_so() -> None:
    answer = ask(Modules(FILES), "main.js", accept="br, gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(bytes(answer.body)) == FILES["main.js"]
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["", "none.js", "../app.py", "core/../main.js", "/etc/passwd", "core", "main.js/"])
def test_a_name_that_is_no_module_is_refused(name: str) -> None:
    answer = ask(Modules(FILES), name)
    assert (answer.status_code, answer.body) == (404, b"There is no such module; reload the page.")
    assert answer.headers["cache-control"] == "no-store"


def test_an_address_of_another_version_is_refused() -> None:
    assert ask(Modules(FILES), "main.js", found="0" * 16).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"core/a.js": b"let b;\n"}, {"core/new.js": b""}, {"page.html": b""}, {"main.js": FILES["main.js"] + b"\n"}],
)
def test_the_hash_changes_when_anything_does(change: dict[str, bytes]) -> None:
    assert digest(FILES | change) != digest(FILES)


def test_the_hash_does_not_depend_on_an_order() -> None:
    assert digest(dict(reversed(FILES.items()))) == digest(FILES)


def test_bytes_that_move_from_one_file_to_the_next_change_the_hash() -> None:
    assert digest({"a": b"xy", "b": b""}) != digest({"a": b"x", "b": b"y"})


def test_all_modules_and_the_page_to_save_into_are_served() -> None:
    assert set(modules().files) == {*read(), JOINED, "page.html"}
    assert ask(modules(), "page.html").headers["content-type"].startswith("text/html")


def test_the_script_in_the_page_loads_all_modules_as_one_file_by_their_hash() -> None:
    assert f'new URL("m/{modules().hash}/{JOINED}", document.baseURI)' in entry()
    assert modules().files[JOINED].decode() == bundle(read())


def test_plotly_is_served_beside_the_modules() -> None:
    """It is that of the installed Plotly, and a new version has a new address."""
    served = Modules(FILES)
    assert "plotly" not in vars(served)  # nothing is read before it is asked for
    answer = ask(served, "plotly.min.js", accept="gzip")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert b"plotly.js v" in gzip.decompress(bytes(answer.body))[:200]
    assert served.hash != digest(FILES)


@pytest.mark.parametrize(
    ("path", "answer", "named"),
    [
        ("/sequences", HTMLResponse("<!doctype html>"), True),
        ("/behind/a/prefix/", HTMLResponse("<!doctype html>"), True),
        (f"/m/{modules().hash}/page.html", HTMLResponse("<!doctype html>"), False),  # to be saved, no page of the app
        ("/", JSONResponse({}), False),
    ],
)
def test_a_page_names_the_modules_in_its_head_and_other_answers_do_not(
    path: str, answer: Response, named: bool
) -> None:
    """So the browser fetches them at once, not when Streamlit has connected. The address holds behind a prefix."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    asyncio.run(Preload(answer)({"type": "http", "headers": [], "path": path}, receive, send))
    link = dict(sent[0]["headers"]).get(b"link")
    assert link == (f"<m/{modules().hash}/{JOINED}>; rel=modulepreload".encode() if named else None)
