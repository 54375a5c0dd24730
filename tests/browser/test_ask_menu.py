"""Questions to the model: the menu that asks them, the panels that answer, and long questions with progress, cancel and errors."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hands import CANVASES, EASY, GENTLE4, MEDIUM, put, rows_of, saved, text_of
from library import run
from playwright.sync_api import Request, expect

from looped.catalogue import checkpoints
from looped.lenses.fixed_point import steps
from looped.lenses.halting import RULES, halting
from looped.lenses.readout import whole
from looped.lenses.rollout import rollout
from looped.lenses.rules import rule_shares, sudoku_rules
from looped.lenses.timestep import encodings
from looped.lenses.trajectory import distances, trajectory
from looped.questions import BOARDS, QUESTIONS, RUNS, TEMPERATURES, Asked
from looped.serving.message import Packed, pack
from looped.tasks.sudoku.geometry import BOXES
from looped.tasks.sudoku.text import parse

if TYPE_CHECKING:
    from conftest import Scope

A, B = "sudoku4-tmlt", "sudoku4-looped"
NEW = (
    "whatif",
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
    "probes",
    "scaling",
)
FIGURES = NEW[1:]
LOOPS, LOOP, CELL, OTHER = 6, 4, GENTLE4.index("."), GENTLE4.rindex(".")
# What the button of a panel says, for each thing that it can show when somebody asks; "" for a panel with one thing.
LONG = {
    "clues": {"": "Weigh the clues"},
    "effect": {"cells": "Knock every cell back at every loop", "heads": "Cut every head in every loop"},
    "fixed": {"": "Compute the spectral radius"},
    "exits": {"boards": "Try the rules on 64 boards"},
    "basins": {"turns": "Ask 32 ways of writing this board", "noise": "Start 32 times with noise"},
    "temperature": {"": "Run ten temperatures"},
    "probes": {"candidates": "Fit linear probes"},
    "scaling": {"": "Run 200 held-out inputs"},
}
NONSENSE = re.compile(r"NaN|undefined|null|Infinity|\[object")


def small(scope: Scope, *panels: str, **query: Any) -> Scope:
    """A 4×4 board with some of the panels."""
    return scope.open(
        **{"puzzle": GENTLE4, "checkpoint": A, "loops": LOOPS, "loop": LOOP, "cell": CELL, "panels": ",".join(panels)}
        | query
    )


def name(cell: int, size: int = 4) -> str:
    return f"row {cell // size + 1}, column {cell % size + 1}"


def library(question: str, cell: int = CELL, checkpoint: str = A) -> Packed:
    """The whole answer, as the library gives it."""
    model = checkpoints.load_checkpoint(checkpoint)
    *_, answer = QUESTIONS[question].ask(Asked(model, model.task.encode(parse(GENTLE4)), LOOPS, cell, LOOP))
    return answer


def requests(scope: Scope) -> list[str]:
    """What the page will ask the server from now on, as it asks."""
    found: list[str] = []

    def note(request: Request) -> None:
        if "/ask?" in request.url:
            found.append(request.url)

    scope.page.on("request", note)
    return found


def settled(scope: Scope, panel: str, runs: int = 1) -> None:
    """Every part of the panel has the whole answer for what is chosen, and no question is left to ask."""
    scope.page.wait_for_function(
        """([panel, runs]) => {
             const rows = [...document.querySelectorAll(`[data-panel=${panel}] .ls-ask`)];
             return rows.length === runs && rows.every((row) => row.hidden); }""",
        arg=[panel, runs],
    )
    scope.painted()


def ask(scope: Scope, panel: str, words: str) -> None:
    scope.panel(panel).get_by_role("button", name=words, exact=True).click()
    settled(scope, panel)


def words_of(scope: Scope, panel: str, run: int = 0) -> str:
    """Its sentence, which is one, and makes sense."""
    text = scope.says(panel, run).replace("\u00a0", " ")
    assert text.endswith("."), (panel, text)
    assert not NONSENSE.search(text), (panel, text)
    return text


def show(scope: Scope, panel: str, mode: str) -> None:
    if mode:
        scope.panel(panel).get_by_role("combobox", name=re.compile("what to show$")).select_option(mode)
        scope.painted()


def short(x: float) -> str:
    """As the page writes a number."""
    if x == 0:
        return "0"
    text = f"{x:.1e}" if abs(x) < 0.01 or abs(x) >= 1000 else f"{x:#.2g}".rstrip(".")
    return re.sub(r"e([+-])0+(\d)", r"e\1\2", text).replace("-", "−")


def drawn(scope: Scope, panel: str) -> int:
    """How many colours a figure has."""
    scope.painted()
    return int(
        scope.canvas(panel).evaluate(
            """(canvas) => new Set(new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
        )
    )


