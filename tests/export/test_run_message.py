"""The message of a view without the app; a page of it from the command line; a cell of a notebook."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

import looped
from looped.__main__ import main
from looped.catalogue import checkpoints
from looped.export.message import message
from looped.export.notebook import script, widget

BOARD, EMPTY9 = ".3244..32.3..1.2", "." * 81


def test_the_message_is_of_the_run_that_was_asked_for() -> None:
    arrays = load(message("sudoku4-tmlt", BOARD, loops=5))
    checkpoint = looped.load("sudoku4-tmlt")
    trace = looped.record(checkpoint.model, checkpoint.task.encode(checkpoint.task.parse(BOARD)), loops=5)
    assert arrays["0/tokens"].tolist() == trace.tokens.tolist()
    assert arrays["0/answers"].tolist() == trace.answers.tolist()
    assert "1/tokens" not in arrays


def test_two_runs_stand_beside_each_other() -> None:
    arrays = load(message("sudoku4-tmlt", BOARD, loops=3, versus="sudoku4-looped"))
    assert arrays["0/answers"].shape == arrays["1/answers"].shape == (3, 16)


def test_a_folder_is_shown_as_well_as_a_name() -> None:
    folder = str(checkpoints.CATALOGUE / "sudoku4-tmlt")
    assert message(folder, BOARD, loops=2) == message("sudoku4-tmlt", BOARD, loops=2)


def test_a_folder_of_ones_own_stands_beside_a_shipped_checkpoint(tmp_path: Path) -> None:
    """In either order, also where both have one name; what the page calls it says which is which."""
    own = tmp_path / "sudoku4-tmlt"
    shutil.copytree(checkpoints.CATALOGUE / "sudoku4-looped", own)
    arrays = load(message(str(own), BOARD, loops=3, versus="sudoku4-tmlt"))
    for run, name in enumerate(("sudoku4-looped", "sudoku4-tmlt")):
        checkpoint = looped.load(name)
        trace = looped.record(checkpoint.model, checkpoint.task.encode(checkpoint.task.parse(BOARD)), loops=3)
        assert arrays[f"{run}/answers"].tolist() == trace.answers.tolist()
    assert b"sudoku4-tmlt-2" in message("sudoku4-tmlt", BOARD, loops=3, versus=f"{own}~cut=1")


@pytest.mark.parametrize(
    ("versus", "words"),
    [
        ("nope", "There is no checkpoint called 'nope', and no folder of that name."),
        ("sudoku9-tmlt", "another task"),
        ("sudoku4-tmlt", "beside itself"),
        ("sudoku4-tmlt~cut=99", "99"),
    ],
)
def test_what_cannot_stand_beside_a_run_is_said(versus: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        message("sudoku4-tmlt", BOARD, 3, versus)


@pytest.mark.parametrize(
    ("checkpoint", "text", "loops", "words"),
    [
        ("none", BOARD, 3, "There is no checkpoint called 'none'"),
        ("sudoku4-tmlt", "x" * 16, 3, "holds 'x'"),
        ("sudoku4-tmlt", BOARD, 2.5, "loops is 2.5; it must be a whole number"),
        ("sudoku4-tmlt", BOARD, 0, "1 to 256 loops, not 0"),
        ("sudoku4-tmlt", BOARD, 100_000, "1 to 256 loops, not 100000"),
        ("sudoku9-standard", EMPTY9, 20, "1 to 6 layers, not 20"),
    ],
)
def test_what_cannot_be_shown_is_said(checkpoint: str, text: str, loops: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        message(checkpoint, text, loops)


def test_the_command_line_writes_one_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "run.html"
    assert main(["export", "sudoku4-tmlt", BOARD, "--html", str(file), "--loops", "4", "--loop", "2", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said == {"checkpoint": "sudoku4-tmlt", "html": str(file), "bytes": file.stat().st_size}
    assert '"query": "loop=2"' in file.read_text("utf-8")


def test_the_command_line_says_where_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "sudoku4-tmlt", BOARD]) == 2
    assert "--out DIR for figures and arrays, --html FILE for one page, or --gif FILE" in capsys.readouterr().err


def test_a_notebook_without_anywidget_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)  # importing it raises ImportError
    widget.cache_clear()
    with pytest.raises(ImportError, match=r"looped\.show needs anywidget; install it with: pip install"):
        looped.show("sudoku4-tmlt", BOARD)


def test_the_script_of_a_cell_imports_nothing_and_has_one_export() -> None:
    lines = script().splitlines()
    assert [line for line in lines if line.startswith(("import ", "export "))] == ["export default {"]


def recorded(name: str, text: str, loops: int) -> tuple[looped.Checkpoint, looped.Trace]:
    checkpoint = looped.load(name)
    return checkpoint, looped.record(checkpoint.model, checkpoint.task.encode(checkpoint.task.parse(text)), loops)


@pytest.mark.parametrize(
    ("name", "text"),
    [("sudoku4-tmlt", BOARD), ("lcs12-tmlt", "kitten sitting"), ("countdown3-tmlt", "2 3 4 = 20")],
)
def test_the_widget_of_a_trace_has_the_numbers_of_the_trace_and_of_its_run(name: str, text: str) -> None:
    checkpoint, trace = recorded(name, text, 3)
    shown = looped.show(trace, checkpoint, view="loop=2")
    assert (shown.query, shown._esm) == ("loop=2", script())
    assert ".ls" in shown._css
    assert shown.trait_metadata("data", "sync")
    assert shown.trait_metadata("query", "sync")
    arrays = load(base64.b64decode(shown.data))
    assert arrays["0/answers"].tolist() == trace.answers.tolist()
    same = load(base64.b64decode(looped.show(checkpoint, text, loops=3).data))
    assert set(arrays) == set(same)
    for key, array in arrays.items():
        np.testing.assert_array_equal(array, same[key], key)


def test_a_trace_is_shown_as_recorded_and_is_not_run_again() -> None:
    _, trace = recorded("sudoku4-tmlt", BOARD, 3)
    turned = looped.Trace(trace.input, trace.hidden, -trace.output, trace.output_kind, trace.observed)
    arrays = load(base64.b64decode(looped.show(turned, "sudoku4-tmlt").data))
    assert arrays["0/answers"].tolist() == turned.answers.tolist() != trace.answers.tolist()


def test_what_a_trace_cannot_be_shown_with_is_said() -> None:
    checkpoint, trace = recorded("sudoku4-tmlt", BOARD, 3)
    with pytest.raises(ValueError, match=r"does not say which model it is of; use looped\.show\(trace, checkpoint\)"):
        looped.show(trace)
    with pytest.raises(ValueError, match="The trace has 3 loops; leave out loops=5"):
        looped.show(trace, checkpoint, loops=5)
    with pytest.raises(ValueError, match="Say which input to run"):
        looped.show(checkpoint)
    with pytest.raises(ValueError, match="cannot be written as a text of sudoku9"):
        looped.show(trace, "sudoku9-tmlt")


@pytest.mark.parametrize("name", ["linear5-tmlt", "curves1-looped", "countdown3-tmlt", "lcs12-looped", "paths-tmlt"])
def test_a_trace_alone_has_the_text_of_its_input(name: str) -> None:
    """Typed rows of numbers, too; a sampled prompt has more decimals than a text keeps."""
    checkpoint = looped.load(name)
    text = {"linear5-tmlt": "1 -0.125 0 3 2 7.5; 0.1 0.2 0.3 0.4 0.5 ?", "curves1-looped": "0.5 1; -1 0.25; 2 ?"}.get(
        name
    )
    trace = recorded(name, text or checkpoint.task.examples[0][1], 2)[1]
    shown = load(base64.b64decode(looped.show(trace, checkpoint).data))
    key, array = ("0/predictions", trace.output) if text else ("0/answers", trace.answers)
    np.testing.assert_array_equal(shown[key], array)
    if text:
        sampled = recorded(name, "seed=7 examples=20", 2)[1]
        with pytest.raises(
            ValueError, match=r"which rounds numbers; give the text .* looped\.show\(checkpoint, text\)\.$"
        ):
            looped.show(sampled, checkpoint)


@pytest.mark.parametrize(
    ("name", "other", "says"),
    [
        ("sudoku4-tmlt", "sudoku4-looped", "the trace has scales of a timestep, and that model has none."),
        ("sudoku4-looped", "sudoku4-tmlt", "that model has scales of a timestep, and the trace has none."),
        ("sudoku4-looped", "sudoku4-candidates-looped", "it has positions: 16, and that model 64."),
        ("sudoku4-looped", "sudoku4-looped-plain", "it holds 'injected', which that model does not have."),
        ("sudoku9-strong", "sudoku9-looped", "it has layers: 4, and that model 1."),
        ("sudoku9-strong", "sudoku9-lattice", "it has the width 128, and that model 64."),
    ],
)
def test_a_trace_of_another_model_is_refused(name: str, other: str, says: str) -> None:
    checkpoint = looped.load(name)
    _, trace = recorded(name, checkpoint.task.examples[0][1], 2)
    looped.show(trace, f"{name}~untrained")  # nothing in its arrays tells
    with pytest.raises(ValueError, match=r"^The trace is not of") as caught:
        looped.show(trace, other)
    assert str(caught.value) == f"The trace is not of {other}: {says}"


def test_a_trace_with_other_heads_or_outputs_is_refused() -> None:
    checkpoint, trace = recorded("sudoku4-tmlt", BOARD, 2)
    heads = trace.attention.repeat(2, axis=2)
    seen = dict(trace.observed) | {"attention": heads}
    changed = looped.Trace(trace.input, trace.hidden, trace.output, trace.output_kind, seen)
    with pytest.raises(ValueError, match=r"it has heads: [0-9]+, and that model [0-9]+\.$"):
        looped.show(changed, checkpoint)
    more = np.concatenate([trace.output, trace.output], -1)
    changed = looped.Trace(trace.input, trace.hidden, more, trace.output_kind, trace.observed)
    with pytest.raises(ValueError, match=r"it has the vocabulary 10, and that model 5\.$"):
        looped.show(changed, checkpoint)


@pytest.mark.parametrize("text", ["44", "", "." * 81, "kitten sitting", "11.............."])
def test_an_input_that_cannot_be_read_is_refused_without_the_words_of_a_page(text: str) -> None:
    checkpoint = looped.load("sudoku4-tmlt")
    with pytest.raises(ValueError, match=r"\.$") as told:
        checkpoint.task.parse(text)
    with pytest.raises(ValueError, match=r"\.$") as caught:
        looped.show("sudoku4-tmlt", text)
    assert str(caught.value) == str(told.value)
    assert "instead" not in str(caught.value)
