"""The Sequences page: two words and Countdown, typed, watched, asked about, compared and taken away; on tiny random models."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from hands import rows_of, saved, text_of
from playwright.sync_api import Locator, expect

from looped.bench import server
from looped.catalogue import checkpoints
from looped.catalogue.checkpoints import save_checkpoint
from looped.lenses.readout import readout
from looped.model import Model
from looped.runs.trace import Trace, record
from looped.tasks import get

if TYPE_CHECKING:
    from conftest import Scope
    from playwright.sync_api import BrowserContext

A, B, C = "lcs6-tmlt", "lcs6-looped", "countdown3-tmlt"
WORDS, OTHER, PROBLEM = "stone tone", "cat dog", "2 3 4 = 20"
LOOPS, LOOP = 6, 4
EQUALS = 13  # the position of "=" in WORDS
PANELS = ["board", "table", "attention", "trajectory", "convergence", "timestep", "readout"]
QUESTIONS = [
    "whatif",
    "wavefront",
    "clues",
    "effect",
    "rules",
    "flow",
    "whole",
    "distances",
    "orbits",
    "fixed",
    "encoding",
    "exits",
    "basins",
    "temperature",
    "lengths",
    "scaling",
]
NONSENSE = re.compile(r"NaN|undefined|null|Infinity|\[object|\b(board|cell|digit|blank)s?\b")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, make_model: Callable[..., Model]) -> Path:
    """A catalogue: random models of two words that answer with numbers only, of Countdown, and two of the shipped ones for Sudoku."""
    folder = tmp_path_factory.mktemp("shelf")
    for name in ("lcs6", "edit_distance6", "countdown3"):
        task = get(name)
        for kind in ("looped", "tmlt", "standard"):
            layers = 3 if kind == "standard" else 1
            model = make_model(
                architecture=kind,
                vocab=task.vocab,
                length=task.length,
                trained_loops=layers if kind == "standard" else 4,
                layers=layers,
                d_model=16,
                injection=kind != "standard",
                positions="halves" if task.kind == "words" else "learned",
            )
            if task.kind == "words":
                with torch.no_grad():
                    model.head.weight[:29] = 0  # letters and marks
            score = {"data": "generated", "loops": [2, 4], "accuracy": [0.25, 0.5]}
            save_checkpoint(
                folder / f"{name}-{kind}", model, name, training={}, scores=[score] if kind == "looped" else []
            )
    for name in ("sudoku4-tmlt", "sudoku9-tmlt"):
        (folder / name).symlink_to(checkpoints.CATALOGUE / name)
    return folder


@pytest.fixture(scope="module")
def address(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on that catalogue; what it keeps of fitted probes is its own."""
    with server(LOOPSCOPE_CHECKPOINTS=str(shelf), XDG_CACHE_HOME=str(tmp_path_factory.mktemp("cache"))) as found:
        yield found


def start(scope: Scope, **query: Any) -> Scope:
    """Two words, six loops, the clock at the fourth."""
    text = PROBLEM if query.get("checkpoint", A).startswith("countdown") else WORDS
    return scope.open("/sequences", **{"puzzle": text, "checkpoint": A, "loops": LOOPS, "loop": LOOP} | query)


def field(scope: Scope) -> Locator:
    return scope.page.get_by_test_id("sequence-text")


def run(shelf: Path, name: str, text: str, loops: int = LOOPS) -> Trace:
    of = checkpoints.load_checkpoint(name, catalogue=shelf)
    return record(
        of.model, of.task.encode(of.task.parse(text)), min(loops, of.config.layers) if "standard" in name else loops
    )


def token(scope: Scope, position: int, board: int = 0) -> Locator:
    return scope.grid(board).locator(f"[data-cell='{position}']")


def chosen(scope: Scope) -> int:
    """The position that the tab key would reach; there is exactly one, and it is drawn."""
    scope.painted()
    (position,) = (
        scope.grid()
        .locator("[role=gridcell][tabindex='0']")
        .evaluate_all("(cells) => cells.map((cell) => Number(cell.dataset.cell))")
    )
    return int(position)


def go(scope: Scope, loop: int) -> None:
    scope.slider.fill(str(loop))
    assert scope.loop == loop


def sentence(scope: Scope, panel: str, part: int = 0) -> str:
    """What a panel says: sentences that make sense and speak of this page's things."""
    text = scope.says(panel, part).replace("\u00a0", " ")
    assert text.endswith("."), (panel, text)
    assert not NONSENSE.search(text), (panel, text)
    return text


