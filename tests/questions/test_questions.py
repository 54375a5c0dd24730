"""Long questions: what they answer is what the lenses say, and they tell how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from looped import tasks
from looped.catalogue.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from looped.catalogue.evaluate import HELD_OUT_SEED, evaluate
from looped.lenses.attribution import ablation, integrated_gradients
from looped.lenses.basins import basins, endpoints, sudoku_symmetries
from looped.lenses.fixed_point import loop_map, spectral_radius
from looped.lenses.halting import RULES, curve, survey
from looped.lenses.rollout import rollout
from looped.lenses.sweep import sweep_heads, sweep_positions
from looped.lenses.wavefront import wavefront
from looped.questions import BOARDS, COUNT, INPUTS, MINIMAL, QUESTIONS, RUNS, TEMPERATURES, Asked, entries, spread
from looped.runs.trace import Trace, record
from looped.serving.message import Packed
from looped.tasks.words.strings import Strings
from looped.tasks.words.tokens import ASK

PUZZLE = ".3244..32.3..1.2"
LOOPS = 6
OTHERS = {
    "lcs6": "kitten sit",
    "edit_distance6": "kittens sitting",
    "countdown3": "3 5 7 = 22",
}  # the second is longer than in training
KINDS = {"sudoku4-tmlt": "sudoku", "lcs6": "words", "edit_distance6": "words", "countdown3": "countdown"}
ABOUT = [(task, name) for task, kind in KINDS.items() for name, question in QUESTIONS.items() if kind in question.kinds]
every = pytest.mark.parametrize(("about", "name"), ABOUT, indirect=["about"])


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Probes of nobody's earlier runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("looped.questions.CACHE", tmp_path_factory.mktemp("cache"))
        yield


@pytest.fixture(scope="module")
def others(make_model: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Asked]:
    """About two words and a Countdown problem, of models with random weights; the chosen position is the last that is asked."""
    found = {}
    for name, text in OTHERS.items():
        task, folder = tasks.get(name), tmp_path_factory.mktemp("checkpoints") / f"{name}-tiny"
        model = make_model(
            architecture="tmlt",
            vocab=task.vocab,
            length=task.length,
            injection=True,
            state_norm=True,
            positions="learned" if name == "countdown3" else "halves",
        )
        save_checkpoint(folder, model, name, training={}, scores=[])
        tokens = task.encode(task.parse(text))
        found[name] = Asked(
            load_checkpoint(str(folder)), tokens, LOOPS, cell=int(np.flatnonzero(task.asked(tokens))[-1]), loop=4
        )
    return found


@pytest.fixture
def about(request: pytest.FixtureRequest, asked: Asked, others: dict[str, Asked]) -> Asked:
    return others.get(request.param, asked)


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return load_checkpoint("sudoku4-tmlt")


@pytest.fixture(scope="module")
def asked(checkpoint: Checkpoint) -> Asked:
    return Asked(checkpoint, checkpoint.task.encode(checkpoint.task.parse(PUZZLE)), LOOPS, cell=0, loop=4)


@pytest.fixture(scope="module")
def trace(asked: Asked) -> Trace:
    return record(asked.checkpoint.model, asked.tokens, LOOPS)


def last(name: str, asked: Asked) -> Packed:
    *_, answer = QUESTIONS[name].ask(asked)
    return answer


@every
def test_progress_only_grows_and_ends_at_one(name: str, about: Asked) -> None:
    steps = list(QUESTIONS[name].ask(about))
    shares = [step["share"] for step in steps]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] == 1
    shapes = [{key: array.shape for key, array in step["arrays"].items()} for step in steps if step["arrays"]]
    assert all(shape.keys() == shapes[0].keys() for shape in shapes)  # every step that has something can be drawn


@every
def test_the_same_question_has_the_same_answer(name: str, about: Asked) -> None:
    one, two = last(name, about), last(name, about)
    assert one["meta"] == two["meta"]
    assert all(np.array_equal(one["arrays"][key], two["arrays"][key], equal_nan=True) for key in one["arrays"])


def test_rollout(asked: Asked, trace: Trace) -> None:
    flow = last("rollout", asked)["arrays"]["rollout"]
    np.testing.assert_allclose(flow.astype(float), rollout(trace.attention, trace.alpha1), rtol=1e-3, atol=1e-6)


def test_spectrum(asked: Asked, trace: Trace) -> None:
    answer = last("spectrum", asked)["arrays"]
    assert answer["at"].tolist() == list(range(LOOPS))
    wanted = spectral_radius(
        [loop_map(asked.checkpoint.model, asked.tokens, loop) for loop in range(LOOPS)], trace.hidden[:-1]
    )
    np.testing.assert_allclose(answer["radius"][0], wanted.value, rtol=1e-4)
    assert (
        answer["radius"][1] >= 0.99 * answer["radius"][0]
    ).all()  # no difference grows more than the most that can be


def test_cells_and_heads(asked: Asked, trace: Trace) -> None:
    for name, sweep in (("cells", sweep_positions), ("heads", sweep_heads)):
        answer = last(name, asked)
        *_, wanted = sweep(asked.checkpoint.model, trace, 0)
        np.testing.assert_allclose(answer["arrays"]["margin"], wanted.margin.reshape(LOOPS, -1), rtol=1e-4, atol=1e-4)
        assert answer["meta"]["answer"] == trace.answers[-1, 0]


def test_exits(asked: Asked) -> None:
    answer, task = last("exits", asked), asked.checkpoint.task
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out")
    *_, seen = survey(asked.checkpoint.model, tokens, task.right, LOOPS, tokens == 0)
    np.testing.assert_allclose(answer["arrays"]["fixed"], seen.right.mean(1))
    for i, rule in enumerate(RULES):
        wanted = curve(seen.watched[i], seen.right, rule.patience)
        np.testing.assert_allclose(answer["arrays"][f"rule{i}"], [wanted.loops, wanted.accuracy], rtol=1e-6)
    assert answer["meta"]["runs"] == BOARDS


def test_exits_of_boards_without_a_clue_to_spare(asked: Asked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of a size that has no puzzle file they are generated; of 9×9 it is the whole file of the repository."""
    task = asked.checkpoint.task
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out", minimal=True)
    *_, seen = survey(asked.checkpoint.model, tokens, task.right, LOOPS, tokens == 0)
    answer = last("exits_minimal", asked)
    np.testing.assert_allclose(answer["arrays"]["fixed"], seen.right.mean(1))
    assert answer["meta"]["data"] == "no clue to spare"
    nine = load_checkpoint("sudoku9-looped")
    lines = MINIMAL.read_text("utf-8").splitlines()[:12]
    (tmp_path / "few.txt").write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr("looped.questions.MINIMAL", tmp_path / "few.txt")
    puzzles = [line for line in lines if not line.startswith("#")]
    found = last("exits_minimal", Asked(nine, nine.task.encode(nine.task.parse(puzzles[0])), 4, 0, 1))
    assert found["meta"]["runs"] == len(puzzles) > 5


