"""Everything the app shows of a run, as charts by file name: what a run of any task has, and what its task adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from looped.figures.attention import draw_attention, draw_attention_matrix, draw_neighbour_attention
from looped.figures.board import draw_board, draw_candidates, draw_difference, draw_settled
from looped.figures.convergence import draw_convergence
from looped.figures.grid import draw_grid
from looped.figures.readout import draw_readout
from looped.figures.space import draw_space
from looped.figures.surface import draw_surface
from looped.figures.theme import Chart
from looped.figures.timestep import draw_channels, draw_timestep
from looped.figures.trajectory import draw_trajectory
from looped.figures.words import draw_table
from looped.lenses.readout import readout
from looped.lenses.residual import residual
from looped.lenses.timestep import strengths, symbols, vectors
from looped.lenses.trajectory import trajectory
from looped.runs.needs import LOGITS, WHOLE_ATTENTION
from looped.runs.trace import Trace
from looped.tasks import Task
from looped.tasks.protocol import Layout, Seen, layer_names

MOST_SIGNS = 10  # whose probabilities are drawn, of a vocabulary of many
FIGURES: dict[str, Callable[..., Chart]] = {
    "attention": draw_attention,
    "board": draw_board,
    "candidates": draw_candidates,
    "difference": draw_difference,
    "grid": draw_grid,
    "settled": draw_settled,
    "table": draw_table,
}
"""The figures that a task may name in its `charts`."""


@dataclass(frozen=True)
class View:
    """What the charts of a run are about."""

    trained_loops: int
    loop: int  # 1 … loops
    cell: int  # the chosen position, from 0
    head: int | None = None  # from 0; None: all heads
    dark: bool = False
    one: str = "loop"  # what a pass of the model is called: a layer of a standard transformer


def charts(
    task: Task,
    parsed: Any,
    trace: Trace,
    trained_loops: int,
    loop: int,
    cell: int,
    head: int | None = None,
    dark: bool = False,
    one: str = "loop",
) -> dict[str, Chart]:
    """Draw everything the app shows of a run after `loop` loops (1 … loops).

    `parsed` is what the task made of the input, `cell` a position from 0, `head` a head from 0; None draws all heads.
    `one` is what a pass of the model is called (`looped.model.seam.pass_terms`).
    A block of several layers gives a figure of each for attention and timestep.
    """
    view = View(trained_loops, loop, cell, head, dark, one)
    seen = look(trace, view)
    drawn: dict[str, Chart] = {}
    for chart in task.charts(parsed, seen) if seen is not None else ():
        if chart.figure not in FIGURES:
            raise ValueError(f"{task.name} asks for a figure {chart.figure!r}; there are {', '.join(FIGURES)}.")
        drawn[chart.name] = FIGURES[chart.figure](**chart.arguments)
    return drawn | draw_run(task, trace, seen, view) | draw_neighbours(task, trace, view) | draw_scales(trace, view)


def look(trace: Trace, view: View) -> Seen | None:
    """Return what the lenses say of a run after the loop of a view; None for a run whose answers are no tokens."""
    if trace.input_name != "tokens" or trace.output_kind == "numbers":
        return None
    at, read = view.loop - 1, readout(trace.logits, trace.complete)
    heads, weights = attention_drawn(trace, view)
    return Seen(
        tokens=trace.tokens,
        loop=view.loop,
        loops=trace.loops,
        place=view.cell,
        answers=read.answers[at],
        confidence=read.confidence[at],
        changed=read.changed[at],
        settled=read.settled,
        probabilities=trace.probabilities,
        attention=weights,
        heads=heads,
        dark=view.dark,
        one=view.one,
    )


def attention_drawn(trace: Trace, view: View) -> tuple[Sequence[int], np.ndarray | None]:
    """Return the heads that are drawn and their attention in the loop: (layers, heads, positions, positions).

    None where there is none from every position to every position.
    """
    if "attention" not in trace.observed or trace.neighbours is not None:
        return (), None
    heads = range(trace.attention.shape[2]) if view.head is None else [view.head]
    return heads, trace.attention[view.loop - 1][:, heads]


def left_out(trace: Trace) -> dict[str, str]:
    """Say for every figure of a run that this one does not have why not: one sentence each, by the figure's name."""
    needs = {"attention-matrix": WHOLE_ATTENTION, "readout": LOGITS}
    found = {name: need.missing(trace) for name, need in needs.items()}
    return {name: f"The figure is left out: {reason}" for name, reason in found.items() if reason is not None}


def signs_of(task: Task, layout: Layout, shown: np.ndarray) -> np.ndarray:
    """Return what is written at each position: the numbers of a board, else the signs of its tokens."""
    return shown if layout.numbered else np.array([task.sign(int(token)) for token in shown], np.str_)


def likely_tokens(task: Task, layout: Layout, seen: Seen) -> np.ndarray:
    """Return the tokens whose probabilities are drawn, ascending.

    All that can be an answer; where there are many, the answer and the others that are ever most probable.
    """
    if not task.many_tokens:
        return np.arange(1 if layout.numbered else 0, task.vocab)
    likely = seen.probabilities[:, seen.place].max(0)
    likely[seen.answers[seen.place]] = np.inf
    return np.sort(likely.argsort(kind="stable")[::-1][:MOST_SIGNS])