def labels(shelf: Path, name: str, text: str, loop: int) -> list[str]:
    """What a screen reader hears of every token, without the probabilities and what changed."""
    task: Any = get(name.partition("-")[0])
    trace = run(shelf, name, text)
    said, asked = trace.answers[loop - 1], task.asked(trace.tokens)
    drawn = np.flatnonzero(trace.tokens) if task.kind == "words" else range(task.length)
    return [task.place(trace.tokens, i) + (f", model says {task.sign(said[i])}" if asked[i] else "") for i in drawn]


def heard(scope: Scope) -> list[str]:
    return [re.sub(r" at \d+ %|, changed in this loop", "", label.replace("\u00a0", " ")) for label in scope.labels]


def right_pair(shelf: Path, name: str) -> tuple[str, int]:
    """Two words that a model of words answers rightly at the end, not at first; from which loop on."""
    of = checkpoints.load_checkpoint(name, catalogue=shelf)
    task: Any = of.task
    tokens, _ = task.sample(400, seed=1, letters=(3, 6))
    for row in tokens.astype(np.int64):
        right = task.right(row, run(shelf, name, " ".join(task.words(row))).answers)
        if right[-1] and not right[0]:
            return " ".join(task.words(row)), int(np.flatnonzero(~right)[-1]) + 2
    raise AssertionError("no pair turns right")


# ─── typing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_words_are_typed_and_read(scope: Scope, shelf: Path) -> None:
    """Every token is named with what the model says of it, the address follows, and stepping the clock sends nothing."""
    start(scope)
    assert heard(scope) == labels(shelf, A, WORDS, LOOP)
    before = scope.pixels("board", "table", "attention", "trajectory", "readout")
    scope.asking(lambda: field(scope).fill("Cat -> dog"))
    assert heard(scope) == labels(shelf, A, OTHER, LOOP)
    now = scope.pixels(*before)
    assert [name for name in before if now[name] == before[name]] == []
    scope.wait_for_query(puzzle=OTHER, checkpoint=A, loop=LOOP)
    expect(field(scope)).to_have_value("Cat -> dog")  # nobody's text is changed under their hands
    expect(scope.message).to_be_empty()
    scope.leave_fields()
    quiet = len(scope.frames)
    for loop in (5, 6):
        scope.press("ArrowRight")
        scope.at_loop(loop, PANELS)
        assert heard(scope) == labels(shelf, A, OTHER, loop)
    scope.wait_for_query(loop=6)
    assert scope.frames[quiet:] == []


def test_enter_asks_at_once_and_text_that_is_shown_already_is_not_asked_again(scope: Scope) -> None:
    start(scope)
    scope.asking(lambda: (field(scope).fill(OTHER), field(scope).press("Enter")))
    scope.wait_for_query(puzzle=OTHER)
    quiet = len(scope.frames)
    field(scope).press("Enter")
    scope.page.wait_for_timeout(500)
    assert [frame for frame in scope.frames[quiet:] if frame[0] == "sent"] == []


def test_text_that_is_taken_back_while_the_model_answers(scope: Scope) -> None:
    """The page does not wait for ever for an answer that it has had."""
    start(scope)
    field(scope).fill(OTHER)
    field(scope).press("Enter")
    field(scope).fill(OTHER + "s")
    field(scope).fill(OTHER)
    scope.wait_for_query(puzzle=OTHER)
    scope.page.wait_for_function("() => !document.querySelector('[data-testid=microscope]').hasAttribute('data-busy')")
    assert "last input that was run" not in sentence(scope, "board")


@pytest.mark.parametrize(
    ("checkpoint", "typed", "says"),
    [(A, "s1one tone", "'1'"), (A, "stone", "one word"), (C, "1 1 1 = 99", "no way to make 99")],
)
def test_wrong_text_says_a_sentence_and_keeps_the_picture(scope: Scope, checkpoint: str, typed: str, says: str) -> None:
    start(scope, checkpoint=checkpoint)
    before, panel = scope.pixels("board", "readout"), sentence(scope, "board")
    scope.asking(lambda: field(scope).fill(typed))
    expect(scope.message).to_contain_text(says)
    assert scope.pixels("board", "readout") == before
    expect(field(scope)).to_have_value(typed)
    assert scope.says("board") == f"The panels still show the last input that was run. {panel}"
    scope.leave_fields()
    scope.press("ArrowLeft")  # the clock goes on
    assert scope.loop == LOOP - 1
    scope.asking(lambda: field(scope).fill("tone stone" if checkpoint == A else "2 3 4 = 20"))
    expect(scope.message).to_be_empty()
    assert "last input that was run" not in sentence(scope, "board")


def test_examples_are_chosen_from_a_list(scope: Scope) -> None:
    start(scope)
    expect(scope.list("Example").locator("option")).to_have_text(
        ["Your own", *(text for text, _ in get("lcs6").examples)]
    )
    expect(scope.list("Example").locator("option:checked")).to_have_text(WORDS)
    scope.asking(lambda: scope.pick("Example", "flour flower"))
    scope.wait_for_query(puzzle="flour flower", checkpoint=A)
    expect(field(scope)).to_have_value("flour flower")
    scope.asking(lambda: field(scope).fill("a b"))
    expect(scope.list("Example").locator("option:checked")).to_have_text("Your own")


