"""How right every Sudoku checkpoint is far beyond its trained loops, and how fast puzzles are made."""

from __future__ import annotations

import os
import time
from typing import Any

from looped import tasks
from looped.catalogue import checkpoints
from looped.catalogue.evaluate import evaluate
from looped.model.seam import is_standard, usual_loops
from looped.places import resource
from looped.training.device import pick_device

LOOPS = [16, 32, 64, 128, 256]
BOARDS = (
    200  # of each kind for a model of one layer of width 128; fewer for larger ones, so that all of them take minutes
)
RATED = 1000  # puzzles for each core


def measure() -> dict[str, Any]:
    """Score every Sudoku checkpoint far beyond its trained loops, and measure the generator with its rater.

    Scores are on held-out boards, and on minimal ones where there is a file of them.
    """
    scores = []
    for name in checkpoints.names():
        if tasks.get(checkpoints.read_info(checkpoints.CATALOGUE / name)["task"]).page != tasks.get(tasks.HOME).page:
            continue
        checkpoint = checkpoints.load_checkpoint(name, pick_device())
        model = checkpoint.model
        loops = [usual_loops(model)] if is_standard(model) else LOOPS
        layers = usual_loops(model) if is_standard(model) else model.sizes(1, model.positions).layers
        boards = min(BOARDS, max(BOARDS // 4, BOARDS * 128**2 // (layers * model.width**2)))
        minimal = resource(f"assets/{checkpoint.task.name}-minimal.txt")
        for data in (None, str(minimal)) if minimal.exists() else (None,):
            score = evaluate(checkpoint, data, loops, boards)
            score.pop("file", None)  # where it lies on this machine
            scores.append(score | {"parameters": checkpoint.model.parameters_count, "sha256": checkpoint.sha256})
    nine, cores = tasks.get(tasks.HOME), os.cpu_count() or 1
    nine.sample(1, seed=0, split=None, minimal=True, rating=(0, 100))  # compiles
    started = time.perf_counter()
    nine.sample(RATED * cores, seed=1, split=None, minimal=True, rating=(0, 100))
    return {
        "scores": scores,
        "cores": cores,
        "minimal_rated_puzzles_per_s": round(RATED * cores / (time.perf_counter() - started)),
    }


def table(result: dict[str, Any]) -> str:
    """Return the table of `assets/docs/benchmarks.md`."""
    lines = [
        "| checkpoint | weights | parameters | boards | n | " + " | ".join(f"{loops} loops" for loops in LOOPS) + " |",
        "|---" * (5 + len(LOOPS)) + "|",
    ]
    for score in result["scores"]:
        shares = [f"{100 * share:.1f} %" for share in score["accuracy"]]
        if score["loops"] != LOOPS:
            shares = [f"{shares[0]} ({score['loops'][0]} layers)"] + ["–"] * (len(LOOPS) - 1)
        lines.append(
            "| "
            + " | ".join(
                [
                    score["checkpoint"],
                    score["sha256"][:8],
                    f"{score['parameters']:,}",
                    score["data"],
                    str(score["n"]),
                    *shares,
                ]
            )
            + " |"
        )
    return "\n".join(
        [
            *lines,
            "",
            f"{result['minimal_rated_puzzles_per_s']:,} minimal 9×9 puzzles made and rated per second "
            f"on {result['cores']} cores",
        ]
    )
