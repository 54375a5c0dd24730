"""How far does it go outside of what it was trained on? Errors over each setting of the data, beside other methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from looped.catalogue.inputs import HELD_OUT_SEED
from looped.catalogue.shifted import shifted
from looped.lenses.crossing import crossing
from looped.questions.question import Asked, step
from looped.serving.message import Arrays, Packed
from looped.tasks.protocol import Shift

PROMPTS = 48  # of each value of each setting


def ask_shifts(asked: Asked) -> Iterator[Packed]:
    """Measure the error on held-out prompts for each value of each setting, after every loop.

    Arrays, NaN where not measured yet or where a setting has fewer values: values (settings, V) F32; error (settings,
    V, loops) F32, squared error over that of answering zero; interval (settings, V, loops, 2) F32, its 95 % interval
    over the prompts; others (settings, V, methods) F32, and best (settings, V) I8, the one of least error, -1 where not
    known; crossing (settings, methods, loops) F32, the value at which model and method change their order, nearest to
    the usual value, NaN for none; ahead (settings, methods, loops) U8, whether the model has the smaller error at the
    usual value. Meta: settings (names), usual (values), count (prompts of each), methods (labels), inputs (what
    the prompts are).
    """
    tried = asked.checkpoint.task.shifts()
    known = _unknown(tried, asked.loops)
    work = [(row, column) for row, shift in enumerate(tried.values()) for column in range(len(shift.values))]
    names, usual = list(tried), [shift.usual for shift in tried.values()]
    inputs = f"{PROMPTS} generated held-out {asked.checkpoint.task.things} of each value, seed {HELD_OUT_SEED}"
    at_usual: dict[str, Any] | None = None  # the usual data, which every setting has among its values
    for done, (row, column) in enumerate(work, start=1):
        value = tried[names[row]].values[column]
        if at_usual is None or value != usual[row]:
            found = shifted(asked.checkpoint, {names[row]: value}, range(1, asked.loops + 1), PROMPTS)
        else:
            found = at_usual
        if value == usual[row]:
            at_usual = found
        _add(known, row, column, usual[row], found)
        arrays = {name: array.astype("f4" if array.dtype == float else array.dtype) for name, array in known.items()}
        about = {"settings": names, "usual": usual, "count": PROMPTS, "methods": list(found["methods"])}
        about["inputs"] = inputs
        yield step(done / len(work), arrays, **about)


def _unknown(tried: Mapping[str, Shift], loops: int) -> Arrays:
    """Return the arrays of an answer in which nothing is measured; others follow with the first measurement."""
    values = np.full((len(tried), max(len(shift.values) for shift in tried.values())), np.nan)
    for row, shift in zip(values, tried.values(), strict=True):
        row[: len(shift.values)] = shift.values
    error = np.full((*values.shape, loops), np.nan)
    return {"values": values, "error": error, "interval": np.full((*error.shape, 2), np.nan)}


def _add(known: Arrays, row: int, column: int, usual: float, found: Mapping[str, Any]) -> None:
    """Fill in what `shifted` found at one value of one setting, and where the orders of that setting change."""
    errors, loops = list(found["methods"].values()), known["error"].shape[-1]
    if "others" not in known:
        known["others"] = np.full((*known["values"].shape, len(errors)), np.nan)
        known["best"] = np.full(known["values"].shape, -1, np.int8)
        known["crossing"] = np.full((len(known["values"]), len(errors), loops), np.nan)
        known["ahead"] = np.zeros(known["crossing"].shape, np.uint8)
    known["error"][row, column], known["interval"][row, column] = found["error"], found["interval"]
    known["others"][row, column], known["best"][row, column] = errors, int(np.argmin(errors))
    for method in range(len(errors)):
        for loop in range(loops):
            at = crossing(known["values"][row], known["error"][row, :, loop], known["others"][row, :, method], usual)
            known["crossing"][row, method, loop], known["ahead"][row, method, loop] = at
