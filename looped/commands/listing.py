"""List the checkpoints, and print the tables of results."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from looped.commands.form import Commands, emit


def add(commands: Commands) -> None:
    """Add the commands to the parser."""
    commands.command("list", run_list, "The checkpoints of the catalogue and what was measured of them.")
    commands.command("results", run_results, "All scores of all checkpoints, as the tables of assets/docs/results.md.")


def run_list(args: argparse.Namespace) -> None:
    """List the checkpoints; one that cannot be used is named on stderr and left out."""
    from looped.catalogue import checkpoints
    from looped.training.recipes import RECIPES

    rows = []
    for name in checkpoints.names():
        try:
            rows.append(list_row(checkpoints.CATALOGUE / name))
        except checkpoints.CheckpointError as error:
            print(f"looped: {error}", file=sys.stderr)
    for why in checkpoints.without_config().values():
        print(f"looped: {why}", file=sys.stderr)
    wide = max([len("checkpoint"), *(len(row["name"]) for row in rows)])
    lines = [f"{'checkpoint':{wide}} {'task':15} {'model':10} {'parameters':>10} {'trained':>10}  at the trained loops"]
    lines += [list_line(row, wide) for row in rows]
    lines.append(f"recipes: {', '.join(RECIPES)}")
    emit({"checkpoints": rows, "recipes": list(RECIPES)}, args.json, "\n".join(lines))


def list_row(folder: Path) -> dict[str, Any]:
    """Return what `list --json` says of the checkpoint in a folder. Raises CheckpointError if it cannot be used."""
    from looped.catalogue import checkpoints
    from looped.catalogue.results import passes

    found = checkpoints.verify(folder)
    info, config = found.info, found.config
    return {
        "name": folder.name,
        "task": info["task"],
        "architecture": config.architecture,
        "parameters": info.get("parameters"),
        "trained_loops": config.trained_loops,
        "passes": passes(info),
        "sha256": info["sha256"],
        "scores": info.get("scores", []),
    }


def list_line(row: dict[str, Any], wide: int) -> str:
    """Return the line of a checkpoint in `list`, from a row of `list --json`; names take `wide` characters."""
    from looped.catalogue.results import counted, main_score

    passes = row["passes"]
    trained, word = counted(row["trained_loops"], passes).split()
    parameters = "unknown" if row["parameters"] is None else f"{row['parameters']:,}"
    return (
        f"{row['name']:{wide}} {row['task']:15} {row['architecture']:10} {parameters:>10} "
        f"{trained:>3} {word:6}  {main_score(row['scores'], row['trained_loops'], passes)}"
    )


def run_results(args: argparse.Namespace) -> None:
    """Print the tables of `assets/docs/results.md`."""
    from looped.catalogue import checkpoints
    from looped.catalogue.results import text

    infos = [checkpoints.read_info(checkpoints.CATALOGUE / name) for name in checkpoints.names()]
    scores = {info["name"]: info.get("scores", []) for info in infos}
    emit({"scores": scores}, args.json, text(checkpoints.CATALOGUE))
