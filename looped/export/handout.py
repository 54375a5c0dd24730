"""A lesson on paper: one HTML page that prints as two, with figures as vectors, questions and room to write.

What a student may not see before a guess stands on the last page alone: the answers, as they are measured now.
"""

from __future__ import annotations

import re
from html import escape

from looped.export.views import figure
from looped.lessons import Lesson
from looped.lessons.answering import called_cells, filled, number_words, tolerance, truth_of
from looped.lessons.form import Question, Step
from looped.lessons.measures import Value
from looped.lessons.runs import runs_in
from looped.serving.engine import Engine

PANEL = re.compile(r"\b([Tt])he panel\b")  # of the screen; on paper it is a figure
LINES = 2  # to write on, below a question
MOST_LARGE = 6  # steps with figures of full size
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
section { display: grid; grid-template-columns: 1fr 78mm; gap: 0 5mm; padding: 2.4mm 0; border-bottom: 0.5pt solid #999;
  break-inside: avoid; }
figure { margin: 0; align-self: center; }
figure svg { display: block; width: 78mm; height: auto; max-height: 52mm; }
figure svg:not(:only-child) { max-height: 30mm; }
pre { font: 8pt/1.15 "Liberation Mono", monospace; margin: 0; max-height: 52mm; overflow: hidden; }
.line { border-bottom: 0.5pt solid #777; height: 6mm; }
li.choice { list-style: "☐  "; }
.choices { padding-left: 5mm; }
.turn { break-before: page; }
.many figure svg, .many pre { max-height: 36mm; }
.many figure svg:not(:only-child) { max-height: 19mm; }
.answers { break-inside: avoid; font-size: 8.2pt; line-height: 1.25; padding-top: 2mm; }
.answers h2 { border-top: 1.5pt solid #0b62a4; padding-top: 1mm; }
footer { color: #555; font-size: 7.5pt; padding-top: 1mm; }
.print { position: fixed; top: 3mm; right: 3mm; font: inherit; }
@media print { .print { display: none; } }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body{many}><button class="print" onclick="print()">Print</button>
<header><h1>{title}</h1><span class="name">Name ______________________</span></header>
<p>{about} {minutes} minutes.</p>
{first}
<div class="turn">{second}</div>
<div class="answers"><h2>Answers</h2>{answers}
<footer>Answers are measured by running the models of this lesson. Open it at: Lessons, “{title}”.</footer></div>
</body></html>
"""


def handout(engine: Engine, lesson: Lesson) -> str:
    """Return a lesson as a page to print: HTML with inline SVG that needs no other file.

    Raises ValueError with one sentence where a view cannot be shown or a number cannot be measured.
    """
    half = -(-len(lesson.steps) // 2)  # the second half and the answers stand on the second page
    steps = [section(engine, step, number) for number, step in enumerate(lesson.steps, 1)]
    answers = [answer(engine, step, number) for number, step in enumerate(lesson.steps, 1) if step.question is not None]
    return PAGE.format(
        title=escape(lesson.title),
        about=escape(lesson.about),
        minutes=lesson.minutes,
        style=STYLE,
        many=" class='many'" if len(lesson.steps) > MOST_LARGE else "",
        first="\n".join(steps[:half]),
        second="\n".join(steps[half:]),
        answers="".join(answers),
    )


def section(engine: Engine, step: Step, number: int) -> str:
    """Return one step: its sentences and its question beside the figure of its view."""
    words = "".join(f"<p>{told(text)}</p>" for text in filled(engine, step.text, step.view))
    asks = "" if step.question is None else question(step.question)
    return (
        f"<section><div><h2>{number} · {escape(step.title)}</h2>{words}{asks}</div>"
        f"<figure>{figure(engine, step)}</figure></section>"
    )


def told(text: str) -> str:
    """Return a sentence of a lesson as HTML: *emphasis*, **strong** and `code`, and of a figure rather than a panel.

    >>> told("a *b* < `c` in the panel")
    'a <em>b</em> &lt; <code>c</code> in the figure'
    """
    text = PANEL.sub(r"\1he figure", escape(text, quote=False))
    for mark, tag in (("**", "strong"), ("*", "em"), ("`", "code")):
        parts = text.split(mark)
        if len(parts) % 2:
            text = "".join(part if i % 2 == 0 else f"<{tag}>{part}</{tag}>" for i, part in enumerate(parts))
    return text


def question(asks: Question) -> str:
    """Return what a student answers by hand: boxes to tick, or lines to write on."""
    lines = '<div class="line"></div>'
    if asks.kind == "choice":
        options = "".join(f'<li class="choice">{told(option.text)}</li>' for option in asks.options)
        return f'<ul class="choices">{options}</ul><p>Why?</p>{lines}'
    near = f"; {tolerance(asks)}" if asks.near else ""
    bounds = f" ({asks.low} to {asks.high}{near})" if asks.high else ""
    if asks.kind == "curve":
        return f"<p>Draw it into the figure{near}. Why?</p>{lines}"
    what = {"loop": "Loop", "number": "Number", "cells": "Which ones"}
    return f"<p>{what[asks.kind]}{bounds}:</p>{lines * LINES}"


def answer(engine: Engine, step: Step, number: int) -> str:
    """Return what is true of a step's question, and what the lesson says of it."""
    asks = step.question
    if asks is None:
        return ""
    runs = runs_in(engine, asks.then)
    truth = truth_of(asks, runs)
    said = " ".join(told(text) for text in filled(engine, asks.after, asks.then, runs))
    title, words = escape(step.title), escape(true_words(engine, asks, truth))
    return f"<p><strong>{number} · {title}</strong> <em>{words}</em> {said}</p>"


def true_words(engine: Engine, asks: Question, truth: Value) -> str:
    """Write the truth of a question: the option, the number, the loop or the places."""
    if isinstance(truth, tuple):
        return f"{called_cells(runs_in(engine, asks.then), truth)}."
    if asks.kind == "choice" and isinstance(truth, float):
        return asks.options[int(truth)].text
    before = "loop " if asks.kind == "loop" and truth is not None else ""
    return f"{before}{number_words(truth)}."
