"""The microscope in a cell of a notebook, through anywidget (the optional extra `notebook`)."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

from looped.catalogue.checkpoints import Checkpoint
from looped.export.bundle import ASSETS, joined, read
from looped.export.message import message
from looped.runs.trace import Trace

RENDER = """
export default {
  render({ model, el }) {
    return <entry>.show(el, model.get("data"), { query: model.get("query"), inside: true });
  },
};
"""


@cache
def script() -> str:
    """Return the module that anywidget loads: all modules of the browser joined, and how a cell shows one run."""
    modules, entry = joined(read())
    return modules + RENDER.replace("<entry>", entry)


@cache
def widget() -> type[Any]:
    """Return the class of the widget. Raises ImportError where anywidget is not installed."""
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError("looped.show needs anywidget; install it with: pip install 'loopscope[notebook]'") from error

    class Microscope(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        """One run; its message travels in base64."""

        _esm = script()
        _css = (ASSETS / "microscope.css").read_text("utf-8")
        data = traitlets.Unicode().tag(sync=True)
        query = traitlets.Unicode().tag(sync=True)

    return Microscope


def show(
    what: Trace | Checkpoint | str,
    of: Checkpoint | str | None = None,
    loops: int | None = None,
    versus: str = "",
    view: str = "",
) -> Any:
    """Show a run in a notebook: it steps, plays, selects and shows every panel that needs no server.

    `show(checkpoint, text, loops=16)` runs a checkpoint (loaded, a name or a folder) on a text and shows that run.
    `show(trace, checkpoint)` shows what `looped.record` recorded, number by number: the checkpoint says which task and
    model the trace is of, because a trace does not. One loop of it is run, to refuse a trace that cannot be of it.

    **Arguments:** `loops` and `versus` as for `looped.export.message.message`; `view` what is chosen, as in the address
    bar of the app ("loop=5&cell=40").

    Raises ImportError where anywidget is not installed, ValueError for what cannot be shown.
    """
    kind = widget()
    if isinstance(what, Trace):
        if of is None:
            raise ValueError("A trace does not say which model it is of; use looped.show(trace, checkpoint).")
        if loops not in (None, what.loops):
            raise ValueError(f"The trace has {what.loops} loops; leave out loops={loops}, or record that many.")
        data = message(of, None, what.loops, versus, what)
    elif isinstance(of, str):
        data = message(what, of, loops, versus)
    else:
        raise ValueError("Say which input to run, as a text: looped.show(checkpoint, text).")
    return kind(data=base64.b64encode(data).decode(), query=view)
