"""The documents in assets/docs keep their promises.

Every block of Python runs and prints what is shown, every command line is one, every lens has its section, and every
number of a table is that of the weights that are there.
"""

import contextlib
import io
import os
import re
import shlex
import urllib.parse
from pathlib import Path

import pytest
import torch

from looped import __main__ as command_line
from looped import lenses
from looped.catalogue import checkpoints, results
from looped.classes.quiz import items
from looped.lenses.halting import RULES
from looped.questions import BOARDS, RUNS
from looped.serving.engine import Engine
from looped.serving.request import shown_by
from looped.theory.lab import read
from looped.training.recipes import RECIPES

ROOT = Path(__file__).resolve().parents[1]
DOCS = {file.name: file.read_text("utf-8") for file in sorted((ROOT / "assets" / "docs").glob("*.md"))}
# A block of Python, and behind it what it prints.
EXAMPLES = {
    f"{name}:{1 + text.count(chr(10), 0, found.start())}": (found[1], found[3])
    for name, text in DOCS.items()
    for found in re.finditer(r"^```python\n(.*?)^```\n(\n```text\n(.*?)^```\n)?", text, re.DOTALL | re.MULTILINE)
}
FINDINGS = DOCS["findings.md"]
# Blocks that begin with this line take minutes. They run with two boards, and their numbers are not compared, unless
# LOOPSCOPE_DOCS=measured asks for all. Hashes tell that the numbers are those of the present weights.
LONG = "BOARDS = 100\n"
MEASURED = os.environ.get("LOOPSCOPE_DOCS") == "measured"


def test_there_are_documents_and_nothing_in_them_escapes_these_tests() -> None:
    names = {
        "benchmarks",
        "experiments",
        "lenses",
        "findings",
        "glossary",
        "library",
        "limits",
        "results",
        "running",
        "theory",
        "tour",
        "writing-lessons",
    }
    assert {f"{name}.md" for name in names} == DOCS.keys()
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
    assert len(EXAMPLES[place][0].splitlines()) <= 16


