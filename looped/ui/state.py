"""What all visitors share: one engine, made once per server."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
import torch
from threadpoolctl import threadpool_limits

from looped import tasks
from looped.catalogue import checkpoints
from looped.lenses.rules import countdown_rules, sudoku_rules, word_rules
from looped.runs.trace import Trace
from looped.serving.engine import Engine
from looped.serving.message import Packed, least, pack_trace
from looped.tasks.sudoku.geometry import BOXES


@st.cache_resource(
    show_spinner=False
)  # made before the first visitor: nobody would see it, and Streamlit warns of that
def engine() -> Engine:
    """On the checkpoints of the repository, or on those of the folder that LOOPSCOPE_CHECKPOINTS names."""
    return Engine(Path(os.environ.get("LOOPSCOPE_CHECKPOINTS") or checkpoints.CATALOGUE))


@cache  # the same function every time: what it made is remembered under it
def packer(name: str) -> Callable[[Trace], Packed]:
    """What turns a run of this task into what its page draws."""
    task: Any = tasks.get(name)  # what it offers beside the verbs of all tasks depends on its kind

    def pack(trace: Trace) -> Packed:
        tokens = trace.tokens
        asked, right = task.asked(tokens), task.right(np.broadcast_to(tokens, trace.answers.shape), trace.answers)
        extra = {
            "answers": least(trace.answers)
        }  # which probabilities in 16 bits do not tell when two are all but equal
        if task.kind == "sudoku":
            rules = sudoku_rules(BOXES[math.isqrt(len(tokens))], np.where(asked, trace.answers, tokens))
        elif task.kind == "words":
            first, second = task.words(tokens)
            rules = word_rules(first, second, len(tokens))
            extra["table"] = task.table(first, second).astype(np.uint16)
        else:
            rules = countdown_rules(task.count, len(tokens))
            extra["holds"] = task.holds(tokens, trace.answers).astype(np.uint8)
        packed = pack_trace(trace, rules, right, asked)
        return packed | {"arrays": packed["arrays"] | extra}

    return pack


def warm_up(shared: Engine) -> None:
    """Load every checkpoint and trace one input with it: weights, kernels and the compiled solver are then ready.

    On a CPU everything has one core: products this small take longer on two, which wait for each other, and the other cores
    are there for the other visitors (`python -m looped bench users`).
    """
    if shared.device.type == "cpu":
        torch.set_num_threads(1)
        threadpool_limits(1, "blas")  # of NumPy
    for name in shared.names():
        checkpoint = shared.checkpoint(name)
        task = checkpoint.task
        shared.packed(
            name, task.encode(task.parse(task.examples[0][1])), checkpoint.config.trained_loops, packer(task.name)
        )
