"""A folder that cannot be used is refused by name in one sentence wherever it is looked for; others are served."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from looped import tasks
from looped.catalogue.checkpoints import CheckpointError, load_checkpoint
from looped.catalogue.evaluate import evaluate
from looped.catalogue.schema import wrong_log
from looped.commands.evaluate import evaluate_lines
from looped.serving.engine import Engine
from looped.serving.request import from_link, shown_by
from looped.ui.state import warm_up

Make = Callable[..., Any]
SCORE = {"data": "x", "n": 4, "loops": [4, 8], "accuracy": [0.5, 1.0]}
WAY = {"starts": "zero", "chosen": "rules", "accuracy": 0.5, "loops_run": 8}


def edit(folder: Path, **changes: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")


def reweigh(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """Change the weights, and the hash with them."""
    file = folder / "model.safetensors"
    weights = load_file(file)
    change(weights)
    save_file(weights, file)
    edit(folder, sha256=hashlib.sha256(file.read_bytes()).hexdigest())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"scores": "abc"}, '"scores" is "abc"; it must be a list of results of `python -m looped evaluate`.'),
        ({"scores": [7]}, '"scores", entry 1 is 7; it must be a result of'),
        ({"scores": [{}]}, '"scores", entry 1 lacks "data".'),
        ({"scores": [SCORE | {"n": "4"}]}, '"scores", entry 1, "n" is "4"; it must be a whole number of at least 1.'),
        ({"scores": [SCORE | {"loops": []}]}, '"loops" is []; it must be a list of numbers of loops.'),
        ({"scores": [SCORE | {"accuracy": [0.5]}]}, '"accuracy" has 1 values for 2 numbers of loops.'),
        ({"scores": [SCORE | {"accuracy": [0.5, 7]}]}, '"accuracy", entry 2 is 7; it must be a number from 0 to 1.'),
        ({"scores": [SCORE | {"accuracy": [0.5, math.nan]}]}, '"accuracy" holds what is no number.'),
        ({"scores": [SCORE | {"interval": [[0, 1], [0]]}]}, '"interval", entry 2 is [0]; it must be a list of two'),
        ({"scores": [SCORE | {"with_tries": {}}]}, '"with_tries" lacks "tries".'),
        ({"scores": [{"data": "x", "n": 4, "loops": [4]}]}, "has none of accuracy, error, perplexity."),
        ({"training": None}, '"training" is null; it must be an object.'),
        ({"training": {"steps": "many"}}, '"training", "steps" is "many"; it must be a whole number'),
        ({"training": {"recipe": {"stages": [{}]}}}, '"stages", entry 1 lacks "steps".'),
        ({"parameters": "9" * 5000}, f'"parameters" is "{"9" * 59}…; it must be a whole number from 0 on.'),
        ({"name": 7}, '"name" is 7; it must be a text.'),
        ({"parameters": 5}, '"parameters" is 5, but the model of this config has '),
        ({"dtype": "int8"}, '"dtype" is "int8", but the weights are float'),
        ({"dtype": 8}, '"dtype" is 8; it must be a text.'),
        ({"scores": [SCORE | {"interval": [[0, 1], [1, 0]]}]}, "entry 2 is [1, 0]; its first end must be the smaller"),
        ({"scores": [SCORE | {"interval": [[0, 1], [0, 7]]}]}, "entry 2 is [0, 7]; the ends of an interval of shares"),
        (
            {"scores": [SCORE | {"with_ways": {"loops": 4, "runs": 2, "ways": [WAY | {"interval": [1, 0.5]}]}}]},
            '"with_ways", "interval", entry 1 is [1, 0.5]; its first end must be the smaller one.',
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_config_of_another_form_is_refused(tmp_path: Path, make_checkpoint: Make, changes: Any, says: str) -> None:
    folder = make_checkpoint(tmp_path / "sudoku4-mine")
    edit(folder, **changes)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(str(folder))
    said = str(caught.value)
    assert said.startswith(f"{folder / 'config.json'}: ")
    assert says in said
    assert len(said) < len(str(folder)) + 250
    assert "\n" not in said


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("log.csv", b"a,b\n1,2\n", 'it has no column called "step".'),
        ("log.csv", b"step,loss\n1,0.5\n2,abc\n", 'line 3, "loss" is "abc"; it must be a number.'),
        ("log.csv", b"step,held_out_8\n1,2.0\n", 'line 2, "held_out_8" is "2.0"; it must be from 0 to 1.'),
        ("log.csv", b"step,asked\n1,-0.5\n", 'line 2, "asked" is "-0.5"; it must be from 0 to 1.'),
        ("log.csv", b"step,seconds\n1,-3\n", 'line 2, "seconds" is "-3"; it must be at least 0.'),
        ("log.csv", b"step,loss\n1,nan\n", 'line 2, "loss" is "nan"; it must be a number.'),
        ("log.csv", b"step,loss\n1.5,0.5\n", 'line 2, "step" is "1.5"; it must be a whole number.'),
        ("log.csv", b"step,loss\n1,0.5,7\n", "line 2 has not as many fields as the first line names."),
        ("log.csv", b"step,loss\n1\n", "line 2 has not as many fields as the first line names."),
        ("log.csv", "step,loss\n1,0.5\n".encode("utf-16"), "is no text in UTF-8; save it so, or take it away."),
        ("README.md", b"\xff\xfe#", "is no text in UTF-8; save it so, or take it away."),
    ],
)
def test_a_log_or_a_card_that_cannot_be_read_is_refused(
    tmp_path: Path, make_checkpoint: Make, name: str, data: bytes, says: str
) -> None:
    folder = make_checkpoint(tmp_path / "sudoku4-mine")
    (folder / name).write_bytes(data)
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(str(folder))
    assert str(folder / name) in str(caught.value)
    assert says in str(caught.value)


def test_the_loss_of_a_log_may_be_negative_and_an_error_larger_than_one() -> None:
    assert wrong_log("step,loss\n1,-1.7\n") is None  # the logarithm of a change may be added to it
    assert wrong_log("step,asked,held_out_8\n1,-0.5,2.0\n", "numbers") is None
    assert wrong_log("step,held_out_8\n1,-2.0\n", "numbers") == (
        'line 2, "held_out_8" is "-2.0"; it must be at least 0.'
    )


def test_a_card_that_is_a_folder_is_refused(tmp_path: Path, make_checkpoint: Make) -> None:
    folder = make_checkpoint(tmp_path / "sudoku4-mine")
    (folder / "README.md").mkdir()
    with pytest.raises(CheckpointError, match="cannot be read: it is no file"):
        load_checkpoint(str(folder))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_weights_that_are_no_numbers_are_refused_by_the_name_of_the_tensor(
    tmp_path: Path, make_checkpoint: Make, value: float
) -> None:
    folder = make_checkpoint(tmp_path / "sudoku4-mine")
    reweigh(folder, lambda weights: weights["gain"].view(-1)[0].fill_(value))
    with pytest.raises(CheckpointError, match=r"tensor gain holds what is no number \(NaN or infinite\)"):
        load_checkpoint(str(folder))


def test_the_others_are_served_and_the_sentence_stands_where_somebody_looks_for_it(
    tmp_path: Path, make_checkpoint: Make
) -> None:
    make_checkpoint(tmp_path / "sudoku4-good")
    bad = make_checkpoint(tmp_path / "sudoku4-bad")
    edit(bad, training=None)
    engine, page = Engine(tmp_path, "cpu"), tasks.get("sudoku4").page
    said = 'sudoku4-bad is left out: sudoku4-bad/config.json: "training" is null; it must be an object.'
    assert engine.names() == ["sudoku4-good"]
    first = from_link(engine, page, {})
    assert first.checkpoint == "sudoku4-good"
    assert first.message == {"kind": "warning", "text": f"{page.welcome} {said}"}
    for query in ({"checkpoint": "sudoku4-bad"}, {"checkpoint": "sudoku4-bad~cut=0"}, {"versus": "sudoku4-bad"}):
        shown = shown_by(engine, query)
        assert shown.message
        assert said in shown.message["text"]
    (tmp_path / "sudoku4-good" / "config.json").unlink()
    with pytest.raises(ValueError, match="sudoku4-bad is left out"):
        from_link(Engine(tmp_path, "cpu"), page, {})
    edit(bad, training={})
    assert engine.names() == ["sudoku4-bad"]  # it was mended


def test_a_refused_folder_is_read_again_only_when_it_was_changed(
    tmp_path: Path, make_checkpoint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(make_checkpoint(tmp_path / "bad"), scores="abc")
    engine = Engine(tmp_path, "cpu")
    said = engine.broken()
    monkeypatch.setattr(Path, "read_text", lambda *_: pytest.fail("it was read again"))
    assert engine.broken() == said
    assert str(tmp_path) not in said["bad"]


def test_a_server_starts_beside_a_checkpoint_whose_numbers_run_away(tmp_path: Path, make_checkpoint: Make) -> None:
    """All of its weights are numbers, but no state that they make is."""
    make_checkpoint(tmp_path / "sudoku4-good")
    wild = make_checkpoint(tmp_path / "sudoku4-wild")
    reweigh(wild, lambda weights: weights.update({name: torch.full(w.shape, 3e38) for name, w in weights.items()}))
    edit(wild, dtype="float32")
    engine = Engine(tmp_path, "cpu")
    warm_up(engine)
    assert engine.names() == ["sudoku4-good"]
    assert "sudoku4-wild cannot be run" in engine.broken()["sudoku4-wild"]
    result = evaluate(load_checkpoint(str(wild)), loops=[1, 3], limit=4)
    assert result["blank"] == [4, 4]
    assert any("no number (NaN or infinite): 1 loop 4  3 loops 4" in line for line in evaluate_lines(result))
