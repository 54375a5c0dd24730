"""A view to take away: the address of a view, with /export before its question mark, is answered with a zip."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from looped.export import folder
from looped.runs.names import CheckpointName
from looped.serving.engine import Engine
from looped.serving.request import (
    Shown,
    ShownRun,
    label,
    names_of,
    refusal,
    runs_of,
    shown_by,
    task_of,
    whole_number,
)
from looped.ui.doors import EXPORTS, at, attached
from looped.ui.state import engine

PATIENCE = 180  # seconds; on a machine that does nothing else it takes about five
LONGEST_NAME = 80  # bytes; many changes make a name longer than a file's may be
POLITE = 3  # of nice: pages come first, but it does not starve beside other programs
UNSAFE = re.compile(r"[^\w.]+")  # of the name of a folder; those of single figures are made alike in the browser
OFTEN = 0.1  # seconds between two looks whether somebody still waits


class ExportError(Exception):
    """An export that failed; the message is one sentence, `status` that of the answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


async def export(request: Request) -> Response:
    """Answer as `download` does, at a desk of its own; when the connection is closed, the export is given up."""
    return await at(EXPORTS, request, lambda ticket, _: download(request, ticket.gone))


def download(request: Request, gone: threading.Event | None = None) -> Response:
    """Answer with figures, arrays and the script that makes them again, of the run or the two runs that a link shows.

    With figures=none, no figures are drawn: the browser adds those of the view as it is shown. 400 with one sentence
    for a link that shows nothing that could be exported. `gone` is set when nobody waits for the answer any more.
    """
    gone = gone or threading.Event()
    query, shared = dict(request.query_params), engine()
    shown = shown_by(shared, query)
    wrong = refusal(shown)
    if wrong is not None:
        return PlainTextResponse(wrong, 400)
    numbers = chosen(query, shown)
    runs = runs_of(shared, shown)
    names = names_of(task_of(shared, shown.checkpoint), shown.input)
    folders = folder_names([label(run.name, names) for run in runs])
    title = "-vs-".join(folders) + (f"-loop{numbers['loop']}" if "loop" in numbers else "")
    with TemporaryDirectory() as top:
        for run, short in zip(runs, folders, strict=True):
            out = Path(top) / title / (short if len(folders) > 1 else "")
            try:
                if query.get("figures") == "none":
                    write_arrays(shared, run, shown.input.text, out, numbers)
                else:
                    write(run, shown.input.text, out, numbers, gone)
            except ExportError as error:
                return PlainTextResponse(str(error), error.status)
        data = zipped(Path(top))
    return Response(data, media_type="application/zip", headers=attached(f"loopscope-{title}.zip"))


def chosen(query: dict[str, str], shown: Shown) -> dict[str, int]:
    """Return the loop, the position and the head that a link names, as far as they are numbers."""
    numbers = {}
    for option in ("loop", "cell", "head"):
        number = whole_number(query.get(option, ""))
        if number is not None:
            numbers[option] = number
    if "loop" in numbers:
        numbers["loop"] = max(1, min(numbers["loop"], shown.loops))  # loop 0 has nothing to draw yet
    return numbers


def folder_names(labels: list[str]) -> list[str]:
    """Return what the folders of the runs of a view are called, which read so on screen.

    A label may hold an input that a state is patched from, and a folder of one's own may be called anything: what could
    be a path or end a header is left out.

    >>> folder_names(["lcs6-tmlt, timestep frozen at 0", "mine, of ../a"])
    ['lcs6-tmlt-timestep-frozen-at-0', 'mine-of-..-a']
    >>> folder_names(["lcs6-tmlt, 2 changes"] * 2)
    ['lcs6-tmlt-2-changes', 'lcs6-tmlt-2-changes-b']
    """
    found: list[str] = []
    for words, letter in zip(labels, "ab", strict=False):
        plain = UNSAFE.sub("-", words).strip("-.") or "view"
        if len(plain.encode()) >= LONGEST_NAME:
            plain = plain.encode()[: LONGEST_NAME - 2].decode(errors="ignore") + f"-{letter}"
        found.append(f"{plain}-{letter}" if plain in found else plain)
    return found


def write_arrays(shared: Engine, shown: ShownRun, text: str, out: Path, numbers: dict[str, int]) -> None:
    """Write the arrays of one run and the script that makes them again into a folder. Raises ExportError."""
    loop = min(numbers.get("loop", shown.loops), shown.loops)
    try:
        run = folder.resolve(shown.checkpoint, text, shown.loops, loop, numbers.get("cell"), numbers.get("head"))
        trace = shared.trace(shown.name, run.tokens, shown.loops)
        folder.check_head(run, trace)
    except ValueError as error:
        raise ExportError(str(error), 400) from error
    folder.write_arrays(run, trace, out, folder.PAPER)


def write(shown: ShownRun, text: str, out: Path, numbers: dict[str, int], gone: threading.Event) -> None:
    """Export one run into a folder. Raises ExportError, also when nobody waits for it any more.

    In a process of its own: drawing twenty figures holds Python's lock for seconds, and all other visitors would wait.
    """
    weights = CheckpointName(str(shown.checkpoint.folder.resolve()), CheckpointName.read(shown.name).changes)
    asked = ["--out", str(out), "--loops", str(shown.loops)]
    for option, number in numbers.items():
        asked += [f"--{option}", str(min(number, shown.loops) if option == "loop" else number)]
    command = [sys.executable, "-m", "looped", "export", *asked, "--", str(weights), text]
    status, errors = run(command, gone)
    if status:
        said = (errors.strip().splitlines() or ["The export ended without a word; try again."])[-1]
        raise ExportError(said, 400 if status == 2 else 500)


def run(command: list[str], gone: threading.Event) -> tuple[int, str]:
    """Run a command; return its exit status and what it wrote of errors. Raises ExportError when it is given up."""
    ends = time.monotonic() + PATIENCE
    with TemporaryFile() as errors, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors) as process:
        with suppress(OSError, AttributeError):  # it may have ended, or the system has no such thing
            os.setpriority(os.PRIO_PROCESS, process.pid, POLITE)
        while process.poll() is None:
            if gone.wait(OFTEN) or time.monotonic() > ends:
                process.kill()
                process.wait()
                said = f"The export took longer than {PATIENCE} seconds and was given up; fewer loops make it smaller."
                raise ExportError(said, 503)
        errors.seek(0)
        return process.returncode, errors.read().decode(errors="replace")


def zipped(top: Path) -> bytes:
    """Return a zip of all files in a folder."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for file in sorted(top.rglob("*")):
            if file.is_file():
                packed.write(file, file.relative_to(top))
    return data.getvalue()