def draw_run(task: Task, trace: Trace, seen: Seen | None, view: View) -> dict[str, Chart]:
    """Draw trajectory and convergence, and what was observed of readout and attention."""
    loop, terms, layout, here = view.loop, task.terms, task.layout(trace.input), task.place(trace.input, view.cell)
    moved, path = residual(trace.states, trace.anew), trajectory(trace.states)
    signs = np.array([str(i + 1) for i in range(len(trace.input))])  # the numbers of the places, where there are none
    if seen is not None:
        signs = signs_of(task, layout, task.shown(trace.tokens, seen.answers))
    drawn = {
        "hidden-states": draw_trajectory(
            path.points,
            path.explained,
            loop,
            view.cell,
            signs,
            ~task.asked(trace.input),
            f"Hidden states up to {view.one} {loop}",
            view.dark,
            here,
            view.one,
        ),
        "convergence": draw_convergence(
            moved.relative,
            moved.per_position[:, view.cell],
            view.trained_loops,
            loop,
            f"Convergence; chosen {terms.place}: {here}",
            view.dark,
            terms.place,
            view.one,
        ),
    }
    if seen is None:
        return drawn
    tokens = likely_tokens(task, layout, seen)
    drawn["readout"] = draw_readout(
        trace.probabilities[:, view.cell, tokens],
        view.trained_loops,
        loop,
        f"Readout of {here}",
        view.dark,
        None if layout.numbered else [task.sign(int(token)) for token in tokens],
        view.one,
    )
    for name, which, weights in seen.layers():
        drawn["attention-matrix" + name] = draw_attention_matrix(
            weights,
            seen.heads,
            len(layout.rows[0]) if layout.numbered else len(signs),
            view.cell,
            f"Attention of all {terms.places} in {view.one} {loop}{which}",
            view.dark,
            [str(sign) for sign in signs],
            task.parts(),
        )
    return drawn


def space(
    task: Task, tokens: np.ndarray, hidden: np.ndarray, answers: np.ndarray | None, view: View, title: str = ""
) -> Any:
    """Draw the hidden states (loops + 1, positions, d_model) of a run in space: a Plotly figure, to be turned.

    `answers` (positions,) after the loop of the view; None where they are no tokens: then the numbers of the places
    are drawn.
    """
    layout, path = task.layout(tokens), trajectory(hidden, 3)
    signs = np.array([str(i + 1) for i in range(len(tokens))])
    if answers is not None:
        signs = signs_of(task, layout, task.shown(tokens, answers))
    names = [task.place(tokens, i) for i in range(len(tokens))]
    return draw_space(path.points, path.explained, view.loop, view.cell, signs, title, view.dark, names)


def surface(
    task: Task,
    inputs: np.ndarray,
    predictions: np.ndarray | None,
    truth: np.ndarray | None,
    view: View,
    error: bool = False,
) -> Any:
    """Draw a predicted function of two numbers after the loop of the view, or where it errs: a Plotly figure.

    inputs as the model reads them; predictions (loops, positions, 1); truth of the asked positions, NaN where nobody
    knows it. Raises ValueError with one sentence where inputs are no points of a plane with numbers asked over a grid.
    """
    points = task.points(inputs)
    if points is None or points.shape[1] != 2 or predictions is None or truth is None:
        raise ValueError(f"{task.name} has no function of two numbers that could be drawn as a surface.")
    asked = task.asked(inputs)
    examples = np.concatenate([points[~asked], inputs[~asked, 2:3]], 1)
    return draw_surface(points[asked], predictions[:, asked, 0], truth, examples, view.loop, error, dark=view.dark)


def draw_neighbours(task: Task, trace: Trace, view: View) -> dict[str, Chart]:
    """Draw the attention of the chosen place to its neighbours, of a model whose attention is kept by neighbour."""
    if "attention" not in trace.observed or trace.neighbours is None:
        return {}
    around = trace.neighbours[view.cell]
    heads = range(trace.attention.shape[2]) if view.head is None else [view.head]
    names = [task.place(trace.input, int(place)) for place in around if place >= 0]
    here, drawn = task.place(trace.input, view.cell), {}
    for layer, name, which in layer_names(trace.attention.shape[1]):
        weights = trace.attention[view.loop - 1, layer][list(heads), view.cell][:, around >= 0]
        title = f"Attention of {here} in {view.one} {view.loop}{which}"
        drawn["attention" + name] = draw_neighbour_attention(weights, heads, names, title, view.dark)
    return drawn


def draw_scales(trace: Trace, view: View) -> dict[str, Chart]:
    """Draw the gates and scales of a model with a timestep encoding, of others nothing."""
    scales, used = strengths(trace), vectors(trace)
    if scales is None or used is None:
        return {}
    drawn: dict[str, Chart] = {}
    names = symbols(trace)
    for layer, name, which in layer_names(scales.shape[1]):
        drawn["timestep" + name] = draw_timestep(
            scales[:, layer], view.trained_loops, view.loop, f"Timestep scales{which}", view.dark, names
        )
        drawn["timestep-channels" + name] = draw_channels(
            used[:, layer].swapaxes(0, 1), view.loop, f"Timestep scales of every channel{which}", view.dark, names
        )
    return drawn
