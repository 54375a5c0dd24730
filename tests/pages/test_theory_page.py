"""The page Theory without a browser: links, requests, and sentences for what cannot be shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from looped.theory import lab
from looped.theory.lab import Lab


@pytest.fixture
def theory(visit: Callable[..., Any]) -> Callable[..., Any]:
    """Open the page with query parameters, in a session of its own."""

    def come(**query: str) -> Any:
        here = visit()
        for key, value in query.items():
            here.app.query_params[key] = value
        return here.open("theory")

    return come


def test_a_newcomer_sees_the_machine_of_the_paper(theory: Callable[..., Any]) -> None:
    here = theory()
    assert (here.meta["page"], here.meta["message"]["kind"]) == ("theory", "info")
    assert (here.about["loops"], here.about["stated_loops"], here.about["preset"]) == (1032, 8194, "sine and cosine")
    assert here.arrays["modulated"].shape == (1033, 2)


def test_a_link_opens_its_setting_and_a_request_another(theory: Callable[..., Any]) -> None:
    one = Lab(cells=3, x=(0.9, 0.5, 0.1), slope=64.0)
    here = theory(v="1", **one.query())
    assert (here.about["query"], here.meta["message"]) == (one.query(), None)
    here.ask({"number": 1, "query": one.query() | {"cells": "4"}})
    assert (here.meta["request"], here.about["cells"], here.about["tokens"]) == (1, 4, 3)


def test_what_cannot_be_shown_keeps_the_last_picture(theory: Callable[..., Any]) -> None:
    here = theory(v="1", cells="4", g="tan,1,1")
    assert "no wave 'tan'" in here.meta["message"]["text"]
    here.ask({"number": 1, "query": {"cells": "4"}})
    for number, query in ((2, {"cells": "400"}), (3, {"x": "2,2"})):
        here.ask({"number": number, "query": query})
        assert (here.meta["request"], here.meta["message"]["kind"], here.about["cells"]) == (number, "error", 4)
    for wrong in (None, 7, {"query": {}}, {"number": "4"}):
        here.ask(wrong)
        assert here.about["cells"] == 4


def test_of_another_input_only_its_run_is_computed() -> None:
    """The moduli and errors of a function, which take a second, are known after its first picture."""
    known = (lab._function, lab._moduli, lab._errors, lab._sweep)
    lab.show(Lab())
    before = [part.cache_info().misses for part in (*known, lab._machine)]
    lab.show(Lab(x=(0.61, 0.33)))
    assert [part.cache_info().misses for part in (*known, lab._machine)] == [*before[:-1], before[-1] + 1]
