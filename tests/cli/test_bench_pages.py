"""The benchmark of the interface opens every page of the app."""

from __future__ import annotations

from looped import tasks
from looped.bench.interface import slugs
from looped.serving.engine import Engine
from looped.serving.request import pages


def test_no_page_is_left_out() -> None:
    assert {tasks.get(tasks.HOME).page.slug, *slugs()} == set(pages(Engine()))
