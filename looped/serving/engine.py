"""One door to the device: every trace that the app shows is computed here, in turn, and cached."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import Checkpoint
from looped.model.seam import most_loops_within, passes_of
from looped.runs.names import CheckpointName
from looped.runs.trace import Trace, record
from looped.serving.activity import Activity
from looped.serving.backend import Backend, Done
from looped.serving.memory import in_one_block
from looped.serving.turns import Turns

Packed = dict[str, Any]
MOST_LOOPS = 256
MOST_VARIANTS = 64  # kept ready; a changed link may ask for any other
CACHE_BYTES = 96 * 2**20  # of packed results; about forty boards of 9×9 at 32 loops


class Engine:
    """Loads checkpoints once and runs them for any number of threads. A model is only read, never changed.

    Callers wait for one of the device's `turns` (by default one for a GPU, and one for each core of a CPU): thirty
    users who ask at once are served one after the other at full speed instead of all together at a thirtieth of it.
    """

    def __init__(
        self,
        catalogue: Path | None = None,
        device: str | None = None,
        cache_bytes: int = CACHE_BYTES,
        turns: int | None = None,
        most_loops: int = MOST_LOOPS,
        backend: Backend | None = None,
    ) -> None:
        self.catalogue = catalogue or checkpoints.CATALOGUE
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.cache_bytes = cache_bytes
        self.longest = most_loops
        on_cpu = self.device.type == "cpu"
        self._turns = Turns(turns or ((os.cpu_count() or 1) if on_cpu else 1), beside=on_cpu)
        self.here = InProcess()
        self.backend: Backend = backend or self.here
        self.activity = Activity()
        self._guard = threading.Lock()
        self._loaded: dict[str, Checkpoint] = {}
        self._faults: dict[str, tuple[Hashable, str]] = {}  # of folders that cannot be used, and of which state of them
        self._variants: OrderedDict[str, Checkpoint] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._cache: OrderedDict[Hashable, tuple[Packed, int]] = OrderedDict()

    def names(self) -> list[str]:
        """Checkpoints of the catalogue that can be used; `broken` says why others cannot."""
        found = checkpoints.names(self.catalogue)
        broken = self._broken(found)
        return [name for name in found if name not in broken]

    def broken(self) -> dict[str, str]:
        """Folders of the catalogue that cannot be used, with one sentence each, which names no path of this machine.

        One bad folder must not stop the others.
        """
        return self._broken(checkpoints.names(self.catalogue)) | checkpoints.without_config(self.catalogue)

    def _broken(self, names: list[str]) -> dict[str, str]:
        reasons = {}
        for name in names:
            try:
                self.checkpoint(name)
            except checkpoints.CheckpointError as error:
                reasons[name] = str(error)
        return reasons

    def refuse(self, name: str, why: str) -> None:
        """Leave a checkpoint out, whose files are right but which cannot be run, until its files are others."""
        with self._guard:
            self._loaded.pop(name, None)
            self._faults[name] = (state_of(self.catalogue / name), f"{name} cannot be run: {why}")

    def _load(self, name: str) -> Checkpoint:
        """Load a checkpoint; one that was refused is read again only when its files are others."""
        state = state_of(self.catalogue / name)
        known, why = self._faults.get(name, (None, ""))
        if known == state:
            raise checkpoints.CheckpointError(why)
        try:
            loaded = checkpoints.load_checkpoint(name, self.device, self.catalogue)
        except checkpoints.CheckpointError as error:
            why = str(error).replace(f"{self.catalogue}{os.sep}", "")
            self._faults[name] = (state, why)
            raise checkpoints.CheckpointError(why) from error
        self._faults.pop(name, None)
        loaded.model.cache_constants()
        return loaded

    def checkpoint(self, name: str) -> Checkpoint:
        """Return a checkpoint of the catalogue, or a variant NAME~kind of one, loaded and verified once.

        Raises CheckpointError.
        """
        read = CheckpointName.read(name)
        if read.changes is not None:
            of = self.checkpoint(read.base)
            with self._guard:
                if name in self._variants:
                    self._variants.move_to_end(name)
                    return self._variants[name]
            made = checkpoints.variant_of(of, read.changes)
            with self._guard:
                self._variants[name] = made
                while len(self._variants) > MOST_VARIANTS:
                    self._variants.popitem(last=False)
                return made
        with self._guard:
            if name not in self._loaded:
                known = checkpoints.names(self.catalogue)
                if name not in known:  # a name from a link must not become a path
                    raise checkpoints.CheckpointError(
                        f"there is no checkpoint called {name!r}: it is none of {checkpoints.known_words(name, known)}"
                    )
                self._loaded[name] = self._load(name)
            return self._loaded[name]

    def most_loops(self, name: str) -> int:
        """Return how many loops a checkpoint can be run for here, at most the bound of the server."""
        return most_loops_within(self.checkpoint(name).model, self.longest)

    def trace(self, name: str, tokens: np.ndarray, loops: int) -> Trace:
        """Record one run, verified against the plain forward.

        Raises ValueError for a number of loops out of bounds, and as `record` does.
        """
        return self.backend.trace(self, name, tokens, loops).made

    @property
    def runs_on(self) -> str:
        """What runs are computed on, as pages say it."""
        return self.backend.device(self)

    def computed(self, name: str, tokens: np.ndarray, loops: int, verify: bool) -> tuple[Trace, str]:
        """Return a run and the device that it was computed on: the CPU where a GPU has no memory left for it.

        verify: whether the plain forward is run beside it. Raises ValueError for a number of loops out of bounds or
        without memory for them, and as `record` does.
        """
        most, model = self.most_loops(name), self.checkpoint(name).model
        if not 1 <= loops <= most:
            raise ValueError(f"{name} can be run for 1 to {most} {passes_of(model)} here, not {loops}.")
        try:
            return record(model, tokens, loops, verify), str(self.device)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            if self.device.type == "cpu":
                raise ValueError(
                    f"There is no memory left for {loops} {passes_of(model)} of {name}; fewer take less."
                ) from error
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return record(checkpoints.load_checkpoint(name, "cpu", self.catalogue).model, tokens, loops, verify), "cpu"

    def packed(
        self,
        name: str,
        tokens: np.ndarray,
        loops: int,
        pack: Callable[[Trace], Packed],
    ) -> Packed:
        """Return what `pack` makes of a trace, from the cache when there is an earlier result.

        The trace is not verified: somebody waits for it, and the plain forward takes as long again. The question
        "recorded" does that once somebody looks.

        The key is made of digests and whole inputs, never of a sample of an array. The oldest results are dropped when
        all together take more than `cache_bytes`.
        """
        checkpoint, tokens = self.checkpoint(name), np.asarray(tokens)
        key = (
            CheckpointName.read(name).changes,
            checkpoint.sha256,
            checkpoint.config,
            tokens.tobytes(),
            tokens.dtype.str,
            tokens.shape,
            loops,
            pack,
        )
        begun = time.monotonic()
        with self._guard:
            waiting = self._making.setdefault(key, threading.Lock())
        with waiting:  # so that of many visitors with one link only the first computes it
            try:
                known = self._known(key)
                made = known
                said = ""
                if made is None:
                    made, said = self.backend.packed(self, name, tokens, loops, pack)
                    made = self._remember(key, made)
                self.activity.note(time.monotonic() - begun, known is not None)
                return made | {"kept": made["kept"] | {"said": said}} if said else made
            finally:
                with self._guard:
                    self._making.pop(key, None)

    def answers(self, key: Hashable, work: Callable[[], Iterator[Packed]]) -> Iterator[Packed]:
        """Yield what `work` yields, with a turn at the device for each step; who waits for a page goes before.

        Cache the last result under `key`; a repeated request yields only that. Closing the generator stops the work.
        """
        known = self._known(key)
        if known is not None:
            yield known
            return
        steps, last = work(), None
        while True:
            with self._turns.long():
                step = next(steps, None)
            if step is None:
                break
            yield (last := step)
        if last is not None:
            self._remember(key, last)

    def kept_bytes(self) -> int:
        """Return the bytes of all results that are kept."""
        with self._guard:
            return sum(size for _, size in self._cache.values())

    def _known(self, key: Hashable) -> Packed | None:
        """Return what is cached under a key."""
        with self._guard:
            if key not in self._cache:
                return None
            self._cache.move_to_end(key)
            return self._cache[key][0]

    def _remember(self, key: Hashable, made: Packed) -> Packed:
        """Keep a result; return it as it is kept."""
        made = made | {part: in_one_block(made[part]) for part in ("arrays", "kept") if part in made}
        with self._guard:
            self._cache[key] = (made, size_of(made))
            while len(self._cache) > 1 and sum(size for _, size in self._cache.values()) > self.cache_bytes:
                self._cache.popitem(last=False)
        return made


class InProcess:
    """Computes runs in this process, in turn; see `looped.serving.backend`."""

    def device(self, engine: Engine) -> str:
        """Return the engine's device."""
        return str(engine.device)

    def trouble(self) -> str | None:
        """Return None: what this process computes needs nobody else."""
        return None

    def told(self) -> list[str]:
        """Return nothing: the engine tells it itself."""
        return []

    def trace(self, engine: Engine, name: str, tokens: np.ndarray, loops: int) -> Done[Trace]:
        """Record one run."""
        with engine._turns.short():
            return Done(engine.computed(name, tokens, loops, verify=True)[0])

    def packed(
        self, engine: Engine, name: str, tokens: np.ndarray, loops: int, pack: Callable[[Trace], Packed]
    ) -> Done[Packed]:
        """Record one run and pack it; say in "kept" where the device had no memory for it."""
        with engine._turns.short():  # packing is as much work as the run
            trace, device = engine.computed(name, tokens, loops, verify=False)
            made = pack(trace)
        if device != str(engine.device):
            made["kept"] = made.get("kept", {}) | {"device": device}
        return Done(made)


def out_of_memory(error: Exception) -> bool:
    """Say whether an error is that of a device without memory; that of a CPU has no class of its own."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "DefaultCPUAllocator" in str(error)


def size_of(made: Packed) -> int:
    """Return the bytes of all arrays of a result, of those that are not sent, too."""
    parts = [*made["arrays"].values(), *made.get("kept", {}).values()]
    return sum(part.nbytes for part in parts if isinstance(part, np.ndarray))


def state_of(folder: Path) -> Hashable:
    """Return what changes when a file of a checkpoint's folder does: their names, sizes and times."""
    found = []
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        with suppress(OSError):  # it went in this moment
            known = file.stat()
            found.append((file.name, known.st_size, known.st_mtime_ns))
    return tuple(found)
