"""The page of lessons: what was found out about the checkpoints, and how to ask the same questions in a notebook."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

DOCS = Path(__file__).resolve().parents[2] / "assets" / "docs"


def page() -> None:
    lessons, lenses = st.tabs(["Lessons", "Lenses in a notebook"])
    lessons.markdown((DOCS / "lessons.md").read_text("utf-8"))
    lenses.markdown((DOCS / "lenses.md").read_text("utf-8"))
