"""An export holds what was computed, and its script makes it again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import looped
from looped import tasks
from looped.catalogue.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from looped.export.charts import MOST_SIGNS
from looped.export.charts import charts as draw
from looped.export.folder import MOST_DRAWN, describe, export, resolve, script
from looped.figures.saving import to_csv
from looped.lenses.residual import residual
from looped.runs.trace import Trace, record
from looped.tasks.words.strings import Strings
from tests.figures.samples import columns, numbers

Make = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]
BOARD = ".3244..32.3..1.2"
ALWAYS = ["attention", "attention-matrix", "board", "candidates", "convergence", "hidden-states", "readout", "settled"]


@pytest.fixture(scope="module")
def folder(make_checkpoint: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with random weights."""
    made: Path = make_checkpoint(
        tmp_path_factory.mktemp("checkpoints") / "tiny-tmlt", architecture="tmlt", injection=True, state_norm=True
    )
    return made


@pytest.fixture(scope="module")
def checkpoint(folder: Path) -> Checkpoint:
    return load_checkpoint(str(folder))


@pytest.fixture(scope="module")
def exported(checkpoint: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "new" / "folder"
    written = export(checkpoint, BOARD, folder, loops=6, loop=4, cell=4)
    assert sorted(written) == sorted(file for file in folder.rglob("*") if file.is_file())
    return folder


def regenerate(exported: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the script as a person does, with as many threads as the tests use."""
    return subprocess.run(
        [sys.executable, exported / "regenerate.py", *map(str, arguments)],
        cwd=exported,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
    )


def test_figures_of_a_standard_transformer_speak_of_layers(make_checkpoint: Make, tmp_path: Path) -> None:
    """Their titles, axes and words below; the script that makes them again knows it, too."""
    standard = load_checkpoint(
        str(make_checkpoint(tmp_path / "tiny-standard", architecture="standard", layers=3, trained_loops=3))
    )
    export(standard, BOARD, tmp_path / "made", loop=2, cell=4)
    drawn = {file.stem: file.read_text("utf-8") for file in (tmp_path / "made" / "figures").glob("*.svg")}
    assert set(ALWAYS) <= set(drawn)
    texts = {name: re.findall(r">([^<>]+)</text>", text) for name, text in drawn.items()}
    assert {name: said for name, words in texts.items() for said in words if re.search(r"\bloops?\b", said)} == {}
    for name in ("board", "convergence", "readout", "settled", "hidden-states", "attention"):
        assert any(re.search(r"\blayers?\b", said) for said in texts[name]), name
    for name in ("convergence", "readout", "hidden-states"):  # their tables, too
        head, *_ = (tmp_path / "made" / "figures" / f"{name}.csv").read_text("utf-8").splitlines()
        assert head.split(",")[0] == "layer", name
    assert "one='layer'" in (tmp_path / "made" / "regenerate.py").read_text("utf-8")
    with pytest.raises(ValueError, match="layer 4 cannot be drawn: this run has the layers 1 to 3"):
        resolve(standard, BOARD, None, 4, None, None)


def test_an_export_holds_every_figure_the_arrays_the_view_and_the_script(exported: Path) -> None:
    names = [*ALWAYS, "difference", "timestep", "timestep-channels"]
    assert sorted(file.name for file in (exported / "figures").iterdir()) == sorted(
        f"{name}.{kind}" for name in names for kind in ("svg", "png", "csv")
    )
    assert sorted(file.name for file in exported.iterdir()) == ["figures", "regenerate.py", "trace.npz", "view.json"]


def test_the_arrays_are_exactly_what_was_recorded(exported: Path, checkpoint: Checkpoint) -> None:
    trace = record(checkpoint.model, checkpoint.task.encode(checkpoint.task.parse(BOARD)), 6)
    kept = Trace.load(exported / "trace.npz")
    assert kept.arrays().keys() == trace.arrays().keys()
    for name, array in trace.arrays().items():
        assert kept.arrays()[name].dtype == array.dtype
        assert np.array_equal(kept.arrays()[name], array), name
    assert kept.difference == trace.difference


def test_the_view_says_what_was_run(exported: Path, checkpoint: Checkpoint) -> None:
    view, kept = json.loads((exported / "view.json").read_text("utf-8")), Trace.load(exported / "trace.npz")
    assert view == {
        "checkpoint": "tiny-tmlt",
        "change": None,
        "sha256": checkpoint.sha256,
        "input": BOARD,
        "loops": 6,
        "loop": 4,
        "cell": 4,
        "place": "row 2, column 1",
        "counted": "cell and head as in links and trace.npz, from 0; in place, figures and their tables from 1",
        "head": None,
        "versions": {
            "looped": looped.__version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": sys.version.split()[0],
        },
        "device": "cpu",
        "difference": kept.difference,
        "answer": checkpoint.task.decode(kept.tokens, kept.answers[3]),
        "right": bool(checkpoint.task.right(kept.tokens, kept.answers[3])),
        "left_out": {},
    }


def test_the_script_makes_the_same_files_again(exported: Path, tmp_path: Path) -> None:
    written = (exported / "regenerate.py").read_text("utf-8")
    assert len(written.splitlines()) <= 50
    assert "# Cells and heads are counted from 0: cell 4 is row 2, column 1.\n" in written
    done = regenerate(exported, tmp_path / "again")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    again = sorted(file.relative_to(tmp_path / "again") for file in (tmp_path / "again").rglob("*") if file.is_file())
    assert again == sorted(
        file.relative_to(exported)
        for file in exported.rglob("*")
        if file.is_file() and file.name not in ("view.json", "regenerate.py")
    )
    for name in again:
        if name.suffix in (".csv", ".svg"):
            assert (tmp_path / "again" / name).read_bytes() == (exported / name).read_bytes(), name
    first, second = Trace.load(exported / "trace.npz"), Trace.load(tmp_path / "again" / "trace.npz")
    for name, array in first.arrays().items():
        assert np.array_equal(array, second.arrays()[name]), name


def test_the_script_says_what_it_needs(exported: Path) -> None:
    """Where the library is not installed: one sentence, no traceback."""
    command = [sys.executable, "-I", "-S", exported / "regenerate.py"]
    done = subprocess.run(command, cwd=exported, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert re.fullmatch(
        r"This script needs Loopscope \S+ \(install it in its folder with: pip install \.\): .*\n", done.stderr
    )


def test_the_script_runs_in_the_folder_of_a_clone(exported: Path, tmp_path: Path) -> None:
    """Where the library is not installed, and Python knows nothing of the folder but that it is run there."""
    done = subprocess.run(
        [sys.executable, exported / "regenerate.py", tmp_path / "again"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_attention_that_is_kept_by_neighbour_is_drawn() -> None:
    """The weights of the chosen cell to the cells around it, under their names."""
    checkpoint = load_checkpoint("paths-looped")
    task = checkpoint.task
    board = task.parse(task.examples[0][1])
    trace = record(checkpoint.model, task.encode(board), 3)
    cell = task.first_place(trace.tokens)
    chart = draw(task, board, trace, 3, loop=2, cell=cell, head=1)["attention"]
    around = trace.neighbours[cell] if trace.neighbours is not None else np.array([])
    found = columns(chart)
    assert list(found["neighbour"]) == [task.place(trace.tokens, int(place)) for place in around if place >= 0]
    weights = trace.attention[1, 0, 1, cell][around >= 0]
    np.testing.assert_allclose(numbers(chart, "weight"), weights)
    assert weights.sum() == pytest.approx(1, abs=1e-5)


def test_the_view_names_what_is_changed(make_checkpoint: Make, tmp_path: Path) -> None:
    """As tables do, in a folder whose own name holds the mark of changes, too."""
    own = make_checkpoint(tmp_path / "my~tiny")
    for name, change in ((f"{own}~untrained,cut=1@2", "untrained, head 2 cut after loop 2"), (str(own), None)):
        loaded = load_checkpoint(name)
        run = resolve(loaded, BOARD, 2, None, None, None)
        assert describe(run, record(loaded.model, run.tokens, 2))["change"] == change


def test_the_script_says_that_its_checkpoint_is_gone(make_checkpoint: Make, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "tiny")
    export(load_checkpoint(str(folder)), BOARD, tmp_path / "out", loops=2)
    folder.rename(tmp_path / "moved")
    done = regenerate(tmp_path / "out", tmp_path / "again")
    assert done.returncode == 1
    assert re.fullmatch(r"The checkpoint of this export cannot be loaded; name in this script where .*\n", done.stderr)


def test_the_script_refuses_another_checkpoint_in_one_sentence(make_checkpoint: Make, tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "tiny")
    first = load_checkpoint(str(folder)).sha256
    export(load_checkpoint(str(folder)), BOARD, tmp_path / "out", loops=2)
    make_checkpoint(folder, seed=1)
    done = regenerate(tmp_path / "out", tmp_path / "again")
    assert done.returncode == 1
    second = load_checkpoint(str(folder)).sha256
    assert (
        done.stderr == f"tiny is not the checkpoint of this export: its sha256 is {second[:12]}…, not {first[:12]}….\n"
    )
    assert not (tmp_path / "again").exists()


def test_the_script_names_the_checkpoint_so_that_it_is_found(exported: Path, folder: Path) -> None:
    view = json.loads((exported / "view.json").read_text("utf-8"))
    for name, source in (
        ("sudoku4-looped", "sudoku4-looped"),
        ("sudoku4-tmlt~frozen", "sudoku4-tmlt~frozen"),
        (folder, folder),
        (f"{folder}~frozen", f"{folder}~frozen"),
    ):
        assert f"looped.load({str(source)!r}, device='cpu')" in script(load_checkpoint(str(name)), view)


def test_what_is_not_given_is_as_trained_the_last_loop_the_first_blank_and_all_heads(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    export(checkpoint, BOARD, tmp_path)
    view = json.loads((tmp_path / "view.json").read_text("utf-8"))
    assert (view["loops"], view["loop"], view["cell"], view["head"]) == (3, 3, 0, None)
    assert (tmp_path / "figures" / "attention.csv").read_text("utf-8").count("\n") == 1 + 2 * 16


@pytest.fixture
def trace(checkpoint: Checkpoint) -> Trace:
    return record(checkpoint.model, checkpoint.task.encode(checkpoint.task.parse(BOARD)), 6)


def test_the_figures_are_of_the_loop_the_cell_and_the_head(checkpoint: Checkpoint, trace: Trace) -> None:
    board = checkpoint.task.parse(BOARD)
    charts = draw(checkpoint.task, board, trace, 3, loop=4, cell=5, head=1)
    given, answers = trace.tokens > 0, trace.answers[3]
    assert numbers(charts["board"], "digit").tolist() == np.where(given, trace.tokens, answers).tolist()
    assert np.array_equal(
        numbers(charts["candidates"], "probability")[given.sum() :].reshape(-1, 4), trace.probabilities[3, ~given, 1:]
    )
    assert np.array_equal(numbers(charts["attention"], "weight"), trace.attention[3, 0, 1, 5])
    assert set(numbers(charts["attention"], "head")) == {2}  # as on screen: the second
    assert np.array_equal(numbers(charts["attention-matrix"], "weight"), trace.attention[3, 0, 1].ravel())
    assert np.array_equal(numbers(charts["readout"], "probability").reshape(6, 4), trace.probabilities[:, 5, 1:])
    moved = residual(trace.hidden)
    assert np.array_equal(
        numbers(charts["convergence"], "residual"),
        np.concatenate([moved.relative, moved.per_position[:, 5]]),
        equal_nan=True,
    )
    assert numbers(charts["hidden-states"], "loop").max() == 4
    assert np.array_equal(
        numbers(charts["timestep-channels"], "value").reshape(4, 6, 8)[3],
        trace.gamma2[:, 0] if trace.gamma2 is not None else None,
    )
    assert numbers(charts["difference"], "solution").tolist() == board.solution.tolist()


def test_a_model_without_timestep_encoding_has_no_such_figures_and_a_board_of_many_solutions_no_difference(
    make_checkpoint: Make, tmp_path: Path
) -> None:
    checkpoint = load_checkpoint(str(make_checkpoint(tmp_path / "plain")))
    export(checkpoint, "1...............", tmp_path / "out", loops=2)
    assert sorted(file.stem for file in (tmp_path / "out" / "figures").glob("*.svg")) == ALWAYS


def test_a_block_of_layers_has_a_figure_of_each(make_model: Make, checkpoint: Checkpoint) -> None:
    board = checkpoint.task.parse(BOARD)
    trace = record(make_model(architecture="tmlt", layers=2), checkpoint.task.encode(board), 3)
    charts = draw(checkpoint.task, board, trace, 3, loop=2, cell=0)
    layered = [name.removesuffix("-layer-2") for name in charts if name.endswith("-layer-2")]
    assert layered == ["attention", "attention-matrix", "timestep", "timestep-channels"]
    for layer in (0, 1):
        assert np.array_equal(
            numbers(charts[f"attention-layer-{layer + 1}"], "weight").reshape(2, 16), trace.attention[1, layer, :, 0]
        )


def test_the_tables_of_figures_count_from_one(checkpoint: Checkpoint, trace: Trace) -> None:
    """Heads, cells, channels and loops, in every figure; only states are there before the first loop, too."""
    charts = draw(checkpoint.task, checkpoint.task.parse(BOARD), trace, 3, loop=4, cell=5)
    for name, chart in charts.items():
        for what in {"head", "cell", "from", "to", "channel", "loop"} & set(columns(chart)):
            first = 0 if (name, what) == ("hidden-states", "loop") else 1
            assert numbers(chart, what).min() == first, (name, what)
    last = {what: int(numbers(charts["attention-matrix"], what).max()) for what in ("head", "from", "to")}
    assert last == {"head": 2, "from": 16, "to": 16}


def test_a_full_board_and_a_single_loop_can_be_drawn(checkpoint: Checkpoint, tmp_path: Path) -> None:
    written = export(checkpoint, "1234341221434321", tmp_path, loops=1)
    assert len([file for file in written if file.suffix == ".png"]) == 11


def test_a_dark_figure_has_the_same_numbers(checkpoint: Checkpoint, trace: Trace) -> None:
    light, dark = (
        draw(checkpoint.task, checkpoint.task.parse(BOARD), trace, 3, 4, 5, dark=dark) for dark in (False, True)
    )
    assert light.keys() == dark.keys()
    for name in light:
        assert to_csv(light[name]) == to_csv(dark[name])
        assert light[name].to_dict() != dark[name].to_dict()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"text": "11.............."}, "Digit 1 stands twice"),
    ({"loops": 0}, f"1 to {MOST_DRAWN} loops can be drawn, not 0"),
    ({"loops": MOST_DRAWN + 1}, f"not {MOST_DRAWN + 1}"),
    ({"loop": 0}, "loop 0 cannot be drawn: this run has the loops 1 to 3"),
    ({"loops": 5, "loop": 6}, "the loops 1 to 5"),
    ({"cell": 16}, "no cell 16: cells are counted from 0 to 15, row by row"),
    ({"cell": -1}, "no cell -1"),
    ({"head": 2}, "no head 2: tiny-tmlt has the heads 0 to 1"),
    ({"head": -1}, "no head -1"),
]


@pytest.mark.parametrize(("settings", "says"), WRONG)
def test_bad_input_is_refused_before_anything_is_written(
    checkpoint: Checkpoint, tmp_path: Path, settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        export(checkpoint, folder=tmp_path / "out", **{"text": BOARD} | settings)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(ValueError, match="is not empty; name a new folder"):
        export(checkpoint, BOARD, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


# --------------------------------------------------------------------------------------------------- words and
# Countdown

INPUTS = {"lcs6": "kitten sit", "countdown3": "3 5 7 = 22"}
SHARED = ["attention-matrix", "convergence", "readout", "timestep", "timestep-channels", "hidden-states"]
every = pytest.mark.parametrize("name", INPUTS)


@pytest.fixture(scope="module")
def sequences(make_model: Make, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checkpoint]:
    found = {}
    for name in INPUTS:
        task, folder = tasks.get(name), tmp_path_factory.mktemp("sequences") / f"{name}-tiny"
        save_checkpoint(
            folder,
            make_model(architecture="tmlt", vocab=task.vocab, length=task.length, injection=True, state_norm=True),
            name,
            training={},
            scores=[],
        )
        found[name] = load_checkpoint(str(folder))
    return found


@every
def test_words_and_countdown_are_exported_and_made_again(
    name: str, sequences: dict[str, Checkpoint], tmp_path: Path
) -> None:
    checkpoint = sequences[name]
    export(checkpoint, INPUTS[name], tmp_path / "out", loops=5, loop=4, head=1)
    names = sorted([*SHARED, *(["table"] if name == "lcs6" else [])])
    assert sorted(file.stem for file in (tmp_path / "out" / "figures").glob("*.svg")) == names
    view = json.loads((tmp_path / "out" / "view.json").read_text("utf-8"))
    task, trace = checkpoint.task, Trace.load(tmp_path / "out" / "trace.npz")
    assert (view["loops"], view["loop"], view["head"]) == (5, 4, 1)
    assert view["cell"] == {"lcs6": 12, "countdown3": 4}[name]  # the "=", the first number of the first step
    assert view["answer"] == task.decode(trace.tokens, trace.answers[3])
    assert view["answer"].startswith({"lcs6": "kitten, sit: ", "countdown3": "3 5 7 → 22: "}[name])
    assert view["right"] == bool(task.right(trace.tokens, trace.answers[3]))
    done = regenerate(tmp_path / "out", tmp_path / "again")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    again = sorted(file.relative_to(tmp_path / "again") for file in (tmp_path / "again").rglob("*") if file.is_file())
    assert len(again) == 3 * len(names) + 1
    for file in again:
        if file.suffix in (".csv", ".svg"):
            assert (tmp_path / "again" / file).read_bytes() == (tmp_path / "out" / file).read_bytes(), file


@every
def test_the_figures_of_a_sequence_are_of_the_loop_the_position_and_the_head(
    name: str, sequences: dict[str, Checkpoint]
) -> None:
    checkpoint, task = sequences[name], sequences[name].task
    trace = record(checkpoint.model, task.encode(task.parse(INPUTS[name])), 6)
    charts = draw(task, task.parse(INPUTS[name]), trace, 3, loop=4, cell=5, head=1)
    assert np.array_equal(numbers(charts["attention-matrix"], "weight"), trace.attention[3, 0, 1].ravel())
    read = columns(charts["readout"])
    signs = read["sign"][:MOST_SIGNS]
    tokens = [[task.sign(token) for token in range(task.vocab)].index(sign) for sign in signs]
    assert tokens == sorted(set(tokens))
    assert trace.answers[3, 5] in tokens
    left_out = np.delete(trace.probabilities[:, 5].max(0), tokens).max()
    assert all(trace.probabilities[:, 5, token].max() >= left_out for token in tokens if token != trace.answers[3, 5])
    assert np.array_equal(
        numbers(charts["readout"], "probability").reshape(6, MOST_SIGNS), trace.probabilities[:, 5, tokens]
    )
    moved = residual(trace.hidden)
    assert np.array_equal(
        numbers(charts["convergence"], "residual"),
        np.concatenate([moved.relative, moved.per_position[:, 5]]),
        equal_nan=True,
    )
    assert numbers(charts["hidden-states"], "loop").max() == 4
    written = columns(charts["hidden-states"])["sign"][: task.length]
    answers = [task.sign(int(token)) for token in trace.answers[3]]
    if name == "countdown3":
        assert written == ["3", "5", "7", "22", *answers[4:]]
    else:
        assert isinstance(task, Strings)
        assert written == [*"kitten|··sit", answers[12], *"·····"]
        assert np.array_equal(numbers(charts["table"], "number").reshape(7, 4), task.table("kitten", "sit"))


@every
def test_other_figures_of_a_sequence_follow_the_model(
    name: str, sequences: dict[str, Checkpoint], make_model: Make
) -> None:
    task = sequences[name].task
    trace = record(make_model(vocab=task.vocab, length=task.length, layers=2), task.encode(task.parse(INPUTS[name])), 1)
    charts = draw(task, task.parse(INPUTS[name]), trace, 3, loop=1, cell=0)
    assert {*charts} - {"table"} == {
        "hidden-states",
        "convergence",
        "readout",
        "attention-matrix-layer-1",
        "attention-matrix-layer-2",
    }
    assert numbers(charts["attention-matrix-layer-2"], "weight").shape == (2 * task.length**2,)
    dark = draw(task, task.parse(INPUTS[name]), trace, 3, loop=1, cell=0, dark=True)
    for figure, chart in charts.items():
        assert to_csv(chart) == to_csv(dark[figure])
        assert chart.to_dict() != dark[figure].to_dict()


def test_a_position_that_is_not_there_is_refused(sequences: dict[str, Checkpoint], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^there is no position 18: positions are counted from 0 to 17\.$"):
        export(sequences["lcs6"], "ab ba", tmp_path / "out", cell=18)
    with pytest.raises(ValueError, match="There is one word"):
        export(sequences["lcs6"], "ab", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_tables_of_a_grid_say_of_the_source_and_of_walls_what_is_so() -> None:
    """The source is reached, though no dot stands on it; walls alone are given, for of all else something is asked."""
    checkpoint = load_checkpoint("paths-looped")
    task = checkpoint.task
    grid = task.parse(task.examples[0][1])
    trace = record(checkpoint.model, task.encode(grid), 4)
    drawn = draw(task, grid, trace, 4, loop=4, cell=task.first_place(trace.tokens))
    table, path = columns(drawn["grid"]), columns(drawn["hidden-states"])
    assert [reached for source, reached in zip(table["source"], table["reached"], strict=True) if source == "true"] == [
        "true"
    ]
    assert [given == "true" for given in path["given"]][: len(trace.tokens)] == (~task.asked(trace.tokens)).tolist()
