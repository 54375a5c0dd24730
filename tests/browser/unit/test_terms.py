"""The texts of panels are made with the terms of a task; none names a place, a token or an input by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from looped import tasks
from looped.export.bundle import ASSETS

Module = Callable[..., Any]
# “blank” is an answer of Countdown.
FIXED = re.compile(r"\b(cells?|boards?|digits?|(?<!“)blanks?)\b", re.IGNORECASE)
TEXTS = re.compile(r'"[^"]*"(?!:)|`[^`]*`')  # strings that are no keys, and templates
PLACED = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")  # code in a template
OWN = {"flood.js", "contests.js", "fields.js"}  # of Paths or of Sudoku alone, which speak of their cells
TASKS = ["sudoku9", "edit_distance12", "countdown4", "paths"]
NAMED = """
const { told } = await import("http://modules.test/core/words.js");
const said = [];
for (const panel of m.PANELS) {
  if (panel.page && panel.page !== x.page) continue;
  const modes = (panel.modes ?? []).filter(([, , page]) => !page || page === x.page).map(([, words]) => words);
  const help = x.page === "sequences" ? panel.sequences ?? panel.help : panel.help;
  for (const text of [panel.title, panel.question, help, panel.formula, panel.drawing, ...modes])
    if (text) said.push(told(text, x.terms));
}
return said;
"""


def test_no_text_of_a_panel_names_what_a_term_is_for() -> None:
    fixed = []
    for path in sorted((ASSETS / "panels").glob("*.js")):
        if path.name in OWN:
            continue
        for line in path.read_text("utf-8").splitlines():
            code = line.split("//")[0]
            texts = TEXTS.findall(PLACED.sub("", code))
            for part in PLACED.findall(code):
                texts += TEXTS.findall(part[2:-1])
            fixed += [(path.name, text) for text in texts if " " in text and FIXED.search(text)]
    assert fixed == []


@pytest.mark.parametrize("name", TASKS)
def test_every_text_can_be_said_of_every_task(module: Module, name: str) -> None:
    task = tasks.get(name)
    said = module("panels/registry.js", NAMED, {"page": task.page.slug, "terms": asdict(task.terms)})
    assert len(said) > 50
    assert [text for text in said if re.search(r"\{[A-Za-z_ ]+\}", text)] == []
    assert [text for text in said if re.search(r"\b[aA] (answer|input)\b", text)] == []


def test_no_article_stands_before_a_term_by_hand() -> None:
    """Whether it is “a” or “an” depends on the term, so that {a input} says it."""
    by_hand = re.compile(r"\b[Aa]n? \{[A-Za-z_]+\}")
    texts = {path.name: path.read_text("utf-8") for path in sorted(ASSETS.rglob("*.js"))}
    found = {name: by_hand.findall(text) for name, text in texts.items()}
    assert by_hand.search("32 loops an {input}")
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("sudoku9", r"\b(grids?|letters?)\b"),
        ("edit_distance12", r"\b(cells?|boards?|digits?|(?<!“)blanks?|grids?)\b"),
        ("countdown4", r"\b(cells?|boards?|digits?|(?<!“)blanks?|grids?)\b"),
        ("paths", r"\b(boards?|digits?|(?<!“)blanks?|letters?)\b"),
    ],
)
def test_no_task_is_told_of_in_the_terms_of_another(module: Module, name: str, others: str) -> None:
    task = tasks.get(name)
    said = module("panels/registry.js", NAMED, {"page": task.page.slug, "terms": asdict(task.terms)})
    assert [found for text in said for found in re.findall(others, text, re.IGNORECASE)] == []


def test_a_term_takes_its_article_and_its_capital(module: Module) -> None:
    body = 'return m.told("{A place}, {a asked}; {Input} {x} of {places}", x)'
    terms = {"place": "cell", "places": "cells", "asked": "answer", "input": "grid"}
    assert module("core/words.js", body, terms) == "A cell, an answer; Grid {x} of cells"
