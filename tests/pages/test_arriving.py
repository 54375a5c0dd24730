"""Links that lead to the page of what they show, whichever page they name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from looped.ui.lessons import DOCS, TEXTS

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
