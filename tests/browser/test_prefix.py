"""The app below a path prefix: its pages, its modules, its own routes."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import pytest

from looped.bench.server import server
from looped.ui.modules import modules

if TYPE_CHECKING:
    from conftest import Scope


@pytest.fixture(scope="module")
def below() -> Iterator[str]:
    with server(STREAMLIT_SERVER_BASE_URL_PATH="lab/scope") as address:
        yield address


@pytest.mark.parametrize("path", ["/", "/sequences"])
def test_pages_work_below_a_prefix(below: str, new_scope: Callable[..., Scope], path: str) -> None:
    scope = new_scope(below).open(path)
    assert scope.page.url.startswith(f"{below}{path}")
    assert "loop" in scope.query


def test_a_long_question_is_answered_below_a_prefix(below: str, new_scope: Callable[..., Scope]) -> None:
    scope = new_scope(below).open(panels="flow", loop=3)
    scope.page.wait_for_function(
        "document.querySelector('[data-panel=flow] .ls-says').textContent.includes('rollout traces')"
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("m/{hash}/main.js", 200),
        ("m/{hash}/panels/attention.js", 200),
        ("m/0000000000000000/main.js", 404),
        ("m/{hash}/%2e%2e/%2e%2e/app.py", 400),
        ("m/{hash}/plotly.min.js", 200),
        ("ask?question=none", 400),
        ("space?puzzle=x", 400),
        ("export?puzzle=x", 400),
    ],
)
@pytest.mark.parametrize("stripped", [False, True])
def test_own_routes_answer_below_a_prefix_and_where_a_proxy_strips_it(
    below: str, path: str, status: int, stripped: bool
) -> None:
    root = below.removesuffix("/lab/scope") if stripped else below
    try:
        with urllib.request.urlopen(f"{root}/{path.format(hash=modules().hash)}", timeout=60) as answer:
            found, kind = answer.status, answer.headers["Content-Type"]
    except HTTPError as error:
        found, kind = error.code, error.headers["Content-Type"] or ""
    assert found == status
    assert "text/html" not in kind  # Streamlit's index page, in the place of an answer
