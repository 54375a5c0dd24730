"""Memory that is free goes back to the system, so that a server with many visitors stays as large as its work.

glibc keeps an arena for each thread. Every run of a page has a thread, so what one visitor's arrays leave behind would
lie there for good. One arena is enough here (threads that Streamlit began before keep theirs, unless MALLOC_ARENA_MAX
was set in the environment), and what is free goes back from time to time. Not at once: the arrays of a run are made and
dropped hundreds of times, and blocks that go to the system and come back each time, page by page, make a run take half
as long again. Elsewhere nothing is done.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import mmap
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # of mallopt(3)
OWN_BLOCK = 2**22  # bytes from which an array has a block of its own, which goes back when the array does
FREE_AT_END = 2**24  # bytes that may be free at the end of an arena before they go back by themselves
ARENAS = 1
ALIGNED = 64  # bytes at whose multiples an array begins
OFTEN = 5.0  # seconds between two times that free memory goes back


def keep_little() -> None:
    """Have the allocator share what is freed among all threads. At the start: what was allocated before stays."""
    tune = _glibc("mallopt")
    if tune is not None:
        tune(ARENA_MAX, ARENAS)
        tune(MMAP_THRESHOLD, OWN_BLOCK)
        tune(TRIM_THRESHOLD, FREE_AT_END)


def give_memory_back() -> None:
    """Hand memory that is free but kept by the allocator back to the system, where that can be asked for."""
    gc.collect()  # what refers to itself is not free yet
    trim()


def trim() -> None:
    """Hand back what is free at this moment, without a search for what refers to itself, which stops all threads."""
    give = _glibc("malloc_trim")
    if give is not None:
        give(0)


async def keep_trimmed(worked: Callable[[], int], seconds: float = OFTEN) -> None:
    """Hand memory back every few seconds until cancelled, while `worked`, a count of what was done, goes up."""
    before = worked()
    while True:
        await asyncio.sleep(seconds)
        if (now := worked()) != before:
            before = now
            await asyncio.to_thread(trim)


def in_one_block(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same values, with copies of their arrays, which all lie in one block of memory of their own.

    What is kept for long among what comes and goes keeps the allocator from handing back what is free around it, and
    whatever an array is a part of. The block goes back to the system with the last of the arrays.
    """
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray) and value.nbytes}
    if not arrays:
        return dict(values)
    places = np.cumsum([0, *(-(-array.nbytes // ALIGNED) * ALIGNED for array in arrays.values())])
    block = _block(int(places[-1]))
    moved: dict[str, Any] = {}
    for (name, array), place in zip(arrays.items(), places.tolist(), strict=False):
        moved[name] = np.frombuffer(block, array.dtype, array.size, place).reshape(array.shape)
        moved[name][...] = array
        moved[name].flags.writeable = array.flags.writeable
    return {name: moved.get(name, value) for name, value in values.items()}


def _block(size: int) -> mmap.mmap:
    """Return so many bytes of memory of its own. On Linux all its pages come at once, which takes half the time."""
    if sys.platform == "linux":
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)
    return mmap.mmap(-1, size)


def _glibc(name: str) -> ctypes._NamedFuncPointer | None:
    """Return a function of glibc, None where there is none."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
