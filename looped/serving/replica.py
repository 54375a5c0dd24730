"""One replica: an engine of its own that computes what it is sent, several compatible runs at once.

Runs are compatible where checkpoint, number of loops and shape of the input are the same: they go through the model as
one batch. A run that is alone is computed as in the app, so that its trace is the same to the bit; one of a batch is
the same but for rounding (`looped.runs.together.CLOSE`). Equal requests of a moment are computed once. Nothing of Ray
is imported here; `looped.serving.cluster` puts this on Ray Serve.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from looped import tasks
from looped.runs.together import record_together
from looped.runs.trace import Trace
from looped.serving.engine import Engine
from looped.serving.packing import Packer
from looped.serving.parcel import wrapped
from looped.serving.remote import request_of
from looped.serving.warming import warm_up

TOGETHER = 8  # runs of a batch, at most
ROOM = 4 * 64 * 81  # loops × positions of a batch, at most, unless one run alone has more: some 200 MB


class Answer(NamedTuple):
    """What is sent back: a status of HTTP, and a parcel or one sentence."""

    status: int
    body: bytes


class Run(NamedTuple):
    """A run that is asked for."""

    name: str
    input: np.ndarray
    loops: int
    pack: Packer | None  # None: the trace itself is asked for


class Replica:
    """Answers runs with its own engine; the catalogue, the device and the bound on loops as the app's."""

    def __init__(self, catalogue: str | None, device: str | None, most_loops: int) -> None:
        self.engine = Engine(Path(catalogue) if catalogue else None, device, cache_bytes=0, most_loops=most_loops)
        warm_up(self.engine, each_task=True)  # one that replaces another is there soon, and takes little from it

    def about(self) -> dict[str, Any]:
        """Return what this replica is: how it computes and what it knows."""
        return {"device": str(self.engine.device), "checkpoints": self.engine.names()}

    def check(self) -> None:
        """Raise RuntimeError where nothing can be computed here."""
        if not self.engine.names():
            raise RuntimeError("there is no checkpoint that can be used.")

    def answer_all(self, bodies: list[bytes]) -> list[Answer]:
        """Answer requests that came at once, in their order."""
        found: dict[bytes, Answer] = {}
        groups: dict[Any, list[tuple[bytes, Run]]] = defaultdict(list)
        for body in dict.fromkeys(bodies):
            try:
                run = self._read(body)
            except Other:
                found[body] = Answer(HTTPStatus.CONFLICT, b"")
            except ValueError as error:
                found[body] = Answer(HTTPStatus.BAD_REQUEST, str(error).encode())
            else:
                groups[run.name, run.loops, run.input.shape, run.input.dtype.str].append((body, run))
        for group in groups.values():
            for part in parts(group):
                found |= zip((body for body, _ in part), self._group([run for _, run in part]), strict=True)
        return [found[body] for body in bodies]

    def _read(self, body: bytes) -> Run:
        """Read a request. Raises ValueError, and Other where this replica has other weights under that name."""
        meta, tokens = request_of(body)
        if self.engine.checkpoint(meta["checkpoint"]).sha256 != meta["sha256"]:
            raise Other
        pack = None if meta["pack"] is None else Packer(*map(str, meta["pack"]))
        if pack is not None:
            tasks.get(pack.name)
        return Run(meta["checkpoint"], tokens, meta["loops"], pack)

    def _group(self, runs: list[Run]) -> list[Answer]:
        """Compute compatible runs: as a batch, or one by one where that cannot be."""
        first, usual = runs[0], str(self.engine.device)
        if len(runs) > 1 and 1 <= first.loops <= self.engine.most_loops(first.name):
            model = self.engine.checkpoint(first.name).model
            # One of them may be wrong, or there may be no memory for all.
            with suppress(ValueError, RuntimeError, MemoryError):
                verify = any(run.pack is None for run in runs)
                traces = record_together(model, [run.input for run in runs], first.loops, verify)
                return [answered(run, trace, usual, usual) for run, trace in zip(runs, traces, strict=True)]
        return [self._alone(run) for run in runs]

    def _alone(self, run: Run) -> Answer:
        """Compute one run."""
        try:
            trace, device = self.engine.computed(run.name, run.input, run.loops, verify=run.pack is None)
            return answered(run, trace, device, str(self.engine.device))
        except ValueError as error:
            return Answer(HTTPStatus.BAD_REQUEST, str(error).encode())


class Other(Exception):
    """The weights of that name are others here."""


def answered(run: Run, trace: Trace, device: str, usual: str) -> Answer:
    """Pack what a run computed; say in "kept", as the engine does, where another device than usual computed it."""
    if run.pack is None:
        about = {"difference": trace.difference, "complete": trace.complete}
        made: dict[str, Any] = {"arrays": trace.arrays(), "meta": about}
    else:
        made = run.pack(trace)
    if device != usual:
        made["kept"] = made.get("kept", {}) | {"device": device}
    return Answer(HTTPStatus.OK, wrapped(made, device=usual))


def parts(group: list[tuple[bytes, Run]]) -> Iterator[list[tuple[bytes, Run]]]:
    """Divide compatible runs into batches that memory bears."""
    _, run = group[0]
    size = max(1, min(TOGETHER, ROOM // max(1, run.loops * len(run.input))))
    for at in range(0, len(group), size):
        yield group[at : at + size]
