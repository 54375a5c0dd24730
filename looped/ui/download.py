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

from looped.ui.links import shown_by
from looped.ui.state import engine

turn = threading.Lock()  # one export at a time: thirty at once must not start thirty processes
PATIENCE = 180  # seconds; on a machine that does nothing else it takes about five


def download(request: Request) -> Response:
    """Figures, arrays and the script that makes them again, of the run or the two runs that a link shows.

    400 with one sentence for a link that shows nothing that could be exported. Runs in a thread of its own, so nobody waits.
    """
    query, shared = dict(request.query_params), engine()
    shown = shown_by(shared, query)
    if shown.message and shown.message["kind"] == "error":
        return PlainTextResponse(shown.message["text"], 400)
    names = [name for name in (shown.checkpoint, shown.versus) if name]
    numbers = {
        option: int(text)
        for option in ("loop", "cell", "head")
        if (text := query.get(option, "")).isascii() and text.isdigit() and len(text) < 6
    }
    if "loop" in numbers:
        numbers["loop"] = max(1, min(numbers["loop"], shown.loops))  # loop 0 has nothing to draw yet
    # Many changes make a name longer than a file's may be.
    short = {
        name: name if len(name) < 80 else f"{name.partition('~')[0]}~changed-{letter}"
        for name, letter in zip(names, "ab", strict=False)
    }
    title = "-vs-".join(short.values()) + (f"-loop{numbers['loop']}" if "loop" in numbers else "")
    with TemporaryDirectory() as folder:
        for name in names:
            # In a process of its own: drawing twenty figures holds Python's lock for seconds, and everybody else would wait.
            out = Path(folder) / title / (short[name] if len(names) > 1 else "")
            weights = str(shared.checkpoint(name).folder.resolve()) + name[len(name.partition("~")[0]) :]
            loops = min(shown.loops, shared.most_loops(name))
            asked = ["--loops", str(loops)]
            for option, number in numbers.items():
                asked += [f"--{option}", str(min(number, loops) if option == "loop" else number)]
            command = [sys.executable, "-m", "looped", "export", weights, shown.input.text, "--out", str(out), *asked]
            try:
                with turn:
                    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                return PlainTextResponse(
                    f"The export took longer than {PATIENCE} seconds and was given up; fewer loops make it smaller.",
                    503,
                )
            if done.returncode:
                return PlainTextResponse(done.stderr.strip().splitlines()[-1], 400 if done.returncode == 2 else 500)
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            for file in sorted(Path(folder).rglob("*")):
                if file.is_file():
                    packed.write(file, file.relative_to(folder))
    return Response(
        data.getvalue(),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="loopscope-{title}.zip"'},
    )
