"""The backend that has replicas compute: each run is sent to the address of `python -m looped serve`.

Ray Serve chooses the replica. When one dies in the middle of a run, the run is sent once more, to another; when that
fails, too, the app computes it itself. Whoever waited is told either. Nothing of Ray is imported here, and what comes
back is arrays and JSON (`looped.serving.parcel`).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import numpy as np

from looped.runs.trace import Trace
from looped.serving.backend import Done, Packed
from looped.serving.packing import Packer
from looped.serving.parcel import unwrapped, wrapped

if TYPE_CHECKING:
    from looped.serving.engine import Engine

PATIENCE = 25.0  # seconds for the answer of a replica, waiting included
AWAY = 5.0  # seconds for which nobody is asked, after nobody was there
GLANCE = 2.0  # seconds for a look at how the replicas are
AGAIN = "A replica of the server died during this run, so another one computed it once more."
HERE = "The replicas of the server did not answer, so this was computed without them."
OTHERS = "The replicas of the server have another version of {name}, so this was computed without them."
OPENER = build_opener(ProxyHandler({}))  # replicas are near, whatever the environment says of proxies


class Lost(Exception):
    """There was no answer, or none that could be read. soon: it is worth while to ask once more at once."""

    def __init__(self, soon: bool) -> None:
        super().__init__("no answer of a replica")
        self.soon = soon


class Unlike(Exception):
    """The replicas have other weights under this name."""


class Replicas:
    """Sends runs to one address; see the head of this file."""

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        self.address, self.patience = address, patience
        self._guard = threading.Lock()
        self._away_until = 0.0
        self._device = ""
        self.asked = self.again = self.here = 0  # runs: all, those sent twice, those that were computed by the app

    def device(self, engine: Engine) -> str:
        """Return what the last answer was computed on; before the first, the engine's own device."""
        return self._device or str(engine.device)

    def trouble(self) -> str | None:
        """Return in a sentence why the replicas do not compute; None where they do."""
        try:
            with OPENER.open(self.address, timeout=GLANCE) as reply:
                json.loads(reply.read())
        except (OSError, HTTPException, ValueError) as error:
            return f"the replicas do not answer ({type(error).__name__}); runs are computed by the app itself."
        return None

    def told(self) -> list[str]:
        """Return lines for /status."""
        trouble = self.trouble()
        said = f"replicas: {self.asked:,} runs asked of them, {self.again:,} sent twice, {self.here:,} computed here"
        return [said] + ([] if trouble is None else [f"replicas: {trouble}"])

    def trace(self, engine: Engine, name: str, tokens: np.ndarray, loops: int) -> Done[Trace]:
        """Record one run. Raises ValueError as `Engine.computed` does."""
        found = self._found(engine, name, tokens, loops, None)
        if isinstance(found, str):
            return Done(engine.here.trace(engine, name, tokens, loops).made, found)
        packed, said = found
        about = packed["meta"]
        return Done(Trace.of(packed["arrays"], about["difference"], about["complete"]), said)

    def packed(
        self, engine: Engine, name: str, tokens: np.ndarray, loops: int, pack: Callable[[Trace], Packed]
    ) -> Done[Packed]:
        """Record one run and pack it; a function that no replica knows packs what it recorded here."""
        if not isinstance(pack, Packer):
            trace, said = self.trace(engine, name, tokens, loops)
            return Done(pack(trace), said)
        found = self._found(engine, name, tokens, loops, pack)
        if isinstance(found, str):
            return Done(engine.here.packed(engine, name, tokens, loops, pack).made, found)
        return found

    def _found(
        self, engine: Engine, name: str, tokens: np.ndarray, loops: int, pack: Packer | None
    ) -> Done[Packed] | str:
        """Return what replicas compute, or a sentence where they cannot. Raises ValueError for a wrong request."""
        meta = {
            "checkpoint": name,
            "sha256": engine.checkpoint(name).sha256,
            "loops": loops,
            "pack": None if pack is None else [pack.name, pack.beside],
        }
        body = wrapped({"arrays": {"input": np.asarray(tokens)}, "meta": meta})
        with self._guard:
            self.asked += 1
        try:
            return self._sent(body)
        except Unlike:
            said = OTHERS.format(name=name)
        except Lost:
            said = HERE
        with self._guard:
            self.here += 1
        return said

    def _sent(self, body: bytes) -> Done[Packed]:
        """Send a run, and once more where a replica died. Raises Lost, Unlike, and ValueError for a wrong request."""
        if time.monotonic() < self._away_until:
            raise Lost(soon=False)
        try:
            return Done(self._answered(body))
        except Lost as lost:
            if not lost.soon:
                raise
        with self._guard:
            self.again += 1
        return Done(self._answered(body), AGAIN)

    def _answered(self, body: bytes) -> Packed:
        """Send a run once; return what came back. Raises as `_sent` does."""
        request = Request(f"{self.address}/run", body, {"Content-Type": "application/octet-stream"})
        try:
            with OPENER.open(request, timeout=self.patience) as reply:
                packed, about = unwrapped(reply.read())
        except HTTPError as error:
            with error:
                raise self._refused(error.code, error.read(2**16)) from error
        except TimeoutError as error:
            raise Lost(soon=False) from error
        except (HTTPException, ConnectionResetError, BrokenPipeError, ValueError) as error:
            raise Lost(soon=True) from error  # it ended in the middle of an answer
        except OSError as error:  # nobody is there
            self._away_until = time.monotonic() + AWAY
            raise Lost(soon=False) from error
        self._device = about["device"]
        return packed

    def _refused(self, status: int, text: bytes) -> Exception:
        """Return what an answer that is not 200 means."""
        if status == HTTPStatus.BAD_REQUEST:
            return ValueError(text.decode(errors="replace"))
        if status == HTTPStatus.CONFLICT:
            return Unlike()
        died = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.GATEWAY_TIMEOUT
        return Lost(soon=died)  # else it took too long, and would again


def request_of(body: bytes) -> tuple[dict[str, Any], np.ndarray]:
    """Read on the other side what `Replicas` sends. Raises ValueError for what it never sends."""
    packed, _ = unwrapped(body)
    meta, arrays = packed["meta"], packed["arrays"]
    whole = isinstance(meta, dict) and {"checkpoint", "sha256", "loops", "pack"} <= meta.keys() and "input" in arrays
    if not whole or not isinstance(meta["loops"], int) or not isinstance(meta["checkpoint"], str):
        raise ValueError("this is no request for a run.")
    return meta, arrays["input"]
