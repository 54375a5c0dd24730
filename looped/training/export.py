"""From a training run to a checkpoint folder: weights, measured scores, the log and a model card."""

from __future__ import annotations

import csv
import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from looped.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from looped.evaluate import evaluate
from looped.training.loop import Run


def describe_device(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{threads} thread{'s' if threads > 1 else ''} of a {platform.machine()} CPU"


def export(run: Run, folder: Path) -> list[dict[str, Any]]:
    """Write the checkpoint, measure what was written (not what was in memory), and put the scores into it."""
    recipe = json.loads(json.dumps(asdict(run.recipe)))
    training = {"steps": run.step, "seconds": round(run.seconds), "device": describe_device(run.device), "recipe": recipe}
    save_checkpoint(folder, run.model, run.recipe.task, training, scores=[])
    written = str(folder.resolve())  # a whole path, which no name of the catalogue can be
    scores = [evaluate(load_checkpoint(written, run.device), data) for data in (None, *run.recipe.also)]
    save_checkpoint(folder, run.model, run.recipe.task, training, scores)
    write_log(folder / "log.csv", run.log)
    (folder / "README.md").write_text(card(load_checkpoint(written)), "utf-8")
    return scores


def write_log(file: Path, log: list[dict[str, Any]]) -> None:
    """One row a measurement: step, seconds, running loss, share of asked positions right, held-out boards by loops."""
    rows = [{**{key: value for key, value in row.items() if key != "held_out"},
             **{f"held_out_{loops}": share for loops, share in row["held_out"].items()}} for row in log]
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]) if rows else ["step"])
        writer.writeheader()
        writer.writerows(rows)


PLACES = {"board": "row + column + box codes", "learned": "learned positions", "rotary": "rotary positions", "none": "no position codes"}
KINDS = {"standard": "A plain transformer", "looped": "A looped transformer", "tmlt": "A timestep-modulated looped transformer (TMLT)"}


def command(name: str, score: dict[str, Any]) -> str:
    """The command line that prints a score."""
    return f"python -m looped evaluate {name}" + (f" --data {score['file']}" if "file" in score else "")


def rounds(recipe: dict[str, Any]) -> str:
    many = recipe.get("rounds", 1)
    return f" in {many} rounds, each from half the height of the one before" if many > 1 else ""


def card(checkpoint: Checkpoint) -> str:
    """The model card: every figure comes from config.json, and the commands that print it are beside it."""
    info, config = checkpoint.info, checkpoint.config
    training, recipe = info["training"], info["training"]["recipe"]
    lines = [
        f"# {checkpoint.name}",
        "",
        f"{KINDS[config.architecture]} for {checkpoint.task.name}: {checkpoint.model.parameters_count:,} parameters, "
        f"{config.layers} layer{'s' if config.layers > 1 else ''} of width {config.d_model} with {config.heads} heads, trained with {config.trained_loops} loops"
        f"{', input injection' if config.injection else ''}{', the state normalised after every loop' if config.state_norm else ''}, "
        f"{PLACES[config.positions]}. Weights in {info['dtype']}, sha256 `{checkpoint.sha256[:16]}…`.",
        "",
        "## Scores",
        "",
        "Whole boards right, all cells, by number of loops:",
        "",
    ]
    for score in info["scores"]:
        lines += [
            f"{score['data']} (n = {score['n']:,}), printed by `{command(checkpoint.name, score)}`:", "",
            "| loops | " + " | ".join(str(loops) for loops in score["loops"]) + " |",
            "|---" * (len(score["loops"]) + 1) + "|",
            "| boards right | " + " | ".join(f"{100 * share:.1f} %" for share in score["accuracy"]) + " |", "",
        ]
    lines += [
        "## Training",
        "",
        f"- Data: {recipe['pool']:,} generated boards with one solution and {recipe['sampling']['givens'][0]} to {recipe['sampling']['givens'][1]} givens, "
        "each met again only under a random symmetry. One symmetry class in sixteen is held out before that; scores are on held-out classes.",
        f"- Loss: cross-entropy on the blanks, averaged over all {config.trained_loops} loops.",
        f"- {training['steps']:,} steps of {recipe['batch']} boards, AdamW, learning rate {recipe['lr']:g} decaying to zero{rounds(recipe)}"
        f"{'' if training['steps'] >= recipe['steps'] else ' over ' + format(recipe['steps'], ',') + ' steps (stopped before that)'}, in {training['seconds'] / 60:.0f} minutes on {training['device']}.",
        f"- Run again with `python -m looped train {recipe['name']}`; the log of this run is `log.csv`.",
        "",
        "## Known failures",
        "",
        "- Puzzles with fewer givens than it was trained on are answered wrongly far more often.",
        "- A puzzle with several solutions has no single right answer; the model may mix them.",
        "",
    ]
    return "\n".join(lines)