def test_from_words_to_countdown_and_back(scope: Scope, shelf: Path) -> None:
    """A checkpoint brings its example, a text its checkpoint; the panels are those that there is something to show in."""
    start(scope)
    assert scope.panels == PANELS
    scope.asking(lambda: scope.pick("Checkpoint", C))
    expect(scope.message).to_contain_text("here is one")
    expect(field(scope)).to_have_value(PROBLEM)
    expect(field(scope)).to_have_attribute("aria-label", "Numbers = target")
    assert scope.panels == ["board", "equations", *PANELS[2:]]
    assert heard(scope) == labels(shelf, C, PROBLEM, LOOP)
    assert chosen(scope) == 13
    assert "Not solved" in sentence(scope, "board")
    scope.asking(lambda: field(scope).fill("dog cat"))
    expect(scope.message).to_contain_text("was chosen")
    assert scope.query["checkpoint"].endswith("-tmlt")
    assert scope.panels == PANELS
    expect(field(scope)).to_have_attribute("aria-label", "Words")


def test_a_run_that_ends_wrongly_says_how_often_its_checkpoint_is_right(scope: Scope, shelf: Path) -> None:
    """By its card; not while the run goes on, not where it ends rightly, and not for a checkpoint that was never measured."""
    usual = "Of held-out inputs lcs6-looped has 50 % right, at best."
    start(scope, checkpoint=B)
    assert "; right is " in sentence(scope, "board")
    assert usual not in sentence(scope, "board")
    go(scope, LOOPS)
    assert "; right is " in sentence(scope, "board")
    assert usual in sentence(scope, "board")
    scope.asking(lambda: scope.pick("Checkpoint", A))
    go(scope, LOOPS)
    assert "Of held-out inputs" not in sentence(scope, "board")
    start(scope, checkpoint=B, puzzle=right_pair(shelf, B)[0], loop=LOOPS)
    assert "which is right" in sentence(scope, "board")
    assert "Of held-out inputs" not in sentence(scope, "board")


def test_longer_words_are_read_with_a_warning(scope: Scope) -> None:
    start(scope)
    scope.asking(lambda: field(scope).fill("kitten sitting"))
    expect(scope.message).to_contain_text("more than the 6")
    assert scope.grid().get_by_role("gridcell").count() == 15
    scope.asking(lambda: field(scope).fill("abcdefghi a"))
    expect(scope.message).to_contain_text("at most 8")
    assert scope.grid().get_by_role("gridcell").count() == 15


def test_copy_and_paste(scope: Scope) -> None:
    start(scope)
    scope.leave_fields()
    assert token(scope, 0).evaluate(CLIPBOARD, ["copy", ""]) == WORDS
    scope.asking(lambda: token(scope, 0).evaluate(CLIPBOARD, ["paste", PROBLEM]))
    scope.wait_for_query(puzzle=PROBLEM)
    expect(field(scope)).to_have_value(PROBLEM)


CLIPBOARD = """(cell, [type, text]) => {
  const clipboardData = new DataTransfer();
  if (text) clipboardData.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent(type, { clipboardData, bubbles: true, composed: true, cancelable: true }));
  return clipboardData.getData("text/plain");
}"""


# ─── the clock, choosing ─────────────────────────────────────────────────────────────────────────────────────────


def test_keys_of_the_clock(scope: Scope) -> None:
    start(scope)
    scope.leave_fields()
    for key, loop in (("ArrowLeft", 3), ("ArrowRight", 4), ("Home", 0), ("PageDown", 1), ("End", 6), ("PageUp", 5)):
        scope.press(key)
        scope.at_loop(loop, PANELS)
    scope.pick("Speed", "16")
    scope.leave_fields()
    scope.press("Home", "Space")
    scope.at_loop(LOOPS, PANELS)  # it plays to the end
    field(scope).focus()
    scope.press("Home", "Space")  # which belong to the text
    assert scope.loop == LOOPS
    expect(field(scope)).to_have_value(f" {WORDS}")


