"""Write the tables of `assets/docs/results.md` from the scores in the checkpoints' `config.json`.

`python -m looped results > assets/docs/results.md` writes the file again after a checkpoint was added or measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from looped import tasks
from looped.catalogue import checkpoints
from looped.model import registry

Info = dict[str, Any]  # of one config.json
Score = dict[str, Any]  # one result of `looped.catalogue.evaluate.evaluate`

INTRODUCTION = """# Results

Every score of every checkpoint that is shipped, as `config.json` beside its weights records it. Each row begins with
the command that measures it again. *Held-out* means: no input of these classes was trained on. A class holds everything
that a symmetry of the task turns into each other, and classes are split before anything is generated from them.
What the numbers do not say is in [limits.md](limits.md); how fast the library is, in [benchmarks.md](benchmarks.md).

This file is generated: `python -m looped results > assets/docs/results.md`."""


def command(name: str, score: Score) -> str:
    """Return the command line that measures a score again."""
    size = f" --size {score['size']}" if "size" in score else ""
    data = f" --data {score['file']}" if "file" in score else ""
    loops = f" --loops {','.join(map(str, score['loops']))}" if score.get("chosen") else ""
    return f"python -m looped evaluate {name}{size}{data}{loops}"


def by_number(score: Score) -> bool:
    """Return whether a score is by numbers of loops, not by loops that follow from what each input needs.

    >>> by_number({"loops": [16, 32]}), by_number({"loops": ["needed+2"]})
    (True, False)
    """
    return all(isinstance(loops, int) for loops in score["loops"])


def percent(share: float) -> str:
    """Write a share with the digits that a score is measured to.

    >>> percent(0.9641)
    '96.4 %'
    """
    return f"{100 * share:.1f} %"


def measure_of(score: Score) -> str:
    """Return what a score measures: "accuracy", "error" (normalised squared error) or "perplexity"."""
    return next(name for name in ("accuracy", "error", "perplexity") if name in score)


def values_of(score: Score) -> list[str]:
    """Return what was measured at each number of loops, as it is written in tables."""
    measure = measure_of(score)
    return [percent(value) if measure == "accuracy" else f"{value:.3g}" for value in score[measure]]


def row(name: str, score: Score) -> str:
    """Return a score as a row of a table: its command, then what was measured at each number of loops."""
    return table_row([f"`{command(name, score)}`", *values_of(score)])


def table_row(fields: Iterable[str]) -> str:
    """Return fields as a row of a Markdown table."""
    return f"| {' | '.join(fields)} |"


def text(catalogue: Path = checkpoints.CATALOGUE) -> str:
    """Return the whole document. Raises CheckpointError for a checkpoint whose `config.json` cannot be used."""
    infos = [checkpoints.read_info(catalogue / name) for name in checkpoints.names(catalogue)]
    by_task: dict[str, list[Info]] = {}
    for info in infos:
        by_task.setdefault(info["task"], []).append(info)
    return "\n\n".join([INTRODUCTION, *(section(task, by_task[task]) for task in sorted(by_task))])


def section(task: str, infos: list[Info]) -> str:
    """Return what is known of the checkpoints of one task: how they were made, and a table for each data set."""
    parts = [f"## {task}", made(infos)]
    tables: dict[tuple[str, ...], list[str]] = {}
    for info in infos:
        for score in info.get("scores", []):
            heading = (over(score, task), *columns(info, score))
            tables.setdefault(heading, []).append(row(info["name"], score))
    for (title, *names), rows in tables.items():
        head = [table_row(["command", *names]), "|---" * (len(names) + 1) + "|"]
        parts.append(f"{title}:")
        parts.append("\n".join([*head, *rows]))
    return "\n\n".join(parts)


def made(infos: list[Info]) -> str:
    """Return the table of how checkpoints were made: size, loops, and what the training took."""
    rows = ["| checkpoint | model | parameters | trained with | training | sha256 |", "|---" * 6 + "|"]
    for info in infos:
        parameters = f"{info['parameters']:,}" if "parameters" in info else "not recorded"
        trained = f"{info['model']['trained_loops']} {passes(info)}"
        fields = [info["name"], info["model"]["architecture"], parameters, trained, took(info.get("training", {}))]
        rows.append(table_row([*fields, f"`{info['sha256'][:8]}`"]))
    return "\n".join(rows)


def took(training: dict[str, Any]) -> str:
    """Return what a training run took, as far as the checkpoint records it.

    >>> took({"steps": 20000, "seconds": 2100, "device": "1 thread of a CPU"})
    '20,000 steps, 35 minutes on 1 thread of a CPU'
    >>> took({})
    'not recorded'
    """
    if not {"steps", "seconds", "device"} <= training.keys():
        return "not recorded"
    return f"{training['steps']:,} steps, {training['seconds'] / 60:.0f} minutes on {training['device']}"


def over(score: Score, task: str) -> str:
    """Return what a score was measured on, with a link where that is a file of the repository."""
    if "file" not in score:
        return f"On {score['n']:,} {score['data']}"
    return f"On {score['n']:,} {tasks.get(task).things} of [{score['data']}](../{Path(score['file']).name})"


def columns(info: Info, score: Score) -> list[str]:
    """Return the headings of a score's columns: `8 loops`, or `6 layers` of a model whose layers differ."""
    return [f"{count} {passes(info)}" for count in score["loops"]]


def passes(info: Info) -> str:
    """Return what the passes of a model are called: layers if each is applied once, loops otherwise."""
    with torch.device("meta"):  # without memory for weights: only the model's word is wanted
        model = registry.build(registry.read(info["model"]))
    return "loops" if model.most_loops is None else "layers"


def main_score(scores: list[Score], trained: int, passes: str = "loops") -> str:
    """Return the score on the first data set at the trained loops, in words, and what it was measured on.

    Where it was not measured at those, the nearest number below them; else the first.

    >>> main_score([{"data": "easy, n", "loops": [2, 4, 8], "accuracy": [0.5, 0.9, 0.95]}, {"data": "hard"}], 4)
    '90.0% after 4 loops (easy)'
    >>> main_score([{"data": "sines", "loops": [2, 4], "error": [0.2, 0.05]}], 3)
    'error 0.2 after 2 loops (sines)'
    >>> main_score([], 8)
    'not measured'
    """
    if not scores:
        return "not measured"
    score = scores[0]
    below = [loops for loops in score["loops"] if isinstance(loops, int) and loops <= trained]
    loops = max(below, default=score["loops"][0])
    measure = measure_of(score)
    value = score[measure][score["loops"].index(loops)]
    said = f"{value:.1%}" if measure == "accuracy" else f"{measure} {value:.3g}"
    return f"{said} after {loops} {passes} ({score['data'].partition(',')[0]})"


def overview(infos: list[Info]) -> str:
    """Return a table of checkpoints of any tasks, with the score on the first data set at the trained loops."""
    rows = ["| checkpoint | task | model | parameters | trained with | at the trained loops |", "|---" * 6 + "|"]
    for info in infos:
        parameters = f"{info['parameters']:,}" if "parameters" in info else "not recorded"
        trained = f"{info['model']['trained_loops']} {passes(info)}"
        best = main_score(info.get("scores", []), info["model"]["trained_loops"], passes(info))
        rows.append(table_row([info["name"], info["task"], info["model"]["architecture"], parameters, trained, best]))
    return "\n".join(rows)
