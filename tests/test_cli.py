"""The command line keeps the contract of DESIGN section 6: JSON last, one line for bad input, and files as promised."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from looped import tasks
from looped.__main__ import main, right_from
from looped.bench import BENCHES
from looped.catalogue.checkpoints import load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import evaluate
from looped.model import Model
from looped.runs.trace import Trace, record
from looped.tasks.sudoku.generator import generate
from looped.tasks.words.strings import Strings
from looped.training.recipes import RECIPES, Recipe

Make = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[1]
BOARD = ".3244..32.3..1.2"
PUZZLES, SOLUTIONS = generate(
    12, 4, 15, seed=2
)  # one blank each: a model with random weights fills some of them rightly
LINES = ["".join(str(digit) if digit else "." for digit in puzzle) for puzzle in PUZZLES]
ANSWERS = ["".join(map(str, solution)) for solution in SOLUTIONS]


class Result(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The last line of stdout; nothing comes after it."""
        assert self.out.endswith("}\n")
        return json.loads(self.out.splitlines()[-1])


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], catalogue: Path, make_checkpoint: Make) -> Run:
    """`python -m looped …` within this process, on a catalogue of three checkpoints with random weights."""
    make_checkpoint(catalogue / "tiny", injection=True, state_norm=True)
    make_checkpoint(catalogue / "tiny-tmlt", architecture="tmlt", layers=2, seed=1)
    make_checkpoint(catalogue / "plain", architecture="standard", layers=3)

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as exit:
            status = int(exit.code or 0)
        return Result(status, *capsys.readouterr())

    return run


def refused(result: Result, *fragments: object) -> None:
    """Exactly one line on stderr, exit status 2, nothing on stdout, no traceback."""
    assert result.status == 2
    assert result.out == ""
    assert result.err.endswith("\n")
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith("looped: ")
    for fragment in fragments:
        assert str(fragment) in result.err


# ----------------------------------------------------------------------------------------------------------------- list


def test_list_shows_the_catalogue(run: Run, catalogue: Path) -> None:
    result = run("list", "--json")
    assert result.status == 0
    assert result.err == ""
    rows = result.json["checkpoints"]
    assert [row["name"] for row in rows] == ["plain", "tiny", "tiny-tmlt"]
    assert [row["architecture"] for row in rows] == ["standard", "looped", "tmlt"]
    for row in rows:
        assert row["task"] == "sudoku4"
        assert row["trained_loops"] == 3
        assert row["parameters"] == load_checkpoint(row["name"]).model.parameters_count
        assert row["sha256"] == load_checkpoint(row["name"]).sha256
    assert result.json["recipes"] == list(RECIPES)


def test_list_for_people_has_a_line_a_checkpoint(run: Run, catalogue: Path) -> None:
    info = json.loads((catalogue / "tiny" / "config.json").read_text("utf-8"))
    del info["parameters"]  # a checkpoint that somebody else made
    info["scores"] = [{"data": "x", "loops": [1, 2], "accuracy": [0.25, 0.5], "n": 4}]
    (catalogue / "tiny" / "config.json").write_text(json.dumps(info), "utf-8")
    result = run("list")
    assert result.status == 0
    lines = {line.split()[0]: line for line in result.out.splitlines()}
    assert lines["tiny"].endswith("50.0%")
    assert lines["plain"].endswith("not measured")
    assert "sudoku9-tmlt" in lines["recipes:"]


@pytest.mark.parametrize("change", [{"schema": 9}, {"model": "tmlt"}, {"model": {"architecture": "tmlt"}}])
def test_list_names_the_checkpoint_that_is_broken(run: Run, catalogue: Path, change: dict[str, Any]) -> None:
    info = json.loads((catalogue / "tiny" / "config.json").read_text("utf-8"))
    (catalogue / "tiny" / "config.json").write_text(json.dumps(info | change), "utf-8")
    result = run("list")  # the others are listed, and one line says what is wrong with this one
    assert result.status == 0
    assert str(catalogue / "tiny" / "config.json") in result.err
    assert len(result.err.splitlines()) == 1
    assert "tiny " not in result.out
    assert "plain" in result.out


# ---------------------------------------------------------------------------------------------------------------- trace


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