# ─── the menu ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_question_of_the_menu_puts_its_panel_first(own: Scope) -> None:
    """It lists questions, one for every new panel; a click closes it, shows the panel first and in view, and the focus is on what to press next."""
    small(own, *CANVASES)
    menu, asked = own.summary("Ask").locator(".."), requests(own)
    quiet = len(own.frames)
    own.summary("Ask").click()
    questions = menu.get_by_role("button").all_inner_texts()
    assert len(questions) == len(set(questions)) == len(NEW)
    assert all(question.endswith("?") for question in questions)
    own.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    menu.get_by_text("What causes the answer in this cell?").click()
    assert own.panels == ["board", "effect", *CANVASES]
    expect(own.panel("effect").get_by_role("button", name=LONG["effect"]["cells"])).to_be_focused()
    expect(own.panel("effect").get_by_role("heading")).to_be_in_viewport()
    expect(menu).not_to_have_attribute("open", "")
    own.wait_for_query(panels="effect," + ",".join(CANVASES))
    own.summary("Ask").click()
    menu.get_by_text("Do the heads know the rules?").click()
    assert own.panels == ["board", "rules", "effect", *CANVASES]
    own.summary("Ask").click()
    menu.get_by_text("What causes the answer in this cell?").click()  # it is there already: it comes to the front
    assert own.panels == ["board", "effect", "rules", *CANVASES]
    assert asked == []  # nothing is computed before somebody presses the button
    assert own.frames[quiet:] == []


def test_questions_by_keyboard(own: Scope) -> None:
    """Esc closes the menu and gives the focus back; Enter on a question goes to its panel, and from there to the answer."""
    small(own, "readout")
    own.summary("Ask").focus()
    own.press("Enter", "Tab", "Tab")
    clue = own.summary("Ask").locator("..").get_by_role("button").nth(1)
    expect(clue).to_be_focused()
    own.press("Escape")
    expect(own.summary("Ask")).to_be_focused()
    expect(clue).to_be_hidden()
    own.press("Enter", "Tab")
    own.press("Enter")
    assert own.panels == ["board", "whatif", "readout"]
    expect(own.panel("whatif").get_by_role("combobox", name="What to change")).to_be_focused()
    own.summary("Ask").focus()
    own.press("Enter", "Tab", "Tab", "Enter")
    assert own.panels == ["board", "clues", "whatif", "readout"]
    expect(own.panel("clues").get_by_role("button", name="Weigh the clues")).to_be_focused()
    own.press("Enter")
    settled(own, "clues")
    assert "gradients name" in words_of(own, "clues")
    expect(own.summary("clues")).to_be_focused()  # the button is gone; the hand is still in its panel


