"""Recipes: how each checkpoint of the catalogue is made, as data."""

from __future__ import annotations

from dataclasses import dataclass

from looped.model import Config


@dataclass(frozen=True)
class Recipe:
    """Everything a training run needs besides a machine: `python -m looped train NAME` runs it."""

    name: str  # also the folder of the checkpoint
    task: str  # a name that `looped.tasks.get` knows
    model: Config
    steps: int  # the learning rate decays to zero over these steps
    pool: int  # puzzles generated for training; each is met again only under a random symmetry
    sampling: dict[str, object]  # what `task.pool` is asked for
    batch: int = 16  # small on purpose: on two cores, steps count more than samples
    lr: float = 2e-3
    warmup: int = 100  # steps
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.05
    clip: float = 1.0  # largest norm of the gradient
    seed: int = 0
    evaluate_every: int = 500  # steps
    evaluate_count: int = 200  # held-out puzzles looked at while training; the card's score is measured on more


def sudoku(size: int, box: tuple[int, int], architecture: str, **model: object) -> Config:
    """A model for size × size boards: one block, row + column + box codes, input injection, a bounded state."""
    settings: dict[str, object] = {
        "architecture": architecture, "vocab": size + 1, "length": size * size, "positions": "board", "box": box,
        "injection": True, "state_norm": True, "init": "scaled",
    } | model
    return Config(**settings)  # type: ignore[arg-type]


SUDOKU4 = {"task": "sudoku4", "steps": 2500, "pool": 20_000, "sampling": {"givens": (4, 12)}}
SUDOKU9 = {"task": "sudoku9", "steps": 5500, "pool": 100_000, "sampling": {"givens": (24, 42)}}

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("sudoku4-looped", model=sudoku(4, (2, 2), "looped", trained_loops=8, d_model=64), **SUDOKU4),
        Recipe("sudoku4-tmlt", model=sudoku(4, (2, 2), "tmlt", trained_loops=8, d_model=64), **SUDOKU4),
        Recipe("sudoku9-looped", model=sudoku(9, (3, 3), "looped", trained_loops=16), **SUDOKU9),
        Recipe("sudoku9-tmlt", model=sudoku(9, (3, 3), "tmlt", trained_loops=16), **SUDOKU9),
    )
}
