"""What a control is called by those who do not see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("label", "title", "name"),
    [
        ("Save as page", "One file", "Save as page: One file"),
        ("A class together…", "Pages follow", "A class together: Pages follow"),
        ("Leave", "Leave the class", "Leave the class"),
        ("CSV", "Save the rows as CSV", "Save the rows as CSV"),
        ("Clear", "What is unclear", "Clear: What is unclear"),
        ("x₂ to x₁", "Move it", "x₂ to x₁: Move it"),
        ("✕", "Close this message", "Close this message"),
        ("", "Clear the range", "Clear the range"),
        ("5", "", "5"),
    ],
)
def test_a_control_is_called_by_its_words_and_a_sign_by_its_explanation(
    module: Callable[..., Any], label: str, title: str, name: str
) -> None:
    body = "const made = m.button(x[0], x[1], () => {}); return [made.ariaLabel, made.title];"
    assert module("core/elements.js", body, [label, title]) == [name, title]


def test_other_words_on_a_button_are_its_name_too(module: Callable[..., Any]) -> None:
    body = """
    const made = m.button("Copy link", "Copy a link to this view", () => {});
    m.relabel(made, "Copied");
    return [made.textContent, made.ariaLabel, made.title];
    """
    said = ["Copied", "Copied: Copy a link to this view", "Copy a link to this view"]
    assert module("core/elements.js", body) == said
