"""Two real replicas on Ray Serve, started by the command, one of which is killed in the middle of runs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from looped.runs.together import CLOSE
from looped.serving.engine import Engine
from looped.serving.packing import packer
from looped.serving.remote import AGAIN, OPENER, Replicas

ROOT = Path(__file__).resolve().parents[2]
LOOPS, MANY = 6, 400  # MANY take long enough for a death in the middle
ENVIRONMENT = {"LOOPSCOPE_LOOPS": str(MANY), "OMP_NUM_THREADS": "1"}


class Cluster(NamedTuple):
    """Two replicas that run."""

    address: str
    catalogue: Path
    errors: Path  # what the command said on stderr

    def app(self) -> Engine:
        """The engine of an app that asks them."""
        return Engine(self.catalogue, "cpu", most_loops=MANY, backend=Replicas(self.address))

    def process(self) -> int:
        """The process of one of the replicas."""
        with OPENER.open(self.address, timeout=120) as reply:
            return int(json.loads(reply.read())["process"])


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, make_checkpoint: Callable[..., Path]) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("catalogue")
    make_checkpoint(folder / "sudoku4-tmlt", architecture="tmlt", injection=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "looped", "serve", "--replicas", "2", "--port", str(port), "--json"]
    errors = folder.parent / "serve-errors.txt"
    with (
        errors.open("wb") as log,
        subprocess.Popen(
            [*command, "--checkpoints", str(folder)],
            cwd=ROOT,
            env=os.environ | ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, errors.read_text("utf-8")
            told = json.loads(line)
            assert told["replicas"] == 2
            yield Cluster(told["address"], folder, errors)
            process.send_signal(signal.SIGINT)
            assert process.wait(120) == 0
            assert process.stdout.read() == ""
        finally:
            process.kill()


def ask(engine: Engine, tokens: np.ndarray, loops: int) -> dict[str, Any]:
    return engine.packed("sudoku4-tmlt", tokens, loops, packer("sudoku4"))


def test_a_run_on_a_replica_is_that_of_the_app_to_the_bit(cluster: Cluster) -> None:
    tokens = np.random.default_rng(0).integers(5, size=16)
    engine, own = cluster.app(), Engine(cluster.catalogue, "cpu")
    assert cluster.address.startswith("http://127.0.0.1:")
    found, wanted = ask(engine, tokens, LOOPS), ask(own, tokens, LOOPS)
    assert json.dumps(found["meta"]) == json.dumps(wanted["meta"])
    for part in ("arrays", "kept"):
        assert list(found[part]) == list(wanted[part])
        assert all(found[part][name].tobytes() == array.tobytes() for name, array in wanted[part].items())
    trace, alone = engine.trace("sudoku4-tmlt", tokens, LOOPS), own.trace("sudoku4-tmlt", tokens, LOOPS)
    assert all(np.array_equal(trace.arrays()[name], array) for name, array in alone.arrays().items())
    engine.longest = MANY + 1
    with pytest.raises(ValueError, match=f"1 to {MANY} loops here, not {MANY + 1}"):  # the bound of the replicas
        ask(engine, tokens, MANY + 1)
    assert engine.backend.told() == ["replicas: 3 runs asked of them, 0 sent twice, 0 computed here"]
    assert "ray" not in sys.modules  # the app needs nothing of it


def test_a_replica_that_is_killed_in_the_middle_of_runs_loses_none_of_them(cluster: Cluster) -> None:
    """Six visitors ask for one run after the other until one of them waited for a replica that died, and is told."""
    engine, own = cluster.app(), Engine(cluster.catalogue, "cpu", most_loops=MANY)
    begun, told = threading.Barrier(7), threading.Event()

    def visitor(index: int) -> list[tuple[np.ndarray, dict[str, Any]]]:
        boards = np.random.default_rng(index)
        got: list[tuple[np.ndarray, dict[str, Any]]] = []
        while not (got and told.is_set()):
            tokens = boards.integers(5, size=16)
            got.append((tokens, ask(engine, tokens, MANY)))
            if len(got) == 1:
                begun.wait(120)
            if got[-1][1]["kept"].get("said") == AGAIN:
                told.set()
        return got

    with ThreadPoolExecutor(6) as visitors:
        asked = [visitors.submit(visitor, index) for index in range(6)]
        begun.wait(120)
        for _ in range(5):  # again, where nobody was waiting for it
            os.kill(cluster.process(), signal.SIGKILL)
            if told.wait(30):
                break
        told.set()
        found = [one.result() for one in asked]
    said = [one["kept"].get("said", "") for each in found for _, one in each]
    assert AGAIN in said
    assert set(said) <= {"", AGAIN}
    for each in found:
        for board, one in each:
            assert one["meta"]["loops"] == MANY
            wanted = ask(own, board, LOOPS)["kept"]["hidden"]  # rounding grows from loop to loop
            first = one["kept"]["hidden"][: LOOPS + 1]
            np.testing.assert_allclose(first, wanted, atol=CLOSE * np.abs(wanted).max())
    assert ask(engine, found[0][0][0], LOOPS)["kept"].get("said", "") == ""  # the other one goes on
