"""The microscope in a cell of a notebook, through anywidget (the optional extra `notebook`)."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

from looped.export.bundle import ASSETS, joined, read

RENDER = """
export default {
  render({ model, el }) {
    return <entry>.show(el, model.get("data"), { query: model.get("query") });
  },
};
"""


@cache
def script() -> str:
    """Return the module that anywidget loads: all modules of the browser joined, and how a cell shows one run."""
    modules, entry = joined(read())
    return modules + RENDER.replace("<entry>", entry)


def show(checkpoint: str, text: str, loops: int | None = None, versus: str = "", view: str = "") -> Any:
    """Show a run in a notebook: it steps, plays, selects and shows every panel that needs no server.

    **Arguments:** `checkpoint`, `text`, `loops` and `versus` as for `looped.export.message.message`; `view` what is
    chosen, as in the address bar of the app ("loop=5&cell=40").

    Raises ImportError where anywidget is not installed, ValueError for what cannot be shown.
    """
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError("looped.show needs anywidget; install it with: pip install 'loopscope[notebook]'") from error
    from looped.export.message import message

    class Microscope(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        """One run; its message travels in base64."""

        _esm = script()
        _css = (ASSETS / "microscope.css").read_text("utf-8")
        data = traitlets.Unicode().tag(sync=True)
        query = traitlets.Unicode().tag(sync=True)

    return Microscope(data=base64.b64encode(message(checkpoint, text, loops, versus)).decode(), query=view)
