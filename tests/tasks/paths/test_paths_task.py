"""Paths: distances against a plain breadth-first search, grids as text, the split by symmetry class, what is right."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from looped.tasks import get
from looped.tasks.paths.grid import FREE, REACHED, SIGNS, SOURCE, WALL, Grid, read
from looped.tasks.paths.task import Paths

few = settings(derandomize=True, deadline=None, max_examples=60)


def plain_distances(rows: list[str]) -> dict[tuple[int, int], int]:
    """Breadth-first search as a textbook writes it, over text."""
    start = next((r, c) for r, row in enumerate(rows) for c, sign in enumerate(row) if sign == "S")
    found, waiting = {start: 0}, deque([start])
    while waiting:
        r, c = waiting.popleft()
        for near in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            inside = 0 <= near[0] < len(rows) and 0 <= near[1] < len(rows)
            if inside and near not in found and rows[near[0]][near[1]] != "#":
                found[near] = found[r, c] + 1
                waiting.append(near)
    return found


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    size = draw(st.integers(2, 9))
    cells = draw(st.lists(st.sampled_from([FREE, FREE, WALL]), min_size=size * size, max_size=size * size))
    cells[draw(st.integers(0, size * size - 1))] = SOURCE
    return Grid(size, tuple(cells))


@pytest.fixture(scope="module")
def paths() -> Paths:
    found = get("paths")
    assert isinstance(found, Paths)
    return found


def images(grid: np.ndarray) -> list[np.ndarray]:
    """The eight images of a square array, by NumPy's own turns and mirrors."""
    return [np.rot90(one, turns) for one in (grid, grid.T) for turns in range(4)]


# ------------------------------------------------------------------------------------------------------------- search


@few
@given(grids())
def test_distances_are_those_of_a_plain_breadth_first_search(grid: Grid) -> None:
    paths = Paths()
    tokens = paths.encode(grid)
    expected = np.full((grid.size, grid.size), -1)
    for cell, steps in plain_distances(grid.text.split("/")).items():
        expected[cell] = steps
    assert np.array_equal(paths.distances(tokens).reshape(grid.size, grid.size), expected)
    assert paths.loops_needed(tokens) == expected.max()
    reached = paths.answers(tokens).reshape(grid.size, grid.size) == REACHED
    assert np.array_equal(reached, expected >= 0)


@few
@given(grids())
def test_distances_and_the_split_do_not_change_under_the_symmetries_of_a_square(grid: Grid) -> None:
    paths = Paths()
    square = paths.encode(grid).reshape(grid.size, grid.size)
    alike = np.stack([image.ravel() for image in images(square)])
    distances = paths.distances(square.ravel()).reshape(grid.size, grid.size)
    assert np.array_equal(paths.distances(alike), np.stack([image.ravel() for image in images(distances)]))
    assert len(set(paths.held_out(alike).tolist())) == 1


def test_several_axes_of_grids_are_searched_at_once(paths: Paths) -> None:
    inputs, answers = paths.sample(6, seed=2, size=5)
    assert np.array_equal(paths.distances(inputs.reshape(2, 3, 25)), paths.distances(inputs).reshape(2, 3, 25))
    assert np.array_equal(paths.answers(inputs), answers)


# --------------------------------------------------------------------------------------------------------------- text


@few
@given(grids())
def test_what_is_written_is_read_again(grid: Grid) -> None:
    assert read(grid.text) == grid
    assert read("\n".join(grid.text.split("/"))) == grid


@pytest.mark.parametrize(
    "text",
    [
        "S.#\n...\n##.",
        "  s . #\r\n . _ 0\r\n X 1 .\r\n\r\n",
        "S.#/.../##.",
        "2,0,1\n0,0,0\n1,1,0",
        "@-█;___;██_",
        "'*.#'\n'...'\n'##.'",
    ],
)
def test_natural_forms_of_a_grid_are_read(text: str) -> None:
    assert read(text) == Grid(3, (SOURCE, FREE, WALL, FREE, FREE, FREE, WALL, WALL, FREE))


