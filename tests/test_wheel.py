"""The wheel works away from the repository: it holds the code and every file that the app reads, and finds them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest

from looped.catalogue import checkpoints
from looped.export.bundle import bundle, read
from looped.wheel import shipped

ROOT = Path(__file__).resolve().parents[1]
CLEAN = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PYTHONDONTWRITEBYTECODE": "1"}
PROGRAM = """
import looped
from looped.catalogue.evaluate import evaluate
from looped.places import INSTALLED, ROOT

assert ROOT == INSTALLED, ROOT
checkpoint = looped.load("sudoku4-tmlt")
board = checkpoint.task.parse(".3244..32.3..1.2")
trace = looped.record(checkpoint.model, checkpoint.task.encode(board), loops=8)
assert checkpoint.task.right(trace.tokens, trace.answers[-1])
nine = looped.load("sudoku9-looped")
assert evaluate(nine, "assets/sudoku9-minimal.txt", [1], limit=2)["n"] == 2
print(*looped.names())
"""
PAGES = """
import runpy

from streamlit.testing.v1 import AppTest

import looped.ui.component
from looped.places import resource

app = runpy.run_path(str(resource("app.py")))["app"]
assert app.script_path.is_file(), app.script_path
here = AppTest.from_file(str(resource("pages/lessons.py")), default_timeout=60).run()
assert not here.exception, here.exception
print(here.tabs[0].label)
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the tree and install it with pip into a fresh environment.

    Of a copy, so that setuptools leaves nothing in the repository. What the wheel needs is taken from the environment
    of the tests, by a path behind that of the fresh one, so that nothing is downloaded.
    """
    folder = tmp_path_factory.mktemp("wheel")
    parts = ("looped", "pages", "assets", "checkpoints", ".streamlit")
    for name in parts:
        shutil.copytree(ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    made = folder / "environment"
    venv.create(made, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", made / "bin" / "python", "install", "--no-deps", "--no-index"]
    command = [*pip, "--no-build-isolation", "--no-compile", "--no-warn-script-location", folder / "source"]
    borrowed = site_packages(made) / "borrowed.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    subprocess.run(command, check=True, capture_output=True)
    return made


def site_packages(environment: Path) -> Path:
    (found,) = environment.glob("lib/python*/site-packages")
    return found


@pytest.fixture
def wheel(environment: Path) -> Path:
    """Return where the wheel was installed."""
    return site_packages(environment)


def run(program: str, environment: Path, folder: Path) -> str:
    """Run a program with the installed wheel, in another folder; what it prints."""
    command = [environment / "bin" / "python", "-c", program]
    done = subprocess.run(command, cwd=folder, env=CLEAN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Answer(NamedTuple):
    headers: Message
    data: bytes


def fetched(address: str, app: subprocess.Popen[bytes]) -> Answer:
    """Return what an app that is starting answers as soon as it does."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=180) as answer:
                return Answer(answer.headers, answer.read())
        except urllib.error.URLError:
            assert app.poll() is None, "the app has ended"
            time.sleep(0.1)
    raise AssertionError("the app did not answer")


def test_the_wheel_holds_every_file_that_the_app_reads(wheel: Path) -> None:
    names = shipped(ROOT)
    assert {"app.py", "pages/sudoku.py", ".streamlit/config.toml", "assets/lessons/1-what-a-loop-is.md"} <= set(names)
    assert {"assets/sudoku9-minimal.txt", "assets/microscope/microscope.css"} <= set(names)
    for name in checkpoints.names():
        assert {f"checkpoints/{name}/config.json", f"checkpoints/{name}/model.safetensors"} <= set(names)
    for name in names:
        assert (wheel / "looped" / "_data" / name).read_bytes() == (ROOT / name).read_bytes(), name
    modules = {file.relative_to(ROOT).as_posix() for file in (ROOT / "looped").rglob("*.py")}
    assert modules == {
        file.relative_to(wheel).as_posix()
        for file in (wheel / "looped").rglob("*.py")
        if "_data" not in file.relative_to(wheel).parts
    }


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    assert {file.name for file in wheel.iterdir() if not file.name.endswith((".dist-info", ".pth"))} == {"looped"}
    assert not list(wheel.rglob("*.png"))  # pictures of the README
    assert not list(wheel.rglob("__pycache__"))


def test_checkpoints_are_found_and_run_from_another_folder(environment: Path, tmp_path: Path) -> None:
    assert run(PROGRAM, environment, tmp_path).split() == checkpoints.names()


def test_pages_find_their_files_from_another_folder(environment: Path, tmp_path: Path) -> None:
    assert run(PAGES, environment, tmp_path) == "Lessons"


def test_the_command_loopscope_serves_the_app_of_the_wheel_from_another_folder(
    environment: Path, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    with (
        (tmp_path / "log.txt").open("w+") as log,
        subprocess.Popen(
            [environment / "bin" / "loopscope", *settings],
            cwd=tmp_path,
            env=CLEAN,
            stdout=log,
            stderr=log,
        ) as app,
    ):
        try:
            page = fetched(f"http://127.0.0.1:{port}/", app)
            assert (named := re.match(r"<(m/\w+/microscope\.js)>; rel=modulepreload", page.headers["Link"]))
            assert fetched(f"http://127.0.0.1:{port}/{named[1]}", app).data.decode() == bundle(read())
        finally:
            app.kill()
