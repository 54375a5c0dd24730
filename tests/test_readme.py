"""The README keeps its promises: its code runs, CI calls its test command, and it leads to everything else."""

import doctest
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
# The titles of the pages in the menu, as the router gives them.
ROUTER = (ROOT / "looped" / "ui" / "router.py").read_text("utf-8")
PAGES = sorted(set(re.findall(r'PAGES / [^)]*title="(\w+)"', ROUTER)))
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_python_of_the_guides_runs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each block in a namespace of its own, and the examples in its docstrings."""
    codes = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
    assert codes
    for code in codes:
        space = {"__name__": "example"}
        exec(compile(code, name, "exec"), space)
        for made in [value for value in space.values() if getattr(value, "__module__", "") == "example"]:
            doctest.run_docstring_examples(made, space)
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "Failed example" not in printed.out


def test_ci_runs_exactly_the_test_command_of_the_readme() -> None:
    tests = [line for language, code in BLOCKS if language == "bash" for line in code.splitlines() if "pytest" in line]
    assert len(tests) == 1
    extract = re.search(r"sed -n '([^']*)' README.md", (ROOT / ".ci" / "run").read_text("utf-8"))
    assert extract
    found = subprocess.run(
        ["sed", "-n", extract.group(1), ROOT / "README.md"], capture_output=True, text=True, check=True
    ).stdout
    assert found.strip() == tests[0]


def test_the_readme_fits_on_two_screens() -> None:
    assert README.index("assets/screenshot.png") < 400
    assert len(README.splitlines()) <= 90
    assert "<!--" not in README  # no tables of numbers: those are generated


@pytest.mark.parametrize("title", PAGES)
def test_every_page_of_the_app_has_a_paragraph(title: str) -> None:
    assert f"\n**{title}.** " in README


def test_the_readme_leads_to_every_document() -> None:
    linked = set(re.findall(r"\]\(([^)#]+\.md)\)", README))
    documents = {file.relative_to(ROOT).as_posix() for file in (ROOT / "assets" / "docs").glob("*.md")}
    assert linked == documents | {"ARCHITECTURE.md", "CONTRIBUTING.md"}


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_linked_files_exist(name: str) -> None:
    targets = re.findall(r"\]\(((?!http)[^)#]+)\)", (ROOT / name).read_text("utf-8"))
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target
