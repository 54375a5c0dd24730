"""The Models page without a browser: every checkpoint's card, scores and learning curve, as they are on disk."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from looped.catalogue import checkpoints
from looped.catalogue.results import by_number, measure_of
from looped.serving.engine import Engine
from looped.settings import Settings

Open = Callable[..., Any]


def charts(here: Any) -> list[dict[str, Any]]:
    """The Plotly figures of the page, as they are sent to the browser."""
    return [json.loads(chart.proto.spec) for chart in here.app.get("plotly_chart")]


def points(line: dict[str, Any]) -> list[tuple[float, float]]:
    return list(zip(line["x"], line["y"], strict=True))


def marks(figure: dict[str, Any]) -> list[float]:
    """Where upright lines stand."""
    return [shape["x0"] for shape in figure["layout"].get("shapes", [])]


@pytest.fixture(scope="module")
def models(visit: Open) -> Any:
    """A visitor of the page Models, who looks at one checkpoint after another."""
    return visit().open("models")


@pytest.mark.parametrize("name", checkpoints.names() or ["(the catalogue is empty)"])
def test_every_checkpoint_shows_its_card_and_its_charts(models: Any, name: str) -> None:
    """The card is README.md as it is.

    The first chart holds every score of every checkpoint of the task, but the validation of a size that has a test set;
    the others hold every value of log.csv and where
    a stage began.
    """
    folder = checkpoints.CATALOGUE / name
    here = models
    here.app.selectbox(key="model").select(name)
    here.run()
    assert here.app.markdown[0].value == (folder / "README.md").read_text("utf-8").strip()
    info = checkpoints.read_info(folder)
    training = info["training"]
    *rights, learned, lost = charts(here)
    wanted = {}
    for other in checkpoints.names():
        of = checkpoints.read_info(checkpoints.CATALOGUE / other)
        if of["task"] == info["task"]:
            assert of["scores"], "the checkpoint was never measured"
            tested = [score.get("size", "all") for score in of["scores"] if score.get("set") == "test"]
            for score in filter(by_number, of["scores"]):
                if "size" in score and score.get("set") != "test" and score["size"] in tested:
                    continue
                pairs = list(zip(score["loops"], score[measure_of(score)], strict=True))
                test = ", test" if score.get("set") == "test" else ""
                plural = "" if score.get("size") == 1 else "s"
                data = f"prompts of {score['size']} example{plural}" if "size" in score else score["data"].split(",")[0]
                if any("hardest" in one for one in of["scores"]):
                    data = score["data"].split(", ")[1]  # what tells them from those of the usual kind
                if split := re.search("split by their [a-z]+", score["data"]):
                    data = split[0]  # what tells it from the others of the task
                source = f"{other}, {data}{test}"
                legend = source + (", one run" if "with_tries" in score else "")
                assert legend not in wanted, "two lines would have one name"
                wanted[legend] = pairs
                if "with_tries" in score:
                    again = score["with_tries"]
                    tried = list(zip(score["loops"], again["accuracy"], strict=True))
                    wanted[f"{source}, up to {again['tries']} runs"] = tried
    plain = "standard" in (info["model"]["architecture"], info["model"].get("core"))
    assert len(rights) == any(len(pairs) > 1 for pairs in wanted.values())
    for right in rights:
        assert len(right["data"]) == len(wanted)
        assert {line["name"]: points(line) for line in right["data"]} == wanted
        measured = [line for line in right["data"] if not line["name"].endswith(", one run")]  # again, for its cost
        looks = [(line["line"]["color"], line["line"]["dash"], line["marker"]["symbol"]) for line in measured]
        assert len(set(looks)) == len(looks)
        thick = {line["name"].partition(",")[0] for line in right["data"] if line["line"]["width"] > 2}
        assert thick == {name}
        assert marks(right) == ([] if plain else [info["model"]["trained_loops"]])
    with (folder / "log.csv").open(encoding="utf-8", newline="") as file:
        log = list(csv.DictReader(file))
    held_out = {
        (int(row["step"]), f"{key.removeprefix('held_out_')} {'layers' if plain else 'loops'}", float(value))
        for row in log
        for key, value in row.items()
        if key.startswith("held_out_") and value
    }
    assert held_out
    assert {(step, line["name"], share) for line in learned["data"] for step, share in points(line)} == held_out
    assert points(lost["data"][0]) == [(int(row["step"]), float(row["loss"])) for row in log]
    ends = list(accumulate(stage["steps"] for stage in training["recipe"]["stages"]))
    begun = [end for end in ends if end < training["steps"]]
    assert [marks(learned), marks(lost)] == [begun, begun]
    captions = " ".join(caption.value for caption in here.app.caption)
    assert "not those of the card's tables" in captions
    assert ("Dashed" in captions) == bool(begun)


def test_all_checkpoints_stand_in_one_table(visit: Open) -> None:
    here = visit().open("models")
    (box,) = here.app.expander
    assert box.label == f"All {len(checkpoints.names())} checkpoints"
    rows = box.markdown[0].value.splitlines()[2:]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == checkpoints.names()
    for row, name in zip(rows, checkpoints.names(), strict=True):
        info = checkpoints.read_info(checkpoints.CATALOGUE / name)
        assert f"| {info['task']} | {info['model']['architecture']} | {info['parameters']:,} |" in row
        assert re.search(r"\d% \(\d+\.\d–\d+\.\d\) after |error 0\.\d+ \([\d.e-]+–[\d.e-]+\) after ", row)


def test_checkpoints_are_offered_and_the_choice_is_shown(visit: Open) -> None:
    """The list is the catalogue; choosing another one changes the card."""
    here = visit().open("models")
    box = here.app.selectbox(key="model")
    assert box.options == checkpoints.names()
    assert box.value in checkpoints.names()
    last = checkpoints.names()[-1]
    box.select(last)
    here.run()
    assert here.app.markdown[0].value == (checkpoints.CATALOGUE / last / "README.md").read_text("utf-8").strip()


def test_no_checkpoint_is_said_in_a_sentence(visit: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A clone without checkpoints shows how to make one, not a traceback."""
    empty = Engine(tmp_path)
    monkeypatch.setattr("looped.ui.models.engine", lambda: empty)
    here = visit().open("models")
    assert "python -m looped train" in here.app.info[0].value
    assert not here.app.selectbox


