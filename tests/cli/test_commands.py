"""The command line as a whole: what does not exist is refused, what exists explains itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from looped.runs.trace import Trace
from tests.cli.commands import BOARD, Make, Result, Run, refused

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "arguments", [(), ("dance",), ("list", "more"), ("list", "--colour"), ("bench", "nothing"), ("--json",)]
)
def test_commands_that_do_not_exist_are_refused_in_one_line(run: Run, arguments: tuple[str, ...]) -> None:
    refused(run(*arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("list", "--help"),
        ("trace", "--help"),
        ("evaluate", "--help"),
        ("train", "--help"),
        ("bench", "--help"),
    ],
)
def test_every_command_explains_itself(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.status == 0
    assert result.out.startswith("usage: python -m looped")
    assert result.err == ""


def test_python_m_looped_is_this_command_line(make_checkpoint: Make, tmp_path: Path) -> None:
    """As a person runs it, in a process of its own."""
    folder = make_checkpoint(tmp_path / "tiny")

    def shell(*arguments: object) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "looped", *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    good = shell("trace", folder, BOARD, "--json", "--out", tmp_path / "trace.npz")
    assert good.status == 0
    assert good.err == ""
    assert good.json["loops"] == 3
    assert len(good.out.splitlines()) == 1
    assert Trace.load(tmp_path / "trace.npz").loops == 3
    refused(shell("trace", folder, "11.............."), "Digit 1 stands twice")
