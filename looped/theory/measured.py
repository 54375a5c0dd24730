"""The moduli of the shipped checkpoints, as they were measured.

`assets/theory/moduli.jsonl` holds a line of JSON for each checkpoint: what `python -m looped theory moduli NAME --json`
printed, with the hash of the weights that were measured.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from looped.places import resource
from looped.theory.moduli import KINDS

FIRST = "edit_distance12"


@cache
def lines() -> dict[str, dict[str, Any]]:
    """Return what was measured, by checkpoint."""
    text = resource("assets/theory/moduli.jsonl").read_text("utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    return {one["checkpoint"]: one for one in found}


@cache
def retrained() -> list[str]:
    """Return the checkpoints whose weights are not those that were measured any more, or that are no longer there."""
    found = []
    for name, one in lines().items():
        config = resource("checkpoints") / name / "config.json"
        if not config.is_file() or json.loads(config.read_text("utf-8"))["sha256"] != one["sha256"]:
            found.append(name)
    return found


def tasks() -> list[str]:
    """Return the tasks of which there are checkpoints, each once."""
    return list(dict.fromkeys(name.partition("-")[0] for name in lines()))


class Trained(NamedTuple):
    """The checkpoints of a task side by side, each after its loops (or layers); NaN beyond them, or for none."""

    names: list[str]
    numbers: bool  # whether changes are of numbers; else total variations
    pairs: tuple[int, int]  # of inputs: the fewest and the most of a model
    peaks: tuple[int, int]  # searches that ended where no single swap changes more, and searches, of all models
    least: NDArray[np.float64]  # (models, kinds, loops): the largest change of all searches
    low: NDArray[np.float64]  # the same of the search that found least
    mean: NDArray[np.float64]  # (models, kinds, loops): of random swaps
    error: NDArray[np.float64]  # 1.96 standard errors of it
    truth: NDArray[np.float64]  # (models, kinds): of the task's own answers on the same pairs
    growing: NDArray[np.bool_]  # (models, kinds): whether the last quarter of the search still found more

    def rougher(self, kind: int) -> str | None:
        """Return which has the larger mean change by a random swap after its last loop, "looped" or "tmlt".

        "alike" where the difference is within its 95 % interval, that of two independent means; None where one of the
        two is missing, or the task has no such modulus.
        """
        ends = {}
        for i, name in enumerate(self.names):
            last = np.count_nonzero(np.isfinite(self.mean[i, kind])) - 1
            ends[name.partition("-")[2]] = (self.mean[i, kind, last], self.error[i, kind, last])
        if not {"looped", "tmlt"} <= ends.keys():
            return None
        (one, wide), (other, wider) = ends["looped"], ends["tmlt"]
        if not abs(one - other) > np.hypot(wide, wider):
            return "alike"
        return "looped" if one > other else "tmlt"


def trained(task: str) -> Trained:
    """Return the checkpoints of a task. Raises ValueError with one sentence for a task without any."""
    found = [one for name, one in lines().items() if name.partition("-")[0] == task]
    if not found:
        raise ValueError(f"the moduli of {task[:40]!r} were not measured; there are {', '.join(tasks())}.")
    most = max(one["loops"] for one in found)
    shape = (len(found), len(KINDS), most)
    least, low, mean, error = (np.full(shape, np.nan) for _ in range(4))
    truth = np.full(shape[:2], np.nan)
    growing = np.zeros(shape[:2], bool)
    for i, one in enumerate(found):
        for k, kind in enumerate(KINDS):
            said = one["moduli"][kind]
            truth[i, k] = np.nan if said["truth"] is None else said["truth"]
            growing[i, k] = said["growing"]
            if said["least"] is not None:
                least[i, k, : one["loops"]], low[i, k, : one["loops"]] = said["least"], said["searches"][0]
                mean[i, k, : one["loops"]], error[i, k, : one["loops"]] = said["mean"], said["mean_error"]
    names = [one["checkpoint"] for one in found]
    pairs = [one["pairs"] for one in found]
    peaks = (sum(one["peaks"] for one in found), sum(one["searches"] for one in found))
    return Trained(names, found[0]["numbers"], (min(pairs), max(pairs)), peaks, least, low, mean, error, truth, growing)
