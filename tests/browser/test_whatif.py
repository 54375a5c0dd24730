"""What if: changes that somebody puts together run beside the model, are what the library makes of them, and travel in
a link."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hands import GENTLE4, MEDIUM, inside, put, saved
from library import run
from playwright.sync_api import Locator, expect

from looped.lenses.residual import residual
from looped.runs.changes import KINDS as OFFERED
from looped.tasks.sudoku.examples import EXAMPLES
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext

A, B = "sudoku4-tmlt", "sudoku4-looped"
LOOPS, LOOP, CELL = 6, 3, GENTLE4.index(".")
PEERS = {
    "its row": "1_2_3",
    "its column": "4_8_12",
    "its box": "1_4_5",
    "its row, column and box": "1_2_3_4_5_8_12",
}  # of the first cell
DONOR = EXAMPLES[4][1]
BOARD = EXAMPLES[4][1][1]  # not so easy that nothing could go wrong
KINDS: list[
    tuple[str, dict[str, str], str, str]
] = [  # kind, what is filled in, the change as a link has it, and in words
    ("freeze", {"T": "3"}, "freeze=3", "Timestep frozen at 3"),
    ("shift", {"By": "2.5"}, "shift=2.5", "Timesteps shifted by 2.5"),
    ("stretch", {"Factor": "0.5"}, "stretch=0.5", "Timesteps multiplied by 0.5"),
    ("shuffle", {"Seed": "4"}, "shuffle=4", "Timesteps shuffled with seed 4"),
    ("close", {"Scales": "both gates"}, "close=alpha1_alpha2", "α1 and α2 set to 0"),
    ("ones", {}, "ones", "Timestep scales all 1"),
    ("cut", {"Part": "head 2"}, "cut=1", "Head 2 cut"),
    ("cut", {"Part": "the MLP"}, "cut=mlp", "The MLP cut"),
    (
        "block",
        {"What it may not see": "its box"},
        f"block={CELL}_{PEERS['its box']}",
        "Row 1, column 1 kept from attending to 3 others",
    ),
    ("temperature", {"Temperature": "0"}, "temperature=0", "Hardmax attention"),
    ("set", {"Digit": "2"}, f"set={CELL}_2", "Row 1, column 1 set to 2"),
    (
        "patch",
        {"Whose state": "its own from the start"},
        f"patch={CELL}_start@{LOOP}",
        f"State of row 1, column 1 put back to its start after loop {LOOP}",
    ),
    (
        "patch",
        {"Whose state": f"that of the board 4×4 {DONOR[0]}"},
        f"patch={CELL}_{DONOR[1].replace('.', '0')}",
        f"State of row 1, column 1 from the board “{DONOR[0]}” before the first loop",
    ),
]


def opened(scope: Scope, **query: Any) -> Scope:
    return scope.open(
        **{
            "puzzle": GENTLE4,
            "checkpoint": A,
            "loops": LOOPS,
            "loop": LOOP,
            "cell": CELL,
            "panels": "whatif,convergence",
        }
        | query
    )


def part(scope: Scope, name: str) -> Locator:
    return scope.panel("whatif").get_by_role("combobox", name=name, exact=True)


def fill(scope: Scope, kind: str, fields: dict[str, str], since: int = 0, one: bool = False) -> None:
    """Say what is to be different."""
    part(scope, "What to change").select_option(kind)
    for name, value in fields.items():
        if part(scope, name).count():
            part(scope, name).select_option(label=value)
        else:
            scope.panel("whatif").get_by_role("spinbutton", name=name, exact=True).fill(value)
    part(scope, "From which loop").select_option(str(since))
    if kind != "patch":
        part(scope, "Until which loop").select_option("one" if one else "")


def run_it(scope: Scope, *what: Any, **when: Any) -> None:
    fill(scope, *what, **when)
    scope.asking(scope.page.get_by_test_id("whatif-run").click)


def changes(scope: Scope) -> list[str]:
    scope.painted()
    return scope.panel("whatif").locator(".ls-changes li > span").all_inner_texts()


def states(scope: Scope, number: int) -> np.ndarray:
    """How far every loop of a run moves its state, as the page saves it: two runs that differ anywhere differ here."""
    with saved(scope, "convergence", "CSV").open(encoding="utf-8", newline="") as lines:
        columns, *rows = csv.reader(lines)
    assert columns[:3] == ["checkpoint", "change", "loop"]
    runs = list(dict.fromkeys((row[0], row[1]) for row in rows))
    assert (runs[0][1], runs[1][0]) == ("", runs[0][0])
    assert runs[1][1].lower() == ", ".join(changes(scope)).lower()
    return np.array([[float(value) for value in row[3:5]] for row in rows if (row[0], row[1]) == runs[number]])


def same_as_the_library(scope: Scope, name: str) -> np.ndarray:
    """Board B says, and its states move, as the library's run of the changed model does; how they move."""
    scope.wait_for_query(versus=name)
    wanted, found, cell = run(name, scope.entry, LOOPS), states(scope, 1), int(scope.query["cell"])
    moved = residual(wanted.trace.hidden)
    np.testing.assert_allclose(
        found, np.stack([moved.relative, moved.per_position[:, cell]], 1), rtol=2e-3, atol=1e-4, err_msg=name
    )
    for place, label in enumerate(scope.labels_of(1)):
        if scope.entry[place] == ".":
            said = wanted.digits[scope.loop - 1, place] or "“blank”"  # a state at its start says nothing
            assert f"model says {said} " in label, (name, label)
    return found


