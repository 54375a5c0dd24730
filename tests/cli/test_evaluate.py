"""`evaluate`: every form of data is read, and the accuracy is that of the model."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from looped import tasks
from looped.catalogue.checkpoints import load_checkpoint
from looped.catalogue.evaluate import right_by_loop
from looped.catalogue.inputs import TEST_SEED
from looped.lenses.fixed_point import verdict
from looped.runs.trace import record
from looped.tasks.words.strings import Strings
from tests.cli.commands import ANSWERS, LINES, PUZZLES, Run, refused

ROOT = Path(__file__).resolve().parents[2]

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


def test_inputs_of_any_seed_and_the_hardest_can_be_run(run: Run) -> None:
    """Those that a panel names; what makes no sense together gets one sentence."""
    few = ("evaluate", "tiny", "--limit", 4, "--loops", 2)
    found = run(*few, "--seed", 7, "--json").json
    assert found["data"] == "generated held-out boards, 5 to 10 givens, seed 7"
    assert run(*few, "--hardest", "--seed", 11, "--json").json["data"] == (
        "generated held-out boards, no clue to spare, seed 11"
    )
    test = run(*few, "--hardest", "--test", "--json").json
    assert (test["set"], test["data"]) == ("test", f"generated held-out boards, no clue to spare, seed {TEST_SEED}")
    assert test["like_validation"] >= 0
    for more, said in (
        (("--test", "--seed", 1), "the test set has a seed of its own; leave out --seed, or --test."),
        (
            ("--hardest", "--data", "x.txt"),
            "a file brings inputs of its own; leave out --hardest and --seed, or --data.",
        ),
        (("--hardest", "--size", 4), "the hardest inputs have one size; leave out --size."),
    ):
        refused(run(*few, *more), said)
    refused(run("evaluate", "tiny", "--keep", "--seed", 7), "leave out --seed, or --keep.")


def test_what_is_printed_of_a_model_of_layers_says_layers(run: Run) -> None:
    """It has no loops; one layer is one layer."""
    printed = run("evaluate", "plain", "--limit", 5, "--loops", "1,3", "--detail", "--tries", 2).out
    assert re.search(r": 1 layer [0-9.]+%  3 layers [0-9.]+%", printed)
    assert not re.search(r"\bloops?\b", printed)
    refused = run("evaluate", "plain", "--limit", 5, "--compute", 2)
    assert refused.err.endswith("plain has no loop of which more could be run; leave out --compute.\n")
    assert "3 loops" in run("evaluate", "tiny", "--limit", 5, "--loops", "1,3").out
    board = "4......2...33..."
    assert "(3 layers, max" in run("trace", "plain", board).out
    assert "(3 loops, max" in run("trace", "tiny", board).out


def test_evaluate_for_people_says_how_far_the_score_can_be_trusted(run: Run) -> None:
    result = run("evaluate", "tiny", "--limit", 10, "--loops", "2,4")
    assert result.status == 0
    _, interval, distinct, own, near = result.out.splitlines()
    assert interval == "  95 % interval (Wilson): 2 loops 0.0–27.8 %  4 loops 0.0–27.8 %"
    assert distinct.startswith("  distinct inputs: 10 of 10, of ")
    assert own.startswith("  with the model's own answers at what is given: 2 loops ")
    assert re.match(r"  \d of the 10 are boards of the training side with one clue more; on the other \d: 0.0 %", near)
    assert result.out.startswith("tiny on ")
    assert "2 loops" in result.out
    assert "4 loops" in result.out


def test_evaluate_tries_again_where_the_rules_can_choose(run: Run, sequences: Run, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text(FILES["lines.txt"], "utf-8")
    once, often = (
        run("evaluate", "tiny", "--data", tmp_path / "lines.txt", "--loops", "3", "--tries", tries, "--json").json
        for tries in (1, 20)
    )
    assert once["accuracy"] == often["accuracy"]  # of single runs, however often others were made
    assert once["accuracy"][0] < often["with_tries"]["accuracy"][0]
    assert ("with_tries" in once, often["with_tries"]["tries"]) == (False, 20)
    *_, tried, cost = run("evaluate", "tiny", "--limit", 3, "--loops", 2, "--tries", 5).out.splitlines()
    assert tried.startswith("  up to 5 runs of each, chosen by the rules: 2 loops ")
    runs, loops = re.fullmatch(r"  for that: 2 loops (\d+) runs of (\d+) loops in all", cost).groups()
    assert 3 < int(runs) <= 15
    assert int(loops) == 2 * int(runs)
    tried = sequences("evaluate", "countdown3-tiny", "--limit", 3, "--tries", 2, "--json").json["with_tries"]
    assert tried["tries"] == 2
    refused(
        sequences("evaluate", "lcs6-tiny", "--limit", 3, "--tries", 2),
        "no rule tells whether an answer of lcs6 is right",
    )


def test_evaluate_measures_what_more_compute_brings(run: Run, sequences: Run) -> None:
    lines = run("evaluate", "tiny", "--limit", 3, "--loops", "1,2", "--compute", 2).out.splitlines()
    (first,) = [i for i, line in enumerate(lines) if line.startswith("  test-time compute at 2 loops:")]
    assert re.fullmatch(r"    one run, to its end: \d+\.\d% \([^()]+ %\), 2\.0 loops an input", lines[first + 1])
    assert lines[first + 5].startswith("    2 runs, random starts, by vote: ")
    assert lines[first + 5].endswith(", 4.0 loops an input")
    assert len(lines) == first + 10
    spent = sequences("evaluate", "lcs6-tiny", "--limit", 3, "--loops", 2, "--compute", 2, "--json").json["with_ways"]
    assert (spent["loops"], spent["runs"]) == (2, 2)
    assert [(way["starts"], way["chosen"]) for way in spent["ways"]] == [
        ("", "end"),
        ("", "peak confidence"),
        ("", "repetition"),
        ("random starts", "vote"),
        ("random starts", "residual"),
    ]


def test_evaluate_keeps_a_result_in_the_card(run: Run, catalogue: Path) -> None:
    shutil.copytree(ROOT / "checkpoints" / "sudoku4-tmlt", catalogue / "mine")
    file = catalogue / "mine" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"scores": []}), "utf-8")
    spending = ("--loops", 1, "--compute", 2)
    hard = ("--loops", 1, "--hardest")
    for arguments in (("--loops", 2), ("--loops", 1), ("--loops", 1, "--test", "--tries", 2), spending, hard):
        assert run("evaluate", "mine", *arguments, "--keep").status == 0
    validation, test, spent, hardest = json.loads(file.read_text("utf-8"))["scores"]
    assert (hardest["hardest"], "hardest" in validation) == (True, False)
    assert (validation["loops"], test["loops"], test["set"]) == ([1], [1], "test")  # the later takes the place
    card = (catalogue / "mine" / "README.md").read_text("utf-8")
    assert "Validation: generated held-out boards" in card
    assert "printed by `python -m looped evaluate mine --loops 1`" in card
    assert "printed by `python -m looped evaluate mine --loops 1 --test --tries 2`" in card
    assert "printed by `python -m looped evaluate mine --hardest --loops 1`" in card
    assert "| boards right in one of up to 2 runs, chosen by the rules | " in card
    assert f"| runs in all | {test['with_tries']['runs'][0]:,} |" in card
    assert "are like one of the validation set" in card
    assert "With more compute, at 1 loops:" not in card
    assert "With more compute, at 1 loop:" in card
    assert f"| one run, to its end | {spent['accuracy'][0]:.1%}".replace("%", " %") in card
    assert " --loops 1 --compute 2` | 1 | one run, to its end | " in run("results").out
    assert re.search(r"\(test: generated held-out boards\)", run("list").out)
    refused(run("evaluate", "mine", "--limit", 3, "--keep"), "leave out --limit, or --keep")
    refused(run("evaluate", "tiny", "--keep"), "tiny does not say how it was trained")


@pytest.mark.parametrize("arguments", [
    ("nothing",), ("tiny", "--tries", "0"), ("tiny", "--loops", "16,x"), ("tiny", "--loops", ""),
    ("tiny", "--loops", "4,,8"), ("tiny", "--loops", "0"), ("tiny", "--loops", "4,-8"), ("tiny", "--loops", "1.5"),
    ("tiny", "--loops", "9" * 5000), ("plain", "--loops", "3,4"), ("tiny", "--limit", "0"), ("tiny", "--limit", "many"),
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


def test_evaluate_counts_the_inputs_that_it_warns_of(sequences: Run, tmp_path: Path) -> None:
    file = tmp_path / "problems.csv"
    file.write_text("numbers,target\n2 3 4,20\n20 9 12,15\n50 2 3,44\n50 2 4,48\n", "utf-8")
    said = sequences("evaluate", "countdown3-tiny", "--data", file, "--loops", 1).out
    assert "  distinct inputs: 4 of 4" in said
    beyond = "Training used 3 numbers from 1 to 30, targets from 10 to 100; this problem is beyond that."
    assert f"  2 of 4 inputs, lines 4, 5: {beyond}\n" in said
    assert (
        "  1 of 4 inputs, line 3: Every solution passes a number above 100, which countdown3 has no token for." in said
    )


def test_evaluate_counts_the_runs_that_come_to_rest(run: Run, tmp_path: Path) -> None:
    """Of those that are right after one of four times the trained loops, by the verdict after the last of them."""
    file = tmp_path / "boards.txt"
    file.write_text("\n".join(LINES), "utf-8")
    result = run("evaluate", "tiny", "--data", file, "--loops", 2, "--rest", "--json").json
    checkpoint, tokens = load_checkpoint("tiny"), np.array(PUZZLES, np.int64)
    found, task = result["rest"], checkpoint.task
    assert found["loops"] == 4 * checkpoint.model.trained_loops
    solved = right_by_loop(checkpoint.model, task, tokens, range(1, found["loops"] + 1)).any(0)
    kinds = [
        verdict(record(checkpoint.model, row, found["loops"], verify=False).hidden, checkpoint.model.trained_loops)
        for row in tokens[solved]
    ]
    assert found["n"] == solved.sum() > 0
    assert found["n"] == sum(found["verdicts"].values())
    assert found["settled"] == sum(kind.settled for kind in kinds)
    said = run("evaluate", "tiny", "--data", file, "--loops", 2, "--rest").out
    assert f"  at rest of {found['n']} inputs solved within {found['loops']} loops: " in said
    refused(run("evaluate", "plain", "--limit", 2, "--rest"), "has no loop that could come to rest; leave out --rest")


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


def test_evaluate_says_what_makes_a_score_worth_less(run: Run, tmp_path: Path) -> None:
    """Copies are not independent, of a board without blanks nothing is asked; a number of loops is printed once."""
    file = tmp_path / "boards.txt"
    full = "1234341221434321"
    file.write_text("\n".join([LINES[0], LINES[0], full]), "utf-8")
    said = run("evaluate", "tiny", "--data", file, "--loops", "3,1,3").out
    narrow = "; the intervals take all for independent, so they are too narrow"
    assert f"  distinct inputs: 2 of 3, of 2 classes under symmetries{narrow}\n" in said
    assert "  1 of 3 inputs, line 3: There is no blank: nothing was asked, and it counts as right.\n" in said
    assert re.match(r"tiny on boards\.txt \(n = 3\): 3 loops [0-9.]+%  1 loop [0-9.]+%  \[", said)


def test_every_number_of_loops_that_cannot_be_has_its_sentence(run: Run) -> None:
    """One for what is no number from 1 on, one for too many; nothing is offered that the task refuses."""
    said = {loops: run("evaluate", "tiny", f"--loops={loops}").err for loops in ("0", "-4", "99999999999", "needed+2")}
    none = "looped: argument --loops: '{}' is not a list of whole numbers of at least 1, like 16,32,64\n"
    assert (said["0"], said["-4"]) == (none.format("0"), none.format("-4"))
    assert said["99999999999"].endswith(" 99,999,999,999 loops would take too long; at most 10,000 are run\n")
    assert said["needed+2"].endswith("does not say how many loops an input needs; give --loops numbers.\n")


def test_one_input_is_told_in_the_singular(run: Run) -> None:
    lines = run("evaluate", "tiny", "--limit", 1, "--loops", 1, "--tries", 2).out
    assert "1 loop " in lines
    assert "distinct inputs: 1 of 1, of 1 class under symmetries\n" in lines
    assert not re.search(r"\b1 (loops|runs|inputs|classes)\b", lines)


def test_intervals_are_rounded_once() -> None:
    """Of one input of one the lower end is 20.655 %, which is not what is left of it after four digits."""
    from looped.catalogue.results import between, with_interval
    from looped.commands.evaluate import evaluate_lines

    result = {"checkpoint": "tiny", "data": "boards", "n": 1, "loops": [1, 8], "accuracy": [0.0, 1.0], "seconds": 1.0}
    result |= {"interval": [[0.0, 0.7935], [0.2065, 1.0]], "distinct": 1, "lost": [0, 0]}
    assert "1 loop 0.0–79.3 %  8 loops 20.7–100.0 %" in "\n".join(evaluate_lines(result))
    assert between(0.6667, 3) == between(2 / 3, 3)
    low, high = with_interval(result)["interval"][1]
    assert (round(low, 5), high) == (0.20655, 1.0)


def test_a_single_input_is_not_called_all() -> None:
    from looped.catalogue.results import apart_words

    near = {"words": "boards of the training side", "n": 1}
    said = apart_words({"n": 1, "near": near, "apart": {"n": 0, "accuracy": []}})
    assert said == "The only input is one of boards of the training side; nothing is known of others."


def test_what_cannot_be_measured_says_its_own_reason() -> None:
    from looped.catalogue.checkpoints import load_checkpoint
    from looped.catalogue.evaluate import evaluate

    with pytest.raises(ValueError, match=r"^linear5-looped predicts numbers, .* never right, .*; leave out --rest\.$"):
        evaluate(load_checkpoint("linear5-looped"), limit=8, rest=True)
    with pytest.raises(ValueError, match=r"^words have 1 to 16 letters, smaller first, not 40\.$"):
        evaluate(load_checkpoint("lcs12-tmlt"), limit=2, size=40)


def test_the_error_on_one_prompt_has_no_interval() -> None:
    from looped.catalogue.checkpoints import load_checkpoint
    from looped.catalogue.evaluate import evaluate
    from looped.commands.evaluate import evaluate_lines

    one, two = (evaluate(load_checkpoint("linear5-looped"), loops=[2], limit=limit) for limit in (1, 2))
    assert "interval" not in one
    assert "interval" not in "".join(evaluate_lines(one))
    assert len(two["interval"]) == 1
