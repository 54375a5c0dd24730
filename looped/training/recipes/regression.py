"""Recipes of regression in context (2311.12424): a set of examples, a normalised state, random numbers of loops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from looped import tasks
from looped.model.in_context import InContextConfig
from looped.training.recipes.form import Mix, Recipe, Stage

CORES = ("looped", "tmlt", "standard")
NAMES = ("linear5", "linear20", "sparse20", "tree5", "tree4", "relu5", "relu2", "curves1")
LOOPS = 30
"""Loops of the deepest steps: as far as the page's slider reaches, for loops never asked are worse than guessing."""
WINDOW = 6
"""Loops at the end of a step that have gradients and are asked."""
STEPS = 3_000
"""About ten minutes of half a core."""
PLAIN_LOOPS = 12
"""Loops of the checkpoint whose state is not normalised and grows for ever."""
MEASURED = (6, 15, 30, 60)


def regression(
    task: str,
    core: str,
    steps: int = STEPS,
    settle: int = 0,
    determined: int = 0,
    again: int = 0,
    few: int = 0,
    **settings: Any,
) -> Recipe:
    """Make the recipe of one layer of width 64 that is looped, or of as many distinct ones as WINDOW.

    There may be a second stage of `settle` steps. Half of its prompts begin with a random state of the loop, so that
    any state leads to the answer, that after the last trained loop too: the loop then rests where it was never trained.
    And there may be one of `determined` steps. Two thirds of them have many examples, as many as determine the function
    where there is no noise: with fewer, most of the loss is what no model could know, and hides what it could.
    After it there may be one of `again` steps with as many examples, at half the rate and with random states. And one
    of `few` steps at a quarter of the rate: a third of them have about as many examples as x has numbers, or fewer,
    where a prediction is as good as what it takes for granted of the function; four fifths begin with a random state.
    """
    asked = tasks.get(task)
    dims, most = asked.vocab - 2, asked.sizes()[-1]
    mix: Mix = ((1, {"examples": (0, most)}),)
    first = Stage(steps, 2e-3, mix, loops=WINDOW, fresh=True)
    if core == "standard":
        model = InContextConfig("in-context", dims, core, trained_loops=WINDOW, layers=WINDOW)
        second = replace(first, steps=settle, lr=1e-3)
    else:
        model = InContextConfig("in-context", dims, core, trained_loops=LOOPS, clamp_timestep=core == "tmlt")
        first = replace(first, depths=(2, LOOPS))
        second = replace(first, steps=settle, lr=1e-3, noise=0.5)
        settings = {"measured": MEASURED} | settings
    many: Mix = (*mix, (2, {"examples": (3 * most // 5, most)}))
    third = replace(first, steps=determined, mix=many)
    fourth = replace(second, steps=again, mix=many)
    fifth = replace(second, steps=few, lr=5e-4, mix=((2, mix[0][1]), (1, {"examples": (1, dims + 1)})))
    if core != "standard":
        fifth = replace(fifth, noise=0.8)
    stages = tuple(stage for stage in (first, second, third, fourth, fifth) if stage.steps)
    return Recipe(
        f"{task}-{core}",
        task,
        model,
        stages,
        optimizer="muon",
        batch=64,
        warmup=steps // 50,
        weight_decay=0.0,
        evaluate_every=250,
        half=False,
        loss="squared error",
        sizes=asked.sizes()[::-1],  # the longest prompts first: theirs is the score of a list
        **settings,
    )


def plain(task: str, steps: int = STEPS) -> Recipe:
    """Make the recipe of a looped layer whose state is not normalised, asked after up to PLAIN_LOOPS loops."""
    found = regression(task, "looped", steps, measured=(6, PLAIN_LOOPS, 2 * PLAIN_LOOPS, 4 * PLAIN_LOOPS))
    model = replace(found.model, trained_loops=PLAIN_LOOPS, state_norm=False)
    stages = (replace(found.stages[0], depths=(2, PLAIN_LOOPS)),)
    return replace(found, name=f"{task}-looped-plain", model=model, stages=stages)


def paper(task: str, loops: int, window: int, examples: tuple[int, int]) -> Recipe:
    """Make the recipe of 2311.12424 for a task of 20 dimensions: a matter of days on a GPU, resumable.

    Interleaved, causal prompts; Y[t+1] = M(Y[t] + P); the loss on loops b − T … b, those before outside the gradient;
    dimensions, points and loops that grow; Adam at 1e-4, which here decays to zero, and N for its LayerNorm.
    """
    model = InContextConfig("in-context", 20, "looped", loops, prompt="interleaved", d_model=256, heads=8)
    ramp = (("active", 5, 20), ("examples", *examples), ("loops", window, loops))
    stage = Stage(500_000, 1e-4, ((1, {}),), loops=window, fresh=True, prefixes=True, ramp=ramp)
    return Recipe(
        f"{task}-paper",
        task,
        model,
        (stage,),
        batch=64,
        warmup=0,
        betas=(0.9, 0.999),
        weight_decay=0.0,
        clip=10.0,
        evaluate_every=5_000,
        half=False,
        loss="squared error",
        sizes=(examples[1], 20, 10, 5),
    )


PAPER = {
    "linear20": (30, 15, (11, 41)),
    "sparse20": (20, 10, (11, 41)),
    "tree20": (70, 15, (26, 101)),
    "relu20": (12, 5, (26, 101)),
}
"""Loops b, window T, and points at the beginning and at the end, as in the paper."""
LENGTH = {"sparse20": 12_000}
"""Steps of the first stage, by task, where they are not STEPS."""
SETTLE = {"linear5": 1_500}
"""Steps of the stage that begins with random states, by task."""
DETERMINED = {"linear20": 9_000}
"""Steps of the stage with many examples, by task."""
AGAIN = {"linear20": 9_000}
"""Steps of the stage with as many examples at half the rate, by task."""
FEW = {"linear5": 3_000}
"""Steps of the stage with few examples, by task."""
RECIPES = (
    *(
        regression(
            task,
            core,
            LENGTH.get(task, STEPS),
            settle=SETTLE.get(task, 0),
            determined=DETERMINED.get(task, 0),
            again=AGAIN.get(task, 0),
            few=FEW.get(task, 0),
        )
        for task in NAMES
        for core in CORES
    ),
    plain("linear5"),
    *(paper(task, *sizes) for task, sizes in PAPER.items()),
)
