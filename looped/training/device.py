"""What a run does differently on different machines: the device, half precision, compiled code."""

from __future__ import annotations

import shutil
import sys
import time
from functools import cache

import torch
from torch.nn import functional as F

from looped.model import Model


def pick_device(name: str = "auto") -> torch.device:
    """Return the device called "auto", "cpu" or "cuda"; "auto" is the GPU when there is one.

    Raises ValueError when cuda is asked for and there is none.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda was asked for, but PyTorch sees no GPU here; use --device auto or cpu.")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


@cache  # so that all runs of a process use the same precision
def half_precision_pays(device: torch.device) -> bool:
    """Return whether to compute in bfloat16: on every GPU, and on a CPU that multiplies its matrices twice as fast.

    The CPU is timed, which takes about 20 ms.
    """
    if device.type == "cuda":
        return True
    times = []
    for dtype in (torch.float32, torch.bfloat16):
        a, b = torch.ones(1024, 128, dtype=dtype), torch.ones(512, 128, dtype=dtype)
        runs = []
        for _ in range(6):
            started = time.perf_counter()
            F.linear(a, b)
            runs.append(time.perf_counter() - started)
        times.append(min(runs))
    return times[1] * 2 < times[0]


def compile_loop(model: Model) -> bool:
    """Compile one loop and the readout, which all loops share; return whether there is a compiler to do it.

    One loop and not the whole run: that takes half a minute whatever the number of loops, and nothing is compiled again
    when that number varies.
    """
    compilers = ["g++"] if sys.platform == "linux" else []
    if next(model.parameters()).device.type == "cuda":
        compilers = ["cc", "gcc", "clang"]
    if not any(map(shutil.which, compilers)):
        return False
    for shared in ("step", "advance", "readout"):  # what is never called is never compiled
        setattr(model, shared, torch.compile(getattr(model, shared)))
    return True
