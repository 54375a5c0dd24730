"""Recipes for Sudoku boards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from looped.model import Config
from looped.model.candidates import CandidatesConfig
from looped.model.lattice import LatticeConfig
from looped.training.recipes.form import Mix, Recipe, Stage


def sudoku(
    size: int,
    box: tuple[int, int],
    architecture: str,
    trained_loops: int,
    width: int,
    stages: tuple[Stage, ...],
    layers: int = 1,
    relations: bool = False,
    clamp_timestep: bool = False,
    **settings: Any,
) -> Recipe:
    """Return the recipe of a looped model or a TMLT for size × size boards.

    One block of `layers` layers, codes of row, column and box, input injection and a bounded state: what learns on two
    cores. The two architectures of a size meet the same boards in the same order for as many steps.
    """
    model = Config(
        architecture,
        vocab=size + 1,
        length=size * size,
        trained_loops=trained_loops,
        d_model=width,
        layers=layers,
        positions="board",
        box=box,
        relations=relations,
        clamp_timestep=clamp_timestep,
        injection=True,
        state_norm=True,
        init="scaled",
    )
    also = (f"assets/sudoku{size}-minimal.txt",) if size > 4 else ()
    return Recipe(f"sudoku{size}-{architecture}", f"sudoku{size}", model, stages, also=also, **settings)


# ------------------------------------------------------------------------------------------------------ 4 × 4 and 6 × 6

SMALL = (Stage(2_500, 2e-3, ((20_000, {"givens": (4, 12)}),), loops=8),)
FOUR = tuple(
    sudoku(4, (2, 2), architecture, trained_loops=8, width=64, stages=SMALL) for architecture in ("looped", "tmlt")
)

# Without input injection and with an unbounded state nothing in training makes a loop keep a right answer: this model
# shows overthinking. It is right at its trained loops and wrong far beyond them.
FOUR_PLAIN = replace(
    FOUR[0],
    name="sudoku4-looped-plain",
    measured=(4, 8, 16, 32, 64, 128, 256),
    model=replace(FOUR[0].model, injection=False, state_norm=False),
)

# Few minimal 6 × 6 boards need a guess.
MIDDLE: Mix = (
    (20_000, {"givens": (12, 20)}),
    (60_000, {"minimal": True}),
    (3_000, {"minimal": True, "rating": (0.5, 100)}),
)
SIX = tuple(
    sudoku(
        6,
        (2, 3),
        architecture,
        trained_loops=16,
        width=64,
        relations=True,
        optimizer="muon",
        stages=(Stage(8_000, 4e-3, MIDDLE, loops=16),),
    )
    for architecture in ("looped", "tmlt")
)

# -------------------------------------------------------------------------------------------------- the boards of 9 × 9

ORDINARY: Mix = ((100_000, {"givens": (24, 42)}),)
# Half of the boards of the usual validation file need three guesses or more; of minimal boards one in ten does.
HARD: Mix = (
    (20_000, {"minimal": True, "rating": (3, 100)}),
    (30_000, {"minimal": True, "rating": (0.05, 3)}),
    (15_000, {"minimal": True, "rating": (0, 0.05)}),
    (25_000, {"givens": (24, 42)}),
)
# Most boards are soon solved. What is left to learn is in those that need guesses.
HARDER: Mix = (
    (60_000, {"minimal": True, "rating": (3, 100)}),
    (45_000, {"minimal": True, "rating": (0.05, 3)}),
    (15_000, {"minimal": True, "rating": (0, 0.05)}),
    (30_000, {"givens": (24, 42)}),
)
MINIMAL = ("assets/sudoku9-minimal.txt",)
FAR = (16, 32, 64, 128, 256)

# --------------------------------------------------------------------------------------- 9 × 9: looped model and TMLT

# What solves most of the hard boards:
# - relations. Attention need not learn from the codes of places which cells share a row, a column or a box.
# - short windows of loops, through which boards go one after the other, from step to step (`carry`). More is learned
#   in a given time than with long windows, although each step trains few loops. Two layers with one loop a step taught
#   far less.
# - long windows at the end: the model then needs fewer loops, and solves more of the hard boards.
# - solved boards go on like the others. When they gave way to new boards, no more hard boards were solved at first,
#   and in the end a looped model lost easy boards again beyond the loop at which it had always stopped.
# The shipped pair was stopped after 89,124 steps. In the rest of the schedule, at learning rates near zero, hardly more
# boards were solved in 32 loops, and the TMLT lost easy boards beyond them. A width of 256 learned less in the same ten
# minutes.
NINE = tuple(
    sudoku(
        9,
        (3, 3),
        architecture,
        trained_loops=32,
        width=128,
        relations=True,
        clamp_timestep=architecture == "tmlt",
        optimizer="muon",
        evaluate_every=500,
        measured=FAR,
        stages=(
            Stage(1_200, 6e-3, ORDINARY, loops=8),
            Stage(72_000, 4e-3, HARDER, loops=4, carry=32),
            Stage(20_000, 3e-3, HARDER, loops=16, carry=32),
        ),
        average=0.999,
    )
    for architecture in ("looped", "tmlt")
)

# --------------------------------------------------------------------------- 9 × 9: the looped model, heads specialised

# The same model in less time:
# - the heads' biases for relations begin as those of a trained model ended, so that no easy stage is needed, and the
#   codes of places near zero: the biases are all the geometry that such a model uses.
# - windows of eight loops take half as many steps of the optimiser as windows of four.
# - ReLU is cheaper than GELU.
# A peak of 8e-3, batches of 32 in half as many steps, and hard boards only from the start were worse.
NINE_SPECIALISED = replace(
    NINE[0],
    name="sudoku9-looped-specialised",
    model=replace(NINE[0].model, init="specialised", activation="relu"),
    stages=(Stage(34_000, 4e-3, HARDER, loops=8, carry=32),),
    evaluate_every=2_000,
    average_warmup=True,
)

# ------------------------------------------------------------------------------ 9 × 9: a position for each candidate

# A third of the parameters of the looped transformer, and right more often in the same time: its weights know of no
# digit, cell, row or column, so that every board teaches it about all that a symmetry makes of it. Early loops are
# learned first; a quarter of the boards begin with a random state, so that a board is solved from anywhere.
NINE_CANDIDATES = Recipe(
    "sudoku9-candidates-looped",
    "sudoku9",
    CandidatesConfig("candidates", trained_loops=64),
    (
        Stage(
            30_000,
            4e-3,
            HARDER,
            loops=4,
            carry=64,
            growth=((0.4, 16), (0.75, 32)),
            leave=0.3,
            noise=0.25,
        ),
    ),
    optimizer="muon",
    batch=8,
    decay_rest=False,
    average=0.999,
    average_warmup=True,
    evaluate_every=2_000,
    also=MINIMAL,
    measured=(16, 32, 64, 128, 256),
)

# The same with a gate and a scale of every layer that depend on the loop: the same data, budget and order of boards.
NINE_CANDIDATES_TMLT = replace(
    NINE_CANDIDATES,
    name="sudoku9-candidates-tmlt",
    model=replace(NINE_CANDIDATES.model, timestep=True, clamp_timestep=True),
)

# ----------------------------------------------------------------------------- 9 × 9: a search around the looped net

# The net of the candidates inside a search by rounds: `--from sudoku9-candidates-looped`, whose readout is asked for
# guesses; the heads that remove candidates and see conflicts begin at zero. Boards go through four rounds and meet sets
# of the search's own making. Wrong guesses are rare by then, so that some are made at random.
SEARCHED: Mix = (
    (6_000, {"minimal": True, "rating": (3, 100)}),
    (3_000, {"minimal": True, "rating": (0.05, 3)}),
    (1_000, {"minimal": True, "rating": (0, 0.05)}),
    (2_000, {"givens": (24, 42)}),
)
NINE_LATTICE = Recipe(
    "sudoku9-lattice",
    "sudoku9",
    LatticeConfig("lattice", trained_loops=64),
    (
        Stage(
            1_000,
            4e-3,
            SEARCHED,
            loops=16,
            carry=64,
            leave=0.3,
            astray=0.2,
            asked="last loop",
            added_only=True,
        ),
    ),
    optimizer="muon",
    batch=8,
    decay_rest=False,
    average=0.99,
    average_warmup=True,
    adds=("stays.weight", "stays.bias", "clash.weight", "clash.bias"),
    evaluate_every=1_000,
    evaluate_count=50,
    also=MINIMAL,
    measured=FAR,
)

# -------------------------------------------------------------------------------------- 9 × 9: the standard transformer

# What students compare the pair with: its width, its heads and its boards, but six layers that are applied once each,
# of which the last is asked.
NINE_STANDARD = Recipe(
    "sudoku9-standard",
    "sudoku9",
    Config(
        "standard",
        vocab=10,
        length=81,
        trained_loops=6,
        layers=6,
        d_model=128,
        positions="board",
        box=(3, 3),
        relations=True,
        init="scaled",
    ),
    (Stage(1_200, 6e-3, ORDINARY, loops=6), Stage(26_000, 4e-3, HARDER, loops=6)),
    optimizer="muon",
    average=0.999,
    also=MINIMAL,
)

# ----------------------------------------------------------------------------------- 9 × 9: the strongest looped models

# Four layers a loop solve more boards in as many loops. A fourth stage of 16,000 steps, with a peak of 3e-3 and up to
# 32 loops, ended behind the third.
NINE_STRONG = replace(
    sudoku(
        9,
        (3, 3),
        "looped",
        trained_loops=16,
        width=128,
        layers=4,
        relations=True,
        optimizer="muon",
        evaluate_every=2_500,
        measured=FAR,
        stages=(
            Stage(800, 6e-3, ORDINARY, loops=4),
            Stage(90_000, 4e-3, HARDER, loops=2, carry=16),
            Stage(7_000, 2e-3, HARDER, loops=8, carry=16),
        ),
        average=0.999,
    ),
    name="sudoku9-strong",
)

# For one large GPU, below a million parameters. Four layers a block, 16 loops, batches of 2,048 and a peak of 2e-3 that
# decays to zero are what chenglou/sotaku found to hold its answers far beyond the trained loops; half the batch, or a
# peak of 1e-3 or of 2.5e-3, lost them.
NINE_STRONG_GPU = Recipe(
    "sudoku9-strong-gpu",
    "sudoku9",
    Config(
        "looped",
        vocab=10,
        length=81,
        trained_loops=16,
        layers=4,
        d_model=128,
        positions="board",
        box=(3, 3),
        injection=True,
        state_norm=True,
        init="scaled",
    ),
    (
        Stage(5_000, 2e-3, ORDINARY, loops=16),
        Stage(45_000, 2e-3, tuple((10 * count, sampling) for count, sampling in HARD), loops=16),
    ),
    batch=2048,
    warmup=1_400,
    also=MINIMAL,
)

# ---------------------------------------------------------------------------------------------- 9 × 9: as in the paper


def paper(architecture: str) -> Recipe:
    """Return the form of 2410.01405 with the settings of its authors' earlier Sudoku code.

    No injection, the state starts at the embedding, 100,000 boards of rating 3 or more, 200 epochs. Two things differ:
    the batch (24 there; this one suits a GPU, and the warm-up is as much shorter), and the loss, which here leaves out
    givens.
    """
    model = Config(architecture, vocab=10, length=81, trained_loops=32, d_model=256)
    stage = Stage(78_125, 1e-4, ((100_000, {"minimal": True, "rating": (3, 100)}),), loops=32)
    return Recipe(
        f"sudoku9-{architecture}-paper",
        "sudoku9",
        model,
        (stage,),
        batch=256,
        warmup=1_000,
        weight_decay=0.01,
        also=MINIMAL,
    )


RECIPES = (
    *FOUR,
    *SIX,
    *NINE,
    NINE_SPECIALISED,
    NINE_CANDIDATES,
    NINE_CANDIDATES_TMLT,
    NINE_LATTICE,
    FOUR_PLAIN,
    NINE_STANDARD,
    NINE_STRONG,
    NINE_STRONG_GPU,
    paper("looped"),
    paper("tmlt"),
)
