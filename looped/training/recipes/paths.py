"""Recipes of Paths: reachability on grids of 5 × 5 to 8 × 8 cells, for models that run on grids of any size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from looped.model import Config
from looped.training.recipes.form import Mix, Recipe, Stage

ARCHITECTURES = ("looped", "tmlt", "standard")
SIZES = (5, 6, 7, 8)
GRIDS: Mix = tuple((20_000, {"size": size, "walls": (0.38, 0.38)}) for size in SIZES)
OTHERS: Mix = tuple((20_000, {"size": size, "walls": (0.3, 0.5)}) for size in SIZES)
# A finished flood is a fixed point, and the same weights answer larger grids, because attention is local, the state is
# normalised, and the number of loops is what each batch needs and some more; the last loop alone is asked. The second
# stage runs on beyond the end of some floods, so that a finished one stays as it is. It still moved, by up to a tenth
# a loop; the third pulls it to rest, asks as soon as the flood can have arrived, and brings more and fewer walls, for
# a cell that is walled in and touches the flood at several corners was marked as reached.


def paths(architecture: str, loops: int = 32, layers: int = 8, steps: int = 800, **settings: Any) -> Recipe:
    """Make the recipe of one layer of width 64 that is looped, or of as many distinct ones as `layers`."""
    shape: dict[str, Any] = {"vocab": 4, "length": 1024, "d_model": 64, "positions": "none", "init": "scaled"}
    shape |= {"attention_to": "neighbourhood", "state_norm": True}
    if architecture == "standard":
        model = Config(architecture, trained_loops=layers, layers=layers, **shape)
        first = Stage(steps, 3e-3, GRIDS, loops=layers, apart=True)
        stages = (first, replace(first, steps=2 * steps, lr=2e-3))
        last = replace(stages[1], lr=1.5e-3, mix=(*GRIDS, *OTHERS))
    else:
        clamped = architecture == "tmlt"
        model = Config(architecture, trained_loops=loops, injection=True, clamp_timestep=clamped, **shape)
        first = Stage(steps, 3e-3, GRIDS, loops=24, apart=True, spare=(2,), asked="last loop")
        stages = (first, replace(first, steps=2 * steps, lr=2e-3, loops=loops, spare=(2, 2, 8)))
        last = replace(stages[1], lr=1.5e-3, mix=(*GRIDS, *OTHERS), spare=(2, 2, 8, 24), rest=0.005)
    return Recipe(
        f"paths-{architecture}",
        "paths",
        model,
        (*stages, last),
        optimizer="muon",
        half=False,
        sizes=(8, 16, 32),
        **settings,
    )


RECIPES = tuple(paths(architecture) for architecture in ARCHITECTURES)