def test_every_kind_of_change_is_the_library_s(scope: Scope) -> None:
    """From the panel to a second run: its name in the address, its words in the list, its states and answers;
    and taken back again."""
    opened(scope)
    expect(scope.page.get_by_role("grid")).to_have_count(1)
    expect(scope.panel("whatif").locator(".ls-says")).to_contain_text("Nothing is changed yet")
    plain = residual(run(A, GENTLE4, LOOPS).trace.hidden).relative
    for kind, fields, text, words in KINDS:
        run_it(scope, kind, fields, since=LOOP if text.endswith(f"@{LOOP}") else 0)
        scope.wait_for_query(versus=f"{A}~{text}")
        expect(scope.message).to_be_empty()
        assert changes(scope) == [words]
        moved = same_as_the_library(scope, f"{A}~{text}")
        assert not np.allclose(moved[:, 0], plain, rtol=1e-3), text  # it does something
        expect(scope.page.get_by_test_id("verdict")).to_have_text(scope.says("whatif"))
        scope.asking(scope.panel("whatif").get_by_role("button", name=re.compile("^Take this back")).click)
        scope.wait_for_query(versus=None)
        assert changes(scope) == []
        expect(scope.page.get_by_role("grid")).to_have_count(1)


def test_after_this_loop_means_after_this_loop(scope: Scope) -> None:
    """It follows the clock; up to there both runs are one, and with “for one loop” only that loop is another."""
    since = 2
    opened(scope, puzzle=BOARD, cell=BOARD.index("."), loop=since)
    choice = part(scope, "From which loop")
    choice.select_option(str(since))
    expect(choice.locator("option:checked")).to_have_text(f"after loop {since} (now)")
    scope.leave_fields()
    scope.press("ArrowRight")
    expect(choice.locator("option:checked")).to_have_text(f"after loop {since + 1} (now)")
    scope.press("ArrowLeft")
    run_it(scope, "cut", {"Part": "all heads"}, since=since)
    scope.wait_for_query(versus=f"{A}~cut=0_1_2_3@{since}")
    assert changes(scope) == [f"Heads 1, 2, 3 and 4 cut after loop {since}"]
    first, second = states(scope, 0), states(scope, 1)
    np.testing.assert_allclose(first[:since], second[:since], rtol=1e-4)
    assert (np.abs(first[since:] - second[since:]) > 1e-3).any()
    same_as_the_library(scope, f"{A}~cut=0_1_2_3@{since}")
    plain, other = (run(name, BOARD, LOOPS).digits for name in (A, f"{A}~cut=0_1_2_3@{since}"))
    differ = (plain != other).sum(1)
    assert not differ[:since].any()
    assert differ[since:].any()
    opened(scope, puzzle=BOARD, loop=since, versus=f"{A}~cut=0_1_2_3@{since}")  # a reload
    expect(part(scope, "What to change")).to_have_value("cut")
    expect(choice.locator("option:checked")).to_have_text(f"after loop {since} (now)")
    for loop in (since, LOOPS):
        scope.slider.fill(str(loop))
        assert (scope.labels_of(0) == [label.replace(", A says", ", B says") for label in scope.labels_of(1)]) == (
            differ[loop - 1] == 0
        )
        words = (
            "no answer differs"
            if not differ[loop - 1]
            else "1 answer differs"
            if differ[loop - 1] == 1
            else f"{differ[loop - 1]} answers differ"
        )
        assert f"They first disagree at loop {int(np.flatnonzero(differ)[0]) + 1}; now {words}" in scope.says("whatif")
    scope.slider.fill("3")
    run_it(scope, "temperature", {"Temperature": "4"}, since=3, one=True)
    text = f"cut=0_1_2_3@{since},temperature=4@3-4"
    scope.wait_for_query(versus=f"{A}~{text}")
    idle = f"nothing is left of it beside “heads 1, 2, 3 and 4 cut after loop {since}”"
    assert changes(scope)[1] == f"Softmax at temperature 4 in loop 4 (without effect: {idle})"
    same_as_the_library(scope, f"{A}~{text}")


