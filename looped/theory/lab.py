"""Everything that the page Theory shows, for one setting: the machine on one input, moduli, errors, counts.

A `Lab` is what a link holds; `show` computes its numbers. In a notebook:

>>> found = show(Lab(cells=4))
>>> found.meta["loops"], round(found.meta["jump"], 3), found.arrays["modulated"].shape
(132, 0.536, (133, 2))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from looped.theory.capacity import capacity, counted
from looped.theory.machine import CHANNELS, FINE, WEIGHTS, Machine, Settings
from looped.theory.measured import FIRST, retrained, tasks, trained
from looped.theory.measures import Swept, sweep
from looped.theory.moduli import KINDS, Effort, Found, curve
from looped.theory.tables import Filling, Sizes, contextual_ids, largest_jump, make_table, same_ids, token_ids, walk
from looped.theory.targets import PRESETS, Curve, Target, drawn_like, read_curve

MOST_IDS = 2_100
"""IDs of the largest machine that a page runs: 10 cells of two tokens, 5 of three."""
SWEPT = (2, 3, 4, 6, 8, 12, 16, 24, 32)
MOST_SWEPT = 66_000  # IDs of the largest table of a sweep
KNOTS = 17  # values of a curve that is drawn
SAMPLES = 129  # points of a curve on screen
EFFORT = Effort(starts=32, steps=40)
SEQUENCE = (0.0, 0.4, 0.5, 0.1, -0.3, -0.2, 0.6, 0.7, 0.3, 0.2, -0.5, -0.6, -0.1, 0.0, 0.5, 0.4)

SCRIPT = """\
import numpy as np

from looped.theory.lab import read, show

found = show(read({query}))
np.savez("numbers.npz", **found.arrays)
print(found.meta)
"""


@dataclass(frozen=True)
class Lab:
    """A setting. Raises ValueError with one sentence for one that cannot be run on a page."""

    token: Curve = Target().token
    context: Curve = Target().context
    cells: int = 8  # D = 1/δ
    x: tuple[float, ...] = (0.70, 0.20)  # one number in [0, 1) for each token
    filling: Filling = "walk back"
    slope: float = FINE  # M
    beta: float = math.inf
    values: tuple[float, ...] = SEQUENCE  # of the lemma alone
    task: str = FIRST  # whose trained models are shown

    def __post_init__(self) -> None:
        if len(self.x) not in (2, 3):
            raise ValueError(f"an input has {len(self.x)} tokens; the page runs two or three.")
        if not all(0 <= x < 1 for x in self.x):
            raise ValueError("a token is a number from 0 to below 1.")
        if not 2 <= len(self.values) <= 64 or not all(math.isfinite(y) and abs(y) <= 1_000 for y in self.values):
            raise ValueError("the sequence of the lemma has from 2 to 64 numbers from -1000 to 1000.")
        if self.cells > most_cells(len(self.x)):
            raise ValueError(
                f"{self.cells} cells of {len(self.x)} tokens take too many loops for a page: "
                f"take at most {most_cells(len(self.x))} cells."
            )
        self.sizes  # noqa: B018  raises where δ or the filling cannot be
        if self.task not in tasks():
            raise ValueError(f"the moduli of {self.task[:40]!r} were not measured; there are {', '.join(tasks())}.")
        self.settings  # noqa: B018  raises where M or β cannot be

    @property
    def target(self) -> Target:
        """f."""
        return Target(self.token, self.context)

    @property
    def sizes(self) -> Sizes:
        """δ, N and the filling."""
        return Sizes(self.cells, len(self.x), self.filling)

    @property
    def settings(self) -> Settings:
        """M and β."""
        return Settings("modulated", self.slope, self.beta)

    def query(self) -> dict[str, str]:
        """Return it as links hold it."""
        return {name: write(self) for name, (write, _) in PARTS.items()}


Part = tuple[Callable[[Lab], str], Callable[[str], dict[str, Any]]]
"""How an option of a link is written, and read into fields of a `Lab`."""


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text[:1_000].split(",")))


PARTS: dict[str, Part] = {
    "g": (lambda lab: lab.token.text, lambda text: {"token": read_curve(text)}),
    "h": (lambda lab: lab.context.text, lambda text: {"context": read_curve(text)}),
    "cells": (lambda lab: str(lab.cells), lambda text: {"cells": int(text[:9])}),
    "x": (lambda lab: ",".join(f"{x:g}" for x in lab.x), lambda text: {"x": _numbers(text)}),
    "filling": (lambda lab: lab.filling.replace(" ", "-"), lambda text: {"filling": text[:40].replace("-", " ")}),
    "slope": (lambda lab: f"{lab.slope:.10g}", lambda text: {"slope": float(text)}),
    "beta": (lambda lab: f"{lab.beta:g}", lambda text: {"beta": float(text)}),
    "models": (lambda lab: lab.task, lambda text: {"task": text}),
    "y": (lambda lab: ",".join(f"{y:g}" for y in lab.values), lambda text: {"values": _numbers(text)}),
}


def most_cells(tokens: int) -> int:
    """Return the most cells that a page runs for so many tokens, with the filling that walks back.

    >>> most_cells(2), most_cells(3)
    (10, 5)
    """
    return int((MOST_IDS / 2) ** (1 / (tokens + 1)) + 1e-9)


def read(query: Mapping[str, Any]) -> Lab:
    """Read a link. Raises ValueError with one sentence that names the option which cannot be read."""
    found: dict[str, Any] = {}
    for name, (_, reading) in PARTS.items():
        if query.get(name) not in (None, ""):
            try:
                found |= reading(str(query[name]))
            except (ValueError, OverflowError) as error:
                said = str(error)
                plain = "invalid literal" in said or "could not convert" in said or "cannot convert" in said
                unread = f"The option {name} of this link cannot be read: {str(query[name])[:40]!r}."
                raise ValueError(unread if plain else sentence(said)) from None
    try:
        return replace(Lab(), **found)
    except ValueError as error:
        raise ValueError(sentence(str(error))) from None


def sentence(text: str) -> str:
    """Return a text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


