"""What panels of the page Theory say of the numbers that they are given: without a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from looped.commands.theory import sentences
from looped.theory.lab import Lab, show
from looped.theory.measured import lines, tasks, trained

Module = Callable[..., Any]
SEEN = """
const arrays = Object.fromEntries(Object.entries(x.arrays).map(([name, [shape, values]]) =>
  [name, { shape, values: values.map((value) => value ?? NaN) }]));
const seen = { arrays, meta: x.meta, delta: x.delta ?? 0 };
"""


def shown(lab: Lab) -> dict[str, Any]:
    """Return what the page is given, as JSON may hold it."""
    found = show(lab)
    arrays = {
        name: [list(array.shape), [None if one != one else one for one in array.ravel().tolist()]]
        for name, array in found.arrays.items()
    }
    return {"arrays": arrays, "meta": found.meta}


@pytest.fixture(scope="module")
def small() -> dict[str, Any]:
    return shown(Lab(cells=8, task="edit_distance12"))


def test_the_largest_change_is_told_with_its_unit_its_interval_and_whether_it_still_grew(
    module: Module, small: dict[str, Any]
) -> None:
    """A random swap changes less than the largest change: neither is what every swap changes at least."""
    said, table = module("theory/trained.js", SEEN + "return [m.default.describe(seen), m.default.table(seen)]", small)
    assert said.startswith(
        "The largest change that one swapped token makes to an answer elsewhere (in the numbers of the answer) is at "
        "least 19 (looped), 21 (tmlt), 9.8 (standard); of the task's own answers 3. A random swap changes it on "
        "average by 1.95 ± 0.21 (looped), 2.01 ± 0.27 (tmlt), 1.94 ± 0.21 (standard) (± half of a 95 % interval); "
    )
    growing = [name.split("-")[1] for name in trained("edit_distance12").names
               if lines()[name]["moduli"]["contextual"]["growing"]]  # fmt: skip
    assert "looped" in growing
    assert said.endswith(
        f"In the last quarter of the steps the largest change still grew by more than 1 % ({', '.join(growing)})."
    )
    assert table["columns"][3] == "largest change, at least (in the numbers of the answer)"
    none = f"{SEEN} arrays.trained_growing.values.fill(false); return m.default.describe(seen)"
    assert module("theory/trained.js", none, small).endswith("the largest change grew by no more than 1 %.")


def test_shares_are_told_as_total_variation(module: Module) -> None:
    assert not trained("sudoku4").numbers
    said = module("theory/trained.js", f"{SEEN} return m.default.describe(seen)", shown(Lab(task="sudoku4")))
    assert "an answer elsewhere (total variation, 0 to 1) is at least 1 (looped)" in said


def test_the_command_says_of_which_changes_its_numbers_are() -> None:
    assert "edit_distance12" in tasks()
    said = {"searches": 3} | lines()["edit_distance12-looped"]
    lines_said = sentences(said).splitlines()
    assert lines_said[2].startswith("contextual: the largest change is at least 18.5 after the last loop (")
    assert (
        "swaps 1.95 ± 0.21 (95 %); the task's own: 3; the last quarter of its steps still raised it by"
        in (lines_said[2])
    )


def test_a_distance_is_told_as_exactly_as_the_cells_beside_it(module: Module, small: dict[str, Any]) -> None:
    """1/δ = 8 is δ = 0.125, not 0.13."""
    deltas = small["arrays"]["deltas"][1]
    said = module("theory/moduli.js", f"{SEEN} return m.default.describe(seen)", small | {"delta": deltas.index(0.125)})
    assert said.startswith("At δ = 0.125: ")
    for delta in deltas:
        told = module(
            "theory/moduli.js", f"{SEEN} return m.default.describe(seen)", small | {"delta": deltas.index(delta)}
        )
        assert float(told.partition(": ")[0].removeprefix("At δ = ")) == pytest.approx(delta, rel=5e-3)
