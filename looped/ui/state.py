"""What all visitors share: one engine, made once per server."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from looped import tasks
from looped.engine import Engine
from looped.figures.microscope import Packed, pack_trace
from looped.lenses.rules import sudoku_rules
from looped.tasks.sudoku import BOXES, EXAMPLES
from looped.trace import Trace


@st.cache_resource(show_spinner="Loading the checkpoints …")
def engine() -> Engine:
    return Engine()


def pack_board(trace: Trace) -> Packed:
    """What the Sudoku page draws of a run."""
    size = math.isqrt(len(trace.tokens))
    digits = np.where(trace.tokens > 0, trace.tokens, trace.answers)
    right = tasks.get(f"sudoku{size}").right(np.broadcast_to(trace.tokens, digits.shape), trace.answers)
    return pack_trace(trace, sudoku_rules(BOXES[size], digits), right, trace.tokens == 0)


def warm_up(shared: Engine) -> None:
    """Load every checkpoint and trace one board with it: weights, kernels and the compiled solver are then ready."""
    for name in shared.names():
        checkpoint = shared.checkpoint(name)
        board = checkpoint.task.parse(EXAMPLES[int(checkpoint.task.length**0.5)][0][1])
        shared.packed(name, checkpoint.task.encode(board), checkpoint.config.trained_loops, pack_board)
