"""For everybody: axe-core on every state of the pages, a walk by keyboard alone, and colours that can be told from
their ground."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from asked import LONG, NEW
from axe_playwright_python.sync_playwright import Axe
from hands import CANVASES, EASY, GENTLE4, MEDIUM, PANELS
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext

MICROSCOPE = "[data-testid=microscope]"
ALL = ",".join((*CANVASES, *NEW[:-1]))


def examined(scope: Scope, where: str = MICROSCOPE, rules: list[str] | None = None) -> list[str]:
    """What axe-core calls serious or critical in a part of the page, by all rules or by these."""
    scope.painted()
    # What passes is named by rule alone: to list every element that passes takes four times as long.
    options: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = Axe().run(scope.page, where, options).response
    assert len(found["passes"]) > (0 if rules else 10)  # it has really looked
    return [
        f"{fault['id']} ({fault['impact']}): {', '.join(str(node['target']) for node in fault['nodes'][:4])} "
        f"{fault['nodes'][0]['any'][:1]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


# ─── axe ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def plain(scope: Scope) -> None:
    scope.open(loops=4)


def comparing(scope: Scope) -> None:
    scope.open(puzzle=MEDIUM, checkpoint="sudoku9-tmlt", versus="sudoku9-looped", loops=4, loop=2, range="1-3")


def presenting(scope: Scope) -> None:
    scope.open(loops=4, present="board")


def presenting_a_panel(scope: Scope) -> None:
    scope.open(checkpoint="sudoku9-looped", loops=4, present="timestep")


def without_controls(scope: Scope) -> None:
    scope.open(loops=4, hide=1)


def menu_of_a_panel(scope: Scope) -> None:
    scope.summary("attention").click()


def menu_of_panels(scope: Scope) -> None:
    scope.summary("Panels").click()


def menu_to_share(scope: Scope) -> None:
    scope.summary("Share").click()


def note(scope: Scope) -> None:
    scope.panel("readout").locator(".ls-help > summary").click()


def every_panel(scope: Scope) -> None:
    scope.open(
        puzzle=GENTLE4,
        checkpoint="sudoku4-tmlt",
        versus="sudoku4-tmlt~freeze=0,cut=1@2",
        loops=4,
        loop=2,
        modes="trajectory-space",
        panels=ALL,
    )


def every_panel_answered(scope: Scope) -> None:
    scope.open(
        puzzle=GENTLE4, checkpoint="sudoku4-looped", loops=4, loop=2, modes="exits-boards,effect-heads", panels=ALL
    )
    buttons = scope.page.locator(".ls-begin").filter(visible=True)
    questions = len(set(LONG) & set(ALL.split(",")))  # each is asked by a button of its own
    expect(buttons).to_have_count(questions)
    for left in reversed(range(questions)):
        buttons.first.click()
        expect(buttons).to_have_count(left)  # the one that was pressed has gone
        expect(scope.page.get_by_role("progressbar").filter(visible=True)).to_have_count(0)


def a_question_refused(scope: Scope) -> None:
    scope.open(puzzle="." * 16, checkpoint="sudoku4-looped", loops=2, panels="clues")
    scope.panel("clues").get_by_role("button", name="Weigh the clues").click()
    expect(scope.panel("clues").locator(".ls-ask .ls-note")).to_contain_text("no clue")


def menu_of_questions(scope: Scope) -> None:
    scope.summary("Ask").click()


def formula(scope: Scope) -> None:
    scope.open(puzzle=GENTLE4, checkpoint="sudoku4-tmlt", loops=4, panels="rules")
    scope.panel("rules").locator(".ls-help > summary").click()


def list_of_keys(scope: Scope) -> None:
    scope.open(loops=4)
    scope.page.get_by_test_id("keys").click()


def text_of_the_board(scope: Scope) -> None:
    scope.open(loops=4)
    scope.page.get_by_test_id("paste").click()


def wrong_board(scope: Scope) -> None:
    scope.open(loops=4)
    scope.choose(0)
    scope.asking(lambda: scope.press(EASY[2]))
    expect(scope.message).to_contain_text("twice")


def marks(scope: Scope) -> None:
    scope.open(loops=4)
    scope.choose(0)
    scope.press("Shift+2", "Control+3", "Shift+ArrowRight")


OPENED = (menu_of_a_panel, menu_of_panels, menu_to_share, menu_of_questions, note)
"""What is opened on the page of `plain` and closed by doing the same again."""
STATES = (
    list_of_keys,
    comparing,
    presenting,
    presenting_a_panel,
    without_controls,
    every_panel,
    every_panel_answered,
    a_question_refused,
    formula,
    text_of_the_board,
    wrong_board,
    marks,
)


@pytest.fixture
def day(address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]) -> Scope:
    """A tab of somebody whose system is light."""
    return new_scope(address, new_context(color_scheme="light"))


def turned(scope: Scope, scheme: str, part: str = MICROSCOPE) -> None:
    """The system turns dark or light, and the page with it."""
    scope.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    scope.page.wait_for_function(
        """([dark, part]) => {
          const { color } = getComputedStyle(document.querySelector(part));
          const [r, g, b] = color.match(/\\d+/g).map(Number);
          return (r + g + b > 400) === dark; }""",
        arg=[scheme == "dark", part],
    )


def test_axe_finds_nothing_serious(day: Scope) -> None:
    """The microscope in every state that it can be in, in light and dark. In the dark, only colours are others."""
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found[name] = examined(day)
        turned(day, "dark")
        found[f"{name} in the dark"] = examined(day, rules=["color-contrast"])
        turned(day, "light")

    plain(day)
    look("plain")
    for state in OPENED:
        state(day)
        look(state.__name__)
        state(day)
    for state in STATES:
        state(day)
        look(state.__name__)
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_axe_finds_nothing_serious_on_a_phone(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    phone = new_scope(address, new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    for state in (plain, menu_of_panels):
        state(phone)
        assert examined(phone) == []


def test_axe_finds_nothing_serious_among_the_models(day: Scope) -> None:
    """Card, tables and charts of a checkpoint: what the page draws, without Streamlit's own frame."""
    parts = "[data-testid=stMarkdownContainer], [data-testid=stHeading], [data-testid=stPlotlyChart]"
    day.page.goto(day.address + "/models?model=sudoku9-tmlt")
    expect(day.page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    assert examined(day, parts) == []
    turned(day, "dark", "[data-testid=stMarkdownContainer]")
    assert examined(day, parts, ["color-contrast"]) == []


# ─── keyboard ────────────────────────────────────────────────────────────────────────────────────────────────────

HAND = """() => {
  const hand = document.activeElement, root = document.querySelector("[data-testid=microscope]");
  if (!root.contains(hand)) return null;
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(hand);
  const { left, top, width, height } = hand.getBoundingClientRect();
  const over = document.elementFromPoint(left + width / 2, top + height / 2);
  window.met ||= new Set();
  window.met.add(hand);
  return { what: `${hand.tagName} ${hand.ariaLabel ?? hand.title ?? ""} ${hand.id} ${hand.textContent.slice(0, 20)}`,
    ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
           colour: outlineColor, seen: width > 0 && !!over && (hand.contains(over) || over.contains(hand)) };
}"""
MISSED = """() => [...document.querySelectorAll(
    "[data-testid=microscope] :is(button, select, input, summary, a[href], [tabindex='0'])")]
  .filter((part) => part.checkVisibility({ visibilityProperty: true }) && !part.disabled)
  .filter((part) => part.tabIndex >= 0 && !window.met?.has(part))
  .map((part) => `${part.tagName} ${part.ariaLabel ?? part.title} ${part.id}`)"""


def walk(scope: Scope, most: int = 150) -> list[dict[str, Any]]:
    """What Tab comes to in the microscope, from its first control until it leaves it."""
    scope.page.evaluate(
        """() => [...document.querySelectorAll("[data-testid=microscope] :is(select, button)")]
          .find((part) => part.checkVisibility()).focus({ focusVisible: true })"""
    )
    steps = []
    while len(steps) < most and (step := scope.page.evaluate(HAND)):
        steps.append(step)
        scope.press("Tab")
    return steps


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"versus": "sudoku9-looped", "range": "1-2"},
        {"present": "board"},
        {"present": "attention", "hide": 1},
        {
            "checkpoint": "sudoku4-tmlt",
            "puzzle": GENTLE4,
            "versus": "sudoku4-tmlt~cut=1",
            "panels": "whatif,effect,trajectory",
            "modes": "trajectory-space",
        },
    ],
    ids=str,
)
def test_tab_reaches_every_control_and_shows_where_it_is(scope: Scope, query: dict[str, Any]) -> None:
    """Each has a ring that can be seen and is not covered by the clock that stays at the bottom;
    none is left out, none is a trap."""
    scope.open(loops=4, loop=2, **query)
    steps = walk(scope)
    assert 5 < len(steps) < 150
    assert [step["what"] for step in steps if not step["ring"]] == []
    assert [step["what"] for step in steps if not step["seen"]] == []
    assert scope.page.evaluate(MISSED) == []
    assert len([step for step in steps if step["what"].startswith("DIV row")]) == (
        2 if "versus" in query else 0 if query.get("present") == "attention" else 1
    )