def test_basins(asked: Asked) -> None:
    answer, task = last("turns", asked), asked.checkpoint.task
    *_, found = basins(
        asked.checkpoint.model,
        asked.tokens,
        task.right,
        RUNS,
        LOOPS,
        symmetries=sudoku_symmetries((2, 2), RUNS - 1, seed=0),
    )
    ends = endpoints(found.answers, asked.tokens == 0)
    arrays, meta = answer["arrays"], answer["meta"]
    assert arrays["sizes"].tolist() == ends.sizes.tolist()
    assert arrays["sizes"].sum() == RUNS
    assert arrays["ends"].tolist() == ends.distinct.tolist()
    for end, good in zip(ends.distinct, arrays["ends_right"], strict=True):
        assert bool(good) == bool(task.right(asked.tokens[None], end[None])[0])
    assert (meta["right"], meta["plain_right"], meta["vote_right"]) == (
        int(found.right.sum()),
        bool(found.right[0]),
        bool(task.right(asked.tokens, ends.vote)),
    )
    assert last("noise", asked)["arrays"]["sizes"].sum() == RUNS


def test_temperature(asked: Asked, trace: Trace) -> None:
    answer = last("temperature", asked)
    same = answer["arrays"]["same"]
    assert answer["meta"]["temperatures"] == TEMPERATURES
    assert (same[TEMPERATURES.index(1.0)] == 1).all()
    hard = record(load_checkpoint("sudoku4-tmlt~hardmax").model, asked.tokens, LOOPS)
    np.testing.assert_allclose(same[0], (hard.answers == trace.answers)[:, asked.tokens == 0].mean(-1))
    assert (
        answer["arrays"]["right"][0].tolist()
        == asked.checkpoint.task.right(np.broadcast_to(asked.tokens, hard.answers.shape), hard.answers).tolist()
    )