def test_tokens_are_chosen_by_keys(scope: Scope) -> None:
    """Arrows move along a word and from one to the other, and stop at the ends; Esc lets go; Home and End stay with the clock."""
    start(scope, cell=0)
    token(scope, 0).focus()
    for key, position in (
        ("ArrowLeft", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowDown", 11),
        ("ArrowRight", 12),
        ("ArrowRight", 13),
        ("ArrowRight", 13),
        ("ArrowDown", 13),
        ("ArrowUp", 4),
        ("ArrowRight", 5),
        ("ArrowDown", 13),
    ):
        scope.press(key)
        assert chosen(scope) == position, key
        expect(token(scope, position)).to_be_focused()
    expect(scope.page.get_by_test_id("hold")).to_contain_text("Held: the sign = after the second word")
    scope.press("End")
    assert scope.loop == LOOPS
    scope.wait_for_query(cell=EQUALS, loop=LOOPS)
    scope.press("Escape")
    expect(scope.page.get_by_test_id("hold")).to_contain_text("Now: the sign =")


def test_pointing_previews_and_a_click_holds(scope: Scope) -> None:
    """Every panel is about the token under the pointer until one is clicked."""
    start(scope)
    hold = scope.page.get_by_test_id("hold")
    rest = scope.pixels("readout", "attention", "table")
    token(scope, 1).hover()
    expect(hold).to_contain_text("letter 2 of the first word (t)")
    assert sentence(scope, "readout").startswith("Letter 2 of the first word (t)")
    now = scope.pixels(*rest)
    assert [name for name in rest if now[name] == rest[name]] == []
    scope.page.mouse.move(2, 2)
    assert scope.pixels(*rest) == rest
    token(scope, 9).click()
    assert chosen(scope) == 9
    token(scope, 1).hover()
    expect(hold).to_contain_text("Held: letter 1 of the second word (t)")
    assert sentence(scope, "readout").startswith("Letter 1 of the second word (t)")
    scope.wait_for_query(cell=9)


def test_letters_are_chosen_in_the_table(scope: Scope) -> None:
    """A click into the table takes the letter of its row, the next one that of its column."""
    start(scope, panels="table")
    box = scope.canvas("table").bounding_box()
    assert box
    wide = box["width"]
    step = min(
        (wide / 2 - 6 - 16) / 5, (box["height"] - 4 - 16) / 6, 34
    )  # tone: 4 letters and the empty word; stone: 5
    at = {"x": 16 + 2.5 * step, "y": 16 + 3.5 * step}
    scope.canvas("table").click(position=at)
    assert chosen(scope) == 2
    scope.canvas("table").click(position=at)
    assert chosen(scope) == 10


# ─── what is seen ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("checkpoint", "panels"), [(A, PANELS), (C, ["board", "equations", *PANELS[2:]])])
def test_every_panel_follows_the_clock(scope: Scope, checkpoint: str, panels: list[str]) -> None:
    """Another loop, another picture and other words; back again, the same."""
    start(scope, checkpoint=checkpoint)
    scope.at_loop(LOOP, panels)
    pictures, words = scope.pixels(*panels), {name: sentence(scope, name) for name in panels}
    go(scope, 2)
    now = scope.pixels(*panels)
    assert [name for name in panels if now[name] == pictures[name]] == []
    assert [name for name in panels if sentence(scope, name) == words[name]] == []
    go(scope, 0)
    for name in panels:
        sentence(scope, name)
    go(scope, LOOP)
    assert scope.pixels(*panels) == pictures
    assert {name: sentence(scope, name) for name in panels} == words


@pytest.mark.parametrize(
    ("checkpoint", "text", "loops"),
    [
        ("edit_distance6-looped", "a b", 2),
        ("lcs6-standard", "kitten sitting", 3),
        (A, "a a", 1),
        ("countdown3-standard", PROBLEM, 3),
        ("countdown3-looped", "100 1 2 = 99", 2),
    ],
)
def test_every_panel_makes_sense_of_every_kind_of_run(scope: Scope, checkpoint: str, text: str, loops: int) -> None:
    """The shortest and the longest words, one loop, plain transformers: sentences without Sudoku's words, before the first loop and after the last."""
    start(
        scope,
        checkpoint=checkpoint,
        puzzle=text,
        loops=loops,
        loop=0,
        panels=",".join((*PANELS[1:], "equations", *QUESTIONS)),
    )
    for loop in (0, loops):
        go(scope, loop)
        scope.painted()
        said = scope.page.locator("[data-panel] :is(.ls-says, .ls-none)").evaluate_all(
            "(all) => all.filter((one) => one.offsetParent).map((one) => one.innerText)"
        )
        assert len(said) >= len(scope.panels) > 18
        assert [text for text in said if NONSENSE.search(text) or not text.endswith(".")] == []
    notes = scope.page.locator(".ls-help > div").all_text_contents()
    assert len(notes) > 20
    assert [note for note in notes if NONSENSE.search(note)] == []


def test_what_the_face_says_of_two_words(scope: Scope, shelf: Path) -> None:
    """The number, whether it is right, since when nothing changed; with “Check answer” how many differ."""
    words, begin = right_pair(shelf, A)
    task: Any = get("lcs6")
    trace = run(shelf, A, words)
    asked, number = task.asked(trace.tokens), int(task.table(*words.split())[-1, -1])
    settled = int(readout(trace.logits).settled[asked].max())
    start(scope, puzzle=words, show="solution")
    expect(scope.list("Show on the input and answer")).to_have_value("solution")
    for loop in range(1, LOOPS + 1):
        go(scope, loop)
        text, said = sentence(scope, "board"), int(task.said(trace.tokens, trace.answers[loop - 1]))
        assert text.startswith(
            f"The model says {said}{', which is right' if said == number else f'; right is {number}'}."
        )
        assert (f"No answer has changed since loop {settled}" in text) == (loop > settled)
        off = int((trace.answers[loop - 1] != task.answers(trace.tokens[None])[0])[asked].sum())
        assert f"{off} answer{'' if off == 1 else 's'} of {asked.sum()} differ" in text
    assert sentence(scope, "board").startswith(f"The model says {number}, which is right.")
    assert begin > 1


@pytest.mark.parametrize("checkpoint", [A, C])
def test_what_the_face_can_show(scope: Scope, checkpoint: str) -> None:
    """Answers, settle loops, attention and the check are four pictures; B's answers only beside a second run."""
    start(scope, checkpoint=checkpoint)
    select = scope.list("Show on the input and answer")
    shows = select.locator("option").evaluate_all("(options) => options.map((option) => option.value)")
    assert shows == ["answer", "settle", "attention", "solution"]
    seen = set()
    for show in shows[: 4 if checkpoint == A else 3]:
        select.select_option(show)
        seen.add(scope.pixels("board")["board"])
    assert len(seen) == (4 if checkpoint == A else 3)
    if checkpoint == C:
        select.select_option("solution")
        assert "the equations say for themselves" in sentence(scope, "board")


def test_heads_and_directions_of_attention(scope: Scope) -> None:
    """A head of its own in “Attention” is that of the table and of the face, too; the table is read in both directions."""
    start(scope, show="attention")
    all_heads = scope.pixels("attention", "table", "board")
    scope.pick("Attention head", "1")
    one = scope.pixels(*all_heads)
    assert [name for name in all_heads if one[name] == all_heads[name]] == []
    assert "Head 2" in sentence(scope, "table")
    forth = sentence(scope, "table")
    scope.panel("table").get_by_role("combobox", name="Table and attention: what to show").select_option("back")
    assert sentence(scope, "table") != forth
    assert "second word's letters" in sentence(scope, "table")
    assert scope.pixels("table") != {"table": one["table"]}
    scope.wait_for_query(head=1, modes="table-back", show="attention")


# ─── comparing, asking ───────────────────────────────────────────────────────────────────────────────────────────


def test_two_checkpoints_side_by_side(scope: Scope, shelf: Path) -> None:
    """The verdict is what the library finds; “A against B” is a picture of its own; only rivals of the same task are offered."""
    start(scope)
    offered = (
        scope.list("Compare with").locator("option").evaluate_all("(options) => options.map((option) => option.value)")
    )
    assert {name.partition("-")[0] for name in offered if name} == {"lcs6"}
    scope.asking(lambda: scope.pick("Compare with", B))
    scope.wait_for_query(versus=B)
    a, b = (run(shelf, name, WORDS).answers for name in (A, B))
    asked = get("lcs6").asked(run(shelf, A, WORDS).tokens)
    differ = (a != b)[:, asked].sum(1)
    verdict = scope.page.get_by_test_id("verdict")
    for loop in (1, LOOP):
        go(scope, loop)
        many = f"{differ[loop - 1]} positions differ" if differ[loop - 1] != 1 else "1 position differs"
        expect(verdict).to_contain_text(
            f"They first disagree at loop {int(np.flatnonzero(differ)[0]) + 1}; now {many if differ[loop - 1] else 'no position differs'}"
        )
    assert not NONSENSE.search(verdict.inner_text())
    assert scope.page.get_by_role("grid").count() == 2
    plain = scope.pixels("board")
    scope.pick("Show on the input and answer", "versus")
    assert scope.pixels("board") != plain
    token(scope, 2, board=1).click()
    assert chosen(scope) == 2
    for panel in PANELS[:-2]:
        sentence(scope, panel, 1)
    scope.asking(lambda: scope.pick("Checkpoint", C))  # another task: the comparison ends
    expect(scope.message).to_contain_text("another task")
    assert scope.page.get_by_role("grid").count() == 1


@pytest.mark.parametrize(
    ("checkpoint", "change", "words"),
    [
        (A, "set", "Letter 1 of the first word (s) set to a"),
        (C, "block", "Number 1 (2) kept from attending to 3 others"),
    ],
)
def test_what_if(scope: Scope, checkpoint: str, change: str, words: str) -> None:
    """Another letter in a word, or a position that attends to less, runs beside the first and is told in words."""
    start(scope, checkpoint=checkpoint, cell=0, panels="whatif,readout")
    form = scope.panel("whatif")
    form.get_by_role("combobox", name="What to change").select_option(change)
    scope.asking(lambda: form.get_by_test_id("whatif-run").click())
    assert scope.page.get_by_role("grid").count() == 2
    expect(form.get_by_role("listitem").first).to_contain_text(words)
    expect(scope.message).to_be_empty()
    assert not NONSENSE.search(form.inner_text())


@pytest.mark.parametrize("checkpoint", [A, C])
def test_every_change_of_the_form_can_be_run(scope: Scope, checkpoint: str) -> None:
    """Whatever the lists offer is a change that this model can have; the last takes the state from an example."""
    start(scope, checkpoint=checkpoint, loops=3, loop=1, cell=1, panels="whatif")
    form = scope.panel("whatif")
    kinds = (
        form.get_by_role("combobox", name="What to change")
        .locator("option")
        .evaluate_all("(options) => options.map((one) => one.value)")
    )
    assert kinds == [
        "freeze",
        "shift",
        "stretch",
        "shuffle",
        "close",
        "ones",
        "cut",
        "block",
        "temperature",
        "set",
        "patch",
    ]
    for count, kind in enumerate(kinds, 1):
        form.get_by_role("combobox", name="What to change").select_option(kind)
        for select in form.locator(".ls-fields select").all():
            select.select_option(index=select.locator("option").count() - 1)
        scope.asking(lambda: form.get_by_test_id("whatif-run").click())
        expect(scope.message).to_be_empty()
        expect(form.locator(".ls-changes li > span")).to_have_count(count)
    assert not NONSENSE.search(form.locator(".ls-changes").inner_text())


def settled(scope: Scope, panel: str) -> None:
    scope.page.wait_for_function("(panel) => document.querySelector(`[data-panel=${panel}] .ls-ask`).hidden", arg=panel)


@pytest.mark.parametrize("checkpoint", [A, C])
def test_the_menu_asks_and_the_model_answers(own: Scope, checkpoint: str) -> None:
    """It lists what can be asked of this input, in this page's words; the long questions are answered with a picture and a sentence."""
    start(own, checkpoint=checkpoint, loops=3, loop=2, cell=EQUALS, panels="readout")
    asked = (
        {"Which part of the table does the model know?": "wavefront", "What about longer words?": "lengths"}
        if checkpoint == A
        else {}
    )
    asked["What do more loops bring?"] = "scaling"
    own.summary("Ask").click()
    menu = own.summary("Ask").locator("..")
    words = menu.get_by_role("button").all_inner_texts()
    assert len(set(words)) == len(words) == len(QUESTIONS) - (0 if checkpoint == A else 2)
    assert set(asked) <= set(words)
    assert [text for text in words if NONSENSE.search(text) or not text.endswith("?")] == []
    own.press("Escape")
    for question, panel in asked.items():
        own.summary("Ask").click()
        menu.get_by_role("button", name=question).click()
        assert own.panels[1] == panel
        expect(own.panel(panel).locator(".ls-begin")).to_be_focused()
        before = sentence(own, panel)
        own.press("Enter")
        settled(own, panel)
        assert sentence(own, panel) != before
        picture = own.pixels(panel)
        go(own, 3)
        assert own.pixels(panel) != picture
        go(own, 2)


@pytest.mark.parametrize(("checkpoint", "clues"), [(A, 9), (C, 4)])
def test_which_clue_decided(scope: Scope, checkpoint: str, clues: int) -> None:
    """Letters, or the numbers and the target, are weighed; positions where nothing is asked have no answer to weigh."""
    start(scope, checkpoint=checkpoint, loops=3, loop=2, cell=EQUALS, panels="clues")
    scope.panel("clues").locator(".ls-begin").click()
    settled(scope, "clues")
    sentence(scope, "clues")
    columns, rows = rows_of(saved(scope, "clues", "CSV"))
    assert columns == ["position", "clue", "integrated gradients, bits", "one clue taken away, bits"]
    assert len(rows) == clues
    token(scope, 5 if checkpoint == A else 0).click()
    expect(scope.panel("clues").locator(".ls-ask .ls-note")).to_contain_text("nothing is asked of it")


# ─── links, pages ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "query",
    [
        {
            "checkpoint": A,
            "versus": f"{A}~set=0_4",
            "cell": 10,
            "head": 1,
            "show": "versus",
            "panels": "readout,table",
            "modes": "table-back",
            "range": "1-3",
        },
        {"checkpoint": C, "cell": 8, "show": "settle", "panels": "equations,attention,trajectory"},
    ],
    ids=["words", "countdown"],
)
def test_a_link_shows_the_same_again(
    scope: Scope, address: str, new_scope: Callable[..., Scope], query: dict[str, Any]
) -> None:
    start(scope, **query)
    expect(scope.message).to_be_empty()
    scope.wait_for_query(**query, loop=LOOP, loops=LOOPS)
    names = scope.panels
    assert names == ["board", *query["panels"].split(",")]
    other = new_scope(address)
    other.page.goto(scope.page.url)
    other.ready().wait_for_query(v=1)
    assert other.pixels(*names) == scope.pixels(*names)
    assert (other.query, heard(other), chosen(other)) == (scope.query, heard(scope), query["cell"])