# ─── every panel ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("checkpoint", [A, B])
def test_every_panel_answers(scope: Scope, checkpoint: str) -> None:
    """Asked or not, at the first, a middle and the last loop: a picture where there is something to draw, and a sentence that makes sense."""
    small(scope, *NEW, checkpoint=checkpoint, loop=0)
    served = [panel for panel in FIGURES if panel != "encoding" or checkpoint == A]
    if checkpoint == B:
        expect(scope.panel("encoding")).to_contain_text("no timestep encoding")
        expect(scope.canvas("encoding")).to_be_hidden()
    settled(scope, "flow")
    for loop in (0, LOOP):
        scope.slider.fill(str(loop))
        for panel in served:
            words_of(scope, panel)
        words_of(scope, "whatif")
    for panel, modes in LONG.items():
        for mode, words in modes.items():
            show(scope, panel, mode)
            waits = panel not in ("fixed", "scaling")  # which draw the steps, and the cards, before they are asked
            expect(scope.canvas(panel)).to_be_visible(visible=not waits)
            ask(scope, panel, words)
            expect(scope.canvas(panel)).to_be_visible()
    for loop in (0, LOOPS):
        scope.slider.fill(str(loop))
        for panel in served:
            for mode in [
                option.get_attribute("value") or "" for option in scope.panel(panel).locator(".ls-picks option").all()
            ] or [""]:
                show(scope, panel, mode)
                words_of(scope, panel)
                assert drawn(scope, panel) > 5, (panel, mode, loop)


def test_a_standard_transformer_says_what_it_cannot_be_asked(own: Scope) -> None:
    """It has layers and no loop: what needs one is refused in a sentence, the rest is shown."""
    own.open(puzzle=MEDIUM, checkpoint="sudoku9-standard", panels=",".join(NEW))
    layers = checkpoints.load_checkpoint("sudoku9-standard").config.layers
    settled(own, "flow")
    for loop in (0, layers):
        own.slider.fill(str(loop))
        for panel in set(FIGURES) - {"encoding"}:
            words_of(own, panel)
    for panel in ("rules", "flow", "whole", "distances", "orbits", "exits"):
        assert drawn(own, panel) > 5, panel
    expect(own.panel("encoding")).to_contain_text("no timestep encoding")
    assert "no map to have a fixed point" in words_of(own, "fixed")
    own.panel("effect").get_by_role("button", name=LONG["effect"]["cells"]).click()
    note = own.panel("effect").locator(".ls-ask .ls-note")
    expect(note).to_have_text("A standard transformer has no loop to ask this of.")
    assert all("400" in line for line in own.errors)
    own.errors.clear()  # the browser's own note of that refusal


def test_every_panel_is_saved(scope: Scope) -> None:
    """PNG, SVG with words, and CSV of every one that draws; before a question is asked, too."""
    small(scope, *FIGURES)
    settled(scope, "flow")
    assert len(rows_of(saved(scope, "clues", "CSV"))[1]) == 0
    assert len(text_of(saved(scope, "temperature", "SVG"))) == 2  # the heading: there is nothing to draw
    for panel, modes in LONG.items():
        mode, words = next(iter(modes.items()))
        show(scope, panel, mode)
        ask(scope, panel, words)
    for panel in FIGURES:
        assert len(text_of(saved(scope, panel, "SVG"))) > 2, panel
        assert saved(scope, panel, "PNG").read_bytes().startswith(b"\x89PNG"), panel
        columns, rows = rows_of(saved(scope, panel, "CSV"))
        assert rows.shape[1] == len(columns) > 1, panel
        assert len(rows) > 0, panel


