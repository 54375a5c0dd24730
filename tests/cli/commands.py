"""What the tests of the command line share: inputs, the result of a command, and what every refusal looks like."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from looped.tasks.sudoku.generator import generate

Make = Callable[..., Any]
BOARD = ".3244..32.3..1.2"
# One blank each: a model with random weights fills some of them rightly.
PUZZLES, SOLUTIONS = generate(12, 4, 15, seed=2)
LINES = ["".join(str(digit) if digit else "." for digit in puzzle) for puzzle in PUZZLES]
ANSWERS = ["".join(map(str, solution)) for solution in SOLUTIONS]


class Result(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The last line of stdout; nothing comes after it."""
        assert self.out.endswith("}\n")
        return json.loads(self.out.splitlines()[-1])


Run = Callable[..., Result]


def refused(result: Result, *fragments: object) -> None:
    """Exactly one line on stderr, exit status 2, nothing on stdout, no traceback."""
    assert result.status == 2
    assert result.out == ""
    assert result.err.endswith("\n")
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith("looped: ")
    for fragment in fragments:
        assert str(fragment) in result.err