def test_a_square_grid_may_be_one_row_without_separators() -> None:
    assert read("S" + "." * 35).size == 6


def test_a_rectangle_stands_in_a_square_of_walls_and_says_so() -> None:
    grid = read("S....\n..#..")
    assert grid.text == "S..../..#../#####/#####/#####"
    assert grid.warnings == ("2 rows of 5 cells are read as 5 × 5; the cells beyond are walls.",)
    assert read("S\n.\n.").text == "S##/.##/.##"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" \n ", "There is no grid yet; type rows of '.' for free cells, '#' for walls and one 'S' for the source."),
        ("..\n..", "There is no source in the grid; put one 'S' where the flood begins."),
        ("S.\n.S", "There are 2 sources in the grid; leave one 'S', where the flood begins."),
        ("S.\n...", "Row 2 has 3 cells and row 1 has 2; all rows must be equally long."),
        ("S.\n.k", "Row 2 holds 'k'; use '.' for free, '#' for wall and 'S' for the source."),
        (
            "S.\n.\x07",
            "Row 2 holds an invisible character (U+0007); use '.' for free, '#' for wall and 'S' for the source.",
        ),
        (
            "S.\n.ж",
            "Row 2 holds 'ж' (CYRILLIC SMALL LETTER ZHE); use '.' for free, '#' for wall and 'S' for the source.",
        ),
        ("S", "The grid has 1 row of 1 cell; sides go from 2 to 32 cells."),
        ("S" + "." * 32 + "/" + "." * 33, "The grid has 2 rows of 33 cells; sides go from 2 to 32 cells."),
        ("S" + "." * 36, "37 cells do not make a square grid; give 25, 36, 49 … cells."),
        ("." * 20_001, "The text has 20,001 characters; a grid has at most 32 rows of 32 cells."),
    ],
)
def test_what_is_no_grid_is_said_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$") as error:
        read(text)
    assert str(error.value) == sentence


def test_examples_are_grids_and_their_names_differ(paths: Paths) -> None:
    assert len({name for name, _ in paths.examples}) == len(paths.examples) >= 5
    longest = {name: int(paths.loops_needed(paths.encode(paths.parse(text)))) for name, text in paths.examples}
    assert longest["a spiral"] == 96
    assert longest["two rooms, the door shut"] < longest["two rooms"]


# ------------------------------------------------------------------------------------------------------------ answers


def test_a_whole_answer_is_right_when_every_cell_that_is_no_wall_is(paths: Paths) -> None:
    tokens = paths.encode(read("S.#/.##/##."))
    answers = paths.answers(tokens)
    assert paths.right(tokens, answers)
    for cell in range(9):
        other = answers.copy()
        other[cell] = FREE if answers[cell] == REACHED else REACHED
        assert paths.right(tokens, other) == (tokens[cell] == WALL)
    assert paths.right(tokens, np.stack([answers, 0 * answers])).tolist() == [True, False]


def test_an_answer_is_written_over_its_grid(paths: Paths) -> None:
    tokens = paths.encode(read("S.#/.##/##."))
    assert paths.decode(tokens, paths.answers(tokens)) == "So#\no##\n##."


def test_places_tokens_and_bands_have_names(paths: Paths) -> None:
    inputs, _ = paths.sample(30, seed=1, size=6)
    assert paths.place(inputs[0], 13) == "row 3, column 2"
    assert [paths.sign(token) for token in range(paths.vocab)] == list(SIGNS)
    bands = paths.bands(inputs)
    assert set(bands["size"]) == {"6"}
    for band, farthest in zip(bands["longest distance to"], paths.loops_needed(inputs), strict=True):
        low, _, high = band.partition(" to ")
        assert int(low) <= farthest <= int(high or low)
        assert (int(low) - 1) % 8 == 0 and int(high) == int(low) + 7 if high else farthest == 0
    alone, _ = paths.encode(read("S#./##./...")), None
    assert paths.bands(alone[None])["longest distance to"].tolist() == ["0"]