# ─── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_numbers_of_the_panels_are_the_library_s(scope: Scope) -> None:
    """The CSV of what a trace holds against the lenses, every loop of it."""
    small(scope, "rules", "flow", "whole", "distances", "orbits", "fixed", "encoding", "exits")
    settled(scope, "flow")
    found, loops = run(A, GENTLE4, LOOPS), np.arange(1, LOOPS + 1)
    trace, blank, close = found.trace, found.trace.tokens == 0, {"rtol": 3e-3, "atol": 1e-3}

    columns, rows = rows_of(saved(scope, "flow", "CSV"))
    assert columns[:2] == ["loop", f"rollout of cell {CELL} from cell 0"]
    np.testing.assert_allclose(rows[:, 1:], rollout(trace.attention, trace.alpha1)[:, CELL], **close)

    _, rows = rows_of(saved(scope, "rules", "CSV"))
    shares = rule_shares(trace.attention, sudoku_rules(BOXES[4], found.digits), blank)
    np.testing.assert_allclose(rows[:, 3], shares.mass[:, :, 0].reshape(-1), **close)
    np.testing.assert_allclose(rows[:, 4], np.repeat(shares.even.reshape(-1), trace.attention.shape[2]), **close)

    columns, rows = rows_of(saved(scope, "whole", "CSV"))
    read = whole(trace.logits, blank)
    np.testing.assert_allclose(
        rows, np.column_stack([loops, read.entropy, read.rank, read.flips, read.settled]), **close
    )

    _, rows = rows_of(saved(scope, "distances", "CSV"))
    np.testing.assert_allclose(rows[:, 1:], distances(trace.hidden), **close)

    _, rows = rows_of(saved(scope, "orbits", "CSV"))
    points = trajectory(trace.hidden, 6).points[:, CELL]
    np.testing.assert_allclose(rows[:, 1:], points, rtol=1e-3, atol=1e-3 * float(np.abs(points).max()))

    _, rows = rows_of(saved(scope, "fixed", "CSV"))
    moved = steps(trace.hidden)
    np.testing.assert_allclose(
        rows, np.column_stack([loops, moved.cosine, moved.contraction, moved.two_loops]), **close
    )

    _, rows = rows_of(saved(scope, "encoding", "CSV"))
    vectors = encodings(checkpoints.load_checkpoint(A).model, list(range(LOOPS)))
    assert vectors is not None
    units = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    np.testing.assert_allclose(rows[:LOOPS, 2:], units @ units.T, atol=2e-3)

    _, rows = rows_of(saved(scope, "exits", "CSV"))
    stops = halting(trace.hidden, trace.logits, found.right, blank)
    assert len(rows) == len(RULES)
    np.testing.assert_array_equal(rows[:, 5], stops.exit)


