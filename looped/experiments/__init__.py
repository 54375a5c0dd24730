"""The open checks of the papers as experiments that run in a minute: the same for a page, a command and a notebook.

Each takes a checkpoint that learns functions from the examples of its prompt, compares it with others of its
task and with known methods, and yields what is known so far. Its result ends in a sentence whose numbers have
intervals, and which claims no difference that lies inside of one.

A new experiment is a file of this room with `run`, and an entry of `EXPERIMENTS`.
"""

from __future__ import annotations

from typing import Any

from looped.catalogue.checkpoints import Checkpoint
from looped.experiments import adaptive, bias, farther, layers, methods, sweep, tables
from looped.experiments.form import Experiment, Result, Step

__all__ = ["EXPERIMENTS", "Experiment", "Result", "Step", "find", "run"]

EXPERIMENTS = {
    "farther": Experiment("Far beyond the trained loops", farther.run, looped=True),
    "bias": Experiment("Inductive bias and double descent", bias.run),
    "layers": Experiment("How many layers is a loop worth?", layers.run, looped=True),
    "adaptive": Experiment("Adaptive looping", adaptive.run, looped=True),
    "tables": Experiment("Real data", tables.run),
    "methods": Experiment("Beside known methods", methods.run),
    "sweep": Experiment("Loops, window and width", sweep.run, looped=True),
}


def find(name: str) -> Experiment:
    """Return the experiment of that name. Raises ValueError with one sentence where there is none."""
    if name not in EXPERIMENTS:
        raise ValueError(f"there is no experiment {name!r}; experiments: {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]


def run(name: str, checkpoint: Checkpoint, **settings: Any) -> Result:
    """Make an experiment to its end: `seed` and `prompts` are its settings, `steps` that of the sweep.

    Raises ValueError with one sentence for one that cannot be made with the checkpoint.
    """
    *_, last = find(name).run(checkpoint, **settings)
    return last.result