def test_the_loop_from_which_a_run_is_right_for_good() -> None:
    assert [
        right_from(right)
        for right in ([True], [True, True], [False, True], [True, False, True], [False, True, False, True, True])
    ] == [1, 1, 2, 3, 4]


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
    } | ({} if name != "tiny-tmlt" else dict.fromkeys(("alpha1", "alpha2", "gamma1", "gamma2"), (loops, 2, 8)))
    with np.load(tmp_path / "trace.npz", allow_pickle=False) as kept:
        assert {key: kept[key].shape for key in kept.files if key != "difference"} == expected
        assert kept["difference"].shape == ()
        np.testing.assert_allclose(kept["attention"].sum(-1), 1, atol=1e-6)
    assert {key: tuple(shape) for key, shape in result.json["arrays"].items()} == expected
    assert result.json["out"] == str(tmp_path / "trace.npz")
    again = Trace.load(tmp_path / "trace.npz")
    checkpoint = load_checkpoint(name)
    assert np.array_equal(again.hidden, record(checkpoint.model, again.tokens, loops).hidden)
    assert again.difference == result.json["difference"]


@pytest.mark.parametrize("arguments", [
    ("nothing", BOARD), ("../tiny", BOARD), (BOARD * 300, BOARD), ("", BOARD),
    ("tiny", ""), ("tiny", "12"), ("tiny", "x" * 16), ("tiny", "11.............."), ("tiny", "." * 81), ("tiny", "5..............."),
    ("tiny", "12..34.........."[::-1] + "9"), ("tiny", "1" * 5000), ("tiny", "\0" * 16), ("tiny", "12..\n34..\n....\n"),
    ("tiny", BOARD, "--loops", "0"), ("tiny", BOARD, "--loops", "-3"), ("tiny", BOARD, "--loops", "x"), ("tiny", BOARD, "--loops", "1.5"),
    ("tiny", BOARD, "--loops", ""), ("tiny", BOARD, "--loops", "²"), ("tiny", BOARD, "--loops", "9" * 5000), ("plain", BOARD, "--loops", "4"),
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


# ------------------------------------------------------------------------------------------------------------- evaluate

FILES = {
    "pairs.csv": "\n".join(["puzzle,solution", *map(",".join, zip(LINES, ANSWERS, strict=True))]),
    "puzzles.csv": "\n".join(["puzzle", *LINES]),
    "lines.txt": "\n".join(["# twelve boards", "", *LINES[:5], "", "# and the rest", *LINES[5:], ""]),
}


@pytest.mark.parametrize("name", list(FILES))
def test_evaluate_reads_every_form_of_data(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name], "utf-8")
    result = run("evaluate", "tiny", "--data", tmp_path / name, "--loops", "1,3,12", "--json")
    assert result.status == 0
    found = result.json
    assert {"checkpoint", "task", "data", "n", "loops", "accuracy", "seconds"} <= found.keys()
    assert (found["checkpoint"], found["task"], found["data"], found["n"], found["loops"]) == (
        "tiny",
        "sudoku4",
        name,
        12,
        [1, 3, 12],
    )
    checkpoint = load_checkpoint("tiny")
    for loops, accuracy in zip(found["loops"], found["accuracy"], strict=True):
        answers = checkpoint.model(torch.as_tensor(PUZZLES.astype(np.int64)), loops).argmax(-1).numpy()
        assert accuracy == round(checkpoint.task.right(PUZZLES, answers).mean(), 4)
    assert 0 < found["accuracy"][1] < 1  # or the comparison would say little


def test_evaluate_makes_its_own_held_out_boards(run: Run) -> None:
    result = run("evaluate", "tiny", "--limit", 30, "--json")
    assert result.status == 0
    assert (result.json["n"], result.json["loops"]) == (30, [1, 3, 6, 12])
    assert {**run("evaluate", "tiny", "--limit", 30, "--json").json, "seconds": 0} == {**result.json, "seconds": 0}
    assert run("evaluate", "plain", "--limit", 5, "--json").json["loops"] == [3]


def test_evaluate_for_people_is_one_line(run: Run) -> None:
    result = run("evaluate", "tiny", "--limit", 10, "--loops", "2,4")
    assert result.status == 0
    assert len(result.out.splitlines()) == 1
    assert result.out.startswith("tiny on ")
    assert "2 loops" in result.out
    assert "4 loops" in result.out


def test_evaluate_tries_again_where_the_rules_can_choose(run: Run, sequences: Run, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text(FILES["lines.txt"], "utf-8")
    once, often = (
        run("evaluate", "tiny", "--data", tmp_path / "lines.txt", "--loops", "3", "--tries", tries, "--json").json
        for tries in (1, 20)
    )
    assert once["accuracy"][0] < often["accuracy"][0]
    assert ("tries" in once, often["tries"]) == (False, 20)
    assert "(n = 3, best of 5 tries)" in run("evaluate", "tiny", "--limit", 3, "--tries", 5).out
    assert sequences("evaluate", "countdown3-tiny", "--limit", 3, "--tries", 2, "--json").json["tries"] == 2
    refused(
        sequences("evaluate", "lcs6-tiny", "--limit", 3, "--tries", 2),
        "no rule tells whether an answer of lcs6 is right",
    )


@pytest.mark.parametrize("arguments", [
    ("nothing",), ("tiny", "--tries", "0"), ("tiny", "--loops", "16,x"), ("tiny", "--loops", ""), ("tiny", "--loops", "4,,8"), ("tiny", "--loops", "0"),
    ("tiny", "--loops", "4,-8"), ("tiny", "--loops", "1.5"), ("plain", "--loops", "3,4"), ("tiny", "--limit", "0"), ("tiny", "--limit", "many"),
    ("tiny", "--data", "no such file.csv"), ("tiny", "--data", "."), ("tiny", "--data", ""), (),
])  # fmt: skip
def test_evaluate_refuses_bad_input_in_one_line(run: Run, arguments: tuple[str, ...]) -> None:
    refused(run("evaluate", *arguments))


def test_evaluate_names_the_file_and_the_line_that_is_wrong(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "boards"
    for text, line in (
        ("\n".join([LINES[0], LINES[1], "12"]), 3),
        (f"puzzle,solution\n{LINES[0]},\nxx,\n", 3),
        ("\n".join(["." * 81] * 2), 1),
    ):
        file.write_text(text, "utf-8")
        refused(run("evaluate", "tiny", "--data", file), f"{file}, line {line}: ")
    file.write_text("", "utf-8")
    refused(run("evaluate", "tiny", "--data", file), f"{file} holds no puzzle")
    file.write_bytes(b"\xff\xfe\x00")
    refused(run("evaluate", "tiny", "--data", file), f"{file} cannot be read as text")
    refused(run("evaluate", "tiny", "--data", tmp_path / "missing"), tmp_path / "missing", "No such file")


@pytest.fixture
def sequences(run: Run, catalogue: Path, make_model: Callable[..., Model]) -> Run:
    """The same with a checkpoint for two words and one for Countdown."""
    for name in ("lcs6", "edit_distance6", "countdown3"):
        task = tasks.get(name)
        save_checkpoint(
            catalogue / f"{name}-tiny", make_model(vocab=task.vocab, length=task.length), name, training={}, scores=[]
        )
    return run


@pytest.mark.parametrize(
    ("name", "heading"), [("lcs6", "s1,s2"), ("edit_distance6", "S2,note,S1"), ("countdown3", "numbers,target")]
)
def test_evaluate_reads_pairs_of_words_and_countdown_problems(
    sequences: Run, tmp_path: Path, name: str, heading: str
) -> None:
    task, file = tasks.get(name), tmp_path / "inputs.csv"
    inputs, _ = task.sample(300, seed=3)
    rows = []
    for row in inputs:
        s1, s2 = (
            task.words(row)
            if isinstance(task, Strings)
            else (" ".join(map(str, task.problem(row).numbers)), str(task.problem(row).target))
        )
        rows.append({"s1": s1, "S1": s1, "numbers": s1, "s2": s2, "S2": s2, "target": s2, "note": "x"})
    file.write_text(
        "\n".join([heading, *(",".join(row[column] for column in heading.split(",")) for row in rows)]), "utf-8"
    )
    found = sequences("evaluate", f"{name}-tiny", "--data", file, "--loops", "1,3", "--json").json
    assert (found["task"], found["data"], found["n"], found["loops"]) == (name, "inputs.csv", 300, [1, 3])
    model = load_checkpoint(f"{name}-tiny").model
    for loops, accuracy in zip(found["loops"], found["accuracy"], strict=True):
        answers = model(torch.as_tensor(inputs.astype(np.int64)), loops).argmax(-1).numpy()
        assert accuracy == round(task.right(inputs, answers).mean(), 4)
    assert max(found["accuracy"]) > 0 or name == "countdown3"  # or the comparison would say little
    file.write_text("\n".join(["# as lines", "", rows[0]["s1"] + " " + rows[0]["s2"]]), "utf-8")
    assert sequences("evaluate", f"{name}-tiny", "--data", file, "--json").json["n"] == 1


def test_evaluate_says_what_is_wrong_with_words_and_numbers(sequences: Run, tmp_path: Path) -> None:
    file = tmp_path / "inputs.csv"
    for name, text, problem in (
        ("lcs6", "s1,s2\nab,ba\nab,", "line 3: There is one word, 'ab'"),
        ("lcs6", "s1,s2\na1,b", "line 2: Word 1 holds '1'"),
        ("lcs6", "s1,s2\n", f"{file} holds no input; it needs CSV columns called s1, s2, or one input a line."),
        ("countdown3", "numbers,target\n1 1 1,90", "line 2: There is no way to make 90 of 1, 1, 1"),
    ):
        file.write_text(text, "utf-8")
        refused(sequences("evaluate", f"{name}-tiny", "--data", file), problem)
    generated = sequences("evaluate", "countdown3-tiny", "--limit", 5, "--json").json
    assert (
        generated["data"]
        == "generated held-out problems, 3 numbers from 1 to 30, targets from 10 to 100, seed 241001405"
    )


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


# ---------------------------------------------------------------------------------------------------------------- train


@pytest.fixture
def trainable(run: Run, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same with a recipe of twelve steps, in a folder of its own."""
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    monkeypatch.setitem(RECIPES, "still", replace(recipe, name="still", stages=(replace(recipe.stages[0], lr=1e-9),)))
    monkeypatch.chdir(tmp_path)
    return run


def test_training_stops_goes_on_and_writes_a_checkpoint_that_is_measured(trainable: Run, tmp_path: Path) -> None:
    first = trainable("train", "tiny", "--minutes", 0, "--out", "mine", "--json")
    assert first.status == 0
    assert (first.json["finished"], first.json["step"], first.json["steps"]) == (False, 1, 12)
    assert "loss" in first.err  # progress goes there
    assert len(first.out.splitlines()) == 1
    second = trainable("train", "tiny", "--resume", "--out", "mine", "--json")
    assert second.status == 0
    assert (second.json["recipe"], second.json["finished"], second.json["step"]) == ("tiny", True, 12)
    folder = Path(second.json["checkpoint"])
    measured = trainable("evaluate", tmp_path / folder, "--json").json
    assert {**measured, "seconds": 0} == {**second.json["scores"][0], "seconds": 0}
    assert trainable("trace", tmp_path / folder, BOARD).status == 0


def test_training_for_people_says_where_it_stands(trainable: Run, tmp_path: Path) -> None:
    result = trainable("train", "tiny", "--minutes", 0)
    assert result.status == 0
    assert "stopped at step 1 of 12; go on with --resume" in result.out
    assert "2 loops: " in result.out
    assert (tmp_path / "runs" / "tiny" / "state.safetensors").is_file()
    assert trainable("train", "tiny", "--resume").out.startswith("finished\n")


def test_a_run_begins_with_the_weights_of_a_checkpoint_and_says_so(trainable: Run, tmp_path: Path) -> None:
    """A rate of nearly zero leaves them as they are, to the last digit that a file holds."""
    assert trainable("train", "tiny", "--out", "first").status == 0
    first = tmp_path / "first" / "tiny"
    still = trainable("train", "still", "--from", first, "--minutes", 0, "--json")
    assert trainable("train", "still", "--resume").status == 0
    begun, ended = (load_file(folder / "model.safetensors") for folder in (first, tmp_path / still.json["checkpoint"]))
    assert all(torch.equal(begun[name], ended[name]) for name in begun)
    text = (tmp_path / "runs" / "still" / "still" / "README.md").read_text("utf-8")
    sha = load_checkpoint(str(first)).sha256[:16]
    assert f"- Begun with the weights of tiny (sha256 {sha}…).\n" in text
    assert "`python -m looped train still --from tiny`" in text
    assert "Begun" not in (first / "README.md").read_text("utf-8")


def test_a_run_does_not_begin_with_what_does_not_fit(
    trainable: Run, make_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    wide = make_checkpoint(tmp_path / "wide", d_model=32, mlp=4, injection=True)
    refused(
        trainable("train", "tiny", "--from", wide),
        "tiny cannot begin with the weights of wide: the models differ in ",
        "d_model",
    )
    refused(
        trainable("train", "sudoku9-looped", "--from", wide),
        "cannot begin with the weights of wide: the models differ in the task.",
    )
    refused(trainable("train", "tiny", "--from", "nowhere"), "there is no checkpoint 'nowhere'")
    refused(trainable("train", "tiny", "--from", wide, "--resume"), "tiny cannot begin with the weights of wide")
    assert not (tmp_path / "runs" / "tiny" / "state.safetensors").exists()


def test_a_run_goes_on_from_its_checkpoint_alone(trainable: Run, tmp_path: Path) -> None:
    """Its whole state is not needed: steps, log and recipe are in the folder that is shipped, and so is what it once began with."""
    assert trainable("train", "tiny", "--out", "start").status == 0
    part = trainable(
        "train", "still", "--from", tmp_path / "start" / "tiny", "--minutes", 0, "--out", "part", "--json"
    ).json
    assert part["step"] == 1
    shipped = tmp_path / "part" / "still"
    (tmp_path / "part" / "state.safetensors").unlink()
    whole = trainable("train", "still", "--from", shipped, "--resume", "--out", "whole", "--json").json
    assert (whole["finished"], whole["step"]) == (True, whole["steps"])
    ended = tmp_path / "whole" / "still"
    begun, end = (load_file(folder / "model.safetensors") for folder in (shipped, ended))
    assert all(torch.equal(begun[name], end[name]) for name in begun)
    assert whole["seconds"] >= json.loads((shipped / "config.json").read_text("utf-8"))["training"]["seconds"]
    assert "- Begun with the weights of tiny (" in (ended / "README.md").read_text("utf-8")
    again = trainable("train", "still", "--from", ended, "--resume", "--out", "more", "--json").json
    assert (again["step"], (tmp_path / "more" / "still" / "log.csv").read_text("utf-8")) == (
        whole["step"],
        (ended / "log.csv").read_text("utf-8"),
    )
    refused(trainable("train", "still", "--from", ended, "--resume", "--out", "more"), "leave out --from")


def test_a_run_does_not_go_on_from_the_checkpoint_of_another(
    trainable: Run, make_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    assert trainable("train", "tiny", "--minutes", 0, "--out", "first").status == 0
    first = tmp_path / "first" / "tiny"
    refused(
        trainable("train", "still", "--from", first, "--resume"),
        "the run of tiny was made by a recipe that differs in name",
        "leave out --resume",
    )


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        {"recipe": {}},
        {"recipe": {"stages": []}},
        {"recipe": {"model": {}, "stages": [{}]}},
        {"steps": "many"},
    ],
    ids=str,
)
def test_a_run_does_not_go_on_from_a_checkpoint_that_does_not_say_how_it_was_trained(
    trainable: Run, tmp_path: Path, said: dict[str, Any] | None
) -> None:
    assert trainable("train", "tiny", "--minutes", 0, "--out", "first").status == 0
    first = tmp_path / "first" / "tiny"
    config = json.loads((first / "config.json").read_text("utf-8"))
    config["training"] = config["training"] | said if said else said
    (first / "config.json").write_text(json.dumps(config), "utf-8")
    refused(trainable("train", "tiny", "--from", first, "--resume"), "tiny does not say how it was trained")


def test_another_number_of_steps_may_be_asked_for(trainable: Run) -> None:
    result = trainable("train", "tiny", "--steps", 2, "--out", "short", "--json")
    assert (result.json["finished"], result.json["step"], result.json["steps"]) == (True, 2, 2)


@pytest.mark.parametrize("arguments", [
    ("nothing",), (), ("tiny", "--resume"), ("tiny", "--resume", "--out", "empty"), ("tiny", "--out", "file"), ("tiny", "--out", "file/below"),
    ("tiny", "--minutes", "soon"), ("tiny", "--minutes", "-1"), ("tiny", "--minutes", "nan"), ("tiny", "--device", "tpu"),
    ("tiny", "--steps", "0"), ("tiny", "--steps", "x"), ("tiny", "--out", "x" * 300),
], ids=lambda arguments: " ".join(arguments)[:30])  # fmt: skip
def test_training_refuses_bad_input_in_one_line(trainable: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("in the way", "utf-8")
    refused(trainable("train", *arguments))
    assert not (tmp_path / "runs").exists()


def test_training_says_what_is_wrong(trainable: Run, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(trainable("train", "nothing"), "there is no recipe 'nothing'; recipes: ", "sudoku9-tmlt")
    refused(trainable("train", "tiny", "--resume"), "nothing to resume: ")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    refused(trainable("train", "tiny", "--device", "cuda"), "PyTorch sees no GPU here")
    assert trainable("train", "tiny", "--minutes", "0").status == 0
    refused(trainable("train", "tiny"), "holds an earlier run; add --resume")
    refused(
        trainable("train", "tiny", "--resume", "--steps", 99),
        "made by a recipe that differs in stages; give another --out",
    )
    monkeypatch.setitem(RECIPES, "tiny", replace(recipe, clip=0.5))
    refused(trainable("train", "tiny", "--resume"), "made by a recipe that differs in clip")
    Path("runs/tiny/state.safetensors").write_bytes(b"cut")
    refused(trainable("train", "tiny", "--resume"), "is damaged")


# ---------------------------------------------------------------------------------------------------------------- bench


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("looped.bench.LOOPS", [1, 3, 12])
    monkeypatch.setattr("looped.bench.BOARDS", 40)
    monkeypatch.setattr("looped.bench.RATED", 5)


@pytest.mark.usefixtures("quick")
def test_bench_measures_every_sudoku_checkpoint_as_evaluate_does(run: Run) -> None:
    result = run("bench", "sudoku", "--json")
    assert result.status == 0
    found = result.json["sudoku"]
    assert found["minimal_rated_puzzles_per_s"] > 0
    assert [score["checkpoint"] for score in found["scores"]] == ["plain", "tiny", "tiny-tmlt"]
    assert [score["loops"] for score in found["scores"]] == [[3], [1, 3, 12], [1, 3, 12]]
    for score in found["scores"]:
        checkpoint = load_checkpoint(score["checkpoint"])
        assert (score["parameters"], score["sha256"], score["n"]) == (
            checkpoint.model.parameters_count,
            checkpoint.sha256,
            40,
        )
        again = evaluate(checkpoint, loops=score["loops"], limit=40)
        assert (score["data"], score["accuracy"]) == (again["data"], again["accuracy"])


@pytest.mark.usefixtures("quick")
def test_bench_measures_nine_by_nine_on_minimal_boards_too_and_larger_models_on_fewer(
    run: Run, catalogue: Path, make_model: Callable[..., Model]
) -> None:
    for name, settings in (("nine", {"d_model": 8}), ("nine-large", {"d_model": 128, "layers": 3})):
        save_checkpoint(
            catalogue / name, make_model(vocab=10, length=81, **settings), "sudoku9", training={}, scores=[]
        )
    scores = [
        score
        for score in run("bench", "sudoku", "--json").json["sudoku"]["scores"]
        if score["checkpoint"].startswith("nine")
    ]
    assert [(score["checkpoint"], score["n"]) for score in scores] == [
        ("nine", 40),
        ("nine", 40),
        ("nine-large", 13),
        ("nine-large", 13),
    ]
    assert scores[0]["data"].startswith("generated held-out boards, 31 to 42 givens")
    assert scores[1]["data"] == "sudoku9-minimal.txt"


@pytest.mark.usefixtures("quick")
def test_bench_for_people_prints_the_tables_of_the_readme(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = run("bench", "sudoku").out.splitlines()
    assert lines[0] == "| checkpoint | weights | parameters | boards | n | 1 loops | 3 loops | 12 loops |"
    assert {line.count("|") for line in lines[:5]} == {9}
    assert lines[2].startswith(f"| plain | {load_checkpoint('plain').sha256[:8]} | ")
    assert "(3 layers) | – | – |" in lines[2]
    assert lines[3].startswith("| tiny | ")
    assert re.search(r"\| 40 \| [\d.]+ % \| [\d.]+ % \| [\d.]+ % \|$", lines[3])
    assert re.search(r"^[\d,]+ minimal 9×9 puzzles made and rated per second on \d+ cores$", lines[-1])
    monkeypatch.setitem(BENCHES, "trace", lambda: {"threads": 2})
    assert run("bench", "trace").out == "trace.threads: 2\n"


def test_bench_measures_training_against_the_same_model_written_plainly(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(RECIPES["sudoku4-tmlt"], name="sudoku9-tmlt")
    monkeypatch.setitem(RECIPES, "sudoku9-tmlt", small)
    monkeypatch.setattr("looped.bench.compile_loop", lambda model: False)  # takes half a minute
    found = run("bench", "training", "--json").json["training"]
    assert (found["device"], found["batch"]) == (
        "cuda" if torch.cuda.is_available() else "cpu",
        1024 if torch.cuda.is_available() else 16,
    )
    assert found["times_as_many"] == pytest.approx(found["samples_per_s"] / found["plain_samples_per_s"], rel=0.05)


# ------------------------------------------------------------------------------------------------------------- the rest


@pytest.mark.parametrize(
    "arguments", [(), ("dance",), ("list", "more"), ("list", "--colour"), ("bench", "nothing"), ("--json",)]
)
def test_commands_that_do_not_exist_are_refused_in_one_line(run: Run, arguments: tuple[str, ...]) -> None:
    refused(run(*arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("list", "--help"),
        ("trace", "--help"),
        ("evaluate", "--help"),
        ("train", "--help"),
        ("bench", "--help"),
    ],
)
def test_every_command_explains_itself(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.status == 0
    assert result.out.startswith("usage: python -m looped")
    assert result.err == ""


def test_python_m_looped_is_this_command_line(make_checkpoint: Make, tmp_path: Path) -> None:
    """As a person runs it, in a process of its own."""
    folder = make_checkpoint(tmp_path / "tiny")

    def shell(*arguments: object) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "looped", *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    good = shell("trace", folder, BOARD, "--json", "--out", tmp_path / "trace.npz")
    assert good.status == 0
    assert good.err == ""
    assert good.json["loops"] == 3
    assert len(good.out.splitlines()) == 1
    assert Trace.load(tmp_path / "trace.npz").loops == 3
    refused(shell("trace", folder, "11.............."), "Digit 1 stands twice")


# --------------------------------------------------------------------------------------------------------------- export


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
    ("nothing", BOARD, "--out", "x"), ("tiny", "12", "--out", "x"), ("tiny", BOARD), ("tiny", "--out", "x"), ("tiny", BOARD, "--out"), ("tiny", BOARD, "--out", "x", "--loops", "0"),
    ("tiny", BOARD, "--out", "x", "--loop", "0"), ("tiny", BOARD, "--out", "x", "--loop", "4"), ("tiny", BOARD, "--out", "x", "--cell", "16"),
    ("tiny", BOARD, "--out", "x", "--cell", "-1"), ("tiny", BOARD, "--out", "x", "--cell", "²"), ("tiny", BOARD, "--out", "x", "--head", "2"),
    ("tiny", BOARD, "--out", "x", "--head", "first"), ("tiny", BOARD, "--out", "x", "--loops", "9999"), ("plain", BOARD, "--out", "x", "--loops", "4"),
    ("tiny", BOARD, "--out", "x" * 300), ("tiny", BOARD, "--out", "x\0"), ("tiny", BOARD, "--out", "file"), ("tiny", BOARD, "--out", "file/below"),
    ("tiny", BOARD, "--out", "full"), ("tiny", BOARD, "--out", ""),
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