class Shown(NamedTuple):
    """The numbers of a setting: arrays by name, and the rest as JSON may hold it."""

    arrays: dict[str, NDArray[Any]]
    meta: dict[str, Any]


def show(lab: Lab) -> Shown:
    """Compute everything for a setting; a second for a new function or number of tokens, else a quarter of one."""
    tokens = len(lab.x)
    parts = [
        _machine(replace(lab, values=SEQUENCE, task=FIRST)),
        _function(lab.target, tokens),
        _moduli(lab.target, tokens),
        _errors(lab.target, lab.filling, tokens, lab.slope, lab.beta),
        _lemma(lab.values),
        _trained(lab.task),
    ]
    arrays = {name: array for part in parts for name, array in part.arrays.items()}
    meta = {name: value for part in parts for name, value in part.meta.items()}
    said = {
        "query": lab.query(),
        "presets": [[name, target.token.text, target.context.text] for name, target in PRESETS.items()],
        "preset": next((name for name, target in PRESETS.items() if target == lab.target), None),
        "cells": lab.cells,
        "most_cells": most_cells(tokens),
        "tokens": tokens,
        "slope_power": round(math.log2(lab.slope)),
        "script": SCRIPT.format(query=lab.query()),
        "beta": None if math.isinf(lab.beta) else lab.beta,
    }
    return Shown(arrays, meta | said)


