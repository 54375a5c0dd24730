"""A lesson on paper: questions with figures as vectors and room to write, and the answers on a page of their own.

A sheet is seen whole, so that nothing on it may answer a question of it. Three rules see to that: what a lesson is
about and what is revealed stand with the answers; so does a step that asks nothing behind one that asks; and so does a
figure that shows what a question of the sheet asks, or more of a run than an earlier question did which asks how that
run goes on.

A figure shows what the question beside it is about: where that is another input than the view's, and the step does not
speak of its view, the input before the first loop.

Figures are numbered. What has been drawn already is not drawn again: a later step of the same view names its figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import escape

from looped.export.views import BOARD, asked_input, axes, drawn_into, figure, on_screen, shown_figure
from looped.export.views import printed as on_paper
from looped.lessons import Lesson
from looped.lessons.answering import called_cells, filled, never_words, said_value, tolerance, truth_of
from looped.lessons.curves import passes
from looped.lessons.form import Question, Step, query_of
from looped.lessons.measures import Curve, Value, curve_of, parts
from looped.lessons.runs import Opened, opened, runs_in
from looped.serving.engine import Engine

PANEL = re.compile(r"\b([Tt])he panel\b")  # of the screen; on paper it is a figure
SENTENCE = re.compile(r"[^.!?]+[.!?]*")
PRESSED = re.compile(r"\b(press|click|button|drag|play)", re.IGNORECASE)  # of what is done on screen alone
LINES = 2  # to write on, below a question
ELSEWHERE = "No figure here: it would answer another question. It is on screen; that of the answer is with the answers."
OF_STATE = ("convergence", "trajectory")
OF_ANSWERS = (BOARD, "descent", "error", "flood", "readout", "whole")
# No figure tells them.
KNOWN = ("asked", "block parameters", "examples", "loops", "loops needed", "parameters", "trained loops")
SHOWN_BY = {  # measures, and the panels from which each can be read off, whatever the loop
    "rule of head": ("rules",),
    "agreement with logic": ("order",),
    "best rule": ("exits",),
    "stop of rule": ("exits",),
    "right in other clothes": ("basins",),
    "different ends": ("basins",),
    "alike and wrong": ("basins",),
    "vote is right": ("basins",),
}
OF_RUN = {  # the same, where only a figure with more loops than the question's own tells
    "comes to rest": OF_STATE,
    "rests after": OF_STATE,
    "small steps from": OF_STATE,
    "period": OF_STATE,
    "step of": OF_STATE,
    **dict.fromkeys(KNOWN, ()),
}
STYLE = """
@page { size: A4; margin: 12mm 14mm; }
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 9.4pt/1.32 Helvetica, Arial, "Liberation Sans", sans-serif; color: #1f2430; background: #fff;
  max-width: 182mm; margin: 0 auto; }
