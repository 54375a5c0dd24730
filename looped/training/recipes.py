"""Recipes: how each checkpoint of the catalogue is made, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from looped.model import Config


@dataclass(frozen=True)
class Recipe:
    """Everything a training run needs besides a machine: `python -m looped train NAME` runs it."""

    name: str  # also the folder of the checkpoint
    task: str  # a name that `looped.tasks.get` knows
    model: Config
    steps: int  # of optimisation, all rounds together
    pool: int  # puzzles generated for training; each is met again only under a random symmetry
    sampling: dict[str, Any]  # what `task.sample` is asked for
    batch: int = 16  # small on purpose: on two cores, steps count more than samples
    lr: float = 2e-3  # peak of the first round
    rounds: int = 1  # equal parts of `steps`; in each the learning rate decays to zero from half the peak of the round before
    warmup: int = 100  # steps at the start of a round
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.05
    clip: float = 1.0  # largest norm of the gradient
    seed: int = 0
    evaluate_every: int = 500  # steps
    also: tuple[str, ...] = ()  # files with puzzles that the exported checkpoint is measured on besides generated ones
    evaluate_count: int = 200  # held-out puzzles looked at while training; the card's score is measured on more


def sudoku(size: int, box: tuple[int, int], architecture: str, loops: int, width: int, steps: int, rounds: int, pool: int,
           givens: tuple[int, int]) -> Recipe:
    """One block, row + column + box codes, input injection, a bounded state: what brings size × size boards to life on
    two cores. Looped model and TMLT of a size meet the same puzzles in the same order for as many steps."""
    model = Config(
        architecture, vocab=size + 1, length=size * size, trained_loops=loops, d_model=width, positions="board", box=box,
        injection=True, state_norm=True, init="scaled",
    )
    return Recipe(f"sudoku{size}-{architecture}", f"sudoku{size}", model, steps, pool, {"givens": givens}, rounds=rounds,
                  also=("assets/sudoku9-minimal.txt",) if size == 9 else ())


RECIPES = {
    recipe.name: recipe
    for architecture in ("looped", "tmlt")
    for recipe in (
        sudoku(4, (2, 2), architecture, loops=8, width=64, steps=2500, rounds=1, pool=20_000, givens=(4, 12)),
        sudoku(9, (3, 3), architecture, loops=16, width=128, steps=11_000, rounds=2, pool=100_000, givens=(24, 42)),
    )
}
