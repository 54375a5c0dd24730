"""Words of the glossary: found in a text, opened by a click or a key, closed by Esc, and nothing else is."""

from __future__ import annotations

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