def test_changes_add_up_and_are_taken_back_one_by_one(scope: Scope) -> None:
    """They act together; ✕ takes its own back, and one button takes them all."""
    opened(scope)
    run_it(scope, "freeze", {"T": "1"})
    run_it(scope, "cut", {"Part": "head 1"})
    scope.choose(5)
    scope.slider.fill("2")
    run_it(scope, "set", {"Digit": "3"}, since=2)
    text = ["freeze=1", "cut=0", "set=5_3@2"]
    scope.wait_for_query(versus=f"{A}~{','.join(text)}", loop=2, cell=5)
    assert changes(scope) == ["Timestep frozen at 1", "Head 1 cut", "Row 2, column 2 set to 3 after loop 2"]
    expect(scope.panel("whatif").locator(".ls-caption")).to_have_count(0)
    same_as_the_library(scope, f"{A}~{','.join(text)}")
    scope.asking(scope.button("Take this back: head 1 cut").click)
    scope.wait_for_query(versus=f"{A}~freeze=1,set=5_3@2")
    same_as_the_library(scope, f"{A}~freeze=1,set=5_3@2")
    scope.asking(scope.button("Take all back: Take all changes back").click)
    scope.wait_for_query(versus=None)
    assert changes(scope) == []
    expect(scope.panel("whatif").locator(".ls-says")).to_contain_text("Nothing is changed yet")


def test_what_was_compared_before_is_compared_again_when_all_changes_are_taken_back(scope: Scope) -> None:
    opened(scope, versus=B)
    run_it(scope, "freeze", {"T": "1"})
    run_it(scope, "ones", {})
    scope.wait_for_query(versus=f"{A}~freeze=1,ones")
    assert changes(scope)[0] == "Timestep frozen at 1 (without effect: all scales are then 1)"
    scope.asking(scope.button("Take all back: Take all changes back").click)
    scope.wait_for_query(versus=B)
    assert changes(scope) == []


def test_what_a_model_does_not_have_cannot_be_chosen(scope: Scope) -> None:
    """A looped model has no timestep; the other changes it has, and they are the library's."""
    opened(scope, checkpoint=B)
    options = part(scope, "What to change").locator("option")
    assert {option.get_attribute("value"): option.is_disabled() for option in options.all()} == {
        kind: kind in ("freeze", "shift", "stretch", "shuffle", "close", "ones", "mute", "swap") for kind in OFFERED
    }
    expect(part(scope, "What to change")).to_have_value("cut")
    run_it(scope, "temperature", {"Temperature": "0.5"})
    same_as_the_library(scope, f"{B}~temperature=0.5")
    scope.asking(lambda: scope.pick("Checkpoint", A))
    expect(options.first).to_be_enabled()


