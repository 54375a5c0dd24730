"""The microscope as a Streamlit component: its script and style come from `assets/`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).resolve().parents[2] / "assets"

microscope = st.components.v2.component(
    "microscope",
    js=(ASSETS / "microscope.js").read_text("utf-8"),
    css=(ASSETS / "microscope.css").read_text("utf-8"),
    isolate_styles=False,
)
