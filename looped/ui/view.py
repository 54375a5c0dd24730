"""A page with a microscope: read what a visitor asks for, send the browser what it needs to draw the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from looped.questions import unanswerable
from looped.serving.engine import Engine
from looped.serving.request import Request, answer, first_view, from_link, refused
from looped.serving.views import message_bytes
from looped.tasks.protocol import Page
from looped.ui.component import microscope
from looped.ui.state import LOOKED_AT, engine


def received(shared: Engine, state: Any, page: Page, query: dict[str, str]) -> None:
    """Keep `state[page.slug]` up with what the browser's component asks for.

    Raises ValueError when there is nothing to show.
    """
    key = page.slug
    asked = (state.get(f"{key}-microscope") or {}).get("request")
    if key not in state:
        state[key] = from_link(shared, page, query)
    if isinstance(asked, dict) and asked.get("number") != state[key].number:
        number = asked.get("number")
        request = Request(
            asked.get("puzzle"),
            asked.get("checkpoint"),
            asked.get("loops"),
            asked.get("versus", ""),
            number if isinstance(number, int) else 0,
        )
        state[key] = answer(shared, page, state[key], request)


def drawable(shared: Engine, state: Any, page: Page) -> bytes:
    """Return the message of what is shown; of the last view that could be run, where this one cannot.

    A change may be one that a model's numbers do not bear. The sentence that says so stands beside the last picture.
    """
    kept = f"{page.slug}-ran"
    try:
        data = message_bytes(shared, state[page.slug], unanswerable)
    except ValueError as error:
        last = state.get(kept) or first_view(shared, page)
        said = refused(replace(last, number=state[page.slug].number), f"This cannot be run: {error}")
        state[page.slug] = said
        return message_bytes(shared, said, unanswerable)
    state[kept] = state[page.slug]
    return data


def unanswered(state: Any, page: Page) -> bool:
    """Return whether the browser's component asks for something that is not what is shown."""
    asked = (state.get(f"{page.slug}-microscope") or {}).get("request")
    number = asked.get("number") if isinstance(asked, dict) else None
    return isinstance(number, int) and number != state[page.slug].number


def show(page: Page) -> None:
    """Draw a page: read what was asked, check it, send the trace."""
    shared = engine()
    try:
        received(shared, st.session_state, page, st.query_params.to_dict())
    except ValueError as error:  # there is nothing to show yet
        st.info(str(error))
        return
    data = drawable(shared, st.session_state, page)
    st.session_state[LOOKED_AT] = st.session_state[page.slug].checkpoint
    microscope(
        key=f"{page.slug}-microscope",
        data=data,
        on_request_change=lambda: None,
    )
    # The server was started anew under an open page: its request was not known before the component was.
    if unanswered(st.session_state, page):
        st.rerun()
