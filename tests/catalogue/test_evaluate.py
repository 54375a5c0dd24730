"""Evaluation: the share of whole boards right, by loops, on files of several forms and on generated boards."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import Measured, default_loops, evaluate, right_by_loop
from looped.catalogue.inputs import HELD_OUT_SEED, TEST_SEED, read_puzzles, splitting
from looped.catalogue.sets import HELD_OUT, choose
from looped.questions import INPUTS, Asked
from looped.questions.scores import ask_scaling
from looped.tasks.sudoku.solver import solve
from looped.tasks.sudoku.symmetries import fingerprint, is_held_out
from looped.training.cards import held_out_words

Make = Callable[..., Any]
TASK = tasks.get("sudoku4")
PUZZLES, SOLUTIONS = TASK.sample(6, seed=3, split=None)
LINES = ["".join(str(digit) if digit else "." for digit in puzzle) for puzzle in PUZZLES]
ANSWERS = ["".join(map(str, solution)) for solution in SOLUTIONS]


class Oracle(torch.nn.Module):
    """Stands in for a model: gives the right board from loop `knows[i]` on for puzzle i, and ones before."""

    trained_loops, most_loops = 3, None
    input_kind, output_kind = "tokens", "classes"
    standing_interventions = ()

    def __init__(self, knows: list[int]) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.knows = dict(zip(LINES, knows, strict=False))
        self.asked: list[tuple[int, int]] = []

    def unroll(self, tokens: torch.Tensor, loops: int) -> Any:
        from looped.model import State

        self.asked.append((len(tokens), loops))
        texts = ["".join(str(d) if d else "." for d in row) for row in tokens.tolist()]
        for t in range(loops + 1):
            rows = [SOLUTIONS[LINES.index(text)] if t >= self.knows[text] else np.ones(16) for text in texts]
            yield State(t, torch.as_tensor(np.array(rows)))

    def readout(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.one_hot(hidden.long(), 5).float()


@pytest.fixture
def checkpoint(tmp_path: Path, make_checkpoint: Make) -> Checkpoint:
    return load_checkpoint(str(make_checkpoint(tmp_path / "tiny", trained_loops=4)))


# ------------------------------------------------------------------------------------------------------------- counting


@pytest.mark.parametrize("batch", [1, 4, 50])
def test_boards_are_counted_right_at_the_loop_they_are_right(batch: int) -> None:
    right = right_by_loop(Oracle([1, 2, 3, 4, 5, 99]), TASK, PUZZLES, [4, 1, 3, 8], batch)
    assert right.tolist() == [
        [True, True, True, True, False, False],
        [True, False, False, False, False, False],
        [True, True, True, False, False, False],
        [True, True, True, True, True, False],
    ]


def test_the_model_is_run_once_for_the_most_loops() -> None:
    oracle = Oracle([1] * 6)
    right_by_loop(oracle, TASK, PUZZLES, [2, 7, 2], batch=4)
    assert oracle.asked == [(4, 7), (2, 7)]


def test_one_wrong_cell_makes_a_board_wrong() -> None:
    class Slip(Oracle):
        def readout(self, hidden: torch.Tensor) -> torch.Tensor:
            blank = int(np.flatnonzero(PUZZLES[0] == 0)[0])
            hidden = hidden.clone()
            hidden[0, blank] = hidden[0, blank] % 4 + 1
            return super().readout(hidden)

    assert right_by_loop(Slip([1] * 6), TASK, PUZZLES, [1]).tolist() == [[False, True, True, True, True, True]]


def test_the_models_answers_are_what_is_judged(checkpoint: Checkpoint) -> None:
    """Against the board-by-board forward of the model itself, on the easiest puzzles there are: one blank."""
    solved, _ = TASK.sample(60, seed=1, split=None, givens=15)
    right = right_by_loop(checkpoint.model, TASK, solved, [1, 4], batch=7)
    for i, loops in enumerate((1, 4)):
        answers = [
            checkpoint.model(torch.as_tensor(puzzle.astype(np.int64))[None], loops)[0].argmax(-1).numpy()
            for puzzle in solved
        ]
        assert right[i].tolist() == [
            bool(TASK.right(puzzle, answer)) for puzzle, answer in zip(solved, answers, strict=True)
        ]
    assert 0 < right.mean() < 1  # a model with random weights guesses some


# ----------------------------------------------------------------------------------------------------------- the result


def test_a_run_with_two_digits_exchanged_is_judged_with_them_exchanged() -> None:
    """The net knows no digit, so that it is right as often; with the digits of the puzzle nothing would be right."""
    plain, swapped = (
        evaluate(load_checkpoint(f"sudoku4-candidates-looped{change}"), None, [2, 8], 20, rest=True)
        for change in ("", "~swap=3_4@4")
    )
    assert plain["accuracy"][1] == 1
    for kept in ("accuracy", "everywhere"):
        assert swapped[kept] == plain[kept]
    assert swapped["rest"]["n"] == plain["rest"]["n"]


def test_the_result_has_the_keys_of_the_contract(checkpoint: Checkpoint) -> None:
    result = evaluate(checkpoint, loops=[2, 4], limit=20)
    reliability = {"distinct", "classes", "interval", "lost", "everywhere", "near", "apart"}
    assert set(result) == {"checkpoint", "task", "data", "n", "loops", "accuracy", "seconds"} | reliability
    assert (result["checkpoint"], result["task"], result["n"], result["loops"]) == ("tiny", "sudoku4", 20, [2, 4])
    assert re.fullmatch(rf"generated held-out boards, .*givens, seed {HELD_OUT_SEED}", result["data"])
    assert len(result["accuracy"]) == 2
    assert result["seconds"] >= 0


def test_accuracy_is_in_the_order_of_the_loops_asked_for(checkpoint: Checkpoint, tmp_path: Path) -> None:
    file = tmp_path / "boards.txt"
    file.write_text("\n".join(LINES), "utf-8")
    oracle = Oracle([1, 1, 2, 2, 2, 9])
    oracle.config = checkpoint.config
    knowing = dataclasses.replace(checkpoint, model=oracle)
    result = evaluate(knowing, str(file), [8, 1, 2])
    assert result["accuracy"] == [0.8333, 0.3333, 0.8333]
    assert (result["n"], result["data"], result["file"]) == (6, "boards.txt", file.as_posix())
    assert evaluate(knowing, str(file), [1], limit=4)["accuracy"] == [0.5]


def test_without_a_file_the_boards_are_held_out_and_always_the_same(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []

    def remember(model: Any, task: Any, tokens: np.ndarray, wanted: np.ndarray, **more: Any) -> Measured:
        seen.append(tokens)
        unknown = np.full((3, *wanted.shape), np.nan)
        return Measured(np.zeros(wanted.shape, bool), unknown, unknown[0])

    monkeypatch.setattr("looped.catalogue.evaluate.measure", remember)
    evaluate(checkpoint)
    evaluate(checkpoint, limit=100)
    assert seen[0].shape == (1000, 16)
    assert np.array_equal(seen[1], seen[0][:100])
    assert is_held_out(seen[0], 4).all()


def test_the_usual_loops_are_half_once_twice_and_four_times_the_trained(tmp_path: Path, make_checkpoint: Make) -> None:
    made = [
        load_checkpoint(str(make_checkpoint(tmp_path / str(i), **settings)))
        for i, settings in enumerate(
            [{"trained_loops": 8}, {"trained_loops": 1}, {"architecture": "standard", "layers": 3}]
        )
    ]
    assert [default_loops(checkpoint) for checkpoint in made] == [[4, 8, 16, 32], [1, 2, 4], [3]]
    assert evaluate(made[1], limit=5)["loops"] == [1, 2, 4]


def test_loops_that_cannot_be_run_are_refused(tmp_path: Path, make_checkpoint: Make, checkpoint: Checkpoint) -> None:
    standard = load_checkpoint(str(make_checkpoint(tmp_path / "standard", architecture="standard", layers=3)))
    for loops in ([0], [4, -1]):
        with pytest.raises(
            ValueError, match=r"^'(0|-1)' is no number of loops; write whole numbers of at least 1, like 16\.$"
        ):
            evaluate(checkpoint, loops=loops)
    with pytest.raises(
        ValueError, match=r"^standard is a standard transformer with 3 layers; it cannot be run for 4 loops\.$"
    ):
        evaluate(standard, loops=[1, 4])
    assert evaluate(standard, loops=[1, 3], limit=5)["loops"] == [1, 3]


# ----------------------------------------------------------------------------------------------------------- data files

FILES = {
    "CSV of puzzles and solutions": "\n".join(["puzzle,solution", *map(",".join, zip(LINES, ANSWERS, strict=True))]),
    "CSV with zeros for blanks": "\n".join(
        ["puzzle,solution", *(f"{a.replace('.', '0')},{b}" for a, b in zip(LINES, ANSWERS, strict=True))]
    ),
    "CSV with more columns, in another order": "\n".join(
        ["id,Rating, Puzzle ,source", *(f"{i},0.5,{a},me" for i, a in enumerate(LINES))]
    ),
    "CSV with quotes": "\n".join(
        ['"puzzle","solution"', *(f'"{a}","{b}"' for a, b in zip(LINES, ANSWERS, strict=True))]
    ),
    "CSV with solutions left out": "\n".join(["puzzle,solution", *(f"{a}," for a in LINES)]),
    "CSV of one column": "\n".join(["puzzle", *LINES]),
    "lines": "\n".join(LINES),
    "lines with notes and gaps": "\n".join(
        ["# made by hand", "", *LINES[:2], "   ", "  # the rest", *LINES[2:], "", ""]
    ),
    "lines of Windows": "\r\n".join(LINES) + "\r\n",
    "lines with a mark at the start": "\ufeff" + "\n".join(LINES),
    "CSV with a mark at the start": "\ufeffpuzzle,solution\n"
    + "\n".join(map(",".join, zip(LINES, ANSWERS, strict=True))),
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES.keys())
def test_puzzles_are_read_from_every_form_of_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "data"
    file.write_bytes(text.encode("utf-8"))
    tokens = read_puzzles(file, TASK)
    assert np.array_equal(tokens, PUZZLES)
    assert np.array_equal(read_puzzles(file, TASK, 2), PUZZLES[:2])


def test_nine_by_nine_lines_of_81_characters_are_read(tmp_path: Path) -> None:
    nine = tasks.get("sudoku9")
    puzzles, _ = nine.sample(3, seed=0, split=None)
    file = tmp_path / "data.txt"
    file.write_text("# three\n" + "\n".join("".join(map(str, puzzle)) for puzzle in puzzles), "utf-8")
    assert np.array_equal(read_puzzles(file, nine), puzzles)


@pytest.mark.parametrize(
    ("text", "line", "fragment"),
    [
        ("\n".join([*LINES[:2], "12..", LINES[3]]), 3, "needs 16"),
        ("\n".join(["# note", "", "4411............"]), 3, "stands twice"),
        (
            "\n".join(["puzzle,solution", f"{LINES[0]},{ANSWERS[0]}", "x...............,"]),
            3,
            "neither a digit nor a blank",
        ),
        ("\n".join(["id,puzzle", f"1,{LINES[0]}", "", "2"]), 4, "no puzzle"),
        ("\n".join([LINES[0], "." * 3000]), 2, "paste one"),
        ("\n".join(["." * 15 + "5"]), 1, "takes only"),
    ],
)
def test_the_first_line_that_is_no_puzzle_is_named(tmp_path: Path, text: str, line: int, fragment: str) -> None:
    file = tmp_path / "data"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=fragment) as caught:
        read_puzzles(file, TASK)
    assert str(caught.value).startswith(f"{file}, line {line}: ")
    assert "\n" not in str(caught.value)


def test_all_lines_that_cannot_be_read_are_named_up_to_ten(tmp_path: Path) -> None:
    file, task = tmp_path / "boards.txt", tasks.get("sudoku4")
    file.write_text("4......2...33...\nx\n4......2...33...\ny\n")
    with pytest.raises(ValueError, match=r"line 2: .*'x'.* Nor can line 4 be read\.$"):
        read_puzzles(file, task)
    file.write_text("x\n" * 30)
    with pytest.raises(ValueError, match=r" Nor can lines 2, 3, .*9 and 10, and perhaps more, be read\.$"):
        read_puzzles(file, task)


def test_a_grid_drawn_over_several_lines_is_told_how_one_is_written_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "grids.txt"
    file.write_text("S..\n.#.\n...\n")
    with pytest.raises(ValueError, match=r"line 2: .* Nor can line 3 be read\. In a file a grid is one line, with / "):
        read_puzzles(file, tasks.get("paths"))


@pytest.mark.parametrize(("text", "said"), [
    ("puzzle;solution\n{0};x\n", "line 1: a semicolon stands between its columns"),
    ("puzzle\tsolution\n{0}\tx\n", "line 1: a tab stands between its columns"),
    ("{0}\n{1};\n", "line 2: a semicolon stands behind an input"),
    ("{0}\tx\n", "line 1: a tab stands behind an input"),
])  # fmt: skip
def test_columns_that_another_sign_separates_are_refused_by_its_name(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "boards.csv"
    file.write_text(text.format(*LINES), "utf-8")
    with pytest.raises(ValueError, match=rf"boards\.csv, {said}; separate columns with commas\. The file needs a CSV"):
        read_puzzles(file, TASK)
    file.write_text("\n".join([";".join(LINES[0]), "\t".join(LINES[1])]), "utf-8")  # cells may be separated
    assert np.array_equal(read_puzzles(file, TASK), PUZZLES[:2])


def test_a_line_that_cannot_be_read_has_one_number(tmp_path: Path) -> None:
    file = tmp_path / "boards.txt"
    file.write_text(f"{LINES[0]}\nx{LINES[1][1:]}\n", "utf-8")
    with pytest.raises(
        ValueError, match=r"boards\.txt, line 2: Column 1 holds 'x', which is neither a digit nor a blank"
    ):
        read_puzzles(file, TASK)


def test_lines_beyond_the_limit_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("\n".join([*LINES[:2], "bad"]), "utf-8")
    assert len(read_puzzles(file, TASK, 2)) == 2


@pytest.mark.parametrize("text", ["", "\n\n", "# only a note\n", "puzzle,solution\n", "puzzle\n"])
def test_a_file_without_puzzles_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "data"
    file.write_text(text, "utf-8")
    with pytest.raises(
        ValueError, match=r"holds no puzzle; it needs a CSV column called puzzle, or one puzzle a line\.$"
    ):
        read_puzzles(file, TASK)


@pytest.mark.parametrize("header", ["my_puzzle,solution", "puzzles,solutions", "quizzes,solution"])
def test_a_csv_whose_column_has_another_name_is_refused_with_a_sentence(tmp_path: Path, header: str) -> None:
    file = tmp_path / "data.csv"
    file.write_text(f"{header}\n{LINES[0]},{ANSWERS[0]}\n", "utf-8")
    with pytest.raises(ValueError, match="line 1: it names the columns ") as caught:
        read_puzzles(file, TASK)
    assert str(caught.value) == (
        f"{file}, line 1: it names the columns {header.replace(',', ', ')}; the file needs a CSV column called puzzle."
    )


@pytest.mark.parametrize(
    ("name", "first", "said"),
    [
        ("sudoku4", "board", "'board' is no puzzle, so it is taken for the name of a column; {puzzle}"),
        (
            "sudoku4",
            "board,solution",
            "'board,solution' is no puzzle, so it is taken for the names of columns; {puzzle}",
        ),
        ("edit_distance12", "puzzle", "'puzzle' is no input, so it is taken for the name of a column; {words}"),
        ("linear5", "puzzle", "'puzzle' is no prompt, so it is taken for the name of a column; {prompt}"),
        ("paths", "my maze", "'my maze' is no grid, so it is taken for the name of a column; {grid}"),
    ],
)
def test_a_first_line_that_can_be_no_input_is_answered_as_a_header(
    tmp_path: Path, name: str, first: str, said: str
) -> None:
    """Whatever the file is called, and however many columns it has."""
    needs = {
        one: f"the file needs a CSV column called {one}, or one {one} a line." for one in ("puzzle", "prompt", "grid")
    }
    needs["words"] = "the file needs CSV columns called s1, s2, or one input a line."
    for file in (tmp_path / "data.txt", tmp_path / "data"):
        file.write_text(f"{first}\n{LINES[0]}\n", "utf-8")
        with pytest.raises(ValueError, match="line 1") as caught:
            read_puzzles(file, tasks.get(name))
        assert str(caught.value) == f"{file}, line 1: {said.format(**needs)}"
    broken = tmp_path / "broken"
    broken.write_text("4..x...2...33...\n", "utf-8")  # signs of a board: a line that is wrong, and no header
    with pytest.raises(ValueError, match="line 1: Column 4 holds 'x'"):
        read_puzzles(broken, tasks.get("sudoku4"))


def test_a_header_is_not_read_as_two_words_nor_a_column_that_is_lacking_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    for name, header, said in (
        ("lcs12", "typo,fix", "typo, fix; the file needs CSV columns called s1, s2."),
        ("edit_distance12", "s1,fix", "s1, fix; the file needs CSV columns called s1, s2."),
        ("countdown4", "numbers,goal", "numbers, goal; the file needs CSV columns called numbers, target."),
    ):
        file.write_text(f"{header}\n4 7 6 5,28\n", "utf-8")
        with pytest.raises(ValueError, match="line 1") as caught:
            read_puzzles(file, tasks.get(name))
        assert str(caught.value) == f"{file}, line 1: it names the columns {said}"
    file.write_text("no,s2,s1\n1,sitting,kitten\n", "utf-8")  # in any order, others beside them
    words = tasks.get("lcs12")
    assert [words.written(tokens) for tokens in read_puzzles(file, words)] == ["kitten sitting"]
    lines = tmp_path / "pairs.txt"  # no CSV by its name: one input a line
    lines.write_text("typo,fix\n", "utf-8")
    assert [words.written(tokens) for tokens in read_puzzles(lines, words)] == ["typo fix"]
    lines.write_text("17,4 7 6 5,28\n", "utf-8")
    with pytest.raises(ValueError, match="With several columns the first line of a file must name them; it needs CSV"):
        read_puzzles(lines, tasks.get("countdown4"))


@pytest.mark.parametrize("text", ["{0},{0}\n", "{0},0.5\n"])
def test_a_csv_that_names_no_columns_is_told_to(tmp_path: Path, text: str) -> None:
    file = tmp_path / "puzzles.csv"
    file.write_text(text.format("." * 16), "utf-8")
    with pytest.raises(ValueError, match="must name them; it needs a CSV column called puzzle"):
        read_puzzles(file, tasks.get("sudoku4"))


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x81")
    (tmp_path / "huge.csv").write_text('puzzle,solution\n"' + "1" * 200_000 + '"\n', "utf-8")
    for name, fragment in (
        ("binary", "cannot be read as text"),
        ("missing", "No such file"),
        ("", "directory"),
        ("huge.csv", "field larger"),
    ):
        with pytest.raises(ValueError, match=fragment) as caught:
            read_puzzles(tmp_path / name, TASK)
        assert "\n" not in str(caught.value)


def test_details_break_the_score_down_and_name_what_is_wrong(checkpoint: Checkpoint, tmp_path: Path) -> None:
    file = tmp_path / "puzzles.txt"
    file.write_text("\n".join(LINES), "utf-8")
    model = Oracle([1, 2, 3, 4, 5, 99])
    model.config = checkpoint.config  # type: ignore[assignment]
    oracle = dataclasses.replace(checkpoint, model=model)  # type: ignore[arg-type]
    result = evaluate(oracle, str(file), [2, 5], detail=True)
    assert result["wrong"] == [6]
    for bands in result["by"].values():
        assert sum(part["n"] for part in bands.values()) == 6
        right = [round(sum(part["n"] * part["accuracy"][i] for part in bands.values())) for i in (0, 1)]
        assert right == [2, 5]
    givens = np.count_nonzero(PUZZLES, axis=1)
    assert {band: part["n"] for band, part in result["by"]["givens"].items()} == {
        str(k): int((givens == k).sum()) for k in set(givens)
    }
    numbers = [int(band) for band in result["by"]["givens"]]
    assert numbers == sorted(numbers)
    assert "by" not in evaluate(oracle, str(file), [2, 5])


class Fickle(Oracle):
    """Solves a board when a given stands in its first cell."""

    def unroll(self, tokens: torch.Tensor, loops: int) -> Any:
        from looped.model import State

        self.asked.append((len(tokens), loops))
        rows = [solve(row, 4)[1] if row[0] else np.ones(16) for row in tokens.numpy()]
        for t in range(loops + 1):
            yield State(t, torch.as_tensor(np.array(rows if t >= 2 else np.ones((len(rows), 16)))))


def test_lines_of_a_file_are_named_and_boards_with_several_solutions_mentioned(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    """Comments and empty lines count as lines, for whoever looks a wrong board up in an editor."""
    file = tmp_path / "puzzles.txt"
    several = "." * len(LINES[0])
    file.write_text("\n".join(["# boards", "", LINES[0], "", several, LINES[1], several]), "utf-8")
    result = evaluate(checkpoint, str(file), [1], detail=True)
    assert list(result["notes"].values()) == [[5, 7]]
    assert list(result["notes"]) == ["This puzzle has several solutions; any of them counts as right."]
    assert set(result["wrong"]) <= {3, 5, 6, 7}
    model = Oracle([99, 1, 1, 1])
    model.config = checkpoint.config  # type: ignore[assignment]
    oracle = dataclasses.replace(checkpoint, model=model)  # type: ignore[arg-type]
    file.write_text("\n".join(["# boards", "", LINES[0], "", *LINES[1:4]]), "utf-8")
    assert evaluate(oracle, str(file), [5], detail=True)["wrong"] == [3]


def test_tries_are_of_boards_that_mean_the_same_until_one_is_right(checkpoint: Checkpoint, tmp_path: Path) -> None:
    file = tmp_path / "puzzles.txt"
    file.write_text("\n".join(LINES), "utf-8")
    model = Fickle([])
    model.config = checkpoint.config  # type: ignore[assignment]
    fickle = dataclasses.replace(checkpoint, model=model)  # type: ignore[arg-type]
    first = float((PUZZLES[:, 0] > 0).mean())
    assert 0 < first < 1  # or the comparison would say little
    once = evaluate(fickle, str(file), [2, 3])
    assert (once["accuracy"], "with_tries" in once) == ([round(first, 4)] * 2, False)
    model.asked.clear()
    many = evaluate(fickle, str(file), [2, 3], detail=True, tries=60)
    again = many.pop("with_tries")
    assert many | {"seconds": 0} == evaluate(fickle, str(file), [2, 3], detail=True) | {"seconds": 0}  # of single runs
    assert (again["accuracy"], again["tries"], again["wrong"]) == ([1.0, 1.0], 60, [])
    assert [sum(part["n"] * part["accuracy"][1] for part in bands.values()) for bands in again["by"].values()] == [6, 6]
    counts = [count for count, _ in model.asked[: -model.asked[::-1].index((6, 3)) - 1]]
    assert counts == sorted(counts, reverse=True)  # what is solved is not run again
    assert counts[1] == round(6 * (1 - first))
    assert len(counts) < 60
    assert (again["runs"], again["loops_run"]) == ([sum(counts)] * 2, [2 * sum(counts), 3 * sum(counts)])
    tried = evaluate(fickle, str(file), [1, 3], tries=3)["with_tries"]
    assert tried["accuracy"][0] == 0.0  # what more loops bring is not ascribed to fewer
    assert (tried["runs"][0], tried["interval"][0][0]) == (18, 0.0)


def test_how_far_an_accuracy_can_be_trusted_is_measured_with_it() -> None:
    """Givens are copied in before judging; with the model's own cells sudoku4-tmlt solves fewer boards."""
    checkpoint = load_checkpoint("sudoku4-tmlt")
    found = evaluate(checkpoint, loops=[8], limit=200)
    tokens, _ = checkpoint.task.sample(200, seed=HELD_OUT_SEED, split="held-out")
    assert found["accuracy"] == [1.0]
    assert 0.85 < found["everywhere"][0] < 0.95
    assert found["interval"] == [[0.9812, 1.0]]
    assert found["distinct"] == len({tuple(row) for row in tokens})
    assert found["lost"] == [0]
    assert found["classes"] == len(np.unique(fingerprint(tokens, 4))) < found["distinct"]


