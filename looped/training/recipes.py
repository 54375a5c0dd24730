"""Recipes: how each checkpoint of the catalogue is made, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from looped.model import Config


@dataclass(frozen=True)
class Stage:
    """One part of a run: its puzzles, and a learning rate that warms up to a peak and decays to zero."""

    steps: int  # of optimisation
    lr: float  # peak
    mix: tuple[
        tuple[int, dict[str, Any]], ...
    ]  # how many puzzles of which kind, as `task.sample` is asked; each is met again only under a random symmetry
    loops: int  # loops that are asked for the answer; for a standard transformer its layers, of which the last is asked
    skip: tuple[int, ...] = (
        0,
    )  # before them as many loops run without gradient, one of these numbers drawn for each step
    carry: int = (
        0  # puzzles go on from their states in the next step, up to so many loops each; 0: every step has new ones
    )
    ways: int = 1  # the loss takes any of so many solutions of a problem; 1: the one that was generated with it


@dataclass(frozen=True)
class Recipe:
    """Everything a training run needs besides a machine: `python -m looped train NAME` runs it."""

    name: str  # also the folder of the checkpoint
    task: str  # a name that `looped.tasks.get` knows
    model: Config
    stages: tuple[Stage, ...]  # one after the other; more may follow a finished run
    optimizer: str = "adamw"  # or "muon", for the matrices of the layers
    batch: int = 16  # small on purpose: on two cores, steps count more than samples
    warmup: int = 100  # steps at the start of a stage
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.05
    clip: float = 1.0  # largest norm of the gradient
    seed: int = 0
    evaluate_every: int = 500  # steps
    also: tuple[str, ...] = ()  # files with puzzles that the exported checkpoint is measured on besides generated ones
    measured: tuple[
        int, ...
    ] = ()  # numbers of loops that the exported checkpoint is measured at; none: half, once, twice, four times as trained
    start: str = ""  # the checkpoint whose weights it begins with, by name or folder; none: random ones
    average: float = 0.0  # what is measured and exported are weights averaged over the steps: of the average before, this much is kept in each
    evaluate_count: int = 200  # held-out puzzles looked at while training; the card's score is measured on more

    @property
    def steps(self) -> int:
        return sum(stage.steps for stage in self.stages)

    def stage(self, step: int) -> tuple[int, int]:
        """Which stage a step belongs to, and the stage's own number of that step (the last stage for steps beyond)."""
        for index, stage in enumerate(self.stages):
            if step < stage.steps or index == len(self.stages) - 1:
                break
            step -= stage.steps
        return index, step

    def shortened(self, steps: int) -> Recipe:
        """The same recipe with `steps` in all: the stage that they end in gets what is left, later ones go; more make the last longer."""
        index, own = self.stage(steps - 1)
        return replace(self, stages=(*self.stages[:index], replace(self.stages[index], steps=own + 1)))


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
    """One block, row + column + box codes, input injection, a bounded state: what brings size × size boards to life on
    two cores. Looped model and TMLT of a size meet the same puzzles in the same order for as many steps."""
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
    return Recipe(
        f"sudoku{size}-{architecture}",
        f"sudoku{size}",
        model,
        stages,
        also=(f"assets/sudoku{size}-minimal.txt",) if size > 4 else (),
        **settings,
    )


ORDINARY = ((100_000, {"givens": (24, 42)}),)
# Half of the validation rows need three guesses or more; one minimal puzzle in ten does.
HARD = (
    (20_000, {"minimal": True, "rating": (3, 100)}),
    (30_000, {"minimal": True, "rating": (0.05, 3)}),
    (15_000, {"minimal": True, "rating": (0, 0.05)}),
    (25_000, {"givens": (24, 42)}),
)
# Most boards are soon solved; what is left to learn is in those that need guesses.
HARDER = (
    (60_000, {"minimal": True, "rating": (3, 100)}),
    (45_000, {"minimal": True, "rating": (0.05, 3)}),
    (15_000, {"minimal": True, "rating": (0, 0.05)}),
    (30_000, {"givens": (24, 42)}),
)
SMALL = (Stage(2_500, 2e-3, ((20_000, {"givens": (4, 12)}),), loops=8),)

