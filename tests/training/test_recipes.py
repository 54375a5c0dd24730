"""Recipes: their form, and what all of them have in common."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from looped.model import registry
from looped.model.candidates import CandidatesConfig
from looped.training.losses import LOSSES
from looped.training.recipes import RECIPES, Recipe, form
from looped.training.run import Run
from tests.training.helpers import CPU, staged, weights


def test_steps_are_counted_within_their_stage(recipe: Recipe) -> None:
    three = staged(recipe, {"steps": 3}, {"steps": 1}, {"steps": 2})
    assert three.steps == 6
    assert [three.stage(step) for step in range(8)] == [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (2, 1), (2, 2), (2, 3)]


def test_a_shortened_recipe_ends_in_the_stage_in_which_its_last_step_is(recipe: Recipe) -> None:
    three = staged(recipe, {"steps": 3}, {"steps": 1, "lr": 1.0}, {"steps": 2, "lr": 2.0})
    assert [[stage.steps for stage in three.shortened(steps).stages] for steps in range(1, 9)] == [
        [1],
        [2],
        [3],
        [3, 1],
        [3, 1, 1],
        [3, 1, 2],
        [3, 1, 3],
        [3, 1, 4],
    ]
    for steps in range(1, 9):
        short = three.shortened(steps)
        assert short.steps == steps
        assert [stage.lr for stage in short.stages] == [5e-3, 1.0, 2.0][: len(short.stages)]
        assert replace(short, stages=three.stages) == three


def test_every_recipe_names_itself_and_fits_its_task() -> None:
    from looped import tasks

    assert {"sudoku4-looped", "sudoku4-tmlt", "sudoku9-looped", "sudoku9-tmlt"} <= RECIPES.keys()
    for name, recipe in RECIPES.items():
        task = tasks.get(recipe.task)
        model = registry.build_unfilled(recipe.model, "meta")
        places = model.places(model.positions)
        length = model.positions if places is None else len(places)
        assert (recipe.name, model.inputs, length) == (name, task.vocab, task.length)
        assert model.parameters_count < 12_000_000  # and of those for two cores none has two million
        assert model.parameters_count < 2_000_000 or model.width == 256
        standard = recipe.model.architecture == "standard"
        for stage in recipe.stages:
            assert max(stage.loops + max(stage.skip), stage.carry) <= recipe.model.trained_loops
            assert not stage.carry or (stage.skip, stage.carry % stage.loops) == ((0,), 0)
            assert not standard or (stage.loops, stage.skip, stage.carry) == (recipe.model.layers, (0,), 0)
            assert stage.steps > recipe.warmup


KINDS = {
    f"{recipe.task} {json.dumps(sampling)}": (recipe.task, sampling)
    for recipe in RECIPES.values()
    for stage in recipe.stages
    for _, sampling in stage.mix
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_there_are_puzzles_of_every_kind_that_a_recipe_asks_for(kind: str) -> None:
    from looped import tasks

    task, sampling = KINDS[kind]
    puzzles, solutions = tasks.get(task).sample(2, seed=0, split="train", **sampling)
    assert len(puzzles) == len(solutions) == 2
    if tasks.get(task).input_kind == "tokens":  # a real number is never right
        assert tasks.get(task).right(puzzles, solutions).all()


def smaller(model: Any) -> Any:
    """The config of a model that is quick to train."""
    if isinstance(model, CandidatesConfig):
        return replace(model, width=16, contests=2, hidden=8)
    return replace(model, d_model=16, heads=2)


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_recipe_can_be_run_stopped_and_gone_on_with(name: str, tmp_path: Path) -> None:
    recipe = RECIPES[name]
    easy = (
        (
            4,
            {"givens": {"sudoku4": 10, "sudoku6": 18, "sudoku9": 36}[recipe.task]}
            if recipe.task.startswith("sudoku")
            else {},
        ),
    )
    small = replace(
        recipe,
        model=recipe.model if recipe.start else smaller(recipe.model),  # the weights that it begins with are as wide
        batch=2,
        evaluate_count=2,
        stages=tuple(replace(stage, steps=1, mix=easy) for stage in recipe.stages),
    )
    whole = Run(small, tmp_path / "whole", CPU, resume=False)
    assert whole.train() is True
    for resume in range(small.steps):
        run = Run(small, tmp_path / "parts", CPU, resume=resume > 0)
        assert run.step == resume
        run.train(minutes=0)
    assert run.step == small.steps
    for name, value in weights(whole).items():
        assert torch.equal(value, weights(run)[name]), name


@pytest.mark.parametrize(
    "task",
    [
        "sudoku4",
        "sudoku6",
        "sudoku9",
        *{
            recipe.task: 0
            for recipe in RECIPES.values()
            if not recipe.task.startswith("sudoku") and f"{recipe.task}-tmlt" in RECIPES
        },
    ],
)
def test_looped_model_and_tmlt_of_a_task_differ_in_nothing_but_the_architecture(task: str) -> None:
    one, other = RECIPES[f"{task}-looped"], RECIPES[f"{task}-tmlt"]
    # A looped model has no timestep to clamp beyond its trained loops, where no step of training goes.
    architecture = "core" if hasattr(one.model, "core") else "architecture"
    model = replace(one.model, **{architecture: "tmlt"}, clamp_timestep=other.model.clamp_timestep)
    assert replace(one, name=other.name, model=model) == other
    if task.startswith("sudoku"):  # the standard transformer of 9 × 9 has stages of its own, with the same puzzles
        return
    plain = RECIPES[f"{task}-standard"]  # the same data and steps, but its layers in place of the loops
    without_loops = {"loops": 0, "skip": (), "carry": 0, "spare": (), "asked": "last loop", "rest": 0.0}
    without_loops |= {"depths": (), "noise": 0.0}
    assert [replace(stage, **without_loops) for stage in plain.stages] == [
        replace(stage, **without_loops) for stage in one.stages
    ]
    assert (plain.batch, plain.warmup, plain.seed) == (one.batch, one.warmup, one.seed)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"asked": "some loops"}, "asked is 'some loops'; it must be one of ('every loop', 'last loop')."),
        (
            {"carry": 4, "apart": True},
            "inputs that are carried from step to step have one length and one number of loops; "
            "leave out carry, or apart and spare.",
        ),
        (
            {"skip": (0, 2), "spare": (1,)},
            "spare decides all loops of a step; leave out the loops of skip, or spare.",
        ),
        (
            {"rest": 0.01, "asked": "last loop"},
            'rest is for steps of the loops that inputs need; give spare and asked="last loop", or leave out rest.',
        ),
    ],
)
def test_a_stage_whose_settings_exclude_each_other_is_refused(
    recipe: Recipe, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole sentence is compared)
        staged(recipe, change)
    assert str(caught.value) == sentence


def test_a_recipe_names_a_loss_and_an_optimiser_that_there_are(recipe: Recipe) -> None:
    with pytest.raises(
        ValueError, match=r"^loss is 'hinge'; it must be one of \('cross-entropy', 'squared error'\)\.$"
    ):
        replace(recipe, loss="hinge")
    with pytest.raises(ValueError, match=r"^optimizer is 'sgd'; it must be one of \('adamw', 'muon'\)\.$"):
        replace(recipe, optimizer="sgd")
    assert tuple(LOSSES) == form.LOSSES


def test_a_stage_in_which_only_added_weights_learn_needs_some(recipe: Recipe) -> None:
    with pytest.raises(
        ValueError, match=r"^added_only is for weights that a recipe adds; give adds, or leave it out\.$"
    ):
        staged(recipe, {"added_only": True})


def test_whole_sets_of_numbers_are_held_out_in_every_stage_and_all_else_is_the_same() -> None:
    for architecture in ("looped", "tmlt", "standard"):
        usual, apart = RECIPES[f"countdown3-{architecture}"], RECIPES[f"countdown3-{architecture}-numbers"]
        assert all(sampling["split_by"] == "numbers" for stage in apart.stages for _, sampling in stage.mix)
        mixes = [[(count, {**sampling, "split_by": "numbers"}) for count, sampling in s.mix] for s in usual.stages]
        assert [list(stage.mix) for stage in apart.stages] == mixes
        stages = tuple(replace(ours, mix=theirs.mix) for ours, theirs in zip(apart.stages, usual.stages, strict=True))
        assert replace(apart, name=usual.name, stages=stages) == usual
