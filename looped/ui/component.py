"""The microscope as a Streamlit component: a script that loads the browser's modules, and their style sheet."""

from __future__ import annotations

import streamlit as st

from looped.export.bundle import ASSETS
from looped.ui.modules import entry

microscope = st.components.v2.component(
    "microscope",
    js=entry(),
    css=(ASSETS / "microscope.css").read_text("utf-8"),
    isolate_styles=False,
)