@pytest.mark.parametrize(("cell", "says"), [("99", "there are 0 to"), ("7", "position 7")])
def test_a_link_to_a_position_that_is_not_drawn(scope: Scope, cell: str, says: str) -> None:
    """Beyond the end, or padding: the message says so, and the answer is chosen instead, where keys reach it."""
    start(scope, cell=cell)
    expect(scope.message).to_contain_text(says)
    assert chosen(scope) == EQUALS


def test_both_pages_keep_what_is_shown(scope: Scope) -> None:
    """From Sequences to Sudoku and back, by the menu of pages: input, loop and chosen position of each."""
    start(scope, cell=2, panels="readout")
    scope.asking(lambda: field(scope).fill("tone stone"))
    token(scope, 3).click()
    go(scope, 2)
    scope.wait_for_query(puzzle="tone stone", loop=2, cell=3)
    link = scope.page.get_by_test_id("stTopNavLink")
    link.filter(has_text="Sudoku").click()
    scope.page.wait_for_function("document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Sudoku board'")
    scope.ready()
    expect(scope.message).to_contain_text(
        "loop by loop"
    )  # the welcome, not trouble with what the other page had in the address
    assert scope.query["checkpoint"].startswith("sudoku")
    scope.asking(lambda: scope.pick("Board", "4×4 Gentle"))
    board = scope.entry
    go(scope, 3)
    link.filter(has_text="Sequences").click()
    scope.page.wait_for_function(
        "document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Tokens of the input'"
    )
    scope.ready()
    scope.wait_for_query(puzzle="tone stone", loop=2, cell=3, checkpoint=A)
    assert (scope.panels, chosen(scope), scope.loop) == (["board", "readout"], 3, 2)
    expect(field(scope)).to_have_value("tone stone")
    link.filter(has_text="Sudoku").click()
    scope.page.wait_for_function("document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Sudoku board'")
    scope.ready()
    assert (scope.entry, scope.loop) == (board, 3)


