"""The modules of lessons: what can be pointed at, and sentences that hold no markup of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from passes import of_loops

from looped.lessons.form import CONTROLS, MACHINE_CONTROLS
from looped.lessons.links import Has, wrong_look
from looped.lessons.panels import first_panels, panels, paths, shows_of

Module = Callable[..., Any]


def test_a_lesson_can_point_at_the_controls_that_its_reader_knows(module: Module) -> None:
    for file, controls in (("lessonground", CONTROLS), ("theorylesson", MACHINE_CONTROLS)):
        assert module(f"pages/{file}.js", "return Object.keys(m.TARGETS);") == list(controls)


def test_a_lesson_knows_the_panels_of_every_page_as_the_browser_does(module: Module) -> None:
    body = """return m.PANELS.map(({ name, title, page, needs, modes }) =>
        [name, title, page ?? "", needs ?? "", (modes ?? []).map(([mode]) => mode)]);"""
    for folder in ("panels", "theory"):
        known = [[name, one.title, one.page, one.needs, [*one.modes]] for name, one in panels(folder).items()]
        assert sorted(module(f"{folder}/registry.js", body)) == sorted(of_loops(known))


def test_a_lesson_knows_what_a_page_shows_as_the_browser_does(module: Module) -> None:
    body = "return Object.values(m).filter((one) => one.shows).map((one) => [one.page, one.shows, one.panels]);"
    for page in paths():
        shows = [list(one) for one in shows_of(page).items()]
        assert module(f"pages/{page.replace('-', '')}.js", body) == [[page, shows, [*first_panels(page)]]]


VALUES = {
    "v": ["1"],
    "loop": ["0", "8", "9", "", "-1", "2.5", "08", "1234567"],
    "cell": ["15", "16"],
    "head": ["3", "4", "x"],
    "show": ["settle", "settled", ""],
    "present": ["board", "bord"],
    "range": ["1-8", "8-1", "0-9", "3", ""],
    "panels": ["a,b", "a,c", "", ",a"],
    "modes": ["a-plane", "a-plain", "b-one,a-space", "c-plane", ""],
}
LINKS = [f"{name}={value}" for name, values in VALUES.items() for value in values]


def test_a_link_is_refused_where_the_page_would_warn_of_it(module: Module) -> None:
    body = """
    return x.map((query) => {
      const link = new m.Link(query);
      for (const [name, most] of [["loop", 8], ["cell", 15], ["head", 3]]) link.whole(name, most);
      link.one("show", ["answer", "settle"]);
      link.one("present", ["board", "a", "b"]);
      link.range(8);
      link.panels(["a", "b"]);
      link.modes({ a: ["plane", "space"], b: ["one"] });
      return link.inVain !== "";
    });
    """
    has = Has(
        ("v",),
        {"loop": 8, "cell": 15, "head": 3},
        {"show": ("answer", "settle"), "present": ("board", "a", "b")},
        {"panels": ("a", "b"), "modes": ("a-plane", "a-space", "b-one")},
    )
    refused = [wrong_look(f"/?{query}", has) is not None for query in LINKS]
    assert dict(zip(LINKS, module("core/links.js", body, LINKS), strict=True)) == dict(zip(LINKS, refused, strict=True))
    assert {True, False} == set(refused)


def test_sentences_become_elements_and_nothing_in_them_is_run(module: Module) -> None:
    text = "A *loop* and **more** of `h = f(h)` <img src=x onerror=alert(1)> 2 * 3 * 4."
    made = module("pages/lessontext.js", "return m.paragraph(x).innerHTML;", text)
    assert made.startswith("A <em>loop</em> and <strong>more</strong> of <code>h = f(h)</code> &lt;img src=x")
    assert made.endswith("2 * 3 * 4.")
    assert "<img" not in made


def test_what_was_answered_stays_on_screen_with_the_question(module: Module) -> None:
    body = """
    const outlined = [];
    const geometry = { name: (cell) => `cell ${cell}` };
    const page = { state: { run: { geometry } }, lesson: { markCells: (cells) => outlined.push(cells) } };
    const bounds = { low: 1, high: 8, options: ["Yes.", "No."], loops: 3, known: [], words: "wrong answers",
      never: "not within 8 layers", passes: { loop: "layer", loops: "layers" } };
    const made = x.map(([kind, guess]) => m.answered({ kind, ...bounds }, page, guess));
    return {
      texts: made.map((one) => one.textContent),
      items: [...made[0].children].map((one) => one.textContent),
      lines: ["ls-curve-drawn", "ls-curve-real"].map((name) => made.at(-1).querySelectorAll(`.${name}`).length),
      fields: made.map((one) => one.querySelectorAll("input, button, [tabindex]").length),
      outlined,
    };
    """
    given = [["choice", 1], ["number", 0], ["loop", 3], ["loop", "never"], ["cells", [4, 0]], ["curve", [1, 2, 8]]]
    found = module("pages/lessonask.js", body, given)
    assert found["items"] == ["Yes.", "No. (your answer)"]
    assert found["texts"][1:5] == [
        "Your answer: 0 (asked: 1 to 8).",
        "Your answer: layer 3 (asked: 1 to 8).",
        "Your answer: not within 8 layers.",
        "Your answer: 2 cells: cell 4; cell 0.",
    ]
    assert found["lines"] == [1, 0]  # what was drawn, and nothing of what is real
    assert found["texts"][5].endswith("your curve")
    assert found["fields"] == [0] * 6
    assert found["outlined"] == [{"guess": [4, 0], "truth": []}]


def test_a_class_is_told_that_its_reveal_is_measured(module: Module) -> None:
    body = """
    return x.map(([teaching, measuring, mine]) => m.TogetherBar.prototype.answeredWords.call(
      { together: { told: { here: 2 }, teaching } }, { answered: 1, measuring }, mine));
    """
    given = [[False, False, True], [False, True, True], [False, True, False], [True, True, False]]
    have = "1 of 2 has answered."
    assert module("pages/togetherbar.js", body, given) == [
        f"Your answer is in. {have} Your teacher reveals it.",
        f"Your answer is in. {have} What happens is being measured.",
        f"{have} What happens is being measured.",
        have,  # the form beside it says it
    ]


def test_who_gave_no_answer_has_none(module: Module) -> None:
    """Before the server has told where the class is there is none either, and 0 is one."""
    body = """
    const { get } = Object.getOwnPropertyDescriptor(m.TogetherBar.prototype, "answer");
    return x.map((ask) => get.call({ where: ["one", 2], together: { at: () => !!ask, told: { ask } } }));
    """
    asks = [None, {"mine": None}, {}, {"mine": 0}, {"mine": [4, 0]}]
    assert module("pages/togetherbar.js", body, asks) == [None, None, None, 0, [4, 0]]


def test_who_gave_no_answer_reads_what_happened_of_the_class(module: Module) -> None:
    body = """
    const told = { says: "The middle of all curves is off by 16.", result: "class", marks: {} };
    const together = Object.create(m.Together.prototype);
    together.page = { state: { together: { code: "abc", told: { ask: { lesson: "own", step: 2, told, bars: [] } } } } };
    return together.revealOf("own", 2);
    """
    found = module("pages/together.js", body)
    assert (found["result"], found["guess"]) == ("none", None)
    assert found["says"] == "The middle of all curves is off by 16."


def test_a_figure_of_curves_always_has_a_name(module: Module) -> None:
    body = """
    const ask = { low: 0, high: 9, loops: 3, known: [], words: "wrong answers",
      passes: { loop: "loop", loops: "loops" } };
    const curves = { guess: [1, 2, 3], whose: "the middle of the class" };
    return x.map(([says, truth]) => m.curveAfter(ask, { ...curves, truth }, says)
      .querySelector("[role=img]").getAttribute("aria-label"));
    """
    whose = "the middle of the class"
    assert module("pages/lessoncurve.js", body, [["It is so.", None], ["", None], ["", [1, 1, 1]]]) == [
        "It is so.",
        f"{whose}: wrong answers over the loops",
        f"{whose} and the model’s: wrong answers over the loops",
    ]


def test_where_answers_have_no_bars_the_teacher_reads_why(module: Module) -> None:
    body = """
    const page = { state: { run: {} } };
    return x.map(([kind, bars, answered]) => {
      const bar = Object.create(m.TogetherBar.prototype);
      bar.together = { page, lesson: { step: { ask: { kind } } } };
      return bar.unfolded({ bars, answered }).map((one) => one.textContent);
    });
    """
    none = ["Nobody has answered yet."]
    given = [["curve", [], 2], ["curve", [], 0], ["cells", [], 0], ["loop", [["3", 1, 3, 4]], 1]]
    assert module("pages/togetherbar.js", body, given) == [
        ["2 curves drawn; the reveal draws the middle of all, or yours if you drew one."],
        none,
        none,
        ["What the class answered31"],
    ]


def test_enter_on_an_untouched_slider_takes_its_loop_and_only_the_next_one_commits(module: Module) -> None:
    body = """
    const made = m.askOf({ kind: "loop", low: 1, high: 9, near: 0, passes: { loop: "loop" } }, {}, () => {});
    const slider = made.root.querySelector("[type=range]");
    const press = () => !slider.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
    const before = made.value();
    return [before, press(), made.value(), press()];
    """
    assert module("pages/lessonask.js", body) == [None, True, 5, False]


def test_a_guess_has_decimals_where_the_question_takes_them(module: Module) -> None:
    body = """
    return x.map(([step, typed]) => {
      const made = m.askOf({ kind: "number", low: 0, high: 2.5, step }, {}, () => {});
      made.root.querySelector("input").value = typed;
      return made.value();
    });
    """
    typed = [("any", "0.021"), ("any", "2.6"), ("any", ""), (1, "2"), (1, "0.5")]
    assert module("pages/lessonask.js", body, typed) == [0.021, None, None, 2, None]


PAD = """
const ask = { low: 0, high: 20, loops: 6, known: x.known, words: "wrong answers",
              passes: { loop: "loop", loops: "loops" } };
