"""The microscope as a Streamlit component: its script and style come from `assets/`."""

from __future__ import annotations

import streamlit as st

from looped.places import resource

ASSETS = resource("assets/microscope")
# One module for the browser: the parts share a scope, each uses only what stands before it.
SCRIPTS = (
    "bytes",
    "elements",
    "surface",
    "view",
    "panels",
    "lenses",
    "asking",
    "face",
    "clock",
    "microscope",
    "board",
    "sudoku",
    "tables",
    "sequences",
)

microscope = st.components.v2.component(
    "microscope",
    js="\n".join((ASSETS / f"{name}.js").read_text("utf-8") for name in SCRIPTS),
    css=(ASSETS / "microscope.css").read_text("utf-8"),
    isolate_styles=False,
)