def test_what_is_wrong_can_still_be_mended_after_another_page(scope: Scope) -> None:
    start(scope)
    scope.asking(lambda: field(scope).fill("st1one tone"))
    link, clash = scope.page.get_by_test_id("stTopNavLink"), "row"
    link.filter(has_text="Sudoku").click()
    scope.page.wait_for_function("document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Sudoku board'")
    scope.ready()
    scope.asking(lambda: scope.pick("Board", "4×4 Gentle"))
    blank = scope.entry.index(".")
    scope.choose(blank)
    scope.asking(lambda: scope.press(next(digit for digit in "1234" if digit in scope.entry[:4])))
    board = scope.entry
    expect(scope.message).to_contain_text(clash)
    link.filter(has_text="Sequences").click()
    scope.page.wait_for_function(
        "document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Tokens of the input'"
    )
    scope.ready()
    expect(field(scope)).to_have_value("st1one tone")
    expect(scope.message).to_contain_text("'1'")
    link.filter(has_text="Sudoku").click()
    scope.page.wait_for_function("document.querySelector('[role=grid]')?.getAttribute('aria-label') === 'Sudoku board'")
    scope.ready()
    assert scope.entry == board
    expect(scope.message).to_contain_text(clash)


def test_a_newcomer_is_welcomed(own: Scope) -> None:
    own.open("/sequences")
    expect(own.message).to_contain_text("applies one and the same block")
    own.wait_for_query(checkpoint=C, puzzle=PROBLEM, loops=8, loop=8, cell=13, panels=None)