def test_questions_of_a_board_without_blanks_are_answered(asked: Asked, trace: Trace) -> None:
    full = Asked(asked.checkpoint, trace.answers[-1], LOOPS, 0, 1)
    for name, question in QUESTIONS.items():
        if "sudoku" in question.kinds:
            assert last(name, full)["share"] == 1, name


def test_a_changed_model_is_asked_as_it_is(asked: Asked) -> None:
    changed = Asked(load_checkpoint("sudoku4-tmlt~cut=0_1_2_3"), asked.tokens, LOOPS, 0, 4)
    assert not np.allclose(last("spectrum", changed)["arrays"]["radius"], last("spectrum", asked)["arrays"]["radius"])
    assert (last("heads", changed)["arrays"]["margin"] == 0).all()  # they are cut already
    assert (last("heads", asked)["arrays"]["margin"] != 0).any()


def test_loops_are_spread() -> None:
    assert spread(1) == [0]
    assert spread(256)[0] == 0
    assert spread(256)[-1] == 255
    assert len(spread(256)) == 16


# --------------------------------------------------------------------------------------------------- words and Countdown


def test_every_question_says_which_kinds_of_tasks_it_is_for() -> None:
    only = {name: question.kinds for name, question in QUESTIONS.items() if len(question.kinds) < 3}
    assert only == {
        "exits_minimal": ("sudoku",),
        "turns": ("sudoku",),
        "probes": ("sudoku",),
        "wavefront": ("words",),
        "lengths": ("words",),
    }
    assert {kind for question in QUESTIONS.values() for kind in question.kinds} == {*KINDS.values()}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_asked_decides_end_points_temperatures_and_exits(name: str, others: dict[str, Asked]) -> None:
    asked = others[name]
    task, model, where = asked.checkpoint.task, asked.checkpoint.model, asked.checkpoint.task.asked(asked.tokens)
    assert 0 < where.sum() < len(where)
    *_, found = basins(model, asked.tokens, task.right, RUNS, LOOPS, 1.0)
    arrays = last("noise", asked)["arrays"]
    assert arrays["sizes"].tolist() == endpoints(found.answers, where).sizes.tolist()
    assert arrays["ends"].tolist() == endpoints(found.answers, where).distinct.tolist()
    trace = record(model, asked.tokens, LOOPS)
    hard = record(load_checkpoint(f"{asked.checkpoint.folder}~hardmax").model, asked.tokens, LOOPS)
    np.testing.assert_allclose(
        last("temperature", asked)["arrays"]["same"][0], (hard.answers == trace.answers)[:, where].mean(-1)
    )
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out")
    *_, seen = survey(model, tokens, task.right, LOOPS, task.asked(tokens))
    wanted = curve(seen.watched[0], seen.right, RULES[0].patience)
    np.testing.assert_allclose(last("exits", asked)["arrays"]["rule0"], [wanted.loops, wanted.accuracy], rtol=1e-6)


