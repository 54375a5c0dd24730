"""What all visitors share: one engine, made once per server."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import replace
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
from looped.serving.message import Facts, Letters, Packed, Ways, pack_trace
from looped.tasks.countdown.task import solutions
from looped.tasks.sudoku.task import BOXES, units

MOST_WAYS = 60  # solutions that are drawn


@st.cache_resource(
    show_spinner=False
)  # made before the first visitor: nobody would see it, and Streamlit warns of that
def engine() -> Engine:
    """On the checkpoints of the repository, or on those of the folder that LOOPSCOPE_CHECKPOINTS names."""
    return Engine(Path(os.environ.get("LOOPSCOPE_CHECKPOINTS") or checkpoints.CATALOGUE))


def facts(task: Any, tokens: np.ndarray, answers: np.ndarray) -> Facts:
    """Say what the task knows of a run with tokens (positions,) and answers (loops, positions)."""
    asked, right = task.asked(tokens), task.right(np.broadcast_to(tokens, answers.shape), answers)
    known = Facts(right=right, asked=asked)
    if task.kind == "sudoku":
        size = math.isqrt(len(tokens))
        rules = sudoku_rules(BOXES[size], np.where(asked, answers, tokens))
        return replace(known, rules=rules, groups=units(size))
    if task.kind == "words":
        first, second = task.words(tokens)
        half, places = len(tokens) // 2, np.arange(len(tokens))
        equal = np.array([[one == other for other in second] for one in first])
        letters = Letters(np.arange(len(first)), half + np.arange(len(second)), equal)
        sizes = np.where(places < half, len(first), len(second))
        undrawn = places % half > sizes
        rules = word_rules(first, second, len(tokens))
        return replace(known, rules=rules, letters=letters, undrawn=undrawn, many=True)
    problem = task.problem(tokens)
    ways = solutions(problem.numbers, problem.target)[:MOST_WAYS]
    own = [[task.canonical(equation) for equation in task.equations(row)] for row in answers]
    drawn = Ways([[str(step) for step in way] for way in ways], own)
    return replace(known, rules=countdown_rules(task.count, len(tokens)), ways=drawn, many=True)


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