# ─── presenting, taking away ─────────────────────────────────────────────────────────────────────────────────────


def test_presenter_mode(scope: Scope) -> None:
    """One panel after the other, only those that there is something in; Esc leaves."""
    start(scope, present="board", hide=1)
    assert scope.panels == ["board"]
    seen = ["board"]
    for _ in PANELS:
        scope.press("n")
        scope.painted()
        (now,) = scope.panels
        seen.append(now)
    assert seen == [*PANELS, "board"]
    scope.press("ArrowRight")
    scope.at_loop(LOOP + 1, ["board"])
    scope.press("Escape")
    scope.painted()
    assert scope.panels == PANELS


def test_presenting_a_panel_that_this_input_has_not(scope: Scope) -> None:
    """In a link, and when an input of another kind is pasted meanwhile: the input is presented instead of nothing."""
    start(scope, checkpoint=C, present="table")
    assert scope.panels == ["board"]
    start(scope, present="table")
    assert scope.panels == ["table"]
    scope.asking(lambda: scope.page.get_by_test_id("microscope").evaluate(CLIPBOARD, ["paste", PROBLEM]))
    scope.painted()
    assert scope.panels == ["board"]


def test_the_face_and_the_table_are_saved(scope: Scope, shelf: Path) -> None:
    """The numbers are the library's, the drawings hold the letters."""
    start(scope)
    task: Any = get("lcs6")
    trace = run(shelf, A, WORDS)
    with saved(scope, "board", "CSV").open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    assert columns == ["loop", "position", "name", "token", "asked", "answer", "probability", "changed"]
    asked = task.asked(trace.tokens)
    assert [(int(loop), int(position), token, answer) for loop, position, _, token, _, answer, *_ in rows] == [
        (t + 1, i, task.sign(trace.tokens[i]), task.sign(trace.answers[t, i]) if asked[i] else "")
        for t in range(LOOPS)
        for i in range(task.length)
    ]
    columns, numbers = rows_of(saved(scope, "table", "CSV"))
    assert columns == ["loop", "letters of the first word", "letters of the second word", "table", "attention"]
    table = task.table("stone", "tone")
    for loop, i, j, number, weight in numbers:
        assert number == table[int(i), int(j)]
        assert weight == pytest.approx(
            trace.attention[int(loop) - 1, 0, :, int(i) - 1, 9 + int(j) - 1].mean(), abs=0.01
        )
    assert len(numbers) == LOOPS * 20
    assert (
        "".join(sign for sign in text_of(saved(scope, "board", "SVG")) if re.fullmatch(r"[a-z|]", sign)) == "stone|tone"
    )
    drawn = text_of(saved(scope, "table", "SVG"))[2:]  # without the heading
    assert drawn[:9] == [*"tone", *"stone"]
    assert [int(text) for text in drawn if text.isdigit()] == table.ravel().tolist()