def test_answers_are_the_library_s(scope: Scope) -> None:
    """Every long question: its sentence and its CSV say the numbers of `looped.questions` for the same board, cell and loop."""
    small(scope, *LONG)

    answer = library("cells")
    ask(scope, "effect", LONG["effect"]["cells"])
    margin, at = answer["arrays"]["margin"], answer["arrays"]["at"]
    worst = int(np.nanargmin(margin))
    turned = int((answer["arrays"]["changed"] > 0).sum())
    said = words_of(scope, "effect")
    assert (
        f"For the {answer['meta']['answer']} in {name(CELL)} the worst of {np.isfinite(margin).sum()} changes" in said
    )
    assert (
        f"putting {name(worst % 16)} back after loop {at[worst // 16]}: its margin moved by {short(float(margin.flat[worst]))}."
        in said
    )
    assert (f"{turned} change" in said) == (turned > 0)
    _, rows = rows_of(saved(scope, "effect", "CSV"))
    np.testing.assert_allclose(rows[:, 2], margin.reshape(-1), rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(rows[:, 4], answer["arrays"]["changed"].reshape(-1))

    show(scope, "effect", "heads")
    ask(scope, "effect", LONG["effect"]["heads"])
    _, rows = rows_of(saved(scope, "effect", "CSV"))
    np.testing.assert_allclose(rows[:, 2], library("heads")["arrays"]["margin"].reshape(-1), rtol=1e-3, atol=1e-3)

    answer = library("clues")
    ask(scope, "clues", LONG["clues"][""])
    meta = answer["meta"]
    said = words_of(scope, "clues")
    assert (
        f"For the {meta['token']} in {name(CELL)} after {LOOP} loops (evidence {short(meta['output'])} bits, {short(meta['baseline'])} without clues)"
        in said
    )
    assert (
        f"gradients name the {GENTLE4[int(np.nanargmax(answer['arrays']['clues'][0]))]} in {name(int(np.nanargmax(answer['arrays']['clues'][0])))} ("
        in said
    )
    _, rows = rows_of(saved(scope, "clues", "CSV"))
    np.testing.assert_allclose(
        rows[:, 2:].T, answer["arrays"]["clues"][:, [digit != "." for digit in GENTLE4]], rtol=1e-2, atol=1e-2
    )

    answer = library("temperature")
    ask(scope, "temperature", LONG["temperature"][""])
    good = [
        f"{temperature:g}"
        for temperature, right in zip(TEMPERATURES, answer["arrays"]["right"][:, -1], strict=True)
        if right
    ]
    assert f"is right at temperatures {', '.join(good)}." in words_of(scope, "temperature")
    _, rows = rows_of(saved(scope, "temperature", "CSV"))
    np.testing.assert_allclose(rows[:, 2], answer["arrays"]["same"].reshape(-1), atol=1e-3)
    np.testing.assert_array_equal(rows[:, 3], answer["arrays"]["right"].reshape(-1))

    for mode, question in (("turns", "turns"), ("noise", "noise")):
        answer = library(question)
        show(scope, "basins", mode)
        ask(scope, "basins", LONG["basins"][mode])
        ends, meta = len(answer["arrays"]["sizes"]), answer["meta"]
        assert words_of(scope, "basins").startswith(
            f"{RUNS} runs end in {ends} answer{'s' * (ends > 1)}; {meta['right']} of them {'is' if meta['right'] == 1 else 'are'} right"
        )
        _, rows = rows_of(saved(scope, "basins", "CSV"))
        np.testing.assert_array_equal(rows[:, 1], answer["arrays"]["sizes"])

    answer = library("exits")
    show(scope, "exits", "boards")
    ask(scope, "exits", LONG["exits"]["boards"])
    share = float(answer["arrays"]["fixed"][-1])
    assert re.match(
        rf"{BOARDS} held-out boards with {answer['meta']['data']}: (> 99|{round(100 * share)}) % right after {LOOPS} loops",
        words_of(scope, "exits"),
    )
    _, rows = rows_of(saved(scope, "exits", "CSV"))
    np.testing.assert_allclose(rows[:LOOPS, 2], answer["arrays"]["fixed"], atol=1e-6)

    answer = library("spectrum")
    ask(scope, "fixed", LONG["fixed"][""])
    radius, most = answer["arrays"]["radius"][:, LOOP - 1]
    assert (
        f"At loop {LOOP} a tiny difference grows by {short(float(radius))} a loop in the long run, {short(float(most))} at most in one."
        in words_of(scope, "fixed")
    )

    answer = library("probes")
    ask(scope, "probes", LONG["probes"]["candidates"])
    assert f"of the blanks of {answer['meta']['held_out']} other boards" in words_of(scope, "probes")
    _, rows = rows_of(saved(scope, "probes", "CSV"))
    np.testing.assert_allclose(rows[:, 1], answer["arrays"]["accuracy"][:4].mean(0), atol=0.02)


# ─── long questions ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_long_question_shows_progress_and_can_be_cancelled(own: Scope) -> None:
    """The hand finds Cancel; the button comes back, what is known so far stays, and the server is free for the next."""
    own.open(puzzle=MEDIUM, checkpoint="sudoku9-tmlt", loops=48, loop=20, panels="effect")
    panel, words = own.panel("effect"), LONG["effect"]["cells"]
    button, bar, cancel, note = (
        panel.get_by_role("button", name=words),
        panel.get_by_role("progressbar"),
        panel.get_by_role("button", name="Cancel"),
        panel.locator(".ls-note"),
    )
    button.focus()
    own.press("Enter")
    expect(cancel).to_be_focused()
    expect(button).to_be_hidden()
    own.page.wait_for_function("document.querySelector('[data-panel=effect] progress').value > 0")
    expect(own.canvas("effect")).to_be_visible()  # what is known so far
    assert "the worst of" in words_of(own, "effect")
    own.press("Enter")
    expect(button).to_be_focused()
    expect(button).to_be_visible()
    expect(bar).to_be_hidden()
    expect(note).to_have_text(re.compile(r"^Stopped at .*%\.$"))
    assert "the worst of" in words_of(own, "effect")
    own.asking(lambda: own.clipboard("paste", GENTLE4))  # which nobody waits for
    ask(own, "effect", words)
    assert "For the " in words_of(own, "effect")


def test_cancelled_before_anything_is_known(scope: Scope) -> None:
    """It is as if nobody had asked, and asking again works."""
    small(scope, "effect")
    panel, words = scope.panel("effect"), LONG["effect"]["cells"]
    before = words_of(scope, "effect")
    held: list[Any] = []
    scope.page.route("**/ask?**", lambda route: held.append(route))
    panel.get_by_role("button", name=words).click()
    expect(panel.get_by_role("progressbar")).to_be_visible()
    assert scope.page.evaluate("document.querySelector('[data-panel=effect] progress').value") == 0
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("button", name=words)).to_be_visible()
    expect(panel.locator(".ls-note")).to_be_empty()
    assert words_of(scope, "effect") == before
    scope.page.unroute("**/ask?**")
    ask(scope, "effect", words)
    assert "the worst of" in words_of(scope, "effect")


