"""Words of the glossary: found in a text, opened by a click or a key, closed by Esc, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

Module = Callable[..., Any]
ENTRIES = [["Fixed point", ["fixed points"], "…"], ["Head", [], "…"]]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Two fixed points and a Fixed point.", ["Two ", ["fixed points", 0], " and a Fixed point."]),
        ("head 3", [["head", 1], " 3"]),
        ("overhead, head-on, heads", ["overhead, head-on, heads"]),
        ("", []),
    ],
)
def test_a_word_is_found_once_as_a_whole_in_its_longest_form(module: Module, text: str, parts: list[Any]) -> None:
    body = "return m.finder(x[0])(x[1], new Set());"
    assert module("core/glossary.js", body, [ENTRIES, text]) == parts
    assert module("core/glossary.js", "return m.finder([])(x, new Set());", text or "a") == [text or "a"]


def test_signs_against_a_word_stay_on_its_line(module: Module) -> None:
    """A line may break beside a button, so that a bracket and its word came apart."""
    body = """return x.map((text) => m.withTerms(text).map((part) =>
      typeof part === "string" ? part : [part.className, part.textContent]));"""
    texts = ["Looks at row 2 (head 3, 6 %).", "Near a fixed point.", "A probe"]
    assert module("pages/glossary.js", body, texts) == [
        ["Looks at row 2 ", ["ls-bound", "(head"], " 3, 6 %)."],
        ["Near a ", ["ls-bound", "fixed point."]],
        ["A ", ["ls-term", "probe"]],
    ]


# Where a word of the glossary is part of another, or means something else: the text of a panel, and what it leads to.
OTHERS = [
    ("order", "Rank correlation", "Rank correlation"),
    ("readout", "output head", "Readout"),
    ("similarity", "blue", None),
    ("temperature", "training", None),
    ("multistep", "trained here", None),
    ("sweep", "are trained", None),
    ("layers", "trained", None),
    ("layers", "map of its own", None),
    ("farther", "trained depth", "Trained loops"),
]
LED = """
const { PANELS } = await import("http://modules.test/panels/registry.js");
const { ENTRIES, finder } = await import("http://modules.test/core/glossary.js");
const find = finder(ENTRIES);
// Every sentence for itself, so that a word is found wherever it stands.
const texts = ({ title, question = "", help = "", formula = "", describe }) =>
  [title, question, String(describe), ...`${help} ${formula}`.split(/(?<=[.:;]) /)].filter(Boolean);
const plain = (part) => (typeof part === "string" ? part : `«${part[0]}|${ENTRIES[part[1]][0]}»`);
return Object.fromEntries(PANELS.map((panel) => [panel.name,
  texts(panel).map((text) => find(text, new Set()).map(plain).join(""))]));
"""


def test_a_word_that_means_something_else_leads_to_no_entry_of_another_meaning(module: Module) -> None:
    """“Output head” is no head of attention, and a rank correlation no rank."""
    texts = module("panels/registry.js", LED)
    said = {name: " ".join(parts) for name, parts in texts.items()}
    for name, words, entry in OTHERS:
        if entry:
            assert f"«{words}|{entry}»".lower() in said[name].lower(), (name, words)
        else:
            assert words in said[name], (name, words)
    everything = " ".join(said.values())
    assert not re.search(r"output «head|«rank\|Rank» correlation|«trained\||blue «block", everything, re.IGNORECASE)


def test_how_many_loops_were_trained_leads_to_its_entry(blank: Page, module: Module) -> None:
    """The word alone means more than that elsewhere, so that the note of the loops names the entry."""
    body = """
    document.body.innerHTML = "<div class=ls><p></p></div>";
    const note = document.querySelector("p");
    m.tellTerm(note, "32 ", "trained", "Trained loops");
    return note.textContent;
    """
    assert module("pages/glossary.js", body) == "32 trained"
    blank.get_by_role("button", name="trained").click()
    expect(blank.get_by_role("dialog", name="Trained loops")).to_contain_text("How many loops the model was trained")
    blank.keyboard.press("Escape")


def test_a_word_opens_its_entry_and_keeps_the_focus_when_the_sentence_changes(blank: Page, module: Module) -> None:
    body = """
    document.body.replaceChildren();
    const root = Object.assign(document.createElement("div"), { className: "ls" });
    document.body.append(root);
    const said = document.createElement("p");
    root.append(said);
    m.tellTerms(said, "Near a fixed point.");
    window.again = () => m.tellTerms(said, "Still near a fixed point, says a probe.");
    window.keys = [];
    document.addEventListener("keydown", (event) => window.keys.push(event.key));
    """
    module("pages/glossary.js", body)
    word = blank.get_by_role("button", name="fixed point")
    entry = blank.get_by_role("dialog", name="Fixed point")
    word.focus()
    blank.keyboard.press("Enter")
    expect(entry).to_contain_text("A state that the loop leaves as it is")
    expect(entry).to_be_focused()
    blank.keyboard.press("Escape")
    expect(entry).to_have_count(0)
    assert blank.evaluate("keys") == ["Enter"]  # the page was not told of Esc
    expect(word).to_be_focused()
    blank.evaluate("again()")
    expect(word).to_be_focused()
    expect(blank.locator("p")).to_have_text("Still near a fixed point, says a probe.")
    word.click()
    expect(entry).to_be_visible()
    word.click()
    expect(entry).to_have_count(0)
