"""What all visitors share: one engine, made once per server."""

from __future__ import annotations

import streamlit as st

from looped.serving.engine import Engine
from looped.serving.remote import Replicas
from looped.serving.warming import warm_up as warm_up
from looped.settings import settings

LOOKED_AT = "looked-at"  # in the state of a session: the checkpoint that a page with a microscope showed last


# Made before the first visitor, so a spinner would not be seen, and Streamlit warns of that.
@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """Return the engine as the settings say (`looped.settings`)."""
    known = settings()
    device = None if known.device == "auto" else known.device
    backend = Replicas(known.serve) if known.serve else None
    return Engine(device=device, cache_bytes=known.cache_mb * 2**20, most_loops=known.loops, backend=backend)
