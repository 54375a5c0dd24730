"""The Paths page without a browser: from a grid to the arrays that are drawn, and errors in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from messages import read_meta, read_runs

from looped.catalogue.checkpoints import save_checkpoint
from looped.model import Model
from looped.runs.trace import record
from looped.serving.engine import Engine
from looped.serving.request import Request, answer, first_view, from_link
from looped.serving.views import message_bytes
from looped.tasks import get
from looped.tasks.paths.grid import REACHED
from looped.tasks.paths.page import PAGE

GRID = "S../##./..."


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory, make_model: Callable[..., Model]) -> Engine:
    """An engine with tiny random checkpoints of all architectures."""
    catalogue = tmp_path_factory.mktemp("paths")
    task = get("paths")
    card = {"data": "grids", "n": 2, "loops": ["needed+2"], "accuracy": [0.5]}
    for kind in ("looped", "tmlt", "standard"):
        layers = 3 if kind == "standard" else 1
        model = make_model(
            architecture=kind,
            vocab=task.vocab,
            length=task.length,
            trained_loops=layers if kind == "standard" else 6,
            layers=layers,
            injection=kind != "standard",
            positions="none",
            attention_to="neighbourhood",
        )
        save_checkpoint(catalogue / f"paths-{kind}", model, "paths", training={}, scores=[card])
    return Engine(catalogue)


def sent(engine: Engine, **query: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    data = message_bytes(engine, from_link(engine, PAGE, query))
    return read_meta(data), read_runs(data)[0]


def test_a_newcomer_sees_the_first_example(paths: Engine) -> None:
    meta, arrays = sent(paths)
    task = get("paths")
    assert first_view(paths, PAGE).checkpoint == "paths-looped"
    assert (meta["page"], meta["puzzle"]) == ("paths", task.parse(task.examples[0][1]).text)
    assert [one["name"] for one in meta["examples"]] == [name for name, _ in task.examples]
    assert arrays["tokens"].tolist() == task.encode(task.parse(task.examples[0][1])).tolist()


def test_a_card_whose_loops_are_no_numbers_is_told(paths: Engine) -> None:
    """Accuracy by loops said “There is no card” of such a checkpoint."""
    meta, _ = sent(paths)
    card = next(card for card in meta["cards"] if card["name"] == "paths-looped")
    assert (card["loops"], card["accuracy"]) == (["needed+2"], [0.5])


def test_an_example_is_run_in_the_place_of_a_wrong_grid_of_a_link(paths: Engine) -> None:
    """The page does not say that it is the last grid that was run; of one that was shown before it does."""
    meta, _ = sent(paths, puzzle="..../....", checkpoint="paths-looped")
    assert (meta["entry"], meta["instead"]) == ("..../....", "example")
    before = from_link(paths, PAGE, {"puzzle": GRID, "checkpoint": "paths-looped"})
    assert before.instead == ""
    assert answer(paths, PAGE, before, Request("..../....", "paths-looped", 5)).instead == ""


def test_a_grid_of_a_link_is_run_and_searched(paths: Engine) -> None:
    meta, arrays = sent(paths, puzzle=GRID, checkpoint="paths-looped", loops="5")
    task = get("paths")
    tokens = task.encode(task.parse(GRID))
    trace = record(paths.checkpoint("paths-looped").model, tokens, 5)
    reached = trace.answers == REACHED
    assert (meta["puzzle"], meta["loops"], meta["needed"]) == (GRID, 5, 6)
    assert meta["layout"]["rows"] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert arrays["steps_away"].tolist() == [0, 1, 2, -1, -1, 3, 6, 5, 4]
    assert arrays["flood"][:, 0].tolist() == [2, 3, 4, 5, 6]
    assert arrays["flood"][:, 1].tolist() == (reached & (tokens != 1)).sum(-1).tolist()
    away, said = arrays["steps_away"], reached & (tokens != 1)
    due = (away >= 0) & (away <= np.arange(1, 6)[:, None]) & (tokens != 1)
    early = np.where(said, 2, np.where(due, 3, 0))
    assert arrays["against"].tolist() == np.where(said & due, 1, np.where(said & (away < 0), 4, early)).tolist()
    assert arrays["flood"][:, 4].tolist() == (said & (away < 0)).sum(-1).tolist()
    assert np.array_equal(arrays["answers"], trace.answers)
    assert arrays["arrivals"].shape == (7, 3)


def test_attention_is_sent_by_neighbour_and_never_from_all_to_all(paths: Engine) -> None:
    big = "/".join(["S" + "." * 31] + ["." * 32] * 31)
    meta, arrays = sent(paths, puzzle=big, checkpoint="paths-looped", loops="2")
    heads = meta["runs"][0]["heads"]
    assert arrays["attention"].shape == (2, 1, heads, 1024, 9)
    assert arrays["neighbours"].shape == (1024, 9)
    assert arrays["neighbours"][33].tolist() == [0, 1, 2, 32, 33, 34, 64, 65, 66]
    assert np.array_equal(arrays["strongest"].shape, (2, 1, heads, 1024))
    assert max(array.size for name, array in arrays.items() if name != "attention") < 1024 * 64
    assert not {"near", "rules", "across"} & arrays.keys()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("...\n...", "There is no source in the grid; put one 'S' where the flood begins."),
        ("S..\n..", "Row 2 has 2 cells and row 1 has 3; all rows must be equally long."),
    ],
)
def test_a_wrong_grid_keeps_the_last_good_one_and_says_what_is_wrong(paths: Engine, text: str, sentence: str) -> None:
    before = from_link(paths, PAGE, {"puzzle": GRID, "checkpoint": "paths-looped"})
    after = answer(paths, PAGE, before, Request(text, "paths-looped", 6, "", 1))
    assert after.input.text == GRID
    assert after.message == {"kind": "error", "text": sentence}


def test_a_rectangle_is_run_with_a_warning(paths: Engine) -> None:
    meta, arrays = sent(paths, puzzle="S..../.....", checkpoint="paths-looped")
    assert meta["message"]["kind"] == "warning"
    assert meta["message"]["text"] == "2 rows of 5 cells are read as 5 × 5; the cells beyond are walls."
    assert arrays["tokens"].shape == (25,)


def test_a_wall_is_moved_while_the_model_runs(paths: Engine) -> None:
    meta, arrays = sent(paths, puzzle=GRID, checkpoint="paths-looped", versus="paths-looped~set=1_1@3")
    changed = read_runs(
        message_bytes(paths, from_link(paths, PAGE, {"puzzle": GRID, "versus": "paths-looped~set=1_1@3"}))
    )
    assert len(meta["runs"]) == len(changed) == 2
    assert np.array_equal(changed[0]["probabilities"][:3], changed[1]["probabilities"][:3])
    assert not np.array_equal(changed[0]["probabilities"][3:], changed[1]["probabilities"][3:])
    assert arrays["differ"].shape == (meta["loops"], 9)


def test_a_standard_transformer_ends_with_its_layers(paths: Engine) -> None:
    meta, arrays = sent(paths, puzzle=GRID, checkpoint="paths-standard")
    assert (meta["loops"], meta["most_loops"]) == (3, 3)
    assert len(arrays["attention"]) == 3
