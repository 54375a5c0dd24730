"""Every figure drawn from hand-made arrays, and ways to read back what was drawn."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import numpy as np

from looped.figures.attention import draw_attention, draw_attention_matrix
from looped.figures.board import draw_board, draw_candidates, draw_difference, draw_settled
from looped.figures.convergence import draw_convergence
from looped.figures.grid import draw_grid
from looped.figures.lines import draw_lines
from looped.figures.readout import draw_readout
from looped.figures.saving import to_csv
from looped.figures.timestep import draw_channels, draw_timestep
from looped.figures.trajectory import draw_trajectory
from looped.figures.words import draw_table

BOX = (2, 2)
SOLUTION = np.array([1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1])
GIVEN = np.isin(np.arange(16), [0, 5, 10, 15])
DIGITS = np.where(np.isin(np.arange(16), [1, 14]), 1, SOLUTION)  # two answers are wrong
BREAKS = np.isin(np.arange(16), [0, 1, 6, 9, 14, 15])
CHANGED = np.isin(np.arange(16), [1, 2, 14])

_rng = np.random.default_rng(0)


def random(*shape: int) -> np.ndarray:
    return _rng.random(shape).astype(np.float32)


def shares(*shape: int) -> np.ndarray:
    """Random numbers whose last axis sums to one."""
    numbers = random(*shape) ** 4
    return numbers / numbers.sum(-1, keepdims=True)


CONFIDENCE = random(16)
PROBABILITIES = shares(16, 4)
SETTLED = _rng.integers(1, 9, 16)
WEIGHTS = shares(3, 16, 16)
POINTS = random(9, 16, 2) * 10
RELATIVE, OF_CELL = random(8), random(8)
RELATIVE[0], OF_CELL[3] = np.nan, 0
STRENGTHS, VECTORS = random(8, 4), random(4, 8, 5) - 0.5
ALONG = shares(8, 4)
SIGNS = ["a", "b", "|", "·", "10", "'", '"', "\\", *"ijklmnop"]  # some that a language of charts might trip over
TABLE = np.array([[0, 0, 0, 0], [0, 0, 0, 1], [0, 1, 1, 1]])

FIGURES: dict[str, Callable[..., Any]] = {
    "board": lambda **more: draw_board(DIGITS, GIVEN, BOX, CONFIDENCE, CHANGED, BREAKS, 6, **more),
    "candidates": lambda **more: draw_candidates(PROBABILITIES, DIGITS, GIVEN, BOX, 6, **more),
    "settled": lambda **more: draw_settled(SETTLED, GIVEN, BOX, 8, 6, **more),
    "difference": lambda **more: draw_difference(DIGITS, GIVEN, SOLUTION, BOX, 6, **more),
    "attention": lambda **more: draw_attention(WEIGHTS[:, 6], [0, 1, 2], BOX, 6, DIGITS, **more),
    "attention-matrix": lambda **more: draw_attention_matrix(WEIGHTS, [0, 1, 2], 4, 6, **more),
    "trajectory": lambda **more: draw_trajectory(POINTS, np.array([0.5, 0.25]), 5, 6, DIGITS, GIVEN, **more),
    "convergence": lambda **more: draw_convergence(RELATIVE, OF_CELL, 4, 6, **more),
    "timestep": lambda **more: draw_timestep(STRENGTHS, 4, 6, **more),
    "timestep-channels": lambda **more: draw_channels(VECTORS, 6, **more),
    "readout": lambda **more: draw_readout(ALONG, 4, 6, **more),
    "trajectory-signs": lambda **more: draw_trajectory(
        POINTS, np.array([0.5, 0.25]), 5, 6, np.array(SIGNS), GIVEN, here="the seventh place", **more
    ),
    "attention-matrix-signs": lambda **more: draw_attention_matrix(
        WEIGHTS, [0, 1, 2], 16, 6, signs=SIGNS, parts=[5, 9], **more
    ),
    "readout-signs": lambda **more: draw_readout(ALONG, 4, 6, signs=['"', "10", "a", "\\"], **more),
    "lines": lambda **more: draw_lines(
        {"a": (np.arange(1, 9), RELATIVE), "b": (GIVEN, CONFIDENCE)}, "loop", "y", subtitle="two lines of a", **more
    ),
    "grid": lambda **more: draw_grid(GIVEN, 1, BREAKS, CONFIDENCE, CHANGED, 6, **more),
    "table": lambda **more: draw_table(TABLE, "ab", "bca", **more),
}


def columns(chart: Any) -> dict[str, list[str]]:
    """The table of a chart, column by column, as text."""
    names, *rows = csv.reader(io.StringIO(to_csv(chart)))
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def numbers(chart: Any, name: str) -> np.ndarray:
    """A column of the table as float32; an empty field is NaN."""
    return np.array([float(field or "nan") for field in columns(chart)[name]], np.float32)


def texts(svg: str, **attributes: str) -> list[str]:
    """What is written in an SVG, in the order of drawing; only texts that have such attributes (font_size="12px")."""
    wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
    found = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return [
        element.text or "" for element in found if all(element.get(name) == value for name, value in wanted.items())
    ]


def shapes(svg: str, **attributes: str) -> list[str]:
    """The paths of an SVG that have such attributes (stroke="#b3261e")."""
    wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
    found = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}path")
    return [
        element.get("d", "") for element in found if all(element.get(name) == value for name, value in wanted.items())
    ]
