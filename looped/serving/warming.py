"""What is made ready before the first visitor: weights, kernels, the compiled solver, and how many cores work has."""

from __future__ import annotations

import torch
from threadpoolctl import threadpool_limits

from looped.serving.activity import Activity
from looped.serving.engine import Engine
from looped.serving.memory import give_memory_back
from looped.serving.packing import packer


def warm_up(shared: Engine, each_task: bool = False) -> None:
    """Load every checkpoint and trace one input with it: weights, kernels and the compiled solver are then ready.

    One that cannot be run is left out by name; the others are served. each_task: only the first checkpoint of each task
    is run, which takes a third of the time: what is compiled is of the task.

    On a CPU everything has one core: products this small take longer on two, which wait for each other, and the other
    cores are there for the other visitors (`python -m looped bench classroom`).
    """
    if shared.device.type == "cpu":
        torch.set_num_threads(1)
        threadpool_limits(1, "blas")  # of NumPy
    names = shared.names()
    if each_task:
        names = list({shared.checkpoint(name).task.name: name for name in reversed(names)}.values())
    for name in names:
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
