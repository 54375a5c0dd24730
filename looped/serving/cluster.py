"""Replicas on Ray Serve: the deployment that computes runs, and its start on this machine.

Ray (`pip install "loopscope[serve]"`) is imported when something is started, and tells nobody that it was.
`build` is what a cluster's own configuration names, as `looped.serving.cluster:build`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from looped.catalogue import checkpoints
from looped.serving.engine import MOST_LOOPS

STORE = 96 * 2**20  # bytes of Ray's object store: answers go past it
LARGEST_REQUEST = 2**22  # bytes
SECONDS = 20.0  # for one answer, waiting included; less than the app's own patience
NAME = "loopscope"
MISSING = 'Ray is not installed; install it with: pip install "loopscope[serve]"'
# Ray's own switches, which can be set in no other way: nothing is reported to its makers, a process without a GPU keeps
# what it sees, nothing waits for metrics that nobody collects, and what starts on a busy machine is waited for (Ray
# kills a proxy that is not ready after 5 seconds).
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_enable_metrics_collection": "0",
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "50",
}


@dataclass(frozen=True)
class Plan:
    """What is deployed: how many replicas, what each has, and what it serves.

    most_replicas  as many are there when much is asked; as `replicas` where it is 0: always the same number
    together       how many runs go into one batch, at most
    gpus           of each replica; None: one where PyTorch finds one on the machine that deploys
    """

    replicas: int = 1
    most_replicas: int = 0
    together: int = 8
    gpus: float | None = None
    cpus: float = 1.0
    catalogue: str = ""
    device: str = ""
    most_loops: int = MOST_LOOPS

    @property
    def scaling(self) -> dict[str, Any]:
        """The options of Serve about the number of replicas."""
        if self.most_replicas <= self.replicas:
            return {"num_replicas": self.replicas}
        bounds = {"min_replicas": self.replicas, "max_replicas": self.most_replicas}
        return {"autoscaling_config": bounds | {"target_ongoing_requests": 2, "upscale_delay_s": 5}}

    @property
    def resources(self) -> dict[str, float]:
        """What each replica takes of a machine."""
        import torch

        gpus = float(torch.cuda.is_available()) if self.gpus is None else self.gpus
        return {"num_cpus": self.cpus, "num_gpus": gpus}

    @classmethod
    def read(cls, given: dict[str, Any]) -> Plan:
        """Read a plan from a configuration, whose values may be texts. Raises ValueError for what is none of it.

        >>> Plan.read({"replicas": "2", "gpus": 1}).gpus
        1.0
        """
        kinds = {"catalogue": str, "device": str, "gpus": float, "cpus": float}
        known = {field.name for field in fields(cls)}
        strange = sorted(given.keys() - known)
        if strange:
            raise ValueError(f"a plan has no {strange[0]!r}; it has {', '.join(sorted(known))}.")
        return cls(**{name: kinds.get(name, int)(value) for name, value in given.items()})


def build(given: dict[str, Any]) -> Any:
    """Return the application of Serve for the fields of a plan. Raises ValueError for what is none of them."""
    return application(Plan.read(given))


def application(plan: Plan) -> Any:
    """Return the application of Serve: replicas that answer GET / with what they are and POST /run with a run."""
    serve = _imported().serve
    from starlette.requests import Request
    from starlette.responses import JSONResponse, PlainTextResponse, Response

    from looped.serving.replica import Answer, Replica

    batched = serve.batch(max_batch_size=plan.together, batch_wait_timeout_s=0.002, max_concurrent_batches=1)

    class Replicas(Replica):
        """A replica behind HTTP."""

        @batched  # type: ignore[untyped-decorator]
        async def gathered(self, bodies: list[bytes]) -> list[Answer]:
            """Answer what has come while the batch before was computed, in a thread, so that health is told."""
            return await asyncio.to_thread(self.answer_all, bodies)

        async def __call__(self, request: Request) -> Response:
            """Answer a request."""
            if request.method != "POST":
                return JSONResponse(self.about() | {"process": os.getpid()})
            body = await request.body()
            if len(body) > LARGEST_REQUEST:
                return PlainTextResponse("This request is too long.", 413)
            status, data = await self.gathered(body)
            return Response(data, status, media_type="application/octet-stream")

        def check_health(self) -> None:
            """Raise where nothing can be computed; Serve then starts another replica."""
            self.check()

    deployed = serve.deployment(
        Replicas,
        name="replica",
        max_ongoing_requests=2 * plan.together,
        ray_actor_options=plan.resources,
        health_check_period_s=1,
        health_check_timeout_s=30,
        graceful_shutdown_timeout_s=5,
        **plan.scaling,
    )
    return deployed.bind(plan.catalogue or None, plan.device or None, plan.most_loops)


@contextmanager
def running(plan: Plan, host: str = "127.0.0.1", port: int = 8000, cluster: str = "") -> Iterator[str]:
    """Start the replicas of a plan, or join a cluster with them; yield their address and stop them at the end.

    cluster: the address of a Ray cluster that runs already, "auto" for the one on this machine; "": one is started
    that only this machine's users with its token reach. Raises ValueError where Ray is not installed or cannot start.
    """
    os.environ.update(QUIET | {name: os.environ[name] for name in QUIET if name in os.environ})
    ray = _imported()
    own: dict[str, Any] = {}
    if not cluster:
        least = max(plan.replicas, plan.most_replicas) * plan.cpus
        own = {
            "num_cpus": int(max(os.cpu_count() or 1, least)),
            "object_store_memory": STORE,
            "include_dashboard": False,
        }
    try:
        ray.init(cluster or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, OSError, RuntimeError) as error:
        raise ValueError(f"Ray cannot start or be reached: {str(error).splitlines()[0][:200]}") from error
    try:
        quiet = {"log_level": "ERROR", "enable_access_log": False}
        options = {"host": host, "port": port, "request_timeout_s": SECONDS}
        ray.serve.start(http_options=options, logging_config=quiet)
        ray.serve.run(application(plan), name=NAME, route_prefix="/", logging_config=quiet)
        yield f"http://{host}:{port}"
    finally:
        if cluster:
            ray.serve.delete(NAME)
        else:
            ray.serve.shutdown()
        ray.shutdown()


def plan_of(catalogue: Path | None = None, **more: Any) -> Plan:
    """Return a plan that serves what the commands of this machine know by name."""
    return Plan(catalogue=str((catalogue or checkpoints.CATALOGUE).resolve()), **more)


def _imported() -> Any:
    """Import Ray with Serve. Raises ValueError where it is not installed."""
    try:
        import ray
        import ray.serve
    except ImportError as error:
        raise ValueError(MISSING) from error
    return ray
