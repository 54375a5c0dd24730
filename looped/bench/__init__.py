"""Benchmarks: the promises about speed, as ratios or times measured within one run, and how right the models are.

A benchmark is a module with a function `measure` that returns what was measured by name; `BENCHES` lists them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from looped.bench import classroom, interface, questions, sudoku, together, trace, training

Result = dict[str, Any]

BENCHES: dict[str, Callable[..., Result]] = {
    "trace": trace.measure,
    "sudoku": sudoku.measure,
    "training": training.measure,
    "interface": interface.measure,
    "questions": questions.measure,
    "classroom": classroom.measure,
    "class": together.measure,
}

TEXTS: dict[str, Callable[[Result], str]] = {"sudoku": sudoku.table}  # others are written as lines of key and value


def text(name: str, result: Result) -> str:
    """Write the result of a benchmark for people."""
    if name in TEXTS:
        return TEXTS[name](result)
    return "\n".join(f"{name}.{key}: {value}" for key, value in result.items())
