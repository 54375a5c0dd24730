"""`trace`: the answer, the verdict, and exactly the arrays that the model computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from looped import tasks
from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.model import registry
from looped.model.in_context import InContextConfig
from looped.runs.trace import Trace, record
from tests.cli.commands import ANSWERS, BOARD, LINES, Run, refused

ROOT = Path(__file__).resolve().parents[2]


def test_trace_prints_what_the_model_computed(run: Run) -> None:
    result = run("trace", "tiny", BOARD, "--loops", 5, "--json")
    assert result.status == 0
    checkpoint = load_checkpoint("tiny")
    trace = record(checkpoint.model, checkpoint.task.encode(checkpoint.task.parse(BOARD)), 5)
    right = checkpoint.task.right(trace.tokens, trace.answers)
    found = result.json
    assert (found["checkpoint"], found["sha256"], found["task"], found["loops"]) == (
        "tiny",
        checkpoint.sha256,
        "sudoku4",
        5,
    )
    assert found["answer"] == checkpoint.task.decode(trace.tokens, trace.answers[-1])
    assert found["right"] is bool(right[-1])
    assert found["right_at"] == [t + 1 for t in range(5) if right[t]]
    assert 0 <= found["difference"] < 1e-4
    assert "out" not in found


def test_a_predicted_number_is_neither_right_nor_wrong(run: Run, catalogue: Path) -> None:
    config = InContextConfig("in-context", 1, "looped", 2, d_model=8, heads=2)
    save_checkpoint(catalogue / "curves1-tiny", registry.build(config), "curves1", training={}, scores=[])
    told = run("trace", "curves1-tiny", "0 1; 0.5 ?")
    assert told.out.startswith("0.5 -> ")
    assert "predicted (2 loops, " in told.out
    assert run("trace", "curves1-tiny", "0 1; 0.5 ?", "--json").json["right"] is None


def test_trace_runs_as_many_loops_as_were_trained_and_reads_a_folder_too(run: Run, catalogue: Path) -> None:
    by_name, by_path = (
        run("trace", "tiny", BOARD, "--json").json,
        run("trace", catalogue / "tiny", BOARD, "--json").json,
    )
    assert by_name == by_path
    assert by_name["loops"] == 3


def test_trace_for_people_says_the_board_and_the_verdict(run: Run) -> None:
    solved = run("trace", "tiny", ANSWERS[0])
    assert solved.status == 0
    assert "right from loop 1 on (3 loops, max |recorded − plain|" in solved.out
    assert [line.replace(" ", "").replace("|", "") for line in solved.out.splitlines() if line[0].isdigit()] == [
        ANSWERS[0][i : i + 4] for i in range(0, 16, 4)
    ]
    verdicts = {run("trace", "tiny", line, "--json").json["right"]: run("trace", "tiny", line).out for line in LINES}
    assert "not right (3 loops" in verdicts[False]
    assert "right from loop" in verdicts[True]


def test_a_board_with_several_solutions_is_run_with_a_warning(run: Run) -> None:
    result = run("trace", "tiny", "1...............", "--json")
    assert result.status == 0
    assert "several solutions" in result.err
    assert result.json["loops"] == 3


@pytest.mark.parametrize("name", ["tiny", "tiny-tmlt", "plain"])
def test_trace_writes_exactly_the_arrays_of_the_contract(run: Run, tmp_path: Path, name: str) -> None:
    loops = 3 if name == "plain" else 7
    result = run("trace", name, BOARD, "--loops", loops, "--out", tmp_path / "trace.npz", "--json")
    assert result.status == 0
    layers = 2 if name == "tiny-tmlt" else 1
    expected = {
        "tokens": (16,),
        "hidden": (loops + 1, 16, 8),
        "attention": (loops, layers, 2, 16, 16),
        "logits": (loops, 16, 5),
        "wrote": (loops, layers, 2),
        **({"injected": (loops,)} if name == "tiny" else {}),
    } | ({} if name != "tiny-tmlt" else dict.fromkeys(("alpha1", "alpha2", "gamma1", "gamma2"), (loops, 2, 8)))
    with np.load(tmp_path / "trace.npz", allow_pickle=False) as kept:
        assert {key: kept[key].shape for key in kept.files if key not in ("difference", "complete")} == expected
        assert kept["difference"].shape == kept["complete"].shape == ()
        np.testing.assert_allclose(kept["attention"].sum(-1), 1, atol=1e-6)
    assert {key: tuple(shape) for key, shape in result.json["arrays"].items()} == expected
    assert result.json["out"] == str(tmp_path / "trace.npz")
    again = Trace.load(tmp_path / "trace.npz")
    checkpoint = load_checkpoint(name)
    assert np.array_equal(again.hidden, record(checkpoint.model, again.tokens, loops).hidden)
    assert again.difference == result.json["difference"]
    assert again.complete == (name == "plain")  # a standard transformer of three layers


@pytest.mark.parametrize("arguments", [
    ("nothing", BOARD), ("../tiny", BOARD), (BOARD * 300, BOARD), ("", BOARD), ("tiny", ""), ("tiny", "12"),
    ("tiny", "x" * 16), ("tiny", "11.............."), ("tiny", "." * 81), ("tiny", "5..............."),
    ("tiny", "12..34.........."[::-1] + "9"), ("tiny", "1" * 5000), ("tiny", "\0" * 16),
    ("tiny", "12..\n34..\n....\n"), ("tiny", BOARD, "--loops", "0"), ("tiny", BOARD, "--loops", "-3"),
    ("tiny", BOARD, "--loops", "x"), ("tiny", BOARD, "--loops", "1.5"), ("tiny", BOARD, "--loops", ""),
    ("tiny", BOARD, "--loops", "²"), ("tiny", BOARD, "--loops", "9" * 5000), ("plain", BOARD, "--loops", "4"),
    ("tiny",), ("tiny", BOARD, "more"), ("tiny", BOARD, "--colour"),
], ids=lambda arguments: " ".join(arguments)[:40].replace("\0", "NUL").replace("\n", "/"))  # fmt: skip
def test_trace_refuses_bad_input_in_one_line(run: Run, arguments: tuple[str, ...]) -> None:
    refused(run("trace", *arguments))


def test_trace_says_what_is_wrong_with_the_input(run: Run) -> None:
    refused(run("trace", "nothing", BOARD), "there is no checkpoint 'nothing'", "plain, tiny, tiny-tmlt")
    refused(run("trace", "tiny", "11.............."), "Digit 1 stands twice in row 1")
    refused(run("trace", "tiny", BOARD, "--loops", "x"), "--loops", "'x' is not a whole number of at least 1")
    refused(run("trace", "plain", BOARD, "--loops", "4"), "it has 3 layers")


def test_trace_says_where_it_cannot_write(run: Run, tmp_path: Path) -> None:
    for out in (tmp_path / "no" / "folder" / "trace.npz", tmp_path):
        refused(run("trace", "tiny", BOARD, "--out", out), out, "cannot be written")


def test_trace_takes_words_and_countdown_problems(sequences: Run, tmp_path: Path) -> None:
    for name, text, start in (("lcs6", "kitten sit", "kitten, sit: "), ("countdown3", "4 3 5 = 35", "4 3 5 → 35: ")):
        found = sequences("trace", f"{name}-tiny", text, "--out", tmp_path / "trace.npz", "--json").json
        assert found["task"] == name
        assert found["answer"].startswith(start)
        assert found["arrays"]["tokens"] == [tasks.get(name).length]
    refused(
        sequences("trace", "lcs6-tiny", "kitten"), "There is one word, 'kitten'; type two, such as 'kitten sitting'."
    )
    beyond = sequences("trace", "lcs6-tiny", "kittens sit")
    assert beyond.status == 0
    assert beyond.err == "7 letters are more than the 6 that models of lcs6 are trained on.\n"
