"""A link's view, whichever page it is of: its checkpoint says."""

from __future__ import annotations

from looped.serving.engine import Engine
from looped.ui import sequences, sudoku
from looped.ui.view import Shown


def shown_by(shared: Engine, query: dict[str, str]) -> Shown:
    """What a link shows; see `from_link` of both pages."""
    checkpoint = query.get("checkpoint", "").partition("~")[0]  # whatever is wrong with a change, its page says
    from_link = sudoku.from_link if sequences.trouble(shared, checkpoint) else sequences.from_link
    return from_link(shared, query)