COMMANDS = sorted(
    {
        line.partition("#")[0].strip()
        for text in DOCS.values()
        for line in re.findall(r"(?:^|`)(python -m looped [^`\n]+)", text, re.MULTILINE)
    }
)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_line_of_the_documents_is_one(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, *arguments = shlex.split(line.partition(">")[0])[3:]
    if arguments:
        found = command_line.parser().parse_args([name, *arguments])
        assert getattr(found, "recipe", "NAME") in {"NAME", *RECIPES}
    else:  # a sentence that names a command without what it needs
        with pytest.raises(SystemExit) as done:
            command_line.parser().parse_args([name, "--help"])
        assert done.value.code == 0


def test_the_library_guide_shows_every_command() -> None:
    shown = {line.split()[3] for line in COMMANDS if line in DOCS["library.md"]}
    assert shown == {
        "lesson",
        "list",
        "results",
        "trace",
        "export",
        "evaluate",
        "experiment",
        "theory",
        "train",
        "convert",
        "pull",
        "push",
        "serve",
        "bench",
    }


def test_the_results_are_what_the_generator_prints() -> None:
    assert DOCS["results.md"] == results.text() + "\n", "run python -m looped results > assets/docs/results.md"


@pytest.mark.parametrize("name", checkpoints.names())
def test_every_score_of_a_card_is_in_the_results_with_its_command(name: str) -> None:
    scores = checkpoints.read_info(checkpoints.CATALOGUE / name)["scores"]
    assert scores
    for score in scores:
        found = re.findall(rf"^\| `{re.escape(results.command(name, score))}` \| (.*) \|$", DOCS["results.md"], re.M)
        shares = " | ".join(found)  # one row, or with several runs one for each number of loops
        for value, share in zip(results.values_of(score), score[results.measure_of(score)], strict=True):
            between = f" ({results.between(share, score['n'])})" if "accuracy" in score else ""
            assert f"{value}{between}" in shares


@pytest.mark.parametrize("name", [name for name in checkpoints.names() if name.startswith("sudoku")])
def test_the_table_of_the_benchmark_is_about_the_weights_that_are_there(name: str) -> None:
    table = DOCS["benchmarks.md"].partition("<!-- bench -->")[2].partition("<!-- /bench -->")[0].splitlines()
    info = checkpoints.read_info(checkpoints.CATALOGUE / name)
    rows = [line for line in table if line.startswith(f"| {name} | ")]
    assert rows, "python -m looped bench sudoku prints the table"
    assert all(row.startswith(f"| {name} | {info['sha256'][:8]} | {info['parameters']:,} | ") for row in rows)


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


def test_the_findings_were_measured_with_the_weights_that_are_there() -> None:
    line = re.search(r"^Measured with the weights ([^.]*)\.$", FINDINGS, re.MULTILINE)
    assert line
    hashes = dict(pair.split() for pair in line[1].split(","))
    used = {name for name in checkpoints.names() if re.search(rf"{name}(?![\w-])", FINDINGS.replace(line[0], ""))}
    assert hashes == {name: checkpoints.read_info(checkpoints.CATALOGUE / name)["sha256"][:8] for name in used}, (
        "run LOOPSCOPE_DOCS=measured pytest tests/test_docs.py and write down what is printed"
    )


LINKS = re.findall(r"\]\(/(?:sequences|in-context)?\?([^)\s]+)\)", "".join(DOCS.values()))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize("link", LINKS)
def test_a_link_shows_what_it_asks_for(link: str, engine: Engine) -> None:
    query = dict(urllib.parse.parse_qsl(link, strict_parsing=True))
    loop = int(query.pop("loop"))  # without it a link would open where the browser's habit says
    shown = shown_by(engine, query)
    assert shown.message is None
    assert 0 <= loop <= shown.loops
    assert {
        "v": "1",
        "checkpoint": shown.checkpoint,
        "versus": shown.versus,
        "puzzle": shown.input.text.replace("0", "."),
        "loops": str(shown.loops),
    } == {"versus": "", **{key: value for key, value in query.items() if key != "panels"}} | {
        "puzzle": query["puzzle"].replace("0", ".")
    }
    panels = {
        name
        for file in (ROOT / "assets" / "microscope").rglob("*.js")
        for name in re.findall(r'^  name: "(\w+)"', file.read_text("utf-8"), re.MULTILINE)
    }
    assert set(query.get("panels", "attention").split(",")) <= panels


@pytest.mark.parametrize("link", re.findall(r"\]\(/theory\?([^)\s]+)\)", "".join(DOCS.values())))
def test_a_link_to_the_theory_shows_what_it_asks_for(link: str) -> None:
    query = dict(urllib.parse.parse_qsl(link, strict_parsing=True))
    setting = read(query)
    assert query.items() <= (setting.query() | {"v": "1", "loop": query["loop"], "zoom": "1"}).items()
    assert int(query["loop"]) <= setting.sizes.loops


def test_links_are_found() -> None:
    assert len(LINKS) >= FINDINGS.count("\n## ")
    assert torch.is_grad_enabled()  # no example leaves its settings behind


def test_linked_files_exist() -> None:
    for text in DOCS.values():
        for target in re.findall(r"\]\(((?!http|/(?:sequences|in-context|theory)?\?)[^)#]+)\)", text):
            assert (ROOT / "assets" / "docs" / target).exists(), target


SPELLED = {8: "eight", 10: "ten", 12: "twelve"}
# What documents count, and the list that it is the length of.
COUNTED = {
    ("tour.md", "{} exit rules on this run"): RULES,
    ("lenses.md", "{} exit rules watch"): RULES,
    ("lenses.md", "The\n{} $w$"): RULES,
    ("findings.md", "Each of the {} exit rules"): RULES,
    ("README.md", "{} lessons"): sorted((ROOT / "assets" / "lessons").glob("[0-9]*.md")),
    ("tour.md", "Quiz: {} questions about loops"): items(),
    ("tour.md", "bring on {} boards"): BOARDS,
    ("tour.md", "written in {} ways, or from {} noisy starts"): RUNS,
}


@pytest.mark.parametrize(("where", "counted"), COUNTED.items(), ids=str)
def test_what_a_document_counts_is_as_many(where: tuple[str, str], counted: object) -> None:
    name, said = where
    number = counted if isinstance(counted, int) else len(counted)
    word = SPELLED.get(number, str(number))
    text = DOCS.get(name) or (ROOT / name).read_text("utf-8")
    assert said.replace("{}", word).lower() in text.lower()
