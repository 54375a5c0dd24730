"""The documents in assets/docs keep their promises: every block of Python runs and prints what is shown, and every lens has its section."""

import contextlib
import io
import os
import re
import urllib.parse
from pathlib import Path

import pytest
import torch

from looped import lenses
from looped.catalogue import checkpoints
from looped.serving.engine import Engine
from looped.serving.request import shown_by

ROOT = Path(__file__).resolve().parents[1]
DOCS = {file.name: file.read_text("utf-8") for file in sorted((ROOT / "assets" / "docs").glob("*.md"))}
# A block of Python, and behind it what it prints.
EXAMPLES = {
    f"{name}:{1 + text.count(chr(10), 0, found.start())}": (found[1], found[3])
    for name, text in DOCS.items()
    for found in re.finditer(r"^```python\n(.*?)^```\n(\n```text\n(.*?)^```\n)?", text, re.DOTALL | re.MULTILINE)
}
LESSONS = DOCS["lessons.md"]
# Blocks that begin so take minutes. They run with two boards, without a look at the numbers, unless LOOPSCOPE_DOCS=measured
# asks for all; that the numbers are those of the present weights is known by their hashes.
LONG = "BOARDS = 100\n"
MEASURED = os.environ.get("LOOPSCOPE_DOCS") == "measured"


def test_there_are_documents_and_nothing_in_them_escapes_these_tests() -> None:
    assert {"lenses.md", "lessons.md"} <= DOCS.keys()
    for name, text in DOCS.items():
        assert len(re.findall(r"^\s*(?:```|~~~)\s*py", text, re.MULTILINE)) == sum(
            place.startswith(f"{name}:") for place in EXAMPLES
        ), name


@pytest.mark.parametrize("place", EXAMPLES)
def test_an_example_prints_what_is_shown(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in a namespace of its own, as somebody would paste it."""
    code, shown = EXAMPLES[place]
    assert shown, f"{place} shows nothing of what it prints"
    monkeypatch.chdir(ROOT)
    long = code.startswith(LONG) and not MEASURED
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code.replace(LONG, "BOARDS = 2\n", 1) if long else code, place, "exec"), {"__name__": "example"})
    if long:
        assert len(printed.getvalue().splitlines()) == len(shown.splitlines())
    else:
        assert printed.getvalue() == shown


@pytest.mark.parametrize("place", [place for place in EXAMPLES if place.startswith("lenses.md:")])
def test_an_example_of_a_lens_is_short(place: str) -> None:
    assert len(EXAMPLES[place][0].splitlines()) <= 12


def test_every_lens_has_a_section_with_an_example() -> None:
    sections = re.split(r"^## ", DOCS["lenses.md"], flags=re.MULTILINE)[1:]
    named = {
        section.splitlines()[0]: re.findall(r"`looped\.lenses\.(\w+)`", section.splitlines()[2]) for section in sections
    }
    assert sorted(name for names in named.values() for name in names) == sorted(lenses.NAMES), (
        "each lens has one section, named in its first line"
    )
    for section in sections:
        assert "*How it is computed.*" in section
        assert "*What it does not say.*" in section
        codes = "".join(re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE))
        assert any(f"from looped.lenses.{name} import" in codes for name in named[section.splitlines()[0]])


def test_lenses_can_be_reached_by_name() -> None:
    from looped.lenses import readout  # the module, not the function of that name

    assert lenses.readout is readout
    assert lenses.readout.readout.__module__ == "looped.lenses.readout"
    assert set(lenses.NAMES) <= set(dir(lenses))
    assert {file.stem for file in (ROOT / "looped" / "lenses").glob("[!_]*.py")} == set(lenses.NAMES)
    with pytest.raises(AttributeError, match="there is no lens called 'microscope'; there are"):
        _ = lenses.microscope


def test_the_lessons_were_measured_with_the_weights_that_are_there() -> None:
    line = re.search(r"^Measured with the weights ([^.]*)\.$", LESSONS, re.MULTILINE)
    assert line
    hashes = dict(pair.split() for pair in line[1].split(","))
    used = {name for name in checkpoints.names() if re.search(rf"{name}(?![\w-])", LESSONS.replace(line[0], ""))}
    assert hashes == {name: checkpoints.read_info(checkpoints.CATALOGUE / name)["sha256"][:8] for name in used}, (
        "run LOOPSCOPE_DOCS=measured pytest tests/test_docs.py and write down what is printed"
    )


LINKS = re.findall(r"\]\(/(?:sequences)?\?([^)\s]+)\)", "".join(DOCS.values()))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize("link", LINKS)
def test_a_link_shows_what_it_asks_for(link: str, engine: Engine) -> None:
    query = dict(urllib.parse.parse_qsl(link, strict_parsing=True))
    shown = shown_by(engine, query)
    assert shown.message is None
    assert {
        "v": "1",
        "checkpoint": shown.checkpoint,
        "versus": shown.versus,
        "puzzle": shown.input.text.replace("0", "."),
        "loops": str(shown.loops),
    } == {"versus": "", **{key: value for key, value in query.items() if key != "panels"}}
    panels = {
        name
        for file in (ROOT / "assets" / "microscope").rglob("*.js")
        for name in re.findall(r'^  name: "(\w+)"', file.read_text("utf-8"), re.MULTILINE)
    }
    assert set(query.get("panels", "attention").split(",")) <= panels


def test_links_are_found() -> None:
    assert len(LINKS) >= LESSONS.count("\n## ")
    assert torch.is_grad_enabled()  # no example leaves its settings behind


def test_linked_files_exist() -> None:
    for text in DOCS.values():
        for target in re.findall(r"\]\(((?!http|/(?:sequences)?\?)[^)#]+)\)", text):
            assert (ROOT / "assets" / "docs" / target).exists(), target
