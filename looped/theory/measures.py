"""What the machine of `looped.theory.machine` does, measured on random inputs and beside what the theorem promises."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from looped.theory.machine import WEIGHTS, Machine, Settings, Weights
from looped.theory.tables import Sizes, Table, contextual_ids, make_table, same_ids, walk
from looped.theory.targets import Target

COUNT = 2_000


class Measured(NamedTuple):
    """One machine on `count` random inputs."""

    loops: int
    ids_right: float  # share of tokens whose contextual ID is the one that their cells say
    table_error: float  # largest |v − y_k|, k the ID that the machine found, of inputs whose IDs are right
    jump: float  # largest jump of the table: what Lemma 4.1 allows tied weights
    l2: float  # root of the mean over inputs of |f(X) − v|²


def measure(machine: Machine, target: Target, count: int = COUNT, seed: int = 0) -> Measured:
    """Run inputs with tokens drawn evenly from [0, 1) through the machine.

    All run through the stages that find the IDs. What follows depends on the ID alone, and the last stage takes nearly
    all loops, so that of inputs with the same IDs one goes on.
    """
    sizes = machine.sizes_of
    x = np.random.default_rng(seed).random((count, sizes.tokens) + ((sizes.dims,) if sizes.dims > 1 else ()))
    true = contextual_ids(x, sizes)
    found = machine.ids(machine.last(x, sum(sizes.stages[:2])))
    _, first, which = np.unique(found, axis=0, return_index=True, return_inverse=True)
    told = machine.values(machine.last(x[first]))[which.ravel()]
    right = same_ids(found, true)
    whole = right.all(1)
    misses = np.abs(told - machine.table.values[true])[whole]
    return Measured(
        sizes.loops,
        float(right.mean()),
        float(misses.max()) if misses.size else float("nan"),
        machine.table.jump,
        float(np.sqrt(((told - target.answers(x, sizes.dims)) ** 2).reshape(count, -1).sum(1).mean())),
    )


def ending(table: Table, weights: Weights, ids: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where the last stage leaves tokens with these contextual IDs, without running it: any shape.

    Between whole numbers, where a threshold or softmax blurred an ID, it is on the line between both: a step is a ramp.
    """
    stands = table.values if weights == "modulated" else walk(table.values)
    return np.interp(ids, np.arange(len(stands)), stands)


class Swept(NamedTuple):
    """The errors of the construction for one number of cells, on random inputs."""

    sizes: Sizes
    jump: float
    ids_right: float
    l2: dict[Weights, float]  # root of the mean over inputs of |f(X) − v|²


def sweep(target: Target, sizes: Sizes, slope: float, beta: float, count: int = COUNT // 4, seed: int = 0) -> Swept:
    """Measure as `measure` does, for a page: the stages that find the IDs run, and the last one is `ending`."""
    table = make_table(target, sizes)
    machine = Machine(table, Settings("modulated", slope, beta))
    x = np.random.default_rng(seed).random((count, sizes.tokens))
    found, wanted = machine.ids(machine.last(x, sum(sizes.stages[:2]))), target(x)
    told = {weights: ending(table, weights, found) for weights in WEIGHTS}
    l2 = {weights: float(np.sqrt(((values - wanted) ** 2).sum(1).mean())) for weights, values in told.items()}
    return Swept(sizes, table.jump, float(same_ids(found, contextual_ids(x, sizes)).mean()), l2)
