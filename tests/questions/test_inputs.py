"""The table of inputs: what became of each, as evaluate counts it; of every set, and of a person's own list."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from looped import tasks
from looped.catalogue import sets as module
from looped.catalogue.evaluate import evaluate
from looped.catalogue.intervals import wilson
from looped.catalogue.sets import choose, sources
from looped.lenses.readout import outcome
from looped.questions import Asked
from questions.replies import LOOPS, PUZZLE, last


def test_a_table_says_of_each_input_what_evaluate_counts(asked: Asked) -> None:
    answer = last("inputs", asked)
    right, since = answer["arrays"]["right"], answer["arrays"]["since"]
    measured = evaluate(asked.checkpoint, loops=[1, 3, LOOPS], limit=30, detail=True)
    np.testing.assert_allclose(right.mean(1)[[0, 2, 5]], measured["accuracy"], atol=1e-4)
    assert answer["meta"]["data"] in measured["data"]
    assert [*np.flatnonzero(since == 0) + 1] == measured["wrong"]
    assert since.tolist() == [outcome(column).since or 0 for column in right.T.astype(bool)]
    share, low, high = answer["arrays"]["accuracy"][:, 2]
    assert (low, high) == pytest.approx(wilson(float(share), 30), abs=1e-6)
    for name, bands in measured["by"].items():
        told = answer["meta"]["by"][name]
        assert {label: band["n"] for label, band in told.items()} == {label: one["n"] for label, one in bands.items()}
        assert [told[label]["accuracy"][2] for label in bands] == [one["accuracy"][1] for one in bands.values()]


def test_an_answer_that_is_lost_is_told_from_one_that_never_was_right(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = np.array([[0, 1, 0], [1, 0, 0], [0, 1, 1]], bool).T  # lost, lost for good, right from loop 2
    found = np.repeat(columns, 2, axis=0)
    monkeypatch.setattr("looped.questions.inputs.right_by_loop", lambda *arguments: found[:, : len(arguments[2])])
    answer = last("inputs", replace(asked, source="own", text="\n".join([PUZZLE, "4......2...33...", "." * 16])))
    assert answer["arrays"]["since"].tolist() == [0, 0, 3]
    assert answer["arrays"]["lost"].tolist() == [5, 3, 0]


@pytest.mark.parametrize("name", ["sudoku4", "sudoku9", "lcs12", "edit_distance12", "countdown3", "paths"])
def test_every_row_can_be_opened_as_text(name: str) -> None:
    task = tasks.get(name)
    for source in sources(task):
        chosen = choose(task, source, task.examples[0][1])
        assert 0 < len(chosen.tokens) == len(chosen.names) <= 30
        for tokens in chosen.tokens[::7]:
            assert np.array_equal(task.encode(task.parse(task.written(tokens))), tokens)


@pytest.mark.parametrize("name", ["sudoku4", "lcs12", "countdown4", "paths"])
def test_numbers_behind_bands_are_told_under_the_same_name(name: str) -> None:
    task = tasks.get(name)
    tokens, _ = task.sample(5, seed=3)
    assert task.measures(tokens).keys() <= task.bands(tokens).keys()
    assert all(len(numbers) == 5 for numbers in task.measures(tokens).values())


def test_a_list_of_ones_own_is_read_as_a_file_is(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    text = f"# mine\npuzzle,who\n{PUZZLE},me\n{'.' * 16},nobody\n{PUZZLE},again"
    answer = last("inputs", replace(asked, source="own", text=text.partition("\n")[2]))
    meta = answer["meta"]
    assert (meta["total"], meta["left_out"], meta["texts"]) == (2, 1, [PUZZLE, "." * 16])
    assert meta["names"] == ["line 2", "line 3"]
    assert list(meta["notes"].values()) == [[1]]  # the empty board has several solutions


def test_inputs_keep_the_names_that_a_file_gives_them() -> None:
    task = tasks.get("sudoku4")
    text = f"name,puzzle\nmonday,{PUZZLE}\n,{PUZZLE}\n ann's ,{'.' * 16}"
    chosen = choose(task, "own", text)
    assert chosen.names == ["monday", "line 3", "ann's"]
    assert choose(tasks.get("lcs12"), "own", 's1,s2,name\nkitten,sitting,"two, words"').names == ["two, words"]


@pytest.mark.parametrize(
    ("name", "header", "texts"),
    [
        ("sudoku4", "name,board,clues,checkpoint,right from loop", [PUZZLE, "." * 16]),
        ("lcs12", "name,input,checkpoint,right from loop", ["kitten, sitting", "a, b"]),
    ],
)
@pytest.mark.parametrize("runs", [("tmlt",), ("tmlt", "looped")])
def test_a_table_that_the_page_saved_is_read_again(
    name: str, header: str, texts: list[str], runs: tuple[str, ...]
) -> None:
    """Each input once, though there is a line for every run of it."""
    task = tasks.get(name)
    before = [""] * (header.split(",").index("checkpoint") - 2)
    lines = [
        ",".join([f"line {number}", f'"{text}"', *before, run, "3"])
        for number, text in enumerate(texts, 4)
        for run in runs
    ]
    chosen = choose(task, "own", "\n".join([header, *lines]))
    assert chosen.names == ["line 4", "line 5"]
    for tokens, text in zip(chosen.tokens, texts, strict=True):
        assert np.array_equal(tokens, task.encode(task.parse(text)))


@pytest.mark.parametrize(
    ("source", "text", "says"),
    [
        ("own", "12", "Your list, line 1: "),
        ("own", "", "Your list holds no puzzle"),
        ("lengths", "", "sudoku4 has no inputs called 'lengths'; there are usual, hardest, examples, own."),
    ],
)
def test_what_cannot_be_tried_is_refused_in_a_sentence(asked: Asked, source: str, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(says)}[^\n]*$"):
        last("inputs", replace(asked, source=source, text=text))


def test_inputs_are_run_in_parts_that_bound_the_work() -> None:
    tokens = [np.zeros(4)] * 5 + [np.zeros(9)] * 2
    chosen = module.Set(tokens, [""] * 7, "", {})
    assert [part.shape for part in module.batches(chosen, 2, 16, 25)] == [(2, 4), (2, 4), (1, 4), (1, 9), (1, 9)]
    assert [part.shape for part in module.batches(chosen, 1, 999, 4)] == [(4, 4), (1, 4), (2, 9)]