def test_what_is_no_square_is_refused(paths: Paths) -> None:
    with pytest.raises(ValueError, match=r"^10 cells do not make a square grid"):
        paths.distances(np.zeros(10, np.int64))
    with pytest.raises(ValueError, match=r"^paths takes whole numbers \(…, size²\), not float64 of shape"):
        paths.distances(np.zeros(9))


# ----------------------------------------------------------------------------------------------------- making, varying


def test_a_seed_gives_the_same_grids_and_the_first_of_them_for_a_smaller_count(paths: Paths) -> None:
    ten, _ = paths.sample(10, seed=4, size=7, kind="maze", walls=(0.3, 0.5))
    three, _ = paths.sample(3, seed=4, size=7, kind="maze", walls=(0.3, 0.5))
    other, _ = paths.sample(10, seed=5, size=7, kind="maze", walls=(0.3, 0.5))
    assert np.array_equal(ten[:3], three)
    assert not np.array_equal(ten, other)


@pytest.mark.parametrize("kind", ["random", "maze"])
@pytest.mark.parametrize("split", ["train", "held-out"])
def test_the_sides_of_the_split_are_disjoint_whatever_the_symmetry(paths: Paths, kind: str, split: str) -> None:
    inputs, answers = paths.sample(200, seed=3, split=split, size=6, kind=kind, walls=(0.2, 0.5))
    assert (paths.held_out(inputs) == (split == "held-out")).all()
    images, turned = paths.augment(inputs, answers, np.random.default_rng(0))
    assert (paths.held_out(images) == (split == "held-out")).all()
    assert np.array_equal(paths.answers(images), turned)
    assert not np.array_equal(images, inputs)


def test_one_class_in_sixteen_is_held_out(paths: Paths) -> None:
    inputs, _ = paths.sample(4_000, seed=8, size=8)
    assert 0.045 < paths.held_out(inputs).mean() < 0.08


def test_all_eight_symmetries_are_drawn(paths: Paths) -> None:
    one = paths.encode(read("S.../.#../..../##.."))
    images, _ = paths.augment(
        np.tile(one.astype(np.int16), (100, 1)), np.zeros((100, 16), np.int16), np.random.default_rng(1)
    )
    assert len(np.unique(images, axis=0)) == 8


@pytest.mark.parametrize("kind", ["random", "maze"])
def test_grids_have_one_source_and_the_walls_that_were_asked_for(paths: Paths, kind: str) -> None:
    inputs, _ = paths.sample(300, seed=6, size=11, kind=kind, walls=(0.3, 0.4))
    assert ((inputs == SOURCE).sum(-1) == 1).all()
    assert 0.28 < (inputs == WALL).mean() < 0.41


def test_mazes_without_opened_walls_lead_everywhere(paths: Paths) -> None:
    inputs, _ = paths.sample(50, seed=6, size=11, kind="maze", walls=(1.0, 1.0))
    assert ((paths.distances(inputs) >= 0) == (inputs != WALL)).all()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"size": 33}, "size must lie between 2 and 32, not 33."),
        ({"walls": (0.5, 0.3)}, r"walls must be two shares between 0 and 1, smaller first, not \(0.5, 0.3\)."),
        ({"kind": "cave"}, "kind must be 'random' or 'maze', not 'cave'."),
        ({"split": "test"}, "split must be None, 'train' or 'held-out', not 'test'."),
        ({"count": -1}, "count must not be negative, not -1."),
        ({"walls": (1.0, 1.0)}, "found no train grid of 16 × 16 cells like that; ask for another size or fewer walls."),
    ],
)
def test_what_cannot_be_made_is_refused_with_one_sentence(
    paths: Paths, asked: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        paths.sample(**{"count": 5, "split": "train"} | asked)  # type: ignore[arg-type]


def test_signs_of_a_grid_have_words_for_figures() -> None:
    """What stands at a cell is told by a sign; a figure's legend explains it."""
    task = get("paths")
    told = task.layout(task.encode(task.parse("S.#/.../..."))).message()
    assert dict(zip(told["signs"], told["meanings"], strict=True)) == {
        ".": "not reached",
        "#": "wall",
        "S": "source",
        "o": "reached",
    }
