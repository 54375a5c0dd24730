"""Settings: each variable is read, checked and in the documents; nothing else in the library reads the environment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from looped.__main__ import main
from looped.settings import Settings, declared, table

ROOT = Path(__file__).resolve().parents[1]
GOOD = [
    ("LOOPSCOPE_CHECKPOINTS", str(ROOT), ROOT),
    ("LOOPSCOPE_DEVICE", "cuda:1", "cuda:1"),
    ("LOOPSCOPE_SERVE", "http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
    ("LOOPSCOPE_CACHE_MB", "0", 0),
    ("LOOPSCOPE_LOOPS", "64", 64),
    ("LOOPSCOPE_QUESTIONS", "2", 2),
    ("LOOPSCOPE_EXPORTS", "1", 1),
    (
        "LOOPSCOPE_EMBED",
        "https://moodle.example  http://10.0.0.1:8080",
        ("https://moodle.example", "http://10.0.0.1:8080"),
    ),
    ("LOOPSCOPE_UPLOAD_MB", "20", 20),
    ("LOOPSCOPE_STATUS", "On", True),
    ("LOOPSCOPE_LESSONS", str(ROOT), ROOT),
    ("LOOPSCOPE_CLASSES", "0", 0),
    ("LOOPSCOPE_CLASS_STUDENTS", "300", 300),
    ("LOOPSCOPE_CLASS_KB", "64", 64),
    ("LOOPSCOPE_CLASS_RATE", "5", 5),
    ("XDG_CACHE_HOME", "/there", Path("/there")),
]
BAD = [
    ("LOOPSCOPE_CHECKPOINTS", "/no such folder", "is no folder"),
    ("LOOPSCOPE_LESSONS", "/no such folder", "is no folder"),
    ("LOOPSCOPE_DEVICE", "tpu", "is none of auto"),
    ("LOOPSCOPE_SERVE", "file:///etc/passwd", "no address"),
    ("LOOPSCOPE_CACHE_MB", "-1", "no whole number from 0 to 1,000,000"),
    ("LOOPSCOPE_CACHE_MB", "9" * 5000, "no whole number"),
    ("LOOPSCOPE_LOOPS", "²", "no whole number from 1 to 1,024"),
    ("LOOPSCOPE_QUESTIONS", "0", "no whole number from 1"),
    ("LOOPSCOPE_EXPORTS", "many", "no whole number"),
    ("LOOPSCOPE_EMBED", "*", "no list of sites"),
    ("LOOPSCOPE_EMBED", "https://a.example; script-src *", "no list of sites"),
    ("LOOPSCOPE_STATUS", "perhaps", "neither on nor off"),
]


@pytest.mark.parametrize(("variable", "text", "value"), GOOD, ids=[variable for variable, *_ in GOOD])
def test_a_variable_sets_what_it_says_and_nothing_else(variable: str, text: str, value: Any) -> None:
    found = vars(Settings.read({variable: text}))
    (name,) = (name for name, of in declared().items() if of.variable == variable)
    assert found.pop(name) == value
    assert found == {other: value for other, value in vars(Settings()).items() if other != name}
    assert Settings.read({variable: ""}) == Settings()


def test_every_setting_is_tried_here() -> None:
    assert {variable for variable, *_ in GOOD} == {of.variable for of in declared().values()}


@pytest.mark.parametrize(("variable", "text", "says"), BAD)
def test_a_wrong_variable_is_told_in_one_short_sentence(variable: str, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=rf"^{variable} is .*{says}.*\.$") as caught:
        Settings.read({variable: text})
    assert len(str(caught.value)) < 200


def test_a_command_says_what_is_wrong_with_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOOPSCOPE_LOOPS", "many")
    assert main(["list"]) == 2
    told = "looped: LOOPSCOPE_LOOPS is 'many', which is no whole number from 1 to 1,024.\n"
    assert tuple(capsys.readouterr()) == ("", told)


def test_checkpoints_are_not_added_to_those_that_are_shipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOOPSCOPE_UPLOAD_MB", "20")
    monkeypatch.delenv("LOOPSCOPE_CHECKPOINTS", raising=False)
    assert main(["list"]) == 2
    told = "looped: LOOPSCOPE_UPLOAD_MB needs a folder to add to; name one in LOOPSCOPE_CHECKPOINTS.\n"
    assert capsys.readouterr().err == told


def test_the_documents_have_the_table() -> None:
    assert table() in (ROOT / "assets" / "docs" / "running.md").read_text("utf-8")


def test_nothing_else_reads_the_environment() -> None:
    files = [ROOT / "app.py", *(ROOT / "looped").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    reading = {file.name for file in files if re.search(r"os\.(environ|getenv)", file.read_text("utf-8"))}
    assert reading == {"settings.py", "server.py", "cluster.py"}
    # The benchmark hands its own on to the server that it starts; Ray reads its switches nowhere else.
