"""What `streamlit run app.py` starts: warms the engine before the first visitor, then hands over to the router.

The router lives elsewhere on purpose: with `st.navigation` in this file, Streamlit would show the first deep link
after a start as a page of the `pages/` folder, without the router.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit import config

from looped.places import PACKAGE
from looped.serving.memory import keep_little, keep_trimmed
from looped.settings import check, settings
from looped.ui.headers import Headers
from looped.ui.modules import Preload
from looped.ui.sockets import send_at_once


@asynccontextmanager
async def warm(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Load all checkpoints and run one, so that nobody waits for imports, weights or compilation."""
    check()
    config.set_option("server.maxUploadSize", max(1, settings().upload_mb))  # anybody may send to Streamlit's own door
    keep_little()
    send_at_once()
    from looped.ui.classes import end_with_server
    from looped.ui.state import engine, warm_up

    end_with_server()

    for module in (
        "altair",
        "pandas",
        "pyarrow",
        "plotly.graph_objects",
    ):  # where two first visitors import one at once, one of them meets half a module
        import_module(module)
    warm_up(engine())
    # Streamlit collects all garbage after every run of a page. What is alive now lives as long as the server: taking it
    # out of the collector's sight spares the whole server that pause.
    gc.collect()
    gc.freeze()
    tidying = asyncio.create_task(keep_trimmed(lambda: engine().activity.told().asked))
    yield {}
    tidying.cancel()


async def export(request: Request) -> Response:
    """GET /export?…: the view of that link as a zip."""
    from looped.ui.download import export

    return await export(request)


async def ask(request: Request) -> Response:
    """GET or POST /ask?question=…&…: a long question about the view of that link, with its progress."""
    from looped.ui.asking import ask

    return await ask(request)


async def lesson(request: Request) -> Response:
    """GET or POST /lesson: a step of a lesson before a guess, or what is revealed after it."""
    from looped.ui.lesson import lesson

    return await lesson(request)


async def together(request: Request) -> Response:
    """POST /class: a message of a class together, or what a page of it hears."""
    from looped.ui.classes import together

    return await together(request)


async def animation(request: Request) -> Response:
    """POST /animation: pictures of a figure, loop by loop, as a GIF."""
    from looped.ui.animation import animation

    return await animation(request)


async def space(request: Request) -> Response:
    """GET /space?…: the hidden states of the view of that link, as a Plotly figure."""
    from looped.ui.space import space_states

    return await space_states(request)


def module(request: Request) -> Response:
    """GET /m/<hash>/<name>: a module of the browser's side."""
    from looped.ui.modules import modules

    return modules().respond(request)


def health(name: str) -> Callable[[Request], Response]:
    """GET /healthz, /readyz, /status or /metrics: how the server is."""

    def answer(request: Request) -> Response:
        answered: Response = getattr(import_module("looped.ui.health"), name)(request)
        return answered

    return answer


def routes(prefix: str) -> list[Route]:
    """Build the app's own routes, at the root and below a path prefix.

    Streamlit serves its own pages below `server.baseUrlPath` but leaves the routes of an app where they are. Both
    addresses are needed: a proxy may strip the prefix.
    """
    own: dict[str, tuple[Callable[[Request], Any], list[str]]] = {
        "/export": (export, ["GET"]),
        "/ask": (ask, ["GET", "POST"]),
        "/lesson": (lesson, ["GET", "POST"]),
        "/class": (together, ["POST"]),
        "/space": (space, ["GET"]),
        "/animation": (animation, ["POST"]),
        "/m/{hash}/{name:path}": (module, ["GET"]),
        **{f"/{name}": (health(name), ["GET"]) for name in ("healthz", "readyz", "status", "metrics")},
    }
    places = dict.fromkeys(["", f"/{prefix.strip('/')}" if prefix.strip("/") else ""])
    return [Route(place + path, answer, methods=methods) for place in places for path, (answer, methods) in own.items()]


app = st.App(
    PACKAGE / "ui" / "router.py",
    lifespan=warm,
    routes=routes(st.get_option("server.baseUrlPath") or ""),
    middleware=[
        Middleware(Headers, embed=settings().embed),
        Middleware(Preload),
        Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),  # a class of thirty loads scripts at once
    ],
)

if __name__ == "__main__":
    app.run()