const made = m.curve(ask, {}, () => {});
document.body.replaceChildren(made.root);
await null;
const pad = document.querySelector("[role=slider]");
const press = (...keys) => keys.forEach((key) => pad.dispatchEvent(new KeyboardEvent("keydown", { key })));
press(...x.keys);
"""


def test_a_curve_is_drawn_with_the_keys_from_what_is_known_to_the_last_loop(module: Module) -> None:
    """Between two loops it goes straight, in whole numbers; it is no guess before its last loop is there."""
    after = "return [made.value(), pad.ariaValueText, document.querySelector('.ls-note').textContent];"
    keys = ["ArrowDown", "ArrowDown", "ArrowRight"]
    value, text, said = module("pages/lessoncurve.js", PAD + after, {"known": [18, 12], "keys": keys})
    assert (value, text, said) == (None, "loop 4: nothing drawn", "Draw from loop 4 to loop 6.")
    value, text, said = module(
        "pages/lessoncurve.js", PAD + after, {"known": [18, 12], "keys": [*keys, "End", "PageDown", "ArrowUp"]}
    )
    assert value == [18, 12, 10, 9, 7, 6]
    assert (text, said) == ("loop 6: 6", "Drawn to the last loop.")


def test_a_curve_of_which_nothing_is_known_goes_on_level_before_its_first_loop(module: Module) -> None:
    keys = ["ArrowRight", "ArrowRight", "Enter", "End", "ArrowUp"]
    made = module("pages/lessoncurve.js", PAD + "return made.value();", {"known": [], "keys": keys})
    assert made == [10, 10, 10, 10, 11, 11]
    cleared = (
        PAD
        + """press('Delete');
    return [made.value(), m.joined([1, null, 3, null], 1, 4, ask), m.joined([1, null, 2], 1, 3, { low: 1, high: 100 }),
      m.stepOf({low: 0, high: 100})];"""
    )
    wanted = [None, [1, 2, 3, None], [1, 2.475, 2], 2.5]
    assert module("pages/lessoncurve.js", cleared, {"known": [], "keys": keys}) == wanted


def test_the_link_of_the_quiz_has_the_order_that_the_server_told(module: Module) -> None:
    body = """
    const { get } = Object.getOwnPropertyDescriptor(m.TogetherBar.prototype, "quizLink");
    const together = { now: { code: "abc234", student: "secret" }, told: { quiz: "before", order: 99999 },
      page: { host: { root: new URL("http://a.test/b/") } } };
    return get.call({ together });
    """
    wanted = "http://a.test/b/quiz?class=abc234&round=before&seed=99999"
    assert module("pages/togetherbar.js", body) == wanted


def test_an_answer_that_does_not_reach_the_server_is_said_not_to_be_in(module: Module) -> None:
    body = """
    const { sendClass } = await import(new URL("/ask/classes.js", location));
    const { sendGuess } = await import(new URL("/ask/lessons.js", location));
    const { LessonColumn } = await import(new URL("/pages/lessoncolumn.js", location));
    const [known, said] = [window.fetch, []];
    window.fetch = async () => { throw new TypeError("Failed to fetch"); };
    for (const teaching of [false, true]) {
      for (const send of [sendClass, sendGuess, async () => { throw new Error("Choose one."); }]) {
        const lesson = { together: { teaching } };
        const column = { lesson, refuse: (words) => said.push(words) };
        await send({}).catch((error) => LessonColumn.prototype.refuseFor.call(column, error));
      }
    }
    window.fetch = known;
    return said;
    """
    not_in = "Your answer is not in: the server cannot be reached. It stays here; commit again in a moment."
    nothing = "The server cannot be reached, so nothing is revealed; press again once it can."
    wanted = [not_in, not_in, "Choose one.", nothing, nothing, "Choose one."]
    assert module("ask/reach.js", body) == wanted


def test_what_was_heard_of_a_step_is_taken_back_once_its_question_is_revealed(module: Module) -> None:
    body = """
    const heard = document.createElement("p");
    const step = { number: 2, ask: {}, title: "One", lesson: { steps: [1, 2] } };
    const root = document.createElement("aside");
    const page = { mark: () => {}, changed: () => {} };
    const { LessonColumn } = await import(new URL("/pages/lessoncolumn.js", location));
    const column = Object.create(LessonColumn.prototype);
    const lesson = Object.create(m.Lesson.prototype);
    page.state = { learning: { step, reveal: null } };
    const together = { bar: { answer: null } };
    Object.assign(lesson, { page, column, together, ground: { follow: () => {} }, follow: () => {} });
    Object.assign(column, { lesson, heard, root, show: () => {}, leaveQuestion: () => {}, focusReveal: () => {} });
    column.tellStep();
    const before = heard.textContent;
    lesson.uncover({ view: "/?", marks: {} });
    return [before, heard.textContent];
    """
    before, after = module("pages/lesson.js", body)
    assert before == "Step 2 of 2: One. A question is open."
    assert after == "Step 2 of 2: One."


def test_guesses_of_a_class_are_those_of_the_student_of_the_tab(module: Module) -> None:
    body = """
    const memory = () => {
      const held = new Map();
      return { getItem: (name) => held.get(name) ?? null, setItem: (name, text) => held.set(name, text),
        removeItem: (name) => held.delete(name) };
    };
    const browser = memory();
    const tabs = [memory(), memory()].map((tab) => {
      const lesson = Object.create(m.Lesson.prototype);
      const state = { learning: { lesson: "one", number: 2 } };
      const ground = { storage: (use) => use(browser) };
      return Object.assign(lesson, { page: { state }, ground, together: { on: true, source: { memory: tab } } });
    });
    const [a, b] = tabs;
    const told = () => tabs.map((lesson) => [lesson.begun(), { ...lesson.guesses() }]);
    const all = [];
    const join = (on) => tabs.forEach((lesson) => { lesson.together.on = on; });
    join(false);
    a.remember(1, "alone");
    join(true);
    a.keepBegun([1, 2]);
    all.push(told());
    a.remember(2, [1, 2]);
    b.keepBegun([7, 7]);
    all.push(told());
    join(false);
    all.push(told());
    a.remember(3, "after");
    a.remember(4, "all the browser's");
    all.push(told());
    browser.setItem("loopscope.lesson.one", "]");
    all.push(a.guesses());
    return all;
    """
    alone, both = {"1": "alone"}, {"1": "alone", "2": [1, 2]}
    shared = {**both, "3": "after", "4": "all the browser's"}
    assert module("pages/lesson.js", body) == [
        [[[1, 2], {}], [None, {}]],
        [[None, {"2": [1, 2]}], [[7, 7], {}]],
        [[None, both], [[7, 7], alone]],
        [[None, shared], [[7, 7], shared]],
        {},
    ]


def test_a_drawn_curve_stays_with_the_run_that_was_asked_about(module: Module) -> None:
    """It is gone over the curve of another board, comes back with its own, and waits while neither is known."""
    body = """
    const ground = { run: null };
    const lesson = { reveal: { marks: { curves: { run: 0, of: "changed in", guess: [1, 2] } } }, ground };
    const drawn = (run, i = 0) => {
      ground.run = run;
      return m.Lesson.prototype.drawnOf.call(lesson, i)?.guess ?? null;
    };
    return [drawn(null), drawn("one"), drawn("one", 1), drawn(null), drawn("other"), drawn(null), drawn("one")];
    """
    kept = [1, 2]
    assert module("pages/lesson.js", body) == [kept, kept, None, kept, None, None, kept]


@pytest.mark.parametrize(
    ("of", "named"), [("changed in", True), ("settled after", True), ("step of", False), (None, False)]
)
def test_a_panel_with_a_drawn_curve_says_whose_its_dots_are(module: Module, of: str | None, named: bool) -> None:
    body = """
    const words = [];
    const pen = new Proxy({}, { get: (held, name) => held[name] ?? ((...values) => {
      if (name === "fillText") words.push(values[0]);
      return { width: 6 * String(values[0]).length }; }) });
    const view = { arrays: { whole: { values: Array(8).fill(1) } }, loops: 2, blanks: 3, at: (t) => t,
      meta: { trained_loops: 2 } };
    const seen = { view, t: 0, colours: {}, font: "sans-serif", words: (text) => text, meta: {},
      drawn: x && { of: x, guess: [1, 2], whose: "your curve" } };
    m.default.draw(pen, seen, 400, 200);
    return words.includes("your curve");
    """
    assert module("panels/whole.js", body, of) is named
