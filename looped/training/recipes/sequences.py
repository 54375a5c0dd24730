"""Recipes for two words (edit distance, longest common subsequence) and for Countdown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from looped import tasks
from looped.model import Config
from looped.training.recipes.form import Mix, Recipe, Stage

ARCHITECTURES = ("looped", "tmlt", "standard")


def sequence(
    task: str,
    architecture: str,
    vocab: int,
    length: int,
    positions: str,
    width: int,
    stages: tuple[Stage, ...],
    layers: int = 6,
    block: int = 1,
    feedback: bool = False,
    **settings: Any,
) -> Recipe:
    """Return a recipe for two words or Countdown, in the form of the Sudoku pairs: injection and a bounded state.

    `layers` are those of a standard transformer, which meets the same inputs in the same order for as many steps;
    `block` are those of a loop.
    """
    if architecture == "standard":
        stages = tuple(replace(stage, loops=layers, skip=(0,)) for stage in stages)
        model = Config(architecture, vocab, length, layers, width, layers=layers, positions=positions, init="scaled")
    else:
        loops = max(stage.loops + max(stage.skip) for stage in stages)
        model = Config(
            architecture,
            vocab,
            length,
            loops,
            width,
            layers=block,
            positions=positions,
            injection=True,
            feedback=feedback,
            state_norm=True,
            init="scaled",
        )
    return Recipe(f"{task}-{architecture}", task, model, stages, **settings)


# ------------------------------------------------------------------------------------------------------------ two words


def words(kind: str, size: int, architecture: str, width: int, stages: tuple[Stage, ...], **settings: Any) -> Recipe:
    """Return the recipe of "edit_distance" or "lcs" for words of up to `size` letters."""
    task = tasks.get(f"{kind}{size}")
    return sequence(task.name, architecture, task.vocab, task.length, "halves", width, stages, **settings)


def grown(size: int, steps: tuple[int, int], loops: int, lr: float = 1e-3) -> tuple[Stage, ...]:
    """Return two stages: short words, then words of all lengths, half of the pairs at least half as long as `size`.

    With short words equal letters are noticed soonest, and fewer loops do.
    """
    half = size // 2
    return (
        Stage(steps[0], lr, ((100_000, {"letters": (1, half)}),), loops * 2 // 3),
        Stage(steps[1], lr, ((100_000, {}), (100_000, {"letters": (half, size)})), loops),
    )


LETTERS12 = grown(12, (2_000, 5_500), loops=12)
# A distance takes longer to learn than a shared subsequence: in the steps that LCS took, AdamW with a peak of 1e-3 did
# not get there.
SOONER = grown(12, (1_500, 4_500), loops=12, lr=6e-3)
# Full-length words that share next to nothing, over few letters and over all 26, are what those stages do not bring.
UNLIKE: Mix = (
    (60_000, {}),
    (60_000, {"letters": (6, 12), "alphabet": (2, 26)}),
    (60_000, {"letters": (8, 12), "alphabet": (2, 6), "unrelated": 1.0}),
    (60_000, {"letters": (8, 12), "alphabet": (6, 26), "unrelated": 1.0}),
)
# Of the pairs that are hardest, many more than one stage sees twice.
UNLIKE_MORE: Mix = (
    (60_000, {}),
    (200_000, {"letters": (8, 12), "alphabet": (2, 6), "unrelated": 1.0}),
    (200_000, {"letters": (8, 12), "alphabet": (6, 26), "unrelated": 1.0}),
)
# And more of them than the next stage sees once.
UNLIKE_MOST: Mix = (
    (60_000, {}),
    (300_000, {"letters": (8, 12), "alphabet": (2, 6), "unrelated": 1.0}),
    (300_000, {"letters": (8, 12), "alphabet": (6, 26), "unrelated": 1.0}),
)
DISTANCE12 = (
    *SOONER,
    replace(SOONER[-1], steps=3_000, lr=3e-3, skip=(0, 12)),
    Stage(6_000, 4e-3, UNLIKE, loops=12, skip=(0, 12)),
    Stage(8_000, 3e-3, UNLIKE_MORE, loops=12, skip=(0, 12)),
    Stage(7_000, 3e-3, UNLIKE_MOST, loops=12, skip=(0, 12)),
)

TWO_WORDS = (
    *(
        words("edit_distance", 12, architecture, width=128, stages=DISTANCE12, batch=64, optimizer="muon")
        for architecture in ARCHITECTURES
    ),
    *(words("lcs", 12, architecture, width=128, stages=LETTERS12, batch=64) for architecture in ARCHITECTURES),
)


def unlike(recipe: Recipe) -> Recipe:
    """Return the recipe that goes on from the weights of another with many unlike words.

    A loop learns for twice its trained loops, too: half of the steps run the first half without gradient.
    """
    skip = (0,) if recipe.model.architecture == "standard" else (0, recipe.model.trained_loops)
    stage = Stage(6_000, 3e-3, UNLIKE_MORE, loops=recipe.model.trained_loops, skip=skip)
    return replace(
        recipe,
        name=f"{recipe.name}-unlike",
        model=replace(recipe.model, trained_loops=stage.loops + max(skip)),
        stages=(stage,),
        optimizer="muon",
        start=recipe.name,
    )


UNLIKE_LCS = tuple(unlike(recipe) for recipe in TWO_WORDS if recipe.task == "lcs12")

# ----------------------------------------------------------------------------------------- Countdown with three numbers

# The problems of the first stage are so few that they are learned by heart. With numbers to 50 there are more, and
# half of the steps begin twelve loops in.
PROBLEMS3 = (
    Stage(10_000, 6e-3, ((100_000, {}),), loops=12),
    Stage(10_000, 6e-3, ((100_000, {}), (300_000, {"high": 50})), loops=12, skip=(0, 12)),
)
THREE_NUMBERS = tuple(
    sequence("countdown3", architecture, 107, 14, "learned", 128, PROBLEMS3, batch=64, optimizer="muon")
    for architecture in ARCHITECTURES
)


def by_numbers(recipe: Recipe) -> Recipe:
    """Return the recipe with whole sets of numbers held out, which no training problem has with any target."""
    stages = tuple(
        replace(stage, mix=tuple((count, sampling | {"split_by": "numbers"}) for count, sampling in stage.mix))
        for stage in recipe.stages
    )
    return replace(recipe, name=f"{recipe.name}-numbers", stages=stages)


SETS_OF_THREE = tuple(map(by_numbers, THREE_NUMBERS))

# ------------------------------------------------------------------------------------------ Countdown with four numbers

# - The problems with numbers up to 10 are so few that they are learned by heart.
# - Which of several solutions a search finds first is harder to learn than any of them: the loss takes any (`ways`).
# - What follows from the first steps of a solution is learned where these steps are given (`shown`).
# - All positions are answered at once, so that solutions are mixed. Loops that read what the loop before would answer
#   can agree on one solution (`feedback`).
# - Four loops of two layers learned sooner than twelve of one, and at least as much as six in less time (one short run
#   each); the later stages carry that to more loops.
LATER4 = Stage(
    4_000, 2e-3, ((100_000, {"high": 15, "shown": 1}), (600_000, {"high": 15})), loops=4, skip=(0, 4, 8), ways=32
)
PROBLEMS4 = (
    Stage(
        36_000,
        6e-3,
        ((50_000, {"high": 15, "shown": 2}), (150_000, {"high": 15, "shown": 1}), (500_000, {"high": 15})),
        loops=4,
        ways=32,
    ),
    LATER4,
    replace(LATER4, steps=6_000),
    replace(
        LATER4,
        steps=36_000,
        mix=((100_000, {"high": 20, "shown": 1}), (300_000, {"high": 15}), (600_000, {"high": 20})),
    ),
)
FOUR_NUMBERS = tuple(
    sequence(
        "countdown4",
        architecture,
        107,
        20,
        "learned",
        128,
        PROBLEMS4,
        block=2,
        feedback=True,
        batch=64,
        optimizer="muon",
        measured=() if architecture == "standard" else (4, 8, 12, 24, 48, 96),
    )
    for architecture in ARCHITECTURES
)

# ----------------------------------------------------------------------------------------------- the sizes of the paper

# The paper's sizes, width and loops, for a GPU, in the form of the teaching sizes: bidirectional, with input
# injection, the letters asked too. (There: causal for two words, no injection, one number for a pair; 100 epochs of
# 1,000,000 pairs, 500 of 500,000 problems.)
PAPER = (
    *(
        words(
            kind,
            size,
            architecture,
            width=256,
            stages=grown(size, (20_000, 60_000), loops=100, lr=5e-4),
            layers=12,
            batch=128,
            warmup=1_000,
        )
        for kind, size in (("edit_distance", 60), ("lcs", 100))
        for architecture in ARCHITECTURES
    ),
    *(
        sequence(
            "countdown4x99",
            architecture,
            10_006,
            20,
            "learned",
            256,
            (Stage(100_000, 5e-4, ((500_000, {}),), loops=32),),
            batch=512,
            warmup=1_000,
        )
        for architecture in ARCHITECTURES
    ),
)

RECIPES = (*TWO_WORDS, *UNLIKE_LCS, *THREE_NUMBERS, *SETS_OF_THREE, *FOUR_NUMBERS, *PAPER)
