"""Recipes of regression in context (2311.12424): a set of examples, a normalised state, random numbers of loops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from looped.model.in_context import InContextConfig
from looped.tasks.regression.functions import FORMS
from looped.training.recipes.form import Recipe, Stage

LOOPS = 30
"""Loops of the deepest steps: as far as the page's slider reaches, for loops never asked are worse than guessing."""
WINDOW = 6
"""Loops at the end of a step that have gradients and are asked."""
STEPS = 3_000
"""About ten minutes of half a core."""
PLAIN_LOOPS = 12
"""Loops of the checkpoint whose state is not normalised and grows for ever."""


def regression(task: str, core: str, steps: int = STEPS, name: str = "", **settings: Any) -> Recipe:
    """Make the recipe of one layer of width 64 that is looped, or of as many distinct ones as WINDOW."""
    form = FORMS[task]
    mix = ((1, {"examples": (0, form.most)}),)
    if core == "standard":
        model = InContextConfig("in-context", form.dims, core, trained_loops=WINDOW, layers=WINDOW)
        stage = Stage(steps, 2e-3, mix, loops=WINDOW, fresh=True)
    else:
        model = InContextConfig("in-context", form.dims, core, trained_loops=LOOPS, clamp_timestep=core == "tmlt")
        stage = Stage(steps, 2e-3, mix, loops=WINDOW, fresh=True, depths=(2, LOOPS))
    return Recipe(
        name or f"{task}-{core}",
        task,
        model,
        (stage,),
        **{
            "optimizer": "muon",
            "batch": 64,
            "warmup": steps // 50,
            "weight_decay": 0.0,
            "evaluate_every": 250,
            "half": False,
            "loss": "squared error",
            **settings,
        },
    )


def plain(task: str, steps: int = STEPS) -> Recipe:
    """Make the recipe of a looped layer whose state is not normalised, after every loop up to `PLAIN_LOOPS`."""
    found = regression(task, "looped", steps, name=f"{task}-looped-plain")
    model = replace(found.model, trained_loops=PLAIN_LOOPS, state_norm=False)
    return replace(found, model=model, stages=(replace(found.stages[0], depths=(2, PLAIN_LOOPS)),))


RECIPES = (*(regression(task, core) for task in FORMS for core in ("looped", "tmlt", "standard")), plain("linear5"))
