"""Serve the browser's modules from memory, below an address that names their content.

The address is m/<hash>/…: the hash is of all modules and the style sheet together, so a browser may keep what it has for ever and
never shows an old module beside a new one.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "microscope"
FOR_EVER = "public, max-age=31536000, immutable"


def read(folder: Path) -> dict[str, bytes]:
    """Read all modules of a folder: address relative to the folder → source."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*.js"))}


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
    """The modules of a folder, each with its compressed form, and the hash that stands in their address."""

    def __init__(self, folder: Path) -> None:
        self.files = read(folder)
        self.hash = digest(self.files)
        self.packed = {name: gzip.compress(data, 9, mtime=0) for name, data in self.files.items()}

    def respond(self, request: Request) -> Response:
        """Answer GET m/{hash}/{name}: the module, or 404 for another hash or a name that is none of the modules."""
        name = request.path_params["name"]
        if request.path_params["hash"] != self.hash or name not in self.files:
            return PlainTextResponse(
                "There is no such module; reload the page.", 404, headers={"Cache-Control": "no-store"}
            )
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        data = self.files[name]
        if "gzip" in request.headers.get("accept-encoding", ""):
            data, headers["Content-Encoding"] = self.packed[name], "gzip"
        return Response(data, media_type="text/javascript", headers=headers)


@cache
def modules() -> Modules:
    """The modules of the microscope, read once."""
    return Modules(ASSETS)


def entry() -> str:
    """The script that stands in the page: it loads the modules and hands every message to them, in order."""
    return ENTRY.replace("<address>", f"m/{modules().hash}/main.js")


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
