"""How the server is: /healthz and /readyz for what watches it, /status for people, /metrics for Prometheus.

/status and /metrics answer only where `LOOPSCOPE_STATUS` is on: they say how much a server is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from looped.serving.activity import Told
from looped.serving.desk import Desk
from looped.serving.engine import Engine
from looped.settings import settings
from looped.ui.classes import BOOK
from looped.ui.classes import DESK as CLASSES
from looped.ui.doors import EXPORTS, PICTURES, QUESTIONS
from looped.ui.lesson import LESSONS
from looped.ui.state import engine

DESKS = {"questions": QUESTIONS, "exports": EXPORTS, "pictures": PICTURES, "lessons": LESSONS, "classes": CLASSES}
QUANTILES = (0.5, 0.95, 0.99)
NEVER = {"Cache-Control": "no-store"}
OFF = "How busy this server is is not told; who runs it may set LOOPSCOPE_STATUS=on."


class At(NamedTuple):
    """A desk at a moment."""

    name: str
    waiting: int
    under_way: int
    room: int  # in use
    refused: int


def at(name: str, desk: Desk) -> At:
    """Look at a desk."""
    under_way = sum(ticket.room > 0 for ticket in desk.tickets)
    return At(name, len(desk.tickets) - under_way, under_way, desk.used(), desk.refused)


class Collected(Collector):
    """The numbers of an engine and of the desks, read when somebody asks."""

    def __init__(self, shared: Engine, desks: dict[str, Desk]) -> None:
        self.shared, self.desks = shared, desks

    def collect(self) -> Iterable[Metric]:
        """Yield everything that is told, by its name in Prometheus."""
        told = self.shared.activity.told()
        yield CounterMetricFamily("loopscope_runs_asked", "Runs that pages asked for", told.asked)
        yield CounterMetricFamily("loopscope_runs_known", "Runs that were known already", told.known)
        yield self.latency(told)
        yield GaugeMetricFamily("loopscope_kept_bytes", "Results that are kept", self.shared.kept_bytes())
        yield GaugeMetricFamily("loopscope_checkpoints", "Checkpoints that can be used", len(self.shared.names()))
        yield GaugeMetricFamily("loopscope_checkpoints_broken", "Folders that cannot be", len(self.shared.broken()))
        well = self.shared.backend.trouble() is None
        yield GaugeMetricFamily("loopscope_backend_well", "1 where what computes runs is as it should be", well)
        classes, students = BOOK.told()
        yield GaugeMetricFamily("loopscope_classes", "Classes together that are under way", classes)
        yield GaugeMetricFamily("loopscope_class_students", "Students who are in one of them now", students)
        yield from self.long_work()

    def latency(self, told: Told) -> Metric:
        """Return how long the last answers took."""
        family = GaugeMetricFamily(
            "loopscope_run_seconds", "Seconds of the last 1,000 answers, waiting included", labels=["quantile"]
        )
        for share in QUANTILES if told.seconds else ():
            family.add_metric([str(share)], told.quantile(share))
        return family

    def long_work(self) -> Iterator[Metric]:
        """Yield how much there is of long work, by desk."""
        seen = [at(name, desk) for name, desk in self.desks.items()]
        for field, says in [
            ("waiting", "Requests that wait for their turn"),
            ("under_way", "Requests that are worked on"),
            ("room", "Units of room in use"),
        ]:
            family = GaugeMetricFamily(f"loopscope_desk_{field}", says, labels=["desk"])
            for one in seen:
                family.add_metric([one.name], getattr(one, field))
            yield family
        refused = CounterMetricFamily("loopscope_desk_refused", "Requests that were too many", labels=["desk"])
        for one in seen:
            refused.add_metric([one.name], one.refused)
        yield refused


def registry(shared: Engine, desks: dict[str, Desk]) -> CollectorRegistry:
    """Return what Prometheus is told, the memory and the processor time of the process included."""
    found = CollectorRegistry()
    found.register(Collected(shared, desks))
    ProcessCollector(registry=found)
    return found


def healthz(request: Request) -> Response:
    """Answer GET /healthz: 200 as long as the server answers at all."""
    return PlainTextResponse("ok", headers=NEVER)


def readyz(request: Request) -> Response:
    """Answer GET /readyz: 200 when there is something to show, else 503 with one sentence."""
    if engine().names():
        return PlainTextResponse("ready", headers=NEVER)
    return PlainTextResponse("There is no checkpoint that can be used.", 503, headers=NEVER)


def metrics(request: Request) -> Response:
    """Answer GET /metrics in Prometheus' text format."""
    if not settings().status:
        return PlainTextResponse(OFF, 404, headers=NEVER)
    told = generate_latest(registry(engine(), DESKS))
    return Response(told, headers=NEVER | {"Content-Type": CONTENT_TYPE_LATEST})


def status(request: Request) -> Response:
    """Answer GET /status with the same for people."""
    if not settings().status:
        return PlainTextResponse(OFF, 404, headers=NEVER)
    return PlainTextResponse(words(engine(), DESKS), headers=NEVER)


def words(shared: Engine, desks: dict[str, Desk]) -> str:
    """Say how busy a server is, a line for each thing."""
    told = shared.activity.told()
    lines = [f"runs asked for: {told.asked:,}, of which {told.hit_rate:.0%} were known already"]
    if told.seconds:
        times = ", ".join(f"{share:.0%} within {1000 * told.quantile(share):,.0f} ms" for share in QUANTILES)
        lines.append(f"the last {len(told.seconds):,} answers: {times}")
    lines.append(f"results kept: {shared.kept_bytes() / 1e6:,.0f} of {shared.cache_bytes / 1e6:,.0f} MB")
    memory = resident()
    if memory is not None:
        lines.append(f"memory of the server: {memory / 1e6:,.0f} MB")
    for one in (at(name, desk) for name, desk in desks.items()):
        lines.append(f"{one.name}: {one.under_way} under way, {one.waiting} waiting, {one.refused:,} refused so far")
    lines += shared.backend.told()
    lines.append("classes together: {}, with {} students".format(*BOOK.told()))
    lines += [f"not served: {why}" for why in shared.broken().values()]
    return "\n".join(lines) + "\n"


def resident() -> float | None:
    """Return the bytes of memory that this process holds; None where the system does not tell."""
    found = CollectorRegistry()
    ProcessCollector(registry=found)
    return found.get_sample_value("process_resident_memory_bytes")
