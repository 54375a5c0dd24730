"""Predicted numbers beside what is true, what other methods predict, and the steps of gradient descent, packed."""

from __future__ import annotations

import numpy as np

from looped.lenses import descent as descending
from looped.lenses.error import errors
from looped.runs.trace import Trace
from looped.serving.message import Arrays, Meta

ASIDE = ("scale", "kernel")  # of a task's extras: what is computed with here, and not drawn


def compared(trace: Trace, asked: np.ndarray, extras: Arrays) -> tuple[Arrays, Meta]:
    """Pack how predicted numbers compare with what is true and with what other methods predict, of a task that says so.

    asked (n) bool; extras of the task: truth (queries), method_predictions (methods, queries), scale ().
    """
    if trace.output_kind != "numbers" or "method_predictions" not in extras:
        return {}, {}
    methods, scale = extras["method_predictions"], float(extras["scale"])
    found = errors(trace.predictions[:, asked, 0], extras["truth"], methods, scale)
    arrays: Arrays = {
        "error": found.error.astype(np.float32),
        "moved": found.moved.astype(np.float32),
        "still": found.still.astype(np.uint8),
        "method_errors": found.methods.astype(np.float32),
        "method_exact": found.exact.astype(np.uint8),
        "method_apart": found.apart.astype(np.float32),
        "nearest": found.nearest.astype(np.int8),
    }
    steps_of, about = _descended(trace, asked, extras)
    return arrays | steps_of, {"least_error": found.least, "best_method": found.best} | about


def _descended(trace: Trace, asked: np.ndarray, extras: Arrays) -> tuple[Arrays, Meta]:
    """Pack which step of gradient descent, and of its kin, the predictions of each loop are nearest to.

    Of a task that says in which functions they descend: extras hold kernel (), see `looped.lenses.descent`.
    """
    if "kernel" not in extras:
        return {}, {}
    vectors = trace.vectors
    examples, queries = vectors[~asked, :-1], vectors[asked, :-2]
    found = descending.descent(examples, queries, trace.predictions[:, asked, 0], float(extras["kernel"]))
    arrays: Arrays = {
        "descent_distance": found.distance.astype(np.float16),
        "descent_nearest": found.nearest.astype(np.int16),
    }
    about = [
        {
            "name": name,
            "label": label,
            "most": float(distance.max(initial=0)),
            "least": float(distance[distance > 0].min(initial=np.inf)) if distance.any() else 0.0,
        }
        for (name, label), distance in zip(descending.METHODS.items(), found.distance, strict=True)
    ]
    return arrays, {"descent": about}