def test_what_a_model_does_not_have_is_called_as_in_the_list(scope: Scope) -> None:
    """Every choice that is greyed is named with its reason, and nothing else is."""
    opened(scope, checkpoint=B)
    names = part(scope, "What to change").locator("option:disabled").all_inner_texts()
    said = scope.panel("whatif").locator(".ls-note").inner_text()
    assert names
    assert sorted(re.findall("“(.*?)”", said)) == sorted(names)
    assert "this model does not have a timestep encoding with its scales." in said


def test_a_state_is_put_back_where_the_clock_stands(scope: Scope) -> None:
    """It is replaced once, so that nothing asks until when; put back before the first loop it would be as it was."""
    opened(scope)
    until = part(scope, "Until which loop")
    expect(until).to_be_visible()
    part(scope, "What to change").select_option("patch")
    expect(part(scope, "Whose state")).to_have_value("start")
    expect(part(scope, "From which loop")).to_have_value(str(LOOP))
    expect(until).to_be_hidden()
    run_it(scope, "patch", {"Whose state": "its own from the start"})
    expect(scope.message).to_contain_text("This change cannot be made: before the first loop every state is at its")
    expect(scope.page.get_by_role("grid")).to_have_count(1)
    part(scope, "What to change").select_option("cut")
    expect(until).to_be_visible()
    scope.slider.fill("0")
    expect(part(scope, "From which loop").locator("option")).to_have_count(1)
    part(scope, "What to change").select_option("patch")
    expect(part(scope, "From which loop")).to_have_value("0")
    expect(part(scope, "Whose state")).not_to_have_value("start")


def test_a_state_can_be_put_back_only_where_it_begins_without_the_input(scope: Scope) -> None:
    """The first state of a standard transformer is its input: only states of other inputs are offered."""
    opened(scope, checkpoint="sudoku9-standard", puzzle=MEDIUM, loop=0)
    part(scope, "What to change").select_option("patch")
    expect(part(scope, "Whose state").locator("option")).not_to_have_count(0)
    expect(part(scope, "Whose state").locator("option[value=start]")).to_have_count(0)


def test_a_change_without_effect_is_said_to_have_none(scope: Scope) -> None:
    opened(scope)
    for kind, fields in (("stretch", {"Factor": "1"}), ("shift", {"By": "0"})):
        run_it(scope, kind, fields)
        assert "They never disagree, and all their states are equal: what is different" in scope.says("whatif")
        scope.asking(scope.button(re.compile("^Take this back")).first.click)
    run_it(scope, "temperature", {"Temperature": "2"})
    assert "are equal" not in scope.says("whatif")


def test_a_missing_number_is_told(scope: Scope) -> None:
    """Nothing is sent; written, it runs. A number that cannot be is answered by the library's sentence."""
    opened(scope)
    fill(scope, "freeze", {"T": ""})
    quiet = len(scope.frames)
    scope.page.get_by_test_id("whatif-run").click()
    expect(scope.panel("whatif").get_by_role("alert")).to_contain_text("A number is missing")
    assert scope.frames[quiet:] == []
    run_it(scope, "shuffle", {"Seed": "1.5"})
    expect(scope.message).to_contain_text("This change cannot be made: '1.5' is not a whole number")
    expect(scope.page.get_by_role("grid")).to_have_count(1)
    run_it(scope, "freeze", {"T": "2"})
    expect(scope.message).to_be_empty()
    same_as_the_library(scope, f"{A}~freeze=2")


def test_what_if_by_keyboard(scope: Scope) -> None:
    """From the kind to the button with Tab and arrows; Enter runs it, and the focus stays."""
    opened(scope)
    part(scope, "What to change").focus()
    for _ in range(6):
        scope.press("ArrowDown")
    expect(part(scope, "What to change")).to_have_value("cut")
    scope.press("Tab", "ArrowDown", "Tab", "ArrowDown", "Tab", "Tab")
    expect(scope.page.get_by_test_id("whatif-run")).to_be_focused()
    scope.asking(lambda: scope.press("Enter"))
    scope.wait_for_query(versus=f"{A}~cut=1@{LOOP}")
    expect(scope.page.get_by_test_id("whatif-run")).to_be_focused()
    same_as_the_library(scope, f"{A}~cut=1@{LOOP}")


