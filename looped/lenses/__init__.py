"""Questions to a trace, or to a model with an input: one question a file, plain arrays out.

The document `assets/docs/lenses.md` shows each.

In a notebook `from looped import lenses` is enough, and Tab lists the questions. A lens is imported when it is first
asked for, and it is the module that is given: several hold a function of their own name, which here would hide the
others beside it.

>>> from looped import lenses
>>> int(lenses.rules.sudoku_rules(9)["box"][0].sum())
8
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

NAMES = tuple(sorted(module.name for module in iter_modules(__path__)))


def __getattr__(name: str) -> ModuleType:
    if name not in NAMES:
        raise AttributeError(f"there is no lens called {name!r}; there are {', '.join(NAMES)}.")
    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return [*NAMES, "NAMES"]
