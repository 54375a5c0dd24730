"""The message of one view, as the app would send it, made without the app."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np

from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import Checkpoint, CheckpointError
from looped.runs.names import CheckpointName
from looped.runs.trace import Trace, record
from looped.serving.engine import Engine
from looped.serving.request import shown_by
from looped.serving.views import message_bytes
from looped.tasks import Task


class Verifying(Engine):
    """An engine for pages without a server: nobody can ask later whether a run is what the model computes.

    Besides the catalogue it has the folders that were named to it (`name_of`).
    """

    def __init__(self, catalogue: Path | None = None) -> None:
        super().__init__(catalogue)
        self.own: dict[str, Checkpoint] = {}

    def names(self) -> list[str]:
        """Return the checkpoints of the catalogue, then the folders that were named."""
        return [*super().names(), *self.own]

    def checkpoint(self, name: str) -> Checkpoint:
        """Return a checkpoint of the catalogue or a folder that was named, or a variant of one."""
        return self.own[name] if name in self.own else super().checkpoint(name)

    def name_of(self, checkpoint: Checkpoint | str) -> str:
        """Return what a checkpoint, a name or a folder is called here, with its changes.

        A folder is called as it is, with a number behind its name where something else is called so. Raises
        CheckpointError for a name of no checkpoint and no folder.
        """
        if isinstance(checkpoint, Checkpoint):
            base, changes = str(checkpoint.folder), CheckpointName.read(checkpoint.name).changes
            end = "" if changes is None else f"~{changes}"
        else:
            base, mark, changed = checkpoint.partition("~")
            end = mark + changed
            if base in checkpoints.names(self.catalogue):
                return checkpoint
            if not Path(base).is_dir():
                raise CheckpointError(f"There is no checkpoint called {base!r}, and no folder of that name.")
        folder = Path(base).resolve()
        if folder.parent == self.catalogue.resolve() and folder.name in checkpoints.names(self.catalogue):
            return folder.name + end
        known = next((name for name, one in self.own.items() if one.folder == folder), None)
        if known is None:
            taken = {*checkpoints.names(self.catalogue), *self.own}
            numbered = (f"{folder.name}-{number}" for number in count(2))
            known = folder.name if folder.name not in taken else next(name for name in numbered if name not in taken)
            self.own[known] = replace(checkpoints.load_checkpoint(str(folder), self.device), name=known, folder=folder)
        return known + end

    def computed(self, name: str, tokens: np.ndarray, loops: int, verify: bool = True) -> tuple[Trace, str]:
        """Return a run that is verified, and the device. Raises ValueError as `Engine.computed` does."""
        return super().computed(name, tokens, loops, verify=True)


class Recorded(Verifying):
    """An engine for which one run of one checkpoint is recorded already: it gives this trace and runs nothing."""

    def __init__(self, of: Checkpoint | str, recorded: Trace) -> None:
        super().__init__()
        self.name = self.name_of(of)
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
    trace that is of another input than the text, or of another model than that of the checkpoint.
    """
    engine = Verifying() if trace is None else Recorded(checkpoint, trace)
    name = engine.name_of(checkpoint)
    of = engine.checkpoint(name)
    if trace is not None:
        loops = trace.loops
        text = written(of.task, trace.input) if text is None else text
        why = foreign(of, trace)
        if why is not None:
            raise ValueError(why)
    elif loops is not None:
        if not hasattr(loops, "__index__"):
            raise ValueError(f"loops is {loops!r}; it must be a whole number.")
        if not 1 <= loops <= engine.most_loops(name):
            raise ValueError(
                f"{name} can be shown for 1 to {engine.most_loops(name)} {of.passes['loops']}, not {loops}."
            )
    of.task.parse(text or "")  # a page would show an example in place of what cannot be read, and say so
    beside = engine.name_of(versus) if versus else ""
    if beside:
        check_beside(of, engine.checkpoint(beside))
    query = {"checkpoint": name, "puzzle": text or "", "versus": beside}
    shown = shown_by(engine, query | ({} if loops is None else {"loops": str(loops)}))
    if shown.message and shown.message["kind"] == "error":
        raise ValueError(shown.message["text"])
    return message_bytes(engine, shown)


def foreign(checkpoint: Checkpoint, trace: Trace) -> str | None:
    """Say in one sentence why a trace cannot be of a checkpoint; None where nothing in its arrays tells.

    One loop is run, for what the model observes and in which shapes. What an older trace lacks tells nothing, but for
    the scales of a timestep, which no trace of a model with a timestep lacks.
    """
    own, wrong = record(checkpoint.model, trace.input, 1, verify=False), f"The trace is not of {checkpoint.name}: "
    if bool(own.modulations) != bool(trace.modulations):
        has, lacks = ("the trace", "that model") if trace.modulations else ("that model", "the trace")
        return f"{wrong}{has} has scales of a timestep, and {lacks} has none."
    for (what, mine), (_, theirs) in zip(measures(own), measures(trace), strict=True):
        if None not in (mine, theirs) and mine != theirs:
            return f"{wrong}it has {what} {theirs}, and that model {mine}."
    for name, array in trace.observed.items():
        if name not in own.observed:
            return f"{wrong}it holds {name!r}, which that model does not have."
        if array.shape[1:] != own.observed[name].shape[1:]:
            return f"{wrong}its {name!r} has another shape than that of the model."
    return None


def measures(trace: Trace) -> list[tuple[str, str | int | None]]:
    """Return what the arrays of a trace say of its model, each with its name; None for what they do not say."""
    attention, layered = trace.observed.get("attention"), [*trace.modulations, "attention", "wrote"]
    return [
        ("the output", trace.output_kind),
        ("the width", trace.hidden.shape[2]),
        ("positions:", trace.positions),
        ("the vocabulary" if trace.input_name == "tokens" else "outputs:", trace.output.shape[2]),
        ("layers:", next((trace.observed[name].shape[1] for name in layered if name in trace.observed), None)),
        ("heads:", None if attention is None else attention.shape[2]),
    ]


def written(task: Task, tokens: np.ndarray) -> str:
    """Write a run's input as a text that its task reads as the same input.

    Raises ValueError where the task writes none that it reads.
    """
    wrong = f"The trace's input cannot be written as a text of {task.name}"
    try:
        text = task.written(tokens)
        if np.array_equal(task.encode(task.parse(text)), tokens):
            return text
    except (ValueError, IndexError, TypeError) as error:  # other tokens than those of the task
        raise ValueError(f"{wrong}; is it of this checkpoint?") from error
    raise ValueError(
        f"{wrong}, which rounds numbers; give the text that it was read from: looped.show(checkpoint, text)."
        if task.input_kind == "vectors"
        else f"{wrong}; is it of this checkpoint?"
    )


def check_beside(one: Checkpoint, other: Checkpoint) -> None:
    """Raise ValueError for two checkpoints that cannot stand beside each other."""
    if one.name == other.name:
        raise ValueError(f"{one.name} beside itself shows nothing; name another to compare with, or a change of it.")
    if one.task.name != other.task.name:
        raise ValueError(
            f"{other.name} does another task ({other.task.name}) than {one.name} ({one.task.name}), so that no input "
            "is for both."
        )