def test_boards_that_more_depth_loses_are_counted() -> None:
    checkpoint = load_checkpoint("sudoku4-looped-plain")
    found = evaluate(checkpoint, loops=[8, 128], limit=60)
    tokens, _ = checkpoint.task.sample(60, seed=HELD_OUT_SEED, split="held-out")
    right = right_by_loop(checkpoint.model, checkpoint.task, tokens, [8, 128])
    assert found["lost"] == [0, (right[0] & ~right[1]).sum()]
    assert found["lost"][1] > 0
    assert evaluate(checkpoint, loops=[128, 8], limit=60)["lost"] == found["lost"][::-1]  # whatever the order


def test_what_is_next_to_training_is_scored_apart() -> None:
    checkpoint = load_checkpoint("sudoku4-looped-plain")
    found = evaluate(checkpoint, loops=[8, 256], limit=120)
    tokens, _ = checkpoint.task.sample(120, seed=HELD_OUT_SEED, split="held-out")
    near = checkpoint.task.near_training(tokens)
    right = right_by_loop(checkpoint.model, checkpoint.task, tokens, [8, 256])
    assert found["near"] == {"words": near.words, "n": near.near.sum()}
    assert found["apart"]["n"] == 120 - near.near.sum() > 0
    assert found["apart"]["accuracy"] == [round(float(row[~near.near].mean()), 4) for row in right]