# Few minimal 6 × 6 puzzles need a guess.
MIDDLE = (
    Stage(
        8_000,
        4e-3,
        ((20_000, {"givens": (12, 20)}), (60_000, {"minimal": True}), (3_000, {"minimal": True, "rating": (0.5, 100)})),
        loops=16,
    ),
)

# Without input injection and with a state that nothing bounds, a loop has no reason to stay where it is right: the model that
# shows overthinking, right at its trained loops and wrong far beyond them.
PLAIN = sudoku(4, (2, 2), "looped", trained_loops=8, width=64, stages=SMALL)
PLAIN = replace(
    PLAIN,
    name="sudoku4-looped-plain",
    measured=(4, 8, 16, 32, 64, 128, 256),
    model=replace(PLAIN.model, injection=False, state_norm=False),
)

# What solves most of the hard boards: attention that need not learn from the codes of places which cells share a row, a column or a box,
# and short windows of loops, which boards go through one after the other, from step to step. In a time more is learned so than with long
# windows, though one loop at a time, with two layers, taught far less. Long windows at the end teach to need fewer loops, and more of the hard
# boards. Boards go on when they are solved, too: where they gave way to new ones, no more hard ones were solved at first, and in the end a looped
# model lost easy ones again beyond the loop in which it had always stopped. The shipped pair was stopped after 89,124 steps: in the rest, at learning
# rates near zero, hardly more boards were solved in 32 loops, and the TMLT lost easy ones beyond them. A width of 256 had learned less in the same ten minutes.
PAIR = tuple(
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
        measured=(16, 32, 64, 128, 256),
        stages=(
            Stage(1_200, 6e-3, ORDINARY, loops=8),
            Stage(72_000, 4e-3, HARDER, loops=4, carry=32),
            Stage(20_000, 3e-3, HARDER, loops=16, carry=32),
        ),
        average=0.999,
    )
    for architecture in ("looped", "tmlt")
)
# What students compare the pair with: its width, its heads and its puzzles, but six layers that are applied once each, of which the last is asked.
STANDARD = Recipe(
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
    also=("assets/sudoku9-minimal.txt",),
)
# Four layers a loop solve more in as many loops. A fourth stage of 16,000 steps, at a peak of 3e-3 and up to 32 loops, ended behind the third.
STRONG = replace(
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
        measured=(16, 32, 64, 128, 256),
        stages=(
            Stage(800, 6e-3, ORDINARY, loops=4),
            Stage(90_000, 4e-3, HARDER, loops=2, carry=16),
            Stage(7_000, 2e-3, HARDER, loops=8, carry=16),
        ),
        average=0.999,
    ),
    name="sudoku9-strong",
)

# For one large GPU, below a million parameters. Four layers a block, 16 loops, batches of 2,048 and a peak of 2e-3 that decays
# to zero are what chenglou/sotaku found to hold its answers far beyond the trained loops; half the batch, or a peak of 1e-3
# or of 2.5e-3, lost them.
LARGE_GPU = Recipe(
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
    also=("assets/sudoku9-minimal.txt",),
)


def paper(architecture: str) -> Recipe:
    """The form of 2410.01405 with the settings of its authors' earlier Sudoku code: no injection, the state starts at the
    embedding, 100,000 puzzles of rating 3 or more, 200 epochs. Not the same: the batch (24 there; this one suits a GPU, and
    the warm-up is as much shorter), and the loss, which here leaves out the givens."""
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
        also=("assets/sudoku9-minimal.txt",),
    )


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
    """Two words or a Countdown problem, in the form that the Sudoku pairs have: input injection and a bounded state. `layers` are
    those of a standard transformer, which meets the same inputs in the same order for as many steps, `block` those of a loop."""
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


