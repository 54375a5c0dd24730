"""`export`: a folder of figures and arrays, and one line for what cannot be drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from looped.catalogue.checkpoints import load_checkpoint
from looped.runs.trace import Trace
from tests.cli.commands import BOARD, Run, refused

ROOT = Path(__file__).resolve().parents[2]


def test_export_writes_a_folder_and_says_what_is_in_it(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    result = run(
        "export", "tiny-tmlt", BOARD, "--out", out, "--loops", 5, "--loop", 4, "--cell", 7, "--head", 1, "--json"
    )
    assert result.status == 0
    assert len(result.out.splitlines()) == 1
    assert "board: drawn\n" in result.err  # progress
    found = result.json
    assert (found["checkpoint"], found["loops"], found["loop"], found["cell"], found["head"]) == (
        "tiny-tmlt",
        5,
        4,
        7,
        1,
    )
    assert (found["sha256"], found["out"]) == (load_checkpoint("tiny-tmlt").sha256, str(out))
    assert sorted(found["files"]) == sorted(
        file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file()
    )
    assert {"view.json", "trace.npz", "regenerate.py", "figures/board.svg", "figures/timestep-layer-2.csv"} <= set(
        found["files"]
    )
    assert Trace.load(out / "trace.npz").loops == 5


def test_export_for_people_names_the_script(run: Run, tmp_path: Path) -> None:
    result = run("export", "tiny", "1...............", "--out", tmp_path / "out")
    assert result.status == 0
    assert (
        result.out
        == f"27 files in {tmp_path / 'out'}; make them again with: python {tmp_path / 'out' / 'regenerate.py'}\n"
    )
    assert "several solutions" in result.err


@pytest.mark.parametrize("arguments", [
    ("nothing", BOARD, "--out", "x"), ("tiny", "12", "--out", "x"), ("tiny", BOARD), ("tiny", "--out", "x"),
    ("tiny", BOARD, "--out"), ("tiny", BOARD, "--out", "x", "--loops", "0"),
    ("tiny", BOARD, "--out", "x", "--loop", "0"), ("tiny", BOARD, "--out", "x", "--loop", "4"),
    ("tiny", BOARD, "--out", "x", "--cell", "16"), ("tiny", BOARD, "--out", "x", "--cell", "-1"),
    ("tiny", BOARD, "--out", "x", "--cell", "²"), ("tiny", BOARD, "--out", "x", "--head", "2"),
    ("tiny", BOARD, "--out", "x", "--head", "first"), ("tiny", BOARD, "--out", "x", "--loops", "9999"),
    ("plain", BOARD, "--out", "x", "--loops", "4"), ("tiny", BOARD, "--out", "x" * 300),
    ("tiny", BOARD, "--out", "x\0"), ("tiny", BOARD, "--out", "file"), ("tiny", BOARD, "--out", "file/below"),
    ("tiny", BOARD, "--out", "full"), ("tiny", BOARD, "--out", ""), ("tiny", BOARD, "--out", "x", "--html", ""),
    ("tiny", BOARD, "--out", "x", "--html", "a.html", "--gif", "a.gif", "--figure", "flow"),
    ("tiny", BOARD, "--out", "full", "--html", "a.html", "--gif", "a.gif"),
    ("tiny", BOARD, "--html", "a.html", "--cell", "16"), ("tiny", BOARD, "--html", "a.html", "--head", "2"),
    ("tiny", BOARD, "--html", "a.html", "--loop", "4"),
], ids=lambda arguments: " ".join(arguments)[:50].replace("\0", "NUL"))  # fmt: skip
def test_export_refuses_bad_input_in_one_line_and_writes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine", "utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine", "utf-8")
    refused(run("export", *arguments))
    assert sorted(file.name for file in tmp_path.rglob("*") if "catalogue" not in file.parts) == [
        "file",
        "file",
        "full",
    ]


def test_export_says_what_is_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine", "utf-8")
    refused(
        run("export", "tiny", BOARD, "--out", tmp_path / "full"),
        f"{tmp_path / 'full'} is not empty; name a new folder.",
    )
    refused(run("export", "tiny", BOARD, "--out", tmp_path / "full" / "file"), "cannot be written")
    refused(run("export", "tiny", BOARD, "--out", "x", "--cell", "x"), "--cell", "'x' is not a whole number from 0 on")
    refused(run("export", "tiny", BOARD, "--out", "x", "--head", "7"), "there is no head 7: tiny has the heads 0 to 1.")


@pytest.mark.parametrize(
    ("name", "text", "answer"), [("lcs6", "kitten sit", "kitten, sit: "), ("countdown3", "4 3 5 = 35", "4 3 5 → 35: ")]
)
def test_export_takes_words_and_countdown_problems(
    sequences: Run, tmp_path: Path, name: str, text: str, answer: str
) -> None:
    found = sequences("export", f"{name}-tiny", text, "--out", tmp_path / "out", "--loops", 2, "--json").json
    assert found["answer"].startswith(answer)
    assert found["right"] in (True, False)
    assert ("figures/table.svg" in found["files"]) == (name == "lcs6")
    refused(
        sequences("export", f"{name}-tiny", text, "--out", tmp_path / "other", "--cell", 99),
        "there is no position 99: positions are counted from 0 to",
    )


def test_export_writes_an_animation(run: Run, tmp_path: Path) -> None:
    """A frame a loop; a figure that is not there is refused."""
    out = tmp_path / "run.gif"
    result = run("export", "tiny-tmlt", BOARD, "--gif", out, "--loops", 3, "--figure", "readout", "--json")
    assert result.json["bytes"] == out.stat().st_size
    with Image.open(out) as image:
        assert (image.format, image.n_frames) == ("GIF", 3)  # type: ignore[attr-defined]
    refused(run("export", "tiny-tmlt", BOARD, "--gif", out, "--figure", "flow"), "There is no figure 'flow'")


def test_export_writes_all_that_is_asked_for(run: Run, tmp_path: Path) -> None:
    out, page, animation = tmp_path / "out", tmp_path / "run.html", tmp_path / "run.gif"
    asked = ("export", "tiny-tmlt", BOARD, "--loops", 3, "--loop", 2, "--out", out, "--html", page, "--gif", animation)
    result = run(*asked, "--figure", "readout", "--json")
    assert result.status == 0
    folder, html, gif = result.json["written"]
    assert (folder["out"], folder["loop"], folder["loops"]) == (str(out), 2, 3)
    assert all((out / file).is_file() for file in folder["files"])
    assert html == {"checkpoint": "tiny-tmlt", "html": str(page), "bytes": page.stat().st_size}
    assert gif == {"checkpoint": "tiny-tmlt", "gif": str(animation), "bytes": animation.stat().st_size}
    with Image.open(animation) as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]
    said = run("export", "tiny-tmlt", BOARD, "--loops", 2, "--html", page, "--gif", animation)
    assert [line.partition(": ")[0] for line in said.out.splitlines()] == [str(page), str(animation)]


def test_export_refuses_an_option_that_would_do_nothing(run: Run, tmp_path: Path) -> None:
    for target in ("--out", "--html"):
        refused(
            run("export", "tiny", BOARD, target, tmp_path / "x", "--figure", "readout"), "--figure", "add --gif FILE"
        )
    refused(run("export", "tiny", BOARD, "--gif", tmp_path / "x", "--loop", 2), "an animation shows every loop")
    assert not (tmp_path / "x").exists()
