"""Links that lead to the page of what they show, whichever page they name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from looped import tasks
from looped.serving.request import Request, answer, opening, page_of
from looped.ui.lessons import DOCS, TEXTS
from looped.ui.state import engine

Open = Callable[..., Any]


@pytest.mark.parametrize(
    ("checkpoint", "slug"),
    [("lcs12-tmlt", "sequences"), ("paths-tmlt", "paths"), ("sudoku4-tmlt~freeze=0", "sudoku")],
)
def test_a_link_opens_on_the_page_of_its_checkpoint(visit: Open, checkpoint: str, slug: str) -> None:
    here = visit(checkpoint=checkpoint)
    assert here.meta["page"] == slug
    assert here.about["name"] == checkpoint
    assert (here.meta["message"] or {}).get("kind") != "error"


@pytest.mark.parametrize(
    ("text", "slug", "name"),
    [
        ("kitten sitting", "sequences", "lcs12-tmlt-unlike"),
        ("4 7 6 5 = 28", "sequences", "countdown4-tmlt"),
        ("4......2...33...", "sudoku", "sudoku4-tmlt"),
        ("S...#/##..#/...../.###./.....", "paths", "paths-looped"),
    ],
)
def test_a_link_without_a_checkpoint_opens_on_the_page_that_reads_its_input(
    visit: Open, text: str, slug: str, name: str
) -> None:
    here = visit(puzzle=text)
    assert (here.meta["page"], here.meta["puzzle"], here.about["name"]) == (slug, text, name)
    assert here.meta["message"] is None  # nobody chose another checkpoint that would not read it


def test_a_link_to_a_problem_without_a_solution_opens_where_such_problems_are_solved(visit: Open) -> None:
    here = visit(puzzle="1 1 1 1 = 100")
    assert (here.meta["page"], here.about["name"]) == ("sequences", "countdown4-tmlt")
    assert here.meta["message"]["text"].startswith("There is no way to make 100 of 1, 1, 1, 1, using all")
    assert here.meta["entry"] == "1 1 1 1 = 100"  # to be mended


@pytest.mark.parametrize("before", ["countdown3-tmlt", "countdown3-looped", "countdown3-standard", "lcs12-tmlt"])
def test_two_words_go_to_the_same_task_whatever_was_there_before(before: str) -> None:
    """That of a newcomer, in the model of the same kind; a task for words that was chosen stays."""
    page = tasks.get("lcs12").page
    kind = before.partition("-")[2]
    now = answer(engine(), page, opening(engine(), before), Request("cat dog", before, 3))
    assert now.checkpoint == f"lcs12-{kind}"
    chosen = f"edit_distance12-{kind}"
    assert answer(engine(), page, opening(engine(), chosen), Request("cat dog", chosen, 3)).checkpoint == chosen


@pytest.mark.parametrize(
    ("query", "here", "slug"),
    [
        ({"puzzle": "4......2...33..."}, "sequences", "sudoku"),
        ({"puzzle": "1...1..........."}, "sequences", "sudoku"),  # it cannot be run, but drawn
        ({"puzzle": "seed=7 examples=10"}, "sudoku", "in-context"),
        ({"puzzle": "cat dog"}, "sequences", "sequences"),
        ({"puzzle": "cat dog", "checkpoint": "paths-tmlt"}, "sequences", "paths"),
        ({"puzzle": "cat dog", "checkpoint": "nobody"}, "sudoku", None),
        ({"puzzle": "cat"}, "paths", None),
        ({"puzzle": "1 1 1 1 = 100"}, "sudoku", "sequences"),
        ({"puzzle": ""}, "paths", None),
        ({"puzzle": " ;"}, "paths", None),
        ({}, "paths", None),
    ],
)
def test_the_checkpoint_of_a_link_and_else_its_input_say_the_page(
    query: dict[str, str], here: str, slug: str | None
) -> None:
    page = page_of(engine(), query, here)
    assert (page and page.slug) == slug


@pytest.mark.parametrize("text", ["", " ", ",;"])
@pytest.mark.parametrize("checkpoint", ["sudoku4-tmlt", "lcs12-tmlt", "countdown3-tmlt"])
def test_no_page_is_said_to_read_what_holds_nothing(checkpoint: str, text: str) -> None:
    """An empty prompt can be run on In-context, but nobody has meant one."""
    before = opening(engine(), checkpoint)
    page = tasks.get(checkpoint.split("-")[0]).page
    message = answer(engine(), page, before, Request(text, checkpoint, 3)).message
    assert message is not None
    assert message["kind"] == "error"
    assert "The page" not in message["text"]


def test_an_unknown_checkpoint_is_named_where_the_link_leads(visit: Open) -> None:
    here = visit(checkpoint="nobody")
    assert here.meta["page"] == "sudoku"
    assert "'nobody'" in here.meta["message"]["text"]


def test_who_goes_to_another_page_is_not_sent_back(visit: Open) -> None:
    here = visit(checkpoint="lcs12-tmlt")
    here.app.query_params["checkpoint"] = "lcs12-tmlt"
    assert here.open("sudoku").meta["page"] == "sudoku"
    assert here.meta["message"]["text"].startswith("'lcs12-tmlt' is on the page Sequences;")


@pytest.mark.parametrize("name", ["sudoku4-tmlt", "sudoku4-tmlt~freeze=0"])
def test_models_opens_the_card_of_a_links_checkpoint(visit: Open, name: str) -> None:
    here = visit(checkpoint=name).open("models")
    assert here.app.selectbox(key="model").value == "sudoku4-tmlt"
    assert "# sudoku4-tmlt" in here.app.markdown[0].value


def test_models_says_which_checkpoint_it_does_not_know(visit: Open) -> None:
    here = visit(checkpoint="nobody").open("models")
    assert "'nobody'" in here.app.warning[0].value


def test_every_link_between_the_documents_opens_a_tab(visit: Open) -> None:
    here = visit().open("lessons")
    texts = [text.value for tab in here.app.tabs for text in tab.markdown]
    assert [name for name in TEXTS if f"]({name}.md)" in (DOCS / f"{name}.md").read_text("utf-8")] == []
    assert all(".md)" not in text for text in texts)
    links = {link for text in texts for link in re.findall(r"\]\(lessons\?text=(\w+)\)", text)}
    assert links == set(TEXTS)
