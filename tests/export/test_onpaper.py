"""Panels on paper: the numbers of the panel, with a caption, and none that answers a question of the sheet."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest

from looped.export import onpaper
from looped.export.handout import ELSEWHERE, handout
from looped.export.views import figure, on_screen, shown_figure
from looped.figures.saving import to_csv
from looped.lessons import find, names
from looped.lessons.answering import revealed, told
from looped.lessons.form import Lesson
from looped.lessons.measures import Run
from looped.lessons.panels import panels_of
from looped.lessons.reading import read_lesson
from looped.lessons.runs import opened, runs_in
from looped.serving.engine import Engine

ANSWERS = '<div class="answers">'
BOARD = (
    "/?v=1&checkpoint=sudoku9-tmlt&puzzle="
    + "..6289..37....19..3.147..28.7362...1..4.....2....184...578..........71..489..5..7"
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(device="cpu")


def run_of(engine: Engine, lesson: str, step: int) -> Run:
    run = runs_in(engine, find(lesson).steps[step - 1].view)[0]
    assert isinstance(run, Run)
    return run


def cells(table: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2])
    return [re.findall(r"<td>(.*?)</td>", row) for row in rows]


def test_a_step_that_points_at_a_panel_prints_it_or_says_that_it_is_on_screen(engine: Engine) -> None:
    without = []
    for name in names():
        for number, step in enumerate(find(name).steps, 1):
            known = panels_of(opened(engine, step.view).page)
            panels = [one for one in step.point if one in known]
            if not panels or (step.question is not None and step.question.kind == "curve"):
                continue
            if shown_figure(engine, step) not in panels:
                without.append((name, number, panels))
    assert without == [("12-theorem", 1, ["stages"])]
    assert on_screen(engine, find("12-theorem").steps[0]) == "The panel “The machine” is on screen."
    page = handout(engine, find("12-theorem"), answers=False)
    assert page.count("<figcaption>Figure 1. The panel “The machine” is on screen.</figcaption>") == 1


def test_rules_are_drawn_with_the_numbers_of_the_panel(engine: Engine) -> None:
    run = run_of(engine, "5-what-heads-look-at", 3)
    rows = list(csv.DictReader(to_csv(onpaper.rules(run, 3)).splitlines()))
    mass, even = run.array("rules"), run.array("rules_even")
    assert len(rows) == mass.shape[0] * mass.shape[-1] == 28
    for row in rows:
        rule, head = run.packed["meta"]["rules"].index(row["rule"]), int(row["head"].removeprefix("head ")) - 1
        assert float(row["share"]) == pytest.approx(mass[rule, 2, 0, head])
        assert float(row["even"]) == pytest.approx(even[rule, 2])
    drawn = figure(engine, find("5-what-heads-look-at").steps[2])
    assert "Attention by rule in loop 3" in drawn
    assert all(f">head {head}<" in drawn for head in range(1, 5))


def test_tables_hold_the_numbers_of_their_panels(engine: Engine) -> None:
    run = run_of(engine, "9-when-to-stop", 5)
    rules = cells(onpaper.exits(run, 32))
    assert [row[2] for row in rules] == [str(one["exit"]) for one in run.packed["meta"]["halting"]]
    assert [row[3] for row in rules] == ["✓"] * 8
    (_, settled, *_) = cells(onpaper.order(run, 32))
    asked, order = run.array("asked").astype(bool), run.array("order")
    second = run.array("settled")[asked & (order == 2)]
    assert settled == ["2", str(len(second)), f"{second.min()} to {second.max()}, mean {second.mean():.1f}", "0"]
    assert sum(int(row[1]) for row in cells(onpaper.order(run, 32))) == asked.sum()
    words = run_of(engine, "10-words", 3)
    numbers = cells(onpaper.entries(words, 4))
    assert [row[0] for row in numbers] == ["", *"intention"]
    assert np.array([row[1:] for row in numbers], int).tolist() == words.array("table").tolist()
    ends = run_of(engine, "8-luck", 1)
    found = ends.ask("turns")
    assert [int(row[2]) for row in cells(onpaper.basins(ends, 32))] == found["arrays"]["sizes"].tolist()[:10]
    assert f"of {found['meta']['runs']} runs" in onpaper.basins(ends, 32)


def test_curves_hold_the_numbers_of_their_panels(engine: Engine) -> None:
    run = run_of(engine, "9-when-to-stop", 2)
    rows = list(csv.DictReader(to_csv(onpaper.whole(run, 6)).splitlines()))
    changed = [float(row["y"]) for row in rows if row["line"] == "changed"]
    assert changed == run.array("whole")[2].tolist()
    grid = run_of(engine, "3-why-more-loops", 4)
    rows = list(csv.DictReader(to_csv(onpaper.flood(grid, 24)).splitlines()))
    mean = grid.array("arrivals")[:, 1]
    assert [float(row["y"]) for row in rows if row["line"] == "mean of a distance"] == pytest.approx(
        mean[np.isfinite(mean)].tolist(), rel=1e-6
    )


STEP = """
## Look
view: {view}
point: {point}

