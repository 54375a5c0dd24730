"""Train a recipe."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from looped.commands.form import Commands, duration, emit, positive


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    sub = commands.command("train", run_train, "Train a recipe; time-boxed and resumable.")
    sub.add_argument("recipe")
    sub.add_argument(
        "--minutes", type=duration, metavar="M", help="stop after so many minutes, with the whole state saved"
    )
    sub.add_argument("--steps", type=positive, metavar="N", help="another length of the schedule than the recipe's")
    sub.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    sub.add_argument(
        "--from",
        dest="start",
        metavar="CHECKPOINT",
        help="begin with its weights, not with random ones: a name of the catalogue, or a folder",
    )
    sub.add_argument(
        "--resume",
        action="store_true",
        help="go on with an earlier run, on another device too; with --from, where the run that made that "
        "checkpoint ended",
    )
    sub.add_argument("--out", metavar="DIR", help="default: runs/RECIPE")


def run_train(args: argparse.Namespace) -> None:
    """Train a recipe, write the checkpoint and measure it."""
    from looped.catalogue.results import measure_of, values_of
    from looped.training.cards import export
    from looped.training.device import pick_device
    from looped.training.recipes import RECIPES
    from looped.training.run import Run, alone
    from looped.training.together import processes

    if args.recipe not in RECIPES:
        raise ValueError(f"there is no recipe {args.recipe!r}; recipes: {', '.join(RECIPES)}.")
    recipe = RECIPES[args.recipe]
    if args.steps is not None:
        recipe = recipe.shortened(args.steps)
    if args.start is not None:
        recipe = replace(recipe, start=args.start)
    folder = Path(args.out or f"runs/{recipe.name}")
    checkpoint = folder / recipe.name
    with processes(pick_device(args.device)) as (together, device):
        run = Run(recipe, folder, device, args.resume, together)
        if not together.first:  # the first one tells
            run.train(args.minutes)
            return
        with alone(folder):
            finished = run.train(args.minutes)
            scores = export(run, checkpoint)
    result = {
        "recipe": recipe.name,
        "finished": finished,
        "step": run.step,
        "steps": recipe.steps,
        "seconds": round(run.seconds, 1),
        "checkpoint": str(checkpoint),
        "scores": scores,
    }
    state = "finished" if finished else f"stopped at step {run.step} of {recipe.steps}; go on with --resume"
    measured = [
        f"{loops} loops: {measure_of(scores[0])} {value} on {scores[0]['n']} held-out {run.task.things}"
        for loops, value in zip(scores[0]["loops"], values_of(scores[0]), strict=True)
    ]
    emit(result, args.json, "\n".join([state, *measured, f"checkpoint in {checkpoint}"]))
