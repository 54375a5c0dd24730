"""A view to take away: the address of a view, with /export before its question mark, is answered with a zip."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from looped.export import folder
from looped.runs.names import CheckpointName
from looped.serving.engine import Engine
from looped.serving.request import Shown, ShownRun, refusal, runs_of, shown_by, whole_number
from looped.ui.state import engine

turn = threading.Lock()  # one export at a time: thirty at once must not start thirty processes
PATIENCE = 180  # seconds; on a machine that does nothing else it takes about five
LONGEST_NAME = 80  # characters; many changes make a name longer than a file's may be


class ExportError(Exception):
    """An export that failed; the message is one sentence, `status` that of the answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def download(request: Request) -> Response:
    """Answer with figures, arrays and the script that makes them again, of the run or the two runs that a link shows.

    With figures=none, no figures are drawn: the browser adds those of the view as it is shown. 400 with one sentence
    for a link that shows nothing that could be exported. Runs in a thread of its own, so other visitors do not wait.
    """
    query, shared = dict(request.query_params), engine()
    shown = shown_by(shared, query)
    wrong = refusal(shown)
    if wrong is not None:
        return PlainTextResponse(wrong, 400)
    numbers = chosen(query, shown)
    runs = runs_of(shared, shown)
    folders = folder_names([run.name for run in runs])
    title = "-vs-".join(folders) + (f"-loop{numbers['loop']}" if "loop" in numbers else "")
    with TemporaryDirectory() as top:
        for run, short in zip(runs, folders, strict=True):
            out = Path(top) / title / (short if len(folders) > 1 else "")
            try:
                if query.get("figures") == "none":
                    write_arrays(shared, run, shown.input.text, out, numbers)
                else:
                    write(run, shown.input.text, out, numbers)
            except ExportError as error:
                return PlainTextResponse(str(error), error.status)
        data = zipped(Path(top))
    headers = {"Content-Disposition": f'attachment; filename="loopscope-{title}.zip"'}
    return Response(data, media_type="application/zip", headers=headers)


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


def folder_names(names: list[str]) -> list[str]:
    """Return what the folders of the checkpoints of a view are called."""
    return [
        name if len(name) < LONGEST_NAME else str(CheckpointName.read(name).changed(f"changed-{letter}"))
        for name, letter in zip(names, "ab", strict=False)
    ]


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


def write(shown: ShownRun, text: str, out: Path, numbers: dict[str, int]) -> None:
    """Export one run into a folder. Raises ExportError.

    In a process of its own: drawing twenty figures holds Python's lock for seconds, and all other visitors would wait.
    """
    weights = CheckpointName(str(shown.checkpoint.folder.resolve()), CheckpointName.read(shown.name).changes)
    asked = ["--loops", str(shown.loops)]
    for option, number in numbers.items():
        asked += [f"--{option}", str(min(number, shown.loops) if option == "loop" else number)]
    command = [sys.executable, "-m", "looped", "export", str(weights), text, "--out", str(out), *asked]
    try:
        with turn:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        said = f"The export took longer than {PATIENCE} seconds and was given up; fewer loops make it smaller."
        raise ExportError(said, 503) from error
    if done.returncode:
        raise ExportError(done.stderr.strip().splitlines()[-1], 400 if done.returncode == 2 else 500)


def zipped(top: Path) -> bytes:
    """Return a zip of all files in a folder."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for file in sorted(top.rglob("*")):
            if file.is_file():
                packed.write(file, file.relative_to(top))
    return data.getvalue()
