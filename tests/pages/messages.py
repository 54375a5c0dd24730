"""What a page sends to the browser, read back; and the requests that the browser's component makes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from safetensors.numpy import load

Arrays = dict[str, np.ndarray]


def read_meta(message: bytes) -> dict[str, Any]:
    length = int.from_bytes(message[:8], "little")
    meta: dict[str, Any] = json.loads(json.loads(message[8 : 8 + length])["__metadata__"]["meta"])
    return meta


def read_runs(message: bytes) -> list[Arrays]:
    """The arrays of every run, by name. Each belongs to a run that the metadata knows."""
    found: list[Arrays] = [{} for _ in read_meta(message)["runs"]]
    for name, array in load(message).items():
        run, _, field = name.partition("/")
        found[int(run)][field] = array
    return found


def same_arrays(one: Arrays, other: Arrays) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


def ask(here: Any, **change: Any) -> Any:
    """The browser's next request: what is shown, with something changed. `here` is a `Visit` of conftest.py."""
    puzzle, checkpoint, loops = here.view
    return here.ask(
        {"puzzle": puzzle, "checkpoint": checkpoint, "loops": loops, "number": here.meta["request"] + 1, **change}
    )