def test_before_the_first_result_there_is_no_number(scope: Scope) -> None:
    """A question may tell that it has begun before it knows anything."""
    small(scope, "effect", modes="effect-heads")
    begun = next(
        iter(QUESTIONS["heads"].ask(Asked(checkpoints.load_checkpoint(A), np.arange(16) % 5, LOOPS, CELL, LOOP)))
    )
    assert not np.isfinite(begun["arrays"]["margin"]).any()
    data = b64encode(pack([{"arrays": begun["arrays"], "meta": begun["meta"]}])).decode()
    scope.page.route(
        "**/ask?**", lambda route: route.fulfill(status=200, body=f"data: {json.dumps({'share': 0, 'data': data})}\n\n")
    )
    scope.panel("effect").get_by_role("button", name=LONG["effect"]["heads"]).click()
    expect(scope.canvas("effect")).to_be_visible()
    assert words_of(scope, "effect") == "The first change is being tried."


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ({"status": 400, "body": "This board is on holiday."}, "This board is on holiday."),
        (
            {"status": 200, "body": 'data: {"error": "Nothing can be said of this."}\n\n'},
            "Nothing can be said of this.",
        ),
        ({"status": 200, "body": ""}, "The server stopped before the answer was complete; ask again."),
        (None, "The connection to the server broke; ask again."),
    ],
    ids=["refused", "told", "cut off", "gone"],
)
def test_an_error_is_one_sentence_and_asking_again_works(scope: Scope, reply: dict[str, Any] | None, says: str) -> None:
    small(scope, "temperature")
    panel, words = scope.panel("temperature"), LONG["temperature"][""]
    scope.page.route("**/ask?**", lambda route: route.fulfill(**reply) if reply else route.abort())
    panel.get_by_role("button", name=words).click()
    expect(panel.locator(".ls-note")).to_have_text(says)
    expect(panel.get_by_role("button", name=words)).to_be_visible()
    expect(panel.get_by_role("progressbar")).to_be_hidden()
    scope.choose(OTHER)  # another cell: the sentence is still true
    expect(panel.locator(".ls-note")).to_have_text(says)
    scope.page.unroute("**/ask?**")
    ask(scope, "temperature", words)
    assert "is right at temperatures" in words_of(scope, "temperature")
    assert all("Failed to load resource" in line for line in scope.errors)
    scope.errors.clear()


def test_an_error_about_one_cell_is_not_shown_for_another(scope: Scope) -> None:
    """Nothing is shown of the other cell, so nothing says that it is."""
    small(scope, "effect")
    scope.page.route("**/ask?**", lambda route: route.fulfill(status=200, body='data: {"error": "Not this cell."}\n\n'))
    scope.panel("effect").get_by_role("button", name=LONG["effect"]["cells"]).click()
    note = scope.panel("effect").locator(".ls-note")
    expect(note).to_have_text("Not this cell.")
    scope.choose(OTHER)
    expect(note).to_be_empty()
    assert name(OTHER) in words_of(scope, "effect")
    scope.choose(CELL)
    expect(note).to_have_text("Not this cell.")


