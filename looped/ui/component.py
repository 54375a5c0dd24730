"""The microscope as a Streamlit component: a script that loads the modules of `assets/microscope`, and their style sheet."""

from __future__ import annotations

import streamlit as st

from looped.ui.modules import ASSETS, entry

microscope = st.components.v2.component(
    "microscope",
    js=entry(),
    css=(ASSETS / "microscope.css").read_text("utf-8"),
    isolate_styles=False,
)
