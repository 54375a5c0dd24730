"""Memory that visitors leave behind goes back to the system."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from looped.serving import memory

FILE = Path(__file__).resolve().parents[2] / "looped" / "serving" / "memory.py"
PROGRAM = """
import runpy, sys, threading
import numpy as np
memory = runpy.run_path(sys.argv[1])
if sys.argv[2] == "little":
    memory["keep_little"]()

def resident():
    told = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in told if line.startswith("VmRSS")) // 1024

kept = []

def visitor():  # each leaves one small thing behind, above a run of its own
    for _ in range(2):
        run = [np.ones(100_000) for _ in range(40)]
        kept.append(np.ones(1000))
        del run

before = resident()
for _ in range(6):
    threads = [threading.Thread(target=visitor) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
used = resident() - before
if sys.argv[2] == "little":
    memory["trim"]()
print(used, resident() - before)
"""


def test_runs_in_many_threads_leave_nothing_behind() -> None:
    """Each run takes 32 MB, two at once; what is kept of all of them is less than 1 MB."""
    command = [sys.executable, "-c", PROGRAM, str(FILE)]
    done = subprocess.run([*command, "little"], capture_output=True, text=True, timeout=60, check=True)
    used, left = map(int, done.stdout.split())
    assert used < 160
    assert left < 8


def test_free_memory_goes_back_while_there_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that nobody asks anything has nothing to give back."""
    given: list[int] = []
    monkeypatch.setattr(memory, "trim", lambda: given.append(1))
    counts = [5, 6, 6, 6, 7]
    with pytest.raises(IndexError):  # at the end of the counts
        asyncio.run(memory.keep_trimmed(lambda: counts.pop(0), seconds=0.0))
    assert len(given) == 2


def test_what_is_kept_lies_in_one_block_of_its_own() -> None:
    """The values are the same to the bit; what an array was a part of, and the allocator's memory, are let go."""
    whole = np.arange(1000, dtype=np.float32)
    whole.flags.writeable = False
    given = {"part": whole[10:20], "steps": np.arange(6, dtype=np.int16).reshape(2, 3).T, "empty": np.zeros((0, 3))}
    kept = memory.in_one_block({**given, "words": "said"})
    assert list(kept) == [*given, "words"]
    assert kept["words"] == "said"
    for name, array in given.items():
        assert kept[name].dtype == array.dtype
        assert np.array_equal(kept[name], array)
        assert kept[name].flags.writeable == array.flags.writeable
    assert not any(np.shares_memory(kept[name], array) for name, array in given.items())
    assert len({id(owner(kept[name])) for name in ("part", "steps")}) == 1
    assert memory.in_one_block({"words": "said"}) == {"words": "said"}


def owner(array: np.ndarray) -> object:
    """What the memory of an array belongs to."""
    base: object = array
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    return base.obj if isinstance(base, memoryview) else base
