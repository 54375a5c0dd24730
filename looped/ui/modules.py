"""Serve the browser's modules from memory, below an address that names their content.

The address is m/<hash>/…: the hash is of all modules together, so a browser may keep what it has for ever and
never shows an old module beside a new one.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from functools import cache, cached_property

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from looped.export.bundle import bundle, read
from looped.export.page import template
from looped.figures.space import VERSION, script

JOINED = "microscope.js"  # all modules in one
PLOTLY = "plotly.min.js"  # of the installed Plotly: read, compressed and sent only when a figure is shown in space
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {"js": "text/javascript", "html": "text/html", "css": "text/css"}


def digest(files: Mapping[str, bytes]) -> str:
    """Name the content of some files: 16 hexadecimal digits that change whenever a name or a byte changes.

    >>> digest({"main.js": b"let a;"}) == digest({"main.js": b"let b;"})
    False
    """
    found = hashlib.sha256()
    for name, data in sorted(files.items()):
        found.update(f"{name}\0{len(data)}\0".encode())
        found.update(data)
    return found.hexdigest()[:16]


class Modules:
    """Files by their names, each with its compressed form, and the hash that stands in their address."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.hash = digest(self.files | {PLOTLY: VERSION.encode()})
        self.packed = {name: gzip.compress(data, 9, mtime=0) for name, data in self.files.items()}

    @cached_property
    def plotly(self) -> tuple[bytes, bytes]:
        """Return Plotly's script and its compressed form."""
        data = script()
        return data, gzip.compress(data, 6, mtime=0)

    def find(self, name: str) -> tuple[bytes, bytes] | None:
        """Return a file and its compressed form, None for a name that is none of them."""
        if name == PLOTLY:
            return self.plotly
        return (self.files[name], self.packed[name]) if name in self.files else None

    def respond(self, request: Request) -> Response:
        """Answer GET m/{hash}/{name}: the module, or 404 for another hash or a name that is none of the modules."""
        name = request.path_params["name"]
        found = self.find(name) if request.path_params["hash"] == self.hash else None
        if found is None:
            return PlainTextResponse(
                "There is no such module; reload the page.", 404, headers={"Cache-Control": "no-store"}
            )
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        data, packed = found
        if "gzip" in request.headers.get("accept-encoding", ""):
            data, headers["Content-Encoding"] = packed, "gzip"
        return Response(data, media_type=TYPES[name.rpartition(".")[2]], headers=headers)


@cache
def modules() -> Modules:
    """Read the modules of the microscope, and the page that a run is saved into, once."""
    files = {name: source.encode() for name, source in read().items()}
    return Modules(files | {JOINED: bundle(read()).encode(), "page.html": template().encode()})


class Preload:
    """ASGI middleware: a page of the app names the modules in its head, so a browser fetches them with Streamlit's own.

    Without it the modules are asked for only when Streamlit has started, connected and mounted the component.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add a Link header to every HTML answer; the address is relative, so that it holds behind a path prefix."""

        own = f"m/{modules().hash}/"  # what lies there is no page of the app, and relative addresses mean others there

        async def linked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Link", f"<{own}{JOINED}>; rel=modulepreload")
            await send(message)

        page = scope["type"] == "http" and own not in scope["path"]
        await self.app(scope, receive, linked if page else send)


def entry() -> str:
    """Return the script that stands in the page: it loads the modules and hands every message to them, in order.

    The modules travel as one file: over HTTP/1.1 a browser would ask for sixty of them six at a time.
    """
    return ENTRY.replace("<address>", f"m/{modules().hash}/{JOINED}")


def bare(more: str = "") -> str:
    """Return the script of a page that Streamlit draws alone.

    A teacher who opens it by its address leads the class still; while the server cannot be reached the page says so,
    and `more` about itself.
    """
    script = BARE.replace("<address>", f"m/{modules().hash}/{JOINED}")
    return f"<script>{script.replace('<more>', more and f' {more}')}</script>"


BARE = 'import(new URL("<address>", document.baseURI).href).then((made) => made.withoutMicroscope("<more>"));'

ENTRY = """\
const loading = import(new URL("<address>", document.baseURI).href);

export default function mount(component) {
  let detach = null;
  let gone = false;
  loading.then(
    ({ default: microscope }) => { if (!gone) detach = microscope(component); },
    (error) => {
      component.parentElement.textContent = "The scripts of this page could not be loaded; reload it.";
      throw error;
    },
  );
  return () => {
    gone = true;
    detach?.();
  };
}
"""
