"""The form of a recipe: what a training run needs besides a machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from looped.model.seam import ModelConfig

Mix = tuple[tuple[int, dict[str, Any]], ...]
"""How many inputs of which kind: (count, keywords of `task.sample`). Each is met again only under a random symmetry."""

ASKED = ("every loop", "last loop")
LOSSES = ("cross-entropy", "squared error")
OPTIMIZERS = ("adamw", "muon")


def need(holds: bool, sentence: str) -> None:
    """Raise ValueError with the sentence unless the condition holds."""
    if not holds:
        raise ValueError(sentence)


@dataclass(frozen=True)
class Stage:
    """One part of a run: its inputs, its loops, and a learning rate that warms up to a peak and decays to zero.

    Raises ValueError with one sentence for settings that exclude each other.
    """

    steps: int
    """Steps of optimisation."""
    lr: float
    """The peak of the learning rate."""
    mix: Mix
    loops: int
    """Loops of a step that have gradients; for a standard transformer its layers."""
    skip: tuple[int, ...] = (0,)
    """Loops before them that run without gradient: one of these numbers, drawn for each step."""
    carry: int = 0
    """Inputs go on from their states in the next step, up to so many loops each; 0: every step has new inputs."""
    growth: tuple[tuple[float, int], ...] = ()
    """With carry: (share of the stage's steps, loops) pairs in order; until that share inputs go on for so many loops
    only, so that early loops are learned first."""
    leave: float = 0.0
    """With carry: the probability, after the first quarter of the stage, that a solved input gives way after a step."""
    noise: float = 0.0
    """The share of new inputs that begin with a normalised random state in place of the model's own."""
    astray: float = 0.0
    """With carry, of a model inside a search: the share of inputs that at the beginning of a round are given a guess at
    random, which is mostly wrong, so that conflicts are met."""
    added_only: bool = False
    """Only weights that the recipe adds to those it begins with (`Recipe.adds`) learn; the others stay as they are."""
    ways: int = 1
    """The loss takes any of so many right answers of an input; 1: the one that was generated with it."""
    apart: bool = False
    """The inputs of a step come from one part of the mix, drawn for the step: parts may differ in length."""
    spare: tuple[int, ...] = ()
    """The loops of a step are those that its inputs need (`task.loops_needed`) and one of these numbers more, drawn for
    the step, at most `loops`; (): always `loops`."""
    asked: str = "every loop"
    """After which loops the loss asks for the answer, one of ASKED. A standard transformer has only its last layer."""
    fresh: bool = False
    """The inputs of every step are sampled anew from the seed and the step, in place of a pool that is made once. The
    counts of the mix are then the parts' weights: each step takes one of them."""
    depths: tuple[int, int] | tuple[()] = ()
    """All loops of a step are drawn evenly between these two numbers. The last `loops` of them have gradients and are
    asked, those before run without; (): `loops` after `skip`. A standard transformer has its layers."""
    prefixes: bool = False
    """With fresh: of a causal model y is asked at every example, too, from those before it."""
    ramp: tuple[tuple[str, int, int], ...] = ()
    """With fresh: (keyword of `task.sample`, first, last): it grows evenly from first to last over `ramp_share` of the
    steps and then stays. "loops" are all loops of a step in place of `depths`."""
    ramp_share: float = 0.15
    rest: float = 0.0
    """Weight of a pull to a fixed point (`losses.loss_to_rest`): inputs are asked after the loops that they need and
    after the last one, and the relative change of a finished state is made small; 0: no such pull."""

    def __post_init__(self) -> None:
        need(self.asked in ASKED, f"asked is {self.asked!r}; it must be one of {ASKED}.")
        need(
            not self.carry or not (self.apart or self.spare),
            "inputs that are carried from step to step have one length and one number of loops; "
            "leave out carry, or apart and spare.",
        )
        need(
            not self.spare or not any(self.skip),
            "spare decides all loops of a step; leave out the loops of skip, or spare.",
        )
        need(
            not self.depths or not (self.carry or self.spare or any(self.skip)),
            "depths decides all loops of a step; leave out carry, spare and the loops of skip, or depths.",
        )
        need(
            not self.depths or 1 <= self.depths[0] <= self.depths[1],
            f"depths is {self.depths}; it must be two numbers of loops from 1, the smaller first.",
        )
        need(self.fresh or not (self.prefixes or self.ramp), "prefixes and ramp are for fresh inputs; give fresh.")
        need(not self.fresh or not self.apart, "a fresh step takes one part of the mix by itself; leave out apart.")
        need(
            bool(self.carry) or not (self.growth or self.leave or self.astray),
            "growth, leave and astray are for inputs that go on from step to step; give carry, or leave them out.",
        )
        need(
            not (self.noise and self.rest),
            "a pull to rest is for inputs that begin with the model's own state; leave out noise, or rest.",
        )
        need(
            not self.rest or (bool(self.spare) and self.asked == "last loop"),
            'rest is for steps of the loops that inputs need; give spare and asked="last loop", or leave out rest.',
        )

    def ramped(self, own: int) -> dict[str, int]:
        """Return what the ramps have come to in a step of the stage, by keyword.

        >>> stage = Stage(100, 1e-3, (), loops=15, fresh=True, ramp=(("loops", 15, 30),), ramp_share=0.5)
        >>> [stage.ramped(own)["loops"] for own in (0, 25, 50, 99)]
        [15, 22, 30, 30]
        """
        gone = min(1.0, own / (self.ramp_share * self.steps))
        return {name: int(first + (last - first) * gone) for name, first, last in self.ramp}


@dataclass(frozen=True)
class Recipe:
    """Everything a training run needs besides a machine: `python -m looped train NAME` runs it.

    Raises ValueError with one sentence for a loss or an optimiser that there is not.
    """

    name: str
    """Also the folder of the checkpoint."""
    task: str
    """A name that `looped.tasks.get` knows."""
    model: ModelConfig
    """The config of any registered architecture."""
    stages: tuple[Stage, ...]
    """One after the other; more may follow a finished run."""
    optimizer: str = "adamw"
    """One of OPTIMIZERS: "muon" is for the matrices of the layers, with AdamW for the rest."""
    batch: int = 16
    """Inputs of a step; small, because on two cores steps count more than samples."""
    warmup: int = 100
    """Steps at the start of a stage over which the learning rate rises."""
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.05
    decay_rest: bool = True
    """Whether weights that Muon does not move decay, too."""
    clip: float = 1.0
    """The largest norm of the gradient."""
    seed: int = 0
    evaluate_every: int = 500
    """Steps between two measurements."""
    also: tuple[str, ...] = ()
    """Files with inputs that the exported checkpoint is measured on besides generated ones."""
    sizes: tuple[int, ...] = ()
    """Sizes of generated inputs that the exported checkpoint is measured on; (): the task's usual ones."""
    measured: tuple[int, ...] = ()
    """Loops that the exported checkpoint is measured at; (): half, once, twice and four times the trained loops."""
    start: str = ""
    """The checkpoint whose weights the run begins with, by name or folder; "": random weights."""
    adds: tuple[str, ...] = ()
    """Weights that begin afresh, as random weights do, because the checkpoint that the run begins with lacks them; it
    may then be of another architecture, as long as the sizes that both name agree."""
    average: float = 0.0
    """Measured and exported are weights averaged over the steps: this share of the average is kept in each step."""
    average_warmup: bool = False
    """After n steps at most (1 + n)/(10 + n) of the average is kept, so that the first weights are soon forgotten."""
    evaluate_count: int = 200
    """Held-out inputs measured while training; the card's score is measured on more."""
    half: bool = True
    """Compute in bfloat16 where that is faster; False: always in float32."""
    loss: str = "cross-entropy"
    """One of LOSSES; see `looped.training.losses`."""

    def __post_init__(self) -> None:
        need(self.loss in LOSSES, f"loss is {self.loss!r}; it must be one of {LOSSES}.")
        need(self.optimizer in OPTIMIZERS, f"optimizer is {self.optimizer!r}; it must be one of {OPTIMIZERS}.")
        need(
            bool(self.adds) or not any(stage.added_only for stage in self.stages),
            "added_only is for weights that a recipe adds; give adds, or leave it out.",
        )

    @property
    def steps(self) -> int:
        """Steps of all stages."""
        return sum(stage.steps for stage in self.stages)

    def stage(self, step: int) -> tuple[int, int]:
        """Return which stage a step belongs to, and the step's number in it; steps beyond belong to the last stage."""
        for index, stage in enumerate(self.stages):
            if step < stage.steps or index == len(self.stages) - 1:
                break
            step -= stage.steps
        return index, step

    def shortened(self, steps: int) -> Recipe:
        """Return the recipe with `steps` in all.

        The stage in which they end gets what is left, and later stages go; more steps than there are make the last
        longer.
        """
        index, own = self.stage(steps - 1)
        return replace(self, stages=(*self.stages[:index], replace(self.stages[index], steps=own + 1)))