@lru_cache(maxsize=32)
def _machine(lab: Lab) -> Shown:
    """Run both networks on the input."""
    table, x = make_table(lab.target, lab.sizes), np.array([lab.x])
    machines = {weights: Machine(table, replace(lab.settings, weights=weights)) for weights in WEIGHTS}
    runs = {weights: machine.run(x)[:, 0] for weights, machine in machines.items()}
    run, machine = runs["modulated"], machines["modulated"]
    channel = {name: run[..., i].astype(np.float32) for i, name in enumerate(CHANNELS)}
    (true,) = contextual_ids(x, lab.sizes)
    found = machine.ids(run[sum(lab.sizes.stages[:2])])
    ends = {weights: runs[weights][-1, :, CHANNELS.index("v")] for weights in WEIGHTS}
    (wanted,) = lab.target(x)
    arrays = {
        "x": np.array(lab.x, np.float32),
        "z": channel["z"],
        "s": channel["s"],
        "used": channel["used"],
        "attention": _attention(machine, x),
        "modulated": channel["v"],
        "tied": runs["tied"][..., CHANNELS.index("v")].astype(np.float32),
        "table": table.values.astype(np.float32),
        "walk": walk(table.values).astype(np.float32),
        "reached": table.reached,
        "true_ids": true.astype(np.float32),
        "ids": found.astype(np.float32),
        "wrong": ~same_ids(found, true),
        "cell": token_ids(np.array(lab.x), lab.cells).astype(np.float32),
        "wanted": wanted.astype(np.float32),
        "missed": np.stack([np.abs(ends[weights] - wanted) for weights in WEIGHTS]).astype(np.float32),
    }
    counts = capacity(lab.cells, len(lab.x))
    meta = {
        "loops": lab.sizes.loops,
        "stages": list(lab.sizes.stages),
        "per": lab.sizes.per,
        "stated_loops": lab.sizes.stated_loops,
        "jump": table.jump,
        "repeated": len(set(token_ids(np.array(lab.x), lab.cells).tolist())) < len(lab.x),
        "counted": {weights: counted(one)._asdict() for weights, one in machines.items()},
        "capacity": counts._asdict(),
        "sudoku": f"{float(capacity(9, 81).loops):.1e}",
        "lost": ["tied", "modulated"],  # the rows of "missed"
    }
    return Shown(arrays, meta)


