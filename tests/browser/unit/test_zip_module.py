"""Files that the browser adds to a zip of the server."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

Module = Callable[..., Any]
ADD = """
const add = x.files.map(([name, text]) => [name, new TextEncoder().encode(text)]);
return Array.from(m.addToZip(Uint8Array.from(x.zip), add, new Date(2026, 10, 30, 2, 31, 59)));
"""


def made(compression: int, **files: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return data.getvalue()


def test_files_are_added_behind_those_of_a_zip(module: Module) -> None:
    """A reader finds all of them, whole, whatever their names and however the first ones are compressed."""
    zipped = made(zipfile.ZIP_DEFLATED, first="a" * 5000, second="b")
    added = [["folder/räume.svg", "<svg>α</svg>"], ["empty", ""], ["folder/long.csv", "1,2\n" * 40000]]
    whole = bytes(module("core/zip.js", ADD, {"zip": list(zipped), "files": added}))
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["first", "second", *(name for name, _ in added)]
        assert packed.read("first") == b"a" * 5000
        for name, text in added:
            assert packed.getinfo(name).date_time == (2026, 11, 30, 2, 31, 58)  # in steps of two seconds
            assert packed.read(name).decode() == text


def test_a_zip_that_holds_nothing_can_be_added_to(module: Module) -> None:
    whole = bytes(module("core/zip.js", ADD, {"zip": list(made(zipfile.ZIP_STORED)), "files": [["a", "b"]]}))
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        assert packed.read("a") == b"b"
