"""The figure of a lesson's view on paper: of a board and its model, of a prompt, of the machine of the page Theory."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np

from looped.export.charts import FIGURES as DRAWN
from looped.export.charts import View, charts, look
from looped.export.onpaper import PANELS, context, counts, has_lines
from looped.figures.lines import draw_lines
from looped.figures.prompt import draw_prediction
from looped.figures.saving import to_svg
from looped.figures.theme import Chart
from looped.lenses.readout import readout
from looped.lenses.residual import residual
from looped.lessons.curves import asked_curve, passes
from looped.lessons.form import Question, Step, query_of
from looped.lessons.machines import Machine
from looped.lessons.measures import AnyRun, Curve, Run
from looped.lessons.panels import Panel, panels_of, titled
from looped.lessons.runs import opened, runs_in, shown_in
from looped.runs.trace import Trace
from looped.serving.engine import Engine
from looped.serving.request import label, names_of, runs_of
from looped.tasks import Task
from looped.tasks.charting import Seen

FIGURES = {
    "attention": "attention",
    "convergence": "convergence",
    "readout": "readout",
    "timestep": "timestep",
    "trajectory": "hidden-states",
}
"""Panels of models with a board, and the chart of each in an export; the others are in `PANELS`."""


BOARD = "board"
OF_BOARD = (BOARD, *FIGURES, *PANELS)
OF_PROMPT = (BOARD, "error", "descent")
OF_MACHINE = ("tokens", "elevator", "counts", "context")
OF_INPUTS = ("board", "grid")  # figures of `looped.export.charts` that show an input as they show an answer
LARGER = 1.5  # letters on paper, where a figure is half as large as on a page of its own
WIDE, HIGH = 88, 56  # millimetres that a figure has on paper, at most
LEAST = 6.2  # points of the smallest letters there
POINTS = 72 / 25.4  # in a millimetre
LETTERS = re.compile(r'font-size="([0-9.]+)px"')
SIZE = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"')
ROOM = 2  # powers of ten below what is shown, in which a line can be continued


def printed(chart: Chart) -> str:
    """Return a chart as SVG with letters that are read beside a text of a handout."""
    for part, names in SIZES.items():
        for name in names:
            chart.config[part][name] = round(LARGER * chart.config[part][name])
    return readable(to_svg(chart))


def readable(svg: str) -> str:
    """Return a figure whose letters have at least LEAST points where it is as large as paper has room for.

    >>> readable('<svg viewBox="0 0 880 300"><text font-size="11px">loop 8</text></svg>')
    '<svg viewBox="0 0 880 300"><text font-size="21.9px">loop 8</text></svg>'
    """
    found = SIZE.search(svg)
    if found is None:
        return svg
    wide, high = map(float, found.groups())
    least = LEAST / POINTS * max(wide / WIDE, high / HIGH)
    return LETTERS.sub(lambda size: f'font-size="{max(float(size[1]), least):.3g}px"', svg)


SIZES = {
    "axis": ("labelFontSize", "titleFontSize"),
    "legend": ("labelFontSize", "titleFontSize"),
    "title": ("fontSize", "subtitleFontSize"),
}


def figure(engine: Engine, step: Step) -> str:
    """Return the figure of a step's view, one for each run: SVG or a table; its input where no loop has run.

    Where a curve is asked for, its axes, with what the view shows of it.
    """
    if step.question is not None and step.question.kind == "curve":
        return printed(axes(engine, step, step.question))
    runs = runs_in(engine, step.view)
    name = shown_figure(engine, step)
    if isinstance(runs[0], Machine):
        return of_machine(runs[0], name)
    if "predictions" in runs[0].packed["arrays"]:
        shown = shown_in(engine, step.view)
        names = names_of(runs[0].task, shown.input)
        made = [of_prompt(run, loop_of(step, run), name) for run in models(runs)]
        return named(made, [label(one, names) for one in (shown.checkpoint, shown.versus) if one])
    return of_board(engine, step, models(runs), name)


def asked_input(engine: Engine, step: Step) -> Step | None:
    """Return a step for a figure of what its question is about; None where none can be drawn that tells no more.

    That is the step itself, but where the question is about another input and the step does not speak of its view:
    then what is asked about, before the first loop.
    """
    asks = step.question
    if asks is None or step.point or opened(engine, step.view).of == opened(engine, asks.then).of:
        return step
    run = runs_in(engine, asks.then)[0]
    if isinstance(run, Machine) or "predictions" in run.packed["arrays"]:
        return None
    path, _, query = asks.then.partition("?")
    kept = "&".join(part for part in query.split("&") if not part.startswith(("loop=", "panels=")))
    return replace(step, view=f"{path}?{kept}&loop=0", question=None)


def on_screen(engine: Engine, step: Step) -> str:
    """Say what a figure on paper has not of its view: where it is of a later loop, a panel that a step points at.

    "" where it has all. Of a curve that is asked for there are axes.
    """
    if step.question is not None and step.question.kind == "curve":
        return ""
    return " ".join(said for said in (ended(engine, step), elsewhere(engine, step)) if said)


def ended(engine: Engine, step: Step) -> str:
    """Say of a view that stands before the first loop, where nothing is predicted, that its figure is of the last."""
    run = runs_in(engine, step.view)[0]
    if isinstance(run, Machine) or "predictions" not in run.packed["arrays"]:
        return ""
    if shown_figure(engine, step) != BOARD or query_of(step.view).get("loop", "0") != "0":
        return ""
    return f"On screen it begins before {run.one} 1, where nothing is predicted; this is how it ends."


def elsewhere(engine: Engine, step: Step) -> str:
    """Say of a panel that a step points at that it is on screen; "" where it has a figure on paper."""
    known = panels_of(opened(engine, step.view).page)
    panels = [one for one in step.point if one in known]
    if not panels or shown_figure(engine, step) in panels:
        return ""
    return f"The panel “{titled(known[panels[0]])}” is on screen."


def drawn_into(engine: Engine, step: Step) -> bool:
    """Return whether a student goes on drawing in the figure of a step, so that it can be of no other step."""
    asks = step.question
    if asks is None or asks.kind not in ("curve", "loop"):
        return False
    return asks.kind == "curve" or shown_figure(engine, step) == "convergence"


def shown_figure(engine: Engine, step: Step) -> str:
    """Return what the figure of a step shows: “board”, or a panel by its name in links."""
    runs = runs_in(engine, step.view)
    if isinstance(runs[0], Machine):
        return chosen(step, OF_MACHINE)
    arrays = runs[0].packed["arrays"]
    if "predictions" in arrays:
        return chosen(step, OF_PROMPT)
    known = panels_of(opened(engine, step.view).page)
    drawn = [name for name in OF_BOARD if name == BOARD or has(known.get(name), arrays)]
    return chosen(step, tuple(name for name in drawn if all(has_lines(name, run) for run in models(runs))))


def has(panel: Panel | None, arrays: Container[str]) -> bool:
    """Return whether a page has a panel and a run what it draws."""
    return panel is not None and panel.needs in arrays


def named(figures: list[str], names: list[str]) -> str:
    """Return the figures of a view: one as it is, two with the letter and the name of the run of each.

    >>> named(["<svg/>"], ["sudoku6-looped"])
    '<svg/>'
    >>> named(["<svg/>", "<svg/>"], ["sudoku6-looped", "sudoku6-tmlt"])[:54]
    '<div><p class="run">A · sudoku6-looped</p><svg/></div>'
    """
    if len(figures) == 1:
        return figures[0]
    both = zip("AB", names, figures, strict=True)
    return "".join(f'<div><p class="run">{letter} · {escape(name)}</p>{one}</div>' for letter, name, one in both)


def chosen(step: Step, known: tuple[str, ...]) -> str:
    """Return which of the known figures shows a step: what it points at, else a panel of its view, else the first.

    A step that points at a panel beside the board is about what the panel shows.
    """
    panels = query_of(step.view).get("panels", "").split(",")
    pointed = sorted(step.point, key=BOARD.__eq__)
    return next((name for name in (*pointed, *panels) if name in known), known[0])


def axes(engine: Engine, step: Step, asks: Question, truth: Curve | None = None) -> Chart:
    """Draw the axes on which a curve is drawn by hand, with its beginning where the view shows one.

    With `truth` the curve as it was measured stands in them.
    """
    found, one = asked_curve(engine, step, asks), passes(engine, asks)["loop"]
    values = found["known"] if truth is None else truth.values
    known = np.array([np.nan if value is None else value for value in values], float)
    span = ((1.0, float(found["loops"])), (float(asks.low), float(asks.high)))
    title, below = f"Draw from {one} {len(known) + 1} to {one} {found['loops']}", "begin where the line ends"
    if truth is not None:
        title, below = f"As it was measured, {one} 1 to {one} {found['loops']}", ""
    line = {"so far" if truth is None else "measured": (np.arange(1, len(known) + 1), known)}
    chart = draw_lines(line, one, found["words"], title, below if len(known) else "", span=span)
    return chart if truth is None and len(known) else keyless(chart)


def keyless(chart: Chart) -> Chart:
    """Return axes without the key of lines, for there are none; so is the chart that is given."""
    for channel in (chart.layer[0].encoding.color, chart.layer[0].encoding.strokeDash):
        channel.legend = None
    return chart


def models(runs: list[AnyRun]) -> list[Run]:
    """Return the runs that are of models."""
    return [run for run in runs if isinstance(run, Run)]


def loop_of(step: Step, run: Run) -> int:
    """Return the loop of a view, at least 1; the last where its clock is before the first."""
    return min(int(query_of(step.view).get("loop", "0")), run.loops) or run.loops


def of_board(engine: Engine, step: Step, runs: list[Run], name: str) -> str:
    """Draw a model with a board: the board, as text where its task has no chart of it, or a panel."""
    query, shown = query_of(step.view), shown_in(engine, step.view)
    loop = int(query.get("loop", "0"))
    views = runs_of(engine, shown)
    task, tokens = views[0].checkpoint.task, views[0].tokens
    if loop == 0 and name == BOARD:
        return before(task, shown.input, engine.trace(views[0].name, tokens, views[0].loops), runs[0].one)
    cell = int(query.get("cell", task.first_place(tokens)))
    asks = step.question
    found = []
    for one, run in zip(views, runs, strict=True):
        trace = engine.trace(one.name, one.tokens, one.loops)
        view = View(one.checkpoint.model.trained_loops, max(1, min(loop, one.loops)), cell, one=run.one)
        if name == BOARD:
            found.append(board(task, shown.input, trace, view))
        elif name in PANELS:
            made = PANELS[name](run, view.loop)
            found.append(made if isinstance(made, str) else printed(made))
        elif name == "convergence" and asks is not None and asks.kind == "loop":
            found.append(printed(room(residual(trace.states, trace.anew).relative, asks, run.one)))
        else:
            drawn = charts(task, shown.input, trace, view.trained_loops, view.loop, cell, one=run.one)
            found.append(printed(drawn.get(FIGURES[name], next(iter(drawn.values())))))
    return named(found, [label(one.name, names_of(task, shown.input)) for one in views])


def board(task: Task, parsed: Any, trace: Trace, view: View) -> str:
    """Draw the board after a loop, without a chosen cell; as text where the task draws none."""
    seen = look(trace, view)
    for chart in task.charts(parsed, seen) if seen is not None else ():
        unmarked = {"cell": None} if "cell" in chart.arguments else {}
        return printed(DRAWN[chart.figure](**{**chart.arguments, **unmarked}))
    answers = readout(trace.logits).answers[view.loop - 1]
    caption = f"After {view.one} {view.loop} of {trace.loops}"
    return text(task.decode(trace.tokens, answers), caption, key(task, trace.tokens, answers))


def before(task: Task, parsed: Any, trace: Trace, one: str) -> str:
    """Draw an input before the first loop; as text where its task draws none.

    `one` is what a pass of the model is called.
    """
    caption, tokens = f"The {task.terms.face} before the first {one}", trace.tokens
    seen = look(trace, View(trace.loops, 1, task.first_place(tokens), one=one))
    for chart in task.charts(parsed, unanswered(seen)) if seen is not None else ():
        if chart.figure in OF_INPUTS:
            nothing = {name: None for name in ("cell", "confidence", "share") if name in chart.arguments}
            return printed(DRAWN[chart.figure](**{**chart.arguments, **nothing, "title": caption}))
    return text(task.decode(tokens, tokens), caption, key(task, tokens, tokens))


def unanswered(seen: Seen) -> Seen:
    """Return what is seen of an input before the first loop: its tokens as they are, and nothing that changed."""
    return replace(seen, answers=seen.tokens, changed=np.zeros_like(seen.changed))


def key(task: Task, tokens: np.ndarray, answers: np.ndarray) -> str:
    """Say what signs of an answer stand for that do not say it themselves: "_: blank"."""
    layout, there = task.layout(tokens), set(np.asarray(task.shown(tokens, answers)).tolist())
    known = enumerate(zip(layout.signs, layout.meanings, strict=False))
    return " · ".join(f"{sign}: {meaning}" for token, (sign, meaning) in known if token in there)


def room(relative: np.ndarray, asks: Question, one: str) -> Chart:
    """Draw how far each loop moved the state, relative (loops,), and room to go on to the last loop of the question.

    `one` is what a pass of the model is called.
    """
    shown = relative[np.isfinite(relative) & (relative > 0)]
    low, high = (float(np.floor(np.log10(shown.min()))) - ROOM, float(np.ceil(np.log10(shown.max()))))
    lines = {"so far": (np.arange(1, len(relative) + 1), relative)}
    span = ((1.0, float(asks.high)), (10**low, 10**high))
    title, below = "Convergence", f"how far each {one} moved the state; go on where the line ends"
    return draw_lines(lines, one, "step of the whole state (residual)", title, below, log=True, span=span)


def text(words: str, caption: str, signs: str = "") -> str:
    """Return what stands as it is written, below its caption, and below it what its signs stand for.

    >>> text("3 5 → 8: ___", "After loop 1 of 2", "_: blank")
    '<p class="face">After loop 1 of 2</p><pre>3 5 → 8: ___</pre><p class="key">_: blank</p>'
    """
    below = f'<p class="key">{escape(signs)}</p>' if signs else ""
    return f'<p class="face">{escape(caption)}</p><pre>{escape(words)}</pre>{below}'


def of_prompt(run: Run, loop: int, panel: str) -> str:
    """Draw examples and prediction, or the error or the nearest step of gradient descent by loop."""
    loops = np.arange(1, run.loops + 1)
    if panel == "error":
        error = {"the model": (loops, 100 * run.array("error"))}
        return printed(
            draw_lines(
                error,
                run.one,
                "error, % of the variance of y",
                f"Error by {run.one}",
                "of its predictions at the queries",
                log=True,
            )
        )
    if panel == "descent":
        names = ("gradient descent", "momentum", "Newton's method")
        lines = {name: (loops, steps) for name, steps in zip(names, run.array("descent_nearest"), strict=True)}
        title = f"Which step a {run.one} is nearest to"
        return printed(draw_lines(lines, run.one, "nearest step", title, "in the space of predictions"))
    return printed(prediction(run, loop))


def prediction(run: Run, loop: int) -> Chart:
    """Draw what is predicted after a loop: of one dimension as a curve, of more beside what is true."""
    asked, vectors = run.array("asked").astype(bool), run.array("vectors")
    said, title = run.array("predictions")[loop - 1, asked, 0], f"Prediction after {run.one} {loop} of {run.loops}"
    truth = run.array("truth")
    if vectors.shape[1] == 3:  # x, y, and whether y is given
        shown = vectors[~asked]
        return draw_prediction(vectors[asked, 0], said, truth, (shown[:, 0], shown[:, 1]), title)
    if not np.isfinite(truth).any():  # of points that somebody typed
        queries = np.arange(1, len(said) + 1)
        return draw_lines({"prediction": (queries, said)}, "query", "predicted", title, "nobody knows what is true")
    ends = np.array([min(truth.min(), said.min()), max(truth.max(), said.max())])
    return draw_lines({"right": (ends, ends)}, "true", "predicted", title, "dots: the queries", (truth, said))


def of_machine(run: Machine, name: str) -> str:
    """Draw the values on their way along the table, or how tokens find their cells; as text, what it asks for."""
    arrays, meta = run.shown.arrays, run.shown.meta
    tokens = range(meta["tokens"])
    if name == "elevator":
        ids = np.arange(len(arrays["table"]))
        lines = {"modulated": (ids, arrays["table"]), "tied": (ids, arrays["walk"])}
        title = f"The table, and how far {run.loops:,} loops come to it"
        return printed(draw_lines(lines, "ID", "value", title, "tied: steps of one size, up or down"))
    if name == "context":
        return context(run)
    if name == "counts":
        return counts(run)
    loops = np.arange(meta["stages"][0] + 1)
    climbed = {f"token {n + 1}: {arrays['x'][n]:.2f}": (loops, arrays["z"][: len(loops), n]) for n in tokens}
    return printed(
        draw_lines(
            climbed,
            "loop",
            "number of its cell",
            f"Quantise: {meta['cells']} cells",
            "each loop moves the threshold on",
        )
    )
