"""The In-context page without a browser: from a prompt to the arrays that are drawn, and errors in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import starlette.requests
from messages import ask, read_meta, read_runs

from looped.catalogue import checkpoints
from looped.lenses.error import errors
from looped.lenses.residual import lengths
from looped.runs.trace import record
from looped.serving.engine import Engine
from looped.serving.request import Request, answer, from_link
from looped.serving.views import message_bytes
from looped.tasks.regression.page import PAGE
from looped.ui import state
from looped.ui.space import states
from tests.serving.prompt_models import LOOPS, make_catalogue

POINTS = "-1 0.5; 0 -0.25; 1.5 1"
SAMPLED = {"curves1-looped": (61, 1), "relu2-looped": (225, 2), "linear5-looped": (8, 5)}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_catalogue(tmp_path_factory.mktemp("prompts"))


@pytest.fixture(scope="module")
def prompts(catalogue: Path) -> Engine:
    return Engine(catalogue)


@pytest.fixture
def own(catalogue: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app on these checkpoints."""
    monkeypatch.setattr(checkpoints, "CATALOGUE", catalogue)
    state.engine.clear()
    yield
    state.engine.clear()


def sent(engine: Engine, **query: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    data = message_bytes(engine, from_link(engine, PAGE, query))
    return read_meta(data), read_runs(data)[0]


@pytest.mark.usefixtures("own")
def test_a_newcomer_is_told_to_press_play_and_a_dragged_point_is_run(visit: Callable[..., Any]) -> None:
    here = visit().open("incontext")
    here.page = "in-context"
    assert "Press play" in here.meta["message"]["text"]
    assert (here.view[1:], here.meta["sampled"] is None) == (("curves1-looped", LOOPS), False)
    refused = here.meta["runs"][0]["refused"]  # so that no button asks for it
    assert refused["cells"] == (
        "This cannot be asked of curves1-looped: this question needs tokens as input; this model reads vectors."
    )
    assert "sizes" not in refused
    first = ask(here, puzzle=POINTS, loops="usual").arrays["predictions"]
    moved = ask(here, puzzle=POINTS.replace("1.5 1", "1.5 2"), loops="usual")
    assert moved.view[0] == "-1 0.5; 0 -0.25; 1.5 2"
    assert not np.allclose(first, moved.arrays["predictions"])
    assert moved.meta["sampled"] is None


def test_points_of_a_link_are_run_and_compared(prompts: Engine) -> None:
    meta, arrays = sent(prompts, puzzle=POINTS, checkpoint="curves1-looped", loops="4")
    checkpoint = prompts.checkpoint("curves1-looped")
    vectors = checkpoint.task.encode(checkpoint.task.parse(POINTS))
    trace = record(checkpoint.model, vectors, 4)
    assert (meta["page"], meta["puzzle"], meta["dims"], meta["example_count"]) == ("in-context", POINTS, 1, 3)
    assert meta["layout"]["rows"] == [[0, 1, 2], list(range(3, 64))]
    assert np.array_equal(arrays["vectors"], vectors)
    assert np.array_equal(arrays["predictions"], trace.predictions)
    assert np.allclose(arrays["length"], lengths(trace.states)[1:])
    assert np.isnan(arrays["truth"]).all()
    assert np.isnan(arrays["error"]).all()
    found = errors(trace.predictions[:, 3:, 0], arrays["truth"], arrays["method_predictions"])
    assert np.allclose(arrays["method_apart"], found.apart, rtol=1e-5)
    assert arrays["nearest"].tolist() == found.nearest.tolist()
    run = meta["runs"][0]
    assert (run["least_error"], run["best_method"]) == (None, -1)


@pytest.mark.parametrize(("name", "size"), SAMPLED.items())
def test_a_sampled_prompt_is_compared_with_its_function(prompts: Engine, name: str, size: tuple[int, int]) -> None:
    meta, arrays = sent(prompts, puzzle="seed=4 examples=6", checkpoint=name)
    queries, dims = size
    task = prompts.checkpoint(name).task
    scale = task.extras(arrays["vectors"], arrays["predictions"], "seed=4 examples=6")["scale"].item()
    assert (meta["dims"], meta["sampled"]["seed"]) == (dims, 4)
    assert arrays["truth"].shape == (queries,)
    said = arrays["predictions"][:, 6:, 0]
    wanted = np.square(said - arrays["truth"]).mean(-1) / scale
    np.testing.assert_allclose(arrays["error"], wanted, rtol=1e-4)
    assert meta["runs"][0]["least_error"] == arrays["error"].argmin() + 1
    assert np.isnan(arrays["moved"][0])
    assert arrays["method_predictions"].shape == (len(meta["methods"]), queries)
    methods, loops, steps = arrays["descent_distance"].shape
    assert (methods, loops) == (len(meta["runs"][0]["descent"]), LOOPS)
    assert ((arrays["descent_nearest"] >= 0) & (arrays["descent_nearest"] < steps)).all()
    assert {"name", "label", "low", "high", "step", "usual", "trained"} == meta["settings"][0].keys()
    for one in meta["choices"]:  # each can be told to a prompt of few examples
        for value, _ in one["values"][1:]:
            told, _ = sent(prompts, puzzle=f"seed=4 examples=1 {one['name']}={value}", checkpoint=name)
            assert told["sampled"][one["name"]] == value


def test_attention_is_told_by_distance(prompts: Engine) -> None:
    _, arrays = sent(prompts, puzzle=POINTS, checkpoint="curves1-looped", loops="2")
    query = 3 + 30  # at x = 0
    assert arrays["neighbours"][query].tolist() == [0, 1, 2, query]
    assert arrays["reach_distance"][query].tolist() == [1.0, 0.0, 1.5, 0.0]
    assert arrays["reach_even"][query] == pytest.approx(2.5 / 3)
    assert arrays["reach_equal"][query] == pytest.approx(1 / 3)
    assert arrays["reach_share"].shape == (2, 1, 3, 64)
    weights = (arrays["attention"][1, 0, 0, query, :3] / 255.0) ** 2
    wanted = (weights * [1.0, 0.0, 1.5]).sum() / weights.sum()
    assert arrays["reach_mean"][1, 0, 0, query] == pytest.approx(wanted, abs=0.02)


def test_no_example_and_one_example_are_prompts(prompts: Engine) -> None:
    meta, arrays = sent(prompts, puzzle="", checkpoint="curves1-looped")
    assert (meta["example_count"], meta["layout"]["rows"]) == (0, [list(range(61))])
    assert (arrays["descent_nearest"] == -1).all()
    assert np.isnan(arrays["reach_mean"]).all()
    meta, arrays = sent(prompts, puzzle="0.5 1", checkpoint="curves1-looped")
    assert (meta["example_count"], arrays["reach_even"][0]) == (1, 0)


def test_rows_of_more_numbers_choose_a_checkpoint_that_reads_them(prompts: Engine) -> None:
    before = from_link(prompts, PAGE, {"puzzle": POINTS, "checkpoint": "curves1-looped"})
    after = answer(prompts, PAGE, before, Request("0.5 1 2", "curves1-looped", LOOPS, "", 1))
    assert (after.checkpoint, after.input.text) == ("relu2-looped", "0.5 1 2")
    assert after.message == {"kind": "warning", "text": "curves1 does not read this, so relu2-looped was chosen."}


@pytest.mark.parametrize(
    ("text", "part"),
    [("1 2 3 4", "Row 1 has 4 numbers"), ("0.5 x", "Row 1 holds 'x'"), ("seed=1 colour=red", "'colour' is not a")],
)
def test_a_wrong_prompt_keeps_the_last_good_one_and_says_what_is_wrong(prompts: Engine, text: str, part: str) -> None:
    before = from_link(prompts, PAGE, {"puzzle": POINTS, "checkpoint": "curves1-looped"})
    after = answer(prompts, PAGE, before, Request(text, "curves1-looped", LOOPS, "", 1))
    assert after.input.text == POINTS
    assert after.message is not None
    assert after.message["kind"] == "error"
    assert part in after.message["text"]


def test_panels_that_need_classes_say_why_they_are_empty(prompts: Engine) -> None:
    meta, _ = sent(prompts, puzzle=POINTS, checkpoint="curves1-looped")
    missing = meta["runs"][0]["missing"]
    assert {"probabilities", "whole", "scales"} <= missing.keys()
    assert "stops" not in missing  # rules for predicted numbers stand in
    assert "numbers" in missing["probabilities"]


def in_space(**query: object) -> tuple[int, str]:
    """The status and the text of the answer to a figure in space."""
    scope = {"type": "http", "query_string": urlencode(query).encode(), "headers": [], "path": "/in-context/space"}
    found = states(starlette.requests.Request(scope))
    return found.status_code, bytes(found.body).decode()


@pytest.mark.usefixtures("own")
def test_a_function_of_two_numbers_is_a_surface_in_space(prompts: Engine) -> None:
    asked = {"page": "in-context", "puzzle": "seed=4 examples=6", "checkpoint": "relu2-looped", "loops": 3, "loop": 2}
    _, arrays = sent(prompts, puzzle="seed=4 examples=6", checkpoint="relu2-looped", loops="3")
    status, text = in_space(**asked, figure="error")
    (sheet,) = json.loads(text)["data"]
    error = arrays["predictions"][1, 6:, 0] - arrays["truth"]
    assert (status, sheet["name"]) == (200, "predicted − true")
    assert sheet["cmax"] >= abs(error).max()
    status, text = in_space(**asked, figure="surface")
    assert [one["name"] for one in json.loads(text)["data"]] == ["predicted", "true", "examples"]
    status, text = in_space(**asked)
    assert json.loads(text)["layout"]["scene"]["xaxis"]["title"]["text"].startswith("component 1")
    wrong = {"puzzle": POINTS, "checkpoint": "curves1-looped", "figure": "surface"}
    said = "curves1 has no function of two numbers that could be drawn as a surface."
    assert in_space(**asked | wrong) == (400, said)