header { display: flex; justify-content: space-between; align-items: baseline; border-bottom: 1.5pt solid #0b62a4; }
h1 { font-size: 15pt; margin: 0 0 1mm; }
h2 { font-size: 10.5pt; margin: 0 0 0.8mm; }
p, ol { margin: 0 0 1mm; }
.name { color: #555; white-space: nowrap; }
section { display: grid; grid-template-columns: 1fr 88mm; gap: 0 5mm; padding: 2.4mm 0; border-bottom: 0.5pt solid #999;
  break-inside: avoid; }
section:has(.run), .plain, .again { grid-template-columns: 1fr; }
figure { margin: 0; align-self: center; }
figure svg { display: block; width: 88mm; height: auto; max-height: 56mm; }
figure:has(.run) { display: grid; grid-template-columns: 1fr 1fr; gap: 0 5mm; padding-top: 1mm; }
.gone, .see { color: #555; font-size: 8pt; margin-top: 2mm; }
.see { margin-top: 0; }
.see a { color: inherit; }
figure table { border-collapse: collapse; font-size: 8pt; margin: 0 auto; }
caption, figcaption { font-size: 8pt; color: #555; text-align: left; padding: 0.5mm 0; }
caption { font-weight: bold; color: inherit; }
.face, .key { font-size: 8pt; margin: 0 0 0.6mm; }
.face { font-weight: bold; }
.key { color: #555; margin: 0.6mm 0 0; }
figure:has(.run) figcaption { grid-column: 1 / -1; }
th, td { border: 0.5pt solid #999; padding: 0.2mm 1.6mm; text-align: left; }
.run { margin: 0; font-weight: bold; }
pre { font: 8pt/1.15 "Liberation Mono", monospace; margin: 0; max-height: 56mm; overflow: hidden; }
.line { border-bottom: 0.5pt solid #777; height: 6mm; }
li.choice { list-style: "☐  "; }
.choices { padding-left: 5mm; }
.answers { break-before: page; }
.answers > p { font-size: 8.8pt; }
footer { color: #555; font-size: 7.5pt; padding-top: 1mm; }
.print { position: fixed; top: 3mm; right: 3mm; font: inherit; }
@media print { .print { display: none; } }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body><button class="print" onclick="print()">Print</button>
<header><h1>{title}</h1><span class="name">Name ______________________</span></header>
<p>{minutes} minutes. What is pressed, played or clicked is on screen: Lessons, “{title}”.</p>
{asked}
{answers}
</body></html>
"""
ANSWERS = """<div class="answers">
<header><h1>Answers</h1><span class="name">{title}</span></header>
<p>{about}</p>
{answers}
{after}
<footer>Answers are measured by running the models of this lesson. Panels that they name are on screen.</footer>
</div>"""


@dataclass
class Printed:
    """The figures that stand on paper already, by what is drawn."""

    engine: Engine
    numbers: dict[str, int] = field(default_factory=dict)
    many: int = 0
    asked: int = 0  # how many of them stand with the questions, once the answers begin

    def shown(self, step: Step) -> tuple[str, str]:
        """Return the figure of a step, "" where it stands on paper already, and then the sentence that names it.

        A figure in which a student goes on drawing is of its step alone.
        """
        drawn, note = figure(self.engine, step), on_screen(self.engine, step)
        own = drawn_into(self.engine, step)
        if not own and drawn in self.numbers:
            return "", self.named(self.numbers[drawn], note)
        if not own:
            self.numbers[drawn] = self.many + 1
        return self.captioned(drawn, note), ""

    def captioned(self, drawn: str, note: str = "") -> str:
        """Return a figure with the next number."""
        self.many += 1
        caption = escape(f"Figure {self.many}. {note}".strip())
        return f'<figure id="figure-{self.many}">{drawn}<figcaption>{caption}</figcaption></figure>'

    def named(self, number: int, note: str) -> str:
        """Return where a figure stands that is not drawn again."""
        where = "with the questions" if number <= self.asked else "above"
        said = f'See <a href="#figure-{number}">Figure {number}</a>, {where}. {escape(note)}'
        return f'<p class="see">{said.strip()}</p>'


def handout(engine: Engine, lesson: Lesson, answers: bool = True) -> str:
    """Return a lesson as a page to print: HTML with inline SVG that needs no other file.

    `answers`: with what is true, on a page of its own behind the questions; else the questions alone. Raises ValueError
    with one sentence where a view cannot be shown or a number cannot be measured.
    """
    asked, after = parted(lesson)
    printed = Printed(engine)
    questions = "\n".join(section(printed, lesson, asked, number) for number in asked)
    printed.asked = printed.many
    return PAGE.format(
        title=escape(lesson.title),
        minutes=lesson.minutes,
        style=STYLE,
        asked=questions,
        answers=answered(printed, lesson, asked, after) if answers else "",
    )


def parted(lesson: Lesson) -> tuple[list[int], list[int]]:
    """Return the numbers of the steps on the sheet of questions, and of those that stand behind the answers.

    A step that asks nothing and comes after a question tells what has been found.
    """
    asked: list[int] = []
    after: list[int] = []
    for number, step in enumerate(lesson.steps, 1):
        found = step.question is None and any(one.question is not None for one in lesson.steps[: number - 1])
        (after if found else asked).append(number)
    return asked, after


def answered(printed: Printed, lesson: Lesson, asked: list[int], after: list[int]) -> str:
    """Return the page of the answers, with the figures that the sheet lacks and the steps that tell what was found."""
    answers = []
    for number, step in enumerate(lesson.steps, 1):
        said = answer(printed.engine, step, number)
        if curve := measured_curve(printed.engine, step):
            said = f"<section><div>{said}</div>{printed.captioned(curve)}</section>"
        elif number in asked and gives_away(printed.engine, lesson, asked, number):
            drawn, see = printed.shown(revealed(step))
            said = f"{said or f'<p><strong>{number} · {escape(step.title)}</strong></p>'}{see}"
            said = f"<section><div>{said}</div>{drawn}</section>" if drawn else said
        answers.append(said)
    return ANSWERS.format(
        title=escape(lesson.title),
        about=escape(lesson.about),
        answers="\n".join(answers),
        after="\n".join(section(printed, lesson, [], number) for number in after),
    )


def revealed(step: Step) -> Step:
    """Return a step as its answer shows it: the run of “then:”, in a panel that shows what was measured.

    Where none is known to, in the panel of the step if that view opens it, else as a board.
    """
    asks = step.question
    if asks is None:
        return step
    opens = (BOARD, *query_of(asks.then).get("panels", "").split(","))
    known = SHOWN_BY.get(parts(asks.measure)[1]) or tuple(one for one in step.point if one in opens)
    return replace(step, view=asks.then, point=known or (BOARD,), question=None)


def section(printed: Printed, lesson: Lesson, asked: list[int], number: int) -> str:
    """Return one step: its sentences and its question beside the figure of its view, or with the number of that figure.

    asked: the numbers of the steps on the same sheet, of whose questions the figure must answer none.
    """
    step, engine = lesson.steps[number - 1], printed.engine
    left_out = gives_away(engine, lesson, asked, number)
    pictured = None if left_out else asked_input(engine, step)
    drawn, see = ("", "") if pictured is None else printed.shown(pictured)
    words = "".join(f"<p>{told(text, not left_out)}</p>" for text in filled(engine, step.text, step.view))
    asks = "" if step.question is None else question(step.question, passes(engine, step.question)["loop"])
    said = f"<div><h2>{number} · {escape(step.title)}</h2>{words}{see}{asks}</div>"
    if left_out:
        return f"<section class='plain'>{said}<p class='gone'>{ELSEWHERE}</p></section>"
    return f"<section>{said}{drawn}</section>" if drawn else f"<section class='again'>{said}</section>"


def gives_away(engine: Engine, lesson: Lesson, asked: list[int], number: int) -> bool:
    """Return whether the figure of a step answers a question of the sheet on which the steps `asked` stand.

    A curve has axes alone to be drawn on, which stay.
    """
    step = lesson.steps[number - 1]
    if step.question is not None and step.question.kind == "curve":
        return False
    here, name = opened(engine, step.view), ""
    for at in asked:
        asks = lesson.steps[at - 1].question
        if asks is None:
            continue
        seen, then = opened(engine, lesson.steps[at - 1].view), opened(engine, asks.then)
        second, measure, _ = parts(asks.measure)
        run = then.names[then.which(second)]
        if here.of != then.of or run not in here.names:
            continue
        more = loops_of(here, run) > (loops_of(seen, run) if seen.of == then.of else 0)
        name = name or shown_figure(engine, step)
        known = SHOWN_BY.get(measure, ()) or (OF_RUN.get(curve_of(asks.measure) or measure, OF_ANSWERS) if more else ())
        if name in known or (more and at < number):
            return True
    return False


def loops_of(view: Opened, name: str) -> int:
    """Return how many loops of a run a view shows, 0 for one that it has not."""
    return max((loops for one, loops in zip(view.names, view.loops, strict=True) if one == name), default=0)


def told(text: str, drawn: bool = True) -> str:
    """Return a sentence of a lesson as HTML: *emphasis*, **strong** and `code`.

    drawn: a figure stands beside it, which is spoken of rather than a panel, but where a panel is to be pressed.

    >>> told("a *b* < `c` in the panel"), told("in the panel", drawn=False)
    ('a <em>b</em> &lt; <code>c</code> in the figure', 'in the panel')
    >>> told("Press *ask* in the panel. The panel tells.")
    'Press <em>ask</em> in the panel. The figure tells.'
    """
    text = escape(text, quote=False)
    if drawn:
        text = SENTENCE.sub(lambda one: one[0] if PRESSED.search(one[0]) else PANEL.sub(r"\1he figure", one[0]), text)
    for mark, tag in (("**", "strong"), ("*", "em"), ("`", "code")):
        parts = text.split(mark)
        if len(parts) % 2:
            text = "".join(part if i % 2 == 0 else f"<{tag}>{part}</{tag}>" for i, part in enumerate(parts))
    return text


def question(asks: Question, one: str) -> str:
    """Return what a student answers by hand: boxes to tick, or lines to write on.

    `one` is what a pass of the model is called.
    """
    lines = '<div class="line"></div>'
    if asks.kind == "choice":
        options = "".join(f'<li class="choice">{told(option.text)}</li>' for option in asks.options)
        return f'<ul class="choices">{options}</ul><p>Why?</p>{lines}'
    near = f"; {tolerance(asks, one)}" if asks.near else ""
    bounds = f" ({asks.low} to {asks.high}{near})" if asks.high else ""
    if asks.kind == "curve":
        return f"<p>Draw it into the figure{near}. Why?</p>{lines}"
    what = {"loop": one.capitalize(), "number": "Number", "cells": "Which ones"}
    without = f'<ul class="choices"><li class="choice">{never_words(asks, f"{one}s")}</li></ul>'
    never = without if asks.kind == "loop" else ""
    return f"<p>{what[asks.kind]}{bounds}:</p>{lines * (LINES - bool(never))}{never}"


def answer(engine: Engine, step: Step, number: int) -> str:
    """Return what is true of a step's question, and what the lesson says of it."""
    asks = step.question
    if asks is None:
        return ""
    runs = runs_in(engine, asks.then)
    truth = truth_of(asks, runs)
    said = " ".join(told(text, drawn=False) for text in filled(engine, asks.after, asks.then, runs))
    title = escape(step.title)
    words = "" if isinstance(truth, Curve) else f" <em>{escape(true_words(engine, asks, truth))}</em>"  # it is drawn
    return f"<p><strong>{number} · {title}</strong>{words} {said}</p>"


def measured_curve(engine: Engine, step: Step) -> str:
    """Return the curve that a step asks for as it was measured, "" where it asks for none."""
    asks = step.question
    truth = truth_of(asks, runs_in(engine, asks.then)) if asks is not None and asks.kind == "curve" else None
    return on_paper(axes(engine, step, asks, truth)) if asks is not None and isinstance(truth, Curve) else ""


def true_words(engine: Engine, asks: Question, truth: Value) -> str:
    """Write the truth of a question: the option, the number, the loop or the places."""
    if isinstance(truth, tuple):
        return f"{called_cells(runs_in(engine, asks.then), truth)}."
    if asks.kind == "choice" and isinstance(truth, float):
        return asks.options[int(truth)].text
    return f"{said_value(asks, truth, passes(engine, asks))}."