def test_the_link_of_a_changed_run_shows_the_same(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """Somebody else opens it: the same boards, words and changes; and it reads as it is written."""
    one = opened(new_scope(address))
    run_it(one, "cut", {"Part": "the MLP"}, since=LOOP, one=True)
    run_it(one, "temperature", {"Temperature": "0.5"})
    one.wait_for_query(versus=f"{A}~cut=mlp@{LOOP}-{LOOP + 1},temperature=0.5")
    link = one.page.url
    assert f"versus={A}~cut=mlp@{LOOP}-{LOOP + 1},temperature=0.5" in link.split("&")
    two = new_scope(address, new_context())
    two.page.goto(link)
    two.ready()
    expect(two.message).to_be_empty()
    assert changes(two) == changes(one) == [f"The MLP cut in loop {LOOP + 1}", "Softmax at temperature 0.5"]
    assert two.labels_of(1) == one.labels_of(1)
    assert two.says("whatif") == one.says("whatif")
    assert two.panels == one.panels
    same_as_the_library(two, f"{A}~cut=mlp@{LOOP}-{LOOP + 1},temperature=0.5")
    two.choose(CELL)
    two.asking(lambda: two.press(str(parse(GENTLE4).solution[CELL])))  # another board: the changes stay
    two.wait_for_entry(put(GENTLE4, CELL, str(parse(GENTLE4).solution[CELL])))
    assert changes(two) == changes(one)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cut=99", "head 99 does not exist"),  # of this model
        ("cut=0,,", "'' is not a change"),  # of any; tests/runs/test_changes.py has the others
    ],
)
def test_a_link_with_a_wrong_change_shows_the_plain_run(scope: Scope, text: str, says: str) -> None:
    """One sentence says what is wrong; the rest of the link is shown."""
    opened(scope, versus=f"{A}~{text}")
    expect(scope.message).to_contain_text("This change cannot be made: ")
    expect(scope.message).to_contain_text(says)
    words = scope.message.inner_text().removesuffix("✕").strip()
    assert words.endswith(".")
    assert "\n" not in words
    expect(scope.page.get_by_role("grid")).to_have_count(1)
    assert changes(scope) == []
    assert (scope.entry, scope.chosen, scope.loop) == (GENTLE4, CELL, LOOP)
    scope.wait_for_query(versus=None)


def test_what_if_fits_a_phone(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext]
) -> None:
    """Nothing of the form sticks out to the side."""
    phone = opened(
        new_scope(address, new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    )
    fill(phone, "patch", {"Whose state": f"that of the board 4×4 {DONOR[0]}"})
    for field in phone.panel("whatif").locator(".ls-form :is(select, input, button):visible").all():
        field.scroll_into_view_if_needed()
        assert inside(field)
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_second_freeze_replaces_the_first(scope: Scope) -> None:
    """Not one that the first run has already. Of a link with both the list says which has no effect."""
    opened(scope, checkpoint=f"{A}~freeze=1")
    run_it(scope, "freeze", {"T": "0"})
    scope.wait_for_query(versus=f"{A}~freeze=1,freeze=0")
    assert changes(scope) == ["Timestep frozen at 0"]
    opened(scope, versus=f"{A}~freeze=1")
    run_it(scope, "freeze", {"T": "0"})
    scope.wait_for_query(versus=f"{A}~freeze=0")
    assert changes(scope) == ["Timestep frozen at 0"]
    opened(scope, versus=f"{A}~freeze=1,freeze=0")
    assert changes(scope) == [
        "Timestep frozen at 1 (without effect: it is then frozen at 0)",
        "Timestep frozen at 0",
    ]


def test_t_has_limits(scope: Scope) -> None:
    opened(scope)
    fill(scope, "freeze", {"T": "1001"})
    scope.page.get_by_test_id("whatif-run").click()
    expect(scope.panel("whatif").get_by_role("alert")).to_have_text("T must be a number from 0 to 1000.")
