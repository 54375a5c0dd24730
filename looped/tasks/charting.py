"""What a task is told of a run, and the charts of its own that it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Seen:
    """What the lenses say of one run after one loop: the numbers from which a task makes its own charts.

    Arrays over loops have `loops` as their first axis; the others belong to the state after `loop` loops.
    """

    tokens: np.ndarray  # (positions,) the input
    loop: int  # 1 … loops
    loops: int
    place: int  # the chosen position
    answers: np.ndarray  # (positions,) tokens with the largest logits
    confidence: np.ndarray  # (positions,) probability of the answer
    changed: np.ndarray  # (positions,) bool, the answer differs from that of the loop before
    settled: np.ndarray  # (positions,) loops after which the answer never changed again
    probabilities: np.ndarray  # (loops, positions, vocab)
    attention: np.ndarray | None = None  # (layers, heads, positions, positions) of this loop; None: not recorded so
    heads: Sequence[int] = ()  # numbers of the heads in `attention`
    dark: bool = False
    one: str = "loop"  # what a pass of the model is called: a layer of a standard transformer

    def layers(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """Yield for each layer what is added to the names of its files, what to their titles, and its attention."""
        if self.attention is not None:
            for layer, name, which in layer_names(len(self.attention)):
                yield name, which, self.attention[layer]


def layer_names(count: int) -> Iterator[tuple[int, str, str]]:
    """Yield each layer of a block, what is added to the names of its files, and to their titles.

    >>> list(layer_names(1)), list(layer_names(2))[1]
    ([(0, '', '')], (1, '-layer-2', ', layer 2'))
    """
    for layer in range(count):
        yield (layer, f"-layer-{layer + 1}", f", layer {layer + 1}") if count > 1 else (layer, "", "")


@dataclass(frozen=True)
class Chart:
    """A chart that only this task has: a figure of `looped.figures`, by name, and its arguments by their names."""

    name: str  # of the file
    figure: str  # a key of `looped.export.charts.FIGURES`
    arguments: Mapping[str, Any] = field(default_factory=dict)