def test_checkpoint_without_scores_or_log_still_has_its_card(
    visit: Open, monkeypatch: pytest.MonkeyPatch, small: Engine
) -> None:
    """Somebody's own checkpoint, never measured: the card alone, and no empty chart."""
    (small.catalogue / "sudoku4-looped" / "README.md").write_text("# my own", "utf-8")
    monkeypatch.setattr("looped.ui.models.engine", lambda: small)
    here = visit().open("models")
    here.app.selectbox(key="model").select("sudoku4-looped")
    here.run()
    assert here.app.markdown[0].value == "# my own"
    assert charts(here) == []


def test_checkpoint_without_a_card_says_so(visit: Open, monkeypatch: pytest.MonkeyPatch, small: Engine) -> None:
    (small.catalogue / "sudoku9-tmlt" / "README.md").unlink(missing_ok=True)
    monkeypatch.setattr("looped.ui.models.engine", lambda: small)
    here = visit(model="sudoku9-tmlt").open("models")
    assert here.app.markdown[0].value == ("sudoku9-tmlt has no model card: there is no README.md beside its weights.")


@pytest.mark.parametrize(
    "training", [{}, {"steps": 7}, {"recipe": {}}, {"recipe": {"stages": []}, "steps": 7}], ids=str
)
def test_a_learning_curve_needs_no_recipe(
    visit: Open,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    make_checkpoint: Callable[..., Path],
    training: dict[str, Any],
) -> None:
    """A log that somebody else's training wrote is drawn, although nothing is known of its stages."""
    folder = make_checkpoint(tmp_path / "sudoku4-mine")
    info = json.loads((folder / "config.json").read_text("utf-8")) | {"training": training}
    (folder / "config.json").write_text(json.dumps(info), "utf-8")
    (folder / "README.md").write_text("# mine", "utf-8")
    (folder / "log.csv").write_text("step,loss,held_out_4\n1,2.0,0.5\n", "utf-8")
    monkeypatch.setattr("looped.ui.models.engine", lambda: Engine(tmp_path))
    here = visit().open("models")
    (learned,), (lost,) = (figure["data"] for figure in charts(here))
    assert (learned["name"], points(learned)) == ("4 loops", [(1, 0.5)])
    assert points(lost) == [(1, 2.0)]
    assert not here.app.caption


