"""What every task says of itself in the same words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from looped import tasks
from looped.tasks.protocol import HARDEST, LENGTHS, OFFERS, PROBE_LABELS, SYMMETRIES, TABLE, Task
from looped.tasks.words.lcs import lcs_table

NAMES = (
    "sudoku4",
    "sudoku6",
    "sudoku9",
    "edit_distance12",
    "lcs12",
    "edit_distance12-border1",
    "countdown3",
    "countdown4",
    "countdown4x99",
)
EXAMPLES = {"sudoku": ".3244..32.3..1.2", "words": "cat at", "countdown": "3 5 7 = 22"}
every = pytest.mark.parametrize("name", NAMES)


@every
def test_its_kind_is_one_of_three(name: str) -> None:
    assert name.startswith(
        {"sudoku": "sudoku", "words": ("edit_distance", "lcs"), "countdown": "countdown"}[tasks.get(name).kind]
    )


@every
def test_it_is_asked_where_the_loss_asks_and_nowhere_else(name: str) -> None:
    task = tasks.get(name)
    inputs, answers = task.sample(50, seed=3, split=None)
    asked = task.asked(inputs)
    assert (asked.shape, asked.dtype) == (inputs.shape, np.bool_)
    assert np.array_equal(asked, task.targets(inputs, answers) >= 0)
    assert asked.any(-1).all()
    assert np.array_equal(task.asked(inputs[7]), asked[7])
    assert np.array_equal(task.asked(inputs.reshape(5, 10, -1)), asked.reshape(5, 10, -1))


@every
def test_clues_are_what_the_input_says_of_its_own(name: str) -> None:
    task = tasks.get(name)
    inputs, _ = task.sample(50, seed=3, split=None)
    clues = task.clues(inputs)
    assert (clues.shape, clues.dtype) == (inputs.shape, np.bool_)
    assert np.array_equal(clues, [[task.sign(int(token)).isalnum() for token in row] for row in inputs])
    if task.kind != "words":  # a letter is a clue and asked, too
        assert np.array_equal(clues, ~task.asked(inputs))


@every
def test_every_token_has_a_sign_of_its_own(name: str) -> None:
    task = tasks.get(name)
    signs = [task.sign(token) for token in range(task.vocab)]
    assert len(set(signs)) == len(signs)
    assert all(sign.strip() for sign in signs)


@every
def test_every_position_has_a_name_of_its_own(name: str) -> None:
    task = tasks.get(name)
    for tokens in task.sample(5, seed=0, split=None)[0]:
        names = [task.place(tokens, position) for position in range(task.length)]
        assert len(set(names) - {"padding"}) == len(names) - names.count("padding")


PLACES: dict[str, tuple[str, dict[int, str]]] = {
    "sudoku4": ("·3244··32·3··1·2", {0: "row 1, column 1", 7: "row 2, column 4", 15: "row 4, column 4"}),
    "lcs6": ("cat|·····at=······", {
        0: "letter 1 of the first word (c)",
        2: "letter 3 of the first word (t)",
        3: "the mark | after the first word",
        4: "padding",
        10: "letter 2 of the second word (t)",
        11: "the sign = after the second word",
        17: "padding",
    }),
    "countdown3": ("35722__________", {
        0: "number 1 (3)",
        2: "number 3 (7)",
        3: "target (22)",
        4: "step 1, first number",
        5: "step 1, operation",
        6: "step 1, second number",
        7: "step 1, equals sign",
        8: "step 1, result",
        9: "step 2, first number",
        13: "step 2, result",
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_signs_and_places_by_hand(name: str) -> None:
    task, (signs, places) = tasks.get(name), PLACES[name]
    tokens = task.encode(task.parse(EXAMPLES[task.kind]))
    assert "".join(task.sign(int(token)) for token in tokens) == signs
    assert {position: task.place(tokens, position) for position in places} == places


def test_signs_of_answers() -> None:
    lcs, countdown = tasks.get("lcs12"), tasks.get("countdown4")
    assert [lcs.sign(token) for token in (0, 1, 2, 3, 28, 29, 45)] == ["·", "|", "=", "a", "z", "0", "16"]
    assert [countdown.sign(token) for token in (0, 1, 2, 3, 4, 5, 6, 106)] == ["_", "+", "×", "-", "÷", "=", "0", "100"]


# ------------------------------------------------------------------------------------------------ the seam


@every
def test_it_offers_the_whole_protocol(name: str) -> None:
    task = tasks.get(name)
    offered = {member for member in dir(Task) if not member.startswith("_")} | set(Task.__annotations__)
    assert {member for member in offered if not hasattr(task, member)} == set()
    assert task.offers <= set(OFFERS)


@every
def test_every_asked_place_stands_somewhere_and_no_place_twice(name: str) -> None:
    task = tasks.get(name)
    for tokens in task.sample(5, seed=1, split=None)[0]:
        layout = task.layout(tokens)
        drawn = [place for row in layout.rows for place in row]
        assert len(drawn) == len(set(drawn))
        assert set(np.flatnonzero(task.asked(tokens) | task.clues(tokens))) <= set(drawn)
        assert len(layout.groups) == len(layout.rows)
        assert layout.names == tuple(task.place(tokens, place) for place in range(task.length))
        assert layout.signs == tuple(task.sign(token) for token in range(task.vocab))
        assert layout.cell in drawn
        assert task.asked(tokens)[task.first_place(tokens)]
        assert json.loads(json.dumps(layout.message()))["rows"] == [list(row) for row in layout.rows]


@every
def test_rules_are_masks_and_every_position_follows_one(name: str) -> None:
    task = tasks.get(name)
    inputs, answers = task.sample(2, seed=1, split=None)
    rules = task.rules(inputs[0], answers[:1])
    assert all(rule.dtype == bool and rule.shape[-2:] == (task.length, task.length) for rule in rules.values())
    covered = np.zeros((task.length, task.length), bool)
    for rule in rules.values():
        covered |= rule if rule.ndim == 2 else rule[0]
    assert covered.all()


@every
def test_what_it_lacks_is_said_in_one_sentence(name: str) -> None:
    task = tasks.get(name)
    tokens = task.sample(1, seed=1, split=None)[0]
    asked = {
        SYMMETRIES: lambda: task.symmetries(3),
        PROBE_LABELS: lambda: task.probe_labels(tokens, tokens),
        TABLE: lambda: task.table_entries(tokens),
        LENGTHS: task.trained_length,
        HARDEST: task.hardest_file,
    }
    for offer, ask in asked.items():
        if offer in task.offers:
            ask()
        else:
            with pytest.raises(ValueError, match=rf"^{name} has no .*\.$"):
                ask()


def test_an_unknown_name_is_an_error_in_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"^there is no task called 'chess'; known tasks: .*\bsudoku4, .*\.$"):
        tasks.get("chess")


def test_symmetries_map_solutions_to_solutions() -> None:
    for size in (4, 6, 9):
        task = tasks.get(f"sudoku{size}")
        puzzles, answers = task.sample(1, seed=2, split=None)
        found = task.symmetries(20, seed=4)
        for source, labels in zip(found.source, found.labels, strict=True):
            assert task.right(labels[puzzles[0][source]], labels[answers[0][source]])


def test_entries_of_a_table_belong_to_a_letter_of_each_word() -> None:
    task = tasks.get("lcs6")
    tokens = np.stack([task.encode(task.parse(text)) for text in ("cat at", "kitten sit")])
    found = task.table_entries(tokens)
    for row, (first, second) in enumerate((("cat", "at"), ("kitten", "sit"))):
        count = len(first) * len(second)
        assert task.table_shape(tokens[row]) == (len(first), len(second))
        assert (found.numbers[row, :count] >= 0).all()
        assert (found.numbers[row, count:] == -1).all()
        assert found.numbers[row, :count].tolist() == lcs_table(first, second)[1:, 1:].ravel().tolist()
        assert (found.diagonals[row, :count] == np.add.outer(range(len(first)), range(len(second))).ravel()).all()
        halves = task.halves(tokens[row])
        assert halves is not None
        assert set(found.places[row, :count, 0]) == set(halves[0])
        assert set(found.places[row, :count, 1]) == set(halves[1])
    few = task.table_entries(tokens, most=4)
    assert few.numbers.shape == (2, 4)
