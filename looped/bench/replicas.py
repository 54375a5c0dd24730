"""Replicas on this machine, as `python -m looped serve` starts them, one of which may be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from looped.bench.server import free_port
from looped.places import ROOT

SECONDS = 60  # for replicas to stop


@contextmanager
def replicas(count: int) -> Iterator[str]:
    """Start so many replicas, warm, and yield their address; stop them at the end.

    Raises RuntimeError with what they said where they do not start.
    """
    command = [sys.executable, "-m", "looped", "serve", "--replicas", str(count), "--port", str(free_port()), "--json"]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            told = process.stdout.readline() if process.stdout else ""
            if not told:
                log.seek(0)
                raise RuntimeError(f"the replicas did not start:\n{log.read().decode()[-3000:]}")
            yield str(json.loads(told)["address"])
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def kill_one(address: str) -> None:
    """Kill the replica that answers first, at once."""
    with urllib.request.urlopen(address, timeout=30) as reply:
        os.kill(int(json.loads(reply.read())["process"]), signal.SIGKILL)
