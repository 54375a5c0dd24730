"""Make an experiment with a checkpoint, and print what was found."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from looped.commands.form import Commands, emit, index, positive


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command(
        "experiment", run_experiment, "Try an open check of the papers: one sentence with intervals."
    )
    sub.add_argument("name", help="farther, bias, layers, adaptive, tables, methods or sweep")
    sub.add_argument("--checkpoint", default="linear5-looped", help="default: %(default)s")
    sub.add_argument("--prompts", type=positive, help="prompts of each setting; fewer are faster")
    sub.add_argument("--steps", type=positive, help="sweep: steps of each training; fewer are faster")
    sub.add_argument("--seed", type=index, help="default: that of the held-out prompts")
    sub.add_argument("--out", metavar="FILE.npz", help="write every array of the result")


def run_experiment(args: argparse.Namespace) -> None:
    """Make it, with the share that is done on stderr."""
    from tqdm import tqdm

    from looped.catalogue.checkpoints import load_checkpoint
    from looped.experiments import find
    from looped.training.device import pick_device

    experiment = find(args.name)
    checkpoint = load_checkpoint(args.checkpoint, pick_device())
    if args.steps and args.name != "sweep":
        raise ValueError(f"{args.name} trains nothing; leave out --steps.")
    given = {"prompts": args.prompts, "seed": args.seed, "steps": args.steps}
    settings = {name: value for name, value in given.items() if value is not None}
    begun = time.perf_counter()
    with tqdm(total=100, unit="%", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
        for share, found in experiment.run(checkpoint, **settings):
            bar.update(int(100 * share) - bar.n)
            result = found
    if args.out:
        save(args.out, result.arrays())
    said: dict[str, Any] = {"experiment": args.name, **result.about(), "sentence": result.sentence()}
    said["seconds"] = round(time.perf_counter() - begun, 1)
    said["arrays"] = {name: known(array.tolist()) for name, array in result.arrays().items()}
    emit(said, args.json, f"{experiment.title}: {result.sentence()}")


def save(path: str, arrays: dict[str, Any]) -> None:
    """Write arrays to a file. Raises ValueError with one sentence where that cannot be done."""
    import numpy as np

    try:
        with open(path, "wb") as file:
            np.savez(file, **arrays)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}.") from error


def known(value: Any) -> Any:
    """Return nested lists with None in place of what is infinite or not a number, which JSON does not have.

    >>> known([[1.0, float("inf")]])
    [[1.0, None]]
    """
    if isinstance(value, list):
        return [known(one) for one in value]
    return value if abs(value) < float("inf") else None