def test_a_board_without_clues_says_so(scope: Scope) -> None:
    """The library's own sentence."""
    small(scope, "clues", puzzle="." * 16)
    scope.panel("clues").get_by_role("button", name=LONG["clues"][""]).click()
    expect(scope.panel("clues").locator(".ls-note")).to_have_text(
        "This board has no clue that an answer could rest on."
    )
    scope.choose(0)
    scope.asking(lambda: scope.press("1"))
    scope.choose(1)
    ask(scope, "clues", LONG["clues"][""])
    assert "gradients name the 1 in row 1, column 1" in words_of(scope, "clues")


def test_an_answer_stays_while_the_clock_steps(scope: Scope) -> None:
    """Nothing is asked; where the loop matters the panel says what loop it shows, and offers to ask for this one."""
    small(scope, "effect", "temperature", "clues")
    for panel, words in (
        ("effect", LONG["effect"]["cells"]),
        ("temperature", LONG["temperature"][""]),
        ("clues", LONG["clues"][""]),
    ):
        ask(scope, panel, words)
    first, asked, quiet = (
        {panel: words_of(scope, panel) for panel in ("effect", "temperature", "clues")},
        requests(scope),
        len(scope.frames),
    )
    note = scope.panel("clues").locator(".ls-note")
    pictures = scope.pixels("effect", "temperature")
    scope.leave_fields()
    for key in ("ArrowLeft", "Home", "End"):
        scope.press(key)
        assert {panel: words_of(scope, panel) for panel in first} == first
        for panel in ("effect", "temperature"):
            expect(scope.panel(panel).get_by_role("button", name=re.compile("Knock|Run ten"))).to_be_hidden()
        expect(note).to_have_text(f"Shown: {name(CELL)}, loop {LOOP}.")
        expect(scope.panel("clues").get_by_role("button", name=LONG["clues"][""])).to_be_visible()
    assert scope.pixels("effect")["effect"] != pictures["effect"]  # the mark of the clock moves
    scope.slider.fill(str(LOOP))
    scope.painted()
    expect(note).to_be_hidden()
    assert scope.pixels("effect", "temperature") == pictures
    assert asked == []
    assert scope.frames[quiet:] == []


def test_an_answer_belongs_to_its_cell(scope: Scope) -> None:
    """Another cell: whose answer is shown, and a button for its own. Back at the first, its answer, and nothing is asked again."""
    small(scope, "effect")
    panel, words = scope.panel("effect"), LONG["effect"]["cells"]
    ask(scope, "effect", words)
    first = words_of(scope, "effect")
    assert name(CELL) in first
    asked = requests(scope)
    scope.choose(OTHER)
    expect(panel.locator(".ls-note")).to_have_text(f"Shown: {name(CELL)}.")
    assert words_of(scope, "effect") == first
    assert asked == []
    ask(scope, "effect", words)
    second = words_of(scope, "effect")
    assert second.startswith(f"For the {library('cells', OTHER)['meta']['answer']} in {name(OTHER)} ")
    assert len(asked) == 1
    scope.choose(CELL)
    settled(scope, "effect")
    assert words_of(scope, "effect") == first
    scope.choose(OTHER)
    settled(scope, "effect")
    assert words_of(scope, "effect") == second
    assert len(asked) == 1


def test_nothing_is_asked_of_a_given_cell(scope: Scope) -> None:
    """The panel says so and offers no button; questions about the whole board can be asked all the same."""
    given = GENTLE4.index("3")
    small(scope, "effect", "clues", "temperature", cell=given)
    for panel in ("effect", "clues"):
        expect(scope.panel(panel).locator(".ls-ask .ls-note")).to_have_text(
            "The chosen cell is given: nothing is asked of it. Choose a blank."
        )
        expect(scope.panel(panel).locator(".ls-begin")).to_be_hidden()
    ask(scope, "temperature", LONG["temperature"][""])
    scope.choose(CELL)
    ask(scope, "effect", LONG["effect"]["cells"])
    assert name(CELL) in words_of(scope, "effect")


