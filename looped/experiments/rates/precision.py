"""Loops logarithmic in precision: what binary search does in a network that runs, and where counting forbids it.

An open question of 2410.01405. Nothing is trained here: both networks are written by hand, as the machine is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from looped.catalogue.intervals import wilson
from looped.experiments.estimates import Array, told
from looped.experiments.form import Step, unknown
from looped.experiments.rates.form import Rates, check
from looped.theory.capacity import capacity
from looped.theory.halving import found_ids, least_loops, squares, swept_ids
from looped.theory.tables import token_ids

BITS = (2, 4, 6, 8, 10, 12)
TOKENS = 2
COUNT = 20_000
SLOPE = 2.0**12
CHARTS = ["loops", "share of IDs wrong at M = 4,096", "largest error of x² after as many loops"]
LINES = ["a threshold a loop", "binary search", "least for any table of two tokens"]
BEYOND = (
    "Counting says that some table needs so many loops, not that yours does: x² is followed with loops logarithmic in "
    "the precision. It says nothing of blocks that grow with δ. That training finds either is another question."
)


@dataclass(frozen=True, eq=False)
class Precision(Rates):
    """Loops, wrong IDs and errors by bits of precision, log₂(1/δ)."""

    count: int
    slope: float
    weights: int  # of the block that is counted: one layer of the paper's size
    wrong: Array  # (bits, 3): share of IDs that binary search misses with a steep threshold
    least: list[int]  # loops that a table of two tokens needs at least: tied weights
    modulated: list[int]  # the same with steps η(t) of each loop's own

    def parts(self) -> list[str]:
        """Return what is said of tokens, and of tables."""
        bits = BITS[-1]
        blurred = self.values[1, :2, -1]
        cells = 2**bits
        barred = next((i for i, (b, low) in enumerate(zip(BITS, self.least, strict=True)) if low > b), None)
        if barred is None:
            said = "Counting forbids nothing here."
        else:
            entries = 2 ** (BITS[barred] * (TOKENS + 1))
            said = (
                f"A block of {self.weights:,} weights has no choice of them for every table of {entries:,.0f} values "
                f"(two tokens, δ = 2^−{BITS[barred]}) in fewer than {self.least[barred]:,} loops, or "
                f"{self.modulated[barred]:,} with a timestep encoding: loops logarithmic in δ cannot follow every f."
            )
        return [
            f"Binary search finds the IDs of tokens in {bits} loops at δ = 2^−{bits}, where thresholds take "
            f"{cells - 1:,}: of {self.count:,} a share of {told(self.wrong[-1])} is wrong, and x² is followed to "
            f"{self.values[2, 1, -1, 0]:.2g} in as many loops. With slope M = {self.slope:,.0f} a share of "
            f"{told(blurred[1])} is wrong, with thresholds {told(blurred[0])}.",
            said,
        ]

    def sentence(self) -> str:
        """Say what binary search does, and what no network of a fixed size can."""
        return " ".join(self.parts())


def run(seed: int = 0, seeds: int = 2, steps: int = 1) -> Iterator[Step]:
    """Run and count; yield what is known. Nothing is trained: `seeds` and `steps` change nothing."""
    check(seeds, steps)
    counts = capacity(2, TOKENS)
    known = Precision(
        0,
        1,
        seed,
        CHARTS,
        LINES,
        "bits log₂(1/δ)",
        [str(bits) for bits in BITS],
        unknown(len(CHARTS), len(LINES), len(BITS), 3),
        COUNT,
        SLOPE,
        counts.parameters,
        unknown(len(BITS), 3),
        [0] * len(BITS),
        [0] * len(BITS),
    )
    x = np.random.default_rng([seed, 3]).random(COUNT)
    line = np.linspace(0, 1, 2**15 + 1)
    for i, bits in enumerate(BITS):
        true, entries = token_ids(x, 2**bits), 2 ** (bits * (TOKENS + 1))
        known.wrong[i] = share(found_ids(x, bits) != true)
        known.least[i] = least_loops(entries, counts.parameters, counts.hidden, TOKENS)
        known.modulated[i] = least_loops(entries, counts.parameters, counts.hidden, TOKENS, own=4 * counts.embedding)
        known.values[0, :, i] = np.array([2**bits - 1, bits, known.least[i]])[:, None]
        known.values[1, 0, i] = share(swept_ids(x, 2**bits, SLOPE) != true)
        known.values[1, 1, i] = share(found_ids(x, bits, SLOPE) != true)
        known.values[2, 1, i] = np.abs(squares(line, bits) - line**2).max()
        yield Step((i + 1) / (len(BITS) + 1), known)
    yield Step(1.0, known)


def share(right: Array) -> Array:
    """Estimate a share with the interval of Wilson: (3,)."""
    found = float(np.mean(right))
    return np.array([found, *wilson(found, len(right))])
