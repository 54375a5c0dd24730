"""What all visitors share: one engine, made once per server."""

from __future__ import annotations

import streamlit as st
import torch
from threadpoolctl import threadpool_limits

from looped.serving.activity import Activity
from looped.serving.engine import Engine
from looped.serving.memory import give_memory_back
from looped.serving.packing import packer
from looped.settings import settings

LOOKED_AT = "looked-at"  # in the state of a session: the checkpoint that a page with a microscope showed last


# Made before the first visitor, so a spinner would not be seen, and Streamlit warns of that.
@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """Return the engine as the settings say (`looped.settings`)."""
    known = settings()
    device = None if known.device == "auto" else known.device
    return Engine(device=device, cache_bytes=known.cache_mb * 2**20, most_loops=known.loops)


def warm_up(shared: Engine) -> None:
    """Load every checkpoint and trace one input with it: weights, kernels and the compiled solver are then ready.

    One that cannot be run is left out by name; the others are served.

    On a CPU everything has one core: products this small take longer on two, which wait for each other, and the other
    cores are there for the other visitors (`python -m looped bench classroom`).
    """
    if shared.device.type == "cpu":
        torch.set_num_threads(1)
        threadpool_limits(1, "blas")  # of NumPy
    for name in shared.names():
        try:
            run_once(shared, name)
        except ValueError as error:  # its weights are numbers, but what it computes with them is not
            shared.refuse(name, str(error))
    shared.activity = Activity()  # nobody has asked anything yet
    give_memory_back()


def run_once(shared: Engine, name: str) -> None:
    """Trace the first example of a checkpoint's task with it. Raises ValueError when that cannot be."""
    checkpoint = shared.checkpoint(name)
    task = checkpoint.task
    parsed = task.parse(task.examples[0][1])
    pack = packer(task.name, task.beside(parsed))
    shared.packed(name, task.encode(parsed), checkpoint.model.trained_loops, pack)