Look at it.
"""
ASKS = """
## Which?
view: {view}
point: board
ask: {ask}
measure: {measure}
then: {board}&loops=16&loop=16&panels=rules

Guess.
{options}
### Then
So it is.
"""
FRONT = "---\ntitle: Made\nabout: Made up.\nminutes: 3\n---\n"


def lesson_of(*parts: str) -> Lesson:
    return read_lesson(FRONT + "".join(parts), "made.md")


def left_out(engine: Engine, lesson: Lesson) -> list[int]:
    before, answers = handout(engine, lesson).split(ANSWERS)
    found = [int(number) for number in re.findall(r"<section class='plain'><div><h2>([0-9]+)", before)]
    assert before.count(ELSEWHERE) == len(found)
    assert answers.count("<figure ") == len(found)  # they stand with the answers
    return found


def test_a_figure_that_shows_what_a_question_asks_stands_with_the_answers(engine: Engine) -> None:
    """Wherever the step with the figure stands, and of the same run alone."""
    short = f"{BOARD}&loops=3&loop=3"
    rules = STEP.format(view=f"{short}&panels=rules", point="rules")
    board = STEP.format(view=short, point="board")
    attention = STEP.format(view=f"{short}&panels=attention", point="attention")
    other = STEP.format(view=f"{short.replace('-tmlt', '-looped')}&panels=rules", point="rules")
    options = "\n- 1 to 3: One.\n- 4 or more: None.\n"
    head = ASKS.format(view=short, ask="choice", measure="rule of head 3", board=BOARD, options=options)
    own = ASKS.format(
        view=f"{short}&panels=rules", ask="choice", measure="rule of head 3", board=BOARD, options=options
    ).replace("point: board", "point: rules")
    assert left_out(engine, lesson_of(rules, head)) == [1]
    assert left_out(engine, lesson_of(own)) == [1]
    assert left_out(engine, lesson_of(board, attention, other, head)) == []
    wrong = ASKS.format(view=short, ask="number from 0 to 47", measure="wrong after 16", board=BOARD, options="")
    longer = STEP.format(view=f"{BOARD}&loops=8&loop=8", point="board")
    assert left_out(engine, lesson_of(rules, wrong)) == []
    assert left_out(engine, lesson_of(longer, wrong)) == [1]  # it shows more of the run than the question does


def test_layers_with_weights_of_their_own_are_called_layers_in_figures_questions_and_reveals(engine: Engine) -> None:
    view = BOARD.replace("sudoku9-tmlt", "sudoku9-standard")
    drawn = {"ask": "curve from 0 to 60", "measure": "wrong after every loop"}
    said = {"ask": "loop from 1 to 6", "measure": "last change\nnear: 1"}
    curve = ASKS.format(view=f"{view}&loops=2&loop=2", board=view, options="", **drawn)
    loop = ASKS.format(view=f"{view}&loops=1&loop=1", board=view, options="", **said)
    panels = [STEP.format(view=f"{view}&panels={name}", point=name) for name in ("order", "rules", "whole")]
    lesson = lesson_of(*(part.replace("loops=16&loop=16", "loops=6&loop=6") for part in (curve, loop, *panels)))
    text = re.sub("<[^>]+>", " ", re.sub("<style.*?</style>", "", handout(engine, lesson), flags=re.S))
    assert re.findall(r"[^ .]* ?\bloops?\b ?[^ .]*", text) == []
    words = ("Attention by rule in layer 1", "settled after layer", "up to 1 layer off")
    assert [each for each in words if each not in text] == []
    assert told(engine, lesson, 2)["ask"]["passes"] == {"loop": "layer", "loops": "layers"}
    assert revealed(engine, lesson, 2, 1)["says"] == "You said layer 1; it is layer 6."
    with pytest.raises(ValueError, match="over all 6 layers"):
        revealed(engine, lesson, 1, [1])
