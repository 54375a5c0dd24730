"""The README keeps its promises: its code runs, its commands exist, CI calls its test command, its figures are the cards'."""

import re
import subprocess
from pathlib import Path

import pytest

from looped import __main__ as command_line
from looped.catalogue import checkpoints
from looped.training.cards import command

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def test_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [code for language, code in BLOCKS if language == "python"]
    assert codes
    for code in codes:
        exec(compile(code, "README.md", "exec"), {})
    assert "alpha" not in capsys.readouterr().err


def test_every_command_line_of_the_readme_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        line
        for language, code in BLOCKS
        if language == "bash"
        for line in code.splitlines()
        if line.startswith("python -m looped")
    ]
    assert len(lines) >= 5
    for line in lines:
        arguments = line.partition("#")[0].split()[3:]
        assert callable(command_line.parser().parse_args(arguments).run)


def test_ci_runs_exactly_the_test_command_of_the_readme() -> None:
    tests = [line for language, code in BLOCKS if language == "bash" for line in code.splitlines() if "pytest" in line]
    assert len(tests) == 1
    extract = re.search(r"sed -n '([^']*)' README.md", (ROOT / ".ci" / "run").read_text("utf-8"))
    assert extract
    found = subprocess.run(
        ["sed", "-n", extract.group(1), ROOT / "README.md"], capture_output=True, text=True, check=True
    ).stdout
    assert found.strip() == tests[0]


@pytest.mark.parametrize("name", checkpoints.names())
def test_scores_of_the_readme_are_those_of_the_cards(name: str) -> None:
    for score in checkpoints.read_info(checkpoints.CATALOGUE / name)["scores"]:
        row = (
            f"| `{command(name, score)}` | " + " | ".join(f"{100 * share:.1f} %" for share in score["accuracy"]) + " |"
        )
        assert row in README


@pytest.mark.parametrize("name", [name for name in checkpoints.names() if name.startswith("sudoku")])
def test_the_table_of_the_benchmark_is_about_the_weights_that_are_there(name: str) -> None:
    table = README.partition("<!-- bench -->")[2].partition("<!-- /bench -->")[0].splitlines()
    info = checkpoints.read_info(checkpoints.CATALOGUE / name)
    rows = [line for line in table if line.startswith(f"| {name} | ")]
    assert rows, "python -m looped bench sudoku prints the table"
    assert all(row.startswith(f"| {name} | {info['sha256'][:8]} | {info['parameters']:,} | ") for row in rows)


def test_linked_files_exist() -> None:
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", README):
        assert (ROOT / target).exists(), target
