"""The app on a free port of this machine, and the browser that visits it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from looped.places import ROOT

# Chromium keeps two pages of its own address bar alive in every window, a sixth of the CPU time of a browser test. A
# second list of features replaces Playwright's, so those of its list that concern a page stand here, too.
NOT_NEEDED = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PaintHolding", "HttpsUpgrades"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "LensOverlay", "MediaRouter"),
    *("NetworkTimeServiceQuerying", "OptimizationHints", "ThirdPartyStoragePartitioning"),
)
CHROMIUM_ARGUMENTS = [
    f"--disable-features={','.join(NOT_NEEDED)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Return the path of the system's Chromium. Raises ValueError when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise ValueError("no Chromium was found on this machine; install the system's package chromium.")


def free_port() -> int:
    """Return a port of this machine on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Served(NamedTuple):
    """A server that runs."""

    address: str
    process: int  # its number

    def megabytes(self) -> float | None:
        """Return the memory that the server holds at this moment, in units of 10⁶ bytes; None where nobody tells."""
        try:
            told = Path(f"/proc/{self.process}/status").read_text("utf-8")
        except OSError:
            return None
        return next((int(line.split()[1]) * 1024 / 1e6 for line in told.splitlines() if line.startswith("VmRSS")), None)


@contextmanager
def server(seconds: float = 300, root: Path = ROOT, **environment: str) -> Iterator[str]:
    """Run the app as `running` does and yield its address alone."""
    with running(seconds, root, **environment) as served:
        yield served.address


@contextmanager
def running(seconds: float = 300, root: Path = ROOT, **environment: str) -> Iterator[Served]:
    """Run the app, warm, on a free port of this machine and yield where; stop it at the end.

    `root` is the folder of app.py; `environment` is added to that of this process. Raises RuntimeError with the log if
    the app is not up in `seconds`.
    """
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.headless=true",
        "--server.address=127.0.0.1",
        f"--server.port={port}",
        "--browser.gatherUsageStats=false",
    ]
    prefix = environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    address = f"http://127.0.0.1:{port}" + (f"/{prefix}" if prefix else "")
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=root, env=os.environ | environment, stdout=log, stderr=log) as process,
    ):
        try:
            deadline = time.monotonic() + seconds
            while not _healthy(address):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"the app did not start:\n{log.read().decode()[-3000:]}")
                time.sleep(0.2)
            yield Served(address, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # it lets every open connection finish, and now and then one never does
                process.kill()


def _healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as reply:
            return bool(reply.read() == b"ok")
    except OSError:
        return False
