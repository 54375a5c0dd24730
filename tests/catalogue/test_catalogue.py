"""The checkpoints that come with the project: whole, measured, and as good as their cards say.

Nothing else in the tests depends on a trained checkpoint.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import CATALOGUE, Checkpoint, load_checkpoint
from looped.catalogue.evaluate import evaluate
from looped.catalogue.results import values_of
from looped.runs.trace import record
from looped.tasks.sudoku.geometry import BOXES
from looped.training.cards import card
from looped.training.recipes import RECIPES, Recipe, Stage
from looped.training.state import defaults

ROOT = Path(__file__).resolve().parents[2]
AGAIN = {"sudoku4": 60, "sudoku6": 40, "sudoku9": 16, "paths": 8}
"""How many inputs are looked at again; of tasks not named 100."""
NAMES = checkpoints.names()
every = pytest.mark.parametrize("name", NAMES)


def test_every_size_of_board_has_a_pair() -> None:
    assert {f"sudoku{size}-{architecture}" for size in BOXES for architecture in ("looped", "tmlt")} <= set(NAMES)


@every
def test_it_is_the_file_its_config_describes_and_every_weight_is_a_number(name: str) -> None:
    checkpoint = load_checkpoint(name)
    info = json.loads((CATALOGUE / name / "config.json").read_text("utf-8"))
    assert info["name"] == name
    assert (
        info["sha256"]
        == hashlib.sha256((CATALOGUE / name / "model.safetensors").read_bytes()).hexdigest()
        == checkpoint.sha256
    )
    assert info["parameters"] == checkpoint.model.parameters_count
    for key, value in checkpoint.model.state_dict().items():
        assert torch.isfinite(value).all(), key


@every
def test_its_name_says_what_it_is_and_its_recipe_can_be_run_again(name: str) -> None:
    checkpoint = load_checkpoint(name)
    assert name.startswith(f"{checkpoint.task.name}-")
    recipe = checkpoint.info["training"]["recipe"]
    assert (
        recipe["model"]["architecture"] == RECIPES[recipe["name"]].model.architecture == checkpoint.config.architecture
    )
    for saved, kind in ((recipe, Recipe), *((stage, Stage) for stage in recipe["stages"])):
        known = {field.name for field in fields(kind)}
        assert saved.keys() <= known
        assert known - saved.keys() <= defaults(kind).keys()  # saved before there was such a setting
    assert checkpoint.info["training"]["steps"] > 0


@every
def test_the_card_is_made_of_the_config_and_names_every_score(name: str) -> None:
    checkpoint = load_checkpoint(name)
    text = (CATALOGUE / name / "README.md").read_text("utf-8")
    assert checkpoint.info["scores"], "nothing was measured"
    assert checkpoint.sha256[:16] in text
    for score in checkpoint.info["scores"]:
        assert f"{score['data']} (n = {score['n']:,})" in text
        assert " | ".join(values_of(score)) in text
    assert text == card(checkpoint)


def looked_at_again(checkpoint: Checkpoint, score: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A few of the inputs of a score, at the trained loops: what `evaluate` measures now."""
    trained, count = checkpoint.config.trained_loops, AGAIN.get(checkpoint.task.name, 100)
    test = score.get("set") == "test"
    loops = [loops for loops in score["loops"] if loops == trained] or score["loops"]
    if "file" not in score:
        hard = "hardest" in score
        result = evaluate(checkpoint, loops=loops, limit=count, size=score.get("size"), test=test, hard=hard)
        assert result["data"] == score["data"]
        return result
    lines = [
        line
        for line in (ROOT / score["file"]).read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert score["n"] == len(lines)  # a puzzle a line
    (folder / "some.txt").write_text(
        "\n".join(lines[:: len(lines) // count][:count]), "utf-8"
    )  # from everywhere in the file
    return evaluate(checkpoint, str(folder / "some.txt"), loops)


def some_of(scores: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The first of each set of data; of the validation set, which several sizes may have, the last, too."""
    data: dict[Any, list[dict[str, Any]]] = {}
    for score in scores:
        data.setdefault((score.get("set"), score.get("file")), []).append(score)
    for (of, _), sizes in data.items():
        yield sizes[0]
        if of is None and len(sizes) > 1:
            yield sizes[-1]


@every
def test_its_scores_are_measured_again(name: str, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(name)
    assert checkpoint.info["scores"], "nothing was measured"
    for score in some_of(checkpoint.info["scores"]):
        again = looked_at_again(checkpoint, score, tmp_path)
        assert again["n"] == AGAIN.get(checkpoint.task.name, 100)
        assert checkpoint.config.trained_loops in again["loops"] or again["loops"] == score["loops"]
        if "error" in score:
            spans = dict(zip(score["loops"], score["interval"], strict=True))
            for loops, (low, high) in zip(again["loops"], again["interval"], strict=True):
                least, most = spans[loops]
                wider = high - low  # of fewer inputs with heavy tails: on each side as much again as the interval
                now = f"{score['data']}, {loops} loops: {low} to {high} now, {least} to {most} recorded"
                assert low - wider <= most, now
                assert high + wider >= least, now
            continue
        recorded = dict(zip(score["loops"], score["accuracy"], strict=True))
        for loops, share in zip(again["loops"], again["accuracy"], strict=True):
            # Four standard errors of a share of so many inputs (Laplace's estimate: 0 and 1 have one too) and an input.
            p = (recorded[loops] * score["n"] + 1) / (score["n"] + 2)
            slack = 4 * math.sqrt(p * (1 - p) / again["n"]) + 1 / again["n"]
            assert abs(share - recorded[loops]) <= slack, (
                f"{score['data']}, {loops} loops: {share} now, {recorded[loops]} recorded"
            )


@every
def test_what_is_recorded_is_what_it_computes(name: str) -> None:
    checkpoint = load_checkpoint(name)
    trained, standard = checkpoint.config.trained_loops, checkpoint.model.most_loops is not None
    loops = trained if standard else 2 * trained
    for tokens in checkpoint.task.sample(3, seed=1, split="held-out")[0]:
        assert record(checkpoint.model, tokens, trained).difference < 1e-4
        trace = record(checkpoint.model, tokens, loops)
        assert trace.difference < (
            1e-4 if standard else 1e-3
        )  # every loop amplifies the rounding of those before; beyond this the page says so
        batch = torch.as_tensor(tokens if tokens.dtype.kind == "f" else tokens.astype(np.int64))[None]
        plain = checkpoint.model(batch, loops)[0].detach().numpy()
        if checkpoint.model.output_kind == "numbers":
            assert np.allclose(trace.answered[-1], plain, atol=1e-3)
        else:
            assert np.array_equal(trace.answered[-1], plain.argmax(-1))
