"""A net inside a search: trained on its own searches, stopped and gone on with, begun with the weights of the net."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from looped.catalogue.checkpoints import save_checkpoint
from looped.model.candidates import Candidates, CandidatesConfig
from looped.model.lattice import LatticeConfig
from looped.model.seam import ModelConfig
from looped.training.data import Carried, led_astray
from looped.training.recipes import RECIPES, Recipe, Stage
from looped.training.run import Run
from tests.training.helpers import CPU, assert_same_when_stopped, weights

SIZES = {"box": (2, 2), "width": 8, "contests": 2, "hidden": 8}
HEADS = ("stays.weight", "stays.bias", "clash.weight", "clash.bias")
STAGE = Stage(12, 2e-3, ((40, {"givens": 5}),), loops=1, carry=6, leave=0.5, astray=0.3)
SEARCH = Recipe(
    "search",
    "sudoku4",
    LatticeConfig("lattice", 6, round=2, **SIZES),  # type: ignore[arg-type]
    (STAGE,),
    batch=4,
    warmup=1,
    adds=HEADS,
    evaluate_count=2,
)


def test_a_run_is_the_same_when_it_is_stopped(tmp_path: Path) -> None:
    assert_same_when_stopped(SEARCH, tmp_path)


def test_searches_go_on_from_step_to_step(tmp_path: Path) -> None:
    run = Run(SEARCH, tmp_path, CPU, resume=False)
    guesses, carried = [], None
    for _ in range(12):
        run.one_step()
        before, carried = carried, run.carried
        assert carried is not None
        assert carried.others.keys() == {"removed", "guesses", "doubt"}
        guesses.append((carried.others["guesses"] >= 0).sum(1))
        if before is None:
            continue
        middle = (carried.done % 2 == 0) & (carried.done > 0) & (before.done + 1 == carried.done)
        kept = torch.as_tensor(middle)  # within a round the sets stay as they are
        assert torch.equal(carried.others["removed"][kept], before.others["removed"][kept])
    assert torch.stack(guesses).any(), "no search did anything"


def test_a_file_holds_what_a_search_carries() -> None:
    others = {"removed": torch.arange(6).reshape(2, 3), "doubt": torch.ones(2, 1, dtype=torch.long)}
    one = Carried(np.ones((2, 4)), np.ones((2, 4)), torch.ones(2, 3, 5), np.ones(2, int), np.ones(2, bool), others)
    found = Carried.restored(one.tensors())
    assert found.others.keys() == others.keys()
    assert all(torch.equal(found.others[name], value) for name, value in others.items())
    assert np.array_equal(found.done, one.done)


def test_a_share_of_the_inputs_is_led_astray_by_the_step_alone() -> None:
    recipe = replace(SEARCH, batch=4_000)
    drawn = led_astray(STAGE, recipe, 3)
    assert np.array_equal(drawn, led_astray(STAGE, recipe, 3))
    assert not np.array_equal(drawn, led_astray(STAGE, recipe, 4))
    assert 0.27 < (drawn >= 0).mean() < 0.33
    assert drawn[drawn >= 0].std() > 0.2
    assert (led_astray(replace(STAGE, astray=0.0), recipe, 3) == -1).all()


def net(folder: Path, config: ModelConfig) -> Candidates:
    torch.manual_seed(3)
    made = Candidates(config)  # type: ignore[arg-type]
    save_checkpoint(folder, made, "sudoku4", {}, [], torch.float32)
    return made


def test_it_begins_with_the_weights_of_the_net_and_heads_of_its_own(tmp_path: Path) -> None:
    plain = net(tmp_path / "plain", CandidatesConfig("candidates", 3, **SIZES))  # type: ignore[arg-type]
    run = Run(replace(SEARCH, start=str(tmp_path / "plain")), tmp_path / "run", CPU, resume=False)
    own = weights(run)
    for name, value in plain.state_dict().items():
        assert torch.equal(own.pop(name), value), name
    assert own.keys() == set(HEADS)
    assert not any(value.any() for value in own.values())


def test_the_heads_learn_alone_where_a_stage_says_so_and_the_net_stays_what_it_was(tmp_path: Path) -> None:
    plain = net(tmp_path / "plain", CandidatesConfig("candidates", 3, **SIZES))  # type: ignore[arg-type]
    alone = replace(STAGE, steps=6, loops=2, asked="last loop", added_only=True)
    both = replace(SEARCH, start=str(tmp_path / "plain"), stages=(alone, replace(STAGE, steps=4)))
    run = Run(both, tmp_path / "run", CPU, resume=False)
    for _ in range(6):
        run.one_step()
    assert all(torch.equal(weights(run)[name], value) for name, value in plain.state_dict().items())
    assert all(weights(run)[name].any() for name in HEADS)
    run.one_step()  # of the stage in which all learn
    assert not torch.equal(weights(run)["head"], plain.state_dict()["head"])


@pytest.mark.parametrize(
    ("config", "adds", "what"),
    [
        (CandidatesConfig("candidates", 3, **SIZES | {"width": 4}), HEADS, "width"),  # type: ignore[arg-type]
        (CandidatesConfig("candidates", 3, **SIZES), HEADS[:2], "the names of their weights"),  # type: ignore[arg-type]
        (CandidatesConfig("candidates", 3, **SIZES), (), "architecture, round, remove"),  # type: ignore[arg-type]
    ],
)
def test_other_weights_are_refused(config: ModelConfig, adds: tuple[str, ...], what: str, tmp_path: Path) -> None:
    net(tmp_path / "plain", config)
    asked = replace(SEARCH, start=str(tmp_path / "plain"), adds=adds)
    with pytest.raises(ValueError, match=rf"the models differ in {what}\.$"):
        Run(asked, tmp_path / "run", CPU, resume=False)


def test_the_recipe_names_the_weights_that_its_start_lacks() -> None:
    recipe = RECIPES["sudoku9-lattice"]
    plain, own = (RECIPES[name].model for name in ("sudoku9-candidates-looped", "sudoku9-lattice"))
    from looped.model import registry

    lacking = registry.build(own).state_dict().keys() - registry.build(plain).state_dict().keys()
    assert set(recipe.adds) == lacking
