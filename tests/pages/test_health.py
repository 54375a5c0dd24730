"""How the server tells how it is, and what every answer says to the browser."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as families
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from looped.serving.desk import Busy, Desk
from looped.serving.engine import Engine
from looped.serving.packing import packer
from looped.settings import Settings
from looped.ui import health
from looped.ui.headers import Headers
from looped.ui.modules import Preload

HERE = Request({"type": "http", "method": "GET", "headers": []})


@pytest.fixture
def shared(tmp_path: Path, make_checkpoint: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine with one checkpoint that works and one that does not, as the app's."""
    make_checkpoint(tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "config.json").write_text("{}", "utf-8")
    found = Engine(tmp_path, "cpu")
    monkeypatch.setattr(health, "engine", lambda: found)
    return found


def ask(shared: Engine, times: int) -> None:
    task = shared.checkpoint("good").task
    tokens = task.encode(task.parse(task.examples[0][1]))
    for _ in range(times):
        shared.packed("good", tokens, 2, packer(task.name, ""))


def text(answer: Response) -> str:
    return bytes(answer.body).decode()


def told(name: str, **labels: str) -> float:
    """A number of /metrics, as Prometheus reads it."""
    samples = [sample for family in families(text(health.metrics(HERE))) for sample in family.samples]
    (value,) = (sample.value for sample in samples if sample.name == name and sample.labels == labels)
    return float(value)


def test_a_server_is_ready_when_there_is_something_to_show(
    shared: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (health.healthz(HERE).status_code, health.readyz(HERE).status_code) == (200, 200)
    empty = Engine(tmp_path / "bad", "cpu")
    monkeypatch.setattr(health, "engine", lambda: empty)
    assert (health.healthz(HERE).status_code, health.readyz(HERE).status_code) == (200, 503)
    assert health.readyz(HERE).headers["cache-control"] == "no-store"


def test_prometheus_is_told_what_was_asked_and_what_waits(shared: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "settings", lambda: Settings(status=True))
    desk = Desk("test", room=1, waiting=2, workers=1)
    monkeypatch.setattr(health, "DESKS", {"questions": desk})
    ask(shared, 4)
    desk.take("one").room = 1
    with pytest.raises(Busy):
        desk.take("one")
    desk.take("two")
    assert (told("loopscope_runs_asked_total"), told("loopscope_runs_known_total")) == (4, 3)
    assert told("loopscope_kept_bytes") == shared.kept_bytes() > 0
    assert 0 < told("loopscope_run_seconds", quantile="0.5") <= told("loopscope_run_seconds", quantile="0.99") < 60
    assert (told("loopscope_checkpoints"), told("loopscope_checkpoints_broken")) == (1, 1)
    assert told("loopscope_backend_well") == 1
    assert [told(f"loopscope_desk_{name}", desk="questions") for name in ("under_way", "waiting", "room")] == [1, 1, 1]
    assert told("loopscope_desk_refused_total", desk="questions") == 1
    assert told("process_resident_memory_bytes") > 1e7
    said = text(health.status(HERE))
    assert "runs asked for: 4, of which 75% were known already" in said
    assert "questions: 1 under way, 1 waiting, 1 refused so far" in said
    assert "not served: bad" in said
    assert str(shared.catalogue) not in said


def test_nobody_is_told_how_busy_a_server_is_unless_it_is_set(shared: Engine) -> None:
    assert (health.metrics(HERE).status_code, health.status(HERE).status_code) == (404, 404)
    assert "LOOPSCOPE_STATUS" in text(health.status(HERE))


def headers(embed: tuple[str, ...] = (), **own: str) -> dict[str, str]:
    """The headers of an answer that says `own` itself."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    answer = PlainTextResponse("text", headers={name.replace("_", "-"): value for name, value in own.items()})
    app = Headers(Preload(answer), embed)
    asyncio.run(app({"type": "http", "method": "GET", "headers": [], "path": "/"}, receive, send))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_every_answer_says_how_it_may_be_used() -> None:
    found = headers()
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "same-origin"
    assert found["x-frame-options"] == "SAMEORIGIN"
    rules = dict(rule.split(" ", 1) for rule in found["content-security-policy"].split("; "))
    assert rules["frame-ancestors"] == rules["default-src"] == rules["base-uri"] == "'self'"
    assert rules["object-src"] == "'none'"
    assert all("http" not in sources and "*" not in sources for sources in rules.values())  # nothing from elsewhere
    assert headers(referrer_policy="no-referrer")["referrer-policy"] == "no-referrer"  # who says otherwise is heard


def test_a_course_page_may_show_the_app_in_a_frame_where_that_is_set() -> None:
    found = headers(("https://moodle.example",))
    assert found["content-security-policy"].endswith("frame-ancestors 'self' https://moodle.example")
    assert "x-frame-options" not in found


def test_the_app_has_these_routes_and_headers() -> None:
    app = importlib.import_module("app")
    paths = {route.path for route in app.routes("course")}
    assert {"/healthz", "/readyz", "/status", "/metrics", "/course/healthz", "/course/metrics"} <= paths
    assert Headers in [middleware.cls for middleware in app.app._user_middleware]