def test_the_equations_are_saved(scope: Scope, shelf: Path) -> None:
    start(scope, checkpoint=C)
    task: Any = get("countdown3")
    trace = run(shelf, C, PROBLEM)
    with saved(scope, "equations", "CSV").open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    assert columns == ["loop", "step 1", "step 1 holds", "step 2", "step 2 holds", "right"]
    holds = task.holds(trace.tokens, trace.answers)
    assert [[row[1], row[3]] for row in rows] == [task.equations(each) for each in trace.answers]
    assert [[int(row[2]), int(row[4])] for row in rows] == holds.astype(int).tolist()
    drawn = text_of(saved(scope, "equations", "SVG"))
    assert {"2, 3, 4 → 20", "3+2=5", "5×4=20 ✓"} <= set(drawn)


# ─── for everybody ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext], scheme: str
) -> None:
    """All panels at once, of words beside a changed run and of Countdown, with the notes and menus open and a message."""
    scope = new_scope(address, new_context(color_scheme=scheme))
    found = {}
    for name, query in {
        "words": {"versus": f"{A}~freeze=0,cut=1@2"},
        "countdown": {"checkpoint": C},
        "looped": {"checkpoint": B, "puzzle": "x", "versus": ""},
    }.items():
        start(scope, panels=",".join((*PANELS[1:], "equations", *QUESTIONS)), **query)
        scope.summary("Ask").click()
        scope.panel("board").locator(".ls-help > summary").click()
        scope.painted()
        response = Axe().run(scope.page, "[data-testid=microscope]").response
        assert len(response["passes"]) > 10
        found[name] = [
            f"{fault['id']}: {json.dumps(fault['nodes'][0]['target'])}"
            for fault in response["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
    assert found == {"words": [], "countdown": [], "looped": []}


@pytest.mark.parametrize("checkpoint", [A, C])
def test_a_phone_held_upright(
    address: str, new_scope: Callable[..., Scope], new_context: Callable[..., BrowserContext], checkpoint: str
) -> None:
    """Nothing to scroll sideways, and the face is as wide as the screen allows."""
    phone = new_scope(address, new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    start(
        phone,
        checkpoint=checkpoint,
        puzzle="kitten sitting" if checkpoint == A else PROBLEM,
        panels=",".join((*PANELS[1:], "equations", *QUESTIONS)),
    )
    assert phone.page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth && document.querySelector('.stMain').scrollWidth <= innerWidth"
    )
    box = phone.canvas("board").bounding_box()
    assert box
    assert 300 < box["width"] <= 390
    token(phone, 1).tap()
    assert chosen(phone) == 1
