"""The message of one view, as the app would send it, made without the app."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import Checkpoint, CheckpointError
from looped.runs.names import CheckpointName
from looped.runs.trace import Trace
from looped.serving.engine import Engine
from looped.serving.request import shown_by
from looped.serving.views import message_bytes
from looped.tasks import Task


class Verifying(Engine):
    """An engine for pages without a server: nobody can ask later whether a run is what the model computes."""

    def computed(self, name: str, tokens: np.ndarray, loops: int, verify: bool = True) -> tuple[Trace, str]:
        """Return a run that is verified, and the device. Raises ValueError as `Engine.computed` does."""
        return super().computed(name, tokens, loops, verify=True)


class Recorded(Verifying):
    """An engine for which one run of one checkpoint is recorded already: it gives this trace and runs nothing."""

    def __init__(self, name: str, recorded: Trace, catalogue: Path | None = None) -> None:
        super().__init__(catalogue)
        self.name = name
        self.recorded = recorded

    def computed(self, name: str, tokens: np.ndarray, loops: int, verify: bool = True) -> tuple[Trace, str]:
        """Return the recorded trace for the checkpoint that it is of, and a new one for every other; and the device.

        Raises ValueError where the trace is of another input or number of loops than what is to be shown.
        """
        if name != self.name:
            return super().computed(name, tokens, loops)
        if not np.array_equal(self.recorded.input, tokens):
            raise ValueError("The text and the trace are of different inputs; give the text that the trace is of.")
        if loops != self.recorded.loops:
            raise ValueError(
                f"The trace has {self.recorded.loops} loops, and {name} can be shown for {loops}; record fewer."
            )
        return self.recorded, str(self.device)


def message(
    checkpoint: Checkpoint | str,
    text: str | None,
    loops: int | None = None,
    versus: str = "",
    trace: Trace | None = None,
) -> bytes:
    """Run a checkpoint on an input, and another beside it if `versus` names one, and pack what the browser draws.

    **Arguments:** `checkpoint` a loaded one, a name of the catalogue or a folder, with changes after ~ as in a link;
    `text` the input as a person types it, None for that of a trace; `loops` as many as a first visit shows where it is
    not said. With `trace`, that run is packed as it was recorded, and `loops` are its own.

    Raises ValueError in one sentence for a checkpoint, an input or a number of loops that cannot be shown, and for a
    trace that is of another input than the text.
    """
    name, catalogue = place(checkpoint)
    engine = Verifying(catalogue) if trace is None else Recorded(name, trace, catalogue)
    if trace is not None:
        loops = trace.loops
        text = written(engine.checkpoint(name).task, trace.input) if text is None else text
    query = {"checkpoint": name, "puzzle": text or "", "versus": versus}
    shown = shown_by(engine, query | ({} if loops is None else {"loops": str(loops)}))
    if shown.message and shown.message["kind"] == "error":
        raise ValueError(shown.message["text"])
    return message_bytes(engine, shown)


def written(task: Task, tokens: np.ndarray) -> str:
    """Write a run's input as a text that its task reads as the same input.

    Raises ValueError where the task writes none that it reads.
    """
    wrong = f"The trace's input cannot be written as a text of {task.name}; is it of this checkpoint?"
    try:
        whole = task.decode(tokens, np.zeros_like(tokens))
    except ValueError as error:
        raise ValueError(wrong) from error
    for text in (whole, whole.rpartition(":")[0]):  # some tasks write the answer behind a colon
        try:
            same = np.array_equal(task.encode(task.parse(text)), tokens)
        except ValueError:  # this text is none that the task reads
            continue
        if same:
            return text
    raise ValueError(wrong)


def place(checkpoint: Checkpoint | str) -> tuple[str, Path]:
    """Return the name of a checkpoint within a catalogue, with its changes, and the folder of that catalogue.

    Raises CheckpointError for a name of no checkpoint and no folder.

    >>> place("sudoku4-tmlt~frozen")[0]
    'sudoku4-tmlt~frozen'
    """
    if isinstance(checkpoint, Checkpoint):
        changes = CheckpointName.read(checkpoint.name).changes
        folder = checkpoint.folder.resolve()
        return folder.name + ("" if changes is None else f"~{changes}"), folder.parent
    base, mark, changed = checkpoint.partition("~")
    if base in checkpoints.names():
        return checkpoint, checkpoints.CATALOGUE
    if not Path(base).is_dir():
        raise CheckpointError(f"There is no checkpoint called {base!r}, and no folder of that name.")
    folder = Path(base).resolve()
    return folder.name + mark + changed, folder.parent
