"""The browser's modules, imported into a blank page of the suite's own Chromium; no app is started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from passes import of_loops
from playwright.sync_api import Browser, Page, Route

from looped.export.bundle import read

HOST = "http://modules.test"
SOURCES = read()
IMPORTED = """async ([address, body, argument]) => {
  const body_of = Object.getPrototypeOf(async function () {}).constructor;
  return new body_of("m", "x", body)(await import(address), argument);
}"""


def serve(route: Route) -> None:
    """Answer with a module of the assets folder; with an empty page at the root."""
    name = route.request.url.removeprefix(HOST + "/")
    if not name:
        route.fulfill(body="<!doctype html><title>modules</title>", content_type="text/html")
    else:
        route.fulfill(body=SOURCES[name], content_type="text/javascript")


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.route(f"{HOST}/**", serve)
    page.goto(HOST)
    yield page
    page.close()


@pytest.fixture
def module(blank: Page) -> Callable[..., Any]:
    """Import a module as `m`, run the body of a function of `m` and `x`, and return what it returns."""

    def run(name: str, body: str, argument: Any = None) -> Any:
        return of_loops(blank.evaluate(IMPORTED, [f"{HOST}/{name}", body, argument]))

    return run
