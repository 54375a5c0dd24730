"""Models unlike the family, each with a task: loaded, evaluated, exported, and packed for the browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load

from looped.catalogue.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import evaluate, right_by_loop
from looped.catalogue.results import main_score
from looped.export.folder import export
from looped.runs.trace import Trace, record
from looped.serving.engine import Engine
from looped.serving.request import first_view, from_link
from looped.serving.views import message_bytes
from looped.tasks import registry
from tests.model.toys import TOYS, make_toy, registered, some_input
from tests.serving.toy_tasks import PAGE, folder_of, make_catalogue, task_of, text_of

every_toy = pytest.mark.parametrize("name", TOYS)
NOT_OBSERVED = (
    "needs attention from every position to every position or attention kept for each neighbour, "
    "which was not observed in this run."
)
NO_LOGITS = "needs classes or next tokens as output; this model predicts numbers."


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with registered():
        yield make_catalogue(tmp_path / "toys", monkeypatch)
    registry.get.cache_clear()


def message_of(catalogue: Path, name: str, **query: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    engine = Engine(catalogue)
    now = from_link(engine, PAGE, {"checkpoint": folder_of(name), "puzzle": text_of(name)} | query)
    message = message_bytes(engine, now)
    length = int.from_bytes(message[:8], "little")
    meta: dict[str, Any] = json.loads(json.loads(message[8 : 8 + length])["__metadata__"]["meta"])
    return meta, load(message)


# ------------------------------------------------------------------------------------------------------------ on disk


@every_toy
def test_a_checkpoint_is_loaded_with_its_task(name: str, catalogue: Path) -> None:
    checkpoint = load_checkpoint(str(catalogue / folder_of(name)))
    assert (checkpoint.task.name, checkpoint.config) == (name, make_toy(name).config)
    found, wanted = record(checkpoint.model, some_input(name)), record(make_toy(name), some_input(name))
    assert np.array_equal(found.output, wanted.output)


@pytest.mark.parametrize(
    ("name", "task", "sentence"),
    [
        ("regression", "ring", "ring needs a model that reads tokens; this one reads vectors."),
        ("ring", "regression", "regression needs a model that reads vectors; this one reads tokens."),
        ("ring", "sudoku4", "sudoku4 needs length 16 and vocab 5, not 9 and 5."),
    ],
)
def test_a_model_that_cannot_do_its_task_is_refused(name: str, task: str, sentence: str, catalogue: Path) -> None:
    save_checkpoint(catalogue / "odd", make_toy(name), task, {}, [], torch.float32)
    with pytest.raises(CheckpointError, match=re.escape(f"config.json: {sentence}")):
        load_checkpoint(str(catalogue / "odd"))


# ----------------------------------------------------------------------------------------------------------- measured


def test_numbers_are_measured_by_their_normalised_squared_error(catalogue: Path) -> None:
    checkpoint = load_checkpoint(str(catalogue / "regression"))
    result = evaluate(checkpoint, loops=[2, 5], limit=30)
    assert "accuracy" not in result
    vectors, wanted = checkpoint.task.sample(30, seed=2410_01405, split="held-out")
    for loops, error in zip([2, 5], result["error"], strict=True):
        said = np.stack([record(checkpoint.model, one, loops).predictions[-1] for one in vectors])
        assert error == pytest.approx(((said - wanted) ** 2).sum() / (wanted**2).sum(), rel=1e-3)
    assert main_score([result], 4).startswith("error ")


def test_next_tokens_are_measured_by_perplexity(catalogue: Path) -> None:
    checkpoint = load_checkpoint(str(catalogue / "causal"))
    result = evaluate(checkpoint, loops=[3], limit=20)
    assert "accuracy" not in result
    tokens, _ = checkpoint.task.sample(20, seed=2410_01405, split="held-out")
    surprise = []
    for row in tokens:
        chances = record(checkpoint.model, row, 3).probabilities[-1]
        surprise += [-np.log(chances[i, row[i + 1]]) for i in range(8)]
    assert result["perplexity"] == [pytest.approx(np.exp(np.mean(surprise)), rel=1e-3)]
    assert main_score([result], 4).startswith("perplexity ")


@pytest.mark.parametrize("name", ["two states", "ring", "pencil marks"])
def test_classes_are_measured_by_accuracy(name: str, catalogue: Path) -> None:
    result = evaluate(load_checkpoint(str(catalogue / folder_of(name))), loops=[4], limit=10)
    assert len(result["accuracy"]) == 1


def test_a_file_of_numbers_without_answers_is_refused(catalogue: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text(text_of("regression") + "\n", "utf-8")
    with pytest.raises(ValueError, match="are made with its inputs; leave out --data and --size"):
        evaluate(load_checkpoint(str(catalogue / "regression")), str(tmp_path / "rows.txt"), [2])


@every_toy
def test_training_can_measure_what_is_right(name: str, catalogue: Path) -> None:
    inputs, _ = task_of(name).sample(5, seed=3)
    right = right_by_loop(make_toy(name), task_of(name), inputs, [1, 4])
    assert (right.shape, right.dtype) == ((2, 5), bool)


def test_numbers_that_are_near_are_right() -> None:
    task = task_of("regression")
    inputs, answers = task.sample(2, seed=3)
    assert task.right(inputs, answers + 0.05).tolist() == [True, True]
    assert task.right(inputs, answers + 0.2).tolist() == [False, False]


# ----------------------------------------------------------------------------------------------------------- exported

FIGURES = {
    "regression": {"hidden-states", "convergence"},
    "causal": {"hidden-states", "convergence", "readout", "attention-matrix"},
    "two states": {"hidden-states", "convergence", "readout"},
    "ring": {"hidden-states", "convergence", "readout", "attention"},
    "pencil marks": {"hidden-states", "convergence", "readout"},
}


@every_toy
def test_a_run_is_exported_with_figures_of_what_was_observed(name: str, catalogue: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(load_checkpoint(str(catalogue / folder_of(name))), text_of(name), out, loops=3)
    assert {file.stem for file in (out / "figures").glob("*.csv")} == FIGURES[name]
    view = json.loads((out / "view.json").read_text("utf-8"))
    assert view["left_out"].keys() == {"readout", "attention-matrix"} - FIGURES[name]
    assert all(sentence.startswith("The figure is left out: it needs ") for sentence in view["left_out"].values())
    kept = Trace.load(out / "trace.npz")
    assert (kept.loops, view["answer"]) == (3, task_of(name).decode(kept.input, kept.answered[-1]))
    assert (view["right"] is None) == (kept.output_kind == "numbers")  # a number is near or far, never right


def test_a_head_of_a_model_without_attention_is_refused(catalogue: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^there is no head 0: no attention was observed in two-states\.$"):
        export(load_checkpoint(str(catalogue / "two-states")), text_of("ring"), tmp_path / "out", head=0)
    with pytest.raises(ValueError, match=r"^there is no head 1: causal has the heads 0 to 0\.$"):
        export(load_checkpoint(str(catalogue / "causal")), text_of("causal"), tmp_path / "out", head=1)
    assert not (tmp_path / "out").exists()


# ------------------------------------------------------------------------------------------------------------- packed


@every_toy
def test_a_message_holds_what_was_observed(name: str, catalogue: Path) -> None:
    meta, arrays = message_of(catalogue, name)
    run = meta["runs"][0]
    assert (run["name"], run["loops"], run["trained_loops"], run["clamped"]) == (folder_of(name), 4, 4, False)
    lacking = run["missing"]
    for array, reason in {
        "attention": NOT_OBSERVED,
        "rules": NOT_OBSERVED,
        "probabilities": NO_LOGITS,
        "answers": NO_LOGITS,
    }.items():
        assert (f"0/{array}" in arrays) == (array not in lacking), array
        assert lacking.get(array, f"There is nothing to draw: this panel {reason}") == (
            f"There is nothing to draw: this panel {reason}"
        )
    assert arrays["0/residual_cell"].shape == (4, 9)  # of places, whatever the positions of the model are
    assert arrays["0/trajectory"].shape == (5, 9, 6)


def test_numbers_are_sent_as_they_are(catalogue: Path) -> None:
    meta, arrays = message_of(catalogue, "regression")
    assert arrays["0/vectors"].shape == (9, 5)
    assert arrays["0/predictions"].shape == (4, 9, 5)
    assert arrays["0/right"].tolist() == [0] * 4
    assert meta["judged"]


def test_two_runs_that_answer_with_numbers_differ_where_what_is_written_differs(catalogue: Path) -> None:
    meta, arrays = message_of(catalogue, "regression", versus="regression~untrained")
    a, b = arrays["0/predictions"], arrays["1/predictions"]
    assert np.array_equal(arrays["0/differ"], (np.abs(a - b) >= 0.005).any(-1))
    assert meta["runs"][0]["divergence"]["first"] == 1


def test_the_state_of_a_place_is_that_of_all_its_positions() -> None:
    trace = record(make_toy("pencil marks"), some_input("pencil marks"), 3)
    assert trace.states.shape == (4, 9, 30)
    assert np.array_equal(trace.states[2, 4], trace.hidden[2, 20:25].ravel())
    ring = record(make_toy("ring"), some_input("ring"), 3)
    assert ring.states is ring.hidden


def test_a_newcomer_sees_the_first_of_them(catalogue: Path) -> None:
    now = first_view(Engine(catalogue), PAGE)
    assert (now.checkpoint, now.input.text) == ("two-states", "123412340")
