"""What all visitors share: one engine, made once per server."""

from __future__ import annotations

import streamlit as st

from looped.engine import Engine
from looped.figures.microscope import pack_trace
from looped.tasks.sudoku import EXAMPLES


@st.cache_resource(show_spinner="Loading the checkpoints …")
def engine() -> Engine:
    return Engine()


def warm_up(shared: Engine) -> None:
    """Load every checkpoint and trace one board with it: weights, kernels and the compiled solver are then ready."""
    for name in shared.names():
        checkpoint = shared.checkpoint(name)
        board = checkpoint.task.parse(EXAMPLES[int(checkpoint.task.length**0.5)][0][1])
        shared.packed(name, checkpoint.task.encode(board), checkpoint.config.trained_loops, pack_trace)
