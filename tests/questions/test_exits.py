"""Exit rules on held-out inputs, ordinary ones and the hardest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from looped.catalogue.checkpoints import load_checkpoint
from looped.catalogue.intervals import bootstrap_mean
from looped.lenses.halting import RULES, cheapest, curve, saved, survey
from looped.lenses.halting_numbers import RULES as NUMBER_RULES
from looped.places import resource
from looped.questions import BOARDS, Asked
from looped.runs.trace import record
from looped.serving.engine import Engine
from questions.replies import LOOPS, last
from tests.serving.prompt_models import make_catalogue


def test_exits(asked: Asked) -> None:
    answer, task = last("exits", asked), asked.checkpoint.task
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out")
    *_, seen = survey(asked.checkpoint.model, tokens, task.right, LOOPS, tokens == 0)
    np.testing.assert_allclose(answer["arrays"]["fixed"], seen.right.mean(1))
    for i, rule in enumerate(RULES):
        wanted = curve(seen.watched[i], seen.right, rule.patience)
        np.testing.assert_allclose(answer["arrays"][f"rule{i}"], [wanted.loops, wanted.accuracy], rtol=1e-6)
    assert answer["meta"]["runs"] == BOARDS
    best, fixed = answer["meta"]["cheapest"], answer["arrays"]["fixed"]
    loops, accuracy = answer["arrays"][f"rule{best['rule']}"]
    assert best["everywhere"] == int((fixed >= fixed[-1]).argmax()) + 1
    np.testing.assert_allclose(best["loops"], loops[accuracy >= fixed[-1]].min(), rtol=1e-6)
    rule = RULES[best["rule"]]
    chosen = cheapest(
        [curve(one, seen.right, each.patience) for one, each in zip(seen.watched, RULES, strict=True)], fixed
    )
    fewer = saved(seen.watched[best["rule"]], rule, chosen).astype(float)
    assert best["saves"] is bool(bootstrap_mean(fewer)[0] > 0)
    assert best["whole"][0] <= fixed[-1] <= best["whole"][1]
    surest = seen.watched[5].argmin(0)  # 5: one less the confidence
    assert best["peak"] == seen.right[surest, np.arange(BOARDS)].mean()
    assert best["peak_interval"][0] <= best["peak"] <= best["peak_interval"][1]


def test_exits_of_boards_without_a_clue_to_spare(asked: Asked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of a size that has no puzzle file they are generated; of 9×9 it is the whole file of the repository."""
    task = asked.checkpoint.task
    tokens, _ = task.sample(BOARDS, seed=7, split="held-out", minimal=True)
    *_, seen = survey(asked.checkpoint.model, tokens, task.right, LOOPS, tokens == 0)
    answer = last("exits_minimal", asked)
    np.testing.assert_allclose(answer["arrays"]["fixed"], seen.right.mean(1))
    assert answer["meta"]["data"] == "no clue to spare, seed 7"
    assert answer["meta"]["inputs"] == f"{BOARDS} generated held-out boards, no clue to spare, seed 7"
    nine = load_checkpoint("sudoku9-looped")
    file = nine.task.hardest_file()
    assert file is not None
    lines = resource(f"assets/{file}").read_text("utf-8").splitlines()[:12]
    (tmp_path / file).write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr("looped.catalogue.inputs.resource", lambda name: tmp_path / Path(name).name)
    puzzles = [line for line in lines if not line.startswith("#")]
    found = last("exits_minimal", Asked(nine, nine.task.encode(nine.task.parse(puzzles[0])), 4, 0, 1))
    assert found["meta"]["runs"] == len(puzzles) > 5


def test_rules_for_numbers_have_an_error_in_place_of_an_accuracy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("looped.questions.exits.BOARDS", 6)
    checkpoint = Engine(make_catalogue(tmp_path)).checkpoint("linear5-looped")
    task = checkpoint.task
    tokens = task.encode(task.parse("seed=1 examples=2"))
    answer = last("exits", Asked(checkpoint, tokens, LOOPS, 3, 1))
    assert (answer["meta"]["runs"], answer["meta"]["rules"]) == (6, [rule.name for rule in NUMBER_RULES])
    inputs, answers = task.sample(6, seed=7, split="held-out")
    asked = task.asked(inputs)
    said = np.stack([record(checkpoint.model, one, LOOPS).predictions[..., 0] for one in inputs], 1)
    wanted = np.square(said[:, asked] - answers[asked]).sum(-1) / np.square(answers[asked]).sum()
    np.testing.assert_allclose(answer["arrays"]["fixed"], wanted, rtol=1e-4)
    assert {f"rule{i}" for i in range(len(NUMBER_RULES))} | {"fixed"} == answer["arrays"].keys()