def test_the_test_set_has_another_seed_and_says_what_of_it_validation_holds(checkpoint: Checkpoint) -> None:
    found = evaluate(checkpoint, loops=[1], limit=80, test=True)
    tokens, _ = checkpoint.task.sample(80, seed=TEST_SEED, split="held-out")
    others, _ = checkpoint.task.sample(80, seed=HELD_OUT_SEED, split="held-out")
    assert found["set"] == "test"
    assert found["data"].endswith(f"seed {TEST_SEED}")
    assert found["like_validation"] == np.isin(fingerprint(tokens, 4), fingerprint(others, 4)).sum() > 0
    assert "set" not in evaluate(checkpoint, loops=[1], limit=5)
    with pytest.raises(ValueError, match="the test set is generated; leave out --test, or --data"):
        evaluate(checkpoint, "boards.txt", test=True)


def test_what_training_split_by_numbers_is_held_out_by_numbers(tmp_path: Path, make_model: Make) -> None:
    task, folder = tasks.get("countdown3"), tmp_path / "numbers"
    save_checkpoint(folder, make_model(vocab=task.vocab, length=task.length), task.name, training={}, scores=[])
    checkpoint = load_checkpoint(str(folder))

    def trained(*samplings: dict[str, str]) -> Checkpoint:
        recipe = {"stages": [{"mix": [[100, sampling]]} for sampling in samplings]}
        return dataclasses.replace(checkpoint, info=checkpoint.info | {"training": {"recipe": recipe}})

    found = evaluate(trained({"split_by": "numbers"}), loops=[1], limit=20)
    assert ", split by their numbers, seed" in found["data"]
    assert "near" not in found
    assert evaluate(trained({}), loops=[1], limit=20)["near"]["n"] == 20
    with pytest.raises(ValueError, match="was trained on inputs that were split in several ways; give a file"):
        evaluate(trained({}, {"split_by": "numbers"}), loops=[1], limit=20)
    apart = trained({"split_by": "numbers"})
    rows = choose(task, HELD_OUT, **splitting(apart)).tokens
    assert task.held_out(np.stack(rows), "numbers").all()
    assert not task.held_out(np.stack(choose(task, HELD_OUT).tokens), "numbers").all()
    problems, _ = task.sample(INPUTS, seed=HELD_OUT_SEED, split="held-out", split_by="numbers")
    *_, last = ask_scaling(Asked(apart, problems[0], 2, 0, 1))
    right = right_by_loop(apart.model, task, problems, [1, 2]).mean(1)
    np.testing.assert_allclose(last["arrays"]["accuracy"], right, rtol=1e-5)


@pytest.mark.parametrize(("split_by", "words"), [("problems", "One problem"), ("numbers", "One set of numbers")])
def test_a_card_says_what_was_held_out(tmp_path: Path, make_model: Make, split_by: str, words: str) -> None:
    task, folder = tasks.get("countdown3"), tmp_path / split_by
    save_checkpoint(folder, make_model(vocab=task.vocab, length=task.length), task.name, training={}, scores=[])
    checkpoint = load_checkpoint(str(folder))
    recipe = {"stages": [{"mix": [[100, {"split_by": split_by}]]}]}
    trained = dataclasses.replace(checkpoint, info=checkpoint.info | {"training": {"recipe": recipe}})
    assert f"order. {words} in sixteen" in held_out_words(trained)
