"""The open checks of the papers as experiments that run in a minute: the same for a page, a command and a notebook.

Each takes a checkpoint that learns functions from the examples of its prompt, finds its rivals among the checkpoints of
the same task, and yields what is known so far. Its result ends in a sentence whose numbers have intervals, and which
claims no difference that lies inside of one.

A new experiment is a file of this room with `run`, and an entry of `EXPERIMENTS`.
"""

from __future__ import annotations

from typing import Any

from looped.catalogue.checkpoints import Checkpoint
from looped.experiments import bias, farther, layers
from looped.experiments.form import Experiment, Result, Step

__all__ = ["EXPERIMENTS", "Experiment", "Result", "Step", "run"]

EXPERIMENTS = {
    "farther": Experiment("Far beyond the trained loops", farther.run, looped=True),
    "bias": Experiment("Inductive bias and double descent", bias.run),
    "layers": Experiment("How many layers is a loop worth?", layers.run, looped=True),
}


def run(name: str, checkpoint: Checkpoint, **settings: Any) -> Result:
    """Make an experiment to its end. Raises ValueError with one sentence for one that cannot be made."""
    if name not in EXPERIMENTS:
        raise ValueError(f"there is no experiment {name!r}; experiments: {', '.join(EXPERIMENTS)}.")
    *_, last = EXPERIMENTS[name].run(checkpoint, **settings)
    return last.result