def test_answers_of_many_tokens_arrive_whole(make_model: Callable[..., Any], tmp_path: Path) -> None:
    """Of distances between long words there are more than a byte can tell apart."""
    task = tasks.get("edit_distance60")
    save_checkpoint(
        tmp_path / "long", make_model(vocab=task.vocab, length=task.length), task.name, training={}, scores=[]
    )
    asked = Asked(load_checkpoint(str(tmp_path / "long")), task.encode(task.parse("kitten sitting")), 1, 6, 1)
    *_, found = basins(asked.checkpoint.model, asked.tokens, task.right, RUNS, 1, 1.0)
    assert found.answers.max() > 255
    assert last("noise", asked)["arrays"]["vote"].tolist() == endpoints(found.answers).vote.tolist()


@pytest.mark.parametrize(("name", "clues"), [("lcs6", [*range(6), 9, 10, 11]), ("countdown3", [0, 1, 2, 3])])
def test_clues_are_letters_or_numbers_and_no_marks(name: str, clues: list[int], others: dict[str, Asked]) -> None:
    asked = others[name]
    answer = last("clues", asked)["arrays"]["clues"]
    assert np.flatnonzero(np.isfinite(answer[0])).tolist() == np.flatnonzero(np.isfinite(answer[1])).tolist() == clues
    *_, wanted = integrated_gradients(asked.checkpoint.model, asked.tokens, asked.cell, asked.loop, np.array(clues))
    np.testing.assert_allclose(answer[0, clues], wanted.scores, rtol=1e-6)


def test_a_letter_that_is_taken_away_is_still_asked(others: dict[str, Asked]) -> None:
    """The chosen letter is a clue for its own answer: with padding in its place, its position answers something else."""
    words = others["lcs6"]
    asked = Asked(words.checkpoint, words.tokens, LOOPS, cell=2, loop=4)
    answer = last("clues", asked)
    *_, wanted = ablation(asked.checkpoint.model, asked.tokens, 2, 4, np.array([2]))
    assert answer["arrays"]["clues"][1, 2] == pytest.approx(wanted.scores[0], rel=1e-5)
    assert wanted.scores[0] != 0
    trace = record(asked.checkpoint.model, asked.tokens, LOOPS)
    assert answer["meta"]["token"] == trace.answers[3, 2]


@pytest.mark.parametrize("name", ["lcs6", "edit_distance6"])
def test_wavefront(name: str, others: dict[str, Asked]) -> None:
    asked = others[name]
    answer, task = last("wavefront", asked), asked.checkpoint.task
    assert isinstance(task, Strings)
    first, second = task.words(asked.tokens)
    shapes = {key: (array.shape, array.dtype) for key, array in answer["arrays"].items()}
    assert shapes == {
        "accuracy": ((LOOPS + 1,), np.float32),
        "control": ((LOOPS + 1,), np.float32),
        "diagonals": ((11, LOOPS + 1), np.float32),
        "read": ((LOOPS + 1, len(first), len(second)), np.int16),
    }
    assert all(np.isfinite(array).all() for array in answer["arrays"].values())
    assert (answer["arrays"]["read"] >= 0).all()
    meta = answer["meta"]
    assert (meta["fitted"], meta["held_out"], meta["fresh"], meta["data"]) == (96, 32, 32, "3 to 6 letters")
    assert 0 < meta["baseline"] < 1
    fitted = entries(task, task.sample(128, seed=11, split="train", letters=(3, 6))[0], 64)
    fresh = entries(task, task.sample(32, seed=12, split="held-out", letters=(6, 6))[0])
    *_, found = wavefront(asked.checkpoint.model, fitted, fresh, entries(task, asked.tokens[None]), LOOPS)
    np.testing.assert_allclose(
        answer["arrays"]["diagonals"][[0, 1, 10]],
        [found.right[:, where].mean((0, 1)) for where in ([0], [1, 6], [35])],
        rtol=1e-6,
    )
    assert np.array_equal(answer["arrays"]["read"], found.read.reshape(LOOPS + 1, len(first), len(second)))
    assert meta["baseline"] < answer["arrays"]["accuracy"][1:].mean()


