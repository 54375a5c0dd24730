"""What a question is: what it is about, what it needs of the model and of the task, and the steps of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from looped.catalogue.checkpoints import Checkpoint
from looped.catalogue.sets import HELD_OUT
from looped.model.seam import is_standard
from looped.runs.needs import Needs
from looped.serving.message import Packed

AT_ONCE = 16  # loops that a heat map or a curve over loops is computed for, at most


@dataclass(frozen=True)
class Asked:
    """One input, one checkpoint, and the position and loop that are chosen."""

    checkpoint: Checkpoint
    tokens: np.ndarray  # (positions,) int64
    loops: int
    cell: int  # the chosen position
    loop: int  # 1 … loops, where the clock stands
    source: str = HELD_OUT  # the set of inputs that a question about many is about, as `catalogue.sets` names it
    text: str = ""  # and the inputs themselves, where they are a person's own


@dataclass(frozen=True)
class Question:
    """A question: how it is answered, what its answer depends on, and which models and tasks it applies to.

    The answer always depends on the checkpoint and the number of loops. A question with board=False is about the
    model alone: it draws inputs of its own.
    """

    ask: Callable[[Asked], Iterator[Packed]]
    board: bool = True  # the answer depends on the input
    cell: bool = False  # and on the chosen position
    loop: bool = False  # and on where the clock stands
    inputs: bool = False  # and on which set of inputs is named
    looped: bool = False  # needs a loop: the layers of a standard transformer are applied once each
    needs: tuple[Needs, ...] = ()  # what its lenses need of a model
    offers: tuple[str, ...] = ()  # what a task must offer, as `looped.tasks.protocol` names it

    def key(self, name: str, checkpoint: str, text: str, asked: Asked) -> tuple[object, ...]:
        """Return what an answer is kept under: the question and the checkpoint by name, and what it depends on."""
        return (
            name,
            checkpoint,
            asked.checkpoint.sha256,
            text if self.board else "",
            asked.loops,
            asked.cell if self.cell else None,
            asked.loop if self.loop else None,
            (asked.source, asked.text) if self.inputs else None,
        )

    def why_not(self, checkpoint: Checkpoint) -> str | None:
        """Return why this cannot be asked of a checkpoint, in one sentence; None when it can be asked."""
        model, task = checkpoint.model, checkpoint.task
        if self.looped and is_standard(model):
            return "A standard transformer has no loop to ask this of."
        for needs in self.needs:
            lacking = needs.missing(model, "this question")
            if lacking is not None:
                return f"This cannot be asked of {checkpoint.name}: {lacking}"
        missing = [name for name in self.offers if name not in task.offers]
        if missing:
            return f"This cannot be asked of {task.name}: the task has no {' and no '.join(missing)}."
        return None


def step(share: float, arrays: dict[str, np.ndarray], **meta: object) -> Packed:
    """Return one step of an answer: the share of the work that is done, 0 to 1, and what is known so far."""
    return {"share": share, "arrays": arrays, "meta": meta}


def spread(loops: int, most: int = AT_ONCE) -> list[int]:
    """Choose at most so many of range(loops), as evenly spread as possible, the last among them.

    >>> spread(6), spread(32, 4)
    ([0, 1, 2, 3, 4, 5], [0, 10, 21, 31])
    """
    return sorted({round(float(x)) for x in np.linspace(0, loops - 1, min(loops, most))})
