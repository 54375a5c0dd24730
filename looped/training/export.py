"""From a training run to a checkpoint folder: weights, measured scores, the log and a model card."""

from __future__ import annotations

import csv
import json
import platform
from collections.abc import Iterator
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
    return f"{threads} thread{'s' if threads > 1 else ''} of {'an' if platform.machine()[:1] in 'aeioux' else 'a'} {platform.machine()} CPU"


def export(run: Run, folder: Path) -> list[dict[str, Any]]:
    """Write the checkpoint, measure what was written (not what was in memory), and put the scores into it."""
    recipe = json.loads(json.dumps(asdict(run.recipe)))
    training = {"steps": run.step, "seconds": round(run.seconds), "device": describe_device(run.device), "recipe": recipe}
    save_checkpoint(folder, run.model, run.recipe.task, training, scores=[])
    written = str(folder.resolve())  # a whole path, which no name of the catalogue can be
    scores = [evaluate(load_checkpoint(written, run.device), data, run.recipe.measured or None) for data in (None, *run.recipe.also)]
    if run.recipe.measured:  # then the loops must be given to measure it again
        scores = [score | {"chosen": True} for score in scores]
    save_checkpoint(folder, run.model, run.recipe.task, training, scores)
    write_log(folder / "log.csv", run.log)
    (folder / "README.md").write_text(card(load_checkpoint(written)), "utf-8")
    return scores


def write_log(file: Path, log: list[dict[str, Any]]) -> None:
    """One row a measurement: step, seconds, running loss, share of asked positions right, held-out boards by loops."""
    rows = [{**{key: value for key, value in row.items() if key != "held_out"},
             **{f"held_out_{loops}": share for loops, share in row["held_out"].items()}} for row in log]
    columns = list(dict.fromkeys(key for row in rows for key in row)) or ["step"]  # a later stage may be measured after more loops
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=columns)
        writer.writeheader()
        writer.writerows(rows)


PLACES = {"board": "row + column + box codes", "halves": "half + place-in-it codes", "learned": "learned positions", "rotary": "rotary positions", "none": "no position codes"}
KINDS = {"standard": "A plain transformer", "looped": "A looped transformer", "tmlt": "A timestep-modulated looped transformer (TMLT)"}


LOST = 0.05  # a share of boards that is no accident


def command(name: str, score: dict[str, Any]) -> str:
    """The command line that prints a score."""
    loops = f" --loops {','.join(map(str, score['loops']))}" if score.get("chosen") else ""
    return f"python -m looped evaluate {name}" + (f" --data {score['file']}" if "file" in score else "") + loops


def kind(sampling: dict[str, Any]) -> str:
    """What `task.sample` was asked for, in words.

    >>> kind({"givens": (24, 42)}), kind({"minimal": True, "rating": (0.05, 3)})
    ('boards with 24 to 42 givens', 'minimal boards of a rating from 0.05 to below 3')
    """
    words = "minimal boards" if sampling.get("minimal") else "boards"
    if "givens" in sampling:
        words += " with {} to {} givens".format(*sampling["givens"])
    if "rating" in sampling:
        words += " of a rating from {:g} to below {:g}".format(*sampling["rating"])
    return words


def stages(recipe: dict[str, Any], steps: int) -> Iterator[str]:
    """A bullet for each stage that a run of so many steps has begun."""
    for number, stage in enumerate(recipe["stages"], start=1):
        if steps <= 0:
            return
        length = f"{min(steps, stage['steps']):,}" + (f" of {stage['steps']:,}" if steps < stage["steps"] else "")
        puzzles = ", ".join(f"{count:,} {kind(sampling)}" for count, sampling in stage["mix"])
        if recipe["model"]["architecture"] == "standard":
            loss = "loss after the last layer"
        else:
            loss = f"loss on {stage['loops']} loops"
            if any(stage["skip"]):
                loss += f", before them {' or '.join(map(str, stage['skip']))} loops without gradient"
        yield f"- Stage {number}: {length} steps, learning rate {stage['lr']:g} at its peak, decaying to zero; {puzzles}; {loss}."
        steps -= stage["steps"]


def card(checkpoint: Checkpoint) -> str:
    """The model card: every figure comes from config.json, and the commands that print it are beside it."""
    info, config = checkpoint.info, checkpoint.config
    training, recipe = info["training"], info["training"]["recipe"]
    planned = sum(stage["steps"] for stage in recipe["stages"])
    bullets = list(stages(recipe, training["steps"]))
    failing = "that need many guesses" if "minimal boards" in "".join(bullets) else "with fewer givens than it was trained on"
    lines = [
        f"# {checkpoint.name}",
        "",
        f"{KINDS[config.architecture]} for {checkpoint.task.name}: {checkpoint.model.parameters_count:,} parameters, "
        f"{config.layers} layer{'s' if config.layers > 1 else ''} of width {config.d_model} with {config.heads} heads, "
        f"{'each applied once' if config.architecture == 'standard' else f'trained with {config.trained_loops} loops'}"
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
        "- Data: generated boards with one solution, each met again only under a random symmetry. One symmetry class in sixteen is held out "
        "before that; scores are on held-out classes.",
        "- Loss: cross-entropy on the blanks, averaged over the loops it is on.",
        *bullets,
        f"- In all {training['steps']:,} steps{'' if training['steps'] >= planned else f' of {planned:,} (stopped before the end)'} of {recipe['batch']:,} boards, AdamW, "
        f"in {training['seconds'] / 60:.0f} minutes on {training['device']}.",
        f"- Run again with `python -m looped train {recipe['name']}`; the log of this run is `log.csv`.",
        "",
        "## Known failures",
        "",
        f"- Puzzles {failing} are answered wrongly far more often.",
        *(["- Overthinking: beyond its trained loops it loses right answers again, more with every loop (table above)."]
          if any(max(score["accuracy"]) - score["accuracy"][-1] > LOST for score in info["scores"]) else []),
        "- A puzzle with several solutions has no single right answer; the model may mix them.",
        "",
    ]
    return "\n".join(lines)