def test_everything_by_keyboard(scope: Scope) -> None:
    """From the address bar to a solved board, a range, another panel order and a saved view: no mouse."""
    scope.open(loops=4, loop=2)
    scope.page.evaluate("document.body.focus()")
    for _ in range(60):
        scope.press("Tab")
        if scope.page.evaluate("document.activeElement.matches('[role=gridcell]')"):
            break
    expect(scope.cell(scope.chosen)).to_be_focused()
    scope.press("ArrowRight", "ArrowLeft", "Shift+3")
    assert scope.labels[scope.chosen].endswith("corner marks 3")
    scope.press("[", "PageDown", "]")
    scope.wait_for_query(range="2-3")
    scope.press("Escape", "Escape")
    expect(scope.page.get_by_test_id("play")).to_be_focused()
    scope.press("Space")
    scope.page.wait_for_function(
        "document.querySelector('[data-testid=play]').innerHTML.includes('M3 2h4')"
    )  # it plays
    scope.press("Space")
    scope.press("p", "n")
    expect(scope.panel("board")).to_be_hidden()
    assert scope.panels == ["attention"]
    scope.press("Escape")
    expect(scope.panel("board")).to_be_visible()
    assert scope.panels == list(PANELS)


# ─── colours ─────────────────────────────────────────────────────────────────────────────────────────────────────


