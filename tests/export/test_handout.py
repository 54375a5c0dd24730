"""A lesson on paper: vectors, room to write, and nothing that answers a question before the page of answers."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

import pytest
from playwright.sync_api import sync_playwright

from looped.bench.server import CHROMIUM_ARGUMENTS, chromium
from looped.classes import quiz
from looped.export.bundle import ASSETS
from looped.export.handout import Printed, handout, parted, revealed, section, told
from looped.export.views import BOARD, asked_input, figure, named, on_screen, shown_figure
from looped.figures.theme import LIGHT
from looped.lessons import find, names
from looped.lessons.answering import filled
from looped.lessons.form import HOLE, Step
from looped.lessons.measures import parts
from looped.lessons.runs import opened, runs_in
from looped.serving.engine import Engine
from tests.figures.samples import shapes, texts

DRAWN = "2-fixed-point"
ANSWERS = '<div class="answers">'


@pytest.fixture(scope="module")
def page() -> str:
    return handout(Engine(), find(DRAWN))


def test_a_handout_has_vectors_boxes_lines_and_measured_answers(page: str) -> None:
    assert page.count("<section>") == 4  # beside a figure
    assert page.count("<section class='again'>") == 1  # the second step has the view of the first
    assert page.count("<figure ") == 4
    assert page.count("<svg") == 5  # the last view compares two runs
    assert "<img" not in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="http', page)  # it needs no other file
    assert page.count('<li class="choice">') == 5  # one of them that it never happens
    assert page.count('<div class="line">') == 3
    before, answers = page.split(ANSWERS)
    assert (before.count("<section"), answers.count("<section")) == (4, 1)
    assert "<em>loop 37.</em> Loop 37 is the first" in answers
    assert "Loop 37" not in before
    assert "Loop (29 to 64; up to 3 loops off is near enough)" in before
    assert "panel" not in page
    assert "{" not in answers  # every number is filled in


def test_questions_fit_on_two_sides_and_the_answers_begin_a_page(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all but one with an empty figure as high as any, for each run one: drawing them all would take long."""
    engine = Engine()

    def high(_: Engine, step: Step) -> str:
        drawn = f'<svg viewBox="0 0 88 56"><title>{step.line}</title></svg>'
        return named([drawn] * len(runs_in(engine, step.view)), ["one", "two"])

    monkeypatch.setattr("looped.export.handout.figure", high)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        tab = browser.new_page()

        def pages(html: str) -> int:
            tab.set_content(html)
            return len(re.findall(rb"/Type\s*/Page\b", tab.pdf(prefer_css_page_size=True)))

        for name in names():
            whole = page if name == DRAWN else handout(engine, find(name))
            before = whole.split(ANSWERS)[0]
            assert (name, pages(before) <= 2, pages(whole) - pages(before)) == (name, True, 1)
        browser.close()


def test_a_figure_is_printed_once_and_later_steps_of_its_view_name_it() -> None:
    """Three steps of the eighth lesson have one view, two of them no figure of their own."""
    page = handout(Engine(), find("8-luck"))
    parts = re.findall(r"<section.*?</section>", page, flags=re.S)
    found = [
        (re.findall(r"<figcaption>(.*?)</figcaption>", part), re.findall(r"<p class=.see.>.*", part)) for part in parts
    ]
    see = 'See <a href="#figure-3">Figure 3</a>, above.'
    assert [captions for captions, _ in found] == [["Figure 1."], ["Figure 2."], ["Figure 3."], [], []]
    assert [see in "".join(named) for _, named in found] == [False, False, False, True, True]
    drawn = re.findall(r"<figure [^>]*>(.*?)<figcaption>", page, flags=re.S)
    assert len(set(drawn)) == len(drawn) == 3
    assert re.findall(r'id="(figure-[0-9]+)"', page) == ["figure-1", "figure-2", "figure-3"]