def test_answers_survive_another_page_and_another_board(scope: Scope) -> None:
    """Models and back; an edit and its undo: the answer is there and was not asked for again."""
    small(scope, "temperature")
    ask(scope, "temperature", LONG["temperature"][""])
    first, asked = words_of(scope, "temperature"), requests(scope)
    scope.page.get_by_role("link", name="Models").click()
    expect(scope.page.get_by_test_id("microscope")).to_have_count(0)
    scope.page.get_by_role("link", name="Sudoku").click()
    scope.ready()
    settled(scope, "temperature")
    assert words_of(scope, "temperature") == first
    scope.choose(CELL)
    digit = str(parse(GENTLE4).solution[CELL])
    scope.asking(lambda: scope.press(digit))
    scope.wait_for_entry(put(GENTLE4, CELL, digit))
    expect(scope.panel("temperature").get_by_role("button", name=LONG["temperature"][""])).to_be_visible()
    expect(scope.canvas("temperature")).to_be_hidden()
    scope.asking(lambda: scope.press("Control+z"))
    scope.wait_for_entry(GENTLE4)
    settled(scope, "temperature")
    assert words_of(scope, "temperature") == first
    assert asked == []


def test_rollout_is_asked_for_by_itself_once_for_each_board(own: Scope) -> None:
    """When its panel is shown, not before; not again for another cell, head or loop."""
    asked = requests(own)
    small(own, "readout")
    assert asked == []
    own.summary("Ask").click()
    own.summary("Ask").locator("..").get_by_text("Where does information flow from?").click()
    settled(own, "flow")
    expect(own.panel("flow").locator(".ls-says")).to_contain_text("rollout traces")
    flow = rollout(run(A, GENTLE4, LOOPS).trace.attention, run(A, GENTLE4, LOOPS).trace.alpha1)[LOOP, CELL, CELL]
    assert f"traces {round(100 * float(flow))} % of {name(CELL)} to itself" in words_of(own, "flow")
    assert ["question=rollout" in url for url in asked] == [True]
    own.choose(OTHER)
    own.leave_fields()
    own.press("ArrowLeft", "Home", "ArrowRight")
    words_of(own, "flow")
    assert len(asked) == 1
    digit = str(parse(GENTLE4).solution[CELL])
    own.choose(CELL)
    own.asking(lambda: own.press(digit))
    own.wait_for_entry(put(GENTLE4, CELL, digit))
    expect(own.panel("flow").locator(".ls-says")).to_contain_text("rollout traces")
    assert len(asked) == 2
    own.asking(lambda: own.press("Control+z"))
    own.wait_for_entry(GENTLE4)
    expect(own.panel("flow").locator(".ls-says")).to_contain_text("rollout traces")
    assert len(asked) == 2


def test_two_runs_are_asked_one_by_one(scope: Scope) -> None:
    """Each part of the panel has its own button, its own answer and its own place in the CSV."""
    small(scope, "temperature", versus=B)
    buttons = scope.panel("temperature").get_by_role("button", name=LONG["temperature"][""])
    expect(buttons).to_have_count(2)
    before = words_of(scope, "temperature", 0)
    buttons.nth(1).click()
    expect(buttons.filter(visible=True)).to_have_count(1)
    assert words_of(scope, "temperature", 0) == before
    expect(scope.canvas("temperature", 0)).to_be_hidden()
    expect(scope.canvas("temperature", 1)).to_be_visible()
    buttons.filter(visible=True).click()
    settled(scope, "temperature", 2)
    for number, checkpoint in enumerate((A, B)):
        right = library("temperature", checkpoint=checkpoint)["arrays"]["right"][:, -1]
        good = ", ".join(f"{temperature:g}" for temperature, one in zip(TEMPERATURES, right, strict=True) if one)
        assert f"at temperatures {good}." in words_of(scope, "temperature", number)


def test_easy_board_of_a_first_visit_has_no_question_asked(own: Scope) -> None:
    """A newcomer's page computes nothing that nobody asked for."""
    asked = requests(own)
    own.open(loops=2)
    assert own.entry == EASY
    own.press("Home", "End")
    own.painted()
    assert asked == []