def luminance(colour: list[int]) -> float:
    linear = [part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[int], other: list[int]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(scope: Scope) -> dict[str, list[int]]:
    """What the figures are drawn with: canvases are out of axe's sight."""
    found: dict[str, list[int]] = scope.page.evaluate(
        """() => Object.fromEntries(["text", "muted", "background", "accent", "warm", "cool", "wrong"].map((name) => {
          const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
          const style = getComputedStyle(document.querySelector("[data-testid=microscope]"));
          pen.fillStyle = style.getPropertyValue(`--ls-${name}`).trim();
          pen.fillRect(0, 0, 1, 1);
          return [name, [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]];
        }))"""
    )
    return found


@pytest.mark.parametrize("query", [{}, {"present": "board"}], ids=["page", "presenting"])
def test_colours_of_the_figures_can_be_told_from_their_ground(day: Scope, query: dict[str, str]) -> None:
    """4.5 : 1 for everything that is written or drawn, in light and dark; more in presenter mode for the text."""
    day.open(loops=4, **query)
    for scheme in ("light", "dark"):
        turned(day, scheme)
        found = colours(day)
        ground = found.pop("background")
        assert (luminance(ground) > 0.5) == (scheme == "light")
        assert {
            name: round(contrast(colour, ground), 2) for name, colour in found.items() if contrast(colour, ground) < 4.5
        } == {}
        assert contrast(found["text"], ground) > (20 if query else 7)


EDGES = """(selector) => [...document.querySelectorAll(selector)].filter((one) => one.getClientRects().length)
  .map((one) => {
    const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    const fill = (colour) => {
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    const grounds = [];
    for (let up = one.parentElement; up; up = up.parentElement) grounds.unshift(getComputedStyle(up).backgroundColor);
    const ground = grounds.map(fill).pop();
    return [fill(getComputedStyle(one).borderTopColor), ground];
  })"""


@pytest.mark.parametrize(
    ("path", "controls"),
    [
        ("/", ".ls-bar :is(button, select, input[type=number])"),
        ("/quiz", "[data-testid=stRadioOption] > div > div:first-child"),
    ],
)
def test_what_is_pressed_can_be_told_from_its_ground(day: Scope, path: str, controls: str) -> None:
    """3 : 1 for the border, which is all that is seen of a circle to tap or a field."""
    day.page.goto(day.address + path)
    day.page.locator(controls).first.wait_for()
    for scheme in ("light", "dark"):
        day.page.emulate_media(color_scheme=scheme)
        day.page.wait_for_function(
            "(dark) => (getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
            ".match(/[0-9]+/)[0] < 128) === dark",
            arg=scheme == "dark",
        )
        edges = day.page.evaluate(EDGES, controls)
        assert len(edges) > 1
        assert min(contrast(edge, ground) for edge, ground in edges) >= 3


def test_the_scheme_may_change_while_the_page_is_open(scope: Scope) -> None:
    """From light to dark and back, as at dusk: every picture is repainted, and back again it is as it was."""
    scope.open(loops=4)
    turned(scope, "light")
    light, before = scope.pixels(*PANELS), colours(scope)
    turned(scope, "dark")
    dark = scope.pixels(*PANELS)
    assert [name for name in PANELS if light[name] == dark[name]] == []
    assert luminance(colours(scope)["background"]) < 0.2
    turned(scope, "light")
    assert colours(scope) == before
    assert scope.pixels(*PANELS) == light