def _attention(machine: Machine, x: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return where each loop of the context stage attends, the same for every token: (N loops, N)."""
    state = machine.begin(torch.as_tensor(x)[..., None])
    quantise, context, _ = machine.sizes_of.stages
    rows = []
    with torch.inference_mode():
        for loop in range(quantise + context):
            state = machine.step(state, record=True)
            if loop >= quantise:
                rows.append(machine.observe(state)["attention"][0, 0, 0, 0].numpy())
    return np.stack(rows).astype(np.float32)


@lru_cache(maxsize=64)
def _function(target: Target, tokens: int) -> Shown:
    """Sample both parts of the function, and where a person's hand would hold them."""
    arrays, meta = {}, {}
    for name, part, span in (("g", target.token, 1.0), ("h", target.context, float(tokens))):
        at = torch.linspace(0, span, SAMPLES, dtype=torch.float64)
        arrays[name] = part.of(at, span).numpy().astype(np.float32)
        arrays[f"{name}_knots"] = np.array(drawn_like(part, span, KNOTS), np.float32)
        meta[f"{name}_text"] = part.text
    return Shown(arrays, meta)


def distances(tokens: int) -> list[float]:
    """Return the δ at which moduli are searched: those of the sweep, and √N times as large."""
    own = [1 / cells for cells in SWEPT]
    return sorted({*own, *(math.sqrt(tokens) * delta for delta in own)})


@lru_cache(maxsize=64)
def _moduli(target: Target, tokens: int) -> Shown:
    """Search the three moduli, and say what they are at most."""
    deltas = distances(tokens)
    found = [curve(target.batch, kind, deltas, tokens, effort=EFFORT) for kind in KINDS]
    most = [[target.certified(kind, delta, tokens) for delta in deltas] for kind in KINDS]
    arrays = {
        "deltas": np.array(deltas, np.float32),
        "least": np.array([[one.value for one in row] for row in found], np.float32),
        "most": np.array(most, np.float32),
        "growing": np.array([[one.growing for one in row] for row in found]),
        "pairs": np.array([[[one.input, one.other] for one in row] for row in found], np.float32)[..., 0],
        "positions": np.array([[_position(one) for one in row] for row in found], np.float32),
    }
    return Shown(arrays, {"kinds": list(KINDS), "tried": EFFORT.starts * EFFORT.steps})


def _position(one: Found) -> int:
    """Return n of a pair, −1 for all of them."""
    return -1 if one.position is None else one.position


@lru_cache(maxsize=64)
def _errors(target: Target, filling: Filling, tokens: int, slope: float, beta: float) -> Shown:
    """Measure the error over δ and set the bound of Theorem 3.6 beside it, term by term."""
    found = _sweep(target, filling, tokens, slope, beta)
    moduli, deltas = _moduli(target, tokens).arrays, distances(tokens)
    factor = math.sqrt(tokens)
    rows: dict[str, list[float]] = {name: [] for name in ("token", "contextual", "sequence", "certified", "orders")}
    for one in found:
        delta = 1 / one.sizes.cells
        near, far = deltas.index(delta), deltas.index(factor * delta)
        # "sequence", "contextual", "token": the order of `KINDS`
        for name, weight, kind, at in (
            ("token", factor, 2, near),
            ("contextual", factor, 1, far),
            ("sequence", 1, 0, far),
        ):
            rows[name].append(weight * float(moduli["least"][kind, at]))
        certain = [target.certified(kind, deltas[at], tokens) for kind, at in (("token", near), ("contextual", far))]
        rows["certified"].append(factor * sum(certain) + target.certified("sequence", deltas[far], tokens))
        rows["orders"].append(tokens * math.sqrt(delta) + math.sqrt(tokens / (slope * delta)))
    arrays = {f"bound_{name}": np.array(values, np.float32) for name, values in rows.items()}
    arrays |= {
        "swept": np.array([one.sizes.cells for one in found], np.float32),
        "jumps": np.array([one.jump for one in found], np.float32),
        "right": np.array([one.ids_right for one in found], np.float32),
        "spent": np.array([one.sizes.loops for one in found], np.float32),
        "stated": np.array([one.sizes.stated_loops for one in found], np.float32),
    }
    for weights in WEIGHTS:
        arrays[f"error_{weights}"] = np.array([one.l2[weights] for one in found], np.float32)
    return Shown(arrays, {})


@lru_cache(maxsize=64)
def _sweep(target: Target, filling: Filling, tokens: int, slope: float, beta: float) -> tuple[Swept, ...]:
    """Measure every number of cells whose table is small enough."""
    sizes = [Sizes(cells, tokens, filling) for cells in SWEPT if 2 * cells ** (tokens + 1) <= MOST_SWEPT]
    return tuple(sweep(target, one, slope, beta) for one in sizes)


def _lemma(values: tuple[float, ...]) -> Shown:
    """Walk along a sequence with steps of one size (Lemma 4.1); steps of their own (Theorem 4.2) stand on it."""
    wanted = np.array(values)
    stands = walk(wanted)
    modulated = wanted[0] + np.concatenate([[0.0], np.cumsum(np.diff(wanted))])
    arrays = {
        "y": wanted.astype(np.float32),
        "y_tied": stands.astype(np.float32),
        "y_modulated": modulated.astype(np.float32),
    }
    return Shown(
        arrays,
        {
            "lemma": {
                "jump": largest_jump(wanted),
                "tied": float(np.abs(stands - wanted).max()),
                "modulated": float(np.abs(modulated - wanted).max()),
            }
        },
    )


def _trained(task: str) -> Shown:
    """Return what was measured of the trained models of a task."""
    found = trained(task)
    arrays = {
        "trained_least": found.least.astype(np.float32),
        "trained_low": found.low.astype(np.float32),
        "trained_mean": found.mean.astype(np.float32),
        "trained_error": found.error.astype(np.float32),
        "trained_truth": found.truth.astype(np.float32),
        "trained_growing": found.growing,
    }
    about = {
        "task": task,
        "tasks": tasks(),
        "names": found.names,
        "numbers": found.numbers,
        "pairs": found.pairs,
        "peaks": found.peaks,
        "retrained": [name for name in found.names if name in retrained()],
        "rougher": {kind: found.rougher(i) for i, kind in enumerate(KINDS)},
    }
    return Shown(arrays, {"trained": about})
