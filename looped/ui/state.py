"""What all visitors share: one engine, made once per server."""

from __future__ import annotations

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
from looped.runs.trace import Trace
from looped.serving.engine import Engine
from looped.serving.message import Facts, Letters, Packed, Ways, pack_trace

MOST_WAYS = 60  # solutions that are drawn


@st.cache_resource(
    show_spinner=False
)  # made before the first visitor: nobody would see it, and Streamlit warns of that
def engine() -> Engine:
    """On the checkpoints of the repository, or on those of the folder that LOOPSCOPE_CHECKPOINTS names."""
    return Engine(Path(os.environ.get("LOOPSCOPE_CHECKPOINTS") or checkpoints.CATALOGUE))


def facts(task: tasks.Task, tokens: np.ndarray, answers: np.ndarray) -> Facts:
    """Say what the task knows of a run with tokens (positions,) and answers (loops, positions)."""
    drawn = np.zeros(len(tokens), bool)
    for row in task.layout(tokens).rows:
        drawn[list(row)] = True
    halves, ways, own = task.halves(tokens), task.solutions(tokens, MOST_WAYS), task.equations(tokens, answers)
    letters = None
    if halves is not None:
        first, second = halves
        letters = Letters(first, second, tokens[first][:, None] == tokens[second])
    return Facts(
        rules=task.rules(tokens, answers),
        right=task.right(np.broadcast_to(tokens, answers.shape), answers),
        asked=task.asked(tokens),
        groups=task.groups(tokens),
        undrawn=None if drawn.all() else ~drawn,
        letters=letters,
        ways=None if ways is None or own is None else Ways(ways, own),
        many=task.many_tokens,
    )


@cache  # the same function every time: what it made is remembered under it
def packer(name: str) -> Callable[[Trace], Packed]:
    """What turns a run of this task into what its page draws."""
    task: Any = tasks.get(name)  # what it offers beside the verbs of all tasks depends on its kind

    def pack(trace: Trace) -> Packed:
        packed = pack_trace(trace, facts(task, trace.tokens, trace.answers))
        extra = {}
        if task.kind == "words":
            extra["table"] = task.table(*task.words(trace.tokens)).astype(np.uint16)
        elif task.kind == "countdown":
            extra["holds"] = task.holds(trace.tokens, trace.answers).astype(np.uint8)
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
