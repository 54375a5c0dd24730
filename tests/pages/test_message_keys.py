"""What a message carries is read in the browser: a key that nobody reads is computed, sent and kept for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from messages import read_meta, read_runs

from looped.catalogue.checkpoints import save_checkpoint
from looped.export.bundle import read
from looped.model import Model
from looped.serving.engine import Engine
from looped.serving.request import opening
from looped.serving.views import message_bytes
from looped.tasks import get
from tests.serving.prompt_models import make_catalogue

LOOPS = 3
PAIRS = {  # every page, with and without a second run
    "small": [("sudoku4-tmlt", "sudoku4-standard")],
    "sequences": [("lcs6-tmlt", ""), ("countdown3-tmlt", "countdown3-looped")],
    "others": [("paths-tmlt", ""), ("curves1-tmlt", "curves1-looped"), ("linear5-looped", "")],
}
CODE = "\n".join(re.sub(r"^\s*(?://|\*|/\*).*$|(?<=\s)//.*$", "", text, flags=re.MULTILINE) for text in read().values())


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory, make_model: Callable[..., Model]) -> Engine:
    """Tiny checkpoints of Paths and of prompts."""
    catalogue = make_catalogue(tmp_path_factory.mktemp("others"))
    vocab, length = get("paths").vocab, get("paths").length
    more = {"injection": True, "positions": "none", "attention_to": "neighbourhood"}
    model = make_model(architecture="tmlt", vocab=vocab, length=length, trained_loops=LOOPS, **more)
    save_checkpoint(catalogue / "paths-tmlt", model, "paths", training={}, scores=[])
    return Engine(catalogue)


@pytest.fixture(scope="module")
def messages(request: pytest.FixtureRequest) -> list[bytes]:
    """A message of every page."""
    found = []
    for fixture, pairs in PAIRS.items():
        engine = request.getfixturevalue(fixture)
        for name, versus in pairs:
            shown = replace(opening(engine, name), versus=versus, loops=LOOPS)
            found.append(message_bytes(engine, shown, why_not=lambda _: {"probes": "It has none."}))
    return found


def read_from(*objects: str) -> set[str]:
    """Return the names that modules read from objects of some names: `meta.a`, `{ b } = meta`, `meta: { c }`."""
    of = "|".join(objects)
    found = set(re.findall(rf"(?=\b(?:{of})\??\.(\w+))", CODE))
    for names in re.findall(rf"\{{([^{{}}]*)\}} = [^;]*?\b(?:{of})(?: \?\? {{}})?;", CODE):
        found |= set(re.findall(r"(\w+)(?=[:,\s]|$)", names))
    for names in re.findall(rf"\b(?:{of}): \{{([^{{}}]*)\}}", CODE):
        found |= set(re.findall(r"(\w+)(?=[:,\s]|$)", names))
    return found


# What stands for one run, or for an entry of a list.
RUNS = (r"runs\[\d\]", "run", r"first\(\)", "one", "card")


def nested(value: Any) -> set[str]:
    """Return the keys of the objects in a value."""
    if isinstance(value, dict):
        return set(value).union(*map(nested, value.values()))
    return set().union(*map(nested, value)) if isinstance(value, list) else set()


def test_every_key_of_a_message_is_read(messages: list[bytes]) -> None:
    known = read_from("meta", *RUNS)
    metas = [read_meta(message) for message in messages]
    keys = {key for meta in metas for key in (*meta, *(key for run in meta["runs"] for key in run))}
    assert {"page", "trained_loops", "verdict", "dims"} <= keys
    assert sorted(keys - known) == []


def test_every_part_of_a_layout_is_read(messages: list[bytes]) -> None:
    constructor = re.findall(r"constructor\(\{ (rows, .*?) \}\)", CODE)
    known = read_from("layout") | set(constructor[0].split(", "))
    assert sorted({key for message in messages for key in read_meta(message)["layout"]} - known) == []


def test_every_key_within_is_read(messages: list[bytes]) -> None:
    """Entries of lists and objects, but for those that are named by a task, such as the names of its rules."""
    named_by_task = {"terms", "rule_words", "sampled", "missing", "refused", "unoffered", "layout", "verdicts"}
    found = set()
    for message in messages:
        meta = read_meta(message)
        for part in (meta, *meta["runs"]):
            found |= set().union(*(nested(value) for key, value in part.items() if key not in named_by_task | {"runs"}))
    assert {"label", "recovered", "watches"} <= found
    assert sorted(key for key in found if not re.search(rf"[.{{,]\s*{key}\b", CODE)) == []


def test_every_array_of_a_message_is_read(messages: list[bytes]) -> None:
    known = read_from("arrays") | set(re.findall(r'"(\w+)"', CODE))
    arrays = {name for message in messages for run in read_runs(message) for name in run}
    assert {"attention", "flood", "truth", "across"} <= arrays
    assert sorted(arrays - known) == []
