"""The pages of the app and what all of them share."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).resolve().parents[2] / "pages"

st.set_page_config(page_title="Loopscope", page_icon="🔬", layout="wide")
st.html(
    # Room for the instrument: Streamlit's own margins would push the clock off a laptop's screen.
    "<style>.stMainBlockContainer { padding: 3.6rem 1.2rem 0.5rem; max-width: 100rem; }</style>"
)
page = st.navigation(
    [
        st.Page(PAGES / "sudoku.py", title="Sudoku", icon=":material/grid_on:", default=True),
        st.Page(PAGES / "models.py", title="Models", icon=":material/model_training:"),
    ],
    position="top",
)
page.run()