def words(kind: str, size: int, architecture: str, width: int, stages: tuple[Stage, ...], **settings: Any) -> Recipe:
    """ "edit_distance" or "lcs" of words of up to `size` letters. Vocabulary and length are those of `looped.tasks.words.strings`."""
    longest = size + size // 3
    return sequence(
        f"{kind}{size}",
        architecture,
        30 + longest * (1 if kind == "lcs" else 4),
        2 * longest + 2,
        "halves",
        width,
        stages,
        **settings,
    )


def grown(size: int, steps: tuple[int, int], loops: int, lr: float = 1e-3) -> tuple[Stage, ...]:
    """Short words first, on which equal letters are noticed soonest and fewer loops do; then all lengths, half of the pairs with
    words of at least half the size."""
    half = size // 2
    return (
        Stage(steps[0], lr, ((100_000, {"letters": (1, half)}),), loops * 2 // 3),
        Stage(steps[1], lr, ((100_000, {}), (100_000, {"letters": (half, size)})), loops),
    )


ARCHITECTURES = ("looped", "tmlt", "standard")
LETTERS12 = grown(12, (2_000, 5_500), loops=12)
# A distance takes longer to learn than what is shared: AdamW with a peak of 1e-3 did not get there in as many steps as LCS took.
DISTANCE12 = grown(12, (1_500, 4_500), loops=12, lr=6e-3)
DISTANCE12 = (*DISTANCE12, replace(DISTANCE12[-1], steps=3_000, lr=3e-3, skip=(0, 12)))
# The problems of the first stage are so few that they are learned by heart. With numbers to 50 there are more, and half of the steps
# begin twelve loops in.
PROBLEMS3 = (
    Stage(10_000, 6e-3, ((100_000, {}),), loops=12),
    Stage(10_000, 6e-3, ((100_000, {}), (300_000, {"high": 50})), loops=12, skip=(0, 12)),
)
# The problems with four numbers up to 10 are so few that they are learned by heart, too; and which of several solutions a search finds first
# is harder to learn than any of them. What follows from the first steps of a solution is learned where they are given. All positions
# are answered at once, so that solutions are mixed; loops that read what the one before would answer can agree on one. Four loops of two
# layers learned sooner than twelve of one, and at least as much as six in less time (one short run each); the later stages carry that far.
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
TEACHING = (
    *(
        words("edit_distance", 12, architecture, width=128, stages=DISTANCE12, batch=64, optimizer="muon")
        for architecture in ARCHITECTURES
    ),
    *(words("lcs", 12, architecture, width=128, stages=LETTERS12, batch=64) for architecture in ARCHITECTURES),
    *(
        sequence("countdown3", architecture, 107, 14, "learned", 128, PROBLEMS3, batch=64, optimizer="muon")
        for architecture in ARCHITECTURES
    ),
    *(
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
    ),
)

# The paper's sizes, width and loops, for a GPU, in the form that the teaching sizes have: bidirectional, with input injection, the
# letters asked too. (There: causal for two words, no injection, one number for a pair; 100 epochs of 1,000,000 pairs, 500 of 500,000 problems.)
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

RECIPES = {
    recipe.name: recipe
    for recipe in (
        *(
            sudoku(4, (2, 2), architecture, trained_loops=8, width=64, stages=SMALL)
            for architecture in ("looped", "tmlt")
        ),
        *(
            sudoku(6, (2, 3), architecture, trained_loops=16, width=64, relations=True, optimizer="muon", stages=MIDDLE)
            for architecture in ("looped", "tmlt")
        ),
        *PAIR,
        PLAIN,
        STANDARD,
        STRONG,
        LARGE_GPU,
        paper("looped"),
        paper("tmlt"),
        *TEACHING,
        *PAPER,
    )
}
