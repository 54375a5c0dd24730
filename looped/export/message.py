"""The message of one view, as the app would send it, made without the app."""

from __future__ import annotations

from pathlib import Path

from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import CheckpointError
from looped.serving.engine import Engine
from looped.serving.request import shown_by
from looped.serving.views import message_bytes


def message(checkpoint: str, text: str, loops: int | None = None, versus: str = "") -> bytes:
    """Run a checkpoint on an input, and another beside it if `versus` names one, and pack what the browser draws.

    **Arguments:** `checkpoint` a name of the catalogue or a folder, with changes after ~ as in a link; `text` the input
    as a person types it; `loops` as many as a first visit shows where it is not said.

    Raises ValueError in one sentence for a checkpoint, an input or a number of loops that cannot be shown.
    """
    base, mark, changes = checkpoint.partition("~")
    folder = Path(base)
    known = base in checkpoints.names()
    if not known and not folder.is_dir():
        raise CheckpointError(f"There is no checkpoint called {base!r}, and no folder of that name.")
    engine = Engine() if known else Engine(folder.resolve().parent)
    name = (base if known else folder.resolve().name) + mark + changes
    query = {"checkpoint": name, "puzzle": text, "versus": versus}
    shown = shown_by(engine, query | ({} if loops is None else {"loops": str(loops)}))
    if shown.message and shown.message["kind"] == "error":
        raise ValueError(shown.message["text"])
    return message_bytes(engine, shown)
