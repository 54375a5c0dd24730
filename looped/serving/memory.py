"""Memory that is free goes back to the system, so that a server with many visitors stays as large as its work.

glibc keeps an arena for each thread and raises the size from which it asks the system for a block of its own. Every run
of a page has a thread, so what one visitor's arrays leave behind would lie there for good. Elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import gc
import sys

MMAP_THRESHOLD, ARENA_MAX = -3, -8  # of mallopt(3)
OWN_BLOCK = 2**18  # bytes from which an array has a block of its own, which goes back when the array does
ARENAS = 2


def keep_little() -> None:
    """Have the allocator keep little of what is freed. At the start: what was allocated before stays as it is."""
    tune = _glibc("mallopt")
    if tune is not None:
        tune(ARENA_MAX, ARENAS)
        tune(MMAP_THRESHOLD, OWN_BLOCK)


def give_memory_back() -> None:
    """Hand memory that is free but kept by the allocator back to the system, where that can be asked for."""
    gc.collect()  # what refers to itself is not free yet
    trim = _glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _glibc(name: str) -> ctypes._NamedFuncPointer | None:
    """Return a function of glibc, None where there is none."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
