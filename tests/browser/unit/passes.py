"""Texts of the browser, which leave open what the passes of a model are called, told of a looped model."""

from __future__ import annotations

from typing import Any

PASSES = {"{loop}": "loop", "{loops}": "loops", "{Loop}": "Loop", "{Loops}": "Loops", "{a loop}": "a loop"}


def of_loops(found: Any) -> Any:
    """Return what a module says, told of a model whose passes are loops, as the page tells it."""
    if isinstance(found, str):
        for term, words in PASSES.items():
            found = found.replace(term, words)
    elif isinstance(found, list):
        return [of_loops(one) for one in found]
    elif isinstance(found, dict):
        return {of_loops(name): of_loops(one) for name, one in found.items()}
    return found