def test_the_card_is_that_of_the_checkpoint_that_was_looked_at_last(visit: Open) -> None:
    """On whichever page, also of one that was changed; a list of its own keeps what was chosen on it."""
    here = visit(checkpoint="sudoku4-tmlt~freeze=1", puzzle="4......2...33...").open("models")
    assert here.app.selectbox(key="model").value == "sudoku4-tmlt"
    here.app.selectbox(key="model").select("lcs12-tmlt")
    here.run()
    here.open("lessons").open("models")
    assert here.app.selectbox(key="model").value == "lcs12-tmlt"
    here.open("sudoku").open("models")
    here.open("sudoku").open("models")
    assert here.app.selectbox(key="model").value == "sudoku4-tmlt"
    assert not here.app.warning


def test_a_checkpoint_is_added_only_where_the_server_says_so(
    visit: Open, tmp_path: Path, make_checkpoint: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_checkpoint(tmp_path / "shelf" / "sudoku4-one")
    shared = Engine(tmp_path / "shelf", "cpu")
    for module in ("models", "view", "router"):
        monkeypatch.setattr(f"looped.ui.{module}.engine", lambda: shared, raising=False)
    here = visit().open("models")
    assert not here.app.file_uploader
    monkeypatch.setattr("looped.ui.models.settings", lambda: Settings(upload_mb=1))
    folder = make_checkpoint(tmp_path / "from" / "sudoku4-mine", seed=5)
    here.run()
    for file in folder.iterdir():
        here.app.file_uploader[0].upload(file.name, file.read_bytes())
    here.app.button[0].click()
    here.run()
    assert [said.value for said in here.app.success] == ["sudoku4-mine is here now; choose it above, or on its page."]
    assert here.app.selectbox(key="model").options == ["sudoku4-mine", "sudoku4-one"]
    here.app.button[0].click()
    assert here.run().app.error[0].value.startswith("This was not added: a checkpoint is config.json and")


def test_a_link_to_a_checkpoint_that_is_not_there_says_so(visit: Open) -> None:
    here = visit(model="nope").open("models")
    (said,) = here.app.warning
    assert said.value.startswith("There is no checkpoint called 'nope', or it cannot be used;")
    assert not visit(model="lcs12-tmlt").open("models").app.warning


def test_what_was_never_measured_is_not_said_to_be_drawn(
    visit: Open, tmp_path: Path, make_checkpoint: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(checkpoints.CATALOGUE / "sudoku4-tmlt", tmp_path / "sudoku4-tmlt")
    make_checkpoint(tmp_path / "sudoku4-one")
    shared = Engine(tmp_path, "cpu")
    for module in ("models", "view", "router"):
        monkeypatch.setattr(f"looped.ui.{module}.engine", lambda: shared, raising=False)
    here, said = visit().open("models"), {}
    for name in shared.names():
        here.app.selectbox(key="model").select(name)
        said[name] = here.run().app.caption[0].value
    assert "that were measured; sudoku4-tmlt is thick." in said["sudoku4-tmlt"]
    assert "sudoku4-one was not measured yet (`python -m looped evaluate sudoku4-one --keep`" in said["sudoku4-one"]
