"""Measurements of runs and models, each a question with a panel: the answers are the lenses'."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from looped.__main__ import main
from looped.catalogue.checkpoints import load_checkpoint
from looped.catalogue.inputs import HELD_OUT_SEED
from looped.catalogue.intervals import wilson
from looped.catalogue.spending import ways_of
from looped.lenses.calibration import calibration, survey
from looped.lenses.fixed_point import loop_map
from looped.lenses.layerwise import layerwise, streams_of
from looped.lenses.linear import Map, fit, linear
from looped.lenses.locality import locality, steps_between
from looped.lenses.lyapunov import lyapunov
from looped.lenses.recovery import loops_back, recovery
from looped.lenses.resting import area, rests
from looped.lenses.similarity import similarity
from looped.questions import Asked
from looped.questions import linear as linear_question
from looped.questions.compute import SEED
from looped.runs.trace import Trace, record
from questions.replies import LOOPS, last


def test_similarity(asked: Asked, trace: Trace) -> None:
    answer, wanted = last("similarity", asked), similarity(trace.hidden)
    assert answer["arrays"]["at"].tolist() == list(range(LOOPS + 1))
    np.testing.assert_allclose(answer["arrays"]["cka"], wanted.cka, rtol=1e-4, atol=1e-5)
    assert answer["meta"] == {"end": wanted.end, "few": False}


def test_a_long_run_is_compared_at_some_of_its_loops(asked: Asked) -> None:
    at = last("similarity", replace(asked, loops=200))["arrays"]["at"]
    assert (len(at), at[0], at[-1]) == (65, 0, 200)


def test_lyapunov(asked: Asked, trace: Trace) -> None:
    answer = last("lyapunov", asked)
    maps = [loop_map(asked.checkpoint.model, asked.tokens, loop) for loop in range(LOOPS)]
    *_, wanted = lyapunov(maps, trace.hidden[:-1])
    np.testing.assert_allclose(answer["arrays"]["local"], wanted.local, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(answer["arrays"]["growth"], np.exp(wanted.local[0, :, 0]), rtol=1e-3)
    ends = [wanted.late[:, 0].min(), wanted.late[:, 0].max()]
    np.testing.assert_allclose(answer["arrays"]["largest"], ends, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(answer["arrays"]["factor"], np.exp(ends), rtol=1e-4)
    np.testing.assert_allclose(answer["arrays"]["late"], wanted.late, rtol=1e-4, atol=1e-4)
    assert answer["meta"] == {"done": LOOPS, "kind": wanted.kind}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    for name in ("calibration", "resting"):
        monkeypatch.setattr(f"looped.questions.{name}.INPUTS", 20)
    return 20


def test_calibration(asked: Asked, few: int) -> None:
    answer, task = last("calibration", asked), asked.checkpoint.task
    tokens, answers = task.sample(few, HELD_OUT_SEED, "held-out")
    *_, found = survey(asked.checkpoint.model, tokens, task.targets(tokens, answers), LOOPS)
    wanted = calibration(found.probability, found.right)
    for name in ("counts", "accuracy", "error", "committed", "wrong"):
        np.testing.assert_allclose(answer["arrays"][name], getattr(wanted, name), rtol=1e-5, atol=1e-6)
    gap = answer["arrays"]["gap"]
    np.testing.assert_allclose(gap[:, 0], wanted.gap, rtol=1e-4, atol=1e-6)
    assert (gap[:, 1] <= gap[:, 0] + 1e-6).all()
    assert (gap[:, 0] <= gap[:, 2] + 1e-6).all()
    too_sure = answer["arrays"]["too_sure"]
    digits = answer["arrays"]["decimals"].tolist()  # of the points that are written
    assert all(1 <= many <= 4 for many in digits)
    written = [(100 * row).astype(float).round(most) for row, most in zip(gap, digits, strict=True)]
    assert too_sure.tolist() == [1 if low > 0 else -1 if high < 0 else 0 for _, low, high in written]
    assert (answer["meta"]["runs"], answer["meta"]["answers"]) == (few, (tokens == 0).sum())


def test_resting(asked: Asked, few: int) -> None:
    answer, task = last("resting", asked), asked.checkpoint.task
    tokens, _ = task.sample(few, HELD_OUT_SEED, "held-out")
    *_, found = rests(asked.checkpoint.model, tokens, task.right, LOOPS, tokens == 0)
    arrays = answer["arrays"]
    np.testing.assert_array_equal(arrays["table"], found.table)
    np.testing.assert_array_equal(arrays["lost"], found.lost)
    step = area(-found.residual, found.right)
    np.testing.assert_allclose(arrays["area"][0], np.column_stack([step.value, step.interval]), rtol=1e-5)
    assert arrays["table"].sum() == answer["meta"]["runs"] == few
    ends = arrays["area"][..., 1:]
    np.testing.assert_array_equal(arrays["tells"], (ends[..., 0] > 0.5).astype(int) - (ends[..., 1] < 0.5))
    hard = last("resting_minimal", asked)
    inputs = "20 generated held-out boards, no clue to spare, seed 7"
    told = hard["meta"].pop("alike")
    assert all(1 <= first <= last <= LOOPS for first, last, _ in told)
    counted = hard["meta"].pop("verdicts")
    assert [sum(many for _, many in part) for part in counted] == hard["arrays"]["table"].sum(1).tolist()
    assert answer["meta"]["verdicts"] == found.verdicts
    assert hard["meta"] == {"runs": few, "data": "no clue to spare, seed 7", "inputs": inputs}
    bare = {loop for first, last, _ in answer["meta"]["alike"] for loop in range(first, last + 1)}
    assert bare == {loop for loop in range(1, LOOPS + 1) if np.isnan(arrays["area"][0, loop - 1, 0])}
    usual = f"5 to 10 givens, seed {HELD_OUT_SEED}"
    assert (answer["meta"]["data"], answer["meta"]["inputs"]) == (usual, f"20 generated held-out boards, {usual}")


def test_compute(asked: Asked, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("looped.questions.compute.INPUTS", 30)
    answer = last("compute", asked)
    tokens = asked.checkpoint.task.sample_hardest(30, SEED)
    *_, ways = ways_of(asked.checkpoint, tokens, LOOPS, 4)
    arrays, meta = answer["arrays"], answer["meta"]
    shares = [way.right.mean() for way in ways]
    np.testing.assert_allclose(arrays["accuracy"], [[share, *wilson(float(share), 30)] for share in shares], rtol=1e-5)
    np.testing.assert_allclose(arrays["loops"], [way.loops.mean() for way in ways], rtol=1e-5)
    assert (meta["runs"], meta["of_each"], len(meta["words"]), meta["data"]) == (30, 4, 9, "no clue to spare, seed 11")
    best = meta["cheapest"]
    assert shares[best] == max(shares)
    assert arrays["loops"][best] == min(
        loops for loops, share in zip(arrays["loops"], shares, strict=True) if share == max(shares)
    )
    assert meta["words"][:2] == ["one run, to its end", "one run, its answer at peak confidence"]
    assert meta["more"] == (shares[best] > shares[0])
    assert len(meta["names"]) == len(set(meta["names"])) == 9
    counts = [re.findall(r"up to \d|\d|one", words)[0].replace("one", "1") for words in meta["words"]]
    assert [name[: len(count)] for name, count in zip(meta["names"], counts, strict=True)] == counts
    words, _, command = meta["inputs"].partition(": python -m looped ")
    assert words == "30 generated held-out boards, no clue to spare, seed 11"
    capsys.readouterr()
    assert main([*command.split(), "--json"]) == 0  # the command that it names gives the same numbers
    spent = json.loads(capsys.readouterr().out)["with_ways"]["ways"]
    np.testing.assert_allclose([way["accuracy"] for way in spent], shares, atol=1e-4)
    np.testing.assert_allclose([way["loops_run"] for way in spent], arrays["loops"], atol=0.01)


def test_layerwise() -> None:
    net = load_checkpoint("sudoku4-candidates-looped")
    board = Asked(net, net.task.encode(net.task.parse("4......2...33...")), 60, cell=0, loop=1)
    answer, wanted = last("layerwise", board), layerwise(streams_of(net.model, board.tokens, 60))
    for name in ("moved", "within", "since", "apart"):
        np.testing.assert_allclose(answer["arrays"][name], getattr(wanted, name), rtol=1e-4, err_msg=name)
    assert answer["meta"] == {"rests": 2}  # and they rest apart from each other
    assert answer["arrays"]["apart"][0, 1] > 0.1


def test_linear(asked: Asked, trace: Trace) -> None:
    answer, model = last("linear", asked), asked.checkpoint.model
    inputs, _ = asked.checkpoint.task.sample(16, linear_question.SEED, "held-out")
    runs = [record(model, tokens, LOOPS, verify=False).hidden for tokens in inputs]
    found = fit((run[t], run[t + 1]) for run in runs for t in range(LOOPS))
    wanted, arrays = linear(found, trace.hidden), answer["arrays"]
    for name in ("error", "still", "ahead", "ahead_still"):
        np.testing.assert_allclose(arrays[name], getattr(wanted, name), rtol=1e-3, err_msg=name)
    np.testing.assert_allclose(np.hypot(*arrays["eigenvalues"].T), np.abs(found.eigenvalues), rtol=1e-3, atol=1e-4)
    better = (wanted.ahead < wanted.ahead_still).tolist()
    assert answer["meta"]["good"] == [*better, False].index(False)
    assert answer["meta"]["explained"] == pytest.approx(wanted.explained, rel=1e-3)
    assert answer["meta"]["modulus"] == pytest.approx(np.abs(found.eigenvalues).max(), rel=1e-3)


@pytest.mark.parametrize(
    ("factor", "modulus", "side"),
    [(0.9999, 0.9999, "below"), (1.0001, 1.0001, "above"), (-1.0001, 1.0001, "above"), (1 + 1e-9, 1.0, "at")],
)
def test_a_modulus_is_said_to_be_below_or_above_one(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, factor: float, modulus: float, side: str
) -> None:
    """However near it is, down to a millionth."""
    width = asked.checkpoint.model.width
    monkeypatch.setattr(linear_question, "fit", lambda _: Map(factor * np.eye(width), np.zeros(width)))
    meta = last("linear", asked)["meta"]
    assert (meta["modulus"], meta["side"]) == (modulus, side)


def test_recovery(asked: Asked) -> None:
    answer, task = last("recovery", asked), asked.checkpoint.task
    *_, wanted = recovery(asked.checkpoint.model, asked.tokens, task.right, asked.tokens == 0, LOOPS, LOOPS)
    arrays, meta = answer["arrays"], answer["meta"]
    np.testing.assert_allclose(arrays["distance"], np.median(wanted.distance, 1), rtol=1e-5)
    np.testing.assert_array_equal(arrays["back"], wanted.back.sum(1))
    np.testing.assert_array_equal(arrays["right"], wanted.right.sum(1))
    assert len(arrays["back"]) == len(meta["noise"] + meta["exchanged"]) == meta["done"]
    when = loops_back(wanted.same)
    for row, median in enumerate(arrays["loops_back"]):
        most = np.isfinite(when[row]).sum() > meta["draws"] / 2
        assert np.isfinite(median) == most, row
        if wanted.back[row].all():
            assert median == np.median(when[row])


def test_locality(asked: Asked) -> None:
    answer, board = last("locality", asked), np.arange(16)
    units = [board // 4, board % 4, board // 8 * 2 + board % 4 // 2]
    others = [digit for digit in range(1, 5) if digit != asked.tokens[0]]
    wanted = locality(asked.checkpoint.model, asked.tokens, 0, others, steps_between(units, 0), LOOPS)
    for name in ("change", "bands", "mean", "touched", "near", "reach"):
        np.testing.assert_allclose(answer["arrays"][name], getattr(wanted, name), rtol=1e-5, err_msg=name)
    assert answer["meta"] == {
        "cell": 0,
        "chosen": True,
        "inputs": "tokens of 64 generated held-out boards, seed 7, and 16 images of each under symmetries",
        "tried": len(others),
        "possible": len(others),
        "even": wanted.even,
        "kind": "group",
    }


def test_every_other_token_is_found_for_every_place(
    asked: Asked, others: dict[str, Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few inputs lack a digit at a place; with their images under symmetries nothing is left out."""
    words = last("locality", others["lcs6"])["meta"]
    assert (words["tried"], words["possible"]) == (9, 25)
    monkeypatch.setattr("looped.questions.locality.INPUTS", 8)
    for cell, given in enumerate(asked.tokens):
        meta = last("locality", replace(asked, cell=cell))["meta"]
        assert (meta["cell"], meta["tried"], meta["possible"]) == (cell, *[3 if given else 4] * 2)


def test_a_place_for_an_answer_is_not_changed(others: dict[str, Asked]) -> None:
    meta = last("locality", others["countdown3"])["meta"]
    assert (meta["cell"], meta["chosen"], meta["kind"]) == (0, False, "sequence")
