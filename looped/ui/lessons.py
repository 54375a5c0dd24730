"""The page of lessons: what was found out about the checkpoints, and how to ask the same questions in a notebook."""

from __future__ import annotations

import streamlit as st

from looped.places import resource

DOCS = resource("assets/docs")
WIDE = 960  # pixels: longer lines are hard to read


TEXTS = {"lessons": "Lessons", "lenses": "Lenses in a notebook", "experiments": "Experiments"}
"""Name of each document, as links have it behind `text=`, and its tab."""


def page() -> None:
    """Show the documents, each in a tab; a link from one to another opens its tab."""
    chosen = TEXTS.get(st.query_params.get("text", ""))
    for tab, name in zip(st.tabs(list(TEXTS.values()), default=chosen), TEXTS, strict=True):
        with tab, st.container(width=WIDE):
            st.markdown(linked((DOCS / f"{name}.md").read_text("utf-8")))


def linked(text: str) -> str:
    """Return a document with its links to the others as links of the app.

    >>> linked("see [the lenses](lenses.md)")
    'see [the lenses](lessons?text=lenses)'
    """
    for name in TEXTS:
        text = text.replace(f"]({name}.md)", f"](lessons?text={name})")
    return text