def test_wavefront_is_asked_of_a_changed_model_as_it_is(others: dict[str, Asked]) -> None:
    asked = others["lcs6"]
    changed = Asked(load_checkpoint(f"{asked.checkpoint.folder}~cut=0_1"), asked.tokens, LOOPS, asked.cell, asked.loop)
    assert changed.checkpoint.sha256 == asked.checkpoint.sha256
    assert not np.array_equal(
        last("wavefront", changed)["arrays"]["accuracy"], last("wavefront", asked)["arrays"]["accuracy"]
    )


def test_lengths(others: dict[str, Asked]) -> None:
    asked = others["lcs6"]
    task, steps = asked.checkpoint.task, list(QUESTIONS["lengths"].ask(asked))
    answer = steps[-1]
    assert answer["meta"] == {"lengths": [2, 3, 4, 5, 6, 7, 8], "count": COUNT, "trained": 6}
    assert answer["arrays"]["right"].shape == (7, LOOPS)
    assert [int(np.isfinite(step["arrays"]["right"]).all(1).sum()) for step in steps] == [1, 2, 3, 4, 5, 6, 7]
    for letters, shares in zip(answer["meta"]["lengths"], answer["arrays"]["right"], strict=True):
        tokens, _ = task.sample(COUNT, seed=13, split="held-out" if letters > 3 else None, letters=(letters, letters))
        assert (task.clues(tokens).sum(1) == 2 * letters).all()
        by_hand = [
            np.mean(
                [task.right(row, record(asked.checkpoint.model, row, LOOPS).answers[loop]) for row in tokens[:COUNT]]
            )
            for loop in (0, 5)
        ]
        np.testing.assert_allclose(shares[[0, 5]], by_hand, rtol=1e-6)
    assert answer["arrays"]["right"].max() > 0  # or nothing was compared


@pytest.mark.parametrize("name", KINDS)
def test_scaling_is_the_first_part_of_what_evaluate_measures(name: str, asked: Asked, others: dict[str, Asked]) -> None:
    about = others.get(name, asked)
    answer = last("scaling", about)
    measured = evaluate(about.checkpoint, loops=[1, 3, LOOPS], limit=INPUTS)
    np.testing.assert_allclose(answer["arrays"]["accuracy"][[0, 2, 5]], measured["accuracy"], atol=1e-4)
    assert answer["meta"]["runs"] == INPUTS
    assert str(HELD_OUT_SEED) in measured["data"]
    assert answer["meta"]["data"] in measured["data"]


def test_scaling_of_a_standard_transformer_is_over_its_layers(make_model: Callable[..., Any], tmp_path: Path) -> None:
    task = tasks.get("lcs6")
    model = make_model(architecture="standard", layers=3, vocab=task.vocab, length=task.length, positions="halves")
    save_checkpoint(tmp_path / "plain", model, "lcs6", training={}, scores=[])
    tokens = task.encode(task.parse("ab b"))
    asked = Asked(load_checkpoint(str(tmp_path / "plain")), tokens, 3, cell=int(np.argmax(tokens == ASK)), loop=3)
    for name, question in QUESTIONS.items():
        if "words" in question.kinds and not question.looped:
            assert last(name, asked)["share"] == 1, name
    assert last("scaling", asked)["arrays"]["accuracy"].shape == (3,)
    assert last("wavefront", asked)["arrays"]["accuracy"].shape == (4,)
