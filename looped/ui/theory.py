"""The page Theory: read what a visitor chose, send the browser the numbers of that setting."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import streamlit as st

from looped.experiments.rates import RATES
from looped.serving.message import pack
from looped.theory.lab import Lab, read, show
from looped.ui.component import microscope

KEY = "theory"
WELCOME = (
    "A looped transformer with its weights written by hand. It rounds every token, reads the context, and then follows "
    "a table, loop by loop. Press play."
)
_one = threading.Lock()  # a run takes the processor whole; thirty at once would each take thirty times as long


class View(NamedTuple):
    """What is on screen."""

    lab: Lab
    number: int = 0  # of the request that it answers; 0 is the first picture
    message: dict[str, str] | None = None


def opened(query: dict[str, str]) -> View:
    """Return the view of a link; the usual one, with a sentence, where the link cannot be read."""
    try:
        lab = read(query)
    except ValueError as error:
        return View(Lab(), 0, {"kind": "warning", "text": f"This link cannot be shown: {error} The usual is shown."})
    return View(lab, 0, None if query.get("v") else {"kind": "info", "text": WELCOME})


def answered(before: View, request: dict[str, Any]) -> View:
    """Return the view that a request of the browser asks for; the last one, with a sentence, where there is none."""
    number, query = request["number"], request.get("query")
    try:
        lab = read(query if isinstance(query, dict) else {})
    except ValueError as error:
        return View(before.lab, number, {"kind": "error", "text": str(error)})
    return View(lab, number)


def message_bytes(view: View) -> bytes:
    """Return the message of a view: the arrays of `looped.theory.lab.show`, and the rest as JSON."""
    with _one:
        found = show(view.lab)
    rates = [[name, rate.title, rate.asks, rate.beyond] for name, rate in RATES.items()]
    run = {"arrays": found.arrays, "meta": found.meta | {"rates": rates}}
    return pack([run], page=KEY, request=view.number, message=view.message, terms={}, offers=[])


def page() -> None:
    """Draw the page."""
    state = st.session_state
    asked = (state.get(f"{KEY}-microscope") or {}).get("request")
    if KEY not in state:
        state[KEY] = opened(st.query_params.to_dict())
    if isinstance(asked, dict) and isinstance(asked.get("number"), int) and asked["number"] != state[KEY].number:
        state[KEY] = answered(state[KEY], asked)
    microscope(key=f"{KEY}-microscope", data=message_bytes(state[KEY]), on_request_change=lambda: None)
