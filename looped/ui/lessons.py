"""The page of lessons: what was found out about the checkpoints, and how to ask the same questions in a notebook."""

from __future__ import annotations

import streamlit as st

from looped.places import resource

DOCS = resource("assets/docs")
WIDE = 960  # pixels: longer lines are hard to read


def page() -> None:
    for tab, name in zip(st.tabs(["Lessons", "Lenses in a notebook"]), ("lessons", "lenses"), strict=True):
        with tab, st.container(width=WIDE):
            st.markdown((DOCS / f"{name}.md").read_text("utf-8"))
