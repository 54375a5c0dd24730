"""The wheel works away from the repository: it holds the code and every file that the app reads, and finds them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from looped.catalogue import checkpoints
from looped.wheel import shipped

ROOT = Path(__file__).resolve().parents[1]
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
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the tree, so that setuptools leaves nothing in the repository, and unpack it."""
    folder = tmp_path_factory.mktemp("wheel")
    parts = ("looped", "pages", "assets", "checkpoints", ".streamlit")
    for name in parts:
        shutil.copytree(ROOT / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", folder]
    subprocess.run([*command, folder / "source"], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def run(program: str, wheel: Path, folder: Path) -> str:
    """Run a program with the unpacked wheel, in another folder; what it prints."""
    environment = os.environ | {"PYTHONPATH": str(wheel)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_wheel_holds_every_file_that_the_app_reads(wheel: Path) -> None:
    names = shipped(ROOT)
    assert {"app.py", "pages/sudoku.py", ".streamlit/config.toml", "assets/docs/lessons.md"} <= set(names)
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
    assert {file.name for file in wheel.iterdir() if not file.name.endswith(".dist-info")} == {"looped"}
    assert not list(wheel.rglob("*.png"))  # pictures of the README
    assert not list(wheel.rglob("__pycache__"))


def test_checkpoints_are_found_and_run_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    assert run(PROGRAM, wheel, tmp_path).split() == checkpoints.names()


def test_pages_find_their_files_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    assert run(PAGES, wheel, tmp_path) == "Lessons"


def test_the_command_loopscope_starts_the_app_of_the_wheel(wheel: Path, tmp_path: Path) -> None:
    (info,) = wheel.glob("*.dist-info")
    assert "loopscope = looped.ui.__main__:main" in (info / "entry_points.txt").read_text("utf-8")
    program = """
import sys
from unittest.mock import patch
from looped.places import resource
from looped.ui import __main__ as start

sys.argv = ["loopscope", "--server.port", "8600"]
with patch.object(start, "streamlit") as streamlit:
    start.main()
(arguments,), named = streamlit.call_args
assert arguments == ["run", str(resource("app.py")), "--server.port", "8600"], arguments
print(resource("app.py"))
"""
    assert run(program, wheel, tmp_path) == str(wheel / "looped" / "_data" / "app.py")
