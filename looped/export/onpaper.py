"""Panels on paper that have no chart in an export: a figure or a table of the numbers that the panel shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

import numpy as np

from looped.figures.lines import draw_lines
from looped.figures.shares import draw_shares
from looped.figures.theme import Chart
from looped.lessons.machines import Machine
from looped.lessons.measures import Run

MOST_ENDS = 10  # different answers that a table lists, as the panel does


def tabled(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of HTML with its caption.

    >>> tabled("Two", ["a"], [["<1"]])
    '<table><caption>Two</caption><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;1</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


# ── a model with a board: each of a run and the loop of the view, from 1 ──────────────────────────────────────────────


def rules(run: Run, loop: int) -> Chart:
    """Draw which share of each head's attention follows each rule in a loop; of several layers the first."""
    mass, even, at = run.array("rules"), run.array("rules_even"), run.at(loop)
    layers = ", first layer" if mass.shape[2] > 1 else ""
    return draw_shares(
        mass[:, at, 0],
        even[:, at],
        run.packed["meta"]["rules"],
        f"Attention by rule in {run.one} {loop}{layers}",
        "bars: share of a head’s attention; lines: if it were spread evenly",
    )


def whole(run: Run, loop: int) -> Chart:
    """Draw how many answers have settled and how many each loop changes."""
    *_, changed, settled = run.array("whole")
    loops = np.arange(1, run.loops + 1)
    lines = {"settled": (loops, settled), "changed": (loops, changed)}
    many = int(run.array("asked").sum())
    return draw_lines(
        lines, run.one, run.task.terms.asked_many, "Settled and changed", f"of {many}, after every {run.one}"
    )


def order(run: Run, loop: int) -> str:
    """Tell for each round of logic how many cells it places, and after which loops the model's answers settled."""
    rounds, settled = run.array("order"), run.array("settled")
    asked, moving = run.array("asked").astype(bool), run.array("unsettled").astype(bool)
    rows = []
    for number in [*sorted(set(rounds[asked & (rounds > 0)].tolist())), -1]:
        here = asked & (rounds == number)
        if not here.any():
            continue
        still = settled[here & ~moving]
        span = f"{still.min()} to {still.max()}, mean {still.mean():.1f}" if len(still) else "–"
        rows.append(["not reached" if number < 0 else number, int(here.sum()), span, int((here & moving).sum())])
    what = run.task.terms.asked_many
    caption = "Model and logic: when each round of logic is settled in the model"
    return tabled(caption, ["round of logic", what, f"settled after {run.one}", "not settled"], rows)


def exits(run: Run, loop: int) -> str:
    """Tell for each exit rule where it would stop the run, and whether the answer is right there."""
    judged = run.facts["judged"] and "predictions" not in run.packed["arrays"]
    rows = []
    for number, rule in enumerate(run.packed["meta"]["halting"], 1):
        stop = rule["exit"] if rule["stopped"] else "never"
        rows.append([number, rule["name"], stop, "" if not rule["stopped"] else "✓" if rule.get("right") else "✗"])
    columns = ["", "rule", f"stops after {run.one}", "right"]
    cut = len(columns) - (not judged)
    return tabled("Halting: where exit rules would stop this run", columns[:cut], [row[:cut] for row in rows])


def flood(run: Run, loop: int) -> Chart:
    """Draw after which loop the cells at each distance settled, in the mean, beside one step a loop."""
    mean = run.array("arrivals")[:, 1].astype(float)
    known = np.flatnonzero(np.isfinite(mean))
    lines = {"mean of a distance": (known, mean[known]), f"one step a {run.one}": (known, known.astype(float))}
    title, below = f"{run.several.capitalize()} against distance", f"cells right after {run.loops} {run.several}"
    return draw_lines(lines, "steps from the source", f"settled after {run.one}", title, below)


def has_lines(name: str, run: Run) -> bool:
    """Return whether a panel of a run has something to draw: of the flood no line where no two distances settled."""
    return name != "flood" or int(np.isfinite(run.array("arrivals")[:, 1].astype(float)).sum()) > 1


def entries(run: Run, loop: int) -> str:
    """Write the table of dynamic programming of two words."""
    numbers = run.array("table")
    first, second = run.facts["words"]
    rows = [[sign, *line.tolist()] for sign, line in zip(["", *first], numbers, strict=True)]
    return tabled("The true table, which nobody showed the model", ["", "", *second], rows)


def wavefront(run: Run, loop: int) -> Chart:
    """Draw how often probes read the table rightly after every loop. Takes seconds where they are not fitted yet."""
    found = run.ask("wavefront")["arrays"]
    states = np.arange(len(found["accuracy"]))
    lines = {"numbers of the table": (states, found["accuracy"]), "control task": (states, found["control"])}
    title = "What probes read"
    return draw_lines(lines, run.one, "share read rightly", title, "on pairs of words that they have not seen")


def basins(run: Run, loop: int) -> str:
    """Tell in which answers runs of the same input end, written in other ways. Takes seconds where it is not known."""
    found = run.ask("turns")
    arrays, meta = found["arrays"], found["meta"]
    ends = list(zip(arrays["sizes"].tolist(), arrays["ends_right"].tolist(), strict=True))
    rows = [[number, "✓" if right else "✗", size] for number, (size, right) in enumerate(ends[:MOST_ENDS], 1)]
    left = f", the first {MOST_ENDS}" if len(ends) > MOST_ENDS else ""
    caption = f"Basins: {len(ends)} answers of {meta['runs']} runs{left}"
    return tabled(caption, ["answer", "right", "runs that end in it"], rows)


PANELS: dict[str, Callable[[Run, int], Chart | str]] = {
    "basins": basins,
    "exits": exits,
    "flood": flood,
    "order": order,
    "rules": rules,
    "table": entries,
    "wavefront": wavefront,
    "whole": whole,
}
"""Panels by their names in links: a chart, or a table as HTML."""


# ── the machine of the page Theory ────────────────────────────────────────────────────────────────────────────────────


def context(run: Machine) -> str:
    """Tell of every token the number of its cell and its contextual ID at the end."""
    arrays, (quantise, *_) = run.shown.arrays, run.shown.meta["stages"]
    rows = [
        [f"token {n + 1}: {x:.2f}", f"{arrays['z'][quantise, n]:g}", f"{arrays['ids'][n]:g}"]
        for n, x in enumerate(arrays["x"])
    ]
    return tabled("Context: what every token has after the second stage", ["", "cell", "contextual ID"], rows)


def counts(run: Machine) -> str:
    """Tell what the theorem asks for, as the paper counts it and as this machine has it, in the panel's words."""
    meta = run.shown.meta
    paper, loops = meta["capacity"], f"{meta['loops']:,}"
    built = [meta["counted"][weights] for weights in ("modulated", "tied")]

    def row(what: str, counted: str, own: str) -> list[str]:
        return [what, counted, *(f"{one[own]:,}" for one in built)]

    rows = [
        ["loops", f"{paper['loops']:,}; {paper['stated']:,} stated", loops, loops],
        row("channels of a token", f"{paper['embedding']:,}", "channels"),
        row("units of the feed-forward layer", f"{paper['hidden']:,}", "units"),
        row("parameters", f"{paper['parameters']:,}", "parameters"),
        row("bits that hold f", f"of order {paper['ids']:,}", "bits"),
    ]
    caption = f"Counts for {meta['cells']} cells and {meta['tokens']} tokens"
    return tabled(caption, ["", "as the paper counts", "here, modulated", "here, tied"], rows)
