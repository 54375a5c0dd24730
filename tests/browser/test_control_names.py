"""What a control is called: who speaks to the page, or reads it with a screen reader, finds it by the words on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Scope

# Visible controls whose name lacks words that stand on them, and figures without a name. A name that no attribute gives
# is made of the words themselves. What a question costs and why it cannot be asked stand beside its words.
UNNAMED = """() => {
  const bare = (text) => ` ${text.toLowerCase().replace(/[^\\p{L}\\p{N}]+/gu, " ").trim()} `;
  const wordsOf = (element) => {
    const field = element.matches("input, select, textarea");
    const copy = (field ? element.closest("label") : element)?.cloneNode(true);
    const beside = ".ls-cost, .ls-reason, select, output, small, textarea";
    for (const part of copy?.querySelectorAll(beside) ?? []) part.remove();
    return copy?.textContent ?? "";
  };
  const root = document.querySelector("[data-testid=microscope]");
  const seen = [...root.querySelectorAll("button, summary, a, input, select, textarea")].filter((one) =>
    one.checkVisibility({ visibilityProperty: true }));
  const controls = seen.filter((one) => {
    const name = one.getAttribute("aria-label");
    const words = bare(wordsOf(one));
    return name === null ? !one.matches("input, select, textarea") && !words.trim() && !one.title
      : !name || (/\\p{L}/u.test(words) && !bare(name).includes(words));
  });
  const figures = [...root.querySelectorAll("[role=img], [role=grid]")].filter((one) =>
    one.checkVisibility() && !one.getAttribute("aria-label"));
  return [seen.length, [...controls, ...figures].map((one) => `${wordsOf(one)} | ${one.getAttribute("aria-label")}`)];
}"""


@pytest.mark.parametrize("path", ["/", "/sequences", "/paths", "/in-context", "/theory"])
def test_every_control_is_called_by_the_words_on_it(own: Scope, path: str) -> None:
    own.open(path)
    page = own.page
    many, unnamed = page.evaluate(UNNAMED)
    assert many > 10
    menus = page.locator("details:has(> summary:visible)")
    for menu in menus.all():
        menu.evaluate("(of) => { of.open = true; }")
        unnamed += page.evaluate(UNNAMED)[1]
        menu.evaluate("(of) => { of.open = false; }")
    assert sorted({*unnamed}) == []


def test_a_button_of_the_bar_is_found_by_its_words(own: Scope) -> None:
    own.open("/")
    own.summary("Share").click()
    for words in ("A class together", "Save as animation", "Save as page", "Copy link", "Present (P)"):
        assert own.page.get_by_role("button", name=words).first.is_visible()
    for words in ("Clear", "I know", "New here? The loop in one minute"):
        assert own.page.get_by_role("button", name=words).first.is_visible()