def test_figures_are_one_where_what_is_drawn_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not where a student draws on, nor where only the view is another; the panel that is on screen is told by each."""
    made = iter(["<svg>1</svg>", "<svg>1</svg>", "<svg>2</svg>", "<svg>1</svg>", "<svg>3</svg>", "<svg>3</svg>"])
    monkeypatch.setattr("looped.export.handout.figure", lambda _, step: next(made))
    monkeypatch.setattr("looped.export.handout.on_screen", lambda _, step: step.title)
    monkeypatch.setattr("looped.export.handout.drawn_into", lambda _, step: step.title == "Drawn.")
    printed = Printed(Engine())
    told_of = [printed.shown(Step(title, "", ())) for title in ("", "One.", "", "")]
    printed.asked = printed.many
    told_of += [printed.shown(Step(title, "", ())) for title in ("Drawn.", "Drawn.")]
    assert [bool(drawn) for drawn, _ in told_of] == [True, False, True, False, True, True]
    assert [re.findall("Figure [0-9]+.*", drawn + see)[0].partition("<")[0] for drawn, see in told_of] == [
        "Figure 1.",
        "Figure 1",
        "Figure 2.",
        "Figure 1",
        "Figure 3. Drawn.",
        "Figure 4. Drawn.",
    ]
    assert told_of[1][1].endswith("</a>, above. One.</p>")


def test_the_answers_say_of_a_figure_that_it_stands_with_the_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("looped.export.handout.figure", lambda _, step: "<svg></svg>")
    printed = Printed(Engine())
    step = find(DRAWN).steps[0]
    assert printed.shown(step)[1] == ""
    assert "Figure 1</a>, above." in printed.shown(step)[1]
    printed.asked = printed.many
    assert "Figure 1</a>, with the questions." in printed.shown(step)[1]


# Steps that tell what was found, and steps whose figure shows how an earlier question ends.
AFTER = {
    "1-what-a-loop-is": [5],
    "10-words": [3],
    "11-in-context": [6],
    "12-theorem": [6],
    "2-fixed-point": [5],
    "3-why-more-loops": [4],
    "4-overthinking": [5],
    "5-what-heads-look-at": [],
    "6-clock": [5],
    "7-where-it-is-decided": [5],
    "8-luck": [],
    "9-when-to-stop": [5],
}
PLAIN = {
    "4-overthinking": ["3"],
    "5-what-heads-look-at": ["3", "4"],
    "7-where-it-is-decided": ["4"],
    "9-when-to-stop": ["4"],
    "10-words": ["4", "5"],
    "11-in-context": ["4"],
}


def test_no_question_is_answered_on_its_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    monkeypatch.setattr("looped.export.handout.figure", lambda _, step: "")
    assert sorted(AFTER) == sorted(names())
    for name in names():
        lesson = find(name)
        before, answers = handout(engine, lesson).split(ANSWERS)
        assert (name, parted(lesson)[1]) == (name, AFTER[name])
        assert (name, re.findall(r"<section class='plain'><div><h2>([0-9]+)", before)) == (name, PLAIN.get(name, []))
        assert escape(lesson.about) not in before
        assert escape(lesson.about) in answers
        asking = [step for step in lesson.steps if step.question is not None]
        for step in asking:
            assert step.question is not None
            for text in filled(engine, step.question.after, step.question.then):
                assert told(text) not in before
                assert told(text, drawn=False) not in before
                assert told(text, drawn=False) in answers
        on_sheet = [step for number, step in enumerate(lesson.steps, 1) if number not in AFTER[name]]
        asked = {measured_of(engine, step.question.then, step.question.measure) for step in asking if step.question}
        said = {measured_of(engine, step.view, hole) for step in on_sheet for hole in holes(step)}
        assert (name, asked & said) == (name, set())


def measured_of(engine: Engine, view: str, measure: str) -> tuple[str, str, str, int | None]:
    """What is measured: of which input and run, by which measure, at which loop."""
    here, (second, what, loop) = opened(engine, view), parts(measure)
    return here.of, here.names[here.which(second)], what, loop


def holes(step: Step) -> list[str]:
    return [" ".join(hole.split()) for hole in HOLE.findall(" ".join(step.text))]


def test_without_answers_there_are_the_questions_alone(page: str) -> None:
    assert page.split(ANSWERS)[0].rstrip() in handout(Engine(), find(DRAWN), answers=False)
    assert ANSWERS not in handout(Engine(), find(DRAWN), answers=False)


def test_two_runs_are_named_and_all_letters_can_be_read(page: str) -> None:
    assert re.findall(r'<p class="run">(.*?)</p>', page) == ["A · sudoku6-looped", "B · sudoku6-tmlt"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        tab = browser.new_page(viewport={"width": 720, "height": 1000})
        tab.set_content(page)
        sizes = tab.evaluate(
            """() => [...document.querySelectorAll("figure text")].map((text) => {
              const { a, b } = text.getScreenCTM();
              return Math.hypot(a, b) * parseFloat(getComputedStyle(text).fontSize);
            })"""
        )
        browser.close()
    assert len(sizes) > 50
    assert min(sizes) >= 8


def test_a_prompt_and_the_machine_of_the_theory_are_drawn_and_a_curve_has_axes_to_draw_on() -> None:
    engine = Engine()
    prompt, fit, _, steps, draw, _ = (figure(engine, step) for step in find("11-in-context").steps)
    said = ("Prediction after loop 30 of 30", "dots: the examples", "prediction", "true function")
    assert [text in prompt for text in said] == [True] * 4
    assert "Prediction after loop 2 of 2" in fit
    assert "gradient descent" in steps
    said = ("so far", ">40<", ">16<", "Draw from loop 3 to loop 16", "begin where the line ends")
    assert [text in draw for text in said] == [True] * 5
    quantise, *_, elevator, _, counts = (figure(engine, step) for step in find("12-theorem").steps)
    assert "Quantise: 4 cells" in quantise
    assert "how far 132 loops come to it" in elevator
    assert "1,032; 8,194 stated" in counts


def test_a_curve_of_which_nothing_is_drawn_has_neither_a_key_nor_a_line_to_begin_at() -> None:
    engine = Engine()
    for name, number, loops in (("5-what-heads-look-at", 5, 16), ("6-clock", 4, 32)):
        drawn = figure(engine, find(name).steps[number - 1])
        assert f"Draw from loop 1 to loop {loops}" in drawn
        assert [text in drawn for text in ("so far", "where the line ends")] == [False, False]


def test_the_counts_of_the_theorem_have_the_words_of_their_panel() -> None:
    counts = figure(Engine(), find("12-theorem").steps[5])
    rows = re.findall(r"<tr><td>(.*?)</td>(.*?)</tr>", counts)
    panel = (ASSETS / "theory" / "counts.js").read_text("utf-8")
    said, heads = (re.findall(pattern, panel, flags=re.M) for pattern in (r'^    \["([^"]+)"', r'"([^"]+)"'))
    assert [what for what, _ in rows] == said
    columns = re.findall(r"<th>(.+?)</th>", counts.replace("<th></th>", ""))
    assert [one in heads for one in columns] == [True, True, True]
    assert "4,156" in rows[3][1]


def test_a_grid_is_a_picture_with_grey_walls_and_a_key() -> None:
    engine, steps = Engine(), find("3-why-more-loops").steps
    first, second = (figure(engine, step) for step in steps[:2])
    assert "<pre>" not in first + second
    assert "The grid before the first loop" in first
    assert "grey: wall · S: source<" in first
    key = "grey: wall · S: source · dot: reached · the bluer, the surer · corner: changed in this loop"
    assert key in second
    walls = [shapes(drawn, fill=LIGHT.muted) for drawn in (first, second)]
    assert [len(found) for found in walls] == [11, 10]  # one of them has a door
    assert [len(shapes(drawn, fill=LIGHT.text)) for drawn in (first, second)] == [0, 33]  # dots
    assert [texts(drawn, font_weight="bold") for drawn in (first, second)] == [["S"], ["S"]]


def test_every_face_before_the_first_loop_says_so_and_signs_of_text_have_words() -> None:
    engine = Engine()
    board = figure(engine, find("1-what-a-loop-is").steps[0])
    assert [text in board for text in ("The board before the first loop", "bold: given<", "<pre>")] == [
        True,
        True,
        False,
    ]
    view = "/sequences?v=1&checkpoint=countdown3-looped&puzzle=2+3+4+%3D+20&loops=3&loop="
    for loop, caption in (("0", "The input before the first loop"), ("2", "After loop 2 of 3")):
        said = figure(engine, Step("", view + loop, ()))
        assert f'<p class="face">{caption}</p><pre>' in said
        assert ("_: blank" in said) == ("_" in said.split("<pre>")[1].split("</pre>")[0])
    assert "_: blank" in figure(engine, Step("", view + "0", ()))


def test_a_prompt_that_begins_before_its_first_loop_says_of_which_its_figure_is() -> None:
    engine, steps = Engine(), find("11-in-context").steps
    said = "On screen it begins before loop 1, where nothing is predicted; this is how it ends."
    assert [on_screen(engine, step) for step in steps[:2]] == [said, ""]


def test_points_that_somebody_typed_have_no_true_function() -> None:
    engine = Engine()
    typed = figure(engine, find("11-in-context").steps[5])
    assert ["prediction" in typed, "true function" in typed] == [True, False]
    view = "/in-context?v=1&checkpoint=linear5-looped&puzzle=1+0+0+0+0+2%3B+0+1+0+0+0+1%3B+1+1+0+0+0+%3F&loops=3&loop=3"
    drawn = figure(engine, Step("", view, ()))
    assert ["nobody knows what is true" in drawn, "NaN" in drawn] == [True, False]


def test_the_figure_of_an_answer_shows_the_run_that_is_revealed() -> None:
    """Whole, in the panel that was left out if the view of the answer opens it, else on the board that it ends with."""
    engine = Engine()
    descent = figure(engine, revealed(find("11-in-context").steps[3]))
    assert [f">{loop}<" in descent for loop in (4, 16, 28)] == [True] * 3
    assert ">35<" in descent  # the nearest step of loop 5 is 34
    heads = find("5-what-heads-look-at").steps
    for step, changed in ((heads[2], "head 3 cut"), (heads[3], "head 4 cut")):
        both = figure(engine, revealed(step))
        assert both.count(">Board after loop 16 of 16<") == 2
        assert f"B · sudoku9-tmlt, {changed}" in both
    assert shown_figure(engine, revealed(find("4-overthinking").steps[2])) == "convergence"
    assert shown_figure(engine, revealed(find("9-when-to-stop").steps[3])) == "exits"


def test_a_line_that_is_to_be_continued_has_room_up_to_the_last_loop_of_the_question() -> None:
    drawn = figure(Engine(), find("2-fixed-point").steps[2])
    assert [text in drawn for text in (">64<", ">1e-5<", ">1e-2<", "so far")] == [True] * 4
    assert "chosen" not in drawn


def test_a_loop_has_the_answers_of_the_screen_and_numbers_that_do_not_meet() -> None:
    engine, lesson = Engine(), find("1-what-a-loop-is")
    asked = section(Printed(engine), lesson, [3], 3)
    assert "(4 to 32; up to 2 loops off is near enough)" in asked
    assert '<li class="choice">not within 32 loops</li>' in asked
    drawn = figure(engine, lesson.steps[4])
    assert [f">{loop}<" in drawn for loop in (28, 30, 32)] == [True, False, True]


def test_a_printed_board_has_no_chosen_cell_and_letters_as_large_as_its_text() -> None:
    step = find("7-where-it-is-decided").steps[1]
    board = figure(Engine(), step)
    assert "Board after loop 8 of 8" in board
    assert f'stroke="{LIGHT.warm}"' not in board  # the frame of a chosen cell
    assert 'font-size="20px"' in board


def test_sentences_of_a_lesson_become_html_and_nothing_in_them_is_run() -> None:
    assert told("**a** <b>") == "<strong>a</strong> &lt;b&gt;"
    assert told("h = *block*(h) & `x`") == "h = <em>block</em>(h) &amp; <code>x</code>"


def test_a_curve_that_was_measured_is_drawn_with_the_answers() -> None:
    """No list of its numbers: the axes of the question hold the curve, one figure more."""
    before, answers = handout(Engine(), find("11-in-context")).split(ANSWERS)
    assert "Draw from loop 3 to loop 16" in before
    assert "As it was measured, loop 1 to loop 16" in answers
    assert "5 · Out of what it knows</strong> It stays at 12 %" in answers
    assert not re.search(r"(\d+, ){6}", re.sub(r"<svg.*?</svg>", "", answers, flags=re.S))
    numbers = re.findall(r'id="figure-([0-9]+)"', before + answers)
    assert numbers == [str(number + 1) for number in range(len(numbers))]


def test_a_figure_shows_what_its_question_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the quiz two questions are about another board than their view, on which each of them begins."""
    engine, lesson = Engine(), quiz.read()
    about: dict[int, tuple[bool, str, str]] = {}
    for number, step in enumerate(lesson.steps, 1):
        assert step.question is not None
        shown = asked_input(engine, step)
        assert shown is not None
        assert opened(engine, shown.view).of == opened(engine, step.question.then).of
        if shown is not step:
            about[number] = ("loop=0" in shown.view, shown_figure(engine, shown), figure(engine, shown))
    assert {number: found[:2] for number, found in about.items()} == {3: (True, BOARD), 7: (True, BOARD)}
    assert "The board before the first loop" in about[3][2]
    assert "The grid before the first loop" in about[7][2]
    assert "reached" not in about[7][2]
    monkeypatch.setattr("looped.export.handout.figure", lambda _, step: step.view)
    printed = Printed(engine)
    sheet = [section(printed, lesson, [*range(1, 11)], number) for number in (2, 3, 6, 7)]
    assert ["See <a" in part for part in sheet] == [False] * 4
    pointing = find("8-luck").steps[1]  # it speaks of the board of its view
    assert asked_input(engine, pointing) is pointing


def test_of_another_prompt_there_is_no_figure_before_its_answer() -> None:
    step = find("11-in-context").steps[2]
    assert asked_input(Engine(), step) is step
    assert asked_input(Engine(), replace(step, point=())) is None


def test_a_figure_without_a_line_is_not_drawn() -> None:
    """After two loops of the grid no distance has settled; after 32 there is the flood."""
    engine, step = Engine(), quiz.read().steps[5]
    assert step.question is not None
    assert "panels=flood" in step.view
    assert shown_figure(engine, step) == BOARD
    assert "Grid after loop 2 of 2" in figure(engine, step)
    assert shown_figure(engine, Step("", step.question.then, ())) == "flood"
